"""The headline figure shows what the results hold and says what it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.figure import draw, save
from abm.results import Results
from tests.small_experiment import REPOSITORY, modules_kept, write_experiment


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


def results_of(folder: Path, *, seeds: int = 5, arms: int = 2) -> Results:
    experiment = load_experiment(write_experiment(folder / "mine")).with_seeds(seeds)
    run_experiment(replace(experiment, policies=experiment.policies[:arms]), folder / "out", engine="serial")
    return Results.load(folder / "out")


def test_the_figure_is_saved_for_screen_and_print(tmp_path):
    paths = save(results_of(tmp_path), tmp_path / "out")
    assert [path.name for path in paths] == ["figure.png", "figure.pdf"]
    assert paths[0].read_bytes().startswith(b"\x89PNG") and paths[1].read_bytes().startswith(b"%PDF")


def test_every_arm_has_its_line_and_the_caption_its_n_and_statistics(tmp_path):
    figure = draw(results_of(tmp_path))
    launches, compute, value = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["no controls", "historical"]
    colours = {line.get_color() for line in launches.lines}
    assert len(launches.lines) == len(compute.lines) == len(colours) == len({line.get_linestyle() for line in launches.lines})
    caption = figure.get_supxlabel().replace("\n", " ")
    for words in ("5 seeds an arm", "Kaplan-Meier", "95 % Student t interval", "paired differences"):
        assert words in caption
    assert "H100-equivalent" in compute.get_ylabel() and "difference" in value.get_ylabel()


def test_the_lines_are_the_data(tmp_path):
    results = results_of(tmp_path)
    launches, _, value = draw(results).axes
    for line, policy in zip(launches.lines, results.policies, strict=True):
        runs = results.runs[results.runs["policy"] == policy]
        assert line.get_ydata()[0] == 1 and line.get_ydata()[-2] == pytest.approx(1 - runs["next_launched"].mean())
    both = results.pairs("nvda_value", policy="historical", against="no_controls")
    dots = value.collections[0].get_offsets()
    np.testing.assert_allclose(np.sort(np.asarray(dots)[:, 1]), np.sort(both["value"] - both["reference"]))


@pytest.mark.parametrize(("seeds", "arms", "panels"), [(1, 2, 3), (1, 1, 2), (3, 1, 2)])
def test_one_seed_or_one_arm_are_drawn_without_what_they_lack(tmp_path, seeds, arms, panels):
    figure = draw(results_of(tmp_path, seeds=seeds, arms=arms))
    assert len(figure.axes) == panels
    figure.canvas.draw()


def test_no_display_is_needed_and_no_style_left_behind(tmp_path):
    results_of(tmp_path)
    text = (
        "from abm.results import Results; from abm.figure import save; from pathlib import Path; import matplotlib as m;"
        "before = dict(m.rcParams); save(Results.load('out'), Path('out')); print(before == dict(m.rcParams))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    environment |= {"PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "agg"}
    told = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "True"
