"""Serving that a candidate counts on comes over the same months as the uptake that is expected of it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.laws.runs import model_of


@pytest.fixture
def model():
    """A week into the historical world, with orders in the vendors' books."""
    made = model_of(date(2025, 2, 14))
    for _ in range(6):
        made.step()
    return made


def test_chips_on_order_count_as_far_as_they_come_within_the_planning_months(model):
    cloud = model.clouds["tencent"]
    (option,) = (one for one in model.options_for(cloud) if one.chip == "H20 SXM")
    ordered = model.open_orders.on_order("tencent", "H20 SXM")
    on_the_way = sum(lot.quantity for lot in model.lots if lot.holder == "tencent" and lot.chip == "H20 SXM")
    assert ordered > 0
    part = min(model.world.demand.uptake_months / 12 / option.delay, 1.0)
    assert model.users.arriving(model, cloud)["H20 SXM"] == pytest.approx(on_the_way + ordered * part)


def test_orders_that_a_rule_refuses_do_not_count(model, monkeypatch):
    cloud = model.clouds["tencent"]
    monkeypatch.setattr(model.gates, "may_order", lambda chip, buyer: chip != "H20 SXM")
    on_the_way = sum(lot.quantity for lot in model.lots if lot.holder == "tencent" and lot.chip == "H20 SXM")
    assert model.users.arriving(model, cloud).get("H20 SXM", 0) == on_the_way
