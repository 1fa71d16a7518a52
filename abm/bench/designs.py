"""Designs: samples of worlds over the declared ranges of chosen numbers, each sample point a scenario.

``scenarios=sampled(HISTORY_2025, {"demand.contract_months": None}, points=64)`` in an experiment. Scrambled samples have
a seed of their own, so that the same design gives the same worlds; none of them touches the luck of a run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError, unknown
from abm.scenario.declare import Declared
from abm.scenario.reference import Scenario

Over = Mapping[str, tuple[float, float] | None]
"""Paths of the numbers that vary, each with its bounds; None stands for the whole declared range."""

Points = NDArray[np.float64]

MORRIS_LEVELS = 4
"""Levels of each number in a Morris design; a step is two thirds of the range, as Morris recommends."""

LEAST_ROWS = 2
"""Of a Saltelli design: one row has no variance."""


def sampled(scenario: Scenario, over: Over, points: int, *, method: str = "latin_hypercube", seed: int = 0) -> tuple:
    """Scenarios of a sample: ``latin_hypercube``, ``sobol`` (a power of two of points), ``factorial``, or one of the two
    that ``python -m analysis.sensitivity`` reads, ``morris`` and ``saltelli``.

    ``points`` counts scenarios. A factorial design has two levels, each number at its low or high end, main effects clear
    of each other, and the next power of two of corners. A Morris design is of trajectories, one point more than there are
    numbers each, on which one number moves at a time (needs SALib). Saltelli's crosses two halves of a Sobol' sample: a
    power of two of rows, two points more than there are numbers each.

    Names are the scenario's with the method and a running number. Raises InputError for an unknown path or method, bounds
    outside the declared range, a count that does not fit, or a library that is not there.
    """
    if method not in METHODS:
        raise unknown("method of a design", method, METHODS)
    if isinstance(points, bool) or not isinstance(points, int) or points < 1:
        raise InputError(f"points = {points!r} is below its lower bound 1")
    bounds = _bounds(scenario, over)
    if method == "morris":
        _check_steps(bounds)
    unit = METHODS[method](len(bounds), points, seed)
    width = len(str(len(unit) - 1))
    return tuple(
        replace(scenario.vary(_values(row, bounds)), name=f"{scenario.name}_{method}_{place:0{width}d}")
        for place, row in enumerate(unit))


def crossed(scenario: Scenario, levels: Mapping[str, tuple[float, ...]]) -> tuple[Scenario, ...]:
    """Scenarios for every combination of stated levels, the last number changing fastest.

    Names carry the values. Raises InputError for an unknown path or a level outside its range.
    """
    paths = tuple(levels)
    return tuple(
        replace(
            scenario.vary(dict(zip(paths, values, strict=True))),
            name="_".join([scenario.name, *(f"{path.partition('.')[2]}_{value:g}".replace("+", "")
                                            for path, value in zip(paths, values, strict=True))]))
        for values in itertools.product(*levels.values()))


def _bounds(scenario: Scenario, over: Over) -> list[tuple[Declared, float, float]]:
    if not over:
        raise InputError("over is empty, at least 1 number has to vary")
    declared = {one.path: one for one in scenario.parameters()}
    found = []
    for path, asked in over.items():
        if path not in declared:
            raise unknown("scenario value", path, declared)
        one = declared[path]
        low, high = asked if asked is not None else (one.low, one.high)
        if not one.low <= low < high <= one.high:
            raise InputError(f"bounds of {path} = {low} to {high} must rise within its range {one.low} to {one.high}")
        if isinstance(one.value, int) and round(low) == round(high):
            raise InputError(f"bounds of {path} = {low} to {high} hold one whole number alone, at least 2 are needed")
        found.append((one, float(low), float(high)))
    return found


def _check_steps(bounds: list[tuple[Declared, float, float]]) -> None:
    """Raises InputError for a whole number that some step of a Morris design would leave where it is."""
    step = MORRIS_LEVELS // 2
    for one, low, high in bounds:
        levels = [_values(np.array([level / (MORRIS_LEVELS - 1)]), [(one, low, high)])[one.path]
                  for level in range(MORRIS_LEVELS)]
        if any(before == after for before, after in zip(levels, levels[step:], strict=False)):
            told = ", ".join(map(str, levels))
            raise InputError(
                f"bounds of {one.path} = {low:g} to {high:g} round to the levels {told}, on which a step of a Morris design "
                "does not move")


def _values(row: Points, bounds: list[tuple[Declared, float, float]]) -> dict[str, float | int]:
    values: dict[str, float | int] = {}
    for share, (one, low, high) in zip(row, bounds, strict=True):
        value = min(max(low + float(share) * (high - low), low), high)
        values[one.path] = round(value) if isinstance(one.value, int) else value
    return values


def _latin_hypercube(numbers: int, points: int, seed: int) -> Points:
    from scipy.stats import qmc

    return qmc.LatinHypercube(numbers, rng=np.random.default_rng(seed)).random(points)


def _sobol(numbers: int, points: int, seed: int) -> Points:
    from scipy.stats import qmc

    if points & (points - 1):
        raise InputError(f"points = {points} is not a power of two, which Sobol' samples need for their balance")
    return qmc.Sobol(numbers, rng=np.random.default_rng(seed)).random(points)


def _factorial(numbers: int, points: int, seed: int) -> Points:
    """Columns of a Hadamard matrix of Sylvester's kind after the first: balanced, and orthogonal in pairs."""
    from scipy.linalg import hadamard

    size = 1 << (max(numbers + 1, points) - 1).bit_length()
    return (hadamard(size)[:, 1 : numbers + 1] + 1) / 2.0


