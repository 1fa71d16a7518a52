"""A user's own table of chips, as far as the law asks about them: performance, die area, bandwidth, links and market."""

from __future__ import annotations

import difflib
import math
from pathlib import Path
from typing import Any

from abm.errors import InputError
from abm.scenario.catalogue import Chip, once, one_of
from abm.scenario.declare import Column, optional, read_row, table_rows

WHAT = "chips"
BITS = {"fp16_dense_tflops": 16, "fp8_int8_dense": 8, "fp4_dense": 4}
"""Bit length of the precision of which a column gives dense 1e12 operations a second (15 CFR 774 Supp. 1, 3A090)."""
PERFORMANCE = (*BITS, "tpp")
READ = ("name", "vendor", *PERFORMANCE, "die_mm2", "mem_bw_tbs", "io_gbs", "datacentre")
OFTEN_THERE = ("release", "mem_gb", "perf_density", "tdp_w", "price_usd", "source", "confidence")
MOST = 1e9
MOST_TBS = 500.0
ALIKE = 0.7


def read_chips(path: Path) -> tuple[Chip, ...]:
    """The chips of a CSV file with the columns of ``READ``, in its order; other columns are not read.

    An empty cell, a "?" and an absent column mean unknown, except for the name and for one of the four columns of
    performance. Where tpp is not given it is the maximum over precisions of dense TOPS x bit length. Raises
    InputError naming file, line, field, value and bound, or the column that is nearest to one that is absent.
    """
    path = Path(path)
    header, rows = table_rows(path, WHAT, READ)
    _check_header(path, header)
    columns = _columns()
    return tuple(_chip(place := f"{WHAT} file {path.name}, line {line}", read_row(place, header, row, columns))
                 for line, row in rows)


def absent_columns(path: Path) -> tuple[str, ...]:
    """The columns that a user's table lacks and that are unknown for all its chips."""
    header, _ = table_rows(Path(path), WHAT, READ)
    lacking = [name for name in READ if name not in (*header, *PERFORMANCE, "vendor")]
    return tuple(lacking)


def _check_header(path: Path, header: list[str]) -> None:
    for name in READ:
        if header.count(name) > 1:
            raise InputError(f'{WHAT} file {path.name} has the column "{name}" twice')
        if name not in header:
            _refuse_misspelt(path, name, header)
    if "name" not in header:
        raise InputError(f'{WHAT} file {path.name} lacks the column "name"')
    if not any(name in header for name in PERFORMANCE):
        raise InputError(f"{WHAT} file {path.name} needs one of the columns {', '.join(PERFORMANCE)}")


def _refuse_misspelt(path: Path, name: str, header: list[str]) -> None:
    """A column that is absent is unknown, unless another one that nobody reads is meant for it."""
    others = [one for one in header if one and one not in READ and one not in OFTEN_THERE]
    near = difflib.get_close_matches(name, others, n=1, cutoff=ALIKE)
    if near:
        raise InputError(f'unknown column in {WHAT} file {path.name} "{near[0]}" (did you mean "{name}"?)')


def _columns() -> dict[str, Column]:
    positive, amount = optional(_above_zero), optional(_from_zero)
    return {
        "name": once(), "vendor": str, **dict.fromkeys(PERFORMANCE, positive), "die_mm2": positive,
        "mem_bw_tbs": optional(_bandwidth), "io_gbs": amount, "datacentre": optional(one_of(("yes", "no"))),
    }


def _chip(place: str, cells: dict[str, Any]) -> Chip:
    rates = {name: cells.get(name) for name in BITS}
    products = [rate * BITS[name] for name, rate in rates.items() if rate is not None]
    if cells.get("tpp") is None and not products:
        raise InputError(f"{place}: one of {', '.join(PERFORMANCE)} must be given")
    market, vendor = cells.get("datacentre"), cells.get("vendor", "")
    return Chip(
        name=cells["name"], vendor="" if vendor == "?" else vendor, released=None,
        fp16_tflops=rates["fp16_dense_tflops"], fp8_tops=rates["fp8_int8_dense"], fp4_tops=rates["fp4_dense"],
        tpp=max(products) if cells.get("tpp") is None else cells["tpp"], die_mm2=cells.get("die_mm2"), memory_gb=None,
        bandwidth_tbs=cells.get("mem_bw_tbs"), interconnect_gbs=cells.get("io_gbs"),
        datacentre=None if market is None else market == "yes", price_usd=None, price_low=None, price_high=None,
        product_line="", source=place, confidence="")


def _above_zero(cell: str) -> float:
    value = _finite(cell, "above 0")
    if value <= 0.0:
        raise InputError(f"= {cell} is not a finite number above 0")
    return value


def _from_zero(cell: str) -> float:
    value = _finite(cell, "from 0")
    if value < 0.0:
        raise InputError(f"= {cell} is below its lower bound 0")
    return value


def _bandwidth(cell: str) -> float:
    """A memory bandwidth in TB/s: one given in GB/s by mistake is refused."""
    value = _from_zero(cell)
    if value > MOST_TBS:
        raise InputError(f"= {cell} TB/s is above its upper bound {MOST_TBS:g}")
    return value


def _finite(cell: str, bound: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise InputError(f'= "{cell}" is not a number {bound}') from None
    if not math.isfinite(value):
        raise InputError(f"= {cell} is not a finite number {bound}")
    if value > MOST:
        raise InputError(f"= {cell} is above its upper bound {MOST:g}")
    return value
