"""What a vendor can design for a market, and what that costs: the declared numbers of section 4.5 of the model.

Two tables stand beside this file: generations.csv, what silicon, packages and links could do since when, by product
line; and memories.csv, what memory could. Both are read off chips that were sold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from abm.scenario.actors import one_of, whole
from abm.scenario.declare import BASES, Section, non_negative, number, read_table, text

FOLDER = Path(__file__).parent
LINES = ("hbm", "pcie")
LINE_NAMES = {"hbm": "datacentre HBM", "pcie": "PCIe GDDR"}


@dataclass(frozen=True)
class Generation:
    """What the silicon of a product line can do since a day.

    ``tpp_per_mm2`` total processing performance per mm2 of logic die; ``dies`` the most of them in a package; ``links``
    the most interconnect links of ``link_gbs`` GB/s each (both directions); ``host_gbs`` the rate to the host without
    links; ``wafer_usd`` the price of a wafer.
    """

    line: str
    name: str
    since: date
    tpp_per_mm2: float
    dies: int
    links: int
    link_gbs: float
    host_gbs: float
    wafer_usd: float
    basis: str
    source: str


@dataclass(frozen=True)
class Memory:
    """A kind of memory that a product line can use since a day.

    A device (a stack of HBM, a GDDR package or pair) gives ``device_gbs`` GB/s and ``device_gb`` GB at ``usd_per_gb``;
    a package holds ``most_devices``, and each needs ``die_mm2_per_device`` of logic die to connect to.
    """

    line: str
    name: str
    since: date
    device_gbs: float
    device_gb: float
    most_devices: int
    die_mm2_per_device: float
    usd_per_gb: float
    basis: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Redesign(Section):
    """The design space, the cost of a chip, and what a vendor reckons with when it thinks about a special version."""

    reticle_mm2: float = number(
        858.0, "mm2", "largest logic die that can be exposed (26 mm x 33 mm)", source="reticle-field", basis="measured",
        low=400, high=1000)
    die_sizes: int = number(
        10, "1", "sizes of a die that are tried, equal steps up to the largest", source="assumption-design-grid",
        basis="assumed", low=3, high=40)
    least_tpp: float = number(
        400.0, "TPP", "smallest performance that is tried", source="assumption-design-grid", basis="assumed", low=50,
        high=1000)
    tpp_step: float = number(
        0.01, "1", "relative step between performances that are tried", source="assumption-design-grid", basis="assumed",
        low=0.002, high=0.2)
    safety_margin: float = number(
        0.01, "1", "distance that a design keeps from every limit (H20: 1.3 % below 2,400, RTX 4090D: 1.9 % below 4,800)",
        source="chip-data-sheets", basis="estimated", low=0.0, high=0.1)
    defect_density: float = number(
        0.02, "1/cm2", "defects that kill a die after bad cores are switched off (85 % of 814 mm2 dies are good)",
        source="chip-cost-estimates", basis="estimated", low=0.0, high=0.5)
    defect_clustering: float = number(
        3.0, "1", "clustering parameter of the negative-binomial yield", source="stapper-1983", basis="assumed", low=0.5,
        high=20.0)
    packaging_base_usd: float = number(
        400.0, "USD", "cost of advanced packaging of a chip beside what grows with its die area",
        source="chip-cost-estimates", basis="estimated", low=0, high=2000)
    packaging_usd_per_mm2: float = number(
        0.43, "USD/mm2", "cost of advanced packaging per die area (750 USD at 814 mm2, 1,100 at 1,628)",
        source="chip-cost-estimates", basis="estimated", low=0.0, high=3.0)
    packaging_yield: float = number(
        0.98, "1", "share of packages that are good, for each die inside", source="assumption-packaging-yield",
        basis="assumed", low=0.7, high=1.0)
    module_usd: float = number(
        920.0, "USD", "test, assembly and module of a chip with HBM", source="chip-cost-estimates", basis="estimated",
        low=0, high=3000)
    board_usd: float = number(
        350.0, "USD", "test, assembly, board and cooler of a PCIe card", source="assumption-board-cost", basis="assumed",
        low=0, high=2000)
    consumer_value: float = number(
        0.31, "1", "what a part that is not made for datacentres fetches per unit of throughput, over one that is",
        source="graphics-card-prices", basis="estimated", low=0.05, high=1.0)
    reclassification_hazard: float = number(
        0.3, "1/year", "hazard that a part not made for datacentres is treated as one that is",
        source="assumption-reclassification", basis="assumed", low=0.0, high=2.0)
    price_split: float = number(
        0.5, "1", "part of the difference between what buyers would pay and what the vendor asks elsewhere that it gets",
        source="assumption-price-split", basis="assumed", low=0.0, high=1.0)
    line_substitution: float = number(
        0.5, "1", "part of the demand for one product line that a chip of the other line would meet as well",
        source="assumption-line-substitution", basis="assumed", low=0.0, high=1.0, fit=True)
    discount_rate: float = number(
        0.12, "1/year", "rate at which a vendor discounts", source="assumption-discount-rate", basis="assumed", low=0.02,
        high=0.3)
    product_life: float = number(
        2.0, "year", "time for which a special version would be sold if no rule came", source="epoch-hardware-trends",
        basis="assumed", low=0.5, high=5.0)
    lead_months: float = number(
        4.0, "month", "from the decision to build a special version to its first sale (one to six months)",
        source="assumption-redesign-lead", basis="assumed", low=1.0, high=12.0)
    switch_off_months: float = number(
        1.0, "month", "the same where the law limits links alone, which are switched off (A800: one month; H800: five)",
        source="assumption-redesign-lead", basis="estimated", low=0.5, high=12.0, fit=True)
    reviews_on_acts: int = number(
        0, "1", "1 where a vendor reviews its designs also on the day on which the rules of sale change, 0: each quarter",
        source="assumption-redesign-lead", basis="assumed", low=0, high=1)
    plan_response: float = number(
        0.0, "1", "part of what is ordered of a special version beyond the plan by which the plan is raised each week",
        source="assumption-redesign-lead", basis="assumed", low=0.0, high=1.0)
    graphics_dies: float = number(
        380_000.0, "die/quarter", "large graphics dies at most whose wafers a vendor takes for cards for one market",
        source="assumption-graphics-dies", basis="assumed", low=50_000, high=3e7)
    engineering_usd: float = number(
        1.0e8, "USD", "cost of designing and qualifying a special version", source="assumption-engineering-cost",
        basis="assumed", low=1e7, high=1e9)


PROVENANCE = {"basis": one_of(*BASES), "source": text}
GENERATION_COLUMNS = {
    "line": one_of(*LINES), "name": text, "since": date.fromisoformat, "tpp_per_mm2": non_negative, "dies": whole,
    "links": whole, "link_gbs": non_negative, "host_gbs": non_negative, "wafer_usd": non_negative, **PROVENANCE,
}
MEMORY_COLUMNS = {
    "line": one_of(*LINES), "name": text, "since": date.fromisoformat, "device_gbs": non_negative,
    "device_gb": non_negative, "most_devices": whole, "die_mm2_per_device": non_negative, "usd_per_gb": non_negative,
    **PROVENANCE,
}


def load_generations(path: Path = FOLDER / "generations.csv") -> tuple[Generation, ...]:
    """Generations of silicon; raises InputError naming file, line and field."""
    return tuple(Generation(**row) for row in read_table(path, GENERATION_COLUMNS, "generations"))


def load_memories(path: Path = FOLDER / "memories.csv") -> tuple[Memory, ...]:
    """Kinds of memory; raises InputError naming file, line and field."""
    return tuple(Memory(**row) for row in read_table(path, MEMORY_COLUMNS, "memories"))
