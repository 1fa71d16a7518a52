"""What news is worth: signs are outcomes, what was expected is in the price."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.valuation import (
    domestic_level,
    level_changes,
    observed_elasticity,
    part_of_the_way,
    posterior_weight,
    value_change,
)
from abm.scenario.securities import load_securities

SECURITIES = load_securities()
TODAY = {"china_legal": 1.0, "china_domestic": 1.0}
levels = st.floats(0.01, 5.0)


def ban(feared: float, substitution: float = 0.3) -> dict[str, float]:
    """Changes by ticker when legal sales to China all but end, feared before with a probability."""
    after = {"china_legal": 0.01, "china_domestic": domestic_level(0.01, substitution, 1.5)}
    before = {segment: part_of_the_way(TODAY[segment], after[segment], feared) for segment in TODAY}
    return dict(level_changes(SECURITIES, before, after))


def test_value_follows_cash_flow_by_exposure():
    assert value_change({"china_legal": 0.13}, {"china_legal": math.log(0.5)}) == pytest.approx(math.log(1 - 0.065))
    assert value_change({"china_legal": 0.13}, {}) == 0.0


def test_what_is_certain_beforehand_moves_nothing():
    assert ban(feared=1.0) == {}
    assert ban(feared=0.0)["NVDA"] < ban(feared=0.5)["NVDA"] < 0


def test_repeated_shocks_fade_as_they_come_to_be_expected():
    shocks = [ban(feared)["NVDA"] for feared in (0.0, 0.4, 0.8)]
    assert shocks == sorted(shocks) and shocks[0] < 2 * shocks[-1] < 0


def test_a_rule_moves_both_sides_of_the_border():
    changes = ban(feared=0.2)
    assert changes["NVDA"] < 0 < changes["688256.SS"]
    assert "MSFT" not in changes


def test_demand_without_substitution_moves_to_nobody():
    changes = ban(feared=0.0, substitution=0.0)
    assert "688256.SS" not in changes and changes["NVDA"] == pytest.approx(math.log(1 - 0.13 * 0.99))


@given(levels, levels, levels, levels)
def test_a_move_that_is_undone_gives_back_what_it_took(legal, domestic, later, other):
    here, there = {"china_legal": legal, "china_domestic": domestic}, {"china_legal": later, "china_domestic": other}
    out, back = dict(level_changes(SECURITIES, here, there)), dict(level_changes(SECURITIES, there, here))
    assert out == pytest.approx({ticker: -change for ticker, change in back.items()})


def test_what_lasts_of_a_surprise_moves_value():
    reported = {"frontier_compute": part_of_the_way(1.0, 1.2, 0.5)}
    changes = dict(level_changes(SECURITIES, {"frontier_compute": 1.0}, reported))
    assert changes["NVDA"] == pytest.approx(math.log(0.25 + 0.75 * 1.1))
    assert "BABA" not in changes


def test_orders_reveal_the_elasticity():
    assert observed_elasticity(0.3, 1.5) == pytest.approx(1.2)
    assert posterior_weight(0.3, 0.3) == pytest.approx(0.5)
    assert posterior_weight(0.0, 0.3) == 0.0


@given(st.floats(0, 5), st.floats(0, 1), st.floats(0, 100))
def test_domestic_makers_gain_a_doubling_at_most_and_keep_something(legal, substitution, ratio):
    level = domestic_level(legal, substitution, ratio)
    assert 0 < level <= 2
    assert (level - 1.0) * (1.0 - legal) >= 0
