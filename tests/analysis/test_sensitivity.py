"""Elementary effects and shares of variance on problems with known answers, and from a results folder to the table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import qmc

from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.errors import InputError
from abm.results import Results
from analysis.sensitivity.__main__ import as_text, explain, sensitivity
from analysis.sensitivity.designed_runs import common_means, design_of, outcome_of
from analysis.sensitivity.elementary_effects import elementary_effects, screened
from analysis.sensitivity.variance_shares import variance_shares
from tests.small_experiment import modules_kept, write_experiment

TRAJECTORIES = 6


def morris_points(seed: int = 1, numbers: int = 3, trajectories: int = TRAJECTORIES) -> np.ndarray:
    """Trajectories in the unit cube, of steps of two thirds; all numbers come to both ends."""
    generator, rows = np.random.default_rng(seed), []
    for trajectory in range(trajectories):
        start = generator.integers(0, 4, numbers)
        start[:] = start if trajectory > 1 else 3 * trajectory
        rows.append(start.copy())
        for place in generator.permutation(numbers):
            start[place] += 2 if start[place] < 2 else -2
            rows.append(start.copy())
    return np.array(rows) / 3


def one_seed(values: np.ndarray) -> np.ndarray:
    return values[:, np.newaxis]


def test_of_a_straight_line_mu_star_is_the_coefficient_times_the_range_and_sigma_nil():
    points = morris_points() * [2.0, 30.0, 1.0] + [5.0, -10.0, 0.0]
    effects = elementary_effects(points, one_seed(4 + points @ [3.0, -0.5, 0.0]))
    told = [screened(str(place), one) for place, one in enumerate(effects)]
    assert [one.mu.value for one in told] == pytest.approx([6.0, -15.0, 0.0], abs=1e-9)
    assert [one.mu_star.value for one in told] == pytest.approx([6.0, 15.0, 0.0], abs=1e-9)
    assert [one.sigma.value for one in told] == [0.0, 0.0, 0.0]
    assert [(one.mu_star.low, one.mu_star.high) for one in told] == [(one.mu_star.value,) * 2 for one in told]
    assert [(one.n, one.luck) for one in told] == [(TRAJECTORIES, None)] * 3


def test_a_product_has_a_sigma_and_a_bend_too():
    points = morris_points(trajectories=40)
    first, second, third = (
        screened("x", one) for one in elementary_effects(points, one_seed(points[:, 0] * points[:, 1] + points[:, 2] ** 2)))
    # an effect of one factor is where the other stands, 0 to 1 in thirds; of a square 2/3 below and 4/3 above the middle
    assert first.mu.value == first.mu_star.value == pytest.approx(0.5, abs=0.15)
    assert first.sigma.value == pytest.approx(np.std([0, 1 / 3, 2 / 3, 1]), abs=0.1) and second.sigma.low > 0.2
    assert third.mu.value == pytest.approx(1.0, abs=0.12) and third.sigma.value == pytest.approx(1 / 3, abs=0.05)


def test_few_effects_have_no_interval():
    for trajectories, known in ((4, False), (5, True)):
        points = morris_points(trajectories=trajectories)
        told = screened("x", elementary_effects(points, one_seed(points[:, 0] * (1 + points[:, 1]) ** 2))[0])
        assert ((told.mu_star.low is not None), (told.sigma.high is not None)) == (known, known)


def test_effects_that_cancel_have_a_mean_of_nil_and_a_size():
    points = morris_points(trajectories=40)
    first, *_ = elementary_effects(points, one_seed(points[:, 0] * np.where(points[:, 1] > 0.5, 1.0, -1.0)))
    told = screened("x", first)
    assert told.mu_star.value == pytest.approx(1.0) and abs(told.mu.value) < 0.5
    assert told.mu.low < told.mu.value < told.mu.high


def test_whole_numbers_count_by_how_far_they_really_went():
    points = np.round(morris_points() * [11, 2, 1] + [1, 0, 0])
    effects = elementary_effects(points, one_seed(points @ [2.0, 5.0, 7.0]))
    assert effects[:, :, 0] == pytest.approx(np.repeat([[22.0], [10.0], [7.0]], TRAJECTORIES, axis=1))


def test_common_luck_leaves_no_trace_and_luck_of_its_own_is_told():
    points, generator = morris_points(trajectories=30), np.random.default_rng(2)
    line = one_seed(points @ [1.0, 2.0, 3.0])
    common = elementary_effects(points, line + generator.normal(0, 100, size=(1, 5)))
    assert [screened("x", one).mu_star.value for one in common] == pytest.approx([1, 2, 3])
    assert [screened("x", one).luck for one in common] == pytest.approx([0, 0, 0], abs=1e-9)
    own = elementary_effects(points, line + generator.normal(0, 0.1, size=(len(points), 5)))
    # two points with a standard deviation of .1, over a step of 2/3, five seeds
    assert [screened("x", one).luck for one in own] == pytest.approx([0.1 * 2**0.5 * 1.5 / 5**0.5] * 3, rel=0.15)
    assert [screened("x", one).sigma.value for one in own] == pytest.approx([0.095] * 3, rel=0.4)


def test_the_interval_of_mu_star_covers_the_truth():
    """Effects of a uniform partner: the mean size is 1/2 for all seeds of a design, 60 designs of 12 trajectories."""
    covered = 0
    for seed in range(60):
        points = morris_points(seed=100 + seed, trajectories=14)[8:]    # without the first two, which are not by chance
        told = screened("x", elementary_effects(points, one_seed(points[:, 0] * points[:, 1]))[0])
        covered += told.mu_star.low <= 0.5 * np.ptp(points[:, 0]) <= told.mu_star.high
    assert 49 <= covered <= 60    # 95 % of 60 are 57, less what a bootstrap of 12 lacks


def test_effects_are_those_of_salib():
    pytest.importorskip("SALib")
    from SALib.analyze import morris

    points = morris_points(trajectories=20)
    values = np.sin(3 * points[:, 0]) + points[:, 0] * points[:, 1] ** 2 - points[:, 2]
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    theirs = morris.analyze(problem, points, values, num_levels=4, num_resamples=10)
    for place, one in enumerate(elementary_effects(points, one_seed(values))):
        told = screened("x", one)
        expected = (theirs["mu"][place], theirs["mu_star"][place], theirs["sigma"][place])
        assert (told.mu.value, told.mu_star.value, told.sigma.value) == pytest.approx(expected, abs=1e-9)


def test_a_missing_run_costs_the_effects_beside_it_alone():
    points = morris_points()
    values = np.repeat(one_seed(points @ [1.0, 2.0, 3.0]), 2, axis=1)
    values[0] = np.nan
    values[4, 1] = np.nan
    counts = [screened("x", one).n for one in elementary_effects(points, values)]
    assert sorted(counts) == [TRAJECTORIES - 1, TRAJECTORIES, TRAJECTORIES]
    values[:-4] = np.nan
    with pytest.raises(InputError, match="1 trajectories have an effect of x"):
        screened("x", elementary_effects(points, values)[0])


@pytest.mark.parametrize("broken", [lambda p: p[:-1], lambda p: p[:4], lambda p: p[::2], lambda p: np.zeros_like(p)])
def test_what_is_no_morris_design_is_said(broken):
    points = broken(morris_points())
    with pytest.raises(InputError, match="no Morris design"):
        elementary_effects(points, np.zeros((len(points), 1)))


# shares of variance -----------------------------------------------------------------------------------------


def saltelli_points(rows: int, numbers: int = 3) -> np.ndarray:
    both = qmc.Sobol(2 * numbers, rng=np.random.default_rng(1)).random(rows)
    first, second = both[:, :numbers], both[:, numbers:]
    mixed = [np.where(np.arange(numbers) == place, second, first) for place in (1, 2, 0)]    # an order of its own
    return np.stack([first, second, *mixed], axis=1).reshape(-1, numbers)


def test_shares_are_those_of_the_ishigami_function():
    """Sobol' and Levitan 1999, doi:10.1016/S0010-4655(98)00156-8, at a = 7, b = .1: in closed form."""
    points = saltelli_points(2048)
    x = (2 * points - 1) * np.pi
    values = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    told = variance_shares(["a", "b", "c"], points, values)
    assert [one.first for one in told] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert [one.total for one in told] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    for one, total in zip(told, [0.5576, 0.4424, 0.2437], strict=True):
        assert one.total_low < total < one.total_high and one.first_low < one.first < one.first_high
    assert told == variance_shares(["a", "b", "c"], points, values)


