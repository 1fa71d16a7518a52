"""What a government decides: pressure, lobbying, effort, and the mildest rule that is enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.government import (
    Choice,
    is_moved,
    lag_in_days,
    largest_flow,
    lobbying,
    mildest,
    months_in_a_row,
    pressure,
    remembered_stake,
    wanted_effort,
    wants_easing,
)

levels = st.floats(-20, 40)
shares = st.floats(0, 1)
choices = st.lists(
    st.builds(Choice, name=st.sampled_from("abcdef"), steps=st.integers(0, 5), lost=st.floats(0, 1e10), suffices=st.booleans()),
    max_size=8, unique_by=lambda one: one.name)


def test_pressure_is_the_missing_share_of_the_target():
    assert pressure(6.0, 9.0) == pytest.approx(1 / 3)
    assert pressure(9.0, 9.0) == pressure(12.0, 9.0) == 0.0
    assert pressure(-9.0, 9.0) == 2.0
    assert pressure(-9.0, 0.0) == 0.0


@given(low=levels, rise=st.floats(0, 10), target=st.floats(0.01, 36), more=st.floats(0, 10))
def test_pressure_falls_with_the_indicator_and_rises_with_the_target(low, rise, target, more):
    assert pressure(low + rise, target) <= pressure(low, target)
    if low >= 0:
        assert pressure(low, target + more) >= pressure(low, target) - 1e-12


@given(weight=st.floats(0, 100), stake=shares, more=shares)
def test_lobbying_rises_with_the_stake(weight, stake, more):
    assert lobbying(weight, stake + more) >= lobbying(weight, stake) >= 0.0 == lobbying(weight, 0.0)


def test_a_lost_stake_fades_and_a_new_one_counts_at_once():
    assert remembered_stake(0.0, 0.2, 0.9) == 0.2
    assert remembered_stake(0.2, 0.0, 0.9) == pytest.approx(0.18)
    assert remembered_stake(0.2, 0.5, 0.9) == 0.5


def test_months_count_in_a_row():
    assert months_in_a_row(3, True) == 4
    assert months_in_a_row(3, False) == 0


def test_easing_needs_a_margin():
    assert wants_easing(0.1, 0.2, 0.05)
    assert not wants_easing(0.1, 0.2, 0.1)


@given(lots=st.integers(0, 500), more=st.integers(0, 100), per_lot=st.floats(0, 5), ceiling=st.floats(1, 20))
def test_effort_rises_with_detections_within_the_budget(lots, more, per_lot, ceiling):
    effort = wanted_effort(lots, per_lot, ceiling)
    assert 1.0 <= effort <= wanted_effort(lots + more, per_lot, ceiling) <= ceiling
    assert effort == ceiling or effort == 1.0 + per_lot * lots


def test_a_small_change_of_effort_is_no_act():
    assert is_moved(1.5, 1.0, 0.5) and is_moved(1.0, 1.5, 0.5) and not is_moved(1.4, 1.0, 0.5)


def test_a_lag_is_in_trading_days_and_at_least_the_next():
    assert lag_in_days(3.0, 1.0) == 66  # 3 x 261 / 12 = 65.25
    assert lag_in_days(0.0, 2.0) == lag_in_days(1.0, 1e-9) == 1


def test_the_largest_flow():
    assert largest_flow({"a": 1.0, "c": 3.0, "b": 3.0}) == "c"
    assert largest_flow({"a": 0.0}) is largest_flow({}) is None


@given(choices=choices)
def test_the_chosen_rule_suffices_and_no_milder_one_does(choices):
    chosen = mildest(choices)
    enough = [one for one in choices if one.suffices]
    assert (chosen is None) == (not enough)
    for one in enough:
        assert (chosen.steps, chosen.lost, chosen.name) <= (one.steps, one.lost, one.name)


@given(choices=choices)
def test_the_order_of_candidates_does_not_matter(choices):
    assert mildest(choices) == mildest(choices[::-1])
