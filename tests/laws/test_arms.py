"""Two arms of a seed are one world until the first rule that differs is public, and two from then on."""

from __future__ import annotations

from datetime import date

import pytest

from abm import HISTORICAL, NO_CONTROLS, Model
from abm.agents.investor import LAST_BURN_IN
from abm.policy import first_difference
from tests.laws.runs import agents_by_name, digests, finished, shared

UNTIL = date(2025, 4, 25)
LETTER = "us_letter_2025_04"
WITHOUT_LETTER = HISTORICAL.without(LETTER)


@pytest.fixture(scope="module")
def historical() -> Model:
    return shared(UNTIL)


@pytest.fixture(scope="module")
def without_letter() -> Model:
    return shared(UNTIL, policy=WITHOUT_LETTER)


def test_the_letter_was_public_in_april():
    assert first_difference(HISTORICAL, WITHOUT_LETTER) == HISTORICAL.instrument(LETTER).market_day == date(2025, 4, 16)


def test_arms_are_equal_to_the_last_bit_until_the_rule_is_public(historical, without_letter):
    here = historical.calendar.index(date(2025, 4, 16))
    one, other = digests(historical), digests(without_letter)
    assert here > 60
    assert one[:here] == other[:here]
    assert all(mine != theirs for mine, theirs in zip(one[here:], other[here:], strict=True))


def test_everything_measured_before_is_equal_too(historical, without_letter):
    bites = date(2025, 4, 16)
    for name in ("series", "events"):
        mine, theirs = (getattr(model.record, name) for model in (historical, without_letter))
        assert [row for row in mine if row[0] < bites] == [row for row in theirs if row[0] < bites]
        assert mine != theirs


def test_the_rule_reaches_those_it_names(historical, without_letter):
    changed = {
        name
        for name, state in agents_by_name(historical).items()
        if agents_by_name(without_letter).get(name) != state
    }
    assert "nvidia" in changed
    assert not changed & {"customs_sg", "customs_my", "customs_ae"}


def test_without_controls_the_world_is_another_at_once(historical):
    lifted = shared(date(2025, 1, 10), policy=NO_CONTROLS)
    pairs = list(zip(digests(lifted), digests(historical), strict=False))
    assert all(mine != theirs for mine, theirs in pairs[1:])


def test_a_policy_of_another_name_and_the_same_rules_is_the_same_world(historical):
    renamed = HISTORICAL.amended("another_name")
    assert digests(finished(UNTIL, policy=renamed)) == digests(historical)


def test_burn_in_is_the_same_in_every_arm(historical):
    lifted = shared(date(2025, 1, 3), policy=NO_CONTROLS)
    days = [day for day in historical.equities.history if day.day < 0]
    assert days and days == [day for day in lifted.equities.history if day.day < 0]


def test_a_kept_burn_in_is_the_one_that_would_be_traded():
    LAST_BURN_IN.clear()
    traded = shared(date(2025, 1, 10), policy=NO_CONTROLS)
    kept = finished(date(2025, 1, 10), policy=NO_CONTROLS)
    assert digests(traded) == digests(kept)
