"""Investors' rules: stances, views, demand, budgets, whole divisions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.markets.equities import behaviour_of
from abm.rules.investor import (
    PER_UNIT,
    Layers,
    circle_positions,
    daily_budgets,
    divide_whole,
    fundamental_probability,
    fundamental_view,
    shares_at_last_price,
    takes_stance,
    technical_view,
    trend_after,
    wanted_shares,
    weighted_mean,
    weighted_share,
    whole_steps,
)
from abm.scenario.capital import Capital

BEHAVIOUR = behaviour_of(Capital(), stocks=1)
CALM = Layers(*(np.zeros(2) for _ in range(4)), np.full(2, 0.5))
QUIET = np.zeros(2)
WHOLE = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


def test_fundamentalists_pull_the_price_to_its_value():
    cheap = replace(CALM, value=np.array([0.2, -0.2]))
    view = fundamental_view(BEHAVIOUR, cheap, QUIET)
    strengths = BEHAVIOUR.reaction * BEHAVIOUR.fundamental_pull * BEHAVIOUR.value_speed
    assert view == pytest.approx(strengths * [0.2, -0.2])
    assert (strengths > 0).all()


def test_technicians_follow_the_last_move():
    risen, fallen = (replace(CALM, change=np.full(2, change)) for change in (0.02, -0.02))
    assert (technical_view(BEHAVIOUR, risen, QUIET) > 0).all() and (technical_view(BEHAVIOUR, fallen, QUIET) < 0).all()


def test_technicians_are_louder_while_the_trend_is_down():
    down, up, crash = (replace(CALM, trend=trend * BEHAVIOUR.reaction) for trend in (-0.5, 0.5, -1000.0))
    noise = [technical_view(BEHAVIOUR, layers, np.ones(2)) for layers in (down, up, CALM, crash)]
    assert noise[0] / noise[2] == pytest.approx(1.0 + 0.5 * BEHAVIOUR.leverage)
    assert (noise[1] == noise[2]).all()
    assert noise[3] / noise[2] == pytest.approx(1.0 + BEHAVIOUR.leverage_limit * BEHAVIOUR.leverage)


def test_the_trend_is_a_moving_average_of_changes():
    layers = CALM
    for _ in range(200):
        layers = replace(layers, trend=trend_after(BEHAVIOUR, layers, np.array([0.01, -0.02])))
    assert layers.trend == pytest.approx([0.01, -0.02])
    assert trend_after(BEHAVIOUR, CALM, np.full(2, 0.011)) == pytest.approx(0.011 * 2.0 / (BEHAVIOUR.decline_memory + 1.0))


def test_mispricing_and_majorities_make_fundamentalists():
    base = fundamental_probability(BEHAVIOUR, CALM)
    assert (fundamental_probability(BEHAVIOUR, replace(CALM, level=np.full(2, 0.5))) > base).all()
    assert (fundamental_probability(BEHAVIOUR, replace(CALM, fundamental=np.full(2, 0.9))) > base).all()
    assert (fundamental_probability(BEHAVIOUR, replace(CALM, trend=np.full(2, -0.01))) < base).all()


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=60), st.floats(0, 1), st.floats(0, 0.999))
def test_the_share_with_a_stance_follows_its_probability(weights, probability, turn):
    weights = np.array(weights, dtype=np.int64)
    positions = circle_positions(weights, np.arange(len(weights))[::-1])
    members = takes_stance(positions[:, None], np.array([turn]), np.array([probability]))
    share = weighted_share(members, weights[:, None])[0]
    assert abs(share - probability) <= weights.max() / weights.sum() + 1e-9


def test_every_investor_takes_the_stance_with_that_probability():
    positions = circle_positions(np.array([5, 1, 1, 90]), np.arange(4))
    turns = (np.arange(1000) + 0.5) / 1000
    taken = np.array([takes_stance(positions, turn, 0.3) for turn in turns])
    assert taken.mean(axis=0) == pytest.approx([0.3] * 4, abs=0.0011)


@given(WHOLE, st.integers(0, 10**11))
def test_whole_divisions_sum_exactly_and_are_fair(weights, total):
    if not any(weights):
        return
    parts = divide_whole(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * weight / sum(weights)) < 1 + 1e-3 for part, weight in zip(parts, weights, strict=True))


@given(st.integers(0, 10**14), st.lists(st.integers(0, 10**13), min_size=1, max_size=13))
def test_budgets_never_exceed_the_cash(cash, purchases):
    purchases = np.array([purchases], dtype=np.float64)
    budgets = daily_budgets(np.array([cash]), purchases, np.full_like(purchases, 10.0**12))
    assert (budgets >= 0).all() and budgets.sum() <= cash


def test_the_whole_mean_is_the_mean():
    steps = whole_steps(np.array([[0.10, -5.0], [0.20, 5.0]]))
    assert steps[:, 1].tolist() == [-2 * PER_UNIT, 2 * PER_UNIT]
    assert weighted_mean(steps, np.array([[1, 1], [3, 1]])).tolist() == [17_500_000, 0]


def test_demand_falls_with_the_price_and_never_below_zero():
    at_last = shares_at_last_price(np.array([1000.0]), np.array([1000.0]), np.array([0.05]))
    wanted = [wanted_shares(at_last, np.array([1000.0]), np.array([rise]))[0] for rise in (-0.1, 0.0, 0.05, 3.0)]
    assert wanted == [1150.0, 1050.0, 1000.0, 0.0]
