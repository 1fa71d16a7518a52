"""Estimators of paired differences between policies: pure functions of arrays, one element a run.

Runs of one seed share their luck, so the difference of a pair is taken first and its interval after. A launch that did
not happen by the horizon is censored there: the restricted mean of min(T, horizon), the share launched and the median
are reported, never a mean over the runs that launched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from abm.errors import InputError, unknown

METHODS = ("t", "bca")
CONFIDENCE = 0.95
BOOTSTRAP_SEED = 20250120
RESAMPLES = 9999


@dataclass(frozen=True)
class Interval:
    """Which interval is told: its kind (``t`` or ``bca``), confidence, and what a bootstrap drew; None where none did."""

    method: str
    confidence: float
    resamples: int | None
    seed: int | None

    def __str__(self) -> str:
        share = f"{100 * self.confidence:g} %"
        if self.method == "t":
            return f"{share} Student t intervals (scipy.stats.t)"
        return (
            f"{share} bias-corrected and accelerated (BCa) bootstrap intervals (scipy.stats.bootstrap, {self.resamples:,} "
            f"resamples, seed {self.seed})"
        )


@dataclass(frozen=True)
class Paired:
    """The mean difference value - reference of n pairs, its interval, and the mean level of both.

    All in the unit of the values; None where there are too few pairs (none for the means, one for the interval).
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    level: float | None
    reference: float | None


def paired_difference(
    values: ArrayLike, reference: ArrayLike, *, method: str = "t", confidence: float = CONFIDENCE
) -> Paired:
    """The mean of values - reference over pairs of runs, with an interval for it.

    ``values`` and ``reference`` have one element a pair, in the same order; pairs with a missing element (NaN) are left
    out. ``method`` is ``t`` (Student's interval for a mean) or ``bca`` (bias-corrected and accelerated bootstrap, Efron
    1987, doi:10.1080/01621459.1987.10478410, with a fixed seed); ``interval_used`` states either in full. Raises
    InputError if the lengths differ, the method is unknown or the confidence is not between 0 and 1.
    """
    values, reference = complete_pairs(values, reference)
    interval_used(method, confidence)
    differences = values - reference
    low, high = _interval(differences, method, confidence)
    return Paired(_mean(differences), low, high, len(differences), _mean(values), _mean(reference))


def interval_used(method: str = "t", confidence: float = CONFIDENCE) -> Interval:
    """What ``paired_difference`` does for an interval, with the number of resamples and the seed of a bootstrap.

    Raises InputError if the method is unknown or the confidence is not between 0 and 1.
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    if not 0 < confidence < 1:
        raise InputError(f"confidence = {confidence} is not between 0 and 1")
    return Interval(method, confidence, *((RESAMPLES, BOOTSTRAP_SEED) if method == "bca" else (None, None)))


def complete_pairs(values: ArrayLike, reference: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both arms without the pairs in which one has no value (NaN).

    Raises InputError if they are not two series of equal length.
    """
    values, reference = np.asarray(values, dtype=float), np.asarray(reference, dtype=float)
    if values.shape != reference.shape or values.ndim != 1:
        raise InputError(f"values have the shape {values.shape} and reference {reference.shape}, pairs need equal lengths")
    complete = ~(np.isnan(values) | np.isnan(reference))
    return values[complete], reference[complete]


