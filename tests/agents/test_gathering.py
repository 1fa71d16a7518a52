"""Chips that wait in the transit country: lots of the chosen size, rests, named shells, open sales, clearance prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import Model
from abm.agents.broker import Broker
from abm.agents.customs import lots_leave
from abm.agents.gathering import ELSEWHERE, FINANCIERS, FORWARDERS
from abm.agents.vendor import FOUNDRY
from abm.books import USD, chip_asset
from abm.rules.routes import sent_on_worth, whole_lots
from abm.scenario.conduct import Conduct
from tests.laws.runs import QUICK, model_of

KEEN = QUICK.vary({"conduct.broker_lots_per_year": 52.0, "conduct.broker_cost": 0.0, "conduct.broker_outside": 0.0})
CHIP = "H200 SXM"


def gathered(units: float, *, dear: float = 2.0, world=KEEN) -> tuple[Model, Broker]:
    """A model in which nobody is caught, and a broker with so many of its lots of cards, of which no more is coming."""
    model = model_of(date(2025, 1, 2), world=world)
    model.picture.log_grey_price += dear
    model.picture.log_grey_trend += dear
    model.enforcement_effort = lambda: 0.0
    model.open_orders.count([], [])
    broker = model.brokers[min(name for name, one in model.brokers.items() if one.country == "SG")]
    broker.moving = None
    for other in model.brokers.values():
        other._gathering = []
    model.books.move(chip_asset(CHIP), int(units * broker.lot(model)), giver=FOUNDRY, taker=broker.store, reason="made")
    broker._gathering = [CHIP]
    return model, broker


def waiting(model: Model, broker: Broker) -> int:
    """Chips that wait abroad."""
    return model.books.balance(broker.store, chip_asset(CHIP))


def test_a_gathering_leaves_in_lots_of_the_size_that_was_chosen():
    model, broker = gathered(3.0)
    whole = broker.lot(model)
    assert broker.sends(model) == [(CHIP, whole)] * 3
    lots_leave(model)
    assert waiting(model, broker) == 0
    assert model.tally["past customs: before the opening"] == 3 * whole


def test_a_part_lot_left_by_a_change_of_route_goes_once_no_more_is_coming():
    model, broker = gathered(1.5)
    units, whole = waiting(model, broker), broker.lot(model)
    broker._routes = tuple(replace(one, lot_factor=4.0) for one in broker._routes)
    broker.moving = broker._routes[0].name
    assert broker.lot(model) > units > whole
    assert broker.sends(model) == [(CHIP, units)]
    model.open_orders._add(broker.name, CHIP, 1)
    assert broker.sends(model) == []


def test_a_named_shell_sends_nothing_and_its_goods_pass_to_the_next_at_a_cost():
    model, broker = gathered(2.0, world=KEEN.vary({"conduct.broker_cost": 1000.0}))
    units = waiting(model, broker)
    broker.named_until = model.day + 5
    lots_leave(model)
    assert waiting(model, broker) == units and model.books.balance(FORWARDERS, USD) == 0
    model.day += 5
    lots_leave(model)
    assert waiting(model, broker) == 0 and broker.named_until is None
    assert model.books.balance(FORWARDERS, USD) == units * 100_000
    assert model.tally["passed to another shell"] == units
    model.books.check(after="another shell")


def test_what_brings_more_abroad_is_sold_there():
    model, broker = gathered(2.0, dear=-1.0)
    units, lenders = waiting(model, broker), model.books.balance(FINANCIERS, USD)
    lots_leave(model)
    assert waiting(model, broker) == 0 and broker.sends(model) == []
    assert model.books.balance(ELSEWHERE, chip_asset(CHIP)) == model.tally["sold openly"] == units
    price = model.picture.quotes[CHIP].price * (1 - model.world.diversion.resale_discount)
    assert model.books.balance(FINANCIERS, USD) - lenders == pytest.approx(units * price * 100, abs=1)
    model.books.check(after="an open sale")


def test_nothing_is_sold_openly_where_sending_brings_more_or_open_sale_brings_nothing():
    dear, _ = gathered(2.0)
    worthless, _ = gathered(2.0, dear=-1.0, world=KEEN.vary({"diversion.resale_discount": 1.0}))
    for model in (dear, worthless):
        lots_leave(model)
        assert "sold openly" not in model.tally and model.tally["past customs: before the opening"] > 0


def test_brokers_pay_what_is_asked_on_clearance_and_order_no_more_than_the_stock():
    model, broker = gathered(0.0)
    quote = model.picture.quotes[CHIP]
    cheap = replace(quote, clearance=quote.price / 2, spare=7.0)
    model.picture.quotes = {CHIP: cheap}
    assert broker.price(model, CHIP) == quote.price / 2
    model.restricted_chips = lambda: [CHIP]
    order = broker.order(model)
    assert order.price == quote.price / 2 and order.quantity <= 7


def test_brokers_order_no_chip_that_is_made_for_others():
    model, broker = gathered(0.0)
    assert CHIP in broker.offered(model)
    model.chips[CHIP] = replace(model.chips[CHIP], made_for="CN")
    assert CHIP not in broker.offered(model)


def test_lots_are_whole_and_the_rest_goes_only_where_it_may():
    assert whole_lots(25, 10, rest=True) == [10, 10, 5]
    assert whole_lots(25, 10, rest=False) == [10, 10]
    assert whole_lots(20, 10, rest=True) == [10, 10] and whole_lots(3, 10, rest=False) == []


def test_what_was_paid_for_a_chip_does_not_count_when_it_is_sent():
    """Without risk it brings the grey price less the cost; with certain detection it costs the fine."""
    conduct = Conduct()
    assert sent_on_worth(30_000.0, 40_000.0, 0.0, conduct, lot=100, cost=500.0) == pytest.approx(29_500.0)
    assert sent_on_worth(30_000.0, 40_000.0, 1.0, conduct, lot=100, cost=500.0) == -40_000.0 * conduct.fine_share
