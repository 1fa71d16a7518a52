"""What comes to China in the run from 2022, and when: links switched off, packaging, wafers of cards, idle chips."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import Model
from abm.agents.designing_vendor import SpecialVersion
from abm.rules.adoption import Appraisal, lead_months
from abm.rules.cloud import Need
from abm.scenario.conduct import Conduct
from abm.scenario.reference import Scenario
from tests.laws.runs import model_of, shared
from tests.laws.test_history_2022 import QUICK_2022

MODULE, CARD, ELSEWHERE = "module for China", "card for China", "H100 SXM"
SPRING, MIDDLE, SUMMER, YEAR_END = date(2023, 3, 24), date(2023, 7, 3), date(2024, 7, 5), date(2024, 12, 31)
NO_WAFER_LIMIT = {"redesign.graphics_dies": 3e7}
IDLE_CHIPS_COUNT = {"conduct.spare_training": 1.0}


def version(chip: str, planned: int, booked: int, *, dies: int) -> SpecialVersion:
    """A special version on sale since the first day."""
    return SpecialVersion(chip, "hbm", planned, booked, dies, 3000.0, begins=0, launches=0)


@pytest.fixture(scope="module")
def opening() -> Model:
    """The world of October 2022 on its first day."""
    return model_of(date(2022, 10, 3), world=QUICK_2022)


def plan(model: Model, booked: int, capacity: int) -> dict[str, int]:
    """Starts of NVIDIA where a version and the H100, which earns three times as much, are wanted alike."""
    vendor = model.vendors["nvidia"]
    vendor.versions = [version(MODULE, 1000, booked, dies=1)]
    wanted, dies = {MODULE: 1000, ELSEWHERE: 1000}, {MODULE: 1, ELSEWHERE: 1}
    try:
        return vendor.plan_starts(wanted, dies, capacity, {MODULE: 10_000.0, ELSEWHERE: 30_000.0})
    finally:
        vendor.versions = []


def test_a_raised_plan_competes_for_packaging_by_what_a_die_earns(opening):
    """Booked places first; the others in proportion to what is left wanted of each times what a die of it earns."""
    assert plan(opening, 0, 1000) == {MODULE: 250, ELSEWHERE: 750}
    assert plan(opening, 200, 1000) == {MODULE: 200 + 168, ELSEWHERE: 632}    # 800 x 8 / (8 + 30)


def test_a_plan_that_was_never_raised_comes_first(opening):
    assert plan(opening, 1000, 1000) == {MODULE: 1000, ELSEWHERE: 0}
    assert plan(opening, 1000, 3000) == {MODULE: 1000, ELSEWHERE: 1000}


def without_cards(world: Scenario) -> Scenario:
    """The world in which no vendor can design cards with graphics memory."""
    return replace(world, generations=tuple(one for one in world.generations if one.line != "pcie"))


def test_what_is_sold_in_china_does_not_stop_sales_elsewhere():
    """Where all China orders is a module that takes packaging, most of the revenue still comes from elsewhere.

    With places for all of a raised plan the vendor sold nothing elsewhere from August to October 2024, at a third of
    the price.
    """
    model = shared(YEAR_END, world=without_cards(QUICK_2022))
    sold = {(day, label): value for day, what, label, value in model.record.series if what == "chips_sold"}
    quarters = [date(2024, 2, 1), date(2024, 5, 1), date(2024, 8, 1), date(2024, 11, 1)]
    for since, until in zip(quarters, quarters[1:], strict=False):
        home, abroad = (sold[until, f"nvidia/{one}"] - sold[since, f"nvidia/{one}"] for one in ("CN", "abroad"))
        assert abroad > 2 * home


def test_cards_are_planned_within_the_wafers_there_are():
    """No plan of cards is raised beyond the declared dies; without the limit it is at least four times as high."""
    bound, free = shared(YEAR_END, world=QUICK_2022), shared(YEAR_END, world=QUICK_2022.vary(NO_WAFER_LIMIT))
    plans = [sum(one.weekly_units for one in model.vendors["nvidia"].versions if not one.dies) for model in (bound, free)]
    assert 0 < plans[0] <= QUICK_2022.redesign.graphics_dies / 13
    assert plans[1] >= 4 * plans[0]


def test_buyers_whose_idle_chips_count_order_fewer():
    """Where a fixed share of every chip counts for training instead, clouds elsewhere order a sixth more or above."""
    spare, fixed = (shared(SUMMER, world=world) for world in (QUICK_2022.vary(IDLE_CHIPS_COUNT), QUICK_2022))
    assert ordered(spare, "nvidia/abroad") <= 6 / 7 * ordered(fixed, "nvidia/abroad")


def needs(model: Model, conduct: Conduct) -> dict[str, Need]:
    """What each cloud lacks under other numbers of conduct, all else as it is."""
    world = model.world
    model.world = replace(world, conduct=conduct)
    try:
        return {name: cloud.need(model, 0.25) for name, cloud in sorted(model.clouds.items())}
    finally:
        model.world = world


def test_chips_that_serving_will_not_need_count_as_chips_to_train_on():
    """In part as the declared number says, for those who have some; needs of all others, and of serving, do not move."""
    model = shared(SPRING, world=QUICK_2022)
    none, half, whole = (needs(model, replace(model.world.conduct, spare_training=part)) for part in (0.0, 0.5, 1.0))
    assert {one.serving_target > one.serving_planned for one in none.values()} == {True, False}
    for name, bare in none.items():
        more = whole[name].training_planned - bare.training_planned
        assert replace(whole[name], training_planned=bare.training_planned) == bare
        assert half[name].training_planned - bare.training_planned == pytest.approx(more / 2)
        has_spare = bare.serving_planned > bare.serving_target and model.clouds[name].share_to_train(model) < 1.0
        assert (more > 0.0) == has_spare, name


def ordered(model: Model, label: str) -> float:
    """Billion USD of orders taken so far."""
    return [value for _, what, which, value in model.record.series if (what, which) == ("chips_ordered", label)][-1]


def test_a_version_that_only_loses_links_comes_within_a_month_and_sells_the_earlier():
    """Ablation: designed anew in four months like any other, at most half as many are in China by the middle of 2023."""
    soon = shared(MIDDLE, world=QUICK_2022)
    late = shared(MIDDLE, world=QUICK_2022.vary({"redesign.switch_off_months": 4.0}))
    launched = [model.calendar[model.vendors["nvidia"].versions[0].launches] for model in (soon, late)]
    assert launched[0] <= date(2022, 11, 10) and date(2023, 2, 1) <= launched[1] <= date(2023, 2, 14)
    in_china = [
        sum(model.tally.get(f"to China {one.chip}", 0) for one in model.vendors["nvidia"].versions) for model in (soon, late)]
    assert in_china[1] <= 0.5 * in_china[0]


def test_only_links_are_switched_off():
    """A design that the law limits in performance as well, or in anything else, takes as long as one that is packaged anew."""
    room, (design,) = QUICK_2022.redesign, (one.design for one in appraised() if one.design.line == "hbm")
    assert design.binding and all("interconnect" in one for one in design.binding)
    assert lead_months(design, room) == room.switch_off_months < room.lead_months
    for binding in ((), ("tpp (3A090.b.1)",), (*design.binding, "tpp (3A090.b.1)")):
        assert lead_months(replace(design, binding=binding), room) == room.lead_months


def appraised() -> list[Appraisal]:
    """What NVIDIA weighs on the day of the rule of October 2022."""
    return shared(date(2022, 10, 7), world=QUICK_2022).vendors["nvidia"].appraisals
