"""What an office decides about an application."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from abm.rules.regulator import granted_units, is_granted, is_ripe


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
