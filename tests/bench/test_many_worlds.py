"""Designs of many worlds: read once, told over all of them, and policies in the order of the experiment."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.bench.experiment_file import load_experiment
from abm.bench.report import MOST_WORLDS, report
from abm.bench.running import run_experiment
from abm.results import Results
from tests.small_experiment import EXPERIMENT_TEXT, modules_kept, write_experiment

WORLDS = MOST_WORLDS + 1
MANY = EXPERIMENT_TEXT.replace(
    "scenarios=(HISTORY_2025,)", "scenarios=tuple(replace(HISTORY_2025, name=f'world_{n}') for n in range(WORLDS))"
).replace("import sys\n", f"import sys\nfrom dataclasses import replace\nWORLDS = {WORLDS}\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Results of many worlds under two policies, one seed each."""
    made = tmp_path_factory.mktemp("many")
    with modules_kept():
        file = write_experiment(made / "mine", seeds="range(1)", text=MANY)
        run_experiment(load_experiment(file), made / "out", file=file, engine="serial")
    return made / "out"


def test_series_and_pairs_are_asked_for_as_often_as_arms_and_outcomes_need_whatever_the_worlds(folder, monkeypatch):
    asked = []
    for name in ("series", "pairs"):
        kept = getattr(Results, name)
        monkeypatch.setattr(
            Results, name, lambda self, *a, _kept=kept, _name=name, **k: asked.append(_name) or _kept(self, *a, **k))
    told = report(Results.load(folder))
    outcomes = len(told.rows) // WORLDS
    assert asked.count("series") == 1 and 0 < asked.count("pairs") <= 2 * outcomes < WORLDS


def test_of_many_worlds_one_table_over_all_is_printed_and_json_has_each(folder):
    told = report(Results.load(folder))
    text = told.as_text()
    assert "python -m analysis.sensitivity" in text and "world_3" not in text and len(text.splitlines()) < 60
    assert {row.scenario for row in told.rows} == {f"world_{n}" for n in range(WORLDS)}
    gap = next(row for row in told.overall if row.outcome == "gap_months")
    each = [row.difference for row in told.rows if row.outcome == "gap_months"]
    assert gap.n == WORLDS and gap.difference == pytest.approx(sum(each) / WORLDS) and gap.low is None


def test_of_few_worlds_each_has_its_table(small_folder):
    told = report(Results.load(small_folder / "out"))
    assert told.overall == () and "analysis.sensitivity" not in told.as_text()


def test_policies_come_in_the_order_of_the_experiment_whichever_finished_in_the_first_world(folder):
    results = Results.load(folder)
    first = results.runs["run_id"][0]
    assert results.runs["policy"][0] == results.policies[0] == "no_controls"
    results._only = frozenset(results.runs["run_id"]) - {first}
    del results.runs
    assert results.runs["policy"][0] == "historical" and results.policies == ("no_controls", "historical")
