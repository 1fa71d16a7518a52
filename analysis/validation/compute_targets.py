"""Targets of computing power: installed and diverted compute, the grey market, and Chinese chips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from analysis.validation.arms import Arm
from analysis.validation.scoring import Fit, Target
from analysis.validation.trade_targets import BAND_OF_SOURCE, BOUND, OPENED_2022, OPENED_2025, THOUSAND, reported

COMPUTE = "thousand H100-eq."
LEGAL_ROUTES = ("China/nvidia/direct", "China/nvidia/licensed")
INSTALLED = (
    (date(2022, 9, 30), 14.851, 35.549), (date(2022, 12, 31), 23.018, 45.398), (date(2023, 3, 31), 37.496, 64.577),
    (date(2023, 6, 30), 71.698, 111.263), (date(2023, 9, 30), 125.911, 190.160), (date(2023, 12, 31), 144.649, 217.763),
    (date(2024, 3, 31), 161.989, 242.673), (date(2024, 6, 30), 189.732, 283.105), (date(2024, 9, 30), 222.791, 333.572),
    (date(2024, 12, 31), 261.821, 395.153),
)
"""NVIDIA's chips installed in China, diverted ones left out, by the end of a quarter: 5th and 95th percentile."""


def _installed(end: date, low: float, high: float) -> Target:
    day = end + timedelta(days=1)
    fits = tuple(Fit("fleets", starts) for starts in (OPENED_2022, OPENED_2025) if day == starts)
    if day == date(2023, 1, 1):  # what is delivered in the first quarter was under way at the opening
        fits = (Fit("products", OPENED_2022),)
    if day.year == 2023:  # the A800 came a month after the rule: known when that was entered
        fits = (*fits, Fit("switch_off_months", OPENED_2022))
    return Target(
        pattern="P1", what=f"NVIDIA compute installed in China, {end:%Y-%m}", unit=COMPUTE, low=low, high=high,
        band=BAND_OF_SOURCE, source="epoch-compute-by-owner", since=day, until=day, fits=fits,
        measure=lambda arm: arm.at(day, "installed_dense_compute", *LEGAL_ROUTES) / THOUSAND)


def _diverted(year: int) -> Callable[[Arm], pd.Series]:
    period = (date(year, 1, 1), date(year + 1, 1, 1))
    return lambda arm: arm.change(*period, "diverted_compute", "China") / THOUSAND


def _diverted_in(what: str, year: int) -> Target:
    return Target(
        pattern="P6", what=what, unit=COMPUTE, low=64.0, high=417.0, band="5-95 % by the source's parameters",
        source="epoch-smuggling", since=date(year, 1, 1), until=date(year + 1, 1, 1), measure=_diverted(year),
        fits=(Fit("broker_chips"), Fit("opening_brokers", OPENED_2025)))


GREY_FITS = tuple(Fit(name, OPENED_2025) for name in ("broker_cost", "server_cost", "rental_margin", "grey_memory"))
"""Numbers that were kept after looking at premia and diverted chips of 2025."""

BEFORE_LETTER, AFTER_LETTER = (date(2025, 1, 1), date(2025, 4, 15)), (date(2025, 5, 1), date(2025, 8, 1))


def _premium(what: str, period: tuple[date, date], *fits: Fit) -> Target:
    return Target(
        pattern="P6", what=f"grey premium over list, {what}", unit="1", low=0.28, high=0.50, band="reported range",
        source="grey-premium-2024", since=period[0], until=period[1], fits=fits,
        measure=lambda arm: arm.mean(*period, "grey_premium", "premium"))


THREE_MONTHS = ((date(2025, 4, 1), date(2025, 7, 1)), (date(2025, 5, 1), date(2025, 8, 1)))


def _paid_after_letter(arm: Arm) -> pd.Series:
    """Billion USD from the middle of April to the middle of July: the mean of the quarters half a month before and after."""
    early, late = (arm.change(*period, "diverted_value", "China") for period in THREE_MONTHS)
    return (early + late) / 2


DIVERSION = (
    _diverted_in("diverted compute, 2024", 2024),
    _diverted_in("diverted compute, 2025, beside the band of 2024", 2025),
    _premium("2024", (date(2024, 1, 1), date(2025, 1, 1))),
    _premium("2025 before the letter", BEFORE_LETTER, Fit("opening_grey_premium", OPENED_2025), *GREY_FITS),
    _premium("2025-05 to 07, after the letter", AFTER_LETTER, *GREY_FITS),
    Target(
        pattern="P6", what="paid for diverted chips in the three months after the letter", unit="bn USD", low=1.0, high=None,
        band=BOUND, source="grey-premium-2024", since=THREE_MONTHS[0][0], until=THREE_MONTHS[1][1],
        measure=_paid_after_letter, fits=GREY_FITS),
)

