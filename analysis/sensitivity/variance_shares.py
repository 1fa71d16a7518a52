"""Shares of an outcome's variance over worlds that are due to each number, from Saltelli's designs.

The estimator is scipy's (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018). Sobol' 2001,
doi:10.1016/S0378-4754(00)00270-6, defines them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from abm.bench.designs import LEAST_ROWS
from abm.compare import BOOTSTRAP_SEED, CONFIDENCE
from abm.errors import InputError

RESAMPLES = 999
"""Of the rows of a design, for the percentile intervals."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VarianceShare:
    """Shares of variance due to one number alone (``first``) and with all its interactions (``total``), with 95 % intervals.

    Estimates from few rows can be below 0 or above 1; ``n`` counts rows.
    """

    path: str
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float
    n: int


def variance_shares(paths: list[str], points: Floats, values: Floats) -> list[VarianceShare]:
    """First-order and total indices of every number, in the order of the paths.

    ``points`` has a row a point and a column a number, as the method ``saltelli`` of ``abm.bench.designs`` makes them;
    ``values`` has one number a point, each the mean over the same seeds. Raises InputError if the points are no such
    design, they make a single row, or all values are equal.
    """
    places = _places(points)
    if len(points) < LEAST_ROWS * (len(paths) + 2):
        raise InputError(f"a design of {len(points)} points has one row, at least {LEAST_ROWS} are needed for a variance")
    blocks = values.reshape(-1, len(paths) + 2).T
    if np.ptp(blocks[:2]) == 0:
        raise InputError("the outcome is the same at every point: there is no variance to share")
    arranged = np.stack([blocks[0], blocks[1], *(blocks[2 + places.index(one)] for one in range(len(paths)))])
    first, total = _indices(arranged)
    told = stats.bootstrap(
        (np.arange(arranged.shape[1]),), lambda rows: np.concatenate(_indices(arranged[:, rows])), vectorized=False,
        n_resamples=RESAMPLES, confidence_level=CONFIDENCE, method="percentile",
        rng=np.random.default_rng(BOOTSTRAP_SEED))
    low, high = np.split(told.confidence_interval.low, 2), np.split(told.confidence_interval.high, 2)
    columns = zip(paths, first, low[0], high[0], total, low[1], high[1], strict=True)
    return [VarianceShare(path, *map(float, numbers), arranged.shape[1]) for path, *numbers in columns]


def _indices(blocks: Floats) -> tuple[Floats, Floats]:
    told = stats.sobol_indices(
        func={"f_A": blocks[:1], "f_B": blocks[1:2], "f_AB": blocks[2:, np.newaxis, :]}, n=blocks.shape[1])
    return np.atleast_1d(told.first_order), np.atleast_1d(told.total_order)


def _places(points: Floats) -> list[int]:
    """The number that each mixed point of a row takes from the second half, in the order of the points."""
    numbers = points.shape[1]
    wrong = InputError("the points are no Saltelli design: rows of one point more than numbers, and one")
    if len(points) % (numbers + 2):
        raise wrong
    first, second, *mixed = points.reshape(-1, numbers + 2, numbers).transpose(1, 0, 2)
    places = [int(np.argmax((block != first).any(axis=0))) for block in mixed]
    for place, block in zip(places, mixed, strict=True):
        expected = first.copy()
        expected[:, place] = second[:, place]
        if (block != expected).any():
            raise wrong
    if sorted(places) != list(range(numbers)):
        raise wrong
    return places
