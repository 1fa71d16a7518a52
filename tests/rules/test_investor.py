"""Investors' rules: views, positions, whole divisions."""

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
    divide_whole,
    fundamental_probability,
    fundamental_view,
    technical_view,
    trend_after,
    weighted_mean,
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


@given(WHOLE, st.integers(0, 10**11))
def test_whole_divisions_sum_exactly_and_are_fair(weights, total):
    if not any(weights):
        return
    parts = divide_whole(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * weight / sum(weights)) < 1 + 1e-3 for part, weight in zip(parts, weights, strict=True))


def test_the_whole_mean_is_the_mean():
    steps = whole_steps(np.array([[0.10, -5.0], [0.20, 5.0]]))
    assert steps[:, 1].tolist() == [-2 * PER_UNIT, 2 * PER_UNIT]
    assert weighted_mean(steps, np.array([[1, 1], [3, 1]])).tolist() == [17_500_000, 0]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=60))
def test_positions_are_the_middles_of_arcs_in_proportion_to_weight(weights):
    places = circle_positions(np.array(weights), np.arange(len(weights))[::-1])[::-1]
    ends = np.cumsum(weights[::-1]) / sum(weights)
    middles = (ends + np.concatenate(([0.0], ends[:-1]))) / 2
    assert places == pytest.approx(middles)
