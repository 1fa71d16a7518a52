"""Whole numbers divided in proportion: exact to the unit, fair, and the same in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.apportion import apportion, part_of, proportional_whole

WEIGHTS = st.lists(st.integers(0, 10**10), min_size=1, max_size=12).filter(any)


@given(st.integers(0, 10**16), WEIGHTS, st.randoms(use_true_random=False))
def test_a_whole_is_divided_to_the_unit_and_in_any_order(total, weights, luck):
    rank = list(range(len(weights)))
    luck.shuffle(rank)
    parts = apportion(total, np.array(weights), np.array(rank))
    assert parts.sum() == total and (parts >= 0).all()
    whole = sum(weights)
    assert all(abs(int(part) * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))
    turned = apportion(total, np.array(weights[::-1]), np.array(rank[::-1]))
    assert (turned[::-1] == parts).all()


def test_nothing_is_divided_among_nobody():
    assert apportion(0, np.array([0, 0]), np.arange(2)).tolist() == [0, 0]
    for total in (1, -1):
        with pytest.raises(ValueError, match="cannot be divided"):
            apportion(total, np.array([0, 0]), np.arange(2))


@given(st.integers(0, 10**14), st.integers(0, 10**6))
def test_a_part_of_money_is_exact(money, millionths):
    assert part_of(np.array([money]), millionths / 1e6)[0] == money * millionths // 10**6


@given(WEIGHTS, st.integers(1, 10**10), st.integers(0, 10**10))
def test_scaled_amounts_keep_their_proportions(amounts, whole, of):
    scaled = proportional_whole(np.array(amounts), min(of, whole), whole, np.arange(len(amounts)))
    assert scaled.sum() == sum(amounts) * min(of, whole) // whole and (scaled <= np.array(amounts)).all()
