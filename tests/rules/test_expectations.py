"""What actors expect of rules, of demand, of what comes and goes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.expectations import (
    Acts,
    Forecast,
    Path,
    Prior,
    chance_within,
    demand_growth_factor,
    discounted_mean,
    expected_path,
    lasting_surprise,
    moving_average,
    perceived_hazard,
    quarterly_damping,
)

rates = st.floats(0.0, 8.0)
spans = st.floats(0.0, 5.0)


def test_the_hazard_before_anything_happened_is_the_prior():
    assert perceived_hazard(0, 0.0, 1.5, 3.0) == 0.5


@given(st.integers(0, 50), st.floats(0.0, 20.0), st.floats(0.1, 10.0), st.floats(0.1, 20.0))
def test_the_hazard_rises_with_tightenings_and_falls_with_quiet_years(events, years, shape, prior):
    hazard = perceived_hazard(events, years, shape, prior)
    assert perceived_hazard(events + 1, years, shape, prior) > hazard > perceived_hazard(events, years + 1, shape, prior)
    assert min(shape / prior, events / years if years else math.inf) <= hazard + 1e-9


def test_much_experience_outweighs_the_prior():
    assert perceived_hazard(2000, 1000.0, 1.0, 2.0) == pytest.approx(2.0, rel=0.01)


@given(rates, spans)
def test_the_chance_of_an_event_is_a_probability_that_grows_with_time(hazard, horizon):
    chance = chance_within(hazard, horizon)
    assert 0.0 <= chance <= 1.0
    assert chance_within(hazard, horizon + 1) >= chance
    assert chance <= hazard * horizon + 1e-12


@given(spans, spans, rates, st.floats(0.3, 3.0))
def test_growth_over_two_spans_is_the_product(start, horizon, growth, decay):
    whole = demand_growth_factor(start, horizon, growth, decay)
    half = demand_growth_factor(start, horizon / 2, growth, decay)
    rest = demand_growth_factor(start + horizon / 2, horizon / 2, growth, decay)
    assert whole == pytest.approx(half * rest)
    assert whole >= 1.0


@given(spans, st.floats(0.1, 8.0), st.floats(0.3, 3.0))
def test_growth_slows_down(start, growth, decay):
    assert demand_growth_factor(start, 1.0, growth, decay) > demand_growth_factor(start + 1, 1.0, growth, decay)
    assert demand_growth_factor(start, 100.0, growth, decay) <= math.exp(growth * decay) * (1 + 1e-9)


def test_growth_starts_at_the_declared_rate():
    assert math.log(demand_growth_factor(0.0, 1e-3, 5.0, 0.8)) == pytest.approx(5.0e-3, rel=0.001)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1.0, 100.0))
def test_an_average_moves_towards_what_comes(average, value, periods):
    moved = moving_average(average, value, periods)
    low, high = sorted((average, value))
    assert low - 1e-6 <= moved <= high + 1e-6
    assert moving_average(average, value, 1.0) == pytest.approx(value, abs=1e-6)


def test_an_average_of_the_same_stays():
    assert moving_average(7.0, 7.0, 13) == 7.0


# how open a gate will be ----------------------------------------------------------------------------------

PRIOR = Prior(shape=1.0, years=2.0, size=0.5, size_weight=1.0)
parts = st.floats(0.0, 1.0)


def mean_level(path: Path) -> float:
    """Discounted mean of a level beside a gate that stays open."""
    return discounted_mean(path, Path(1.0, 0.0, 0.0), discount=0.1, horizon=5.0)


def test_acts_are_counted_by_what_they_take_of_what_is_there_or_give_of_what_is_missing():
    acts = Acts().then(1.0, 0.25, 2.0).then(0.25, 0.25, 2.0).then(0.25, 2.0, 2.0)
    assert acts == Acts(tightenings=1, taken=0.75, easings=1, given=1.0)


def test_sizes_are_learned_from_the_prior_on():
    assert PRIOR.rate_of_loss(0, 0.0, 0.0) == pytest.approx(0.25)
    assert PRIOR.rate_of_loss(1, 1.0, 0.0) == pytest.approx(1.0 * 0.75)
    assert replace(PRIOR, learning=0.0).rate_of_loss(9, 9.0, 3.0) == PRIOR.rate_of_loss(0, 0.0, 0.0)


@given(st.integers(0, 20), spans, st.floats(0.1, 3.0))
def test_what_is_feared_fades_in_quiet_times(count, years, more):
    assert PRIOR.rate_of_loss(count, 0.8 * count, years + more) < PRIOR.rate_of_loss(count, 0.8 * count, years)


@given(parts, st.floats(1.0, 3.0), st.floats(0.0, 3.0), st.floats(0.01, 3.0))
def test_an_expected_level_lies_between_today_and_where_acts_lead_in_the_end(level, ceiling, down, up):
    path = expected_path(level, ceiling, down=down, up=up)
    low, high = sorted((level, path.long_run))
    assert low - 1e-9 <= mean_level(path) <= high + 1e-9 and path.long_run <= ceiling + 1e-9


def test_a_rule_that_is_certain_to_come_takes_nothing():
    before, after = (mean_level(expected_path(level, 1.0, down=1e7, up=0.0)) for level in (1.0, 0.0))
    assert before - after == pytest.approx(0.0, abs=1e-5)


def test_a_rule_that_nobody_expects_takes_all():
    before, after = (mean_level(expected_path(level, 1.0, down=0.0, up=0.0)) for level in (1.0, 0.0))
    assert before - after == 1.0


def test_the_expected_level_is_the_mean_of_poisson_acts():
    luck = np.random.default_rng(5)
    ends = []
    for _ in range(4000):
        level, time = 0.7, 0.0
        while (time := time + luck.exponential(1 / 2.0)) < 1.5:
            level = 0.6 * level if luck.random() < 0.6 else level + 0.3 * (1.2 - level)
        ends.append(level)
    path = expected_path(0.7, 1.2, down=1.2 * 0.4, up=0.8 * 0.3)
    assert np.mean(ends) == pytest.approx(path.long_run + path.gap * math.exp(-path.speed * 1.5), abs=0.02)


def test_two_gates_are_the_product_of_their_paths():
    one, other = expected_path(0.9, 1.5, down=0.6, up=0.2), expected_path(0.8, 1.0, down=0.3, up=0.1)
    times = np.linspace(0, 5, 20001)
    paths = [path.long_run + path.gap * np.exp(-path.speed * times) for path in (one, other)]
    weights = np.exp(-0.1 * times)
    by_hand = np.trapezoid(weights * paths[0] * paths[1], times) / np.trapezoid(weights, times)
    assert discounted_mean(one, other, discount=0.1, horizon=5.0) == pytest.approx(by_hand, rel=1e-6)


# what a flow will be --------------------------------------------------------------------------------------

DAMPING = quarterly_damping(0.8)


@given(st.floats(-3, 3), st.floats(-1, 1), st.integers(1, 12))
def test_the_passing_of_time_is_no_news(level, trend, quarters):
    forecast = Forecast(level, trend)
    for _ in range(quarters):
        forecast = forecast.revised(0.0, damping=DAMPING, trend_gain=0.1)
    assert forecast.long_run(DAMPING) == pytest.approx(Forecast(level, trend).long_run(DAMPING), abs=1e-9)


def test_a_forecast_follows_a_level_that_has_changed():
    forecast = Forecast(0.0, 0.0)
    for _ in range(60):
        surprise = lasting_surprise(2.0, math.exp(forecast.next_quarter(DAMPING)), 1.0, 0.3)
        forecast = forecast.revised(surprise, damping=DAMPING, trend_gain=0.1)
    assert forecast.long_run(DAMPING) == pytest.approx(math.log(2.0), abs=0.01)


@given(st.floats(0.0, 100.0), st.floats(0.01, 100.0), st.floats(0.0, 4.0), st.floats(0.0, 0.95))
def test_what_lasts_of_a_surprise_has_its_sign_and_is_nothing_behind_a_shut_gate(realised, potential, level, persistence):
    surprise = lasting_surprise(realised, potential, level, persistence)
    assert math.isfinite(surprise)
    assert surprise * (realised / potential - level) >= 0.0
    assert lasting_surprise(realised, potential, 0.0, persistence) == 0.0
