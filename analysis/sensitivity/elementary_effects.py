"""Elementary effects of Morris designs: how far an outcome moves when one number goes over its whole range.

Source: Morris 1991, doi:10.1080/00401706.1991.10484804; the mean of absolute effects is that of Campolongo, Cariboni and
Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.compare import bootstrap_interval
from abm.errors import InputError

ROUNDING = 1e-9
"""Effects that differ by less than this share of the largest one agree: the rest is arithmetic."""

FEWEST = 5
"""Effects for an interval: a bootstrap of fewer says too little."""

Floats = NDArray[np.float64]
Statistic = Callable[..., object]


@dataclass(frozen=True)
class Estimate:
    """A statistic with its interval (95 %); None where there are too few effects or too little spread to tell one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Screened:
    """What the effects of one number come to, each the change of the outcome over the number's whole range, in its unit.

    ``mu`` is their mean, ``mu_star`` the mean of their sizes, ``sigma`` their standard deviation: nil where the number acts
    alone and in a straight line. ``luck`` is the standard error that the luck of few seeds leaves in one effect (None
    below two seeds): it is part of sigma, and a mu_star no larger says nothing. ``n`` counts trajectories.
    """

    path: str
    mu: Estimate
    mu_star: Estimate
    sigma: Estimate
    luck: float | None
    n: int


def elementary_effects(points: Floats, values: Floats) -> Floats:
    """The effect of each number on each trajectory in each seed: an array (numbers, trajectories, seeds).

    ``points`` has a row a point and a column a number, trajectories one after the other; ``values`` a row a point and a
    column a seed, NaN where a run is missing. An effect is the slope of a step times the range that the number has in the
    design, so that whole numbers count by how far they really went. Raises InputError if the points are no Morris design.
    """
    numbers = points.shape[1]
    size = numbers + 1
    if len(points) % size or len(points) < 2 * size:
        raise InputError(f"{len(points)} points over {numbers} numbers are no Morris design: it has {size} a trajectory")
    steps = np.diff(points.reshape(-1, size, numbers), axis=1)
    moved = steps != 0
    if not ((moved.sum(axis=1) == 1).all() and (moved.sum(axis=2) == 1).all()):
        raise InputError("the points are no Morris design: every number moves once, alone, on each trajectory")
    changes = np.diff(values.reshape(-1, size, values.shape[1]), axis=1)
    when = moved.argmax(axis=1)
    length = np.take_along_axis(steps, when[:, np.newaxis, :], axis=1)[:, 0, :]
    change = np.take_along_axis(changes, when[:, :, np.newaxis], axis=1)
    effects = change * (np.ptp(points, axis=0) / length)[:, :, np.newaxis]
    return effects.transpose(1, 0, 2)


def screened(path: str, effects: Floats) -> Screened:
    """The statistics of one number's effects (trajectories, seeds), averaged over seeds first.

    Raises InputError where fewer than two trajectories have an effect.
    """
    known = effects[~np.isnan(effects).all(axis=1)]
    if len(known) < 2:
        raise InputError(f"{len(known)} trajectories have an effect of {path}, at least 2 are needed")
    means = np.nanmean(known, axis=1)
    return Screened(
        path, _estimate(means, np.mean), _estimate(np.abs(means), np.mean), _estimate(means, _spread), _luck(known),
        len(means))


def _estimate(values: Floats, statistic: Statistic) -> Estimate:
    if np.ptp(values) <= ROUNDING * np.abs(values).max():
        middle = float(np.mean(values)) if statistic is np.mean else 0.0
        return Estimate(middle, middle, middle)
    low, high = bootstrap_interval(values, statistic) if len(values) >= FEWEST else (math.nan, math.nan)
    known = math.isfinite(low) and math.isfinite(high)
    return Estimate(float(statistic(values, axis=0)), *((low, high) if known else (None, None)))


def _spread(values: Floats, axis: int = 0) -> Floats:
    return np.std(values, axis=axis, ddof=1)


def _luck(effects: Floats) -> float | None:
    seeds = (~np.isnan(effects)).sum(axis=1)
    several = seeds > 1
    if not several.any():
        return None
    variances = np.nanvar(effects[several], axis=1, ddof=1) / seeds[several]
    return float(np.sqrt(np.mean(variances)))
