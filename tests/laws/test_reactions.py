"""Runs in which governments make the rules: what is published, and what switching each part off takes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm.model import Model
from abm.policy import BOTH_ENDOGENOUS, CN_REACTION, RULES_OF_END_2024, US_REACTION
from abm.policy.drafting import is_endogenous
from abm.policy.enforcement import Enforcement
from abm.policy.instrument import Instrument
from abm.policy.tightening import tightening_by
from tests.laws.runs import QUICK, in_processes

HORIZON, AUTUMN = date(2026, 12, 31), date(2025, 9, 30)
SINCE = date(2025, 4, 1)
SEEDS = (0, 4)


def both(**changes: object):
    """The arm of two reacting governments with numbers changed in both."""
    reactions = tuple(replace(one, **changes) for one in (US_REACTION, CN_REACTION))
    return replace(BOTH_ENDOGENOUS, reactions=reactions)


def aimless():
    """Both governments are content with any state of the world, and enforce as before."""
    changes = {"effort_per_lot": 0.0}
    return replace(BOTH_ENDOGENOUS, reactions=tuple(
        replace(one, aim=replace(one.aim, target=0.0), **changes) for one in (US_REACTION, CN_REACTION)))


CASES = {
    "both": (BOTH_ENDOGENOUS, HORIZON),
    "both again": (BOTH_ENDOGENOUS, AUTUMN),
    "later": (both(since=SINCE), AUTUMN),
    "frozen": (RULES_OF_END_2024, AUTUMN),
    "aimless": (aimless(), AUTUMN),
    "no answers": (both(retaliation_probability=0.0), AUTUMN),
    "heard": (both(lobbying_weight=100.0), AUTUMN),
}
RUNS = [("both", 0), ("both", 4), ("both again", 4), ("later", 4), ("frozen", 4), ("aimless", 4), ("no answers", 4),
        ("heard", 4)]


class Outcome:
    """What one run published, its digests and its horizon."""

    def __init__(self, case: tuple[str, int]) -> None:
        name, seed = case
        policy, until = CASES[name]
        model = Model(QUICK, policy, seed=seed, until=until)
        model.run()
        self.policy, self.chips = model.policy, tuple(model.chips.values())
        self.published: list[Instrument] = [one for one in model.policy.instruments if is_endogenous(one)]
        self.digests = [text for _, text in model.record.digests]
        self.told = [(day, title) for day, _, kind, title in model.record.events if kind == "published"]
        self.days = [day for day, _ in model.record.digests]

    def rules(self) -> list[Instrument]:
        """What was published, but for efforts."""
        return [one for one in self.published if not isinstance(one, Enforcement)]


@pytest.fixture(scope="module")
def runs() -> dict[tuple[str, int], Outcome]:
    return in_processes(Outcome, RUNS)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_governments_publish_dated_and_cited_acts(runs, seed):
    outcome = runs["both", seed]
    assert {one.government for one in outcome.published} == {"US", "CN"}
    assert 2 <= len(outcome.rules()) <= 12
    for one in outcome.published:
        assert US_REACTION.since < one.public <= HORIZON and one.public in outcome.days
        assert one.cites.startswith("endogenous: ") and (one.public, one.title) in outcome.told


@pytest.mark.parametrize("seed", SEEDS)
def test_efforts_stay_within_the_budget(runs, seed):
    policy = runs["both", seed].policy
    efforts = [policy.enforcement_effort(day) for day in runs["both", seed].days]
    assert 1.0 <= min(efforts) < max(efforts) <= US_REACTION.effort_ceiling


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_answered_is_a_tightening_of_the_other_government(runs, seed):
    policy = runs["both", seed].policy
    answers = [one for one in runs["both", seed].published if one.responds_to]
    assert answers
    for one in answers:
        trigger = policy.instrument(one.responds_to)
        assert trigger.government != one.government and trigger.market_day < one.public
        assert tightening_by(policy, trigger.name, chips=runs["both", seed].chips) is not None


def test_a_run_is_repeated_to_the_bit(runs):
    again = runs["both again", 4]
    assert runs["both", 4].digests[: len(again.digests)] == again.digests


def test_a_later_reaction_leaves_the_world_alone_until_then(runs):
    later, frozen = runs["later", 4], runs["frozen", 4]
    first = frozen.days.index(SINCE)
    assert later.digests[:first] == frozen.digests[:first] and later.digests[first:] != frozen.digests[first:]
    assert runs["both", 4].digests[1] != frozen.digests[1]


def test_governments_without_an_aim_publish_nothing_and_change_nothing(runs):
    assert runs["aimless", 4].published == [] and runs["aimless", 4].digests == runs["frozen", 4].digests


def test_without_retaliation_nothing_is_answered(runs):
    assert [one for one in runs["no answers", 4].published if one.responds_to] == []
    assert [one for one in runs["both", 4].published if one.responds_to and one.public <= AUTUMN]


def test_an_industry_that_is_heard_prevents_tightenings(runs):
    heard, usual = runs["heard", 4], runs["both", 4]
    assert [one for one in heard.rules() if tightening_by(heard.policy, one.name)] == []
    assert [one for one in usual.rules() if one.public <= AUTUMN and tightening_by(usual.policy, one.name)]
