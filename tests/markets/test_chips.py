"""The market for chips: stock meets the order book."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from abm.markets.chips import allocate
from abm.offers import Order

quantities = st.lists(st.integers(0, 10**6), max_size=12)


def orders_of(units: list[int]) -> list[Order]:
    """One order for each quantity, by buyers of different names."""
    return [Order(f"buyer-{place:02d}", "vendor", "chip", number, 1e4, 0) for place, number in enumerate(units)]


@given(st.integers(0, 10**7), quantities)
def test_never_above_the_order_or_the_stock_and_nothing_held_back(stock, units):
    given_out = allocate(stock, orders_of(units))
    assert all(0 <= part <= asked for part, asked in zip(given_out, units, strict=True))
    assert sum(given_out) == min(stock, sum(units))


@given(st.integers(0, 10**7), quantities)
def test_a_shortage_is_shared_in_proportion(stock, units):
    whole = sum(units)
    if whole > stock:
        for part, asked in zip(allocate(stock, orders_of(units)), units, strict=True):
            assert abs(part - Fraction(stock * asked, whole)) < 1


@given(st.integers(0, 10**6), quantities, st.randoms(use_true_random=False))
def test_the_order_of_orders_does_not_matter(stock, units, mixer):
    orders = orders_of(units)
    straight = dict(zip((one.key for one in orders), allocate(stock, orders), strict=True))
    mixer.shuffle(orders)
    assert dict(zip((one.key for one in orders), allocate(stock, orders), strict=True)) == straight


def test_known_allocations():
    assert allocate(10, orders_of([3, 4])) == [3, 4]
    assert allocate(5, orders_of([5, 5])) == [3, 2]
    assert allocate(0, orders_of([5, 5])) == [0, 0]
    assert allocate(7, []) == []
