"""Observables of the compute economy on the bases on which public facts are stated: what level checks compare.

Compute is in H100-equivalents by dense 16-bit arithmetic, as Epoch AI counts it, not by the model's useful training
throughput. Running totals count from the start of the run: what a period brought is the difference of two of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.domestic_vendor import DomesticVendor
from abm.agents.vendor import Vendor
from abm.books import USD, chip_asset
from abm.observe import observable
from abm.picture import ABROAD, HOME, REGIONS
from abm.policy.paragraphs import BandwidthLetter, RuleOfOctober2022, RuleOfOctober2023
from abm.rates import REFERENCE_CHIP
from abm.rules.domestic import domestic_yield
from abm.rules.throughput import fp16_flops
from abm.trade_counts import CANCELLED, CANCELLED_UNITS, ORDERED, SOLD
from abm.units import usd

if TYPE_CHECKING:
    from abm.model import Model
    from abm.scenario.catalogue import Chip

BILLION = 1e9
TO_CHINA, DIVERTED = "to China ", "diverted "
CLASSES = (
    ("before 2022-10", RuleOfOctober2022()), ("rule of 2022-10", RuleOfOctober2023()), ("rule of 2023-10", BandwidthLetter()),
)
"""What a chip that is sold to China is made for, and the act that first catches it."""


def dense_equivalents(model: Model, chip: str) -> float:
    """H100-equivalents of one chip by dense 16-bit FLOP/s."""
    return fp16_flops(model.chip(chip)) / fp16_flops(model.chip(REFERENCE_CHIP))


def design_class(chip: Chip) -> str:
    """Which act a chip sold to China was made for: the last one, in the order of their dates, that leaves it free.

    ``before 2022-10`` is caught by the rule of October 2022 (A100, H100), ``rule of 2022-10`` by that of October 2023
    first (A800, H800), ``rule of 2023-10`` by the letter of April 2025 first (H20), ``letter of 2025-04`` by none of
    them. Chinese chips are ``domestic``.
    """
    if not chip.foreign_to_china:
        return "domestic"
    return next((name for name, catches in CLASSES if catches(chip) is not None), "letter of 2025-04")


def _tallied(model: Model, prefix: str) -> dict[str, int]:
    """Running totals whose names begin so, by the rest of the name."""
    return {name.removeprefix(prefix): units for name, units in model.tally.items() if name.startswith(prefix)}


def _billions(model: Model, prefix: str) -> dict[str, float]:
    """Running totals of money in billion USD, by vendor and region; also what is still nothing."""
    counted = _tallied(model, prefix)
    labels = [f"{name}/{region}" for name in sorted(model.vendors) for region in (HOME, ABROAD)]
    return {label: usd(counted.get(label, 0)) / BILLION for label in labels}


@observable("billion USD", "cumulative", "monthly")
def chips_sold(model: Model) -> dict[str, float]:
    """Money of the chips that each vendor has shipped, by region of the buyer."""
    return _billions(model, SOLD)


@observable("billion USD", "cumulative", "monthly")
def chips_ordered(model: Model) -> dict[str, float]:
    """Money of the orders that each vendor has taken, by region of the buyer; what was on order at the opening is not in it."""
    return _billions(model, ORDERED)


@observable("billion USD", "cumulative", "monthly")
def orders_cancelled(model: Model) -> dict[str, float]:
    """Money of the orders that rules have struck from each vendor's book, by region of the buyer."""
    return _billions(model, CANCELLED)


@observable("chip", "cumulative", "monthly")
def units_cancelled(model: Model) -> dict[str, float]:
    """Chips on order that rules have struck from the books, by kind."""
    return {chip: float(units) for chip, units in _tallied(model, CANCELLED_UNITS).items()}


