"""Every experiment that ships runs, at tiny size."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import abm
from abm.bench.experiment_file import load_experiment
from abm.experiment import Experiment
from tests.house.source_tree import ROOT, project_files

FILES = [name for name in project_files() if name.startswith("experiments/") and name.endswith(".py")]
TINY = timedelta(days=10)
MOST_WORLDS = 12
"""Of a sample of worlds the first ones stand for all."""

LIBRARIES = {"experiments/screening.py": "SALib"}
"""Experiments that an extra of the project is needed for."""


def loaded(name: str) -> Experiment:
    """The experiment of a file; the test is skipped where the library that it needs is not installed."""
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    return load_experiment(ROOT / name)


def test_the_main_experiment_is_there():
    assert "experiments/export_controls.py" in FILES


@pytest.mark.smoke
@pytest.mark.parametrize("name", FILES)
def test_an_experiment_runs_at_tiny_size(name, tmp_path):
    experiment = loaded(name).with_seeds(1)
    start = min(scenario.start for scenario in experiment.scenarios)
    worlds = tuple(scenario.vary({"capital.burn_in_days": 30}) for scenario in experiment.scenarios[:MOST_WORLDS])
    tiny = replace(experiment, scenarios=worlds, until=start + TINY)
    results = abm.run(tiny, tmp_path / "out", engine="serial")
    assert len(results.runs) == len(tiny)


@pytest.mark.parametrize("name", FILES)
def test_an_experiment_is_named_after_its_file_and_asks_something(name):
    experiment = loaded(name)
    assert name == f"experiments/{experiment.name}.py"
    assert "?" in experiment.question
