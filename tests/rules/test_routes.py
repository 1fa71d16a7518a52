"""By which route chips are moved: what a lot is seen by, which route pays, how many lots are ordered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.routes import (
    RESALE,
    SERVERS,
    Route,
    believed_for,
    best_route,
    exposure,
    lots_to_order,
    open_routes,
    route_lot,
    route_margin,
    waited_for,
)
from abm.scenario.conduct import Conduct
from abm.scenario.diversion import Diversion

CONDUCT, DIVERSION = Conduct(), Diversion()
scales = st.floats(0.05, 30.0)
chances = st.floats(0.0, 0.5)


def test_servers_come_in_larger_lots_and_cost_less_a_chip():
    resale, servers = open_routes(CONDUCT, DIVERSION)
    assert (resale.name, servers.name) == (RESALE, SERVERS)
    assert servers.cost < resale.cost and servers.lot_factor > resale.lot_factor == 1.0
    assert route_lot(4.0, servers, CONDUCT) > route_lot(4.0, resale, CONDUCT) >= 1


@pytest.mark.parametrize("closed, left", [("servers_open", RESALE), ("resale_open", SERVERS)])
def test_a_closed_route_is_not_on_offer(closed, left):
    assert [one.name for one in open_routes(CONDUCT, replace(DIVERSION, **{closed: 0}))] == [left]


def test_a_median_sellers_lot_of_cards_is_the_unit_of_what_is_seen():
    median = route_lot(1.0, Route("", 1.0, 0.0), CONDUCT)
    assert exposure(median, CONDUCT) == pytest.approx(1.0)
    assert exposure(4 * median, CONDUCT) == pytest.approx(2.0)
    assert exposure(4 * median, replace(CONDUCT, detection_lot_power=0.0)) == pytest.approx(1.0)


@given(chances, st.floats(0.1, 10.0), st.floats(0.1, 10.0))
def test_what_is_seen_more_is_believed_to_be_found_more_often(believed, visible, more):
    assert believed_for(believed, 1.0) == pytest.approx(believed)
    assert 0.0 <= believed_for(believed, visible) <= believed_for(believed, visible + more) <= 1.0


def test_a_lot_twice_as_visible_passes_like_two():
    assert believed_for(0.1, 2.0) == pytest.approx(1 - 0.9 * 0.9)
    assert believed_for(1.0, 0.5) == 1.0


@given(scales, chances, st.floats(1e4, 1e5), st.floats(1.0, 2.5))
def test_the_best_route_pays_at_least_as_much_as_any(scale, believed, price, over):
    routes = open_routes(CONDUCT, DIVERSION)
    margin, chosen = best_route(price * over, price, believed, CONDUCT, scale=scale, routes=routes)
    others = [route_margin(price * over, price, believed, CONDUCT, scale=scale, route=one) for one in routes]
    assert chosen in routes and margin == max(others)


def test_who_is_hardly_seen_takes_servers_and_who_is_seen_takes_cards():
    routes = open_routes(CONDUCT, DIVERSION)
    small, large = (best_route(4e4, 3e4, 0.032, CONDUCT, scale=scale, routes=routes)[1].name for scale in (0.2, 20.0))
    assert (small, large) == (SERVERS, RESALE)
    assert best_route(4e4, 3e4, 0.0, CONDUCT, scale=20.0, routes=routes)[1].name == SERVERS
    assert best_route(4e4, 3e4, 0.3, CONDUCT, scale=1.0, routes=routes)[1].name == RESALE


def test_without_a_route_nothing_pays():
    margin, route = best_route(4e4, 3e4, 0.0, CONDUCT, scale=1.0, routes=())
    assert route is None and margin < 0


@given(st.floats(1.0, 1e5), st.floats(0.0, 5.0), st.floats(0.1, 3.0))
def test_a_margin_that_comes_later_is_worth_less(margin, delay, impatience):
    assert waited_for(margin, 0.0, impatience) == margin
    assert waited_for(margin, delay + 1.0, impatience) < waited_for(margin, delay, impatience)


@given(st.integers(1, 500), st.integers(0, 9000), st.floats(0.0, 9000.0), st.integers(500, 6000))
def test_orders_keep_the_trade_going_over_the_wait_within_what_lenders_allow(lot, on_order, sold, most):
    ordered = lots_to_order(lot, on_order, sold_meanwhile=sold, most=most)
    assert 0 <= ordered <= max(most - on_order, 0)
    if most - on_order >= lot:
        assert ordered >= lot
        assert ordered == lot or on_order + ordered <= max(int(sold), lot)
