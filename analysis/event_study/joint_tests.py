"""Tests of several abnormal returns at once: over the events of one share, and over the shares of one event.

Patell (1976, doi:10.2307/2490543) trusts the estimated variances. Boehmer, Musumeci and Poulsen (1991,
doi:10.1016/0304-405X(91)90032-F) take the variance over the cross-section, so an event may raise it. Kolari and
Pynnonen (2010, doi:10.1093/rfs/hhq072) allow for abnormal returns of one day that move together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.event_study.market_model import Reaction

LEAST = 2
"""Abnormal returns below which there is no cross-section."""

LOST_TO_VARIANCE = 4
"""A Student t with n - 2 degrees of freedom has the variance (n - 2) / (n - 4)."""


@dataclass(frozen=True, kw_only=True)
class JointTest:
    """The mean abnormal return of ``count`` reactions and three test statistics, standard normal if nothing happened.

    ``correlation`` is the mean correlation of the estimation residuals of the pairs of shares. None where a number
    cannot be had: below two reactions, or where no residuals share their days.
    """

    ticker: str | None
    day: date | None
    event: str | None
    count: int
    mean: float
    patell: float
    boehmer: float | None
    kolari: float | None
    correlation: float | None


def joint_tests(reactions: Iterable[Reaction]) -> list[JointTest]:
    """One test a share over all its events, then one an event over all shares, of what was not refused."""
    usable = [one for one in reactions if one.standardised is not None]
    by_share = {one.ticker: [other for other in usable if other.ticker == one.ticker] for one in usable}
    by_event = {
        (one.day, one.event): [other for other in usable if (other.day, other.event) == (one.day, one.event)] for one in usable
    }
    over_events = [joint_test(group, ticker=ticker) for ticker, group in by_share.items()]
    over_shares = [joint_test(group, day=day, event=event) for (day, event), group in by_event.items()]
    return over_events + over_shares


def joint_test(
    group: Sequence[Reaction], *, ticker: str | None = None, day: date | None = None, event: str | None = None
) -> JointTest:
    """The tests of some reactions of one share or of one event (which says which)."""
    scores = np.array([one.standardised for one in group])
    count = len(scores)
    spread = math.sqrt(math.fsum((one.n - 2) / (one.n - LOST_TO_VARIANCE) for one in group))
    deviation = float(scores.std(ddof=1)) if count >= LEAST else 0.0
    boehmer = float(scores.mean()) * math.sqrt(count) / deviation if deviation > 0 else None
    correlation = mean_correlation([one.residuals for one in group]) if day is not None else None
    kolari = None
    if boehmer is not None and correlation is not None and 1 + (count - 1) * correlation > 0:
        kolari = boehmer * math.sqrt((1 - correlation) / (1 + (count - 1) * correlation))
    mean = math.fsum(one.abnormal_return for one in group) / count
    return JointTest(
        ticker=ticker, day=day, event=event, count=count, mean=mean, patell=float(scores.sum()) / spread,
        boehmer=boehmer, kolari=kolari, correlation=correlation,
    )  # fmt: skip


def mean_correlation(residuals: Sequence[pd.Series]) -> float | None:
    """Mean over all pairs of the correlation of residuals on the days that both have; None below two series."""
    together = pd.concat(residuals, axis="columns", keys=range(len(residuals))).corr().to_numpy()
    pairs = together[np.triu_indices(len(residuals), k=1)]
    pairs = pairs[np.isfinite(pairs)]
    return float(pairs.mean()) if len(pairs) else None
