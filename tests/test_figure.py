"""The headline figure shows what the results hold and says what it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from abm.bench.experiment_file import load_experiment
from abm.figure import FEW_SEEDS, draw, save
from abm.results import Results
from tests.small_experiment import REPOSITORY, modules_kept, small_results


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The small experiment with enough seeds for bands."""
    return small_results(tmp_path_factory.mktemp("figure"), seeds=FEW_SEEDS)


@pytest.fixture
def results(folder) -> Results:
    return Results.load(folder / "out")


def only(results: Results, folder: Path, *, seeds: int, arms: int) -> Results:
    """The results of some seeds and arms alone."""
    with modules_kept():
        experiment = load_experiment(folder / "mine" / "experiment_file.py").with_seeds(seeds)
    return results.of(replace(experiment, policies=experiment.policies[:arms]))


def test_the_figure_is_saved_for_screen_and_print(results, tmp_path):
    paths = save(results, tmp_path)
    assert [path.name for path in paths] == ["figure.png", "figure.pdf"]
    assert paths[0].read_bytes().startswith(b"\x89PNG") and paths[1].read_bytes().startswith(b"%PDF")


def test_every_arm_has_its_line_and_the_caption_its_n_and_statistics(results):
    figure = draw(results)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["no controls", "historical"]
    for axis in figure.axes:
        arms = [line for line in axis.lines if not line.get_label().startswith("_")]
        assert len(arms) == len({line.get_color() for line in arms}) == len({line.get_linestyle() for line in arms}) == 2
    caption = figure.get_supxlabel().replace("\n", " ")
    for words in (f"{FEW_SEEDS} runs a policy", "Kaplan-Meier", "95 % Student t interval", "censored at the horizon"):
        assert words in caption
    launches, compute, gap = figure.axes
    assert launches.get_ylabel() == "share of runs" and "months from 2025-01-01" in launches.get_xlabel()
    assert compute.get_ylabel() == "H100-equivalents" and gap.get_ylabel() == "months"


def test_the_lines_are_the_data(results):
    launches, *over_time = draw(results).axes
    for line, policy in zip(launches.lines, results.policies, strict=True):
        runs = results.runs[results.runs["policy"] == policy]
        assert line.get_ydata()[0] == 1 and line.get_ydata()[-2] == pytest.approx(1 - runs["next_launched"].mean())
    for axis, name in zip(over_time, ("effective_compute", "capability_gap"), strict=True):
        for line, band, policy in zip(axis.lines, axis.collections, results.policies, strict=False):
            by_day = results.series(name, policy=policy).groupby("date")["value"]
            np.testing.assert_allclose(line.get_ydata(), by_day.mean())
            lowest, highest = band.get_paths()[0].get_extents().intervaly
            half = by_day.sem() * stats.t.ppf(0.975, FEW_SEEDS - 1)
            assert lowest == pytest.approx((by_day.mean() - half).min())
            assert highest == pytest.approx((by_day.mean() + half).max())


@pytest.mark.parametrize(("factor", "name", "size"), [(1e2, "thousand", 1e3), (1e4, "million", 1e6)])
def test_large_numbers_are_drawn_in_thousands_or_millions(results, monkeypatch, *, factor, name, size):
    plain = results.series("effective_compute", label="China")
    monkeypatch.setattr(results, "series", lambda *_, **__: plain.assign(value=plain["value"] * factor))
    compute = draw(results).axes[1]
    assert compute.get_ylabel() == f"{name} H100-equivalents"
    means = plain[plain["policy"] == results.policies[0]].groupby("date")["value"].mean()
    np.testing.assert_allclose(compute.lines[0].get_ydata(), means * factor / size)


def test_launches_are_shown_to_the_last_one_and_to_the_horizon_only_if_some_have_none(results):
    results.runs["next_launched"] = 1.0
    results.runs["next_launch_months"] = [3.2, *[2.0] * (len(results.runs) - 1)]
    assert draw(results).axes[0].get_xlim() == (0, 5)
    results.runs.loc[0, "next_launched"] = 0.0
    assert draw(results).axes[0].get_xlim()[1] == pytest.approx(24, abs=0.1)


def test_few_seeds_are_drawn_one_by_one(results, folder):
    figure = draw(only(results, folder, seeds=2, arms=2))
    compute = figure.axes[1]
    assert len(compute.lines) == 2 * (1 + 2) and not compute.collections
    assert "thin lines: single runs" in figure.get_supxlabel().replace("\n", " ")


@pytest.mark.parametrize(("seeds", "arms"), [(1, 2), (1, 1), (3, 1)])
def test_one_seed_or_one_arm_are_drawn_without_what_they_lack(results, folder, seeds, arms):
    figure = draw(only(results, folder, seeds=seeds, arms=arms))
    assert len(figure.axes) == 3 and len(figure.legends[0].get_texts()) == arms
    figure.canvas.draw()


def test_no_display_is_needed_and_no_style_left_behind(folder, tmp_path):
    text = (
        "import sys; from abm.results import Results; from abm.figure import save; from pathlib import Path;"
        "import matplotlib as m;"
        "before = dict(m.rcParams); save(Results.load(Path(sys.argv[1])), Path('.')); print(before == dict(m.rcParams))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    environment |= {"PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", text, str(folder / "out")]
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
