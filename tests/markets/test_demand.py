"""What investors want, as the compiled crowd works it out: stances, budgets, demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.markets.crowd import CIRCLE
from abm.markets.kernel import Stances
from abm.markets.kernel_demand import STEP, changes_at
from abm.rules.investor import PER_UNIT
from abm.scenario.capital import load_securities
from tests.markets.stage import open_market, plain_investors, plain_today

STAGE = open_market(seed=1, securities=load_securities()[:3])
LAYERS = 4
PARTS = st.floats(0, 1, exclude_max=True)


def shares_with_the_stance(turn: float, probability: float) -> np.ndarray:
    """Share of each layer's weight that takes the fundamental stance."""
    stances = Stances(np.full(LAYERS, turn), np.full(LAYERS, probability), np.zeros((3, 2, 2), np.int64))
    return STAGE.market.floor.value(0, STAGE.chance, stances, None)


@given(PARTS, st.floats(0, 1))
def test_the_share_with_a_stance_follows_its_probability(turn, probability):
    crowd = STAGE.market.crowd
    weights = np.column_stack([crowd.market_weights, crowd.weights])
    largest = weights.max(axis=0) / weights.sum(axis=0)
    assert (np.abs(shares_with_the_stance(turn, probability) - probability) <= largest + 1e-9).all()


def test_the_stance_is_taken_with_that_probability_over_all_turns():
    shares = np.mean([shares_with_the_stance((place + 0.5) / 1000, 0.3) for place in range(1000)], axis=0)
    assert shares == pytest.approx([0.3] * LAYERS, abs=0.0011)


def test_every_investor_takes_the_stance_with_that_probability():
    turns = [int((place + 0.5) / 1000 * CIRCLE) for place in range(1000)]
    positions = STAGE.market.crowd.positions[::40].astype(np.int64)
    taken = np.mean([(positions + turn) % CIRCLE < int(0.3 * CIRCLE) for turn in turns], axis=0)
    assert taken == pytest.approx(np.full(positions.shape, 0.3), abs=0.0011)
    one, today = plain_investors(STAGE)[0], plain_today(STAGE, 0)
    asked = np.mean([one.is_fundamental(replace(today, turns=[turn], thresholds=[int(0.3 * CIRCLE)]), 0) for turn in turns])
    assert asked == pytest.approx(0.3, abs=0.0011)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.sampled_from([0.2, 1.0, 5.0]), st.integers(0, 10**15))
def test_budgets_never_exceed_the_cash(seed, elasticity, cash):
    stage = open_market(seed, load_securities()[:5], demand_elasticity=elasticity).trade(0, 2)
    stage.books.crowd_cash[::2] = cash
    stage.market.floor.value(2, stage.chance, stage.market.outlook(2, stage.chance).stances, None)
    budgets = stage.market.floor.demands(stage.market.terms(), stage.books).budgets
    assert (budgets >= 0).all() and (budgets.sum(axis=1) <= stage.books.crowd_cash).all()
    assert (budgets > 0).any()


def test_demand_falls_with_the_price_and_never_below_zero():
    change, whole = np.empty(1), np.full(1, 1000)
    cells = (np.full(1, 5_000_000, np.int32), whole, whole, np.zeros(1, np.int64), whole**4, np.full(1, 4096, np.uint16))
    wanted = []
    for rise in (-0.1, 0.0, 0.05, 3.0):
        changes_at(change, cells, STEP, (100.0, rise * PER_UNIT))
        wanted.append(change[0])
    assert wanted == [1150.0, 1050.0, 1000.0, 0.0]
