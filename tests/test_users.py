"""Users of models: what they want adds up, stays put, and moves to better models."""

from __future__ import annotations

import math
from datetime import date

import pytest

from abm import Model
from abm.picture import REGIONS
from tests.laws.runs import QUICK, finished, model_of


def wanted_in(model: Model, region: str) -> float:
    """Tokens a day wanted of the models of a region, at the opening price."""
    names = (name for name in sorted(model.users.by_model) if model.picture.models[name].region == region)
    return math.fsum(model.users.by_model[name] for name in names)


@pytest.mark.parametrize("region", REGIONS)
def test_the_opening_gives_out_all_tokens(region):
    model = model_of(date(2025, 1, 2))
    assert wanted_in(model, region) == pytest.approx(model.users.total[region])


@pytest.mark.parametrize("region", REGIONS)
def test_tokens_by_model_go_on_adding_up(region):
    model = finished(date(2025, 6, 2))
    assert wanted_in(model, region) == pytest.approx(model.users.total[region], rel=1e-9)
    assert all(tokens >= 0 for tokens in model.users.by_model.values())


def test_parts_of_clouds_add_up():
    model = finished(date(2025, 2, 3))
    for launched in model.picture.models.values():
        parts = [model.users.part(cloud, launched.served_at) for cloud in launched.served_at]
        assert math.fsum(parts) == pytest.approx(1.0) and min(parts) >= 0


def test_no_more_is_served_than_wanted_or_than_chips_can():
    model = finished(date(2025, 6, 2))
    for name, served in model.picture.demand.items():
        assert 0 <= served <= model.picture.wanted[name] * (1 + 1e-9)
        able = math.fsum(model.clouds[one].served_tokens(model, name) for one in model.picture.models[name].served_at)
        assert served <= able * (1 + 1e-9)
        assert 0 <= model.picture.unserved[name] <= 1


def test_customers_under_contract_stay_where_moving_is_dear():
    dear = QUICK.vary({"demand.switching_cost": 5.0, "demand.contract_months": 36})
    light = QUICK.vary({"demand.switching_cost": 0.0, "demand.contract_months": 1})
    left = []
    for world in (dear, light):
        model = finished(date(2025, 3, 3), world=world)
        left.append(max(model.users.left.values()))
    assert left[0] < 0.01 < left[1]


def test_revenue_is_what_customers_paid():
    model = finished(date(2025, 3, 31))
    paid = model.books.flows["tokens sold", "USD"]
    assert sum(model.users.revenue.values()) == paid > 0
    assert model.books.flows["operating cash", "USD"] == paid
