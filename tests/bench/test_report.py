"""The printed table says what the results hold, with units, intervals, counts and what they mean."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from abm.bench.experiment_file import load_experiment
from abm.bench.report import columns, report, significant
from abm.bench.running import run_experiment
from abm.results import Results
from tests.small_experiment import modules_kept, write_experiment


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


def results_of(folder: Path, *, seeds: int = 6, against: str = "no_controls") -> Results:
    experiment = load_experiment(write_experiment(folder / "mine")).with_seeds(seeds)
    run_experiment(replace(experiment, against=against), folder / "out", engine="serial")
    return Results.load(folder / "out")


def test_the_rows_are_the_paired_differences_of_the_results(tmp_path):
    results = results_of(tmp_path)
    rows = {row.outcome: row for row in report(results).rows}
    assert list(rows)[:3] == ["next_launch_months, restricted mean", "share launched", "next_launch_months, median"]
    paired = results.paired("gap_months", policy="historical", against="no_controls")
    row = rows["gap_months"]
    assert (row.reference, row.level, row.difference) == (paired.reference, paired.level, paired.mean)
    assert (row.low, row.high, row.n, row.unit) == (paired.low, paired.high, 6, "month")
    launched = results.runs.groupby("policy")["next_launched"].mean()
    assert (rows["share launched"].reference, rows["share launched"].level) == (
        launched["no_controls"], launched["historical"],
    )


def test_the_reference_policy_is_the_one_of_the_experiment(tmp_path):
    rows = report(results_of(tmp_path, against="historical")).rows
    assert {row.policy for row in rows} == {"no_controls"}


def test_the_binding_shares_of_an_arm_add_up_to_one(tmp_path):
    told = report(results_of(tmp_path)).bindings
    assert [one.policy for one in told] == ["no_controls", "historical"]
    for one in told:
        assert sum(one.shares.values()) == pytest.approx(1) and one.n == 6


def test_the_text_names_statistics_horizon_and_units(tmp_path):
    text = report(results_of(tmp_path)).as_text()
    for words in (
        "historical - no_controls", "95 % Student t interval", "horizon 24.0 months", "min(T, horizon)", "H100-equivalent",
        "share launched", "quality only", "capacity only", "neither",
    ):
        assert words in text


def test_one_pair_has_no_interval_and_few_launches_no_median(tmp_path):
    results = results_of(tmp_path, seeds=1)
    results.runs["next_launched"] = 0.0
    text = report(results).as_text()
    lines = [line.split() for line in text.splitlines()]
    assert next(line for line in lines if line[:1] == ["gap_months"])[-2:] == ["-", "1"]
    assert next(text for text in text.splitlines() if "median" in text).count("not reached") == 2


def test_two_scenarios_are_compared_apart(tmp_path):
    experiment = load_experiment(write_experiment(tmp_path / "mine"))
    other = replace(experiment.scenarios[0], name="other")
    run_experiment(replace(experiment, scenarios=(experiment.scenarios[0], other)), tmp_path / "out", engine="serial")
    told = report(Results.load(tmp_path / "out"))
    assert {row.scenario for row in told.rows} == {"history_2025", "other"} and {row.n for row in told.rows} == {4}
    assert "historical - no_controls in other" in told.as_text()


def test_the_json_is_the_same_report(tmp_path):
    told = report(results_of(tmp_path))
    content = json.loads(told.as_json())
    assert len(content["rows"]) == len(told.rows) and content["against"] == "no_controls"
    assert content["rows"][0]["difference"] == told.rows[0].difference


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0, "0"), (0.123456, "0.1235"), (12.3, "12.3"), (999.96, "1,000"), (1840547.1, "1,840,547")],
)
def test_numbers_have_four_significant_digits_and_separated_thousands(value, text):
    assert significant(value) == text


def test_differences_carry_their_sign():
    assert [significant(value, sign=True) for value in (1.5, -1.5, 20000)] == ["+1.5", "-1.5", "+20,000"]


def test_columns_are_aligned():
    lines = list(columns([("name", "n"), ("a", "10"), ("long name", "5")], left=1))
    assert lines == ["  name        n", "  ---------  --", "  a          10", "  long name   5"]
