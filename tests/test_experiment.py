"""What an experiment is, how its runs are identified, and what its author is told when it cannot be used."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from datetime import date

import pytest

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, RULES_OF_END_2024, Experiment
from abm.errors import InputError
from abm.experiment_file import load_experiment
from abm.identity import SHOWS_ONLY, code_version, describe, fingerprint
from tests.small_experiment import REPOSITORY

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
    others = [
        replace(SMALL, scenarios=(varied,)),
        replace(SMALL, policies=(RULES_OF_END_2024,), against=""),
        replace(SMALL, seeds=range(10, 13)),
        replace(SMALL, until=date(2026, 6, 30)),
        replace(SMALL, scenarios=(replace(HISTORY_2025, chips=(replace(first, memory_gb=1.0), *rest)),)),
        replace(SMALL, policies=(replace(HISTORICAL, instruments=HISTORICAL.instruments[1:]),), against=""),
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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no EXPERIMENT"),
        ("EXPERIMNT = 3", 'has no EXPERIMENT .*did you mean "EXPERIMNT"'),
        ("EXPERIMENT = 3", "EXPERIMENT in mine.py is 3, not an Experiment"),
        ("x = 1\ny = = 2", "mine.py, line 2: invalid syntax"),
        ("x = 1\n\nimport not_there", "mine.py, line 3 cannot be imported: ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)", "mine.py, line 1 cannot be imported: SystemExit: 3"),
        ("from abm import HISTORY_2025\nHISTORY_2025.vary({'no.such': 1})", "mine.py, line 2: unknown scenario value"),
        ("x = '\x00'", "mine.py.*null bytes"),
    ],
)
def test_a_file_that_is_no_experiment_is_refused_in_one_sentence(tmp_path, text, says):
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as told:
        load_experiment(path)
    assert "\n" not in str(told.value)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.py"]


def test_a_missing_file_is_named_with_its_neighbour(tmp_path):
    (tmp_path / "export_controls.py").write_text("")
    with pytest.raises(InputError, match='export_control.py does not exist .*did you mean "export_controls.py"'):
        load_experiment(tmp_path / "export_control.py")


def test_the_experiment_of_the_house_loads():
    experiment = load_experiment(REPOSITORY / "experiments" / "export_controls.py")
    assert [policy.name for policy in experiment.policies] == ["no_controls", "rules_of_end_2024", "historical"]
    assert len(experiment) == 300


def test_a_description_does_not_depend_on_order_but_on_content():
    assert describe({"b": 1, "a": (2.5, None)}) == {"a": [2.5, None], "b": 1}
    assert describe(frozenset({"b", "a"})) == ["a", "b"]
    assert describe(date(2025, 1, 20)) == "2025-01-20"
    assert describe(describe) == "abm.identity.describe"
    with pytest.raises(InputError, match="of type object"):
        describe({"deep": [object()]})


def test_a_function_from_elsewhere_is_identified_by_its_text(tmp_path):
    marks = []
    for number, text in enumerate(("return None", "return 'a'", "return None")):
        path = tmp_path / f"rule_{number}.py"
        path.write_text(f"def caught(chip):\n    {text}\n")
        names = {}
        exec(compile(path.read_text(), str(path), "exec"), names)
        names["caught"].__module__ = "elsewhere"
        marks.append(fingerprint(describe(names["caught"])))
    assert marks[0] == marks[2] != marks[1]


def test_the_model_imports_nothing_that_its_version_leaves_out():
    names = sorted(f"abm.{name.removesuffix('.py')}" for name in SHOWS_ONLY)
    text = f"import sys, abm.model, abm.experiment; print([n for n in {names} if n in sys.modules])"
    told = subprocess.run([sys.executable, "-c", text], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_version_of_the_code_is_the_same_in_another_process():
    text = "from abm.identity import code_version; print(code_version())"
    told = subprocess.run([sys.executable, "-c", text], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == code_version()
