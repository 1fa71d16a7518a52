"""What an experiment is, how its runs are identified, and what its author is told when it cannot be used."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date

import pytest

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, RULES_OF_END_2024, Experiment
from abm.errors import InputError

SMALL = Experiment(
    name="small", question="What?", scenarios=(HISTORY_2025,), policies=(NO_CONTROLS, HISTORICAL), seeds=range(3)
)


def ids(experiment: Experiment) -> set[str]:
    return {run.run_id for run in experiment.runs()}


def test_an_experiment_is_every_combination_with_the_arms_of_a_seed_together():
    runs = list(SMALL.runs())
    assert len(runs) == len(SMALL) == len(ids(SMALL)) == 6
    assert [(run.policy.name, run.seed) for run in runs[:3]] == [("no_controls", 0), ("historical", 0), ("no_controls", 1)]
    assert {run.until for run in runs} == {HISTORY_2025.until}


def test_an_experiment_is_frozen():
    with pytest.raises(FrozenInstanceError):
        SMALL.name = "other"


def test_the_first_policy_is_the_reference_by_default():
    assert SMALL.against == "no_controls"
    assert replace(SMALL, against="historical").against == "historical"


def test_whatever_determines_a_run_changes_its_id():
    varied = HISTORY_2025.vary({first.path: (first.low + first.high) / 2 for first in HISTORY_2025.parameters()[:1]})
    first, *rest = HISTORY_2025.chips
    fewer = HISTORICAL.without("us_ascend_guidance_2025_05").instruments
    others = [
        replace(SMALL, scenarios=(varied,)),
        replace(SMALL, policies=(RULES_OF_END_2024,), against=""),
        replace(SMALL, seeds=range(10, 13)),
        replace(SMALL, until=date(2026, 6, 30)),
        replace(SMALL, scenarios=(replace(HISTORY_2025, chips=(replace(first, memory_gb=1.0), *rest)),)),
        replace(SMALL, policies=(replace(HISTORICAL, instruments=fewer),), against=""),
    ]
    for other in others:
        assert not ids(other) & ids(SMALL)


def test_what_does_not_determine_a_run_leaves_its_id():
    same = replace(SMALL, name="other", question="Why?", against="historical", outcomes=("gap_months",))
    assert ids(same) == ids(SMALL)
    assert ids(replace(SMALL, until=HISTORY_2025.until)) == ids(SMALL)
    assert ids(replace(SMALL, seeds=(2, 0, 1))) == ids(SMALL)


def test_more_or_fewer_seeds():
    assert list(SMALL.with_seeds(2).seeds) == [0, 1]
    assert list(SMALL.with_seeds(5).seeds) == [0, 1, 2, 3, 4]
    assert list(replace(SMALL, seeds=(7, 3)).with_seeds(4).seeds) == [7, 3, 8, 9]
    for count in (0, -1, True):
        with pytest.raises(InputError, match="seeds = .* below its lower bound 1"):
            SMALL.with_seeds(count)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "a/b"}, "name = 'a/b'"),
        ({"name": 3}, "name = 3"),
        ({"question": " "}, "question"),
        ({"scenarios": HISTORY_2025}, "scenarios = Scenario 'history_2025' must be a tuple"),
        ({"scenarios": ()}, "scenarios is empty, at least 1"),
        ({"scenarios": ("history",)}, r"scenarios\[0\] = 'history' is not a Scenario"),
        ({"policies": ()}, "policies is empty, at least 1"),
        ({"policies": (NO_CONTROLS, "historical")}, r"policies\[1\] = 'historical' is not a Policy"),
        ({"policies": (NO_CONTROLS, NO_CONTROLS)}, 'policies holds the name "no_controls" 2 times'),
        ({"seeds": ()}, "seeds is empty, at least 1"),
        ({"seeds": 10}, "seeds = 10 must be a range"),
        ({"seeds": (0, -1)}, r"seeds\[1\] = -1 is below its lower bound 0"),
        ({"seeds": (0, 2**63)}, r"seeds\[1\] = .* is above its upper bound"),
        ({"seeds": (0, 1, 0)}, r"seeds\[2\] = 0 is there twice"),
        ({"seeds": (0, True)}, r"seeds\[1\] = True is not a whole number"),
        ({"seeds": (0.0,)}, r"seeds\[0\] = 0.0 is not a whole number"),
        ({"until": "2026-12-31"}, "until = '2026-12-31' is not a date"),
        ({"until": date(2024, 12, 31)}, "until = 2024-12-31 is before the start 2025-01-01"),
        ({"against": "historic"}, 'unknown policy in against "historic" .*did you mean "historical"'),
        ({"outcomes": ()}, "outcomes = .* at least 1"),
        ({"outcomes": ("gap_month",)}, 'unknown outcome "gap_month" .*did you mean "gap_months"'),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value_and_bound(change, says):
    with pytest.raises(InputError, match=says):
        replace(SMALL, **change)
