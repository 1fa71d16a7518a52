"""Shell companies: ordering where it pays, being named, being caught, and renaming."""

from __future__ import annotations

from datetime import date

import pytest

from abm import Model
from abm.agents.broker import FINANCIERS, SEIZED, Broker
from abm.agents.customs import lawful, lots_leave
from abm.agents.population import found_broker
from abm.agents.vendor import FOUNDRY
from abm.books import USD, chip_asset
from abm.offers import Lot
from abm.rules.broker import lot_size
from abm.rules.routes import ROUTES
from tests.laws.runs import QUICK, model_of

KEEN = QUICK.vary({"conduct.broker_lots_per_year": 52.0, "conduct.broker_cost": 0.0, "conduct.broker_outside": 0.0,
                   "conduct.broker_open_lots": 50})
TAKEN = KEEN.vary({"conduct.detection_floor": 0.5, "diversion.inspection_misses": 0.0, "diversion.officers": 100.0})
CHIP = "H200 SXM"


def market(world=KEEN, *, dear: float = 2.0) -> tuple[Model, Broker]:
    """A model on its first day in which diverted chips cost e^dear times what they did, and a broker of a free country."""
    model = model_of(date(2025, 1, 2), world=world)
    model.picture.log_grey_price += dear
    model.picture.log_grey_trend += dear
    return model, first_in(model, "SG", "MY")


def first_in(model: Model, *countries: str) -> Broker:
    """The first broker of some countries, by name."""
    return model.brokers[min(name for name, one in model.brokers.items() if one.country in countries)]


def test_a_broker_orders_a_lot_where_diversion_pays():
    model, broker = market()
    order = broker.order(model)
    assert order.buyer == broker.name and order.quantity >= 1 and order.day == model.day
    assert order.chip in model.restricted_chips()
    assert broker.idle_weeks == 0 and broker.moving in ROUTES


def test_a_broker_waits_where_it_does_not():
    model, broker = market(dear=-5.0)
    assert broker.margin(model, CHIP) < 0
    assert broker.order(model) is None and broker.idle_weeks == 1


def test_a_shell_under_a_presumption_of_approval_files_before_it_buys():
    """In the Emirates, in its own name: the office sees the shell, not who stands behind it."""
    model, _ = market()
    office, shell = model.regulators["us_commerce"], first_in(model, "AE")
    office.open_licences.clear()
    assert shell.order(model) is None
    ((chip, buyer),) = office.pending
    units = model.world.conduct.broker_open_lots * lot_size(shell.scale, model.world.conduct)
    assert buyer == shell.name and office.pending[chip, buyer] == (units, 0, "us_3a090_2023_10", "approve")
    assert model.gates.transaction(chip, buyer=shell.name, quantity=1).parent == shell.name
    model.day = 45
    office.decide(model)
    assert office.licensed(chip, shell.name) == units
    order = shell.order(model)
    assert (order.chip, order.buyer) == (chip, shell.name) and 0 < order.quantity <= units


def test_a_shell_in_a_free_country_asks_nobody():
    model, shell = market()
    assert shell.order(model) is not None
    assert not model.regulators["us_commerce"].pending


def test_shells_of_the_emirates_hold_licences_at_the_opening():
    model = model_of(date(2025, 1, 2), world=KEEN)
    holders = {buyer for _, buyer in model.regulators["us_commerce"].open_licences}
    assert holders == {name for name, one in model.brokers.items() if one.country == "AE"}


def test_a_named_broker_stops_until_it_is_renamed():
    model, broker = market()
    broker.named_until = model.day + 10
    ordered = []
    for day in range(12):
        model.day = day
        ordered.append(broker.order(model) is not None)
    assert ordered == [False] * 10 + [True] * 2


def lot_for(model: Model, broker: Broker, units: int) -> Lot:
    """A lot in transit to a broker."""
    holder = f"{broker.name}|in transit"
    model.books.move(chip_asset(CHIP), units, giver=FOUNDRY, taker=holder, reason="made")
    return Lot("nvidia", broker.name, CHIP, units, model.day, "direct")


def test_a_lot_that_customs_miss_reaches_the_broker(monkeypatch):
    model, broker = market()
    monkeypatch.setattr(model, "enforcement_effort", lambda: 0.0)
    believed = broker.believed()
    held, whole = model.books.balance(broker.name, chip_asset(CHIP)), lot_size(broker.scale, model.world.conduct)
    broker.receive(model, lot_for(model, broker, whole - 1))
    assert broker.sends(model) == []
    lots_leave(model)
    assert model.books.balance(broker.name, chip_asset(CHIP)) == held and broker.believed() == believed
    broker.receive(model, lot_for(model, broker, 1))
    assert broker.sends(model) == [(CHIP, whole)]
    lots_leave(model)
    assert model.books.balance(broker.name, chip_asset(CHIP)) == held + whole
    assert broker.believed() < believed and broker.named_until is None


