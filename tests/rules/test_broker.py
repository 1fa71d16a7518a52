"""When diversion pays: margins, beliefs, entry and lots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.broker import believed_detection, entry_mean, expected_margin, lot_size
from abm.scenario.conduct import Conduct

CONDUCT = Conduct()
prices = st.floats(100.0, 1e5)
shares = st.floats(0.0, 1.0)


@given(prices, prices, shares, st.floats(0.0, 1e4))
def test_the_margin_rises_with_the_grey_price_and_falls_with_detection(grey, price, believed, more):
    margin = expected_margin(grey, price, believed, CONDUCT, cost=1500.0)
    assert expected_margin(grey + more, price, believed, CONDUCT, cost=1500.0) >= margin
    assert expected_margin(grey, price, believed, CONDUCT, cost=1600.0) <= margin
    if grey >= price + 1500.0:
        assert expected_margin(grey, price, min(believed + 0.1, 1.0), CONDUCT, cost=1500.0) <= margin


def test_the_margin_at_its_two_ends():
    assert expected_margin(30e3, 20e3, 0.0, CONDUCT, cost=700.0) == pytest.approx(10e3 - 700.0)
    assert expected_margin(30e3, 20e3, 1.0, CONDUCT, cost=700.0) == pytest.approx(-(1 + CONDUCT.fine_share) * 20e3)


@given(st.floats(0.1, 1e3), st.floats(0.1, 1e3))
def test_beliefs_are_probabilities_that_experience_moves(detections, passages):
    believed = believed_detection(detections, passages)
    assert 0 < believed < 1
    assert believed_detection(detections + 1, passages) > believed > believed_detection(detections, passages + 1)


@given(st.floats(-1e5, 1e5), prices)
def test_nobody_enters_for_less_than_the_outside_option(margin, price):
    mean = entry_mean(margin, price, CONDUCT)
    assert mean >= 0
    assert (mean > 0) == (margin > CONDUCT.broker_outside)
    assert entry_mean(margin + 1000, price, CONDUCT) >= mean


def test_nobody_enters_where_nothing_is_for_sale():
    assert entry_mean(1e5, 0.0, CONDUCT) == 0.0


@given(st.floats(0.001, 50.0))
def test_lots_are_whole_and_add_up_to_a_year_of_the_broker(scale):
    lot = lot_size(scale, CONDUCT)
    assert isinstance(lot, int) and lot >= 1
    assert lot <= CONDUCT.broker_chips * scale / CONDUCT.broker_lots_per_year < lot + 1 or lot == 1
