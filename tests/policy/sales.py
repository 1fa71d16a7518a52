"""Chips and sales to ask governments about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from abm.offers import Transaction
from abm.policy.tightening import commercial_sale
from abm.scenario.catalogue import Chip, chip_named, load_chips

CHIPS = load_chips()
PLAIN = Chip(
    name="Plain", vendor="NVIDIA", released=date(2024, 1, 1), fp16_tflops=None, fp8_tops=None, fp4_tops=None, tpp=1000.0,
    die_mm2=800.0, memory_gb=80.0, bandwidth_tbs=1.0, interconnect_gbs=64.0, datacentre=True, price_usd=10_000.0,
    price_low=10_000.0, price_high=10_000.0, product_line="hbm", source="-", confidence="high",
    sold_from=date(2024, 1, 1))


def design(**numbers: object) -> Chip:
    """A chip that no rule catches, with some numbers changed; ``density`` sets the die area."""
    density = numbers.pop("density", None)
    chip = replace(PLAIN, **numbers)
    return chip if density is None else replace(chip, die_mm2=chip.tpp / density)


def sale(chip: Chip | str, day: date, **changes: object) -> Transaction:
    """A commercial sale to China, with some fields changed; the parent's country follows the destination."""
    found = chip_named(chip, CHIPS) if isinstance(chip, str) else chip
    changes.setdefault("parent_country", changes.get("destination", "CN"))
    return replace(commercial_sale(found, day), **changes)