def test_shares_of_nothing_and_of_another_design_are_refused():
    points = saltelli_points(4)
    with pytest.raises(InputError, match="the same at every point"):
        variance_shares(["a", "b", "c"], points, np.ones(len(points)))
    with pytest.raises(InputError, match="5 points has one row, at least 2"):
        variance_shares(["a", "b", "c"], points[:5], np.arange(5.0))
    for wrong in (points[:-1], points[::-1], np.zeros_like(points)):
        with pytest.raises(InputError, match="no Saltelli design"):
            variance_shares(["a", "b", "c"], wrong, np.arange(len(wrong), dtype=float))


# from a results folder --------------------------------------------------------------------------------------

TEXT = '''"""Which number moves the gap?"""
import sys
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import small_world
from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, Experiment
from abm.bench.designs import sampled


class Model(small_world.Model):
    """The gap is a straight line in two numbers, the second one under the rules alone, and the luck of the seed."""

    def _summary(self):
        demand, bite = self.world.demand, self.policy.name == "historical"
        gap = demand.contract_months + 10.0 * bite * demand.switching_cost + 100.0 * self.seed
        return super()._summary() | {"gap_months": gap}


sys.modules["abm.model"] = SimpleNamespace(Model=Model)
POINTS = ((1, 0.0), (13, 0.0), (13, 2.0), (36, 3.0), (36, 1.0), (24, 1.0))
BY_HAND = tuple(
    replace(HISTORY_2025.vary({"demand.contract_months": months, "demand.switching_cost": cost}), name=f"by_hand_morris_{n}")
    for n, (months, cost) in enumerate(POINTS))
SHARES = sampled(HISTORY_2025, {"demand.switching_cost": None, "demand.contract_months": (6, 12)}, 32, method="saltelli")
EXPERIMENT = Experiment(
    name="small", question=__doc__, scenarios=BY_HAND, policies=(NO_CONTROLS, HISTORICAL), seeds=range(2))
OTHER = replace(EXPERIMENT, scenarios=SHARES, policies=(HISTORICAL,), against="", seeds=range(1))
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Results of a Morris design by hand and of a Saltelli design, of an outcome with known effects."""
    made = tmp_path_factory.mktemp("designs")
    with modules_kept():
        file = write_experiment(made, text=TEXT)
        run_experiment(load_experiment(file), made / "out", file=file, engine="serial")
        file.write_text(f"{TEXT}\nEXPERIMENT = OTHER\n")
        run_experiment(load_experiment(file), made / "out", file=file, engine="serial")
    return made / "out"


def test_a_folder_gives_the_effects_of_its_design_for_a_level_and_for_a_difference(folder):
    results = Results.load(folder)
    design = design_of(results, "by_hand")
    assert design.paths == ("demand.contract_months", "demand.switching_cost") and len(design.names) == 6
    for against, expected in ((None, (35.0, 30.0)), ("no_controls", (0.0, 30.0))):
        told = {one.path: one for one in explain(
            design, outcome_of(results, design, "gap_months", policy="historical", against=against))}
        assert [told[path].mu_star.value for path in design.paths] == pytest.approx(expected)
        assert [told[path].sigma.value for path in design.paths] == [0.0, 0.0]
        assert [told[path].luck for path in design.paths] == pytest.approx([0.0, 0.0], abs=1e-9)


def test_a_folder_gives_the_shares_of_its_design(folder):
    results = Results.load(folder)
    design = design_of(results, "history_2025")
    level = outcome_of(results, design, "gap_months", policy=None, against=None)
    assert level.policy == "historical" and common_means(level)[1] == 1
    cost, months = explain(design, level)
    # variances of 10 x uniform on 0 to 5 (208) and of the whole numbers 6 to 12 (3): shares of .986 and .014, eight rows
    assert cost.path == "demand.switching_cost" and cost.n == 8
    assert cost.first_low < 0.986 < cost.first_high and months.total_low < 0.014 < months.total_high < 0.1
    with pytest.raises(InputError, match="leaves nothing to explain"):
        outcome_of(results, design, "gap_months", policy="historical", against="historical")


def test_the_command_prints_a_table_or_json_with_its_interval(folder, capsys):
    asked = [str(folder), "--outcome", "gap_months", "--against", "no_controls", "--scenario"]
    sensitivity.main([*asked, "by_hand"], standalone_mode=False)
    told = " ".join(capsys.readouterr().out.split())
    assert "gap_months [month], historical - no_controls: 6 worlds around by_hand, 2 seeds each" in told
    assert "demand.switching_cost 0 to 3 30 30 [30, 30] 0 [0, 0]" in told
    assert "BCa" in told and "9,999 resamples, seed 20250120" in told
    sensitivity.main([*asked, "by_hand", "--format", "json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["interval"] == {"method": "bca", "confidence": 0.95, "resamples": 9999, "seed": 20250120}
    assert told["numbers"][0]["path"] == "demand.switching_cost" and told["numbers"][0]["mu_star"]["value"] == 30
    sensitivity.main([*asked[:3], "--scenario", "history_2025", "--format", "json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert (told["interval"]["method"], told["interval"]["resamples"], told["method"]) == ("percentile", 999, "saltelli")


def test_a_share_is_printed_with_its_interval(folder):
    results = Results.load(folder)
    design = design_of(results, "history_2025")
    level = outcome_of(results, design, "gap_months", policy=None, against=None)
    text = as_text(design, level, explain(design, level))
    assert "first" in text and "total" in text and "999 resamples" in text and max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--outcome", "gap_month", "--scenario", "by_hand"), 'unknown outcome "gap_month".*gap_months'),
        (("--outcome", "gap_months"), r"several designs: by_hand \(morris\), history_2025 \(saltelli\)"),
        (("--outcome", "gap_months", "--scenario", "by_hands"), 'unknown scenario of a design "by_hands".*by_hand'),
        (("--outcome", "gap_months", "--scenario", "by_hand", "--policy", "x"), 'unknown policy "x"'),
        (("--outcome", "gap_months", "--scenario", "by_hand", "--against", "x"), 'unknown policy "x"'),
    ],
)
def test_what_the_command_cannot_do_is_one_sentence(folder, arguments, says):
    with pytest.raises(InputError, match=says) as told:
        sensitivity.main([str(folder), *arguments], standalone_mode=False)
    assert "\n" not in str(told.value)


def test_a_folder_without_a_design_is_said(small_folder):
    with pytest.raises(InputError, match="has no design of the methods morris and saltelli"):
        sensitivity.main([str(small_folder / "out"), "--outcome", "gap_months"], standalone_mode=False)
