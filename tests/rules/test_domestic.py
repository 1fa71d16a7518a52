"""What a domestic foundry and its memory suppliers allow."""

from __future__ import annotations

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.domestic import (
    clustered_yield,
    defect_density,
    domestic_yield,
    good_dies,
    importable_stacks,
    imported_stacks,
    packages_for,
    stacks_per_chip,
    surviving,
    wafer_growth,
    wafers_per_week,
)
from abm.scenario.technology import Technology

TECHNOLOGY = Technology()

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


@given(counts, counts)
def test_defects_fall_and_yield_rises_with_experience(made, more):
    first, now, then = (domestic_yield(dies, TECHNOLOGY) for dies in (0, made, made + more))
    assert first == pytest.approx(TECHNOLOGY.domestic_yield_start)
    assert first * (1 - 1e-12) <= now <= then * (1 + 1e-12) and then < 1
    start = TECHNOLOGY.domestic_dies_made
    halved = defect_density(made * 2 + start, TECHNOLOGY) / defect_density(made, TECHNOLOGY)
    assert halved == pytest.approx(2 ** -TECHNOLOGY.domestic_yield_learning)


def test_yield_rises_from_a_fifth_to_two_fifths_on_half_a_years_dies():
    """Reported: 20 % in September 2024, about 40 % in February 2025; 98 thousand good dies are half a year's."""
    half_a_year = 35_000 * 6 * 0.02 * 78 * 0.3
    before = Technology(domestic_yield_start=0.2, domestic_dies_made=10_200)
    assert domestic_yield(int(half_a_year), before) == pytest.approx(0.4, abs=0.01)
    assert domestic_yield(10_200 * 5 // 2, before) == pytest.approx(0.3, abs=0.01)


@given(st.floats(0.01, 2.0), st.floats(0.5, 8.0), st.floats(0.5, 5.0))
def test_yield_is_the_negative_binomial_and_without_clusters_poisson(density, area, clustering):
    mean = density * area
    oracle = scipy.stats.nbinom.pmf(0, clustering, clustering / (clustering + mean))
    assert clustered_yield(density, area, clustering) == pytest.approx(oracle, rel=1e-9)
    assert clustered_yield(density, area, 1e7) == pytest.approx(math.exp(-mean), rel=1e-4)
    assert clustered_yield(density, area, clustering) > math.exp(-mean)


def test_good_dies_are_those_of_the_wafers():
    assert good_dies(100.0, 0, TECHNOLOGY) == pytest.approx(100 * 78 * 0.3, abs=1)


@given(st.integers(0, 10**6), st.integers(1, 2), st.floats(0.6, 1.0))
def test_enough_packages_are_started(chips, dies, survival):
    packages = packages_for(chips, dies, survival)
    assert chips - 1 <= surviving(packages, dies, survival) <= chips + 1
    assert packages >= chips and packages_for(chips, dies, 1.0) == chips == surviving(chips, dies, 1.0)


def test_stacks_of_a_chip():
    assert stacks_per_chip(128.0, 16.0) == 8 and stacks_per_chip(8.0, 16.0) == 1
