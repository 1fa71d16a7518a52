"""What firms are worth by a state: signs are outcomes, what was expected is in the price."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.valuation import (
    bellwether,
    changes_between,
    domestic_level,
    efficiency_loading,
    elsewhere_level,
    launch_uplift,
    log_value,
    new_evidence,
    observed_elasticity,
    posterior_weight,
)
from abm.scenario.capital import Capital
from abm.scenario.securities import load_securities

SECURITIES = {one.ticker: one for one in load_securities()}
levels = st.floats(0.01, 5.0)


def worth(legal: float, contested: float = 1.3, supplied: float = 0.3) -> dict[str, float]:
    """Log values by ticker when legal sales to China stand at a level."""
    state = {"china_legal": legal, "china_domestic": domestic_level(legal, contested, supplied)}
    return {ticker: log_value(one.exposures, state) for ticker, one in SECURITIES.items()}


def test_value_follows_cash_flow_by_exposure():
    assert log_value({"china_legal": 0.13}, {"china_legal": 0.5}) == pytest.approx(math.log(1 - 0.065))
    assert log_value({"china_legal": 0.13}, {}) == 0.0


def test_a_firm_without_any_cash_flow_has_a_finite_value():
    assert math.isfinite(log_value({"china_legal": 1.0}, {"china_legal": 0.0}))


def test_a_rule_moves_both_sides_of_the_border():
    changes = dict(changes_between(worth(1.0), worth(0.0)))
    assert changes["NVDA"] == pytest.approx(math.log(1 - 0.13))
    assert changes["NVDA"] < changes["TSM"] < 0 < changes["0981.HK"] < changes["688256.SS"]
    assert "MSFT" not in changes and "BABA" not in changes


def test_where_nothing_is_contested_or_nothing_more_can_be_made_domestic_makers_gain_nothing():
    for silent in ({"contested": 0.0}, {"supplied": 0.0}):
        assert "688256.SS" not in dict(changes_between(worth(1.0, **silent), worth(0.0, **silent)))


@given(levels, levels)
def test_a_move_that_is_undone_gives_back_what_it_took(here, there):
    out, back = (dict(changes_between(*pair)) for pair in ((worth(here), worth(there)), (worth(there), worth(here))))
    assert out == {ticker: -change for ticker, change in back.items()}


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0, 100), st.floats(0, 1))
def test_domestic_sales_fall_with_what_is_legal_and_stay_within_what_is_contested(legal, more, contested, supplied):
    level = domestic_level(legal, contested, supplied)
    assert 0 < level <= (1 + contested) * (1 + 1e-12)
    assert domestic_level(legal + more, contested, supplied) <= level * (1 + 1e-12)
    assert domestic_level(1.0, contested, supplied) == pytest.approx(1.0)


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0, 10))
def test_what_is_kept_from_china_is_sold_elsewhere_and_no_more_than_that(legal, more, freed):
    level = elsewhere_level(legal, freed)
    assert 0 < level <= (1 + freed) * (1 + 1e-12)
    assert elsewhere_level(legal + more, freed) <= level * (1 + 1e-12)
    assert elsewhere_level(1.0, freed) == pytest.approx(1.0) and elsewhere_level(legal, 0.0) == 1.0


def test_the_firms_most_exposed_to_compute_follow_its_demand_most():
    capital = Capital()
    by_size = sorted(SECURITIES, key=lambda ticker: -efficiency_loading(SECURITIES[ticker], capital))
    assert bellwether(SECURITIES.values(), capital) == by_size[0] == "NVDA"
    assert by_size.index("TSM") < by_size.index("ORCL") < by_size.index("MSFT")
    assert efficiency_loading(SECURITIES["MSFT"], capital) < 0.05


def test_an_open_model_lifts_the_clouds_of_its_own_region():
    assert launch_uplift(0.2, 0.5, "abroad") == {"cloud_us": 0.2}
    assert launch_uplift(0.2, 0.5, "CN") == {"cloud_cn": 0.2, "china_domestic": 0.1}


def test_orders_reveal_the_elasticity():
    assert observed_elasticity(0.3, 1.5) == pytest.approx(1.2)
    assert posterior_weight(0.3, 0.3) == pytest.approx(0.5)
    assert posterior_weight(0.0, 0.3) == 0.0


@given(st.lists(st.tuples(st.floats(-2, 3), st.floats(0.1, 5)), min_size=1, max_size=6), st.floats(0.05, 2))
def test_evidence_told_in_parts_teaches_what_the_whole_of_it_teaches(quarters, doubt):
    belief, uncertainty, mean, precision = 0.9, doubt, 0.0, 0.0
    for value, added in quarters:
        whole, total = (mean * precision + value * added) / (precision + added), precision + added
        told, noise = new_evidence(whole, total, told=mean, told_precision=precision)
        weight = posterior_weight(uncertainty, noise)
        belief, uncertainty = belief + weight * (told - belief), uncertainty * math.sqrt(1 - weight)
        mean, precision = whole, total
    at_once = posterior_weight(doubt, math.sqrt(1 / precision))
    assert belief == pytest.approx(0.9 + at_once * (mean - 0.9), abs=1e-6)
