"""Long runs on domestic chips: failures, what they cost, what is believed of them, and where a run is put."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.long_runs import (
    BOTH,
    DOMESTIC,
    FOREIGN,
    PLACES,
    Compute,
    believed_rate,
    failures_a_day,
    lost_work,
    place_of_run,
    useful_share,
)

amounts = st.floats(0.0, 1e26)
rates = st.floats(0.0, 5.0)
costs = st.floats(0.0, 14.0)


def test_failures_grow_with_chips_and_end_with_a_mature_ecosystem():
    assert failures_a_day(0.16, 5000, 0.35) == pytest.approx(0.16 * 5 * 0.65)
    assert failures_a_day(0.16, 10_000, 0.35) == pytest.approx(2 * failures_a_day(0.16, 5000, 0.35))
    assert failures_a_day(0.16, 5000, 0.5) < failures_a_day(0.16, 5000, 0.35)
    assert failures_a_day(0.16, 5000, 1.0) == 0.0
    assert failures_a_day(0.0, 5000, 0.35) == 0.0


def test_a_failure_costs_its_days():
    assert useful_share(0.1, 2.0) == pytest.approx(0.8)
    assert useful_share(1.0, 2.0) == 0.0
    assert lost_work(3, 2.0, 1e22, 1e25) == pytest.approx(6e22)
    assert lost_work(3, 2.0, 1e22, 4e22) == 4e22


@given(amounts, amounts, rates, costs)
def test_no_other_place_gives_more_useful_work(foreign, domestic, failures, cost):
    compute = Compute(foreign, domestic, 1.0)
    useful = {
        FOREIGN: foreign,
        BOTH: (foreign + domestic) * useful_share(failures, cost),
        DOMESTIC: domestic * useful_share(failures, cost),
    }
    assert useful[place_of_run(compute, failures, cost)] == max(useful.values())


@pytest.mark.parametrize(
    "foreign, domestic, failures, place",
    [
        (100.0, 0.0, 0.0, FOREIGN), (100.0, 10.0, 0.0, BOTH), (100.0, 10.0, 0.05, BOTH), (100.0, 10.0, 0.2, FOREIGN),
        (0.0, 10.0, 0.2, BOTH), (0.0, 0.0, 0.2, FOREIGN),
    ],
)
def test_domestic_chips_join_a_run_where_they_add_more_than_their_failures_cost(foreign, domestic, failures, place):
    assert place_of_run(Compute(foreign, domestic, 1.0), failures, 1.0) == place


def test_goodwill_moves_a_run_to_domestic_chips_until_failures_cost_more():
    compute = Compute(2.0, 1.0, 1.0)
    assert place_of_run(compute, 0.0, 1.0, goodwill=3.0, together=False) == DOMESTIC
    assert place_of_run(compute, 0.0, 1.0, goodwill=1.0, together=False) == FOREIGN
    assert place_of_run(compute, 0.5, 1.0, goodwill=3.0, together=False) == FOREIGN
    assert place_of_run(compute, 0.1, 1.0) == BOTH


@given(amounts, amounts)
def test_a_place_has_the_compute_of_its_chips(foreign, domestic):
    compute = Compute(foreign, domestic)
    assert [compute.run(place) for place in PLACES] == [foreign, foreign + domestic, domestic]
    assert compute.training == foreign + domestic


def test_beliefs_start_at_what_vendors_state_and_end_at_what_was_seen():
    assert believed_rate(0, 0.0, prior=0.003, weight=1.0) == pytest.approx(0.003)
    assert believed_rate(1600, 10_000.0, prior=0.003, weight=1.0) == pytest.approx(0.16, rel=0.05)
    assert believed_rate(3, 50.0, prior=0.003, weight=100.0) < believed_rate(3, 50.0, prior=0.003, weight=1.0)


@given(st.integers(0, 100), st.floats(0.0, 1e4))
def test_a_failure_worsens_a_belief_and_quiet_running_improves_it(failures, exposure):
    now = believed_rate(failures, exposure, prior=0.003, weight=1.0)
    assert believed_rate(failures + 1, exposure, prior=0.003, weight=1.0) > now
    assert believed_rate(failures, exposure + 100.0, prior=0.003, weight=1.0) < now
