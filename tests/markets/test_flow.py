"""Flows from groups to places: as much as can be, in fair shares, exactly; scipy's linear programs are the oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from abm.markets.flow import fair_flow, fill

GROUPS, PLACES = 4, 4
rooms = st.lists(st.integers(0, 1000), min_size=PLACES, max_size=PLACES)
amounts = st.lists(st.integers(0, 1000), min_size=GROUPS, max_size=GROUPS)
reaches = st.lists(
    st.sets(st.integers(0, PLACES - 1), min_size=1).map(sorted), min_size=GROUPS, max_size=GROUPS
)


def taken(flow: list[dict[int, int]]) -> list[int]:
    """Units served of each group."""
    return [sum(places.values()) for places in flow]


def limits(reach: list[list[int]], room: list[int]) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray]:
    """Arcs, and the rows of a linear program that keep every place within its room and every group within a bound."""
    arcs = [(group, place) for group, places in enumerate(reach) for place in places]
    rows = [[float(there == place) for _, there in arcs] for place in range(len(room))]
    rows += [[float(here == group) for here, _ in arcs] for group in range(len(reach))]
    return arcs, np.array(rows), np.array(room, dtype=float)


def most(wished: list[int], reach: list[list[int]], room: list[int]) -> float:
    """Most units that can be served, by linear programming."""
    arcs, rows, right = limits(reach, room)
    found = linprog(-np.ones(len(arcs)), A_ub=rows, b_ub=np.concatenate([right, wished]), method="highs")
    return -found.fun


def best_common_share(wished: list[int], reach: list[list[int]], room: list[int]) -> float:
    """The largest share of their wishes that all groups can have at once, by linear programming."""
    arcs, rows, right = limits(reach, room)
    rows = np.hstack([rows, np.zeros((len(rows), 1))])
    rows[len(room):, :-1] *= -1.0
    rows[len(room):, -1] = wished
    right = np.concatenate([right, np.zeros(len(wished))])
    found = linprog([0.0] * len(arcs) + [-1.0], A_ub=rows, b_ub=right, bounds=[(0, None)] * len(arcs) + [(0, 1)],
                    method="highs")
    return -found.fun


@settings(deadline=None, max_examples=60)
@given(amounts, reaches, rooms)
def test_as_much_is_served_as_linear_programming_finds(wished, reach, room):
    for flow in (fair_flow([0] * GROUPS, wished, reach, room), fill(wished, reach, room)[0]):
        assert sum(taken(flow)) == round(most(wished, reach, room))
        for place, units in enumerate(room):
            assert 0 <= sum(places.get(place, 0) for places in flow) <= units
        for group, places in enumerate(flow):
            assert taken(flow)[group] <= wished[group]
            assert all(units >= 0 and place in reach[group] for place, units in places.items())


@settings(deadline=None, max_examples=60)
@given(amounts, reaches, rooms)
def test_the_worst_served_group_is_served_as_well_as_can_be(wished, reach, room):
    flow = fair_flow([0] * GROUPS, wished, reach, room)
    share = best_common_share(wished, reach, room)
    for units, wish in zip(taken(flow), wished, strict=True):
        assert units >= math.floor(wish * share - 1e-6)


@settings(deadline=None, max_examples=60)
@given(amounts, amounts, reaches, rooms)
def test_what_is_assured_is_kept_and_others_lose_nothing_by_it_in_all(assured, more, reach, room):
    first = fill(assured, reach, room)[0]
    flow = fair_flow(taken(first), more, reach, room, start=first)
    assert all(units >= sure for units, sure in zip(taken(flow), taken(first), strict=True))
    whole = [sure + extra for sure, extra in zip(taken(first), more, strict=True)]
    assert sum(taken(flow)) == round(most(whole, reach, room))


@settings(deadline=None, max_examples=60)
@given(amounts, reaches, rooms)
def test_the_order_of_groups_moves_at_most_the_last_units(wished, reach, room):
    plain = taken(fair_flow([0] * GROUPS, wished, reach, room))
    turned = taken(fair_flow([0] * GROUPS, wished[::-1], reach[::-1], room))[::-1]
    assert all(abs(one - other) <= GROUPS for one, other in zip(plain, turned, strict=True))


def test_a_group_with_a_place_of_its_own_makes_way_for_one_without():
    flow = fair_flow([0, 0], [10, 10], [[0, 1], [0]], [10, 10])
    assert flow == [{1: 10, 0: 0}, {0: 10}] or taken(flow) == [10, 10]
    assert sum(places.get(0, 0) for places in flow) == 10


def test_the_short_share_what_there_is_and_those_with_room_get_all():
    flow = fair_flow([0, 0, 0], [30, 60, 5], [[0], [0], [1]], [30, 100])
    assert taken(flow) == [10, 20, 5]


def test_more_cannot_be_assured_than_there_is_room_for():
    with pytest.raises(ValueError, match="room for 3 units"):
        fair_flow([4], [0], [[0]], [3])
