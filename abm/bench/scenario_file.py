"""Scenarios from files: a TOML file that changes numbers and tables of a scenario that ships; and its JSON schema.

    name = "short_contracts"
    base = "history_2025"
    until = 2026-06-30

    [demand]
    contract_months = 1

    [tables]
    chips = "my_chips.csv"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from abm.errors import InputError, nearest, unknown
from abm.experiment import NAME
from abm.scenario.actors import load_actors, load_fleets, load_labs, load_products
from abm.scenario.catalogue import load_chips
from abm.scenario.redesign import load_generations, load_memories
from abm.scenario.reference import HISTORY_2022, HISTORY_2025, SECTIONS, Scenario
from abm.scenario.securities import load_securities

BASES = {one.name: one for one in (HISTORY_2025, HISTORY_2022)}
PLAIN = ("name", "base", "until")
TABLES: Mapping[str, Callable[[Path], Any]] = {
    "chips": load_chips, "actors": load_actors, "fleets": load_fleets, "labs": load_labs, "products": load_products,
    "securities": load_securities, "generations": load_generations, "memories": load_memories,
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def load_scenario(path: Path | str) -> Scenario:
    """The scenario that a TOML file describes; paths of tables are taken from the file's own folder.

    Raises InputError naming the file, the field, the value and the bound, or the nearest valid name.
    """
    path = Path(path)
    content = _read(path)
    try:
        return _scenario(content, path)
    except InputError as problem:
        raise InputError(f"scenario file {path.name}: {problem}") from None


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        beside = [one.name for one in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise InputError(f"scenario file {path} does not exist{nearest(path.name, beside)}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as problem:
        why = " ".join(str(problem).split())
        raise InputError(f"scenario file {path.name} is not a readable TOML file ({why})") from None


def _scenario(content: Mapping[str, Any], path: Path) -> Scenario:
    for key in content:
        if key not in (valid := (*PLAIN, *SECTIONS, "tables")):
            raise unknown("key", key, valid)
    base = content.get("base", HISTORY_2025.name)
    if not isinstance(base, str) or base not in BASES:
        raise unknown("base", str(base), BASES)
    name = content.get("name", path.stem)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(f"name = {name!r} must be letters, digits, dots, dashes or underscores")
    until = content.get("until", BASES[base].until)
    if not isinstance(until, date) or isinstance(until, datetime):
        raise InputError(f"until = {until!r} is not a date such as 2026-12-31")
    tables = _tables(_group(content, "tables"), path.parent)
    changes = {
        f"{section}.{field}": value for section in SECTIONS for field, value in _group(content, section).items()}
    return replace(BASES[base].vary(changes), name=name, until=until, **tables)


def _group(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    group = content.get(key, {})
    if not isinstance(group, Mapping):
        raise InputError(f"{key} = {group!r} is not a table: write [{key}] and its values below")
    return group


def _tables(named: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    loaded = {}
    for name, file in named.items():
        if name not in TABLES:
            raise unknown("table", name, TABLES)
        if not isinstance(file, str) or "\0" in file:
            raise InputError(f"tables.{name} = {file!r} is not the name of a CSV file")
        loaded[name] = TABLES[name](folder / file)
    return loaded


def scenario_schema() -> dict[str, Any]:
    """A JSON schema (2020-12) of scenario files, for editors: every declared number with unit, meaning and range.

    Dates of TOML have no type in JSON: editors give them as text.
    """
    sections = {
        section: {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                one.path.partition(".")[2]: {
                    "type": "integer" if isinstance(one.value, int) else "number",
                    "minimum": one.low,
                    "maximum": one.high,
                    "default": one.value,
                    "description": f"{one.meaning} [{one.unit}], {one.basis}, {one.source}",
                }
                for one in getattr(HISTORY_2025, section).declared(section)
            },
        }
        for section in SECTIONS
    }
    tables = {name: {"type": "string", "description": f"CSV file of {name}, beside this one"} for name in TABLES}
    return {
        "$schema": DIALECT,
        "title": "A scenario of the chip-war model",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "pattern": f"^{NAME.pattern}$"},
            "base": {"enum": list(BASES), "default": HISTORY_2025.name},
            "until": {"type": "string", "format": "date"},
            **sections,
            "tables": {"type": "object", "additionalProperties": False, "properties": tables},
        },
    }