def variance_cut(values: ArrayLike, reference: ArrayLike) -> float | None:
    """How many times the variance of a mean difference is smaller for common luck than for seeds of its own each.

    (Var X + Var Y) / Var(X - Y) over pairs; a number above 1 is gained, one below 1 lost. As many times more seeds would
    give independent arms the same precision. None where there are fewer than two pairs or the difference has no spread.
    Source: Glasserman and Yao 1992, doi:10.1287/mnsc.38.6.884.
    """
    values, reference = complete_pairs(values, reference)
    if len(values) < 2 or np.ptp(values - reference) == 0:
        return None
    apart = np.var(values, ddof=1) + np.var(reference, ddof=1)
    return float(apart / np.var(values - reference, ddof=1))


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _interval(values: NDArray[np.float64], method: str, confidence: float) -> tuple[float | None, float | None]:
    from scipy import stats

    if len(values) < 2:
        return None, None
    if np.ptp(values) == 0:    # every pair agrees: no spread to estimate from
        return float(values[0]), float(values[0])
    if method == "t":
        interval = stats.t.interval(confidence, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
        return float(interval[0]), float(interval[1])
    low, high = bootstrap_interval(values, np.mean, confidence=confidence)
    return (low, high) if np.isfinite([low, high]).all() else (None, None)


def bootstrap_interval(
    values: NDArray[np.float64], statistic: Callable[..., object], *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The BCa interval of a statistic of independent values; ``statistic`` takes an array and ``axis``, as np.mean does.

    With the resamples and the seed of ``interval_used("bca")``. NaN where the values have too little spread for it.
    """
    from scipy import stats

    result = stats.bootstrap(
        (values,), statistic, n_resamples=RESAMPLES, confidence_level=confidence, method="BCa",
        rng=np.random.default_rng(BOOTSTRAP_SEED),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def mean_level(values: ArrayLike) -> float | None:
    """The mean of one arm by itself, over the runs that have the value; None where no run has."""
    values = np.asarray(values, dtype=float)
    return _mean(values[~np.isnan(values)])


def mean_interval(values: ArrayLike, *, confidence: float = CONFIDENCE) -> Paired:
    """Mean and Student's interval of one arm by itself: the paired difference against zero."""
    values = np.asarray(values, dtype=float)
    return paired_difference(values, np.zeros_like(values), confidence=confidence)


def restricted(months: ArrayLike, horizon: float) -> NDArray[np.float64]:
    """min(T, horizon) for each run, in months; its mean is the restricted mean survival time to the horizon.

    Source: Royston and Parmar 2013, doi:10.1186/1471-2288-13-152.
    """
    return np.minimum(np.asarray(months, dtype=float), horizon)


def median_month(months: ArrayLike, launched: ArrayLike) -> float | None:
    """The month by which half of the runs had launched; None (not reached) if fewer than half did."""
    times = np.sort(np.where(np.asarray(launched, dtype=bool), np.asarray(months, dtype=float), np.inf))
    if not len(times):
        return None
    middle = times[(len(times) + 1) // 2 - 1]
    return float(middle) if np.isfinite(middle) else None


def not_launched(months: ArrayLike, launched: ArrayLike, at: ArrayLike) -> NDArray[np.float64]:
    """The Kaplan-Meier share of runs not launched by each of the months ``at``; runs without launch are censored.

    Source: Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452.
    """
    from scipy import stats

    censored = ~np.asarray(launched, dtype=bool)
    sample = stats.CensoredData.right_censored(np.asarray(months, dtype=float), censored)
    return np.asarray(stats.ecdf(sample).sf.evaluate(np.asarray(at, dtype=float)))


def binding_shares(quality: ArrayLike, capacity: ArrayLike) -> dict[str, float]:
    """Shares of runs in which quality only, capacity only, both or neither ever bound; they add up to 1."""
    quality, capacity = np.asarray(quality, dtype=bool), np.asarray(capacity, dtype=bool)
    if not len(quality):
        return {}
    cases = {
        "quality only": quality & ~capacity,
        "capacity only": capacity & ~quality,
        "both": quality & capacity,
        "neither": ~quality & ~capacity,
    }
    return {name: float(np.mean(where)) for name, where in cases.items()}


def first_difference(mine: Sequence[str], theirs: Sequence[str]) -> int | None:
    """The position of the first digest in which two runs differ, or None if they are the same throughout."""
    for position, (one, other) in enumerate(zip(mine, theirs, strict=False)):
        if one != other:
            return position
    return None if len(mine) == len(theirs) else min(len(mine), len(theirs))
