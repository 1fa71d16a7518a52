"""Renting abroad: what may go there, how much of it there is, and what its rent does to diversion, switched one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from statistics import fmean

import pytest

from abm.agents.offshore import mobile_part, rentals
from abm.rules.cloud import Need
from tests.laws.runs import QUICK, Outcomes, few_or_all, finished, model_of

HORIZON, R1_DAY = date(2025, 6, 3), date(2025, 1, 28)
SWITCHES = {
    "as it is": {},
    "no limit": {"diversion.rental_limited": 0},
    "little may go": {"diversion.rented_training": 0.3},
}


def one_run(case: tuple[str, int]) -> dict[str, float]:
    """What one switched run came to by June."""
    name, seed = case
    model = finished(HORIZON, world=QUICK.vary(SWITCHES[name]), seed=seed)
    series = model.record.series
    levels = {
        what: fmean(value for _, observable, label, value in series if (observable, label) == (what, label_of))
        for what, label_of in (("rent_abroad", "reference chip"), ("grey_premium", "premium"))}
    prices = {day: value for day, what, label, value in series if (what, label) == ("price", "NVDA") and day <= R1_DAY}
    return levels | {"rent": model.tally["rent_cents"], "NVDA": prices[max(prices)]}


@pytest.fixture(**few_or_all(3))
def runs(request):
    """All switched runs, a few seeds or all of them."""
    return Outcomes(one_run, SWITCHES, request.param)


def test_what_operators_can_order_limits_what_is_rented_and_makes_it_dearer(runs):
    """Without the limit the rent is lower by a twentieth at least, and a twentieth more is paid in all."""
    assert runs.mean("no limit", "rent_abroad") <= 0.95 * runs.mean("as it is", "rent_abroad")
    assert runs.mean("no limit", "rent") >= 1.05 * runs.mean("as it is", "rent")


def test_where_little_may_go_abroad_less_is_rented_and_diverted_chips_are_dearer(runs):
    """Two fifths less rent at least, and a premium higher by a hundredth and a half of the list price."""
    assert runs.mean("little may go", "rent") <= 0.6 * runs.mean("as it is", "rent")
    assert runs.mean("little may go", "grey_premium") >= runs.mean("as it is", "grey_premium") + 0.015


def test_stock_prices_of_january_do_not_know_of_renting(runs):
    """The price on R1's salient day is the same to the bit, whatever is switched."""
    for seed in runs.seeds:
        assert len({runs.of(name, seed)["NVDA"] for name in SWITCHES}) == 1


def test_what_may_go_abroad_is_what_a_buyer_would_train():
    model = model_of(date(2025, 1, 2))
    cloud, carriers = model.clouds["other_china"], model.clouds["state_carriers"]
    share = model.world.diversion.rented_training
    trains, serves = Need(1e12, 2e12, 1e24, 0.0), Need(1e12, 0.0, 1e24, 2e24)
    assert mobile_part(model, cloud, trains) == share and mobile_part(model, cloud, serves) == 0.0
    both = replace(trains, serving_planned=0.5e12)
    assert 0.0 < mobile_part(model, cloud, both) < share
    assert mobile_part(model, carriers, trains) == 0.0


def test_rent_buys_chips():
    """By June nine tenths at least of what operators were paid for chips is spent on them; owners keep the rest of the rent."""
    model = finished(HORIZON, world=QUICK, seed=0)
    flows, left = model.books.flows, sum(cloud.rent_left(model) for cloud in model.clouds.values())
    spent = flows["rent spent", "USD"]
    assert spent >= 0.9 * (spent + left) and spent > 0
    assert model.tally["rent_cents"] > spent + left


def test_an_allowance_for_several_kinds_is_rented_out_once(monkeypatch):
    """Where one allowance in processing power is left, chips on offer together need no more than all of it."""
    model = model_of(date(2025, 1, 2), world=QUICK)
    model.step()
    allowance = 5e6
    monkeypatch.setattr(model.gates, "headroom", lambda chip, _, wanted: min(int(allowance / model.chip(chip).tpp), wanted))
    offers = rentals(model, 1e12)
    assert 0 < sum(one.chips * model.chip(one.option.chip).tpp for one in offers) <= allowance
