"""The design space and what a chip costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.design import chip_cost, design_space, die_cost, dies_per_wafer, performances
from abm.scenario.redesign import Redesign, load_generations, load_memories

ROOM, GENERATIONS, MEMORIES = Redesign(), load_generations(), load_memories()


def space_of(line: str, day: date, room: Redesign = ROOM):
    return design_space(line, day, generations=GENERATIONS, memories=MEMORIES, room=room)


def test_an_h100_costs_what_is_estimated_for_it():
    """3,320 USD for 814 mm2 and 80 GB; the space has no die of exactly that size, so the nearest is taken."""
    space = space_of("hbm", date(2023, 1, 2))
    silicon = min(space.silicon, key=lambda one: abs(one.total_mm2 - 814))
    (stacks,) = (one for one in space.memories if one.memory == "HBM3" and one.devices == 5)
    assert chip_cost("hbm", silicon, stacks, ROOM) == pytest.approx(3320, rel=0.05)


def test_a_b200_costs_what_is_estimated_for_it():
    """6,400 USD for two dies of some 800 mm2 and 180 GB."""
    space = space_of("hbm", date(2025, 1, 2))
    silicon = min((one for one in space.silicon if one.dies == 2), key=lambda one: abs(one.total_mm2 - 1628))
    (stacks,) = (one for one in space.memories if one.memory == "HBM3E of 2024-11" and one.devices == 8)
    assert chip_cost("hbm", silicon, stacks, ROOM) == pytest.approx(6400, rel=0.12)


def test_the_space_grows_with_technology_and_is_empty_before_it():
    assert space_of("hbm", date(2020, 1, 1)) is None
    before, after = space_of("hbm", date(2024, 10, 31)), space_of("hbm", date(2024, 11, 1))
    assert {one.dies for one in before.silicon} == {1} and {one.dies for one in after.silicon} == {1, 2}
    assert after.performances[-1] > before.performances[-1]
    assert after.interconnects[-1] > before.interconnects[-1]
    assert len(after.memories) > len(before.memories)


def test_a_card_has_no_links_and_may_be_made_for_anybody():
    card, module = space_of("pcie", date(2025, 1, 2)), space_of("hbm", date(2025, 1, 2))
    assert card.interconnects == (128.0,) and card.markets == (True, False)
    assert len(module.interconnects) == 18 and module.markets == (True,)


def test_no_die_is_larger_than_the_reticle():
    for line in ("hbm", "pcie"):
        assert max(one.die_mm2 for one in space_of(line, date(2025, 1, 2)).silicon) == ROOM.reticle_mm2


@given(st.floats(50, 2000), st.floats(1.1, 100), st.floats(0.002, 0.2))
def test_performances_rise_by_whole_tpp_and_a_step_at_most(least, times, step):
    most = least * times
    found = performances(least, most, step)
    assert list(found) == sorted(set(found)) and all(one == round(one) for one in found)
    rounded = 0.5 * (2 + step)  # both ends of a step are whole
    assert all(later <= earlier * (1 + step) + rounded for earlier, later in zip(found, found[1:], strict=False))
    assert found[-1] <= most + 0.5 and found[-1] * (1 + step) >= most - rounded


@given(st.floats(50, 850), st.floats(1.01, 2.0))
def test_a_larger_die_costs_more_than_its_area(area, factor):
    assert dies_per_wafer(area * factor) <= dies_per_wafer(area)
    assert die_cost(area * factor, 17_000, ROOM) >= die_cost(area, 17_000, ROOM)
    without = replace(ROOM, defect_density=0.0)
    assert die_cost(area, 17_000, without) == pytest.approx(17_000 / dies_per_wafer(area))


@given(st.floats(0.7, 1.0), st.floats(0.7, 1.0))
def test_a_worse_packaging_yield_costs_more_and_cards_nothing(one, other):
    worse, better = sorted((one, other))
    for line, dearer in (("hbm", True), ("pcie", False)):
        space = space_of(line, date(2025, 1, 2))
        costs = [
            chip_cost(line, space.silicon[-1], space.memories[0], replace(ROOM, packaging_yield=use))
            for use in (worse, better)
        ]
        assert costs[0] >= costs[1] if dearer else costs[0] == costs[1]
