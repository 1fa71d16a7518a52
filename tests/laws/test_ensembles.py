"""A run is a function of scenario, policy and seed: the real model, run by every engine, gives the same bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.results import Results
from tests.small_experiment import REPOSITORY, command, finish

MAIN = REPOSITORY / "experiments" / "export_controls.py"
SHORT_FILE = '''"""Does the main experiment give the same bits whatever runs it?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

from abm.bench.experiment_file import load_experiment

MAIN = load_experiment(Path({main!r}))
EXPERIMENT = replace(
    MAIN, name="short", policies=MAIN.policies[1:], against="historical", until=date(2025, 2, 28), seeds=(3, 4)
)
'''


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> tuple[Path, Path]:
    """Two arms of the main experiment for two seeds, until the end of February: the file, and its results."""
    folder = tmp_path_factory.mktemp("short")
    file = folder / "short.py"
    file.write_text(SHORT_FILE.format(main=str(MAIN)))
    outcome = run_experiment(load_experiment(file), folder / "serial", file=file, engine="serial")
    assert (outcome.finished, outcome.failures) == (4, [])
    return file, folder / "serial"


def tables(folder: Path) -> list[pd.DataFrame]:
    results = Results.load(folder)
    return [results.digests(), results.series(), results.events(), results.runs.drop(columns="seconds")]


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_give_the_same_bits_as_none(short, tmp_path, workers):
    file, serial = short
    code, out, err = finish(command("run", file, "--workers", workers, "--out", "out", folder=tmp_path), seconds=300)
    assert code == 0 and "4 runs finished, 0 failed" in err and "rules_of_end_2024 - historical" in out
    for mine, theirs in zip(tables(tmp_path / "out"), tables(serial), strict=True):
        assert len(mine)
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


def test_a_run_can_be_done_again_in_another_process(short, tmp_path):
    _, serial = short
    run_id = Results.load(serial).runs["run_id"][2]
    code, out, _ = finish(command("replay", run_id, "--results", serial, folder=tmp_path), seconds=300)
    assert code == 0 and "the same on every day" in out


def test_seeds_differ_from_the_first_day(short):
    _, serial = short
    digests = Results.load(serial).digests(policy="historical")
    assert digests.groupby("date")["digest"].nunique().min() == 2


def test_luck_does_not_depend_on_which_other_seeds_run(short, tmp_path):
    file, serial = short
    alone = replace(load_experiment(file), seeds=(4,))
    run_experiment(alone, tmp_path / "out", engine="serial")
    mine = Results.load(tmp_path / "out").digests()
    theirs = Results.load(serial).of(alone).digests()
    pd.testing.assert_frame_equal(mine, theirs)
