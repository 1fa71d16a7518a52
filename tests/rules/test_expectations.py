"""What actors expect of rules, of demand, of what comes and goes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.expectations import chance_within, demand_growth_factor, moving_average, perceived_hazard

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
