"""Every experiment that ships runs, at tiny size."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import abm
from abm.bench.experiment_file import load_experiment
from tests.house.source_tree import ROOT, project_files

FILES = [name for name in project_files() if name.startswith("experiments/") and name.endswith(".py")]
TINY = timedelta(days=10)


def test_the_main_experiment_is_there():
    assert "experiments/export_controls.py" in FILES


@pytest.mark.smoke
@pytest.mark.parametrize("name", FILES)
def test_an_experiment_runs_at_tiny_size(name, tmp_path):
    experiment = load_experiment(ROOT / name).with_seeds(1)
    start = min(scenario.start for scenario in experiment.scenarios)
    worlds = tuple(scenario.vary({"capital.burn_in_days": 30}) for scenario in experiment.scenarios)
    tiny = replace(experiment, scenarios=worlds, until=start + TINY)
    results = abm.run(tiny, tmp_path / "out", engine="serial")
    assert len(results.runs) == len(experiment)


@pytest.mark.parametrize("name", FILES)
def test_an_experiment_is_named_after_its_file_and_asks_something(name):
    experiment = load_experiment(ROOT / name)
    assert name == f"experiments/{experiment.name}.py"
    assert "?" in experiment.question
