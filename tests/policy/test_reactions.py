"""Reactions: what they declare, how they make policies differ, and the arms in which governments react."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date

import pytest

from abm.errors import InputError
from abm.policy import (
    BOTH_ENDOGENOUS,
    CN_REACTION,
    ENDOGENOUS_US,
    HISTORICAL,
    RULES_OF_END_2024,
    US_REACTION,
    Lead,
    Policy,
    Reaction,
    SelfReliance,
    first_difference,
)
from abm.policy.arms import FIRST_FREE_DAY, frozen_after, lifted_on
from abm.policy.statutes import LETTER_2025_04, LICENCES_2025_07

SINCE = date(2025, 6, 1)


def test_the_arm_of_one_reacting_government_keeps_what_answers_no_dropped_act():
    names = {one.name for one in ENDOGENOUS_US.instruments}
    later = {one.name for one in ENDOGENOUS_US.instruments if one.public > date(2024, 12, 31)}
    assert later == {
        one.name for one in HISTORICAL.instruments
        if one.government == "CN" and one.public > date(2024, 12, 31) and one.responds_to not in set(
            each.name for each in HISTORICAL.instruments) - names}
    assert {"cn_energy_2025_03", "cn_state_funded_2025_11"} <= later
    assert ENDOGENOUS_US.reactions == (US_REACTION,)


def test_the_arm_of_both_begins_from_the_rules_of_the_end_of_2024():
    assert BOTH_ENDOGENOUS.instruments == RULES_OF_END_2024.instruments
    assert BOTH_ENDOGENOUS.reactions == (CN_REACTION, US_REACTION)


def test_policies_that_differ_in_reactions_differ_from_the_day_on_which_one_may_act():
    assert first_difference(BOTH_ENDOGENOUS, RULES_OF_END_2024) == FIRST_FREE_DAY
    later = replace(BOTH_ENDOGENOUS, reactions=(replace(US_REACTION, since=SINCE),))
    assert first_difference(later, RULES_OF_END_2024) == first_difference(RULES_OF_END_2024, later) == SINCE
    heavier = replace(later, reactions=(replace(US_REACTION, since=SINCE, lobbying_weight=2.0),))
    assert first_difference(later, heavier) == SINCE
    assert first_difference(BOTH_ENDOGENOUS, replace(BOTH_ENDOGENOUS, name="another")) is None


def test_a_reaction_is_part_of_what_determines_a_policy():
    plain = json.dumps(BOTH_ENDOGENOUS.as_data(), sort_keys=True)
    changed = replace(BOTH_ENDOGENOUS, reactions=(US_REACTION, replace(CN_REACTION, aim=SelfReliance(target=0.6))))
    assert json.dumps(changed.as_data(), sort_keys=True) != plain
    swapped = replace(BOTH_ENDOGENOUS, reactions=(US_REACTION, CN_REACTION))
    assert json.dumps(swapped.as_data(), sort_keys=True) == plain
    assert pickle.loads(pickle.dumps(BOTH_ENDOGENOUS)) == BOTH_ENDOGENOUS


def test_every_number_of_a_reaction_is_declared():
    numbers = {one.path: one for one in BOTH_ENDOGENOUS.parameters()}
    assert (numbers["policy.us_reaction.aim.target"].unit, numbers["policy.cn_reaction.aim.target"].unit) == ("month", "1")
    assert numbers["policy.us_reaction.retaliation_lag"].value == 0.75
    assert not [path for path in {one.path for one in HISTORICAL.parameters()} if "reaction" in path]


def test_a_reaction_prints_with_the_instruments():
    rows = [row for row in BOTH_ENDOGENOUS.table() if row["kind"] == "Reaction"]
    assert [(row["government"], row["public"]) for row in rows] == [("CN", "2025-01-01"), ("US", "2025-01-01")]
    assert "capability gap" in rows[1]["title"] and rows[0].keys() == BOTH_ENDOGENOUS.table()[0].keys()


def test_policies_made_of_others_keep_the_reactions_that_can_go_on():
    assert BOTH_ENDOGENOUS.without("cn_antitrust_2024_12").reactions == BOTH_ENDOGENOUS.reactions
    assert BOTH_ENDOGENOUS.amended("more", LETTER_2025_04).reactions == BOTH_ENDOGENOUS.reactions
    day = date(2025, 6, 30)
    assert lifted_on(BOTH_ENDOGENOUS, day, name="n", description="d").reactions == (CN_REACTION,)
    assert frozen_after(BOTH_ENDOGENOUS, day, name="n", description="d").reactions == ()


def test_what_is_published_joins_the_policy_or_takes_a_place_in_it():
    grown = RULES_OF_END_2024.with_published(LETTER_2025_04, LICENCES_2025_07)
    assert (grown.name, grown.description) == (RULES_OF_END_2024.name, RULES_OF_END_2024.description)
    assert grown.instrument("us_letter_2025_04") is LETTER_2025_04
    ended = replace(LETTER_2025_04, ends=date(2025, 7, 1))
    again = grown.with_published(ended)
    assert again.instrument("us_letter_2025_04") == ended and len(again.instruments) == len(grown.instruments)
    with pytest.raises(InputError, match="us_letter_2025_04.*refers|refers.*us_letter_2025_04"):
        RULES_OF_END_2024.with_published(LICENCES_2025_07)


def test_contradictions_are_refused():
    with pytest.raises(InputError, match='unknown government of a reaction "USA".*"US"'):
        replace(US_REACTION, government="USA")
    with pytest.raises(InputError, match="is not an aim of government CN"):
        Reaction(government="CN", since=SINCE, aim=Lead())
    with pytest.raises(InputError, match='unknown kind of answer "listings".*"listing"'):
        replace(US_REACTION, answers=("listings",))
    with pytest.raises(InputError, match="reaction.retaliation_probability = 1.5 is above"):
        replace(US_REACTION, retaliation_probability=1.5)
    with pytest.raises(InputError, match='two reactions of government "US"'):
        Policy("p", "d", (), (US_REACTION, US_REACTION))
