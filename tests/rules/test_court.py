"""Designs on the same sides of every threshold are asked about once: the answers are those of asking about each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.policy import HISTORICAL
from abm.policy.design_law import DesignLaw, anonymous, chip_rules
from abm.policy.instrument import CN, US
from abm.policy.paragraphs import BandwidthLetter, RuleOfOctober2022, RuleOfOctober2023
from abm.policy.statutes import DIFFUSION_2025_01, LETTER_2025_04, RULE_2022_10, RULE_2023_10
from abm.rules.court import passed
from abm.scenario.reference import HISTORY_2025

STRETCH = 1.05
RULES = (RULE_2022_10, RULE_2023_10, DIFFUSION_2025_01, LETTER_2025_04)
BLANK = anonymous(HISTORY_2025.chips[0])
numbers = st.floats(1.0, 3e4)
axes = st.lists(numbers, min_size=1, max_size=12, unique=True).map(sorted).map(tuple)


def asked(law: DesignLaw, axis: tuple[float, ...], die_mm2: float, *, datacentre: bool) -> np.ndarray:
    """What the court answers on an axis of performances and one of interconnects, nothing kept."""
    of = {"tpp": axis, "bandwidth_tbs": (0.3, 0.8, 1.4, 1.7, 4.0), "interconnect_gbs": (50.0, 300.0, 600.0, 900.0, 1100.0)}
    fixed = {"die_mm2": die_mm2, "datacentre": datacentre}
    question = (
        tuple((name, fixed[name]) for name in fixed if name in law.reads),
        tuple((name, of[name]) for name in of if name in law.reads))
    return passed.__wrapped__(law, BLANK, question, STRETCH)


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.name)
@settings(max_examples=60)
@given(axis=axes, die_mm2=st.floats(20.0, 1600.0), datacentre=st.booleans(), country=st.sampled_from(["CN", "SG", "DE"]))
def test_who_is_asked_once_answers_as_if_each_design_were_put_to_the_law(rule, axis, die_mm2, *, datacentre, country):
    law = DesignLaw(rule, country)
    with patch.object(DesignLaw, "sides", lambda *_: None):
        each = asked(law, axis, die_mm2, datacentre=datacentre)
    assert np.array_equal(asked(law, axis, die_mm2, datacentre=datacentre), each)


def test_a_fine_axis_needs_few_questions():
    """Twelve comparisons along one axis, six of a design and six of a worse one, part it into thirteen at most."""
    law, axis, questions = DesignLaw(RULE_2023_10, CN), tuple(np.linspace(100.0, 9000.0, 800).tolist()), []
    with patch.object(DesignLaw, "catches", lambda self, chip: questions.append(chip)):
        asked(law, axis, 400.0, datacentre=True)
    assert len(questions) <= 2 * 13


@dataclass(frozen=True, kw_only=True)
class OddNumbers(RuleOfOctober2023):
    """A user's own test, which does something else with the numbers than to compare them."""

    def __call__(self, chip) -> str | None:
        """Catches every chip of an odd performance."""
        return "odd" if round(chip.tpp) % 2 else None


def test_a_users_own_test_is_asked_about_every_design():
    law = DesignLaw(replace(RULE_2023_10, test=OddNumbers()), CN)
    assert law.sides({"tpp": 1.0, "die_mm2": 1.0}) is None
    with patch("abm.rules.court._worse", lambda name, value, stretch: value):
        assert asked(law, (1.0, 2.0, 3.0, 4.0), 400.0, datacentre=True).ravel().tolist() == [False, True, False, True]


def test_the_rules_that_are_grouped_are_those_of_the_statutes_that_compare_alone():
    numbers = dict.fromkeys(("tpp", "die_mm2", "bandwidth_tbs", "interconnect_gbs"), 1.0)
    rules = chip_rules(HISTORICAL.instruments, US)
    grouped = {type(one.test) for one in rules if DesignLaw(one, CN).sides(numbers) is not None}
    assert grouped == {RuleOfOctober2022, RuleOfOctober2023, BandwidthLetter}
