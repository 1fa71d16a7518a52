"""Designs: the points lie where they should, and the same design is the same worlds."""

from __future__ import annotations

import numpy as np
import pytest

from abm import HISTORY_2025
from abm.bench.designs import METHODS, crossed, sampled
from abm.errors import InputError

OVER = {"demand.contract_months": None, "technology.algorithm_growth": (0.8, 1.2)}


def values(scenarios, path: str) -> list[float]:
    return [{one.path: one.value for one in scenario.parameters()}[path] for scenario in scenarios]


@pytest.mark.parametrize("method", METHODS)
def test_a_design_is_the_same_every_time_and_leaves_the_rest_alone(method):
    one, other = (sampled(HISTORY_2025, OVER, 8, method=method, seed=3) for _ in range(2))
    assert one == other and len({scenario.name for scenario in one}) == len(one) == 8
    for scenario in one:
        for mine, was in zip(scenario.parameters(), HISTORY_2025.parameters(), strict=True):
            assert mine.low <= mine.value <= mine.high
            assert mine == was or mine.path in OVER
    assert all(0.8 <= value <= 1.2 for value in values(one, "technology.algorithm_growth"))


def test_a_latin_hypercube_has_one_point_in_each_layer():
    found = np.array(values(sampled(HISTORY_2025, OVER, 16, seed=1), "technology.algorithm_growth"))
    assert sorted(((found - 0.8) / 0.4 * 16).astype(int)) == list(range(16))


def test_another_seed_is_another_sample():
    one, other = (sampled(HISTORY_2025, OVER, 8, seed=seed) for seed in (1, 2))
    assert one != other


def test_a_factorial_design_is_balanced_and_orthogonal():
    whole = [one.path for one in HISTORY_2025.parameters() if not isinstance(one.value, int)][:7]
    scenarios = sampled(HISTORY_2025, dict.fromkeys(whole), 8, method="factorial")
    ends = {one.path: (one.low, one.high) for one in HISTORY_2025.parameters()}
    signs = np.array([[1 if value == ends[path][1] else -1 for value in values(scenarios, path)] for path in whole])
    assert (signs @ signs.T == 8 * np.eye(7)).all()


def test_levels_are_crossed_with_the_last_changing_fastest():
    scenarios = crossed(HISTORY_2025, {"demand.contract_months": (1, 12), "technology.algorithm_growth": (0.9, 1.0)})
    assert [scenario.name for scenario in scenarios] == [
        f"history_2025_contract_months_{months}_algorithm_growth_{growth}"
        for months in ("1", "12") for growth in ("0.9", "1")]


@pytest.mark.parametrize(
    ("over", "points", "method", "says"),
    [
        ({}, 4, "sobol", "over is empty"),
        (OVER, 0, "sobol", "points = 0"),
        (OVER, 6, "sobol", "points = 6 is not a power of two"),
        (OVER, 4, "sobel", 'unknown method of a design "sobel".*sobol'),
        ({"demand.contract_month": None}, 4, "sobol", "contract_months"),
        ({"demand.contract_months": (3, 2)}, 4, "sobol", "must rise within its range"),
        ({"demand.contract_months": (-1, 2)}, 4, "sobol", "bounds of demand.contract_months = -1 to 2"),
    ],
)
def test_what_does_not_fit_is_said(over, points, method, says):
    with pytest.raises(InputError, match=says):
        sampled(HISTORY_2025, over, points, method=method)
