"""The caps of the Diffusion Rule, in an arm that keeps it: they bind whom they name, and nobody gets more than they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import HISTORICAL, Model
from abm.offers import Order
from abm.policy.statutes import DIFFUSION_2025_01
from abm.scenario.reference import Scenario
from tests.laws.runs import QUICK, digests, model_of, shared

UNTIL = date(2026, 1, 30)
BINDS = date(2025, 5, 15)
RULE, JOHOR = DIFFUSION_2025_01.name, "johor_operator"
JOHOR_NAME = "Offshore data-centre operator in Johor"


def wealthier(times: float) -> Scenario:
    """The operator in Malaysia has so many times the money, so that it would buy more than the cap of its country."""
    return replace(QUICK, actors=tuple(
        replace(actor, capex_usd_bn=times * actor.capex_usd_bn) if actor.id == JOHOR else actor for actor in QUICK.actors))


WEALTHY, WEALTHIEST = wealthier(10), wealthier(40)
"""It would buy more than twice the cap; more than it has any hope of a licence for."""


def kept(*agreements: str):
    """The historical arm with the rule never rescinded."""
    rule = replace(DIFFUSION_2025_01, ends=None, agreements=agreements)
    return HISTORICAL.without("us_diffusion_rescinded_2025_05").amended("diffusion_kept", rule)


@pytest.fixture(scope="module")
def capped() -> tuple[Model, list[dict[tuple[str, str], float]]]:
    """A model that has run; on every evening what was licensed by country, and the B200 on order in Malaysia."""
    model, days = model_of(UNTIL, policy=kept()), []
    while model.day < len(model.calendar):
        model.step()
        booked = sum(one.quantity for one in model.vendors["nvidia"].order_book if (one.buyer, one.chip) == (JOHOR, "B200"))
        days.append({**model.regulators["us_commerce"].processing, ("booked", JOHOR): booked})
    return model, days


@pytest.fixture(scope="module")
def wealthy() -> Model:
    return shared(UNTIL, world=WEALTHY, policy=kept())


@pytest.fixture(scope="module")
def agreed() -> Model:
    return shared(UNTIL, world=WEALTHY, policy=kept("MY"))


def bought(model: Model) -> int:
    """Controlled chips that the operator in Malaysia has installed."""
    return sum(units for (chip, _), units in model.clouds[JOHOR].origins.items() if chip in ("B200", "H200 SXM", "MI325X"))


def licensed(model: Model, country: str) -> float:
    """Processing power licensed to a country under the rule."""
    return model.regulators["us_commerce"].approved_processing(RULE, country)


def test_no_country_is_ever_licensed_more_than_its_cap(capped):
    model, days = capped
    for today in days:
        for (instrument, _), processing in today.items():
            assert instrument != RULE or processing <= DIFFUSION_2025_01.country_cap
    assert licensed(model, "MY") > 0.9 * DIFFUSION_2025_01.country_cap
    assert licensed(model, "AE") > 0


def test_what_is_licensed_under_the_rule_adds_up_by_country(capped):
    model, _ = capped
    office = model.regulators["us_commerce"]
    to_johor = sum(
        units * model.chip(chip).tpp for (under, chip, buyer), units in office.granted.items()
        if (under, buyer) == (RULE, JOHOR))
    assert 0 < to_johor <= licensed(model, "MY")


def test_the_operator_in_malaysia_gets_less_than_without_the_rule(capped):
    free = shared(UNTIL)
    assert bought(capped[0]) <= 0.7 * bought(free)
    assert licensed(free, "MY") == 0.0


def test_orders_beyond_the_allowance_wait_for_a_licence(capped):
    model, days = capped
    granted = next(day for day, _, kind, text in model.record.events
                   if kind == "licence granted" and JOHOR_NAME in text and "B200" in text and RULE in text)
    wait = days[model.calendar.index(BINDS) : model.calendar.index(granted)]
    assert len(wait) >= 25
    assert min(today["booked", JOHOR] for today in wait) * model.chip("B200").tpp > DIFFUSION_2025_01.customer_free


def test_what_a_refusal_leaves_without_hope_is_taken_back():
    """After its refusal an order within what is left of the year's allowance stays; one beyond it has no hope."""
    model = model_of(UNTIL, world=WEALTHIEST, policy=kept())
    told = f"refused {JOHOR_NAME} a licence for MI325X"
    while not any(row[2] == "licence refused" and told in row[3] for row in model.record.events):
        assert model.day < len(model.calendar), "no licence was refused"
        model.step()
    used = model.regulators["us_commerce"].small[RULE, JOHOR, 2025]
    allowance = int((DIFFUSION_2025_01.customer_free - used) / model.chip("MI325X").tpp)
    small, large = (Order(JOHOR, "amd", "MI325X", units, 2e4, model.day) for units in (allowance // 4, 20 * allowance))
    assert not model.gates.is_hopeless(small) and model.gates.is_hopeless(large)
    model.vendors["amd"].order_book = [large]
    for _ in range(5):
        model.step()
    assert not any((one.buyer, one.chip) == (JOHOR, "MI325X") and one.quantity > allowance
                   for one in model.vendors["amd"].order_book)


def test_an_agreement_doubles_the_cap(wealthy, agreed):
    assert licensed(agreed, "MY") == pytest.approx(2 * licensed(wealthy, "MY"), rel=0.01)
    assert licensed(agreed, "MY") <= 2 * DIFFUSION_2025_01.country_cap
    assert bought(agreed) > bought(wealthy)
    binds = agreed.calendar.index(BINDS)
    assert digests(agreed)[:binds] == digests(wealthy)[:binds]


def test_small_orders_are_free_within_the_years_allowance(capped):
    """They need no licence and count against the customer, never against its country."""
    model, _ = capped
    small = model.regulators["us_commerce"].small
    customers = {buyer for _, buyer, _ in small}
    assert JOHOR in customers and any(buyer.startswith("shell") for buyer in customers)
    assert all(0 < processing <= DIFFUSION_2025_01.customer_free for processing in small.values())
    assert "microsoft" not in customers and "rest_of_world" not in customers
    assert {year for _, _, year in small} == {2025, 2026}
