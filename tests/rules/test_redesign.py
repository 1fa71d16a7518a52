"""Vendors design to the threshold: whatever the statute says, without a number of it in the code."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import differential_evolution

from abm.policy import HISTORICAL, POLICIES
from abm.policy.design_law import DesignLaw
from abm.policy.statutes import LETTER_2025_04, RULE_2022_10, RULE_2023_10
from abm.rules.design import GB_PER_TB, Silicon, chip_cost, die_cost
from abm.rules.redesign import as_chip, best_design, free_designs
from abm.scenario.reference import HISTORY_2025
from abm.special_versions import chip_worth
from tests.house.source_tree import ROOT
from tests.rules.designing import LETTER, OCTOBER_2022, OCTOBER_2023, review_of

ROOM = HISTORY_2025.redesign
CODE = ("rules/design.py", "rules/redesign.py", "rules/adoption.py", "policy/design_law.py", "special_versions.py",
        "agents/designing_vendor.py", "bench/redesign_report.py")


def amended(rule, **thresholds):
    """The historical policy with a statute whose thresholds are others."""
    return HISTORICAL.amended("moved", replace(rule, test=replace(rule.test, **thresholds)))


def test_under_october_2022_the_datacentre_line_keeps_tpp_and_cuts_interconnect():
    design, space = review_of(OCTOBER_2022).best("hbm"), review_of(OCTOBER_2022)._space("hbm")
    assert design.tpp == space.performances[-1] > 4800
    assert 0.9 * 600 <= design.interconnect_gbs < 600
    assert design.stacks.bandwidth_gbs == max(
        one.bandwidth_gbs for one in space.memories if one.least_die_mm2 <= design.silicon.total_mm2)
    assert design.binding == ("interconnect (3A090)",)


def test_under_october_2023_it_lands_just_below_2400_with_full_bandwidth():
    design, space = review_of(OCTOBER_2023).best("hbm"), review_of(OCTOBER_2023)._space("hbm")
    assert 0.95 * 2400 <= design.tpp < 2400
    assert design.stacks.bandwidth_gbs == max(
        one.bandwidth_gbs for one in space.memories if one.least_die_mm2 <= design.silicon.total_mm2)
    assert design.interconnect_gbs == space.interconnects[-1]
    assert "tpp (3A090.b.1)" in design.binding


def test_the_card_takes_the_dearer_side_of_the_rule_of_october_2023():
    """Below 4,800 for anybody, or below the density limit for datacentres: the answer is what the enumeration finds."""
    found = free_designs(_setting(OCTOBER_2023, "pcie"))
    sides = {side: max(one.margin_usd(0.0) for one in found if one.datacentre is side) for side in (True, False)}
    best = best_design(found, 0.0)
    assert best.datacentre is max(sides, key=sides.get)
    below = max(one.tpp for one in found if not one.datacentre)
    assert 0.95 * 4800 <= below < 4800
    dear = replace(_setting(OCTOBER_2023, "pcie"), room=replace(ROOM, consumer_value=1.0))
    assert not best_design(free_designs(dear), 0.0).datacentre


def test_the_letter_costs_the_card_bandwidth_and_the_module_links_too():
    module, card = review_of(LETTER).best("hbm"), review_of(LETTER).best("pcie")
    assert module.stacks.bandwidth_gbs < 1400 and module.interconnect_gbs < 1100
    assert module.stacks.bandwidth_gbs + module.interconnect_gbs < 1700
    assert card.stacks.bandwidth_gbs < 1400
    assert {"memory bandwidth (letter 2025-04)", "interconnect (letter 2025-04)"} <= set(module.binding)


def _setting(day: date, line: str):
    from abm.rules.redesign import Setting

    review = review_of(day)
    return Setting(review._space(line), review._rules, "CN", review.blank(line), review.worth, ROOM)


@pytest.mark.parametrize("threshold", [2000.0, 2800.0, 3600.0])
def test_moving_a_performance_threshold_moves_the_design(threshold):
    moved = amended(RULE_2023_10, tpp_middle=threshold, tpp_low=threshold)
    design = review_of(OCTOBER_2023, policy=moved).best("hbm")
    assert 0.95 * threshold <= design.tpp < threshold


@pytest.mark.parametrize("threshold", [200.0, 450.0, 800.0])
def test_moving_the_interconnect_threshold_moves_the_design(threshold):
    design = review_of(OCTOBER_2022, policy=amended(RULE_2022_10, interconnect=threshold)).best("hbm")
    assert threshold - 100 <= design.interconnect_gbs < threshold


@pytest.mark.parametrize("threshold", [700.0, 1000.0, 2500.0])
def test_moving_the_bandwidth_threshold_moves_the_design(threshold):
    moved = amended(LETTER_2025_04, bandwidth=threshold, traffic=threshold + 300.0)
    for line in ("hbm", "pcie"):
        design = review_of(LETTER, policy=moved).best(line)
        assert design.stacks.bandwidth_gbs < threshold
    assert design.stacks.bandwidth_gbs > 0.6 * min(threshold, 1792)


@pytest.mark.parametrize("density", [2.0, 4.5])
def test_moving_the_density_threshold_moves_the_die(density):
    """The design has the room on its die that the density asks for, at its performance, and a margin."""
    moved = amended(RULE_2023_10, density_middle=density)
    design = review_of(OCTOBER_2023, policy=moved).best("pcie")
    assert not design.datacentre or design.tpp < 1600 or design.tpp / design.silicon.total_mm2 < density


def test_a_rule_written_by_a_user_is_obeyed():
    """A plain function as the test of a rule, which does not say what it reads."""
    rule = replace(RULE_2023_10, name="us_own_2023_12", test=_odd_rule, public=date(2023, 11, 20), effective=date(2023, 11, 20))
    world = HISTORY_2025.vary({"redesign.tpp_step": 0.2, "redesign.die_sizes": 3})
    review = review_of(OCTOBER_2023, policy=HISTORICAL.amended("own", rule), world=world)
    design = review.best("hbm")
    assert design is not None and _odd_rule(as_chip(design, review.blank("hbm"), "d")) is None
    free = review_of(OCTOBER_2023, world=world).best("hbm")
    assert _odd_rule(as_chip(free, review.blank("hbm"), "d")) is not None


def _odd_rule(chip):
    return "own" if chip.bandwidth_tbs * chip.tpp > 4000 else None


def test_without_rules_nothing_limits_a_design_and_none_is_special():
    day = date(2022, 8, 30)
    assert not any(one.would_build for one in review_of(day).appraisals())
    assert review_of(day).best("hbm").binding == ()


def test_a_rule_that_leaves_nothing_free_leaves_no_design():
    nothing = amended(RULE_2023_10, tpp_high=1.0, tpp_middle=1.0, tpp_low=1.0, density_low=0.0, density_middle=0.0)
    review = review_of(OCTOBER_2023, policy=nothing)
    assert review.best("hbm") is None and review.appraisals() == []


# the enumeration against others ----------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_design_that_is_free_earns_more(data):
    """Any point of the space: it is caught, or it does not fit, or it earns no more than the best."""
    day = data.draw(st.sampled_from((OCTOBER_2022, OCTOBER_2023, LETTER)))
    line = data.draw(st.sampled_from(("hbm", "pcie")))
    setting, review = _setting(day, line), review_of(day)
    space, best = setting.space, best_design(free_designs(setting), 600.0)
    silicon, stacks = data.draw(st.sampled_from(space.silicon)), data.draw(st.sampled_from(space.memories))
    tpp, links = data.draw(st.sampled_from(space.performances)), data.draw(st.sampled_from(space.interconnects))
    market = data.draw(st.sampled_from(space.markets))
    one = replace(best, silicon=silicon, stacks=stacks, tpp=tpp, interconnect_gbs=links, datacentre=market)
    chip = as_chip(one, setting.blank, "drawn")
    factor = 1.0 if market else ROOM.consumer_value
    price = factor * chip_worth(chip, review.worth) * review.worth.price_share
    valued = replace(one, price_usd=price, cost_usd=chip_cost(line, silicon, stacks, ROOM))
    if tpp > silicon.most_tpp or stacks.least_die_mm2 > silicon.total_mm2 or not _free_with_margin(chip, setting):
        return
    assert valued.margin_usd(600.0) <= best.margin_usd(600.0) * (1 + 1e-9)


def _free_with_margin(chip, setting) -> bool:
    stretch = 1 + ROOM.safety_margin
    worse = replace(chip, tpp=chip.tpp * stretch, die_mm2=chip.die_mm2 / stretch, bandwidth_tbs=chip.bandwidth_tbs * stretch,
                    interconnect_gbs=chip.interconnect_gbs * stretch)
    laws = [DesignLaw(rule, "CN") for rule in setting.rules]
    return all(law.catches(one) is None for law in laws for one in (chip, worse))


@pytest.mark.parametrize("day", [OCTOBER_2023, LETTER], ids=str)
def test_a_global_optimiser_finds_nothing_better(day):
    """scipy's differential evolution over continuous dies and performances, whole stacks and links: within 3 %."""
    setting = _setting(day, "hbm")
    space, best = setting.space, best_design(free_designs(setting), 600.0)

    def loss(x: np.ndarray) -> float:
        area, tpp, memory, links = float(x[0]), float(x[1]), space.memories[round(x[2])], space.interconnects[round(x[3])]
        dense = max(one.most_tpp / one.total_mm2 for one in space.silicon)
        silicon = Silicon(1, area, dense * area, die_cost(area, 16988, ROOM))
        one = replace(best, silicon=silicon, stacks=memory, tpp=tpp, interconnect_gbs=links)
        chip = as_chip(one, setting.blank, "tried")
        if tpp > silicon.most_tpp or memory.least_die_mm2 > area:
            return 10.0
        if not _free_with_margin(chip, setting):  # a slope that leads out of what is forbidden
            return tpp / 4800 + memory.bandwidth_gbs / 8000 + links / 1800
        price = chip_worth(chip, setting.worth) * setting.worth.price_share
        valued = replace(one, price_usd=price, cost_usd=chip_cost("hbm", silicon, memory, ROOM))
        return -valued.margin_usd(600.0)

    bounds = [(100, ROOM.reticle_mm2), (400, 4800), (0, len(space.memories) - 1), (0, len(space.interconnects) - 1)]
    found = differential_evolution(loss, bounds, integrality=[False, False, True, True], rng=1, maxiter=120, popsize=24)
    assert -found.fun > 0
    assert best.margin_usd(600.0) >= 0.97 * -found.fun


