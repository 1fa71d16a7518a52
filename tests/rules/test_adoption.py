"""Whether a special version pays, and what the vendor says when it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policy import HISTORICAL
from abm.policy.instrument import CN, US
from abm.policy.tightening import Tightening
from abm.rules.adoption import Outlook, annuity, appraise, sales, shadow_price
from abm.scenario.reference import HISTORY_2025
from tests.rules.designing import OCTOBER_2023, review_of

ROOM = HISTORY_2025.redesign
DESIGN = review_of(OCTOBER_2023).best("hbm")
OUTLOOK = Outlook(
    revenue=17e9, units=1.4e6, open_share=1.0, seller_hazard=0.5, buyer_hazard=0.2, present_margin=0.0, shadow_usd=600.0,
    committed=0.6, salvage=0.1)
hazards = st.floats(0.0, 20.0)


def with_rules(number: int, government: str = US, day: date = OCTOBER_2023):
    """A review in which so many rules of a government are known to have caught both lines."""
    base = review_of(day)
    again = Tightening(day, day, "a rule", ("hbm", "pcie"), ("a chip",))
    return replace(base, position=replace(base.position, rules=((government, again),) * number))


@given(hazards, st.floats(0.1, 5.0), st.sampled_from(("seller_hazard", "buyer_hazard")))
def test_a_higher_hazard_never_makes_a_version_worth_more(hazard, more, whose):
    lower, higher = (appraise(DESIGN, replace(OUTLOOK, **{whose: one}), ROOM) for one in (hazard, hazard + more))
    assert higher.npv <= lower.npv and higher.ban_probability >= lower.ban_probability
    assert not (higher.would_build and not lower.would_build)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), hazards)
def test_a_gate_that_is_less_open_never_makes_a_version_be_built(one, other, hazard):
    """Sales, and what is made for them, shrink together: what pays is worth less, and what does not pay loses less."""
    views = [replace(OUTLOOK, open_share=share, seller_hazard=hazard) for share in (*sorted((one, other)), 1.0)]
    worse, better, whole = (appraise(DESIGN, view, ROOM) for view in views)
    assert not (worse.would_build and not better.would_build)
    assert worse.stranded <= better.stranded and worse.units <= better.units
    assert better.npv + ROOM.engineering_usd == pytest.approx(max(one, other) * (whole.npv + ROOM.engineering_usd), abs=1.0)


@given(st.floats(0.0, 2e10), hazards)
def test_what_it_would_replace_is_taken_off(present, hazard):
    outlook = replace(OUTLOOK, seller_hazard=hazard)
    alone, beside = (appraise(DESIGN, replace(outlook, present_margin=one), ROOM) for one in (0.0, present))
    assert alone.added_margin - beside.added_margin == pytest.approx(present, abs=100.0)
    assert alone.npv - beside.npv == pytest.approx(present * annuity(alone.hazard, ROOM), rel=1e-6, abs=100.0)


@given(st.floats(0.0, 30.0))
def test_the_annuity_is_the_integral_of_its_discount_factor(hazard):
    steps, rate = 2000, ROOM.discount_rate + hazard
    lead, life = ROOM.lead_months / 12, ROOM.product_life
    middle = [lead + life * (step + 0.5) / steps for step in range(steps)]
    by_hand = sum(2.718281828459045 ** (-rate * time) for time in middle) * life / steps
    assert annuity(hazard, ROOM) == pytest.approx(by_hand, rel=1e-3, abs=1e-9)


def test_engineering_hardly_matters_and_stranded_goods_do():
    found = appraise(DESIGN, OUTLOOK, ROOM)
    assert found.ban_probability * found.stranded > 5 * ROOM.engineering_usd
    assert found.npv + ROOM.engineering_usd == pytest.approx(
        found.added_margin * annuity(found.hazard, ROOM) - found.ban_probability * found.stranded)


def test_a_part_not_made_for_datacentres_carries_a_risk_more():
    anybody = replace(DESIGN, datacentre=False)
    assert appraise(anybody, OUTLOOK, ROOM).hazard == appraise(DESIGN, OUTLOOK, ROOM).hazard + ROOM.reclassification_hazard
    assert appraise(anybody, OUTLOOK, ROOM).npv < appraise(DESIGN, OUTLOOK, ROOM).npv


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"open_share": 0.0}, "the buyers' government lets none through"),
        ({"shadow_usd": 1e5}, "a place in packaging earns more"),
        ({"present_margin": 1e12}, "chips that may be sold there already"),
        ({"seller_hazard": 8.0}, "perceived hazard of 8.20 a year (seller's government 8.00, buyer's 0.20)"),
        ({"units": 100.0}, "would not repay its engineering"),
    ],
)
def test_a_refusal_says_why(changes, words):
    found = appraise(DESIGN, replace(OUTLOOK, **changes), ROOM)
    assert not found.would_build and words in found.reason


def test_what_the_law_does_not_limit_is_not_a_special_version():
    found = appraise(replace(DESIGN, binding=()), OUTLOOK, ROOM)
    assert found.npv > 0 and not found.would_build and "no special version" in found.reason


@given(st.floats(0, 1e11), st.floats(0, 1e7), st.floats(1.0, 1e6))
def test_buyers_take_what_they_have_money_and_room_for(revenue, most, price):
    units = sales(revenue, most, price)
    assert units <= most and units * price <= revenue * (1 + 1e-12)
    assert units == most or units * price == pytest.approx(revenue)


@given(st.floats(-1e5, 1e5), st.floats(0.0, 10.0), st.floats(0.0, 5.0))
def test_a_longer_queue_makes_a_place_in_packaging_dearer(margin, queue, more):
    shorter, longer = (shadow_price(margin, one, ROOM) for one in (queue, queue + more))
    assert 0.0 <= shorter <= longer <= max(margin, 0.0)
    assert shadow_price(margin, 0.0, ROOM) == 0.0


# the pattern (P8) ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "most"), [("hbm", 8), ("pcie", 40)])
def test_after_enough_rules_the_vendor_refuses_a_further_version_and_says_so(line, most):
    """By the tightenings that it has seen alone: the same law, buyers and costs, and a hazard that is learned."""
    reviews = [with_rules(number) for number in range(most + 1)]
    history = [appraise(one.best(line), one.outlook(line, one.best(line)), ROOM) for one in reviews]
    worth = [one.npv for one in history]
    assert worth == sorted(worth, reverse=True)
    assert history[1].would_build and not history[-1].would_build
    first = next(number for number, one in enumerate(history) if not one.would_build)
    assert "perceived hazard" in history[first].reason
    assert all(not one.would_build for one in history[first:])


def test_the_buyers_government_is_feared_as_much_and_apart():
    mine, theirs = (with_rules(3, government) for government in (US, CN))
    assert (mine.hazard(US, "hbm"), mine.hazard(CN, "hbm")) == (theirs.hazard(CN, "hbm"), theirs.hazard(US, "hbm"))
    assert [one.npv for one in mine.appraisals()] == pytest.approx([one.npv for one in theirs.appraisals()])


def test_rules_on_another_class_of_product_are_no_sign():
    base = with_rules(0)
    other = Tightening(OCTOBER_2023, OCTOBER_2023, "a rule", ("pcie",), ("a card",))
    review = replace(base, position=replace(base.position, rules=((US, other),) * 5))
    assert review.hazard(US, "hbm") == base.hazard(US, "hbm") < review.hazard(US, "pcie")


def test_history_a_module_after_each_rule_and_none_in_the_middle_of_2025():
    """What the scenario's numbers give for the rules as they came; the substitution between lines was fitted to 2023.

    Without the card beside it, the module of July 2025 is refused for the hazard that the vendor perceives.
    """
    built = {
        day: {one.design.line: one.would_build for one in review_of(day).appraisals()}
        for day in (date(2022, 10, 10), OCTOBER_2023, date(2024, 6, 3), date(2025, 7, 1))
    }
    assert [one["hbm"] for one in built.values()] == [True, True, False, False]
    review = review_of(date(2025, 7, 1))
    found = {number: replace(review.outlook("hbm", review.best("hbm")), seller_hazard=number) for number in (0.0, 2.0)}
    calm, feared = (appraise(review.best("hbm"), one, ROOM) for one in found.values())
    assert calm.would_build and not feared.would_build and "perceived hazard" in feared.reason


def test_what_is_sold_there_already_is_what_a_new_version_has_to_beat():
    """Without the letter the H20 is on sale, and a new module adds less than half of what it would earn."""
    day = date(2025, 7, 1)
    beside, alone = review_of(day, policy=HISTORICAL.without("us_letter_2025_04")), review_of(day)
    gains = []
    for review in (beside, alone):
        view = review.outlook("hbm", review.best("hbm"))
        nothing = appraise(review.best("hbm"), replace(view, present_margin=0.0), ROOM).added_margin
        gains.append(appraise(review.best("hbm"), view, ROOM).added_margin / nothing)
    assert gains[0] < 0.5 and gains[1] == 1.0
