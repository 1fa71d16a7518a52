"""Whatever an experiment file says, it runs whole, or is refused in one sentence and nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings

from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.errors import InputError
from abm.results import Results
from tests.bench.fuzzed_files import experiment_text, fields, tails
from tests.small_experiment import modules_kept


def check(folder: Path, given_fields: dict[str, str], tail: str) -> None:
    """Run what the fields and the tail make, in this process, and look at what is left."""
    file, out = folder / "fuzzed.py", folder / "out"
    file.write_text(experiment_text(given_fields, tail), encoding="utf-8", errors="surrogatepass")
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