def test_a_finer_grid_earns_about_the_same():
    finer = HISTORY_2025.vary({"redesign.tpp_step": 0.004, "redesign.die_sizes": 20})
    for day in (OCTOBER_2022, OCTOBER_2023):
        coarse, fine = (review_of(day, world=world).best("hbm").margin_usd(600.0) for world in (HISTORY_2025, finer))
        assert fine == pytest.approx(coarse, rel=0.03)


def test_a_shadow_price_makes_packages_smaller_never_larger():
    designs = free_designs(_setting(date(2024, 12, 2), "hbm"))
    dies = [best_design(designs, shadow).packaged_dies for shadow in (0.0, 1e3, 1e4, 1e5)]
    assert dies == sorted(dies, reverse=True)


# the house --------------------------------------------------------------------------------------------------


def test_no_threshold_of_any_statute_stands_in_the_code():
    thresholds = {
        float(one.value) for one in HISTORICAL.parameters() if ".test." in one.path and one.unit not in ("1", "day")}
    assert {600.0, 1400.0, 2400.0, 4800.0, 5.92} <= thresholds
    for path in CODE:
        tree = ast.parse((ROOT / "abm" / path).read_text(encoding="utf-8"))
        numbers = {
            float(node.value) for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        }
        assert not numbers & thresholds, (path, numbers & thresholds)


