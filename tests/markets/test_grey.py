"""The grey market: one price per unit of worth at which what is diverted meets what is wanted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.markets.grey import GreyBuyer, clearing_log_price, demanded_worth, wanted_share

TASTE = 0.4
worths = st.floats(1e-6, 1e-3)
buyers = st.lists(
    st.builds(GreyBuyer, name=st.text("abc", min_size=1), money=st.floats(1e4, 1e9), legal_worth=st.just(0.0) | worths),
    min_size=1, max_size=5,
)  # fmt: skip
supplies = st.floats(1.0, 1e5)


@given(st.floats(-5.0, 20.0), worths, st.floats(0.05, 2.0))
def test_the_share_for_diverted_chips_falls_in_their_price_and_in_what_is_legal(log_price, legal, taste):
    share = wanted_share(log_price, legal, taste)
    assert 0.0 <= share <= 1.0
    assert wanted_share(log_price + 1, legal, taste) <= share
    assert wanted_share(log_price, legal * 2, taste) <= share
    assert wanted_share(log_price, 0.0, taste) == 1.0


def test_at_equal_worth_per_usd_half_is_spent_on_either():
    assert wanted_share(math.log(1e4), 1e-4, TASTE) == pytest.approx(0.5)


@given(buyers, supplies)
def test_the_market_clears(crowd, supply):
    log_price = clearing_log_price(supply, crowd, TASTE)
    assert demanded_worth(log_price, crowd, TASTE) == pytest.approx(supply, rel=1e-6)


@given(buyers, supplies, st.floats(1.01, 10.0))
def test_the_price_falls_in_supply_and_rises_in_demand(crowd, supply, factor):
    log_price = clearing_log_price(supply, crowd, TASTE)
    richer = [GreyBuyer(one.name, one.money * factor, one.legal_worth) for one in crowd]
    assert clearing_log_price(supply * factor, crowd, TASTE) < log_price < clearing_log_price(supply, richer, TASTE)


@given(buyers, supplies)
def test_better_legal_chips_press_the_price(crowd, supply):
    better = [GreyBuyer(one.name, one.money, one.legal_worth * 3) for one in crowd]
    assert clearing_log_price(supply, better, TASTE) <= clearing_log_price(supply, crowd, TASTE) + 1e-9


def test_without_legal_chips_all_the_money_is_spent():
    price = math.exp(clearing_log_price(50.0, [GreyBuyer("only", 1e6, 0.0)], TASTE))
    assert price == pytest.approx(1e6 / 50.0)


@pytest.mark.parametrize("supply, money", [(0.0, 1e6), (-1.0, 1e6), (10.0, 0.0)])
def test_no_supply_or_no_money_is_no_price(supply, money):
    assert clearing_log_price(supply, [GreyBuyer("only", money, 0.0)], TASTE) is None
    assert clearing_log_price(supply, [], TASTE) is None
