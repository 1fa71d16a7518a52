"""What a buyer would pay for a chip out of its plan: what it gives up for it, no more than is asked."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.budget import INFINITE
from abm.rules.cloud import Need, Option, bid, chip_value
from abm.rules.displacement import Plan, bids_by_use

NEED = Need(1e9, 0.5e9, 1e9, 0.2e9)
GOOD = Option("v", "good", 30_000.0, 2.0, 2.0, 0.5, running_cost=3_000.0)
POOR = Option("v", "poor", 20_000.0, 1.0, 0.8, 0.5, running_cost=2_000.0)
STRANDED = Option("v", "stranded", 14_000.0, 0.5, 0.2, 0.08, running_cost=2_000.0)
PLENTY = Plan(1e9, [INFINITE, INFINITE], span=0.25, horizon=1.0, impatience=0.4)


def test_without_limits_a_chip_is_worth_what_the_best_other_costs_for_it():
    ((price, money),) = bids_by_use(STRANDED, [GOOD, POOR], NEED, PLENTY)
    best = chip_value(GOOD, NEED, 0.4) / GOOD.cost
    assert price == pytest.approx(bid(chip_value(STRANDED, NEED, 0.4), best, STRANDED.running_cost, most=1e9))
    assert money == pytest.approx(PLENTY.money, rel=1e-4) and price < STRANDED.price


def test_where_others_are_short_worse_ones_and_idle_money_are_given_up_first():
    best = bids_by_use(STRANDED, [GOOD, POOR], NEED, PLENTY)[0][0]
    bids = dict(sorted(bids_by_use(STRANDED, [GOOD, POOR], NEED, replace(PLENTY, limits=[10_000.0, 10_000.0]))))
    prices = sorted(bids)
    assert prices[0] == pytest.approx(best) and prices[0] < prices[1] < prices[2] <= STRANDED.price
    assert bids[prices[0]] == 3e8 and bids[prices[1]] == 2e8 and bids[prices[2]] == pytest.approx(5e8)
    assert prices[2] / prices[1] == pytest.approx(math.exp(0.4 * 0.25 * 5e8 / 5e8), rel=1e-9)


def test_who_lacks_nothing_beside_its_plan_leaves_its_money_idle():
    small = replace(NEED, serving_target=1.0001e9, serving_planned=1e9, training_target=1.0001e9, training_planned=1e9)
    bids = bids_by_use(STRANDED, [GOOD], small, replace(PLENTY, money=1e10, limits=[1e6]))
    assert sum(money for _, money in bids) == pytest.approx(50_000 * GOOD.price, rel=1e-3)
    assert bids_by_use(STRANDED, [GOOD], replace(NEED, serving_planned=1e9, training_planned=1e9), PLENTY) == []


@given(st.floats(1e6, 1e10), st.floats(0.0, 1e5), st.floats(0.0, 1e5))
def test_nobody_pays_more_than_is_asked_or_has_more_than_its_money(money, first, second):
    plan = replace(PLENTY, money=money, limits=[first, second])
    bids = bids_by_use(STRANDED, [GOOD, POOR], NEED, plan)
    assert all(0.0 < price <= STRANDED.price and paid > 0.0 for price, paid in bids)
    assert math.fsum(paid for _, paid in bids) <= money * (1 + 1e-12)


def test_who_can_have_no_other_chip_pays_what_is_asked():
    assert bids_by_use(STRANDED, [], NEED, replace(PLENTY, limits=[])) == [(STRANDED.price, 1e9)]
