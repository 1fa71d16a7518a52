"""Chips rented abroad are used: they train for who pays, count once, lessen its need, and go free in the end."""

from __future__ import annotations

from datetime import date

import pytest

from abm.agents.leasing import chips_rented_by, fill_leases, flop_rented_by, lease, leased_chips
from abm.books import capacity_asset
from abm.model import Model
from abm.monthly_observables import effective_compute
from abm.training import training_compute
from tests.laws.runs import finished, model_of

RENTER = "high_flyer"


@pytest.fixture
def rented():
    """The opening with all of the operator's chips free, the operator, and a tenth of their throughput to be leased."""
    model = model_of(date(2025, 1, 3))
    operator = model.clouds["johor_operator"]
    for chip, units in operator.capacity(model, operator.training).items():
        model.books.move(capacity_asset(chip), units, giver=operator.training, taker=operator.free, reason="test")
    return model, operator, operator.origins["H100 SXM", "abroad"] * model.rates.training("H100 SXM") / 10


def test_rented_chips_train_for_the_renters_lab(rented):
    model, operator, flop = rented
    before = training_compute(model, model.labs["deepseek"]).foreign
    lease(model, operator, RENTER, flop)
    fill_leases(model)
    assert flop_rented_by(model, RENTER) == pytest.approx(flop, rel=1e-3)
    assert training_compute(model, model.labs["deepseek"]).foreign - before == pytest.approx(flop, rel=1e-3)


def test_a_renters_need_falls_and_its_own_chips_serve(rented):
    model, operator, flop = rented
    renter = model.clouds[RENTER]
    before, share = renter.need(model, 0.5), renter.share_to_train(model)
    lease(model, operator, RENTER, flop)
    fill_leases(model)
    after = renter.need(model, 0.5)
    assert after.training_gap < before.training_gap or after.serving_gap < before.serving_gap
    assert renter.share_to_train(model) < share
    free = sum(renter.capacity(model, renter.free).values())
    renter.assign_training(model)
    assert sum(renter.capacity(model, renter.free).values()) > free


def test_a_lease_ends(rented):
    model, operator, flop = rented
    lease(model, operator, RENTER, flop)
    fill_leases(model)
    free = sum(operator.capacity(model, operator.free).values())
    held = sum(chips_rented_by(model, RENTER).values())
    ((_, ends),) = operator.leases
    operator.leases = {(RENTER, model.day): operator.leases[RENTER, ends]}
    fill_leases(model)
    assert held > 0 and operator.rented == 0 and not operator.leases and not operator.renters
    assert chips_rented_by(model, RENTER) == {}
    assert sum(operator.capacity(model, operator.free).values()) == free + held


def test_leased_chips_count_once_for_china(rented):
    """What is leased counts whole, and no more in the share of the rest at which a Chinese lab trains there."""
    model, operator, flop = rented
    before = effective_compute(model)["China/abroad"]
    lease(model, operator, RENTER, flop)
    fill_leases(model)
    leased = sum(units * model.rates.equivalents(chip) for chip, units in leased_chips(model, operator).items())
    assert effective_compute(model)["China/abroad"] - before == pytest.approx(0.3 * leased)


def test_an_operator_whose_chips_serve_nobody_leaves_none_idle():
    """After a year under controls four fifths of its chips train at least: the rest came within the month."""
    model: Model = finished(date(2025, 12, 31))
    operator = model.clouds["johor_operator"]
    installed = sum(operator.origins.values())
    leased = sum(leased_chips(model, operator).values())
    idle = sum(operator.capacity(model, operator.free).values())
    assert leased > 0 and idle <= 0.2 * installed
    assert sum(model.clouds["rest_of_world"].capacity(model, "rest_of_world|free").values()) <= (
        0.2 * sum(model.clouds["rest_of_world"].origins.values()))
    for name, cloud in sorted(model.clouds.items()):
        held = sum(sum(cloud.capacity(model, account).values()) for account in cloud.uses())
        assert held == sum(cloud.origins.values()), name