@observable("chip", "cumulative", "monthly")
def shipped_to_china(model: Model) -> dict[str, float]:
    """Chips shipped to buyers in China, by vendor and the rule that they were made for."""
    totals = dict.fromkeys((f"{name}/{kind}" for name in sorted(model.vendors) for kind in _classes(model, name)), 0.0)
    for chip, units in _tallied(model, TO_CHINA).items():
        totals[f"{model.sellers[chip]}/{design_class(model.chip(chip))}"] += units
    return totals


def _classes(model: Model, vendor: str) -> list[str]:
    return sorted({design_class(model.chip(chip)) for chip in model.vendors[vendor].products})


@observable("H100-equivalent", "cumulative; units x dense 16-bit FLOP/s over an H100's", "monthly")
def diverted_compute(model: Model) -> dict[str, float]:
    """Compute that shell companies have sold into China, in all and by chip."""
    diverted = {one: units for one, units in _tallied(model, DIVERTED).items() if one in model.chips}
    by_chip = {chip: units * dense_equivalents(model, chip) for chip, units in sorted(diverted.items())}
    return {"China": math.fsum(by_chip.values()), **by_chip}


@observable("billion USD", "cumulative", "monthly")
def diverted_value(model: Model) -> dict[str, float]:
    """Money that buyers in China have paid to shell companies."""
    return {"China": usd(model.books.flows.get(("grey sale", USD), 0)) / BILLION}


@observable("H100-equivalent", "units x dense 16-bit FLOP/s over an H100's", "monthly")
def installed_dense_compute(model: Model) -> dict[str, float]:
    """Compute of the chips installed in China by vendor and route, and in all in China, the United States and elsewhere."""
    places = {HOME: "China", "US": "United States"}
    totals = dict.fromkeys((*places.values(), "elsewhere"), 0.0)
    for _, cloud in sorted(model.clouds.items()):
        place = places.get(cloud.actor.country, "elsewhere")
        for (chip, origin), units in sorted(cloud.origins.items()):
            amount = units * dense_equivalents(model, chip)
            totals[place] += amount
            if place == "China":
                label = f"China/{model.sellers.get(chip, model.chip(chip).vendor.lower())}/{origin}"
                totals[label] = totals.get(label, 0.0) + amount
    return totals


@observable("chip", "cumulative", "monthly")
def domestic_output(model: Model) -> dict[str, float]:
    """Chips that each Chinese vendor has finished."""
    return {name: _finished(model, vendor) for name, vendor in _domestic(model)}


def _domestic(model: Model) -> list[tuple[str, DomesticVendor]]:
    return [(name, one) for name, one in sorted(model.vendors.items()) if isinstance(one, DomesticVendor)]


def _finished(model: Model, vendor: Vendor) -> float:
    flows = model.books.flows
    return float(sum(flows.get(("finished", chip_asset(chip)), 0) for chip in sorted(vendor.products)))  # integers


@observable("1", "see abm.rules.domestic.domestic_yield", "monthly")
def die_yield(model: Model) -> dict[str, float]:
    """Good dies over all dies on the wafers of each Chinese vendor."""
    return {name: domestic_yield(vendor.dies_made, model.world.technology) for name, vendor in _domestic(model)}


@observable("billion USD", "cumulative", "monthly")
def written_down(model: Model) -> dict[str, float]:
    """Write-downs of goods stranded by rules, by vendor."""
    return {name: usd(vendor.written_down) / BILLION for name, vendor in sorted(model.vendors.items())}


@observable("token/day", "served by the chips reserved", "monthly")
def tokens_by_region(model: Model) -> dict[str, float]:
    """Tokens a day that Chinese and other models serve, and that their users want at today's price."""
    picture, tokens = model.picture, {}
    for region in REGIONS:
        names = [name for name in sorted(picture.wanted) if picture.models[name].region == region]
        tokens[f"{region} served"] = math.fsum(picture.demand.get(name, 0.0) for name in names)
        tokens[f"{region} wanted"] = math.fsum(picture.wanted[name] for name in names)
    return tokens
