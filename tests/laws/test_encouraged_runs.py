"""Encouraged runs on domestic chips, and the split of compute: each switched off, with a least effect and what stays.

Reported: DeepSeek was encouraged to train on Ascend, could not complete a run, and went back (Financial Times, 2025-08-14).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import HISTORICAL, NO_CONTROLS, Model
from abm.rules.long_runs import FOREIGN
from tests.laws.runs import QUICK, digests

UNTIL = date(2025, 9, 30)
SEEDS = (3, 4)
"""One seed in which DeepSeek tries, and one in which it does not."""
NEVER = QUICK.vary({"conduct.domestic_encouragement": 0.0})
ALWAYS = QUICK.vary({"conduct.domestic_encouragement": 1.0})
DEEPSEEK_STARTS = date(2025, 1, 20)


def run(world=QUICK, seed: int = SEEDS[0], policy=HISTORICAL, until: date = UNTIL) -> Model:
    """A run to the autumn."""
    model = Model(world, policy, seed=seed, until=until)
    model.run()
    return model


def told(model: Model, kind: str) -> list[str]:
    """What the log tells of DeepSeek's first project."""
    lab = model.labs["deepseek"]
    return [what for _, who, which, what in model.record.events
            if who == "deepseek" and which == kind and (lab.launches == 0 or "next 1" in what or kind == "encouraged")]


@pytest.fixture(scope="module")
def tried() -> Model:
    """The run in which DeepSeek tries."""
    return run()


@pytest.fixture(scope="module")
def never() -> Model:
    """The same luck without encouragement."""
    return run(NEVER)


def test_an_encouraged_run_fails_and_goes_back(tried):
    """At least ten failures of its next model on domestic chips within weeks, then foreign chips."""
    lab = tried.labs["deepseek"]
    assert len(told(tried, "encouraged")) == 1 and "Huawei Cloud" in told(tried, "encouraged")[0]
    assert len(told(tried, "run failure")) >= 2 and lab.failures >= 10
    assert told(tried, "run moved") and lab.hosts == ()
    assert lab.project is None or lab.project.place == FOREIGN


def test_without_encouragement_the_next_model_stays_on_foreign_chips(tried, never):
    """No failure then, and a thirtieth more work done on it at least; until the day on which it starts, all is the same."""
    assert told(never, "encouraged") == [] == told(never, "run failure")
    kept = [model.labs["deepseek"].worked - model.labs["deepseek"].lost for model in (never, tried)]
    assert kept[0] >= (1 + 1 / 30) * kept[1]
    days = sum(1 for day, _ in tried.record.digests if day < DEEPSEEK_STARTS)
    assert digests(tried)[:days] == digests(never)[:days]


def test_some_runs_have_it_and_some_not():
    """A lab tries in some seeds only, and until the first that tries all is the same as without encouragement."""
    other = run(seed=SEEDS[1], until=date(2025, 2, 28))
    assert told(other, "encouraged") == []
    first = min((day for day, _, kind, _ in other.record.events if kind == "encouraged"), default=date(2025, 2, 28))
    days = sum(1 for day, _ in other.record.digests if day < first)
    assert first > DEEPSEEK_STARTS and days >= 20
    assert digests(other)[:days] == digests(run(NEVER, seed=SEEDS[1], until=date(2025, 2, 28)))[:days]


def test_where_foreign_chips_may_be_bought_no_one_is_encouraged():
    model = run(ALWAYS, policy=NO_CONTROLS, until=date(2025, 2, 28))
    assert told(model, "encouraged") == [] and model.labs["deepseek"].failures == 0


def test_the_best_share_of_the_main_run_falls_as_compute_grows():
    """With a fixed split the share stays; chosen, it is at least a twentieth lower for a lab whose chips have multiplied."""
    worlds = (replace(QUICK, conduct=replace(QUICK.conduct, compute_split=name)) for name in ("best", "fixed"))
    chosen, fixed = (run(world) for world in worlds)
    assert {lab.main_share for lab in fixed.labs.values()} == {fixed.world.conduct.main_run_share}
    later = [lab for lab in chosen.labs.values() if lab.launches >= 1]
    assert len(later) >= 3 and min(lab.main_share for lab in later) <= chosen.world.conduct.main_run_share - 0.05
    assert all(0.1 < lab.main_share < 0.6 for lab in chosen.labs.values())
    assert chosen.labs["openai"].experiments == fixed.labs["openai"].experiments