MAY_2025 = date(2025, 5, 1)


def _part(place: str, day: date) -> Callable[[Arm], pd.Series]:
    """A place's part of all installed compute on a day."""

    def part(arm: Arm) -> pd.Series:
        whole = arm.at(day, "installed_dense_compute", "China", "United States", "elsewhere")
        return arm.at(day, "installed_dense_compute", place) / whole

    return part


SHARES = (
    Target(
        pattern="P11", what="China's part of AI compute, May 2025", unit="1", low=0.05, high=0.15,
        band="two definitions of the source", source="epoch-gpu-clusters", since=MAY_2025, until=MAY_2025,
        measure=_part("China", MAY_2025), fits=(Fit("fleets", OPENED_2025),)),
    Target(
        pattern="P11", what="US part of AI compute, May 2025", unit="1", source="epoch-gpu-clusters", since=MAY_2025,
        until=MAY_2025, measure=_part("United States", MAY_2025), fits=(Fit("fleets", OPENED_2025),),
        **reported(0.75)),  # type: ignore[arg-type]
)


def _ascend(year: int) -> Callable[[Arm], pd.Series]:
    period = (date(year, 1, 1), date(year + 1, 1, 1))
    return lambda arm: arm.change(*period, "domestic_output", "huawei") / THOUSAND


HALF_OF_2023 = (date(2023, 1, 1), date(2023, 7, 1))
DOMESTIC = ("huawei/domestic", "cambricon/domestic")
FOREIGN_CLASSES = ("before 2022-10", "rule of 2022-10", "rule of 2023-10", "letter of 2025-04")
FOREIGN = tuple(f"{vendor}/{kind}" for vendor in ("nvidia", "amd") for kind in FOREIGN_CLASSES)


def _domestic_part(arm: Arm) -> pd.Series:
    domestic = arm.change(*HALF_OF_2023, "shipped_to_china", *DOMESTIC)
    return domestic / (domestic + arm.change(*HALF_OF_2023, "shipped_to_china", *FOREIGN))


YIELD_DAY = date(2025, 3, 1)
CHINESE_CHIPS = (
    Target(
        pattern="P5", what="Ascend chips made, 2024", unit="thousand chips", low=200.0, high=507.0, band="two counts",
        source="ascend-2024-counts", since=date(2024, 1, 1), until=date(2025, 1, 1), measure=_ascend(2024)),
    Target(
        pattern="P5", what="Ascend chips made, 2025, by the US estimate", unit="thousand chips", low=None, high=200.0,
        band=BOUND, source="bis-2025-ascend", since=date(2025, 1, 1), until=date(2026, 1, 1), measure=_ascend(2025),
        fits=(Fit("domestic_bank_drawdown"), Fit("domestic_wafer_share"))),
    Target(
        pattern="P5", what="Ascend chips made, 2025, by the plan", unit="thousand chips", source="ft-2025-ascend",
        since=date(2025, 1, 1), until=date(2026, 1, 1), measure=_ascend(2025),
        fits=(Fit("domestic_bank_drawdown"), Fit("domestic_wafer_share")), **reported(400.0)),  # type: ignore[arg-type]
    Target(
        pattern="P5", what="yield of Ascend dies, February 2025", unit="1", source="ft-2025-yield", since=YIELD_DAY,
        until=YIELD_DAY, measure=lambda arm: arm.at(YIELD_DAY, "die_yield", "huawei"),
        fits=(Fit("domestic_yield_start", OPENED_2025), Fit("domestic_dies_made", OPENED_2025)), **reported(0.40)),  # type: ignore[arg-type]
    Target(
        pattern="P5", what="domestic part of chips shipped in China, 2023H1", unit="1", source="idc-2023-accelerators",
        since=HALF_OF_2023[0], until=HALF_OF_2023[1], measure=_domestic_part, **reported(0.10)),  # type: ignore[arg-type]
)

COMPUTE_TARGETS = (*(_installed(*one) for one in INSTALLED), *DIVERSION, *SHARES, *CHINESE_CHIPS)
