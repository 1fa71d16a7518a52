"""What a domestic foundry and its memory suppliers allow."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.domestic import importable_stacks, imported_stacks, stacks_per_chip, wafer_growth, wafers_per_week

growths = st.floats(0.0, 1.0)
counts = st.integers(0, 10**8)


@given(growths, growths, growths)
def test_controls_on_tools_take_their_part_of_the_growth(declared, subsidised, tools):
    held = wafer_growth(declared, subsidised, tools, tools_controlled=True)
    free = wafer_growth(declared, subsidised, tools, tools_controlled=False)
    assert held == declared + subsidised
    assert free == pytest.approx(held + tools) and free >= held


def test_wafers_a_week_are_a_months_by_weeks_and_growth():
    assert wafers_per_week(35_000.0, 0.0) == 35_000 * 12 // 52
    assert wafers_per_week(35_000.0, math.log(2.0)) == pytest.approx(35_000 * 24 / 52, abs=1)


@given(counts, st.floats(0.0, 0.5), st.floats(0.0, 1.0), counts)
def test_imports_stay_within_the_share_and_the_cash(output, share, part, payable):
    stacks = importable_stacks(output, share, part, payable)
    assert 0 <= stacks <= payable and stacks <= output * share * part / 52


@given(counts, counts)
def test_only_what_is_missing_is_imported(used, stock):
    bought = imported_stacks(used, stock)
    assert stock + bought >= used and (bought == 0 or stock + bought == used)


def test_stacks_of_a_chip():
    assert stacks_per_chip(128.0, 16.0) == 8 and stacks_per_chip(8.0, 16.0) == 1