def test_a_lot_that_customs_find_is_lost_and_the_shell_is_named(monkeypatch):
    model, broker = market(TAKEN)
    monkeypatch.setattr(model, "enforcement_effort", lambda: 1e9)
    believed, seized = broker.believed(), model.books.balance(SEIZED, chip_asset(CHIP))
    paid = model.books.balance(FINANCIERS, USD)
    held, whole = model.books.balance(broker.name, chip_asset(CHIP)), lot_size(broker.scale, model.world.conduct)
    broker.receive(model, lot_for(model, broker, whole))
    lots_leave(model)
    assert model.books.balance(broker.name, chip_asset(CHIP)) == held
    assert model.books.balance(SEIZED, chip_asset(CHIP)) == seized + whole
    assert broker.believed() > believed and broker.is_named(model) and broker.shells == 2
    fine = paid - model.books.balance(FINANCIERS, USD)
    assert fine == round(whole * model.picture.quotes[CHIP].price * 100 * model.world.conduct.fine_share)
    assert model.customs(broker.country).detected_lots == 1
    assert model.record.events[-1][1:3] == (broker.name, "seized")
    model.books.check(after="a seizure")


def test_a_shell_is_back_after_the_declared_weeks(monkeypatch):
    """Its owner remembers; its new name is of the day it comes back, and customs hold nothing against it."""
    model, broker = market(TAKEN)
    monkeypatch.setattr(model, "enforcement_effort", lambda: 1e9)
    broker.receive(model, lot_for(model, broker, lot_size(broker.scale, model.world.conduct)))
    lots_leave(model)
    believed = broker.believed()
    model.day += model.world.conduct.rename_weeks * 5 - 1
    assert broker.is_named(model)
    model.day += 1
    assert not broker.is_named(model)
    assert broker.founded == model.day and broker.believed() == believed > prior(model)


def prior(model: Model) -> float:
    """What an owner without experience believes."""
    return model.newcomer.believed()


def test_where_nothing_is_restricted_customs_have_nothing_to_find(monkeypatch):
    model, broker = market(TAKEN)
    monkeypatch.setattr(model, "enforcement_effort", lambda: 1e9)
    monkeypatch.setattr(model, "restricted_chips", lambda: [])
    monkeypatch.setattr(model, "is_restricted", lambda chip: False)
    whole = lot_size(broker.scale, model.world.conduct)
    broker.receive(model, lot_for(model, broker, whole))
    lots_leave(model)
    assert model.tally.get("seized_units", 0) == 0 and not broker.is_named(model)
    buyer = "other_china"
    broker.sell(model, CHIP, buyer=buyer, units=1, total=0)
    assert model.lots[-1].origin == "direct" and "diverted_units" not in model.tally


def test_lawful_shipments_are_of_the_week_and_as_large_as_brokers_lots():
    model, _ = market()
    first, again = lawful(model, "SG"), lawful(model, "SG")
    model.day += 5
    assert first == again != lawful(model, "SG")
    assert len(first) == model.world.diversion.lawful_shipments and min(one.units for one in first) >= 1
    assert {one.sender for one in first}.isdisjoint(one.sender for one in lawful(model, "MY"))


@pytest.mark.parametrize("memory, moved", [(1.0, False), (0.8, True)])
def test_beliefs_fade_to_the_prior(memory, moved):
    model, broker = market(KEEN.vary({"conduct.belief_memory": memory}), dear=-5.0)
    broker.detections = 9.0
    for _ in range(200):
        broker.order(model)
    prior = model.world.conduct.belief_detections
    assert broker.detections == pytest.approx(prior if moved else 9.0, abs=1e-6)


def test_luck_of_a_broker_is_that_of_its_name():
    countries = {one.name: (one.country, one.scale) for one in model_of(date(2025, 1, 2)).brokers.values()}
    again = model_of(date(2025, 1, 2), world=QUICK.vary({"conduct.opening_brokers": 70})).brokers
    assert {name: (again[name].country, again[name].scale) for name in countries} == countries
    assert len({country for country, _ in countries.values()}) == 3


def test_shells_of_the_opening_have_a_past_and_entrants_have_none():
    model, _ = market()
    ages = [model.day - one.founded for one in model.brokers.values()]
    assert min(ages) >= 0 and max(ages) > 261
    assert found_broker(model, "late").founded == model.day


def test_shells_are_founded_where_their_weights_say():
    model = model_of(date(2025, 1, 2), world=QUICK.vary({"diversion.shells_emirates": 0.0}))
    assert {one.country for one in model.brokers.values()} == {"MY", "SG"} and model.transit_offices() == 3
