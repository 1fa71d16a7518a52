"""The grey market: one price per unit of worth at which what is diverted meets what is wanted."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.markets.grey import (
    GreyBuyer,
    Patience,
    clearing_log_price,
    demanded_worth,
    offered_part,
    part_moved,
    spent_part,
    wanted_share,
)

TASTE = 0.4
PLAIN = Patience(expected=10.0, release=0.25, spending=0.125, storage=0.0, waiting=0.0)
WAITING = Patience(expected=10.0, release=0.25, spending=0.125, storage=2.0, waiting=2.0)
patiences = st.sampled_from([PLAIN, WAITING])
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


@given(buyers, supplies, patiences)
def test_the_market_clears(crowd, stock, patience):
    log_price = clearing_log_price(stock, crowd, TASTE, patience)
    offered = stock * offered_part(log_price, patience)
    assert demanded_worth(log_price, crowd, TASTE, patience) == pytest.approx(offered, rel=1e-6)


@given(buyers, supplies, st.floats(1.01, 10.0), patiences)
def test_the_price_falls_in_supply_and_rises_in_demand(crowd, stock, factor, patience):
    log_price = clearing_log_price(stock, crowd, TASTE, patience)
    richer = [GreyBuyer(one.name, one.money * factor, one.legal_worth) for one in crowd]
    assert clearing_log_price(stock * factor, crowd, TASTE, patience) < log_price
    assert log_price < clearing_log_price(stock, richer, TASTE, patience)


@given(buyers, supplies, st.floats(1.5, 10.0))
def test_waiting_for_a_better_price_damps_what_a_shortage_does(crowd, stock, factor):
    """From a market at its expected price, a stock divided by a factor raises the price less where people wait."""
    usual = clearing_log_price(stock, crowd, TASTE, PLAIN)
    rises = [
        clearing_log_price(stock / factor, crowd, TASTE, replace(patience, expected=usual)) - usual
        for patience in (PLAIN, WAITING)
    ]
    assert 0.0 < rises[1] < 0.6 * rises[0]


@given(buyers, supplies)
def test_better_legal_chips_press_the_price(crowd, stock):
    better = [GreyBuyer(one.name, one.money, one.legal_worth * 3) for one in crowd]
    assert clearing_log_price(stock, better, TASTE, PLAIN) <= clearing_log_price(stock, crowd, TASTE, PLAIN) + 1e-9


def test_without_legal_chips_all_the_money_is_spent():
    price = math.exp(clearing_log_price(50.0, [GreyBuyer("only", 1e6, 0.0)], TASTE, PLAIN))
    assert price == pytest.approx(1e6 * 0.125 / (50.0 * 0.25))


@pytest.mark.parametrize("stock, money", [(0.0, 1e6), (-1.0, 1e6), (10.0, 0.0)])
def test_no_supply_or_no_money_is_no_price(stock, money):
    assert clearing_log_price(stock, [GreyBuyer("only", money, 0.0)], TASTE, PLAIN) is None
    assert clearing_log_price(stock, [], TASTE, PLAIN) is None


def test_the_part_put_on_the_market_at_the_expected_price_is_the_usual_one():
    assert offered_part(10.0, WAITING) == pytest.approx(0.25) and spent_part(10.0, WAITING) == pytest.approx(0.125)
    assert part_moved(1.0, -5.0, 2.0) == 1.0


@given(st.floats(0.01, 0.99), st.floats(-10.0, 10.0), st.floats(0.0, 5.0), st.floats(0.01, 2.0))
def test_more_is_put_on_the_market_the_better_the_price(usual, better, response, more):
    part = part_moved(usual, better, response)
    assert 0.0 <= part <= part_moved(usual, better + more, response) <= 1.0
    assert part_moved(usual, better, 0.0) == pytest.approx(usual)


def test_sellers_hold_back_when_the_price_is_low_and_buyers_when_it_is_high():
    assert offered_part(9.5, WAITING) < 0.25 < offered_part(10.5, WAITING)
    assert spent_part(10.5, WAITING) < 0.125 < spent_part(9.5, WAITING)
