"""What news is worth: signs are outcomes, what was expected is in the price."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.valuation import (
    earnings_changes,
    efficiency_change,
    moved_demand,
    observed_elasticity,
    posterior_weight,
    rule_changes,
    rule_surprise,
    value_change,
)
from abm.scenario.securities import load_securities

SECURITIES = load_securities()
SEGMENTS = {"china_legal": 15e9, "china_domestic": 10e9}


def test_value_follows_cash_flow_by_exposure():
    assert value_change({"china_legal": 0.13}, {"china_legal": math.log(0.5)}) == pytest.approx(math.log(1 - 0.065))
    assert value_change({"china_legal": 0.13}, {}) == 0.0


@given(st.floats(0, 0.9), st.floats(0, 1))
def test_what_is_certain_beforehand_moves_nothing(loss, probability):
    assert rule_surprise(loss, probability, probability) == 0.0
    assert rule_surprise(loss, probability, 0.0) <= 0.0


def test_repeated_shocks_fade_as_they_come_to_be_expected():
    shocks = [rule_surprise(0.13, 1.0, expected) for expected in (0.0, 0.4, 0.8)]
    assert shocks == sorted(shocks) and shocks[0] < 2 * shocks[-1] < 0


def test_a_rule_moves_both_sides_of_the_border():
    losses = moved_demand(SEGMENTS, lost=1.0, substitution=0.3)
    changes = dict(rule_changes(SECURITIES, losses, probability=1.0, already_expected=0.2))
    assert changes["NVDA"] < 0 < changes["688256.SS"]
    assert "MSFT" not in changes


def test_demand_without_substitution_moves_to_nobody():
    losses = moved_demand(SEGMENTS, lost=1.0, substitution=0.0)
    changes = dict(rule_changes(SECURITIES, losses, probability=1.0, already_expected=0.0))
    assert "688256.SS" not in changes and changes["NVDA"] == pytest.approx(math.log(0.87))


def test_earnings_move_value_by_the_lasting_surprise():
    expected = {"frontier_compute": 100e9, "cloud_us": 50e9}
    changes = dict(earnings_changes(SECURITIES, {"frontier_compute": 120e9, "cloud_us": 50e9}, expected, 0.5))
    assert changes["NVDA"] == pytest.approx(math.log(0.25 + 0.75 * math.sqrt(1.2)))
    assert "BABA" not in changes


def test_the_sign_of_an_efficiency_surprise_is_the_belief():
    assert efficiency_change(0.8, 1.5, 0.85) < 0 < efficiency_change(1.3, 1.5, 0.85)
    assert efficiency_change(1.0, 1.5, 0.85) == 0.0


def test_orders_reveal_the_elasticity():
    assert observed_elasticity(0.3, 1.5) == pytest.approx(1.2)
    assert posterior_weight(0.3, 0.3) == pytest.approx(0.5)
    assert posterior_weight(0.0, 0.3) == 0.0


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1e12))
def test_domestic_makers_gain_or_lose_at_most_their_own_flow(lost, substitution, legal):
    losses = moved_demand({"china_legal": legal, "china_domestic": 1e9}, lost, substitution)
    assert -1 <= losses["china_domestic"] <= 1
    assert losses["china_domestic"] * lost <= 0
