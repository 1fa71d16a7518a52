"""The market for rented training: one rent at which what is wanted is what operators can order."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.markets.grey import GreyBuyer, spent_on_diverted, wanted_share
from abm.markets.renting import Offer, Renter, clearing_log_rent, rented_share, rented_worth, together

TASTE = 0.4
worths = st.floats(1e-6, 1e-3)
one_renter = st.builds(Renter, name=st.just("one"), money=st.floats(1e4, 1e9), legal_training=st.just(0.0) | worths)
renters = st.lists(one_renter, min_size=1, max_size=4)
offers = st.lists(st.builds(Offer, log_cost=st.floats(8.0, 12.0), worth=st.floats(1.0, 1e5)), min_size=1, max_size=4)


def offered(stairs, log_rent):
    return math.fsum(one.worth for one in stairs if one.log_cost <= log_rent)


@given(offers, renters)
def test_the_rent_is_the_lowest_at_which_enough_is_offered(stairs, crowd):
    log_rent = clearing_log_rent(stairs, crowd, TASTE)
    floor = min(one.log_cost for one in stairs)
    assert rented_worth(log_rent, crowd, TASTE) <= offered(stairs, log_rent)
    if log_rent > floor:
        assert rented_worth(log_rent - 1e-6, crowd, TASTE) > offered(stairs, log_rent - 1e-6)
    else:
        assert log_rent == floor


@given(offers, renters, st.floats(2.0, 100.0))
def test_the_rent_rises_in_demand_and_falls_in_capacity(stairs, crowd, factor):
    log_rent = clearing_log_rent(stairs, crowd, TASTE)
    richer = [Renter(one.name, one.money * factor, one.legal_training) for one in crowd]
    larger = [Offer(one.log_cost, one.worth * factor) for one in stairs]
    assert clearing_log_rent(larger, crowd, TASTE) <= log_rent + 1e-9
    assert clearing_log_rent(stairs, richer, TASTE) >= log_rent - 1e-9


def test_where_capacity_is_short_the_rent_stands_above_every_cost():
    """One buyer without legal chips pays for a hundred units a thousandth of what it has: ln (1e8 / 100)."""
    log_rent = clearing_log_rent([Offer(9.0, 100.0)], [Renter("only", 1e8, 0.0)], TASTE)
    assert log_rent == pytest.approx(math.log(1e6), abs=1e-9)


def test_without_an_offer_there_is_no_rent():
    assert clearing_log_rent([], [Renter("only", 1e8, 0.0)], TASTE) is None


@given(st.lists(worths, min_size=1, max_size=4))
def test_alternatives_together_are_worth_the_best_where_needs_hardly_differ(each):
    assert together(each, 0.02) == pytest.approx(max(each), rel=0.03)
    assert together([*each, 0.0], TASTE) == together(each, TASTE) >= max(each) * (1 - 1e-12)
    assert together([], TASTE) == together([0.0], TASTE) == 0.0


@given(st.floats(8.0, 12.0), worths)
def test_the_nest_splits_as_one_logit_where_both_spreads_are_the_same(log_rent, legal):
    """Of three alternatives each has its weight exp(ln w / taste) over the sum, whichever is split off first."""
    log_price = 10.0
    weights = [math.exp(value / TASTE) for value in (-log_price, math.log(legal), -log_rent)]
    both = together((legal, math.exp(-log_rent)), TASTE)
    diverted = wanted_share(log_price, both, TASTE)
    assert diverted == pytest.approx(weights[0] / sum(weights), rel=1e-9)
    assert (1 - diverted) * rented_share(log_rent, legal, TASTE) == pytest.approx(weights[2] / sum(weights), rel=1e-7)


def test_needs_that_must_stay_do_not_know_of_the_rent():
    stays, half, goes = (GreyBuyer("a", 1.0, 1e-5, mobile=part, open_training=1e-3) for part in (0.0, 0.5, 1.0))
    shares = [spent_on_diverted(one, 10.0, TASTE) for one in (stays, half, goes)]
    assert shares[0] == wanted_share(10.0, 1e-5, TASTE) and shares[2] == wanted_share(10.0, 1e-3, TASTE)
    assert shares[1] == pytest.approx((shares[0] + shares[2]) / 2)
    assert shares[0] > shares[2]


def test_what_may_go_abroad_is_compared_by_the_training_that_chips_give():
    """Diverted chips that train half as much for their worth are as dear for such needs as if their price were double."""
    whole, half = (GreyBuyer("a", 1.0, 1e-5, mobile=1.0, open_training=1e-4, diverted_training=each) for each in (1.0, 0.5))
    assert spent_on_diverted(half, 10.0, TASTE) == pytest.approx(spent_on_diverted(whole, 10.0 + math.log(2), TASTE), rel=1e-12)
    assert spent_on_diverted(half, 10.0, TASTE) < spent_on_diverted(whole, 10.0, TASTE)
