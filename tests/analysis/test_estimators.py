"""Estimators for paired experiments against known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm.compare import complete_pairs, variance_cut
from abm.errors import InputError
from analysis.estimators import (
    dominance,
    holm,
    monte_carlo_error,
    paired_p_value,
    quantile_differences,
    seeds_needed,
)


def drawn(seed: int, number: int = 400) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=number)


def test_the_error_of_a_mean_is_the_textbook_one():
    assert monte_carlo_error([1.0, 2.0, 3.0, np.nan]) == pytest.approx(1 / 3**0.5)
    assert monte_carlo_error([1.0]) is None


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_common_luck_cuts_the_variance_by_one_less_its_correlation(correlation):
    """Equal variances: (1 + 1) / (2 - 2 r) = 1 / (1 - r)."""
    common, own, other = drawn(1, 200_000), drawn(2, 200_000), drawn(3, 200_000)
    first, second = (correlation**0.5 * common + (1 - correlation) ** 0.5 * one for one in (own, other))
    assert variance_cut(first, second) == pytest.approx(1 / (1 - correlation), rel=0.02)


def test_opposite_luck_costs_and_no_spread_says_nothing():
    assert variance_cut([1.0, 2.0, 4.0], [-1.0, -2.0, -4.0]) == pytest.approx(0.5)
    assert variance_cut([2.0, 3.0], [1.0, 2.0]) is None
    assert variance_cut([2.0], [1.0]) is None


def test_as_many_seeds_as_needed_give_the_width_and_one_fewer_does_not():
    pilot = drawn(4, 30)
    spread = np.std(pilot, ddof=1)
    number = seeds_needed(pilot, 0.5)

    def width(n: int) -> float:
        return 2 * stats.t.ppf(0.975, n - 1) * spread / n**0.5

    assert width(number) <= 0.5 < width(number - 1)
    # a thousand pairs and more: the normal answer (2 x 1.96 s / width) squared
    assert seeds_needed(pilot, 0.02) == pytest.approx((2 * 1.959964 * spread / 0.02) ** 2, rel=1e-3)


@given(st.floats(0.01, 10), st.floats(1.1, 3))
def test_wider_intervals_need_no_more_seeds(width, times):
    pilot = drawn(5, 20)
    assert seeds_needed(pilot, times * width) <= seeds_needed(pilot, width)


@pytest.mark.parametrize(
    ("pilot", "width", "confidence", "says"),
    [
        ([1.0], 1.0, 0.95, "1 elements"),
        ([1.0, 2.0], 0.0, 0.95, "width = 0.0"),
        ([1.0, 2.0], 1.0, 1.0, "confidence = 1.0"),
        ([1.0, 9.0], 1e-9, 0.95, "more than 1,000,000,000"),
    ],
)
def test_what_cannot_be_planned_is_said(pilot, width, confidence, says):
    with pytest.raises(InputError, match=says):
        seeds_needed(pilot, width, confidence=confidence)


def test_holm_is_the_example_of_the_textbook():
    # Wright 1992, doi:10.2307/2532694, rule: 4 x .005, 3 x .01, 2 x .03 and not below, 1 x .04 and not below
    told = holm({"d": 0.04, "a": 0.005, "c": 0.03, "b": 0.01})
    assert list(told) == ["d", "a", "c", "b"]
    assert told == pytest.approx({"a": 0.02, "b": 0.03, "c": 0.06, "d": 0.06})
    assert holm({}) == {}
    with pytest.raises(InputError, match="p of a = 2"):
        holm({"a": 2})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_lies_between_raw_and_bonferroni(p_values):
    told = holm({str(place): value for place, value in enumerate(p_values)})
    adjusted = [told[str(place)] for place in range(len(p_values))]
    for value, other in zip(p_values, adjusted, strict=True):
        assert value <= other <= min(len(p_values) * value, 1.0)
    order = np.argsort(p_values, kind="stable")
    assert all(adjusted[one] <= adjusted[two] for one, two in zip(order, order[1:], strict=False))


def test_holm_holds_the_chance_of_one_false_finding():
    generator = np.random.default_rng(6)
    false = sum(min(holm(dict(enumerate(generator.uniform(size=5)))).values()) <= 0.05 for _ in range(2000))
    assert stats.binomtest(false, 2000, 0.05, alternative="greater").pvalue > 0.01


def test_the_p_value_is_that_of_scipy_and_pairs_without_spread_have_none():
    values, reference = drawn(7) + 0.1, drawn(8)
    assert paired_p_value(values, reference) == stats.ttest_rel(values, reference).pvalue
    assert paired_p_value([1.0, 2.0], [0.0, 1.0]) is None


def test_a_shift_moves_all_quantiles_alike():
    reference = drawn(9, 100)
    for found in quantile_differences(reference + 3, reference):
        assert (found.difference, found.low, found.high) == pytest.approx((3, 3, 3))


def test_the_interval_of_a_quantile_covers_the_truth():
    """The upper quartiles of N(1, 2) and N(0, 1) differ by 1 + .6745; 60 samples of 60 pairs."""
    covered = 0
    for seed in range(60):
        generator = np.random.default_rng(100 + seed)
        (found,) = quantile_differences(generator.normal(1, 2, 60), generator.normal(0, 1, 60), [0.75])
        covered += found.low <= 1.67449 <= found.high
    assert stats.binomtest(covered, 60, 0.95).pvalue > 0.001


def test_quantiles_of_the_arms_are_taken_before_their_difference():
    # quartiles of 0, 1, 2, 3, 4 are 1, 2, 3; of their squares 1, 4, 9; quartiles of the differences would be -2, 2, 8
    values, reference = np.arange(5.0)[::-1] ** 2, np.arange(5.0)
    told = quantile_differences(values, reference, (0.25, 0.5, 0.75))
    assert [(one.at, one.difference, one.n) for one in told] == [(0.25, 0.0, 5), (0.5, 2.0, 5), (0.75, 6.0, 5)]


def test_the_statistics_of_dominance_are_those_by_hand():
    # 0 and 2 against 1 and 1: below 1 a half against none, from 1 on a half against all; their integrals part by 1/2 at 1
    for order, gap in ((1, 0.5), (2, 0.5)):
        assert dominance([0.0, 2.0], [1.0, 1.0], order=order).statistic == pytest.approx(2**0.5 * gap)
    # the other way round the first order is hurt by 1/2 from 1 on, and the second nowhere
    assert dominance([1.0, 1.0], [0.0, 2.0], order=1).statistic == pytest.approx(2**0.5 * 0.5)
    assert dominance([1.0, 1.0], [0.0, 2.0], order=2).statistic == pytest.approx(0.0)


def test_the_larger_arm_dominates_and_the_smaller_does_not():
    larger, smaller = drawn(10, 100) + 1, drawn(11, 100)
    for order in (1, 2):
        assert dominance(larger, smaller, order=order).p > 0.2
        assert dominance(smaller, larger, order=order).p < 0.01


def test_a_mean_preserving_spread_is_dominated_in_the_second_order_only():
    narrow, wide = (times * (one - one.mean()) for times, one in ((1, drawn(12, 150)), (4, drawn(13, 150))))
    assert dominance(narrow, wide, order=2).statistic == pytest.approx(0.0, abs=1e-9)
    assert dominance(narrow, wide, order=1).p < 0.05
    assert dominance(wide, narrow, order=2).p < 0.01


def test_equal_arms_are_rejected_as_often_as_the_level_says():
    """50 pairs of one distribution, half of their luck shared: at most 5 % at the 5 % level, 100 samples."""
    rejected = 0
    for seed in range(100):
        generator = np.random.default_rng(1000 + seed)
        common = generator.normal(size=50)
        rejected += dominance(common + generator.normal(size=50), common + generator.normal(size=50)).p <= 0.05
    assert stats.binomtest(rejected, 100, 0.05, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dominance([1.0, 2.0], [1.0, 2.0], order=3), "order = 3"),
        (lambda: dominance([1.0], [1.0]), "1 complete pairs"),
        (lambda: quantile_differences([1.0, 2.0], [1.0, 2.0], [1.5]), "at = 1.5"),
        (lambda: quantile_differences([1.0], [2.0]), "1 complete pairs"),
        (lambda: quantile_differences([1.0, 2.0], [1.0, 2.0], confidence=0.0), "confidence = 0"),
        (lambda: complete_pairs([1.0], [1.0, 2.0]), "pairs need equal lengths"),
    ],
)
def test_what_cannot_be_told_is_said(call, says):
    with pytest.raises(InputError, match=says):
        call()
