"""What labs decide: quality and its measure in months, learning, aspirations, launch reviews."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.lab import (
    algorithm_step,
    aspiration,
    best_main_share,
    efficiency_surprise,
    experiments_needed,
    innovation_mean,
    learn_from_open_weights,
    log_effective_at_lag,
    months_behind,
    points_per_month,
    quality,
    review_launch,
)
from abm.scenario.conduct import Conduct
from abm.scenario.technology import Technology

TECHNOLOGY, CONDUCT = Technology(), Conduct()
LEVEL = math.log(TECHNOLOGY.frontier_training_flop)
levels = st.floats(-5.0, 5.0)
points = st.floats(0.0, 300.0)
spans = st.floats(0.0, 5.0)


def test_the_frontier_of_the_opening_has_the_reference_quality():
    assert quality(LEVEL, 0.0, TECHNOLOGY) == pytest.approx(TECHNOLOGY.quality_reference)


@given(levels, st.floats(-10.0, 10.0))
def test_ten_times_the_compute_is_a_declared_number_of_points(level, shock):
    rise = quality(LEVEL + level + math.log(10), shock, TECHNOLOGY) - quality(LEVEL + level, shock, TECHNOLOGY)
    assert rise == pytest.approx(TECHNOLOGY.quality_per_decade)
    assert quality(LEVEL, shock, TECHNOLOGY) == pytest.approx(TECHNOLOGY.quality_reference + shock)


@given(st.floats(0.0, 36.0), st.floats(0.0, 3.0))
def test_a_lag_is_read_back_as_that_many_months(lag, before):
    level = quality(log_effective_at_lag(lag, before, TECHNOLOGY), 0.0, TECHNOLOGY)
    opening = [(0.0, TECHNOLOGY.quality_reference)]
    assert months_behind(level, opening, -12 * before, points_per_month(TECHNOLOGY)) == pytest.approx(lag, abs=1e-6)


FRONTIER = [(0.0, 100.0), (4.0, 103.0), (9.0, 120.0), (20.0, 121.0)]


@pytest.mark.parametrize("month, level", FRONTIER)
def test_the_frontier_itself_was_reached_when_it_was_launched(month, level):
    assert months_behind(level, FRONTIER, 20.0, 2.0) == pytest.approx(20.0 - month)


@given(st.floats(60.0, 160.0), st.floats(0.1, 20.0), st.floats(0.5, 5.0))
def test_a_better_model_is_fewer_months_behind(level, better, per_month):
    gap = months_behind(level, FRONTIER, 24.0, per_month)
    assert months_behind(level + better, FRONTIER, 24.0, per_month) <= gap
    if level > FRONTIER[-1][1]:
        assert gap < 0
    if level <= FRONTIER[-1][1]:
        assert months_behind(level, FRONTIER, 25.0, per_month) == pytest.approx(gap + 1.0)


@pytest.mark.parametrize("level, month", [(100.5, 4.0), (103.0, 4.0), (103.1, 9.0), (119.0, 9.0), (120.5, 20.0)])
def test_a_level_is_reached_when_a_launch_first_reaches_it(level, month):
    assert months_behind(level, FRONTIER, 20.0, 2.0) == 20.0 - month


@given(levels, levels, spans)
def test_algorithms_catch_up_without_passing(level, frontier, elapsed):
    reached = algorithm_step(level, frontier, elapsed, TECHNOLOGY)
    assert level <= reached <= max(level, frontier) + 1e-12
    halves = algorithm_step(algorithm_step(level, frontier, elapsed / 2, TECHNOLOGY), frontier, elapsed / 2, TECHNOLOGY)
    assert reached == pytest.approx(halves)


def test_a_lab_ahead_of_the_frontier_stays_ahead():
    assert algorithm_step(1.0, 0.5, 1.0, TECHNOLOGY) == 1.0


@given(levels, levels, spans)
def test_open_weights_teach_those_behind_them(level, best, elapsed):
    learnt = learn_from_open_weights(level, best, elapsed, TECHNOLOGY)
    assert level <= learnt <= max(level, best) + 1e-12
    slow = replace(TECHNOLOGY, open_weight_diffusion=0.0)
    assert learn_from_open_weights(level, best, elapsed, slow) == level


def test_innovations_come_with_the_square_root_of_experiments():
    base = innovation_mean(1.0, 1.0, 1.0, TECHNOLOGY)
    assert base == TECHNOLOGY.innovation_rate
    assert innovation_mean(4.0, 1.0, 1.0, TECHNOLOGY) == pytest.approx(2 * base)
    assert innovation_mean(1.0, 0.0, 1.0, TECHNOLOGY) == base
    assert innovation_mean(0.0, 1.0, 1.0, TECHNOLOGY) == 0.0


def target(own: float, rivals: float) -> float:
    """Where an aspiration comes to rest."""
    return aspiration(0.0, own, rivals, elapsed=1e6, conduct=CONDUCT)


@given(points, points, points, spans)
def test_an_aspiration_moves_towards_its_target(previous, own, rivals, elapsed):
    rest = target(own, rivals)
    moved = aspiration(previous, own, rivals, elapsed=elapsed, conduct=CONDUCT)
    low, high = sorted((previous, rest))
    assert low - 1e-9 <= moved <= high + 1e-9
    later = aspiration(previous, own, rivals, elapsed=elapsed + 1.0, conduct=CONDUCT)
    assert abs(later - rest) <= abs(moved - rest) + 1e-9


@given(points, points)
def test_the_target_is_between_own_plus_the_margin_and_the_rivals(own, rivals):
    low, high = sorted((own + CONDUCT.next_margin, rivals))
    assert low - 1e-6 <= target(own, rivals) <= high + 1e-6
    alone = replace(CONDUCT, aspiration_own=1.0, aspiration_rivals=0.0)
    assert aspiration(0.0, own, rivals, elapsed=1e6, conduct=alone) == pytest.approx(own + CONDUCT.next_margin)


def test_without_weights_a_lab_aims_at_what_it_has():
    idle = replace(CONDUCT, aspiration_own=0.0, aspiration_rivals=0.0)
    assert aspiration(0.0, 80.0, 120.0, elapsed=1e6, conduct=idle) == pytest.approx(80.0)


def review(candidate: float, secured: float, *, waited: float = 0.0, minimum: float = 90.0):
    """A review against an aspiration of 100 points and an uptake of one token a day."""
    return review_launch(candidate, 100.0, (secured, 1.0), minimum=minimum, waited=waited, conduct=CONDUCT)


@pytest.mark.parametrize(
    "candidate, secured, binding",
    [(120.0, 2.0, "none"), (50.0, 2.0, "quality"), (120.0, 0.0, "capacity"), (50.0, 0.0, "both")],
)
def test_what_binds(candidate, secured, binding):
    outcome = review(candidate, secured)
    assert outcome.binding == binding
    assert outcome.launch == (binding == "none")
    assert (outcome.shortfall_points > 0) == outcome.quality_failed
    assert 0.0 <= outcome.secured_share <= 1.0


def test_exactly_enough_is_enough():
    assert review(100.0 - CONDUCT.tolerance, CONDUCT.capacity_needed).launch
    assert not review(100.0 - CONDUCT.tolerance - 1e-6, CONDUCT.capacity_needed).launch
    assert not review(100.0 - CONDUCT.tolerance, CONDUCT.capacity_needed - 1e-6).launch


@given(points, st.floats(0.0, 2.0), st.floats(0.0, 2.0), st.floats(0.0, 1.0))
def test_waiting_and_getting_better_never_take_a_launch_away(candidate, secured, waited, more):
    if review(candidate, secured, waited=waited).launch:
        assert review(candidate + more, secured, waited=waited).launch
        assert review(candidate, secured + more, waited=waited).launch
        assert review(candidate, secured, waited=waited + more).launch


def test_no_wait_makes_a_next_model_of_one_that_is_not_better():
    assert review(89.0, 2.0, waited=50.0, minimum=90.0).binding == "quality"


def test_nobody_expected_means_enough_is_secured():
    outcome = review_launch(120.0, 100.0, (0.0, 0.0), minimum=0.0, waited=0.0, conduct=CONDUCT)
    assert outcome.launch and outcome.secured_share == 1.0


@given(levels, st.floats(1e22, 1e27), st.floats(1.0, 10.0))
def test_a_cheaper_model_is_a_larger_surprise(algorithms, flop, factor):
    level = math.log(flop) + algorithms
    surprise = efficiency_surprise(level, flop, 0.0)
    assert surprise == pytest.approx(algorithms, abs=1e-6)
    assert efficiency_surprise(level, flop / factor, 0.0) == pytest.approx(surprise + math.log(factor))


@given(st.floats(0.01, 100.0), st.floats(0.1, 10.0))
def test_a_lab_that_grows_with_the_field_finds_as_many_ideas_and_keeps_its_split(effort, opening):
    """As ideas get harder with all labs' compute; one that stays as it was finds fewer, by the root of it."""
    needed = experiments_needed(opening, effort, TECHNOLOGY)
    as_before = innovation_mean(opening, opening, 1.0, TECHNOLOGY)
    assert innovation_mean(opening * effort, needed, 1.0, TECHNOLOGY) == pytest.approx(as_before)
    assert innovation_mean(opening, needed, 1.0, TECHNOLOGY) == pytest.approx(as_before / math.sqrt(effort))
    split = [best_main_share(chips, 0.1, gain=5.0, returns=0.5) for chips in (1.0, opening * effort / needed)]
    assert split[1] == pytest.approx(split[0])
    as_they_were = replace(TECHNOLOGY, harder_ideas=0.0)
    assert experiments_needed(opening, effort, as_they_were) == opening


