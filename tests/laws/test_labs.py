"""What labs do with chips: every mechanism switched off by a scenario value, its effect gone, and what must not move.

Each test names the pattern of the model's list (P2, P3, P5), the least effect it asks for, on average over seeds, and
outputs that must not move. A few seeds here; ``pytest -m full tests/laws/test_labs.py`` runs twenty.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from statistics import fmean

import pytest

from abm.model import Model
from abm.policy import HISTORICAL
from abm.scenario.conduct import REAL_OPTIONS
from tests.laws.runs import QUICK

R1_DAY = date(2025, 1, 27)
SHORT = date(2026, 1, 31)
AS_IT_IS, OPTIONS = "as it is", "real options"
SWITCHES = {
    AS_IT_IS: {},
    OPTIONS: {},
    "no failures": {"technology.run_failure_rate": 0.0},
    "mature": {"technology.run_failure_rate": 0.0, "technology.domestic_training_factor": 1.0,
               "technology.domestic_serving_factor": 1.0},
    "idle at night": {"conduct.idle_research": 0.0},
    "slow porting": {"technology.porting_days": 180},
}


def one_run(case: tuple[str, int]):
    """The record of one switched run."""
    name, seed = case
    world = QUICK.vary(SWITCHES[name])
    if name == OPTIONS:
        world = replace(world, conduct=replace(world.conduct, launch_rule=REAL_OPTIONS))
    return Model(world, HISTORICAL, seed=seed, until=SHORT).run()


class Runs:
    """Records by case and seed, with the averages that the tests compare."""

    def __init__(self, seeds: int) -> None:
        self.seeds = range(seeds)
        cases = [(name, seed) for seed in self.seeds for name in SWITCHES]
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            self.records = dict(zip(cases, pool.map(one_run, cases), strict=True))

    def each(self, name: str, outcome: str) -> list[float]:
        """An outcome of every seed."""
        return [self.records[name, seed].summary[outcome] for seed in self.seeds]

    def mean(self, name: str, outcome: str) -> float:
        """Its average over seeds."""
        return fmean(self.each(name, outcome))

    def series(self, name: str, seed: int, observable: str) -> dict[tuple[date, str], float]:
        """One observable of one run by date and label."""
        rows = self.records[name, seed].series
        return {(day, label): value for day, what, label, value in rows if what == observable}

    def average(self, name: str, observable: str, ending: str) -> float:
        """Average over seeds, dates and all labels with an ending."""
        series = (self.series(name, seed, observable) for seed in self.seeds)
        return fmean(value for one in series for (_, label), value in one.items() if label.endswith(ending))

    def last(self, name: str, seed: int, observable: str) -> dict[str, float]:
        """The last values of an observable by label."""
        return {label: value for (_, label), value in sorted(self.series(name, seed, observable).items())}

    def price_on_r1s_day(self, name: str, seed: int) -> float:
        """NVIDIA's close on R1's salient day."""
        return self.series(name, seed, "price")[R1_DAY, "NVDA"]

    def same_until(self, name: str, kind: str) -> bool:
        """Whether every run has the same digests as it is before its first event of a kind."""
        for seed in self.seeds:
            ours, theirs = self.records[AS_IT_IS, seed], self.records[name, seed]
            first = min(day for day, _, what, _ in ours.events if what == kind)
            pairs = zip(ours.digests, theirs.digests, strict=True)
            if any(one != other for one, other in pairs if one[0] < first):
                return False
        return True


@pytest.fixture(scope="module", params=[2, pytest.param(20, marks=pytest.mark.full)], ids=["few", "all"])
def runs(request):
    """All switched runs, a few seeds or all of them."""
    return Runs(request.param)


def test_long_runs_fail_on_domestic_chips_and_labs_take_them_off(runs):
    """P5: at least five failures and one run taken off a run, half a per cent of the work lost; none where chips do not fail.

    Chips and write-down are those of the runs without failures, and so is every day before the first of them.
    """
    assert runs.mean(AS_IT_IS, "run_failures") >= 5
    assert runs.mean(AS_IT_IS, "runs_taken_off_domestic_chips") >= 1
    assert runs.mean(AS_IT_IS, "run_work_lost") >= 0.005
    for outcome in ("run_failures", "runs_taken_off_domestic_chips", "run_work_lost"):
        assert set(runs.each("no failures", outcome)) == {0}
    for outcome in ("domestic_share", "write_down_usd_bn"):
        assert runs.mean("no failures", outcome) == pytest.approx(runs.mean(AS_IT_IS, outcome), rel=0.02)
    assert runs.same_until("no failures", "run failure")


def test_software_holds_domestic_chips_back(runs):
    """P5: with the leader's software and no failures their share of effective compute is half as large again at least.

    Their share of units moves by less than a tenth of that; the price on R1's day, before a quarter has closed, not at all.
    """
    shares = [runs.mean(name, "domestic_share") for name in ("mature", AS_IT_IS)]
    assert shares[0] >= 1.5 * shares[1]
    units = [runs.mean(name, "domestic_unit_share") for name in ("mature", AS_IT_IS)]
    assert abs(units[0] - units[1]) <= 0.1 * (shares[0] - shares[1]) + 0.02
    for seed in runs.seeds:
        assert runs.price_on_r1s_day("mature", seed) == runs.price_on_r1s_day(AS_IT_IS, seed)


def test_idle_hours_of_serving_find_innovations(runs):
    """Without them no lab's algorithms are better, and at least one's are worse; chips stay where they are.

    They are a tenth of all experiments at least, on average over labs.
    """
    assert runs.average(AS_IT_IS, "training_sources", "idle hours") >= 0.1
    assert runs.average("idle at night", "training_sources", "idle hours") == 0.0
    worse = 0
    for seed in runs.seeds:
        ours, theirs = (runs.last(name, seed, "algorithmic_lead") for name in (AS_IT_IS, "idle at night"))
        worse += sum(theirs[lab] < ours[lab] - 0.01 for lab in ours)
        assert fmean(theirs.values()) <= fmean(ours.values())
        assert runs.price_on_r1s_day("idle at night", seed) == runs.price_on_r1s_day(AS_IT_IS, seed)
    assert worse >= len(runs.seeds)
    assert runs.mean("idle at night", "write_down_usd_bn") == pytest.approx(runs.mean(AS_IT_IS, "write_down_usd_bn"), rel=0.02)


def test_porting_keeps_domestic_chips_from_new_models(runs):
    """P5: where porting takes half a year, a point less of what China wants is served and a point more of serving lies free.

    Chips and write-down are the same.
    """
    for outcome in ("domestic_share", "domestic_unit_share", "write_down_usd_bn"):
        assert runs.mean("slow porting", outcome) == pytest.approx(runs.mean(AS_IT_IS, outcome), rel=0.02)
    served, free = (
        [runs.average(name, *what) for name in ("slow porting", AS_IT_IS)]
        for what in (("tokens_served", "China, share of wanted"), ("serving_at_clouds", "deepseek free"))
    )
    assert served[0] <= served[1] - 0.01
    assert free[0] >= free[1] + 0.01


def test_labs_that_weigh_waiting_launch_later(runs):
    """Real options: DeepSeek and the first other Chinese lab launch a month later at least than satisficing labs do.

    Until the first candidate is finished the two are the same to the bit.
    """
    for outcome in ("next_launch_months", "other_chinese_launch_months"):
        assert runs.mean(OPTIONS, outcome) >= runs.mean(AS_IT_IS, outcome) + 1.0
    assert runs.same_until(OPTIONS, "candidate")


def test_the_record_says_why_capacity_was_short(runs):
    """P3: every review short of capacity has its cause, and most are short because contracts tie chips up."""
    causes = ("weeks_short_by_contracts", "weeks_short_of_chips")
    for name in SWITCHES:
        for seed in runs.seeds:
            summary = runs.records[name, seed].summary
            assert sum(summary[cause] for cause in causes) == summary["weeks_short_of_capacity"]
    tied, absent = (runs.mean(AS_IT_IS, cause) for cause in causes)
    assert tied > absent
    for seed in runs.seeds:
        shares = runs.last(AS_IT_IS, seed, "serving_at_clouds")
        assert shares["deepseek free"] + shares["deepseek under contract"] == pytest.approx(1.0)
