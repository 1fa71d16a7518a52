"""Targets of legal trade: NVIDIA's chips for China by period, its share of revenue, orders, and what a rule strands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd

from analysis.validation.arms import Arm
from analysis.validation.scoring import Fit, Target

OPENED_2022, OPENED_2025 = date(2022, 10, 1), date(2025, 1, 1)
THOUSAND = 1e3
MADE_FOR_2022, MADE_FOR_2023 = "nvidia/rule of 2022-10", "nvidia/rule of 2023-10"
HOME, ABROAD = "nvidia/CN", "nvidia/abroad"

EITHER_WAY = 0.25
"""Half-width of the band of a fact that comes without one, over its value: an assumption, and said so in the table."""

BAND_OF_SOURCE, SUM_OF_BANDS = "5-95 % of the source", "sums of the source's 5 and 95 %"
REPORTED, BOUND = "reported value, 25 % either way (assumed)", "reported bound"


def reported(value: float) -> dict[str, float | str]:
    """The band of a fact that is stated as one number."""
    return {"low": value * (1 - EITHER_WAY), "high": value * (1 + EITHER_WAY), "band": REPORTED}


def shipped(since: date, until: date, kind: str) -> Callable[[Arm], pd.Series]:
    """Thousand chips of NVIDIA made for a rule and shipped to China in a period."""
    return lambda arm: arm.change(since, until, "shipped_to_china", kind) / THOUSAND


def _units(what: str, kind: str, period: tuple[date, date], ends: tuple[float, float], **more: object) -> Target:
    since, until = period
    about = {"band": BAND_OF_SOURCE, "source": "epoch-chip-counts"} | more
    return Target(
        pattern="P1", what=what, unit="thousand chips", low=ends[0], high=ends[1], since=since, until=until,
        measure=shipped(since, until, kind), **about)  # type: ignore[arg-type]


UNITS = (
    _units("A800, H800 class to China, 2022Q4", MADE_FOR_2022, (date(2022, 10, 1), date(2023, 1, 1)), (21.517, 36.492),
           fits=(Fit("products", OPENED_2022), Fit("switch_off_months", OPENED_2022))),
    _units("A800, H800 class to China, 2023", MADE_FOR_2022, (date(2023, 1, 1), date(2024, 1, 1)), (164.471, 264.743),
           band=SUM_OF_BANDS, fits=(Fit("switch_off_months", OPENED_2022),)),
    _units("H20 class to China, 2024", MADE_FOR_2023, (date(2024, 1, 1), date(2025, 1, 1)), (737.0, 1250.0)),
    _units("H20 class to China, 2025Q1", MADE_FOR_2023, (date(2025, 1, 1), date(2025, 4, 1)), (278.272, 470.508),
           fits=(Fit("products", OPENED_2025),)),
)

QUARTERS = (
    (2023, 4, 0.95, 6.05), (2024, 1, 1.59, 7.19), (2024, 2, 2.74, 13.51), (2024, 3, 4.03, 18.12), (2024, 4, 1.95, 22.10),
    (2025, 1, 2.49, 26.0), (2025, 2, 3.67, 30.0), (2025, 3, 5.42, 35.1), (2025, 4, 5.53, 39.3),
)
"""NVIDIA by fiscal year and quarter (ends of April, July, October and January): revenue in China and in all, bn USD."""


def fiscal_quarter(year: int, quarter: int) -> tuple[date, date]:
    """The three calendar months nearest to a fiscal quarter: the first of 2025 is February to April 2024."""
    month = 2 + 3 * (quarter - 1)
    ends = month + 3
    return date(year - 1, month, 1), date(year, ends - 12, 1) if ends > 12 else date(year - 1, ends, 1)


def china_share(since: date, until: date) -> Callable[[Arm], pd.Series]:
    """China's part of what NVIDIA sold in a period."""

    def share(arm: Arm) -> pd.Series:
        home = arm.change(since, until, "chips_sold", HOME)
        return home / (home + arm.change(since, until, "chips_sold", ABROAD))

    return share


def _share(what: str, china: float, whole: float, period: tuple[date, date]) -> Target:
    since, until = period
    return Target(
        pattern="P1", what=f"China's share of NVIDIA's chips (fact: of all sales), {what}", unit="1", since=since, until=until,
        measure=china_share(since, until), source="nvidia-quarterly-revenue",
        **reported(china / whole))  # type: ignore[arg-type]


SHARES = (
    *(_share(f"FY{year} Q{number}", china, whole, fiscal_quarter(year, number)) for year, number, china, whole in QUARTERS),
    *(
        _share(f"FY{year}", sum(one[2] for one in QUARTERS if one[0] == year),
               sum(one[3] for one in QUARTERS if one[0] == year), (date(year - 1, 2, 1), date(year, 2, 1)))
        for year in (2024, 2025)
    ),
)

LETTER_MONTH = (date(2025, 4, 1), date(2025, 5, 1))
FIRST_QUARTER = (date(2025, 1, 1), date(2025, 4, 1))
QUARTER_OF_THE_LETTER = fiscal_quarter(2026, 1)
AFTER_LETTER = (date(2025, 4, 1), date(2025, 7, 1))


WITHOUT_THE_LETTER = "historical_without_us_letter_2025_04"
"""The arm that differs from history by the letter of April 2025 and what answers it alone."""


def _not_shipped(arm: Arm) -> pd.Series:
    """What the same seed sells to China from April to the quarter's end without the letter, less what it sells with it."""
    without = arm.under(WITHOUT_THE_LETTER)
    assert without is not None, "a target against an arm is scored where there is one"
    return (without.change(*LETTER_MONTH, "chips_sold", HOME) - arm.change(*LETTER_MONTH, "chips_sold", HOME)).dropna()


STRANDED = (
    Target(
        pattern="P10", what="China's orders at NVIDIA, 2025Q1", unit="bn USD", low=16.0, high=None, band=BOUND,
        source="h20-orders-2025",
        since=FIRST_QUARTER[0], until=FIRST_QUARTER[1],
        measure=lambda arm: arm.change(*FIRST_QUARTER, "chips_ordered", HOME), fits=(Fit("order_smoothing"),)),
    Target(
        pattern="P10", what="NVIDIA's sales to China, fiscal quarter of the letter", unit="bn USD", source="nvidia-filings",
        since=QUARTER_OF_THE_LETTER[0], until=QUARTER_OF_THE_LETTER[1], fits=(Fit("products", OPENED_2025),),
        measure=lambda arm: arm.change(*QUARTER_OF_THE_LETTER, "chips_sold", HOME), **reported(4.6)),  # type: ignore[arg-type]
    Target(
        pattern="P10", what="sales to China kept back in that quarter (without the letter less with it)", unit="bn USD",
        source="nvidia-filings", fits=(Fit("products", OPENED_2025),), since=LETTER_MONTH[0], until=LETTER_MONTH[1],
        against=WITHOUT_THE_LETTER,
        measure=_not_shipped, **reported(2.5)),  # type: ignore[arg-type]
    Target(
        pattern="P10", what="NVIDIA's write-downs by mid-2025", unit="bn USD", low=4.5, high=5.5, band="booked to announced",
        source="nvidia-filings", since=AFTER_LETTER[0], until=AFTER_LETTER[1],
        measure=lambda arm: arm.change(*AFTER_LETTER, "written_down", "nvidia"), fits=(Fit("order_smoothing"),)),
)

TRADE = (*UNITS, *SHARES, *STRANDED)
