"""Users of models: what they want adds up, stays put, and moves to better models."""

from __future__ import annotations

import math
from datetime import date

import pytest

from abm import Model
from abm.picture import REGIONS
from abm.serving import serving_cost, token_price
from tests.laws.runs import QUICK, finished, model_of, shared


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
    model = shared(date(2025, 6, 2))
    assert wanted_in(model, region) == pytest.approx(model.users.total[region], rel=1e-9)
    assert all(tokens >= 0 for tokens in model.users.by_model.values())


def test_parts_of_clouds_add_up():
    model = shared(date(2025, 2, 3))
    for launched in model.picture.models.values():
        parts = [model.users.part(cloud, launched.served_at) for cloud in launched.served_at]
        assert math.fsum(parts) == pytest.approx(1.0) and min(parts) >= 0


def test_no_more_is_served_than_wanted_or_than_chips_can():
    model = shared(date(2025, 6, 2))
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
        model = shared(date(2025, 3, 3), world=world)
        left.append(max(model.users.left.values()))
    assert left[0] < 0.01 < left[1]


def test_revenue_is_what_customers_paid():
    model = shared(date(2025, 3, 31))
    paid = model.books.flows["tokens sold", "USD"]
    assert sum(model.users.revenue.values()) == paid > 0
    assert model.books.flows["operating cash", "USD"] == paid


def test_those_turned_away_choose_among_models_that_have_room():
    """All whom nobody served leave; of the models on offer, those without room take nobody on."""
    model = finished(date(2025, 2, 3), world=QUICK.vary({"demand.choosing_again": 1.0}))
    names = [one for one, held in model.picture.models.items() if held.region == "CN" and one in model.users.by_model]
    model.picture.unserved = dict.fromkeys(names, 0.0) | {names[0]: 1.0}
    before = model.users.by_model[names[0]]
    shares = model.users._with_room(model, names, [1 / len(names)] * len(names))
    assert shares[names[0]] == 0.0 and math.fsum(shares.values()) == pytest.approx(1.0)
    assert model.users._turned_away(model, "CN") == pytest.approx(before)
    assert model.users.by_model[names[0]] == 0.0


def test_contracts_roll_each_quarter_unless_they_are_shorter():
    """Notice is given month by month; chips go free when the quarter begins, or at once where contracts last a month."""
    rolls = {}
    for months in (1, 6):
        model = model_of(date(2025, 4, 2), world=QUICK.vary({"demand.contract_months": months}))
        rolls[months], noted = [], []
        while model.day < len(model.calendar):
            day = model.today
            model.step()
            if day.day <= 3 and (not noted or noted[-1].month != day.month):
                noted.append(day)
                rolls[months].append(not model.users.notice)
    assert rolls == {1: [True] * 4, 6: [True, False, False, True]}


def test_the_price_of_a_token_is_for_the_work_it_takes():
    model = shared(date(2025, 2, 3))
    heavy, light = (model.rates.effort(name) for name in ("Qwen2.5-72B", "DeepSeek-V3"))
    assert heavy / light == pytest.approx(72 / 37)
    assert token_price(model, "CN") < QUICK.demand.token_price


@pytest.mark.xfail(strict=False, reason="the H20 had become dearer; smuggled chips set the cost before")
def test_the_price_of_a_token_is_not_below_its_cost_after_two_months():
    model = shared(date(2025, 2, 3))
    assert token_price(model, "CN") >= serving_cost(model, "CN")


def test_the_price_of_a_token_is_below_its_cost_only_where_it_rises_to_it():
    """Where the cost has risen, the price is on its way there; elsewhere it is no lower."""
    before, model = shared(date(2025, 1, 31)), shared(date(2025, 2, 3))
    assert token_price(before, "CN") < token_price(model, "CN") < serving_cost(model, "CN")
    assert token_price(model, "abroad") >= serving_cost(model, "abroad")


def test_chips_that_none_may_order_do_not_set_the_cost_of_all_tokens():
    """Some H200 run in China, by far the cheapest to serve with: a token costs as much more as with chips to be had."""
    model = shared(date(2025, 2, 3))
    cloud = model.clouds["high_flyer"]
    assert "H200 SXM" in cloud.chips() and not model.gates.may_order("H200 SXM", cloud.name)
    cheap = {option.chip: option.cost / option.serving for option in model.options_for(cloud)}
    least = min(cheap[chip] for chip in cheap if model.gates.may_order(chip, cloud.name))
    assert cheap["H200 SXM"] <= 0.7 * least
    assert serving_cost(model, "CN") >= 1.4 * serving_cost(model, "abroad")
