"""What an office decides about an application, and when it gets to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.regulator import (
    application_work,
    arrears,
    calendar_days,
    granted_units,
    is_granted,
    is_ripe,
    work_done,
)

WORK = st.floats(0.0, 1e5)
DAYS = st.floats(0.0, 1000.0)


def test_a_delay_in_calendar_days_is_counted_in_trading_days():
    assert not is_ripe(0, 19, 28) and is_ripe(0, 20, 28)
    assert is_ripe(10, 10, 0)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 400))
def test_what_is_ripe_stays_ripe(filed, waited, delay):
    if is_ripe(filed, filed + waited, delay):
        assert is_ripe(filed, filed + waited + 1, delay)
    assert is_ripe(filed, filed + delay, delay)


@given(st.integers(0, 10**7), st.none() | st.integers(-10, 10**7))
def test_a_grant_is_within_what_was_asked_and_what_is_left(wanted, left):
    units = granted_units(wanted, left)
    assert 0 <= units <= wanted
    assert left is None or units <= max(left, 0)
    assert left is not None or units == wanted


@given(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_certain_answers_do_not_depend_on_luck(draw):
    assert is_granted(draw, 1.0) and not is_granted(draw, 0.0)


def test_the_answer_is_coupled_to_the_draw():
    assert is_granted(0.3, 0.31) and not is_granted(0.3, 0.3)


@given(WORK, WORK, st.floats(100.0, 1e5), DAYS)
def test_an_office_never_does_more_than_has_joined_nor_more_than_it_can(done, waiting, capacity, days):
    joined = done + waiting
    after = work_done(done, joined, capacity, days)
    assert done <= after <= joined
    assert after - done <= capacity * days / 365.25 + 1e-6


@given(WORK, WORK, st.floats(100.0, 1e5), DAYS)
def test_more_staff_is_never_later(done, waiting, capacity, days):
    assert work_done(done, done + waiting, capacity, days) <= work_done(done, done + waiting, 2 * capacity, days)


def test_arrears_are_what_a_year_has_left_undone():
    assert arrears(28_500.0, 15_000.0, 365.25) == 13_500.0
    assert arrears(28_500.0, 30_000.0, 365.25) == 0.0
    assert work_done(0.0, 13_500.0, 15_000.0, 365.25) == 13_500.0


def test_work_of_a_filing_by_licence_policy():
    assert [application_work(policy, 50.0) for policy in ("case_by_case", "approve", "notify")] == [50.0, 1.0, 0.0]


def test_five_trading_days_are_a_week():
    assert calendar_days(5) == 7.0 and calendar_days(261) == pytest.approx(365.4)