def _morris(numbers: int, points: int, seed: int) -> Points:
    """Trajectories on a grid of four levels, from random starts, on which each number moves once by two thirds.

    Source: Morris 1991, doi:10.1080/00401706.1991.10484804. The points are put on their levels exactly, so that the last
    bit does not hang on how a library multiplies. Each number comes to both ends of its range: where chance kept it to
    one half, the last trajectory is mirrored in it, which is as likely.
    """
    _check_multiple(points, numbers + 1, "a trajectory")
    if points < 2 * (numbers + 1):
        raise InputError(f"points = {points} make one trajectory, at least 2 ({2 * (numbers + 1)} points) are needed")
    try:
        from SALib.sample import morris
    except ImportError:
        raise InputError(
            'the design "morris" needs the library SALib, which is not installed: pip install SALib, or this project with '
            "its extra [sensitivity]"
        ) from None
    problem = {"num_vars": numbers, "names": [str(place) for place in range(numbers)], "bounds": [[0.0, 1.0]] * numbers}
    drawn = morris.sample(
        problem, points // (numbers + 1), num_levels=MORRIS_LEVELS, seed=np.random.default_rng(seed))
    levels = np.round(drawn * (MORRIS_LEVELS - 1))
    one_half = (levels.max(axis=0) < MORRIS_LEVELS - 1) | (levels.min(axis=0) > 0)
    last = levels[-(numbers + 1) :]
    last[:, one_half] = MORRIS_LEVELS - 1 - last[:, one_half]
    return levels / (MORRIS_LEVELS - 1)


def _saltelli(numbers: int, points: int, seed: int) -> Points:
    """For each row of a Sobol' sample of twice the numbers: its first half, its second, and the first with one number of
    the second, number by number.

    Source: Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018.
    """
    _check_multiple(points, numbers + 2, "a row of Saltelli's design")
    rows = points // (numbers + 2)
    if rows < LEAST_ROWS:
        least = LEAST_ROWS * (numbers + 2)
        raise InputError(f"points = {points} make one row, at least {LEAST_ROWS} ({least} points) are needed for a variance")
    if rows & (rows - 1):
        raise InputError(f"points = {points} make {rows} rows of {numbers + 2}, which is not a power of two")
    both = _sobol(2 * numbers, rows, seed)
    first, second = both[:, :numbers], both[:, numbers:]
    blocks = [first, second]
    for place in range(numbers):
        blocks.append(first.copy())
        blocks[-1][:, place] = second[:, place]
    return np.stack(blocks, axis=1).reshape(-1, numbers)


def _check_multiple(points: int, size: int, what: str) -> None:
    if points % size:
        fitting = ", ".join(str(one) for one in (points // size * size, (points // size + 1) * size) if one)
        raise InputError(f"points = {points} is not a multiple of {size}, the size of {what} (nearest: {fitting})")


METHODS: Mapping[str, Callable[[int, int, int], Points]] = {
    "latin_hypercube": _latin_hypercube, "sobol": _sobol, "factorial": _factorial, "morris": _morris,
    "saltelli": _saltelli,
}
