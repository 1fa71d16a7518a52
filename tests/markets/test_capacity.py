"""The market for serving: chips of all clouds meet the models that customers want."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from abm import HISTORY_2025
from abm.markets.capacity import Wish, clear, hand_out, served
from abm.rates import Rates

CHIPS, MODELS = ("H20", "H800", "910C"), ("R1", "Qwen", "Kimi")
CLOUDS = ("alibaba", "tencent", "volcano")
BASE = {"H20": 17_000_000, "H800": 31_000_000, "910C": 23_000_000}
EFFORT = {"R1": 1.0, "Qwen": 2.0, "Kimi": 1.35}
RATES = {(model, chip): BASE[chip] / EFFORT[model] for model in MODELS for chip in CHIPS}
stocks = st.dictionaries(st.sampled_from(CHIPS), st.integers(0, 10**6))
tokens = st.dictionaries(st.sampled_from(MODELS), st.floats(0.0, 1e14))
rooms = st.fixed_dictionaries({cloud: st.integers(0, 10**6) for cloud in CLOUDS})
places = st.sets(st.sampled_from(CLOUDS), min_size=1).map(lambda some: tuple(sorted(some)))


@st.composite
def all_wishes(draw) -> list[Wish]:
    """Wishes of every model, asked at any of the clouds that serve it, which may be of its own group."""
    wishes = []
    for model in MODELS:
        where = draw(places)
        asked = {place: draw(st.integers(0, 10**6)) for place in where}
        wishes.append(Wish(model, asked, where, own=draw(st.sampled_from([(), where[:1]]))))
    return wishes


def of_model(placed: dict[tuple[str, str], int], model: str) -> int:
    """Work, or chips, of one model."""
    return sum(units for (name, _), units in placed.items() if name == model)


def most_work(wishes: list[Wish], room: dict[str, int]) -> float:
    """Most work that can be served, by linear programming."""
    arcs = [(wish, place) for wish in wishes for place in wish.places]
    rows = [[float(place == cloud) for _, place in arcs] for cloud in CLOUDS]
    rows += [[float(wish is one) for wish, _ in arcs] for one in wishes]
    right = [room[cloud] for cloud in CLOUDS] + [wish.work for wish in wishes]
    return -linprog(-np.ones(len(arcs)), A_ub=rows, b_ub=right, method="highs").fun


@settings(deadline=None, max_examples=60)
@given(all_wishes(), rooms)
def test_where_all_move_as_much_is_served_as_linear_programming_finds(wishes, room):
    placed = clear(wishes, room, 1.0)
    assert sum(placed.values()) == round(most_work(wishes, room))


@settings(deadline=None, max_examples=60)
@given(all_wishes(), rooms, st.sampled_from([0.0, 0.5, 1.0]))
def test_clouds_stay_within_their_room_and_models_within_their_wish(wishes, room, moving):
    placed = clear(wishes, room, moving)
    for cloud in CLOUDS:
        assert sum(units for (_, place), units in placed.items() if place == cloud) <= room[cloud]
    for wish in wishes:
        assert 0 <= of_model(placed, wish.model) <= wish.work
        assert all(place in wish.places for model, place in placed if model == wish.model)
    assert all(isinstance(units, int) and units >= 0 for units in placed.values())


@settings(deadline=None, max_examples=60)
@given(all_wishes(), rooms)
def test_nobody_loses_when_others_move(wishes, room):
    still, moved = clear(wishes, room, 0.0), clear(wishes, room, 1.0)
    for wish in wishes:
        assert of_model(moved, wish.model) >= of_model(still, wish.model)


@settings(deadline=None, max_examples=60)
@given(all_wishes(), rooms, st.randoms(use_true_random=False))
def test_the_order_of_models_and_clouds_does_not_matter(wishes, room, mixer):
    others, clouds = list(wishes), list(room.items())
    mixer.shuffle(others)
    mixer.shuffle(clouds)
    assert clear(others, dict(clouds), 0.8) == clear(wishes, room, 0.8)


def test_a_cloud_serves_its_own_group_first_and_others_in_proportion():
    wishes = [
        Wish("Qwen", {"alibaba": 60}, ("alibaba",), own=("alibaba",)),
        Wish("R1", {"alibaba": 40}, ("alibaba",)), Wish("Kimi", {"alibaba": 20}, ("alibaba",)),
    ]
    placed = clear(wishes, {"alibaba": 90}, 0.8)
    assert placed == {("Qwen", "alibaba"): 60, ("R1", "alibaba"): 20, ("Kimi", "alibaba"): 10}


def test_customers_who_find_no_room_go_where_there_is_some():
    wishes = [Wish("R1", {"alibaba": 100, "tencent": 0}, ("alibaba", "tencent"))]
    room = {"alibaba": 20, "tencent": 500}
    assert clear(wishes, room, 0.0)["R1", "alibaba"] == 20
    assert clear(wishes, room, 0.5) == {("R1", "alibaba"): 20, ("R1", "tencent"): 40}
    assert of_model(clear(wishes, room, 1.0), "R1") == 100


def test_a_lab_looks_everywhere_for_its_candidate():
    wish = Wish("next", {"alibaba": 100, "tencent": 0}, ("alibaba", "tencent"), anywhere=True)
    assert of_model(clear([wish], {"alibaba": 20, "tencent": 500}, 0.0), "next") == 100


def test_work_beyond_what_a_float_counts_exactly_is_placed_to_the_unit():
    room = {"alibaba": 2**60 + 1, "tencent": 3}
    placed = clear([Wish("R1", {"alibaba": 2**60 + 3, "tencent": 0}, ("alibaba", "tencent"))], room, 1.0)
    assert of_model(placed, "R1") == 2**60 + 3


def test_those_who_can_go_elsewhere_make_way():
    wishes = [
        Wish("R1", {"alibaba": 100, "tencent": 0}, ("alibaba", "tencent")), Wish("Kimi", {"alibaba": 100}, ("alibaba",)),
    ]
    placed = clear(wishes, {"alibaba": 100, "tencent": 100}, 1.0)
    assert placed["Kimi", "alibaba"] == 100 and placed["R1", "tencent"] == 100


# chips of one cloud ---------------------------------------------------------------------------------------


@given(stocks, tokens)
def test_no_more_chips_are_handed_out_than_there_are(available, wanted):
    grants = hand_out(available, wanted, RATES)
    assert all(isinstance(units, int) and units > 0 for units in grants.values())
    for chip, units in available.items():
        assert sum(given_out for (_, kind), given_out in grants.items() if kind == chip) <= units


@given(stocks, tokens)
def test_no_model_gets_more_than_it_wants(available, wanted):
    grants = hand_out(available, wanted, RATES)
    for model, amount in wanted.items():
        own = {chip: units for (name, chip), units in grants.items() if name == model}
        assert served(own, model, RATES) <= amount * (1 + 1e-9)


@given(stocks, tokens)
def test_where_there_is_enough_all_but_a_chip_of_each_model_is_handed_out(available, wanted):
    """What fits the cloud's work is served: at most a chip's work a model is lost to whole chips."""
    work = sum(amount * EFFORT[model] for model, amount in wanted.items())
    capacity = sum(units * BASE[chip] for chip, units in available.items())
    if work + len(wanted) * max(BASE.values()) <= capacity:
        grants = hand_out(available, wanted, RATES)
        for model, amount in wanted.items():
            own = {chip: units for (name, chip), units in grants.items() if name == model}
            assert amount - served(own, model, RATES) <= max(RATES[model, chip] for chip in CHIPS) * (1 + 1e-9)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 10**6), min_size=9, max_size=9), st.floats(0.0, 0.7))
def test_what_any_assignment_of_chips_serves_comparative_advantage_serves_too(shares, bend):
    """Where lighter models lose more and more on later chips: up to a chip of each kind that whole units lose."""
    order = ("Qwen", "Kimi", "R1")
    rates = {
        (model, chip): BASE[chip] / EFFORT[model] * (1 - bend * 0.2 * place * order.index(model))
        for model in order for place, chip in enumerate(CHIPS)
    }
    some = dict(zip(((model, chip) for model in order for chip in CHIPS), shares, strict=True))
    available = {chip: sum(some[model, chip] for model in order) for chip in CHIPS}
    wanted = {model: served({chip: some[model, chip] for chip in CHIPS}, model, rates) for model in order}
    grants = hand_out(available, wanted, rates)
    for model in order:
        own = {chip: units for (name, chip), units in grants.items() if name == model}
        assert wanted[model] - served(own, model, rates) <= 3 * sum(rates[model, chip] for chip in CHIPS)


@given(stocks, tokens, st.randoms(use_true_random=False))
def test_the_order_in_which_chips_are_listed_does_not_matter(available, wanted, mixer):
    def mixed(entries: dict) -> dict:
        rows = list(entries.items())
        mixer.shuffle(rows)
        return dict(rows)

    assert hand_out(mixed(available), mixed(wanted), RATES) == hand_out(available, wanted, RATES)


def test_the_world_s_rates_are_a_chip_s_over_a_model_s():
    """On this the exact flow of work rests: all roofs of serving scale with the active parameters."""
    rates = Rates(HISTORY_2025.technology, HISTORY_2025.chips)
    for name, size in (("light", 10e9), ("heavy", 405e9)):
        rates.add_model(name, size)
    quotients = {rates.serving["light", chip] / rates.serving["heavy", chip] for chip in rates.chips}
    assert max(quotients) == pytest.approx(min(quotients), rel=1e-9)


def test_nobody_wants_nothing():
    assert hand_out({"H20": 5}, {"R1": 0.0}, RATES) == {} == hand_out({}, {"R1": 5.0}, RATES)


@given(stocks)
def test_what_is_served_adds_up(reserved):
    each = [served({chip: units}, "R1", RATES) for chip, units in reserved.items()]
    assert served(reserved, "R1", RATES) == pytest.approx(sum(each))


def test_a_model_that_is_not_ported_finds_no_room_on_domestic_chips():
    """It has the foreign chips to itself as far as ported ones can be served on domestic ones, and no more than those."""
    new, old = Wish("new", {"alibaba": 100}, ("alibaba",), ported=False), Wish("old", {"alibaba": 100}, ("alibaba",))
    placed = clear([new, old], {"alibaba": 60}, 1.0, domestic={"alibaba": 100})
    assert placed == {("new", "alibaba"): 60, ("old", "alibaba"): 100}
    alone = clear([new], {"alibaba": 60}, 1.0, domestic={"alibaba": 500})
    assert of_model(alone, "new") == 60


def test_a_model_that_is_not_ported_looks_for_foreign_chips_elsewhere():
    wish = Wish("new", {"alibaba": 100, "tencent": 0}, ("alibaba", "tencent"), ported=False)
    room, domestic = {"alibaba": 0, "tencent": 80}, {"alibaba": 500, "tencent": 500}
    assert clear([wish], room, 1.0, domestic=domestic) == {("new", "alibaba"): 0, ("new", "tencent"): 80}


@settings(deadline=None, max_examples=60)
@given(all_wishes(), rooms, rooms, st.sets(st.sampled_from(MODELS)))
def test_with_models_not_ported_as_much_is_served_as_linear_programming_finds(wishes, room, domestic, unported):
    wishes = [replace(wish, ported=wish.model not in unported) for wish in wishes]
    arcs = [(wish, place, at_home) for wish in wishes for place in wish.places
            for at_home in ((False, True) if wish.ported else (False,))]
    rows = [[float((place, at_home) == (cloud, kind)) for _, place, at_home in arcs]
            for kind in (False, True) for cloud in CLOUDS]
    rows += [[float(wish is one) for wish, _, _ in arcs] for one in wishes]
    right = [one[cloud] for one in (room, domestic) for cloud in CLOUDS] + [wish.work for wish in wishes]
    most = -linprog(-np.ones(len(arcs)), A_ub=rows, b_ub=right, method="highs").fun
    assert sum(clear(wishes, room, 1.0, domestic=domestic).values()) == round(most)


def test_models_on_fewest_kinds_of_chips_take_theirs_first():
    rates = {("small", "H20"): 10.0, ("small", "910C"): 0.0, ("large", "H20"): 1.0, ("large", "910C"): 1.0}
    granted = hand_out({"H20": 10, "910C": 10}, {"small": 100.0, "large": 10.0}, rates)
    assert granted == {("small", "H20"): 10, ("large", "910C"): 10}
