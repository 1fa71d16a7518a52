"""How the world is declared: every number with its unit, meaning, source, honest grade and range.

A section of the scenario is a frozen dataclass whose fields are made by ``number``. The same declaration is what the
code reads, what the parameter table prints and what a sensitivity design samples.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from abm.errors import InputError, nearest, unknown

BASES = ("measured", "estimated", "assumed")


@dataclass(frozen=True)
class Declared:
    """One number of the scenario: where it stands, its value, and what is known about it."""

    path: str
    value: float | int
    unit: str
    meaning: str
    source: str
    basis: str
    low: float
    high: float
    fit: bool


def number(  # a declaration reads as a table row: unit and meaning first, provenance by keyword
    value: float, unit: str, meaning: str, *, source: str, basis: str, low: float, high: float, fit: bool = False
) -> Any:
    """Declare a number as a dataclass field.

    ``source`` is a key of sources.toml; ``basis`` is measured, estimated or assumed; ``low`` and ``high`` bound the
    values that a scenario may take and a sensitivity design samples; ``fit`` marks the few that calibration may move.
    """
    if basis not in BASES:
        raise InputError(f'basis = "{basis}" is not one of {", ".join(BASES)}')
    about = {"unit": unit, "meaning": meaning, "source": source, "basis": basis, "low": low, "high": high, "fit": fit}
    return field(default=value, metadata={"declared": about})


@dataclass(frozen=True, kw_only=True)
class Section:
    """A frozen group of declared numbers; construction checks every one against its range.

    Raises InputError naming the field, the value and the bound.
    """

    def __post_init__(self) -> None:
        for one in fields(self):
            about = one.metadata.get("declared")
            if about:
                _check(f"{self._section()}.{one.name}", getattr(self, one.name), about, one.default)

    def _section(self) -> str:
        """Name of the section, also where a scenario declares values of its own for it in a subclass."""
        lineage = type(self).__mro__
        return lineage[lineage.index(Section) - 1].__name__.lower()

    def declared(self, prefix: str) -> tuple[Declared, ...]:
        """The numbers of this section, their paths starting with the prefix."""
        return tuple(
            Declared(path=f"{prefix}.{one.name}", value=getattr(self, one.name), **one.metadata["declared"])
            for one in fields(self)
            if "declared" in one.metadata
        )


def _check(path: str, value: object, about: Mapping[str, Any], default: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{path} = {value!r} is not a number (unit: {about['unit']})")
    if isinstance(default, int) and default is not MISSING and not isinstance(value, int):
        raise InputError(f"{path} = {value!r} is not a whole number (unit: {about['unit']})")
    if not math.isfinite(value):
        raise InputError(f"{path} = {value} is not finite (range {about['low']} to {about['high']})")
    if value < about["low"]:
        raise InputError(f"{path} = {value} is below its lower bound {about['low']} {about['unit']}")
    if value > about["high"]:
        raise InputError(f"{path} = {value} is above its upper bound {about['high']} {about['unit']}")


Column = Callable[[str], Any]


def read_table(
    path: Path, columns: Mapping[str, Column], what: str, *, may_lack: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Read a CSV file whose columns are converted by the given callables (which raise ValueError on a bad cell).

    A row of a file that lacks a column of ``may_lack`` has no value of that name.
    Raises InputError naming file, line, field and value, and the nearest valid column for an unknown one.
    """
    header, filled = table_rows(path, what, columns)
    _check_header(path, header, columns, what)
    _check_complete(path, header, [name for name in columns if name not in may_lack], what)
    return [read_row(f"{what} file {path.name}, line {line}", header, row, columns) for line, row in filled]


def table_rows(path: Path, what: str, expected: Iterable[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header of a CSV file and its rows that are not blank, each with the number of its line.

    Raises InputError for a file that is missing, unreadable or without rows; ``expected`` names columns for its help.
    """
    if not path.is_file():
        raise InputError(f"{what} file {path.name} does not exist")
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.reader(handle, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise InputError(f"{what} file {path.name} is not a readable CSV file ({problem})") from None
    if not rows:
        raise InputError(f"{what} file {path.name} is empty, expected the columns {', '.join(expected)}")
    filled = [(line, row) for line, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)]
    if not filled:
        raise InputError(f"{what} file {path.name} has no rows")
    return [name.strip() for name in rows[0]], filled


def _check_header(path: Path, header: list[str], columns: Mapping[str, Column], what: str) -> None:
    for name in header:
        if name not in columns:
            raise unknown(f"column in {what} file {path.name}", name, columns)
        if header.count(name) > 1:
            raise InputError(f'{what} file {path.name} has the column "{name}" twice')


def _check_complete(path: Path, header: list[str], needed: Sequence[str], what: str) -> None:
    for name in needed:
        if name not in header:
            raise InputError(f'{what} file {path.name} lacks the column "{name}"{nearest(name, header)}')


def read_row(where: str, header: list[str], row: list[str], columns: Mapping[str, Column]) -> dict[str, Any]:
    """The cells of a row, converted; columns without a converter are left out.

    Raises InputError with the place, the field and what is wrong with its value.
    """
    if len(row) != len(header):
        raise InputError(f"{where}: {len(row)} fields where {len(header)} are expected")
    values = {}
    for name, cell in zip(header, row, strict=True):
        if name not in columns:
            continue
        try:
            values[name] = columns[name](cell.strip())
        except InputError as problem:
            raise InputError(f"{where}: {name} {problem}") from None
        except ValueError:
            raise InputError(f'{where}: {name} = "{cell}" is not a valid value') from None
    return values


def non_negative(cell: str) -> float:
    """A cell that holds a finite number not below zero."""
    value = float(cell)
    if not math.isfinite(value) or value < 0:
        raise InputError(f"= {cell} is outside its range 0 to infinity")
    return value


def text(cell: str) -> str:
    """A cell that must not be empty."""
    if not cell:
        raise InputError("is empty")
    return cell


def optional(column: Column) -> Column:
    """The same column, where an empty cell or "?" means unknown (None)."""
    return lambda cell: None if cell in ("", "?") else column(cell)
