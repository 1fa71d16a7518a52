"""The level checks: scores of known values, estimators on known distributions, report, figure and command."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from abm.compare import mean_interval, restricted
from abm.errors import InputError
from analysis.validation.__main__ import validation
from analysis.validation.arms import Arm
from analysis.validation.figure import draw
from analysis.validation.paired import differences, launched_by, paired_shares
from analysis.validation.report import COMMANDS, as_json, as_text, counts
from analysis.validation.scoring import SHARE, Fit, Target, score, score_all, scored

SINCE, UNTIL = date(2025, 1, 1), date(2025, 7, 1)
PLAIN = Target(
    pattern="P1", what="a level", unit="chip", low=10.0, high=20.0, band="made up", source="epoch-chip-counts", since=SINCE,
    until=UNTIL, measure=lambda arm: arm.change(SINCE, UNTIL, "shipped", "a", "b"))


def rows(observable: str, values: dict[tuple[int, str, str], float], policy: str) -> pd.DataFrame:
    """Series as results give them, from values by seed, day and label."""
    return pd.DataFrame([
        {"scenario": "world", "policy": policy, "seed": seed, "date": date.fromisoformat(day), "label": label,
         "observable": observable, "value": value} for (seed, day, label), value in values.items()])


class FakeResults:
    """Results of two seeds under two policies, with what targets read."""

    policies, scenarios = ("historical", "no_controls"), ("world",)

    def __init__(self, start: str = "2025-01-01", until: str = "2026-12-31") -> None:
        self.manifest = {
            "experiment": {"name": "made_up"},
            "scenarios": {"world": {"start": start, "until": until, "parameters": {}, "content": {"releases": []}}}}
        months = {"historical": (20.0, 30.0), "no_controls": (10.0, 10.0)}
        self.runs = pd.DataFrame([
            {"scenario": "world", "policy": policy, "seed": seed, "next_launch_months": months[policy][seed],
             "other_chinese_launch_months": 1.0, "gap_months": 5.0 + seed, "china_effective_compute": 1e6}
            for policy in self.policies for seed in (0, 1)])

    def series(self, observable: str, *, policy: str) -> pd.DataFrame:
        return rows(observable, {
            (0, "2025-01-01", "a"): 3.0, (0, "2025-07-01", "a"): 9.0, (0, "2025-07-01", "b"): 6.0, (0, "2025-08-01", "a"): 50.0,
            (1, "2025-01-01", "b"): 2.0, (1, "2025-07-01", "b"): 33.0, (1, "2025-08-01", "a"): 60.0}, policy)

    def events(self, *, kind: str, actor: str, policy: str) -> pd.DataFrame:
        days = (date(2025, 3, 3), date(2025, 9, 1))
        return pd.DataFrame([{"scenario": "world", "seed": 0, "date": day, "kind": kind, "sentence": f"one {place}"}
                             for day, place in zip(days, ("HBM", "GDDR"), strict=True)])


def of(values: list[float], target: Target = PLAIN):
    """The score of some values in a world that starts with 2025."""
    return scored(target, values, experiment="made_up", scenario="world", policy="historical", starts=SINCE)


# scores ---------------------------------------------------------------------------------------------------------


def test_a_mean_in_its_band_is_inside():
    found = of([12.0, 14.0, 40.0, 10.0])
    assert found.inside and found.distance == 0.0 and found.relative == 0.0
    assert (found.mean, found.n, found.inside_runs) == (19.0, 4, 0.75)
    assert (found.low, found.high) == (pytest.approx(10.3), pytest.approx(36.1))


def test_a_mean_outside_says_by_how_much_on_either_side():
    above, below = of([30.0, 30.0]), of([4.0, 6.0])
    assert above.inside is False and (above.distance, above.relative) == (10.0, 0.5)
    assert below.inside is False and (below.distance, below.relative) == (-5.0, -0.5)


def test_bounds_belong_to_the_band_and_a_floor_has_no_ceiling():
    assert of([10.0]).inside and of([20.0]).inside
    floor, ceiling = replace(PLAIN, high=None), replace(PLAIN, low=None)
    assert of([1e9], floor).inside and of([9.0], floor).relative == pytest.approx(-0.1)
    assert of([-1e9], ceiling).inside and of([30.0], ceiling).relative == pytest.approx(0.5)


def test_a_miss_of_nothing_has_a_distance_and_no_ratio():
    nothing = replace(PLAIN, low=0.0, high=0.0)
    assert of([0.0], nothing).inside and of([0.0], nothing).relative == 0.0
    assert (of([3.0], nothing).distance, of([3.0], nothing).relative) == (3.0, None)


@pytest.mark.parametrize("values", [[], [math.nan, math.nan]])
def test_without_a_value_there_is_no_score(values):
    found = of(values)
    assert found.inside is None and found.mean is None and found.inside_runs is None
    assert (found.n, found.lacking) == (0, len(values))
    assert counts([found, of([15.0]), of([5.0])]) == {"scored": 2, "inside": 1, "without a value": 1}


def test_runs_without_a_value_are_counted_and_left_out():
    found = of([math.nan, 12.0, 14.0])
    assert (found.n, found.lacking, found.mean) == (2, 1, 13.0)


def test_a_share_of_runs_has_wilsons_interval():
    found = of([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0], replace(PLAIN, unit=SHARE, low=0.5, high=1.0))
    assert (found.low, found.high) == (pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4))


def test_a_fit_counts_in_the_worlds_from_its_day_on():
    target = replace(PLAIN, fits=(Fit("fleets", date(2025, 1, 1)), Fit("tolerance")))
    assert target.fitted_by(date(2022, 10, 1)) == ("tolerance",)
    assert target.fitted_by(date(2025, 1, 1)) == ("fleets", "tolerance")
    assert not PLAIN.fitted_by(date(2025, 1, 1))


def test_a_band_that_is_none_is_refused():
    with pytest.raises(InputError, match="neither"):
        replace(PLAIN, low=None, high=None)
    with pytest.raises(InputError, match="low = 30"):
        replace(PLAIN, low=30.0)


# arms -----------------------------------------------------------------------------------------------------------


def test_a_total_that_begins_with_the_runs_counts_from_nothing():
    arm = Arm(FakeResults(), "world", "historical")
    assert arm.change(SINCE, UNTIL, "shipped", "a", "b").tolist() == [15.0, 33.0]
    assert arm.change(date(2025, 7, 1), date(2025, 7, 20), "shipped", "a").tolist() == [41.0, 60.0]
    assert arm.at(date(2025, 6, 20), "shipped", "b").tolist() == [6.0, 33.0]
    assert arm.mean(SINCE, UNTIL, "shipped", "a").tolist()[0] == 3.0 and math.isnan(arm.mean(SINCE, UNTIL, "shipped", "a")[1])
    assert arm.count(date(2025, 6, 1), "adopted", "nvidia").tolist() == [1, 0]
    assert [arm.count(UNTIL, "adopted", "nvidia", saying=what)[0] for what in ("HBM", "GDDR", "DDR5")] == [1, 0, 0]


def test_nothing_is_read_beyond_what_was_measured():
    with pytest.raises(InputError, match="last measured on 2025-08-01"):
        Arm(FakeResults(), "world", "historical").at(date(2025, 9, 1), "shipped", "a")


def test_a_target_is_scored_where_the_runs_cover_it_and_said_to_be_lacking_where_none_do():
    early, late, short = FakeResults("2022-10-03"), FakeResults("2025-06-01"), FakeResults(until="2025-06-30")
    paired = replace(PLAIN, what="paired", against="rules_of_end_2024")
    released = replace(PLAIN, what="released", after="DeepSeek-R1")
    arms = [Arm(one, "world", "historical") for one in (early, late, short)]
    assert [PLAIN.applies(arm) for arm in arms] == [True, False, False]
    scores, unscored = score_all((PLAIN, paired, released), arms)
    assert [one.target.what for one in scores] == ["a level"]
    assert [one.target.what for one in unscored] == ["paired", "released"]
    assert '"rules_of_end_2024"' in unscored[0].reason and "DeepSeek-R1" in unscored[1].reason


def test_a_score_comes_from_the_runs():
    found = score(PLAIN, Arm(FakeResults(), "world", "historical"))
    assert (found.mean, found.n, found.inside, found.inside_runs) == (24.0, 2, False, 0.5)


# paired effects -------------------------------------------------------------------------------------------------


def test_the_restricted_mean_of_an_exponential_time_is_known():
    hazard, horizon = 0.05, 24.0
    times = np.random.default_rng(7).exponential(1 / hazard, 4000)
    known = (1 - math.exp(-hazard * horizon)) / hazard    # 13.98 months
    found = mean_interval(restricted(times, horizon))
    assert found.mean == pytest.approx(known, abs=4 * 8.6 / math.sqrt(4000))    # sd of min(T, 24) is 8.6 months
    assert found.low < known < found.high


def test_a_time_at_the_end_of_the_runs_is_no_launch():
    times = pd.Series([3.0, 6.0, 24.0, math.nan])
    assert launched_by(times, 6.0, 24.0).tolist()[:3] == [1.0, 1.0, 0.0]
    assert launched_by(times, 24.0, 24.0).tolist()[:3] == [1.0, 1.0, 0.0]
    assert math.isnan(launched_by(times, 6.0, 24.0)[3])


def test_paired_shares_say_something_where_all_pairs_agree():
    same = paired_shares([1] * 10, [1] * 10)
    assert same.mean == 0.0 and same.low == -same.high < 0.0
    assert paired_shares([], []).mean is None
    assert same.high > paired_shares([1] * 100, [1] * 100).high > 0.0


def test_the_interval_of_paired_shares_covers_as_often_as_it_says():
    random, hits, tries, n = np.random.default_rng(11), 0, 1000, 20
    for _ in range(tries):
        luck = random.random(n)
        found = paired_shares(luck < 0.4, (luck < 0.6) & (random.random(n) < 0.95))
        hits += found.low <= 0.4 - 0.6 * 0.95 <= found.high
    assert 0.93 <= hits / tries <= 0.995    # 95 % wanted; the method errs on the side of width


def test_the_paired_block_compares_history_with_every_other_arm():
    found = differences([Arm(FakeResults(until="2028-12-31"), "world", "historical")])
    assert {one.against for one in found} == {"no_controls"}
    by_name = {one.what: one.paired for one in found}
    mean = by_name["DeepSeek's next launch, mean of min(T, 24 months)"]
    assert (mean.level, mean.reference, mean.mean, mean.n) == (22.0, 10.0, 12.0, 2)    # 30 months count as 24
    assert by_name["DeepSeek's next launch, by month 12"].mean == -1.0
    assert by_name["DeepSeek's next launch, by month 24"].mean == -0.5


# report, figure, command ----------------------------------------------------------------------------------------


def some_scores():
    """Free, fitted, missed and empty scores."""
    share = replace(PLAIN, what="a share", unit=SHARE, low=0.5, high=1.0, fits=(Fit("tolerance"),))
    return [of([12.0, 14.0]), of([300.0, 320.0], replace(PLAIN, what="a miss")), of([math.nan], replace(PLAIN, what="nobody")),
            of([1.0, 0.0], share)]


def test_the_report_counts_free_and_fitted_apart_and_names_the_misses():
    effects = differences([Arm(FakeResults(), "world", "historical")])
    text = as_text(some_scores(), [], effects)
    assert "Free targets: 1 of 2 inside their bands, 1 without a value in any run" in text
    assert "Fitted targets: 1 of 1 inside their bands" in text
    assert "Missed: 1" in text and "P1 a miss (world, free): 310 chip, band 10 to 20" in text
    assert "historical - no_controls in world" in text
    counted = json.loads(as_json(some_scores(), [], effects))["counts"]
    assert counted == {"free": {"scored": 2, "inside": 1, "without a value": 1},
                       "fitted": {"scored": 1, "inside": 1, "without a value": 0}}


def test_where_nothing_is_free_the_report_says_so_in_words():
    text = as_text(some_scores()[3:], [], [])
    assert "Free targets: none; " in text and "0 of 0" not in text


def test_the_deeper_counterfactual_is_in_the_table_or_said_to_be_missing():
    effects = differences([Arm(FakeResults(), "world", "historical")])
    assert "Not compared: the deeper counterfactual" in as_text([], [], effects)
    deeper = [replace(one, against="no_controls_from_2022") for one in effects]
    text = as_text([], [], deeper)
    assert "historical - no_controls_from_2022 in world" in text and "; the deeper counterfactual" in text
    assert "Not compared" not in text
    asked = {one.what for one in effects}
    assert {"DeepSeek's next launch, mean of min(T, 24 months)", "DeepSeek's next launch, by month 24"} <= asked


def test_the_figure_shows_every_target_with_a_value():
    figure = draw(some_scores())
    levels, shares = figure.axes
    assert [one.get_text() for one in levels.get_yticklabels()] == ["P1 a level", "P1 a miss"]
    assert [one.get_text() for one in shares.get_yticklabels()] == ["P1 a share"]


def test_without_results_the_command_says_how_to_make_them():
    found = CliRunner().invoke(validation, [])
    assert found.exit_code == 0 and all(one in found.output for one in COMMANDS)