def test_a_design_as_a_chip_has_the_numbers_of_the_design():
    review = review_of(OCTOBER_2023)
    design = review.best("hbm")
    chip = review.chip(design, "new", date(2024, 4, 1))
    assert (chip.tpp, chip.fp8_tops, chip.fp16_tflops) == (design.tpp, design.tpp / 8, design.tpp / 16)
    assert chip.bandwidth_tbs == design.stacks.bandwidth_gbs / GB_PER_TB and chip.vendor == "NVIDIA" and chip.made_for == "CN"
    assert chip_worth(chip, review.worth) == pytest.approx(design.value_usd)
    assert HISTORICAL.classify(chip, date(2024, 4, 1)) is None


DAYS = (date(2021, 1, 4), OCTOBER_2022, date(2022, 12, 1), OCTOBER_2023, LETTER, date(2026, 2, 2))


def test_a_design_draws_power_like_the_chips_of_its_vendor():
    """Some .6 W for a mm2 of die: near the 400 W of an H20 and the 1,000 W of a B200, not those of the blank chip."""
    for day, dies, published in ((OCTOBER_2023, 1, 400), (date(2025, 2, 3), 2, 1000)):
        review = review_of(day, policy=HISTORICAL if dies == 1 else POLICIES["october_2022_only"])
        chip = review.chip(review.best("hbm"), "new", day)
        assert chip.power_w == pytest.approx(published, rel=0.35)


@pytest.mark.parametrize("vendor", ["nvidia", "amd"])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_price_lies_above_what_buyers_would_pay_or_below_what_is_asked_at_home(vendor, day):
    review = review_of(day, vendor=vendor)
    for line in ("hbm", "pcie"):
        design = review.best(line) if review.offers(line) else None
        if design is not None:
            assert 0 < design.home_usd <= design.price_usd <= design.value_usd * (1 + 1e-12)


def test_buyers_pay_less_of_the_grey_premium_the_likelier_a_licence_is():
    before, after = (review_of(day).worth.buyers_usd for day in (date(2025, 11, 3), date(2026, 2, 2)))
    listed = review_of(LETTER)._reference.price_usd
    assert listed < after < before

