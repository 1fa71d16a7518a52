"""What controls do, seed by seed: restricted means of launch times and shares launched, between the arms of a scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from abm.compare import CONFIDENCE, Paired, paired_difference, restricted
from analysis.validation.arms import Arm
from analysis.validation.scoring import HISTORICAL

HORIZON = 24.0
"""Months from the start to which launch times are restricted."""

HORIZONS = (6.0, 12.0, 18.0, 24.0)
"""Months from the start by which it is asked who has launched."""

ARMS = ("no_controls", "rules_of_end_2024", "historical_without_us_letter_2025_04", "no_controls_from_2022",
        "october_2022_kept")
"""Arms that the rules as they came are compared with, in this order; others follow by name."""

DEEPER = "no_controls_from_2022"
"""The arm of the deeper counterfactual: no controls on chips from October 2022."""

LAUNCHES = {
    "next_launch_months": "DeepSeek's next launch", "other_chinese_launch_months": "first launch of another Chinese lab",
}
LAUNCHED = "share launched"
LEVELS = {"gap_months": "month", "china_effective_compute": "H100-equivalent"}


@dataclass(frozen=True)
class Difference:
    """The rules as they came less another arm, over pairs of the same seed; where all pairs agree there is no interval."""

    experiment: str
    scenario: str
    against: str
    what: str
    unit: str
    paired: Paired

    @property
    def agrees(self) -> bool:
        """Whether all pairs have the same difference, so that they say nothing of its spread."""
        return self.paired.low is not None and self.paired.low == self.paired.high


def differences(arms: list[Arm]) -> list[Difference]:
    """Every historical arm against each other arm of its scenario, in the order of the results."""
    found = []
    for arm in arms:
        if arm.policy != HISTORICAL:
            continue
        for policy in sorted(arm.results.policies, key=_rank):
            other = arm.under(policy) if policy != HISTORICAL else None
            if other is not None:
                found += _between(arm, other)
    return found


def _rank(policy: str) -> tuple[int, str]:
    return (ARMS.index(policy) if policy in ARMS else len(ARMS), policy)


def _between(arm: Arm, other: Arm) -> Iterator[Difference]:
    for what, unit, values, reference in _outcomes(arm, other):
        both = pd.DataFrame({"value": values, "reference": reference}).dropna()
        estimator = paired_shares if unit == LAUNCHED else paired_difference
        paired = estimator(both["value"], both["reference"])
        yield Difference(arm.results.manifest["experiment"]["name"], arm.scenario, other.policy, what, unit, paired)


def _outcomes(arm: Arm, other: Arm) -> Iterator[tuple[str, str, pd.Series, pd.Series]]:
    reached = arm.months(arm.until)
    for column, what in LAUNCHES.items():
        mine, theirs = arm.runs[column], other.runs[column]
        horizon = min(HORIZON, reached)
        yield (f"{what}, mean of min(T, {horizon:.0f} months)", "month",
               _restricted(mine, horizon), _restricted(theirs, horizon))
        for months in HORIZONS:
            if months <= round(reached):
                yield f"{what}, by month {months:.0f}", LAUNCHED, *(
                    launched_by(one, months, reached) for one in (mine, theirs))
    for column, unit in LEVELS.items():
        yield column, unit, arm.runs[column], other.runs[column]


def paired_shares(values: ArrayLike, reference: ArrayLike) -> Paired:
    """The difference of two shares of the same pairs, with the adjusted Wald interval, which holds where all pairs agree.

    Source: Bonett and Price 2012, doi:10.3102/1076998611411915: one is added to the pairs that differ either way.
    """
    values, reference = np.asarray(values, dtype=bool), np.asarray(reference, dtype=bool)
    n = len(values)
    if not n:
        return Paired(None, None, None, 0, None, None)
    gained, lost = ((np.sum(one & ~other) + 1) / (n + 2) for one, other in ((values, reference), (reference, values)))
    difference = float(gained - lost)
    width = stats.norm.ppf((1 + CONFIDENCE) / 2) * math.sqrt((gained + lost - difference**2) / (n + 2))
    level, other = float(np.mean(values)), float(np.mean(reference))
    return Paired(level - other, max(difference - width, -1.0), min(difference + width, 1.0), n, level, other)


def _restricted(months: pd.Series, horizon: float) -> pd.Series:
    return pd.Series(restricted(months, horizon), index=months.index)


def launched_by(months: pd.Series, by: float, reached: float) -> pd.Series:
    """Whether each run had launched by a month: launch times that are censored at the end of the runs are no launches."""
    return ((months <= by) & (months < reached)).astype(float).where(~np.isnan(months))
