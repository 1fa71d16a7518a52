"""Answers that are kept are those that would be given now, on every day of a run and to whoever asks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import Model
from abm.agents.broker import luck_of_week
from abm.gates import Gates
from abm.memory import Memory
from abm.policy import POLICIES
from abm.policy.instrument import CN, LICENSED, US
from tests.laws.runs import model_of

QUANTITIES = (1, 40, 5_000, 300_000)
BROKERS = 4


def asked_anew(gates: Gates, chip: str, buyer: str, quantity: int) -> tuple:
    """What both governments answer, with nothing kept."""
    sale = gates.transaction(chip, buyer=buyer, quantity=quantity)
    return tuple(gates.model.policy.review(sale, gates.office(government), government) for government in (US, CN))


def allowed_anew(gates: Gates, chip: str, buyer: str, quantity: int) -> int:
    """How many chips may go, by the plain reading of both answers."""
    if all(ruling.licence is None and ruling.free_units is None for ruling in asked_anew(gates, chip, buyer, 1)):
        return quantity
    most = [quantity]
    for government, ruling in zip((US, CN), asked_anew(gates, chip, buyer, quantity), strict=True):
        if not ruling.permitted and ruling.licence not in LICENSED:
            return 0
        if not ruling.permitted:
            most.append(gates.office(government).licensed(chip, buyer) + (ruling.free_units or 0))
    return min(most)


def compare(model: Model) -> tuple[int, int]:
    """Every chip on offer, every cloud and some brokers: how many answers stood, and how many did not."""
    gates, kinds = model.gates, [0, 0]
    for chip in sorted(model.picture.quotes):
        for buyer in (*sorted(model.clouds), *sorted(model.brokers)[:BROKERS]):
            kinds[gates.standing(chip, buyer) is None] += 1
            for quantity in QUANTITIES:
                assert gates.rulings(chip, buyer, quantity) == asked_anew(gates, chip, buyer, quantity)
                assert gates.allowed_units(chip, buyer, quantity) == allowed_anew(gates, chip, buyer, quantity)
    return tuple(kinds)


@pytest.mark.parametrize(
    "policy, until, some_are_asked_daily",
    [("historical", date(2026, 2, 6), True), ("diffusion_caps_kept", date(2025, 6, 13), True),
     ("both_endogenous", date(2025, 3, 7), False)],
)  # fmt: skip
def test_answers_through_a_run_are_those_given_anew(policy, until, some_are_asked_daily):
    model = model_of(until, policy=POLICIES[policy])
    found = [(0, 0)]
    for day in model.calendar[:-1]:
        model.step()
        if day.day < 6 and day.weekday() == 1 or day >= date(2026, 1, 26):
            found.append(compare(model))
    assert len(found) > 2 and all(standing > 50 for standing, _ in found[1:])
    assert any(daily for _, daily in found) == some_are_asked_daily


def test_a_licence_counts_at_once_and_is_used_up_at_once():
    model = model_of(date(2025, 1, 3))
    office, gates = model.regulators["us_commerce"], model.gates
    chip, buyer = next(
        (chip, buyer) for chip in sorted(model.picture.quotes) for buyer in sorted(model.brokers)
        if gates.standing(chip, buyer) is not None and gates.standing(chip, buyer).covered[0] is not None)
    office.open_licences.clear()
    assert gates.allowed_units(chip, buyer, 10) == 0
    office.open_licences[chip, buyer] = 7
    assert gates.allowed_units(chip, buyer, 10) == 7 and gates.rulings(chip, buyer, 7)[0].permitted
    office.use_licence(chip, buyer, 3)
    assert gates.allowed_units(chip, buyer, 10) == 4 and not gates.rulings(chip, buyer, 7)[0].permitted


def test_all_brokers_have_the_luck_that_each_has_alone():
    model = model_of(date(2025, 1, 3))
    alone = {name: model.chance.uniform("lot", name, model.day) for name in model.brokers}
    assert {name: luck_of_week(model, name) for name in model.brokers} == alone
    assert luck_of_week(model, "a newcomer") == model.chance.uniform("lot", "a newcomer", model.day)


def test_grey_prices_and_options_follow_what_they_depend_on():
    model = model_of(date(2025, 1, 3))
    chip, cloud = model.restricted_chips()[0], model.clouds["alibaba"]
    price, options = model.grey_price(chip), model.options_for(cloud)
    model.picture.log_grey_price += 1.0
    assert model.grey_price(chip) > 2 * price
    model.rates.refresh(0.9)
    assert model.options_for(cloud) != options
    assert [one.chip for one in model.options_for(cloud)] == sorted(one.chip for one in options)
    del model.picture.quotes[options[0].chip]
    assert [one.chip for one in model.options_for(cloud)] == [one.chip for one in options[1:]]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=30))
def test_a_memory_answers_as_if_it_kept_nothing(questions):
    memory = Memory()
    for circumstance, question in questions:
        answers = memory.under(circumstance, "fixed")
        assert answers.setdefault(question, circumstance * 10 + question) == circumstance * 10 + question
    memory.forget()
    assert memory.under(0, "fixed") == {}
