"""The estimators on problems with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm.compare import (
    BOOTSTRAP_SEED,
    RESAMPLES,
    Interval,
    Paired,
    binding_shares,
    bootstrap_interval,
    first_difference,
    interval_used,
    mean_interval,
    median_month,
    not_launched,
    paired_difference,
    restricted,
)
from abm.errors import InputError


def test_the_t_interval_is_the_textbook_one():
    # differences 1, 2, 3: mean 2, standard error 1 / sqrt 3, t with 2 degrees of freedom 4.302653
    paired = paired_difference([11, 12, 13], [10, 10, 10])
    assert (paired.mean, paired.n, paired.level, paired.reference) == (2, 3, 12, 10)
    assert paired.high - paired.mean == pytest.approx(4.302653 / 3**0.5, rel=1e-6)
    assert paired.mean - paired.low == pytest.approx(paired.high - paired.mean)


def test_the_interval_is_that_of_the_paired_test_of_scipy():
    generator = np.random.default_rng(1)
    common = generator.normal(size=40)
    values, reference = common + generator.normal(0.3, 0.1, 40), common
    told = stats.ttest_rel(values, reference).confidence_interval(0.95)
    paired = paired_difference(values, reference)
    assert (paired.low, paired.high) == pytest.approx((told.low, told.high))


def test_pairing_takes_out_what_arms_share():
    common = np.random.default_rng(2).normal(0, 100, 50)
    noise = np.random.default_rng(3).normal(0, 1, 50)
    paired = paired_difference(common + 1 + noise, common)
    assert paired.high - paired.low < 1 < mean_interval(common).high - mean_interval(common).low


@pytest.mark.parametrize("method", ["t", "bca"])
def test_the_interval_covers_the_truth_as_often_as_it_says(method):
    generator = np.random.default_rng(4)
    trials = 300 if method == "t" else 60
    covered = 0
    for _ in range(trials):
        paired = paired_difference(generator.normal(1.0, 2.0, 30), np.zeros(30), method=method)
        covered += paired.low <= 1.0 <= paired.high
    assert stats.binomtest(covered, trials, 0.95).pvalue > 0.001


def test_the_bootstrap_is_the_same_every_time():
    values = np.random.default_rng(5).exponential(size=25)
    assert paired_difference(values, values * 0, method="bca") == paired_difference(values, values * 0, method="bca")


def test_the_bootstrap_is_that_of_scipy_with_the_resamples_and_the_seed_that_are_said():
    values = np.random.default_rng(6).exponential(size=20)
    said = interval_used("bca", 0.9)
    told = stats.bootstrap(
        (values,), np.mean, n_resamples=said.resamples, confidence_level=said.confidence, method="BCa",
        rng=np.random.default_rng(said.seed)).confidence_interval
    paired = paired_difference(values, np.zeros(20), method="bca", confidence=0.9)
    assert (paired.low, paired.high) == (told.low, told.high)


def test_the_bootstrap_of_a_skewed_mean_leans_to_its_tail_and_students_does_not():
    values = np.random.default_rng(7).exponential(size=30)
    bca, t = (paired_difference(values, np.zeros(30), method=method) for method in ("bca", "t"))
    assert (bca.high - bca.mean) / (bca.mean - bca.low) > 1.2
    assert (t.high - t.mean) / (t.mean - t.low) == pytest.approx(1)


def test_the_bootstrap_of_a_variance_is_the_example_of_the_textbook():
    """Efron and Tibshirani 1993, An Introduction to the Bootstrap, table 14.2: BCa of the 26 scores A, about 116 to 260."""
    scores = np.array([48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41.0])
    assert np.var(scores) == pytest.approx(171.5, abs=0.1)
    assert bootstrap_interval(scores, np.var, confidence=0.9) == pytest.approx((115.8, 259.6), rel=0.03)


def test_which_interval_is_used_is_said_in_full():
    assert interval_used() == Interval("t", 0.95, None, None)
    assert interval_used("bca") == Interval("bca", 0.95, RESAMPLES, BOOTSTRAP_SEED)
    assert str(interval_used()) == "95 % Student t intervals (scipy.stats.t)"
    said = str(interval_used("bca", 0.9))
    assert said.startswith("90 % ") and "BCa" in said and "9,999 resamples" in said and "seed 20250120" in said
    with pytest.raises(InputError, match='unknown method "bcaa"'):
        interval_used("bcaa")


def test_too_few_pairs_have_no_interval():
    assert paired_difference([3.0], [1.0]) == Paired(2.0, None, None, 1, 3.0, 1.0)
    assert paired_difference([], []) == Paired(None, None, None, 0, None, None)


def test_equal_differences_have_an_interval_of_no_width():
    assert paired_difference([2, 3, 4], [1, 2, 3]) == Paired(1.0, 1.0, 1.0, 3, 3.0, 2.0)


def test_a_pair_with_a_missing_value_is_left_out():
    paired = paired_difference([1, np.nan, 5, 7], [0, 1, np.nan, 5])
    assert (paired.n, paired.mean, paired.level, paired.reference) == (2, 1.5, 4.0, 2.5)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"values": [1, 2], "reference": [1]}, "equal lengths"),
        ({"values": [1, 2], "reference": [1, 2], "method": "bc"}, 'unknown method "bc"'),
        ({"values": [1, 2], "reference": [1, 2], "confidence": 95}, "confidence = 95 is not between 0 and 1"),
    ],
)
def test_bad_arguments_are_named(arguments, says):
    with pytest.raises(InputError, match=says):
        paired_difference(**arguments)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.floats(-1e3, 1e3))
def test_exchanging_the_arms_changes_the_sign_alone(values, shift):
    reference = [value * 0.5 + shift for value in values]
    there, back = paired_difference(values, reference), paired_difference(reference, values)
    assert there.mean == pytest.approx(-back.mean)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_months_are_restricted_to_the_horizon():
    assert restricted([3, 24, 30, np.inf], 24).tolist() == [3, 24, 24, 24]


def test_the_median_month_is_not_reached_by_fewer_than_half():
    assert median_month([5, 3, 24, 24], [True, True, False, False]) == 5
    assert median_month([5, 3, 24, 24, 24], [True, True, False, False, False]) is None
    assert median_month([5, 3, 9], [True, True, True]) == 5
    assert median_month([], []) is None


def test_the_share_not_launched_steps_down_at_each_launch():
    share = not_launched([3, 5, 24, 24], [True, True, False, False], [0, 2.9, 3, 5, 23])
    assert share == pytest.approx([1, 1, 0.75, 0.5, 0.5])


def test_early_censoring_is_weighed_as_kaplan_and_meier_do():
    # after one of four is lost at month 2, each launch of the three left takes a third of what is left
    share = not_launched([2, 3, 4, 5], [False, True, True, True], [2.5, 3.5, 4.5, 5.5])
    assert share == pytest.approx([1, 2 / 3, 1 / 3, 0])


def test_binding_shares_are_of_all_runs():
    shares = binding_shares([1, 1, 0, 0], [1, 0, 1, 0])
    assert shares == {"quality only": 0.25, "capacity only": 0.25, "both": 0.25, "neither": 0.25}
    assert binding_shares([], []) == {}


def test_the_first_difference_of_digests():
    assert first_difference(["a", "b"], ["a", "b"]) is None
    assert first_difference(["a", "b"], ["a", "c"]) == 1
    assert first_difference(["a", "b"], ["a"]) == 1
