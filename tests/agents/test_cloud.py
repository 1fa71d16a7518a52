"""Clouds: what they commit, what they may order, how installed chips are put to use."""

from __future__ import annotations

from datetime import date

import pytest

from abm import NO_CONTROLS, Model
from abm.books import USD, capacity_asset, chip_asset
from abm.offers import Lot
from abm.rules.cloud import commitment_limit, running_cost
from abm.units import usd
from tests.laws.runs import model_of

LONG = 100.0


@pytest.fixture(scope="module")
def model() -> Model:
    """A model on the evening of a Monday in March, quotes and open orders counted."""
    made = model_of(date(2025, 3, 10))
    made.run()
    made.count_open_orders()
    return made


def test_a_week_of_orders_stays_within_what_may_be_committed(model):
    """Within the limit before inflation: a buyer who expects a shortage asks for more than it means to pay."""
    conduct = model.world.conduct
    placed = 0.0
    for name, cloud in model.clouds.items():
        cash = usd(model.books.balance(name, USD))
        limit = commitment_limit(cash, cloud.budget, LONG, conduct) + cloud.advance_left(model)
        cost = sum(order.quantity * order.price for order in cloud.order(model))
        assert cost <= max(limit - model.open_orders.committed(name), 0.0) * (1 + conduct.order_inflation)
        placed += cost
    assert placed > 0


def test_only_what_may_be_ordered_is_ordered(model):
    for name, cloud in model.clouds.items():
        for order in cloud.order(model):
            assert order.quantity > 0 and order.buyer == name
            assert model.gates.may_order(order.chip, name)
            assert order.price == model.picture.quotes[order.chip].price


def test_controls_keep_the_best_chips_from_chinese_clouds(model):
    free = model_of(date(2025, 3, 10), policy=NO_CONTROLS)
    free.run()
    free.count_open_orders()
    restricted = set(model.restricted_chips())
    assert restricted and not free.restricted_chips()
    wanted = [
        {order.chip for vendor in world.vendors.values() for order in vendor.order_book if world.is_chinese(order.buyer)}
        for world in (model, free)
    ]
    assert not wanted[0] & restricted and wanted[1] & restricted


def test_ordering_reads_and_does_not_write(model):
    before = model.books.state(), {name: cloud.state() for name, cloud in model.clouds.items()}
    first = {name: cloud.order(model) for name, cloud in model.clouds.items()}
    assert {name: cloud.order(model) for name, cloud in model.clouds.items()} == first
    assert (model.books.state(), {name: cloud.state() for name, cloud in model.clouds.items()}) == before


def test_without_a_budget_nothing_is_ordered():
    model = model_of(date(2025, 1, 2))
    cloud = model.clouds["alibaba"]
    cloud.budget = 0.0
    assert cloud.order(model) == [] and cloud.grey_bid(model) is None


def test_what_arrives_is_installed_and_free():
    model = model_of(date(2025, 1, 2))
    cloud = model.clouds["high_flyer"]
    free = model.books.balance(cloud.free, capacity_asset("H20 SXM"))
    held = cloud.origins["H20 SXM", "direct"]
    model.books.move(chip_asset("H20 SXM"), 12, giver="outside:foundry", taker="high_flyer|in transit", reason="made")
    cloud.install(model, Lot("nvidia", "high_flyer", "H20 SXM", 12, 0, "direct"))
    assert model.books.balance("high_flyer", chip_asset("H20 SXM")) == held + 12
    assert model.books.balance(cloud.free, capacity_asset("H20 SXM")) == free + 12
    assert cloud.origins["H20 SXM", "direct"] == held + 12


def test_training_has_its_share_and_the_chips_that_train_best():
    model = model_of(date(2025, 1, 2))
    for cloud in model.clouds.values():
        installed = sum(cloud.origins.values())
        training = cloud.capacity(model, cloud.training)
        assert sum(training.values()) == int(installed * cloud.share_to_train(model))
        serves = any(cloud.name in lab.served_at(model) for lab in model.labs.values())
        assert cloud.share_to_train(model) == (model.world.conduct.training_share if serves else 1.0)
        used = [model.rates.advantage(chip) for chip, units in training.items() if units]
        idle = [model.rates.advantage(chip) for chip, units in cloud.capacity(model, cloud.free).items() if units]
        assert not used or not idle or min(used) >= max(idle)


def test_a_contract_is_kept_until_its_customers_leave(model):
    cloud = next(cloud for name, cloud in sorted(model.clouds.items()) if cloud.reserved_models)
    launched = cloud.reserved_models[0]
    held = cloud.capacity(model, cloud.reserved_for(launched))
    cloud.release(model, launched, 0.0)
    assert cloud.capacity(model, cloud.reserved_for(launched)) == held and sum(held.values()) > 0
    cloud.release(model, launched, 1 / 3)
    assert cloud.capacity(model, cloud.reserved_for(launched)) == {chip: n - int(n * (1 / 3)) for chip, n in held.items()}
    cloud.release(model, launched, 1.0)
    assert launched not in cloud.reserved_models
    cloud.reserve(model, {(launched, chip): units for chip, units in held.items() if units})
    assert cloud.capacity(model, cloud.reserved_for(launched)) == held and launched in cloud.reserved_models
    model.books.check(after="reassignment")


def test_the_power_bill_of_domestic_chips_is_halved_at_home_alone():
    model = model_of(date(2025, 11, 6))
    model.run()
    technology, domestic, foreign = model.world.technology, model.chip("Ascend 910C"), model.chip("H20 SXM")
    assert model.running_cost(domestic, "CN") == running_cost(domestic.power_w, technology, 0.5)
    assert model.running_cost(foreign, "CN") == running_cost(foreign.power_w, technology, 0.0)
    assert model.running_cost(domestic, "DE") == running_cost(domestic.power_w, technology, 0.0)
    bills = {option.chip: option.running_cost for option in model.options_for(model.clouds["alibaba"])}
    assert bills["Ascend 910C"] == model.running_cost(domestic, "CN")
    assert bills["H20 SXM"] == model.running_cost(foreign, "CN")


def test_a_chip_without_published_power_draws_that_of_the_catalogues_mean():
    model = model_of(date(2025, 1, 2))
    known = [chip.power_w / chip.tpp for chip in model.chips.values() if chip.power_w is not None]
    secret = next(chip for chip in model.chips.values() if chip.power_w is None)
    assert model.rates.power(secret) == pytest.approx(secret.tpp * sum(known) / len(known))
    assert model.rates.power(model.chip("H20 SXM")) == 400.0
