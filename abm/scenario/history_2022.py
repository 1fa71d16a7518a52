"""What the world of October 2022 declares otherwise than that of 2025: sections with values and ranges of their own.

A number that is not here is that of 2025. The tables of the scenario end in ``_2022.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from abm.scenario.actors import Product
from abm.scenario.catalogue import Chip
from abm.scenario.conduct import Conduct
from abm.scenario.declare import number
from abm.scenario.demand import Demand
from abm.scenario.redesign import Redesign
from abm.scenario.technology import Technology

_opening = partial(number, source="assumption-opening-2022", basis="assumed")
_units = partial(number, source="epoch-units-2022", basis="estimated")
_models = partial(number, source="epoch-models-2022", basis="estimated")
_spending = partial(number, source="capital-spending-2022", basis="estimated")
_redesign = partial(number, source="assumption-redesign-lead", basis="assumed")


@dataclass(frozen=True, kw_only=True)
class Technology2022(Technology):
    """Supply of packaged dies, domestic foundries and the frontier of models in October 2022."""

    first_packaging_units: float = _units(
        222_000.0, "die/quarter", "packaged large dies NVIDIA shipped in 2022Q3 (A100 + H100)", low=170_000, high=290_000)
    packaging_growth: float = _units(
        0.82, "1/year", "log growth of advanced packaging open to a vendor, 2022Q3 to 2024Q4", low=0.5, high=1.2)
    second_packaging_units: float = _opening(
        15_000.0, "die/quarter", "packaged large dies the second foreign vendor (AMD) ships a quarter",
        low=3_000, high=50_000)

    cloud_serving_efficiency: float = number(
        0.0294, "1", "throughput of clouds over the published day: that of the end of 2024, by serving_progress back",
        source="assumption-cloud-efficiency", basis="assumed", low=0.005, high=0.2, fit=True)

    domestic_die_bank: int = _opening(
        0, "die", "foreign-made dies held by Huawei, before it had any made abroad again", low=0, high=500_000)
    domestic_wafers: float = _opening(
        8_000.0, "wafer/month", "advanced wafers of SMIC in October 2022", low=2_000, high=20_000)
    domestic_wafer_growth: float = _opening(
        0.6, "1/year", "log growth of advanced wafers without subsidies, to some 30 thousand at the end of 2024",
        low=0.0, high=1.2)
    domestic_wafer_share: float = _opening(
        0.02, "1", "share of advanced wafers given to AI chips at the opening", low=0.002, high=0.3)
    domestic_yield_start: float = _opening(
        0.2, "1", "yield of domestic dies before the first large chip is made in volume", low=0.05, high=0.5)
    domestic_dies_made: int = _opening(
        10_000, "die", "good dies that learning starts from: those at which the curve of 2025 passes this yield",
        low=3_000, high=500_000)
    domestic_memory_stacks: int = _opening(
        1_000_000, "stack", "HBM stacks in stock in China", low=0, high=5_000_000)
    memory_output: int = _opening(
        15_000_000, "stack/year", "HBM stacks made in the world a year, 2022 to 2024", low=5_000_000, high=40_000_000)

    memory_supply_gb: float = number(
        3.1e8, "GB/year", "rate at which the world made HBM in October 2022: that of the end of 2024, by its growth back",
        source="trendforce-hbm", basis="estimated", low=1e8, high=1e9)
    domestic_packages: float = _opening(
        41_000.0, "chip/quarter", "chips that Chinese packaging lines with HBM can finish: those of 2025, by their growth back",
        low=5_000, high=160_000)

    quality_reference: float = _models(
        57.7, "point", "quality of the frontier in October 2022 on the scale on which that of the end of 2024 is 100",
        low=0, high=100)
    frontier_training_flop: float = _models(
        4.0e24, "FLOP", "training compute of a frontier model in October 2022 (Minerva 2.74e24 in June, on trend)",
        low=2e24, high=2.1e25)


@dataclass(frozen=True, kw_only=True)
class Demand2022(Demand):
    """Tokens that stand for all inference on accelerators, which was mostly not yet of language models."""

    china_tokens: float = _opening(
        1.5e11, "token/day", "inference wanted in China, as tokens of the reference model", low=1e10, high=1e12)
    china_growth: float = _opening(
        2.5, "1/year", "log growth of inference wanted in China at the opening", low=0.5, high=5.0)
    abroad_tokens: float = _opening(
        4.0e11, "token/day", "inference wanted elsewhere, as tokens of the reference model", low=3e10, high=3e12)
    abroad_growth: float = _opening(
        2.15, "1/year", "log growth of inference wanted elsewhere at the opening", low=0.5, high=5.0)
    token_price: float = _opening(
        0.72, "USD/million token", "price of a token of the reference model at the opening: that of 2025", low=0.1, high=20.0)
    growth_decay: float = _opening(
        2.0, "year", "time in which the growth of inference falls by the factor e", low=0.8, high=5.0)


@dataclass(frozen=True, kw_only=True)
class Conduct2022(Conduct):
    """Budgets, plans and brokers in October 2022."""

    training_growth: float = number(
        1.5, "1/year", "log growth of training throughput that clouds plan for (4.5 x a year)",
        source="epoch-training-compute", basis="assumed", low=0.5, high=1.7)
    accelerator_share: float = _spending(
        0.05, "1", "share of capital spending that buys accelerators, at the opening", low=0.02, high=0.2)
    accelerator_share_growth: float = _spending(
        1.3, "1/year", "log growth of that share until it reaches the most", low=0.3, high=1.8)
    accelerator_share_most: float = _spending(
        0.35, "1", "largest share of capital spending that buys accelerators", low=0.2, high=0.7)
    capex_growth: float = _spending(
        0.19, "1/year", "log growth of capital spending after the roster's year (2022)", low=0.0, high=0.5)
    opening_brokers: int = _opening(
        4, "broker", "sellers of diverted chips at the opening, a month after the letters", low=0, high=48)
    opening_grey_premium: float = _opening(
        0.2, "1", "grey premium over list at the opening", low=0.0, high=1.0)


@dataclass(frozen=True, kw_only=True)
class Redesign2022(Redesign):
    """How vendors came to special versions: at once when a rule came, and more of what sold."""

    reviews_on_acts: int = _redesign(
        1, "1", "1 where a vendor reviews its designs also on the day on which the rules of sale change, 0: each quarter",
        low=0, high=1)
    plan_response: float = _redesign(
        1.0, "1", "part of what is ordered of a special version beyond the plan by which the plan is raised each week",
        low=0.0, high=1.0)


def at_list_prices(chips: tuple[Chip, ...], products: tuple[Product, ...]) -> tuple[Chip, ...]:
    """The catalogue with the list prices of a scenario's products in the place of those of 2025."""
    ranges = {one.chip: (one.price_low, one.price_high) for one in products}
    return tuple(
        replace(chip, price_low=ranges[chip.name][0], price_high=ranges[chip.name][1],
                price_usd=(ranges[chip.name][0] + ranges[chip.name][1]) / 2) if chip.name in ranges else chip
        for chip in chips
    )
