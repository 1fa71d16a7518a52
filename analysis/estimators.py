"""Further estimators for paired experiments: luck shared, seeds needed, several outcomes, whole distributions.

All take one element a run, the pairs of two arms in the same order; pairs with a missing element (NaN) are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from abm.compare import BOOTSTRAP_SEED, CONFIDENCE, RESAMPLES, complete_pairs
from abm.errors import InputError

ORDERS = (1, 2)
LARGEST_NUMBER = 10**9
"""Above this no number of seeds is looked for."""

GRID_POINTS = 512
BLOCK = 500
"""Resamples that are in memory at once."""


# seeds ------------------------------------------------------------------------------------------------------


def monte_carlo_error(values: ArrayLike) -> float | None:
    """Standard error of the mean over runs, in the unit of the values; None below two runs."""
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    return float(stats.sem(values)) if len(values) > 1 else None


def seeds_needed(differences: ArrayLike, width: float, *, confidence: float = CONFIDENCE) -> int:
    """The least number of pairs whose Student interval for the mean is expected to be no wider than ``width``.

    ``differences`` are those of a pilot, whose standard deviation s stands for the true one: 2 t(n - 1) s / sqrt(n) <=
    width (Student's quantile for n pairs, so few pairs are not flattered). Raises InputError for fewer than two
    differences, a width that is not positive, a confidence outside (0, 1), or where more than a billion are needed.
    """
    differences = np.asarray(differences, dtype=float)
    differences = differences[~np.isnan(differences)]
    if len(differences) < 2:
        raise InputError(f"differences has {len(differences)} elements, at least 2 are needed to know their spread")
    if not (width > 0 and math.isfinite(width)):
        raise InputError(f"width = {width} must be above 0 and finite")
    _check_confidence(confidence)
    spread = float(np.std(differences, ddof=1))

    def surplus(number: float) -> float:
        return 2 * stats.t.ppf((1 + confidence) / 2, number - 1) * spread / math.sqrt(number) - width

    if surplus(2) <= 0:
        return 2
    if surplus(LARGEST_NUMBER) > 0:
        raise InputError(f"width = {width} would need more than {LARGEST_NUMBER:,} seeds")
    number = max(math.floor(optimize.brentq(surplus, 2, LARGEST_NUMBER, xtol=1e-3)), 2)
    while surplus(number) > 0:
        number += 1
    return number


# several outcomes -------------------------------------------------------------------------------------------


def paired_p_value(values: ArrayLike, reference: ArrayLike) -> float | None:
    """Two-sided p of Student's test that the mean difference of pairs is nil; None where the pairs have no spread."""
    values, reference = complete_pairs(values, reference)
    if len(values) < 2 or np.ptp(values - reference) == 0:
        return None
    return float(stats.ttest_rel(values, reference).pvalue)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p values by name, adjusted for being several: the chance of one false finding among them stays below each.

    Step-down: the smallest of m is multiplied with m, the next with m - 1 and so on, none below the one before or above
    1. Source: Holm 1979, https://www.jstor.org/stable/4615733. Raises InputError for a p outside [0, 1].
    """
    for name, value in p_values.items():
        if not 0 <= value <= 1:
            raise InputError(f"p of {name} = {value} is not between 0 and 1")
    adjusted, least = {}, 0.0
    in_order = sorted(p_values, key=lambda name: p_values[name])
    for done, name in enumerate(in_order):
        least = max(least, min((len(in_order) - done) * p_values[name], 1.0))
        adjusted[name] = least
    return {name: adjusted[name] for name in p_values}


# whole distributions ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuantileDifference:
    """A quantile of one arm less that of another, with its interval, in the unit of the values."""

    at: float
    difference: float
    low: float
    high: float
    n: int


def quantile_differences(
    values: ArrayLike, reference: ArrayLike, at: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9), *,
    confidence: float = CONFIDENCE,
) -> list[QuantileDifference]:
    """Differences between quantiles of two arms (not quantiles of differences), pairs resampled together.

    The interval is the percentile bootstrap's, which is known to hold for quantiles where the accelerated one is not
    smooth; the seed is fixed. Raises InputError for fewer than two pairs, a quantile or confidence outside (0, 1).
    """
    values, reference = complete_pairs(values, reference)
    if len(values) < 2:
        raise InputError(f"there are {len(values)} complete pairs, at least 2 are needed")
    _check_confidence(confidence)
    for quantile in at:
        if not 0 < quantile < 1:
            raise InputError(f"at = {quantile} is not between 0 and 1")
    here = np.quantile(values, at) - np.quantile(reference, at)
    spread = np.concatenate([
        np.quantile(values[rows], at, axis=1) - np.quantile(reference[rows], at, axis=1)
        for rows in _resampled_rows(len(values))], axis=1)
    low, high = np.quantile(spread, ((1 - confidence) / 2, (1 + confidence) / 2), axis=1)
    told = zip(at, here, low, high, strict=True)
    return [QuantileDifference(*map(float, numbers), len(values)) for numbers in told]


@dataclass(frozen=True)
class Dominance:
    """A test that the values dominate the reference stochastically.

    ``statistic`` is sqrt(n) times the largest amount by which the integrated distribution of the values lies above that
    of the reference (nil where they dominate in the sample), ``p`` the chance of so large a one if they do dominate.
    """

    order: int
    statistic: float
    p: float
    n: int


def dominance(values: ArrayLike, reference: ArrayLike, *, order: int = 1) -> Dominance:
    """Test the hypothesis that values dominate the reference: first order (larger), or second (also less spread).

    The order-s integral of each distribution is compared at all observed values, or at 512 of them that lie evenly in
    their order. Pairs are resampled together and the
    process is recentred, which holds for dependent arms at the least favourable case of equality. Source: Linton,
    Maasoumi and Whang 2005, doi:10.1111/j.1467-937X.2005.00350.x (their bootstrap); Barrett and Donald 2003,
    doi:10.1111/1468-0262.00390. Raises InputError for fewer than two pairs or an unknown order.
    """
    if order not in ORDERS:
        raise InputError(f"order = {order!r} is not one of {ORDERS[0]} and {ORDERS[1]}")
    values, reference = complete_pairs(values, reference)
    number = len(values)
    if number < 2:
        raise InputError(f"there are {number} complete pairs, at least 2 are needed")
    grid = np.unique(np.concatenate([values, reference]))
    grid = grid[np.unique(np.linspace(0, len(grid) - 1, GRID_POINTS).round().astype(int))]
    each = _below(values, grid, order) - _below(reference, grid, order)
    process = each.mean(axis=0)
    statistic = math.sqrt(number) * max(float(process.max()), 0.0)
    beyond = 0
    for rows in _resampled_rows(number):
        times = np.apply_along_axis(np.bincount, 1, rows, minlength=number)
        beyond += int((math.sqrt(number) * (times @ each / number - process).max(axis=1) >= statistic).sum())
    return Dominance(order, statistic, (1 + beyond) / (1 + RESAMPLES) if statistic > 0 else 1.0, number)


def _below(values: NDArray[np.float64], grid: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """A run's part in the integrated distribution at each point: 1 at or below it, or by how much it is below."""
    short = grid[None, :] - values[:, None]
    return (short >= 0).astype(float) if order == 1 else np.maximum(short, 0.0)


def _resampled_rows(number: int) -> Iterator[NDArray[np.int64]]:
    """Rows drawn with replacement, a block of resamples at a time so that many runs need no more memory than few."""
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    for first in range(0, RESAMPLES, BLOCK):
        yield generator.integers(0, number, size=(min(BLOCK, RESAMPLES - first), number))


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise InputError(f"confidence = {confidence} is not between 0 and 1")