# the split of compute -----------------------------------------------------------------------------------------


@given(st.floats(0.05, 20.0), st.floats(0.0, 5.0), st.floats(0.1, 20.0), st.floats(0.2, 1.0))
def test_the_best_main_share_is_the_optimisers(training, idle, gain, returns):
    def loss(share: float) -> float:
        return -(math.log(share) + gain * max(training * (1 - share) + idle, 0.0) ** returns)

    share = best_main_share(training, idle, gain=gain, returns=returns)
    oracle = scipy.optimize.minimize_scalar(loss, bounds=(1e-9, 1.0), method="bounded", options={"xatol": 1e-10})
    assert 0 < share <= 1
    assert loss(share) <= oracle.fun + 1e-9
    assert share == pytest.approx(oracle.x, abs=1e-4)


@given(st.floats(0.1, 10.0), st.floats(0.05, 1.0))
def test_more_compute_or_gain_moves_the_split_to_experiments(training, idle):
    share = best_main_share(training, idle, gain=5.0, returns=0.5)
    assert best_main_share(training * 2, idle, gain=5.0, returns=0.5) <= share
    assert best_main_share(training, idle, gain=10.0, returns=0.5) <= share
    assert best_main_share(training, idle, gain=0.0, returns=0.5) == 1.0 == best_main_share(0.0, idle, gain=5.0, returns=0.5)
