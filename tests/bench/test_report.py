"""The printed table says what the results hold, with units, intervals, counts and what they mean."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from abm.bench.experiment_file import load_experiment
from abm.bench.report import Row, _cells, columns, report
from abm.bench.running import run_experiment
from abm.experiment import Experiment
from abm.results import Results
from tests.small_experiment import REPOSITORY, modules_kept


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


@pytest.fixture
def results(small_folder) -> Results:
    return Results.load(small_folder / "out")


@pytest.fixture
def experiment(small_folder) -> Experiment:
    return load_experiment(small_folder / "mine" / "experiment_file.py")


def words(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def test_the_rows_are_the_paired_differences_of_the_results(results):
    rows = {row.outcome: row for row in report(results).rows}
    assert list(rows)[:3] == ["next_launch_months, mean", "share launched", "next_launch_months, median"]
    paired = results.paired("gap_months", policy="historical", against="no_controls")
    row = rows["gap_months"]
    assert (row.reference, row.level, row.difference) == (paired.reference, paired.level, paired.mean)
    assert (row.low, row.high, row.n, row.unit) == (paired.low, paired.high, 4, "month")
    launched = results.runs.groupby("policy")["next_launched"].mean()
    assert (rows["share launched"].reference, rows["share launched"].level) == (
        launched["no_controls"], launched["historical"],
    )


def test_the_reference_policy_is_the_one_of_the_experiment(results):
    results.manifest["experiment"]["against"] = "historical"
    rows = report(results).rows
    assert {row.policy for row in rows} == {"no_controls"}


def test_the_binding_shares_of_an_arm_add_up_to_one(results):
    told = report(results).bindings
    assert [one.policy for one in told] == ["no_controls", "historical"]
    for one in told:
        assert sum(one.shares.values()) == pytest.approx(1) and one.n == 4


def test_the_text_names_statistics_horizon_and_units(results):
    text = words(report(results).as_text())
    for told in (
        "historical - no_controls", "95 % Student t interval", "horizon 24.0 months", "min(T, horizon)", "H100-equivalent",
        "share launched", "quality only", "capacity only", "neither",
    ):
        assert told in text


def test_one_pair_has_no_interval_and_few_launches_no_median(results, experiment):
    results = results.of(experiment.with_seeds(1))
    results.runs["next_launched"] = 0.0
    text = report(results).as_text()
    lines = [line.split() for line in text.splitlines()]
    assert next(line for line in lines if line[:1] == ["gap_months"])[-2:] == ["-", "1"]
    assert next(text for text in text.splitlines() if "median" in text).count("not reached") == 2


def test_two_scenarios_are_compared_apart(experiment, tmp_path):
    other = replace(experiment.scenarios[0], name="other")
    both = replace(experiment, scenarios=(experiment.scenarios[0], other))
    run_experiment(both.with_seeds(2), tmp_path / "out", engine="serial")
    told = report(Results.load(tmp_path / "out"))
    assert {row.scenario for row in told.rows} == {"history_2025", "other"} and {row.n for row in told.rows} == {2}
    assert "historical - no_controls in other" in told.as_text()


def test_the_json_is_the_same_report(results):
    told = report(results)
    content = json.loads(told.as_json())
    assert len(content["rows"]) == len(told.rows) and content["against"] == "no_controls"
    assert content["rows"][0]["difference"] == told.rows[0].difference


@pytest.mark.parametrize(("method", "says"), [("t", "95 % Student t intervals"), ("bca", "9,999 resamples, seed 20250120")])
def test_the_interval_is_the_asked_one_and_both_forms_say_which(results, method, says):
    told = report(results, method=method)
    paired = results.paired("gap_months", policy="historical", against="no_controls", method=method)
    row = next(row for row in told.rows if row.outcome == "gap_months")
    assert (row.low, row.high) == (paired.low, paired.high)
    assert says in words(told.as_text())
    said = json.loads(told.as_json())["interval"]
    drawn = {"resamples": 9999, "seed": 20250120} if method == "bca" else {"resamples": None, "seed": None}
    assert said == {"method": method, "confidence": 0.95, **drawn}


def line(levels: tuple[float | None, float | None], *, unit: str = "chip", largest: float | None = None) -> list[str]:
    """The printed cells, without the outcome's name, of two levels and their difference with an interval around it."""
    reference, level = levels
    difference = None if None in levels else level - reference
    low, high = (None, None) if difference is None else (difference - 1, difference + 1)
    row = Row("world", "arm", "outcome", unit, reference, level, difference, low, high, 3)
    return list(_cells(row, max(row.sizes) if largest is None else largest))[1:]


@pytest.mark.parametrize(
    ("levels", "unit", "cells"),
    [
        ((6.2587, 7.2938), "month", ["month", "6.26", "7.29", "+1.04", "0.04 to 2.04", "3"]),
        ((3966.4, 3927.1), "bn", ["bn", "3,966", "3,927", "-39", "-40 to -38", "3"]),
        ((3966.4, 3966.1), "bn", ["bn", "3,966.40", "3,966.10", "-0.30", "-1.30 to 0.70", "3"]),
        ((0.022, 0.1381), "1", ["%", "2.2", "13.8", "+11.6", "-88.4 to 111.6", "3"]),
        ((4898290.0, 1882468.0), "chip", ["1,000 chip", "4,898", "1,882", "-3,016", "-3,016 to -3,016", "3"]),
        ((0.0, 0.0), "chip", ["chip", "0", "0", "+0", "-1 to 1", "3"]),
        ((None, 0.5), "1", ["%", "-", "50.0", "-", "-", "3"]),
    ],
)
def test_the_numbers_of_a_row_have_one_unit_and_the_same_decimals(levels, unit, cells):
    assert line(levels, unit=unit) == cells


def test_an_outcome_has_the_same_unit_under_every_policy():
    assert line((0.0, 500.0), largest=2e6)[:3] == ["1,000 chip", "0.000", "0.500"]


def test_what_one_arm_alone_has_is_told_without_a_difference(results):
    results.runs.loc[results.runs["policy"] == "no_controls", "gap_months"] = float("nan")
    row = next(row for row in report(results).rows if row.outcome == "gap_months")
    arm = results.runs[results.runs["policy"] == "historical"]["gap_months"]
    assert (row.reference, row.level, row.difference, row.n) == (None, pytest.approx(arm.mean()), None, 0)


def test_the_main_table_fits_a_terminal_of_120_columns(results):
    main = load_experiment(REPOSITORY / "experiments" / "export_controls.py")
    results.manifest["experiment"]["outcomes"] = list(main.outcomes)
    text = report(results).as_text()
    assert all(name in text for name in main.outcomes)
    assert max(map(len, text.splitlines())) <= 120


def test_columns_are_aligned():
    lines = list(columns([("name", "n"), ("a", "10"), ("long name", "5")], left=1))
    assert lines == ["  name        n", "  ---------  --", "  a          10", "  long name   5"]
