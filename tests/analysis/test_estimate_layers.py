"""The estimation of the layers: luck drawn once, moments of the right series, parameters that the scenario opens."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from abm.errors import InputError
from abm.scenario.capital import Capital
from analysis import estimate_layers
from analysis.estimate_layers import Targets, distance, free_parameters, with_values
from analysis.layer_moments import GAPS, Twin, _Polar, moments_of

BOTH = ("market", "stock")


@pytest.fixture(scope="module")
def twin() -> Twin:
    """Two short histories."""
    return Twin(histories=2, years=6, seed=1)


def test_moments_depend_on_parameters_alone(twin: Twin):
    here, there = Capital(), replace(Capital(), stock_herding=0.5, market_news=0.004)
    first = twin.moments(here, BOTH)
    assert twin.moments(there, BOTH) != first
    assert twin.moments(here, BOTH) == first == Twin(histories=2, years=6, seed=1).moments(here, BOTH)


def test_the_other_layer_is_left_alone(twin: Twin):
    before, after = (twin.moments(one, BOTH) for one in (Capital(), replace(Capital(), market_herding=0.2)))
    assert before["stock gap"] == after["stock gap"] and before["market gap"] != after["market gap"]


def test_moments_are_those_of_the_index_and_of_the_median_stock():
    luck = np.random.default_rng(1)
    returns = 0.01 * luck.standard_normal((3000, 9)) * np.linspace(1.0, 2.0, 9)
    found = moments_of(returns)
    assert found["stock log annual volatility"] == pytest.approx(np.log(0.015 * np.sqrt(252)), abs=0.05)
    assert found["market log annual volatility"] == pytest.approx(np.log(0.00515 * np.sqrt(252)), abs=0.05)
    assert found["stock pair correlation"] == pytest.approx(0.0, abs=0.02)
    assert found["stock variance ratio, 252 days"] == pytest.approx(1.0, abs=0.35)
    assert set(moments_of(returns, ["market"])) == {name for name in found if name.startswith("market ")}


def test_draws_are_student_t_of_unit_variance_and_move_smoothly_with_their_tails():
    polar = _Polar(np.random.default_rng(1), (200_000, 1))
    heavy, normal = polar.student_t(5.0), polar.student_t(1000.0)
    assert heavy.std() == pytest.approx(1.0, abs=0.02) and normal.std() == pytest.approx(1.0, abs=0.01)
    assert np.mean(np.abs(heavy) > 3.0) == pytest.approx(0.0117, abs=0.0015)
    assert np.mean(np.abs(normal) > 3.0) == pytest.approx(0.0027, abs=0.0005)
    assert np.abs(polar.student_t(5.001) - heavy).max() < 0.01


def test_what_is_estimated_is_what_the_scenario_opens():
    names = {one.path for one in free_parameters()}
    declared = Capital().declared("capital")
    assert names == {one.path for one in declared if one.fit and one.source == "layers-estimate"}
    assert names
    assert {one.path for one in free_parameters(["market"])} == {one for one in names if ".market_" in one}
    assert all(one.low <= low < high <= one.high for one, (low, high) in
               zip(free_parameters(), estimate_layers.bounds(free_parameters()), strict=True))  # fmt: skip


def test_values_beyond_the_bounds_are_cut_off():
    parameters = free_parameters()
    highest = with_values(Capital(), parameters, np.full(len(parameters), 1e9))
    assert all(value == one.high for one, value in
               zip(parameters, estimate_layers.values_of(highest, parameters), strict=True))  # fmt: skip


def test_the_distance_is_in_standard_errors_and_nil_at_the_targets(twin: Twin):
    moments = twin.moments(Capital(), BOTH)
    aims = Targets(moments, dict.fromkeys(moments, 0.5))
    assert distance(twin, aims, Capital(), BOTH) == 0.0
    moved = Targets(moments | {"market gap": moments["market gap"] + 1.5}, aims.errors)
    assert distance(twin, moved, Capital(), BOTH) == pytest.approx(9.0)
    assert distance(twin, moved, Capital(), ["stock"]) == 0.0
    assert set(GAPS) <= set(moments)


def test_the_search_comes_nearer_to_the_parameters_that_made_the_targets(twin: Twin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(estimate_layers, "GENERATIONS", {"market": 4})
    moments = twin.moments(Capital(), BOTH)
    aims = Targets(moments, {name: 0.1 for name in moments})
    start = replace(Capital(), market_technical_noise=1.5 * Capital().market_technical_noise, market_news=0.01)
    found = estimate_layers._evolved(twin, aims, start, "market")
    polished = estimate_layers._polished(twin, aims, found, ["market"], evaluations=30)
    distances = [distance(twin, aims, one, ["market"]) for one in (start, found, polished)]
    assert distances[1] < 0.5 * distances[0] and distances[2] <= distances[1], distances
    assert found.stock_herding == start.stock_herding


def test_without_real_returns_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "skfolio.datasets", None)
    with pytest.raises(InputError, match="skfolio"):
        estimate_layers.targets()
