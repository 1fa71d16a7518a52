"""Whatever an experiment file says, it runs whole, or is refused in one sentence and nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.errors import InputError
from abm.results import Results
from tests.small_experiment import modules_kept

HEAD = """import sys
from datetime import date, datetime

import abm
import small_world
from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, Experiment

sys.modules["abm.model"] = small_world
"""
GOOD = {
    "name": ('"small"', '"a.b-c"'),
    "question": ('"Why?"',),
    "scenarios": ("(HISTORY_2025,)", "[HISTORY_2025]"),
    "policies": ("(NO_CONTROLS, HISTORICAL)", "(HISTORICAL,)"),
    "seeds": ("range(2)", "(3, 1)", "[7]"),
    "until": ("None", "date(2026, 12, 31)", "date(2025, 1, 1)"),
    "against": ('""', '"historical"'),
    "outcomes": ('("nvda_value",)', '["gap_months", "next_launch_months"]'),
}
ODD = (
    "None", "0", "-1", "2**63", "1.5", "float('nan')", '""', '"../up"', '"two\\nlines"', "b'x'", "()", "[]", "{}", "(1, 1)",
    "range(0)", "range(-1, 2)", "(True,)", "(0.5,)", '("nvda_value", 3)', '("nvda_valu",)', "(HISTORICAL, HISTORICAL)",
    "(HISTORY_2025, HISTORY_2025)", "HISTORY_2025", "Experiment", "object()", "lambda: 0", "date(2020, 1, 1)",
    "datetime(2026, 1, 1)", '"no_such_policy"', "[[]]", "{1, 2}", "print", "abm",
)
TAILS = ("", "EXPERIMENT.seeds = 3\n", "EXPERIMENT = 3\n", "del EXPERIMENT\n", "1 / 0\n", "raise SystemExit(0)\n", "def f(:\n",
         "import no_such_module\n", "\x00", "EXPERIMENT = EXPERIMENT.with_seeds(1)\n", "HISTORY_2025.vary({'x.y': 1})\n")

fields = st.fixed_dictionaries({}, optional={
    name: st.one_of(st.sampled_from(good), st.sampled_from(good), st.sampled_from(good), st.sampled_from(ODD))
    for name, good in GOOD.items()})
tails = st.one_of(st.just(""), st.just(""), st.just(""), st.sampled_from(TAILS))


def check(folder: Path, given_fields: dict[str, str], tail: str) -> None:
    """Run what the fields and the tail make, in this process, and look at what is left."""
    everything = {name: good[0] for name, good in GOOD.items()} | given_fields
    told = ", ".join(f"{name}={value}" for name, value in everything.items())
    file, out = folder / "fuzzed.py", folder / "out"
    file.write_text(f"{HEAD}\nEXPERIMENT = Experiment({told})\n{tail}", encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    with modules_kept():
        try:
            experiment = load_experiment(file)
            outcome = run_experiment(experiment, out, file=file, engine="serial")
        except InputError as problem:
            assert str(problem) and "\n" not in str(problem)
            assert not out.exists()
            return
        assert outcome.finished == len(experiment) and not outcome.failures
        assert len(Results.load(out).runs) == len(experiment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder in which files find the small world."""
    made = tmp_path_factory.mktemp("fuzzed")
    shutil.copy(Path(__file__).parents[1] / "small_world.py", made)
    return made


@settings(max_examples=200, deadline=None, derandomize=True)
@given(fields, tails)
def test_a_fuzzed_experiment_runs_whole_or_is_refused_in_a_sentence(folder, given_fields, tail):
    check(folder, given_fields, tail)


@pytest.mark.full
@settings(max_examples=2000, deadline=None, derandomize=True)
@given(fields, tails)
def test_many_fuzzed_experiments_run_whole_or_are_refused_in_a_sentence(folder, given_fields, tail):
    check(folder, given_fields, tail)
