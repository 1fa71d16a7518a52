"""What location verification finds, and what the fear of it takes off a diverted chip."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.verification import expected_life_factor, found_units, still_reporting

shares = st.floats(0.0, 1.0)
hazards = st.floats(0.0, 12.0)
rates = st.floats(0.05, 2.0)
chips = st.integers(0, 10**6)
draws = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)


@given(shares, hazards, rates)
def test_the_factor_is_a_share_and_falls_in_what_finds_chips(share, hazard, rate):
    factor = expected_life_factor(share, hazard, rate)
    assert 0.0 <= factor <= 1.0
    assert expected_life_factor(share, hazard + 1.0, rate) <= factor
    assert expected_life_factor(min(share + 0.1, 1.0), hazard, rate) <= factor
    assert expected_life_factor(share, hazard, rate + 0.1) >= factor


def test_the_factor_is_the_integral_of_a_discounted_life():
    share, hazard, rate, step = 0.4, 1.0, 0.4, 1e-3
    times = [(place + 0.5) * step for place in range(60_000)]
    lives = math.fsum(math.exp(-rate * t) * (1 - share + share * math.exp(-hazard * t)) for t in times) * step
    assert expected_life_factor(share, hazard, rate) == pytest.approx(lives * rate, rel=1e-4)


def test_what_finds_nothing_costs_nothing():
    assert expected_life_factor(0.9, 0.0, 0.0) == expected_life_factor(0.0, 5.0, 0.4) == 1.0
    assert expected_life_factor(1.0, 1.0, 0.0) == 0.0


@given(chips, hazards, draws)
def test_no_more_is_found_than_reports(reporting, hazard, draw):
    found = found_units(reporting, hazard, 1 / 12, draw)
    assert 0 <= found <= reporting
    assert found_units(reporting, hazard + 1.0, 1 / 12, draw) >= found
    assert abs(found - reporting * (1 - math.exp(-hazard / 12))) < 1 + 1e-6


def test_the_mean_is_exact():
    draws = [(place + 0.5) / 1000 for place in range(1000)]
    mean = math.fsum(found_units(37, 1.0, 1 / 12, draw) for draw in draws) / 1000
    assert mean == pytest.approx(37 * (1 - math.exp(-1 / 12)), abs=1e-3)


@given(chips, shares, hazards, st.lists(draws, min_size=1, max_size=40))
def test_the_silent_part_is_never_found(arrived, share, hazard, months):
    installed, gone = arrived, 0
    for draw in months:
        found = found_units(still_reporting(installed, gone, share), hazard, 1 / 12, draw)
        installed, gone = installed - found, gone + found
    assert installed + gone == arrived and gone <= round(share * arrived)
