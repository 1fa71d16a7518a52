"""The market for chips: stock meets the order book, by four policies."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from abm.markets.chips import allocate, clearing_price
from abm.offers import Order
from abm.scenario.conduct import ALLOCATIONS, AUCTION, PRIORITY, PROPORTIONAL, UNIFORM, Conduct

quantities = st.lists(st.integers(0, 10**6), max_size=12)
policies = st.sampled_from(ALLOCATIONS)
STANDING = {f"buyer-{place:02d}": float(place % 4) for place in range(12)}


def orders_of(units: list[int]) -> list[Order]:
    """One order for each quantity, by buyers of different names, days and bids."""
    return [
        Order(f"buyer-{place:02d}", "vendor", "chip", number, 1e4, place % 3, bid=1e4 + 100.0 * (place % 5))
        for place, number in enumerate(units)
    ]


@given(policies, st.integers(0, 10**7), quantities)
def test_never_above_the_order_or_the_stock_and_nothing_held_back(policy, stock, units):
    given_out = allocate(stock, orders_of(units), policy, STANDING)
    assert all(0 <= part <= asked for part, asked in zip(given_out, units, strict=True))
    assert sum(given_out) == min(stock, sum(units))


@given(st.integers(0, 10**7), quantities)
def test_a_shortage_is_shared_in_proportion(stock, units):
    whole = sum(units)
    if whole > stock:
        for part, asked in zip(allocate(stock, orders_of(units)), units, strict=True):
            assert abs(part - Fraction(stock * asked, whole)) < 1


@given(policies, st.integers(0, 10**6), quantities, st.randoms(use_true_random=False))
def test_the_order_of_orders_does_not_matter(policy, stock, units, mixer):
    orders = orders_of(units)
    straight = dict(zip((one.key for one in orders), allocate(stock, orders, policy, STANDING), strict=True))
    mixer.shuffle(orders)
    assert dict(zip((one.key for one in orders), allocate(stock, orders, policy, STANDING), strict=True)) == straight


@given(st.integers(0, 10**6), quantities.filter(bool), st.integers(0, 11), st.integers(1, 10**6))
def test_inflating_an_order_never_helps_under_uniform_shares(stock, units, which, more):
    """To the unit: who is rationed gets no more by asking for more, and who is not gets what it wants already."""
    which %= len(units)
    louder = [number + (more if place == which else 0) for place, number in enumerate(units)]
    honest, inflated = (allocate(stock, orders_of(one), UNIFORM)[which] for one in (units, louder))
    assert min(inflated, units[which]) == honest


@given(st.lists(st.integers(10, 10**5), min_size=2, max_size=12))
def test_inflating_an_order_helps_under_proportional_shares(units):
    stock = sum(units) // 2
    louder = [2 * units[0], *units[1:]]
    honest, inflated = (allocate(stock, orders_of(one), PROPORTIONAL)[0] for one in (units, louder))
    assert inflated > honest


@given(st.integers(0, 10**6), quantities)
def test_small_orders_fare_no_worse_under_uniform_shares(stock, units):
    orders = orders_of(units)
    uniform, proportional = (allocate(stock, orders, one) for one in (UNIFORM, PROPORTIONAL))
    fair = stock // max(len(units), 1)
    assert all(uniform[i] >= proportional[i] for i, number in enumerate(units) if number <= fair)


@given(st.integers(0, 10**6), quantities)
def test_priority_serves_the_larger_customer_first(stock, units):
    orders = orders_of(units)
    given_out = allocate(stock, orders, PRIORITY, STANDING)
    for i, one in enumerate(orders):
        for j, other in enumerate(orders):
            if STANDING[one.buyer] > STANDING[other.buyer] and given_out[j]:
                assert given_out[i] == one.quantity


@given(st.integers(0, 10**6), quantities, st.floats(5e3, 1.5e4), st.floats(0.0, 1e4))
def test_an_auction_clears_at_one_price_within_the_list_range(stock, units, low, width):
    """Nobody who pays bid less than the price, as far as it lies within the range; nobody left out bid more."""
    orders = orders_of(units)
    given_out = allocate(stock, orders, AUCTION)
    price = clearing_price(orders, given_out, low=low, high=low + width)
    if price is None:
        assert sum(units) <= stock
        return
    assert low <= price <= low + width
    for order, part in zip(orders, given_out, strict=True):
        if part and price > low:
            assert order.bid >= price
        if part < order.quantity and price < low + width:
            assert order.bid <= price


def test_known_policies():
    orders = orders_of([10, 2, 7])
    assert allocate(9, orders, UNIFORM) == [4, 2, 3]
    assert allocate(9, orders, PRIORITY, {"buyer-02": 5.0, "buyer-01": 1.0}) == [0, 2, 7]
    assert allocate(9, orders, AUCTION) == [0, 2, 7]
    assert clearing_price(orders, [0, 2, 7], low=9e3, high=2e4) == 1e4
    assert clearing_price(orders, [10, 2, 7], low=9e3, high=2e4) is None


def test_an_unknown_policy_is_refused():
    with pytest.raises(InputError, match="uniform"):
        Conduct(allocation="unifrom")


def test_known_allocations():
    assert allocate(10, orders_of([3, 4])) == [3, 4]
    assert allocate(5, orders_of([5, 5])) == [3, 2]
    assert allocate(0, orders_of([5, 5])) == [0, 0]
    assert allocate(7, []) == []
