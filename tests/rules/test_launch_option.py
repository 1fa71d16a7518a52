"""Launching as an option: known answers of the theory, its limits, and what a review says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from abm.rules.launch_option import option_multiple, option_root, review_as_option, waiting_multiple

drifts = st.floats(-2.0, 0.5)
spreads = st.floats(0.01, 3.0)
discounts = st.floats(0.6, 4.0)


def test_the_textbooks_example_waits_for_twice_the_cost():
    """Dixit and Pindyck (1994), chapter 5: discount and payout of 4 %, volatility of 20 %: beta = 2, twice the cost."""
    assert option_root(0.0, 0.2, 0.04) == pytest.approx(2.0)
    assert option_multiple(0.0, 0.2, 0.04) == pytest.approx(2.0)


@given(drifts, spreads, discounts)
def test_the_root_is_that_of_the_fundamental_quadratic(drift, volatility, discount):
    half = volatility * volatility / 2

    def quadratic(beta: float) -> float:
        return half * beta * (beta - 1) + drift * beta - discount

    above = 2.0
    while quadratic(above) <= 0:
        above *= 2
    assert option_root(drift, volatility, discount) == pytest.approx(brentq(quadratic, 1.0, above, xtol=1e-12), rel=1e-8)


@given(st.floats(-2.0, 0.0), discounts)
def test_without_volatility_or_growth_the_rule_is_net_present_value(drift, discount):
    assert option_multiple(drift, 0.0, discount) == 1.0
    assert option_multiple(drift, 1e-4, discount) == pytest.approx(1.0, abs=0.01)


def test_without_volatility_growth_alone_makes_waiting_pay():
    assert option_multiple(0.03, 0.0, 0.04) == pytest.approx(0.04 / (0.04 - 0.03))


@given(drifts, spreads, discounts)
def test_more_volatility_and_more_growth_wait_longer_and_impatience_less(drift, volatility, discount):
    multiple = option_multiple(drift, volatility, discount)
    assert 1.0 <= multiple < math.inf
    assert option_multiple(drift, volatility + 0.1, discount) >= multiple
    assert option_multiple(drift + 0.05, volatility, discount) >= multiple
    assert option_multiple(drift, volatility, discount + 0.1) <= multiple


def test_what_grows_faster_than_it_is_discounted_is_never_launched():
    assert option_multiple(0.5, 0.2, 0.5) == math.inf
    review = review_as_option(200.0, (1.0, 1.0), minimum=100.0, multiple=math.inf, weight=0.25)
    assert review.quality_failed and not review.launch


def waiting(growth: float = 10.0, erosion: float = 22.0, volatility: float = 6.0) -> float:
    """The multiple of a candidate with usual numbers."""
    return waiting_multiple(growth, erosion, weight=0.25, volatility=volatility, discount=0.15)


def test_rivals_erode_the_value_of_waiting():
    assert waiting(erosion=40.0) < waiting() < waiting(growth=15.0)
    assert waiting(volatility=2.0) < waiting() < waiting(volatility=8.0)


def review(candidate: float, secured: float, multiple: float = 2.0):
    """A review against a bare next model of 100 points and an uptake of one token a day."""
    return review_as_option(candidate, (secured, 1.0), minimum=100.0, multiple=multiple, weight=0.25)


PREMIUM = math.log(2.0) / 0.25


@pytest.mark.parametrize(
    "candidate, secured, binding",
    [
        (100.0 + PREMIUM + 0.01, 1.0, "none"), (100.0 + PREMIUM - 0.01, 1.0, "quality"),
        (100.0 + PREMIUM + 0.01, 0.9, "capacity"), (100.0, 0.5, "both"), (100.0 + 2 * PREMIUM, 0.51, "none"),
        (100.0 + 2 * PREMIUM, 0.49, "capacity"),
    ],
)
def test_what_binds(candidate, secured, binding):
    outcome = review(candidate, secured)
    assert outcome.binding == binding and outcome.launch == (binding == "none")
    assert (outcome.shortfall_points > 0) == outcome.quality_failed


def test_the_rule_of_net_present_value_launches_what_is_a_next_model():
    assert review(100.001, 1.0, multiple=1.0).launch
    assert not review(99.999, 1.0, multiple=1.0).launch
    assert review(99.0, 1.0, multiple=1.0).shortfall_points == pytest.approx(1.0)


def test_nobody_expected_means_enough_is_secured():
    assert review_as_option(120.0, (0.0, 0.0), minimum=100.0, multiple=2.0, weight=0.25).launch
