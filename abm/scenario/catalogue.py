"""The catalogue of AI chips: what each can do, when it was sold, and for how much. The table is chips.csv beside this file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from abm.errors import InputError, nearest, unknown
from abm.scenario.declare import Column, optional, read_table, text

CHIPS_FILE = Path(__file__).parent / "chips.csv"
PRODUCT_LINES = ("hbm", "pcie", "consumer")
CONFIDENCES = ("high", "medium", "low")
HOME = "CN"
GB_PER_TB = 1000
DECIMALS = 6


@dataclass(frozen=True)
class Chip:
    """An AI chip as its data sheet and its price list describe it; None where something is unknown.

    The shipped catalogue always says when a chip came out, its memory and whether it is for datacentres; a user's own
    table may leave them open.

    ``fp16_tflops``, ``fp8_tops`` and ``fp4_tops`` are dense (not sparse) 1e12 operations a second; ``tpp`` is the total
    processing performance of 15 CFR 774 Supp. 1, 3A090: the maximum over precisions of dense TOPS x bit length;
    ``die_mm2`` the area of logic dies; ``bandwidth_tbs`` memory bandwidth in TB/s; ``interconnect_gbs`` the
    bidirectional rate over all inputs and outputs but memory in GB/s; ``datacentre`` whether it is designed or marketed
    for datacentres; an empty ``vendor`` is an unknown one. ``price_usd`` is the middle of the street range
    ``price_low`` to ``price_high``, of 2025 where given. ``made_for`` is the country for which a special version was
    made. The chip is sold from ``sold_from`` to ``sold_until`` inclusive (``sold_from`` None: never sold to others).
    """

    name: str
    vendor: str
    released: date | None
    fp16_tflops: float | None
    fp8_tops: float | None
    fp4_tops: float | None
    tpp: float
    die_mm2: float | None
    memory_gb: float | None
    bandwidth_tbs: float | None
    interconnect_gbs: float | None
    datacentre: bool | None
    price_usd: float | None
    price_low: float | None
    price_high: float | None
    product_line: str
    source: str
    confidence: str
    vendor_country: str = "US"
    made_for: str | None = None
    power_w: float | None = None
    sold_from: date | None = None
    sold_until: date | None = None
    note: str = ""

    @cached_property
    def performance_density(self) -> float | None:
        """TPP per mm2 of logic die, unknown where the die area is."""
        return None if self.die_mm2 is None else self.tpp / self.die_mm2

    @cached_property
    def bandwidth_gbs(self) -> float | None:
        """Memory bandwidth in GB/s, the unit of the export rules."""
        return None if self.bandwidth_tbs is None else round(self.bandwidth_tbs * GB_PER_TB, DECIMALS)

    @cached_property
    def traffic_gbs(self) -> float | None:
        """Memory bandwidth and interconnect together, GB/s."""
        known = self.bandwidth_gbs is not None and self.interconnect_gbs is not None
        return self.bandwidth_gbs + self.interconnect_gbs if known else None

    @property
    def foreign_to_china(self) -> bool:
        """Whether the vendor is not Chinese, so that US rules govern the chip and PRC guidance speaks of it."""
        return self.vendor_country != HOME

    def is_out(self, today: date) -> bool:
        """Whether the vendor has brought the chip out by a day; one without a date is out."""
        return self.sold_from is None or self.sold_from <= today

    def is_discontinued(self, today: date) -> bool:
        """Whether the vendor has stopped selling the chip before a day."""
        return self.sold_until is not None and self.sold_until < today

    def on_sale(self, today: date) -> bool:
        """Whether the vendor sells the chip on a day."""
        if self.sold_from is None or today < self.sold_from:
            return False
        return self.sold_until is None or today <= self.sold_until


def load_chips(path: Path | None = None) -> tuple[Chip, ...]:
    """The chips of a table with the columns of chips.csv, in its order.

    Raises InputError naming file, line, field, value, bound and the nearest valid name.
    """
    path = CHIPS_FILE if path is None else Path(path)
    return tuple(_chip(path, row) for row in read_table(path, _columns(), "chips"))


def chip_named(name: str, chips: Iterable[Chip]) -> Chip:
    """The chip of that name. Raises InputError with the nearest name if there is none."""
    found = {chip.name: chip for chip in chips}
    if name in found:
        return found[name]
    longer = [full for full in found if full.startswith(f"{name} ")]
    raise unknown("chip", name, found) if not longer else InputError(f'unknown chip "{name}" (did you mean "{longer[0]}"?)')


def _chip(path: Path, row: dict[str, object]) -> Chip:
    low, high = row.pop("price_low_usd"), row.pop("price_high_usd")
    chip = Chip(price_low=low, price_high=high, price_usd=_middle(low, high), **row)
    where = f'chips file {path.name}, chip "{chip.name}":'
    if (low is None) != (high is None):
        raise InputError(f"{where} price_low_usd = {low} and price_high_usd = {high} must both be given or both be empty")
    if low is not None and low > high:
        raise InputError(f"{where} price_low_usd = {low} is above price_high_usd = {high}")
    if chip.sold_until and (chip.sold_from is None or chip.sold_until < chip.sold_from):
        raise InputError(f"{where} sold_until = {chip.sold_until} is before sold_from = {chip.sold_from}")
    return chip


def _middle(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else (low + high) / 2


def _columns() -> dict[str, Column]:
    amount, day = optional(_positive), optional(_day)
    return {
        "name": once(), "vendor": text, "vendor_country": _country, "released": _day,
        "fp16_tflops": amount, "fp8_tops": amount, "fp4_tops": amount, "tpp": _positive, "die_mm2": amount,
        "memory_gb": _positive, "bandwidth_tbs": amount, "interconnect_gbs": amount, "datacentre": _yes_or_no,
        "power_w": amount, "price_low_usd": amount, "price_high_usd": amount,
        "product_line": one_of(PRODUCT_LINES), "made_for": optional(_country), "sold_from": day, "sold_until": day,
        "confidence": one_of(CONFIDENCES), "source": text, "note": str,
    }


def _positive(cell: str) -> float:
    """A finite number above zero: a chip without performance, memory or die area does not exist."""
    try:
        value = float(cell)
    except ValueError:
        raise InputError(f'= "{cell}" is not a number above 0') from None
    if not math.isfinite(value) or value <= 0:
        raise InputError(f"= {cell} is not a finite number above 0")
    return value


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise InputError(f'= "{cell}" is not a date of the form 2024-02-01') from None


def _country(cell: str) -> str:
    if len(cell) != len(HOME) or not cell.isalpha() or not cell.isupper():
        raise InputError(f'= "{cell}" is not a country code of two capital letters')
    return cell


def _yes_or_no(cell: str) -> bool:
    return one_of(("yes", "no"))(cell) == "yes"


def one_of(valid: tuple[str, ...]) -> Column:
    """A cell that holds one of some words."""
    def convert(cell: str) -> str:
        if cell not in valid:
            raise InputError(f'= "{cell}" is not one of {", ".join(valid)}{nearest(cell, valid)}')
        return cell

    return convert


def once() -> Column:
    """A cell that is not empty and appears in no other row."""
    seen: set[str] = set()

    def convert(cell: str) -> str:
        if text(cell) in seen:
            raise InputError(f'= "{cell}" appears twice')
        seen.add(cell)
        return cell

    return convert
