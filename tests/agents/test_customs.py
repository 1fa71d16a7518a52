"""Customs: what leaves lawfully is the luck of each firm and day, and whether a chip is restricted is asked once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import NO_CONTROLS
from abm.agents.customs import lawful
from tests.laws.runs import HISTORICAL, QUICK, model_of


def restricted_anew(model, chip: str) -> bool:
    """Whether a chip is restricted, asked without anything kept."""
    return any(one.restricts for one in model.gates.rulings_on(chip, model.ordinary_buyer, model.today))


@pytest.mark.parametrize("number", [3, 30])
def test_lawful_shipments_have_the_luck_of_their_own_names(number):
    """To the bit, however many countries' are drawn together and in whatever order they are asked for."""
    model = model_of(date(2025, 1, 10), world=QUICK.vary({"diversion.lawful_shipments": number}))
    for day in (0, 5):
        model.day = day
        for country in ("SG", "AE", "MY", "SG"):
            shipments = lawful(model, country)
            assert [one.sender for one in shipments] == [f"lawful/{country}/{place}" for place in range(number)]
            for one in shipments:
                assert one.impression == model.chance.uniform("lawful shipment", one.sender, day, 1)
                assert one.lot == model.chance.uniform("lawful shipment", one.sender, day, 2)


def test_whether_a_chip_is_restricted_is_asked_anew_under_other_rules_and_days_and_of_another_chip():
    model, answers = model_of(date(2025, 1, 10)), set()
    for policy in (HISTORICAL, NO_CONTROLS, HISTORICAL):
        for day in (date(2025, 1, 2), date(2025, 5, 1), date(2026, 2, 2), date(2025, 1, 2)):
            model.policy, model.today = policy, day
            for chip in sorted(model.sellers):
                for _ in range(2):
                    assert model.is_restricted(chip) == restricted_anew(model, chip)
                answers.add((chip, model.is_restricted(chip)))
    assert len(answers) > len(model.sellers)
    strong = next(chip for chip in sorted(model.sellers) if model.is_restricted(chip))
    free = next(chip for chip in sorted(model.sellers) if not model.is_restricted(chip))
    model.add_chip(replace(model.chip(free), name=strong), model.sellers[strong])
    assert not model.is_restricted(strong) and not restricted_anew(model, strong)
