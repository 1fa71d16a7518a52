"""The exact split of a budget, against a solver of linear programmes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from abm.rules.budget import Mix, best_mix

amount = st.just(0.0) | st.floats(1e-3, 30.0)
CHIP = st.tuples(amount, amount, st.just(0.0) | st.floats(1e-3, 0.5), st.just(1.0) | st.floats(1e-3, 1.0))
mixes = st.builds(
    lambda chips, worth: Mix(
        ([one[0] for one in chips], [one[1] for one in chips]), [one[2] for one in chips], [one[3] for one in chips], worth),
    st.lists(CHIP, min_size=1, max_size=9), st.tuples(st.floats(1e-3, 1.0), st.just(0.0) | st.floats(1e-3, 1.0)))


def worth_of(mix: Mix, shares: list[float]) -> float:
    """Value of the programme at some shares."""
    closed = [min(1.0, math.fsum(map(float.__mul__, gain, shares))) for gain in mix.gains]
    return math.fsum(map(float.__mul__, mix.worth, closed)) - math.fsum(map(float.__mul__, mix.costs, shares))


def best_worth(mix: Mix) -> float:
    """The optimum by HiGHS: chips, then the parts of both gaps that close."""
    count = len(mix.costs)
    serving, training = ([-one for one in gain] for gain in mix.gains)
    rows = [[1.0] * count + [0.0, 0.0], [*serving, 1.0, 0.0], [*training, 0.0, 1.0]]
    bounds = [(0.0, bound) for bound in mix.bounds] + [(0.0, 1.0)] * 2
    found = linprog([*mix.costs, -mix.worth[0], -mix.worth[1]], A_ub=rows, b_ub=[1.0, 0.0, 0.0], bounds=bounds)
    assert found.success
    return -found.fun


def greedy(mix: Mix) -> list[float]:
    """The rule of thumb that it replaces: the chip of most worth first, as much as its bound and money allow."""
    left, shares = 1.0, [0.0] * len(mix.costs)
    for place in sorted(range(len(shares)), key=lambda one: -mix.marginal(one)):
        if mix.marginal(place) > 0:
            shares[place] = min(mix.bounds[place], left)
            left -= shares[place]
    return shares


@settings(deadline=None, max_examples=150)
@given(mixes)
def test_the_split_is_the_optimum_of_the_programme(mix):
    shares = best_mix(mix)
    assert math.fsum(shares) <= 1.0 + 1e-9
    assert all(-1e-12 <= share <= bound + 1e-12 for share, bound in zip(shares, mix.bounds, strict=True))
    assert worth_of(mix, shares) == pytest.approx(best_worth(mix), abs=1e-7)


@settings(deadline=None)
@given(mixes)
def test_no_rule_of_thumb_does_better_and_few_chips_are_bought_in_part(mix):
    shares = best_mix(mix)
    assert worth_of(mix, shares) >= worth_of(mix, greedy(mix)) - 1e-9
    in_part = [share for share, bound in zip(shares, mix.bounds, strict=True) if 1e-9 < share < bound - 1e-9]
    assert len(in_part) <= 3


def test_the_rule_of_thumb_is_not_exact():
    """Serving saturates with the best chip: a split with the second closes both gaps."""
    mix = Mix(([2.0, 0.0], [0.0, 1.5]), [0.0, 0.0], [1.0, 1.0], (1.0, 1.0))
    assert best_mix(mix) == pytest.approx([0.5, 0.5])
    assert worth_of(mix, greedy(mix)) == 1.0
    assert worth_of(mix, best_mix(mix)) == pytest.approx(1.75)


def test_chips_that_do_not_pay_their_power_are_left():
    mix = Mix(([2.0], [0.0]), [3.0], [1.0], (1.0, 1.0))
    assert best_mix(mix) == [0.0]
