"""The price of tokens: up where more is wanted than can be served, down where chips lie idle, never below cost."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from abm.markets.tokens import cost_of_tokens, next_log_price, supply_price

DEEP = -50.0
amounts = st.floats(1e9, 1e15)


@given(amounts, amounts, st.floats(0.05, 1.0))
def test_it_follows_excess_demand_both_ways(wanted, capacity, speed):
    price = next_log_price(0.3, wanted, capacity, floor=DEEP, speed=speed)
    assert (price > 0.3) == (wanted > capacity) or price == pytest.approx(0.3)


@given(amounts, amounts, st.floats(0.3, 1.5))
def test_it_settles_where_the_market_clears(wanted, capacity, elasticity):
    """Against a root finder: with a constant elasticity the price ends where what is wanted can be served."""
    price = 0.0
    for _ in range(200):
        price = next_log_price(price, wanted * math.exp(-elasticity * price), capacity, floor=DEEP, speed=0.5)
    clearing = brentq(lambda level: math.log(wanted / capacity) - elasticity * level, -60, 60)
    assert price == pytest.approx(clearing, abs=1e-6)


@given(amounts, st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(0.0, 1.0))
def test_it_does_not_fall_below_cost_and_a_rising_cost_lifts_it(wanted, price, floor, speed):
    moved = next_log_price(price, wanted, 1e12, floor=floor, speed=speed)
    assert moved >= min(price, floor)
    if price < floor:
        assert moved >= price + min(speed, 1.0) * (floor - price) - 1e-12


def test_without_speed_or_a_market_it_stays():
    assert next_log_price(0.4, 5.0, 1.0, floor=DEEP, speed=0.0) == 0.4
    assert next_log_price(0.4, 0.0, 1.0, floor=DEEP, speed=1.0) == 0.4
    assert next_log_price(0.4, 1.0, 0.0, floor=DEEP, speed=1.0) == 0.4


def test_cost_is_what_a_chip_costs_over_what_it_serves():
    assert cost_of_tokens(18_262.5, 10_000_000, 1826.25) == pytest.approx(1.0)


@pytest.mark.parametrize("elasticity", [0.0, 1.0])
def test_what_serves_little_does_not_set_the_price_of_all(elasticity):
    """Two hundredths of the work at a third of the cost: the rest is served at the full cost, and so is the last token."""
    assert supply_price([(3.0, math.inf), (1.0, 2.0)], 100.0, 3.0, elasticity=elasticity) == 3.0
    assert supply_price([(3.0, math.inf), (1.0, 300.0)], 100.0, 3.0, elasticity=elasticity) == 1.0
    assert supply_price([(3.0, 5.0), (1.0, 2.0), (2.0, 0.0)], 100.0, 3.0, elasticity=elasticity) == 3.0
    assert supply_price([], 100.0, 3.0, elasticity=elasticity) is None
    assert supply_price([(3.0, 5.0), (1.0, 0.0)], 0.0, 3.0, elasticity=elasticity) == 1.0


def test_between_two_costs_the_cheaper_chips_serve_all_that_is_wanted():
    """At 3 USD 100 are wanted, at 1 USD 300: the 150 that the cheaper chips serve are wanted at 2 USD."""
    assert supply_price([(3.0, math.inf), (1.0, 150.0)], 100.0, 3.0, elasticity=1.0) == pytest.approx(2.0)


@given(
    st.lists(st.tuples(st.floats(0.01, 10.0), st.floats(0.0, 1e14)), min_size=1, max_size=6), st.floats(1.0, 1e14),
    st.floats(0.01, 10.0), st.floats(0.0, 3.0))
def test_the_supply_price_does_not_rest_on_where_the_price_stands(supplies, wanted, price, elasticity):
    """It lies within the costs, rises in what is wanted, and is the same seen from another point of the same demand."""
    def found(price, wanted):
        return supply_price(supplies, wanted, price, elasticity=elasticity)

    costs = [cost for cost, _ in supplies]
    assert min(costs) <= found(price, wanted) <= max(costs)
    assert found(price, wanted) <= found(price, 1.5 * wanted) * (1 + 1e-9)
    curve = [cost for cost, _ in sorted(supplies)]
    moved = found(2.0 * price, wanted * 2.0**-elasticity)
    assert moved == pytest.approx(found(price, wanted), rel=1e-6) or any(moved == cost for cost in curve)
