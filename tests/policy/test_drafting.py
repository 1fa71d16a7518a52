"""What governments could publish: candidates in steps, the end of their own licences, licences, efforts, listings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policy import CN_REACTION, EMPTY_RECORD, HISTORICAL, RULES_OF_END_2024, US_REACTION
from abm.policy.drafting import (
    Act,
    Draft,
    easing,
    effort_in_force,
    enforcement,
    inquiry,
    is_endogenous,
    is_listed,
    is_open,
    listing,
    restrictions,
    stopped,
    subsidy,
    tightened,
    uneased,
    with_act,
)
from abm.policy.paragraphs import AnyChip, BandwidthLetter, NamedParts, RuleOfOctober2022, RuleOfOctober2023
from abm.policy.tightening import tightening_by, tightenings
from abm.rules.government import Choice, mildest
from abm.scenario.catalogue import chip_named
from tests.policy.sales import CHIPS, design, sale

DAY, LATER = date(2025, 6, 2), date(2025, 9, 1)
KNOWN = RULES_OF_END_2024.in_force(DAY)
H20 = chip_named("H20 SXM", CHIPS)
REACTION = {"US": US_REACTION, "CN": CN_REACTION}


def draft(government: str, day: date = DAY) -> Draft:
    """An act without a particular reason."""
    return Draft(government, day, "a test")


def act(government: str, label: str) -> Act:
    """One candidate against the H20."""
    found = {one.label: one for one in restrictions(REACTION[government], KNOWN, H20, draft(government))}
    return found[label]


def test_the_sellers_candidates_are_lower_thresholds_and_a_letter_on_bandwidth():
    acts = restrictions(US_REACTION, KNOWN, H20, draft("US"))
    assert [(one.label, one.steps) for one in acts] == [
        *((f"us_3a090_2023_10 {n:02d}", n) for n in range(1, 6)), ("letter on memory bandwidth", 1)]
    stricter = acts[1].instruments[0]
    assert stricter.test.tpp_high == pytest.approx(4800 * 0.64) and stricter.denied == ("D:5",)
    assert stricter.public == DAY and stricter.ends is None and "36%" in stricter.title


def test_no_second_paragraph_on_bandwidth():
    known = with_act(KNOWN, act("US", "letter on memory bandwidth"), DAY)
    labels = [one.label for one in restrictions(US_REACTION, known, H20, draft("US", LATER))]
    assert "letter on memory bandwidth" not in labels
    assert "us_endogenous_control_2025_06_02 01" in labels


def test_the_buyers_candidates_are_justification_and_a_ban():
    acts = restrictions(CN_REACTION, KNOWN, H20, draft("CN"))
    assert [(one.label, one.steps) for one in acts] == [("justify", 1), ("ban", 2)]
    answers = [RULES_OF_END_2024.with_published(*one.instruments).review(sale(H20, DAY), EMPTY_RECORD, "CN") for one in acts]
    assert [one.licence for one in answers] == ["case_by_case", "deny"]


def test_what_an_act_stops_is_found_by_review():
    sales = [sale(name, DAY) for name in ("H20 SXM", "MI308X", "L20", "H100 SXM")]
    assert stopped("US", KNOWN, act("US", "letter on memory bandwidth"), sales) == ["H20 SXM", "MI308X"]
    assert stopped("US", KNOWN, act("US", "us_3a090_2023_10 01"), sales) == []
    assert "H20 SXM" in stopped("US", KNOWN, act("US", "us_3a090_2023_10 04"), sales)
    assert stopped("CN", KNOWN, act("CN", "justify"), sales) == ["H20 SXM"]
    assert stopped("US", KNOWN, act("US", "letter on memory bandwidth"), []) == []


def test_a_ban_is_needed_where_purchases_must_be_justified_already():
    known = with_act(KNOWN, act("CN", "justify"), DAY)
    again = {one.label: one for one in restrictions(CN_REACTION, known, H20, draft("CN", LATER))}
    assert [stopped("CN", known, again[label], [sale(H20, LATER)]) for label in ("justify", "ban")] == [[], ["H20 SXM"]]


def test_a_sale_is_open_until_one_government_denies_it():
    assert is_open(KNOWN, sale(H20, DAY))
    assert is_open(with_act(KNOWN, act("CN", "justify"), DAY), sale(H20, DAY))
    assert not is_open(with_act(KNOWN, act("CN", "ban"), DAY), sale(H20, DAY))
    assert not is_open(KNOWN, sale("H100 SXM", DAY))


designs = st.builds(
    design, name=st.just("Target"), tpp=st.floats(100, 6000), density=st.floats(0.5, 7), bandwidth_tbs=st.floats(0.1, 9),
    interconnect_gbs=st.floats(0, 1200))
laws = st.sampled_from((RuleOfOctober2022(), RuleOfOctober2023(), BandwidthLetter()))


@given(chip=designs, factor=st.floats(0.1, 1.0), test=laws)
def test_lower_thresholds_catch_all_that_the_law_caught(chip, factor, test):
    if test(chip) is not None:
        assert tightened(test, factor)(chip) is not None


def test_a_test_without_thresholds_cannot_be_tightened():
    assert tightened(NamedParts(parts=("H20",), paragraph="p"), 0.5) is None
    assert tightened(AnyChip(paragraph="p"), 0.5) is tightened(lambda chip: None, 0.5) is None


@given(chip=designs, step=st.floats(0.05, 0.5))
def test_the_mildest_candidate_stops_the_chip_and_no_milder_one_does(chip, step):
    reaction = replace(US_REACTION, step=step)
    acts = restrictions(reaction, KNOWN, chip, draft("US"))
    stopping = {one.label: bool(stopped("US", KNOWN, one, [sale(chip, DAY)])) for one in acts}
    chosen = mildest([Choice(one.label, one.steps, 0.0, stopping[one.label]) for one in acts])
    if chosen is None:
        assert not any(stopping.values())
    else:
        assert stopping[chosen.name]
        assert not any(stopping[one.label] for one in acts if one.steps < chosen.steps)


@pytest.mark.parametrize("government", ["US", "CN"])
def test_own_acts_are_eased_once_and_licences_revoked_without_a_step(government):
    label = {"US": "letter on memory bandwidth", "CN": "ban"}[government]
    known = with_act(KNOWN, act(government, label), DAY)
    (denial,) = uneased(government, known)
    assert easing(KNOWN, draft(government)) == () and is_endogenous(denial)
    eased = (*known, *easing(known, draft(government, date(2025, 7, 1))))
    policy = RULES_OF_END_2024.with_published(*(one for one in eased if is_endogenous(one)))
    ruling = policy.review(sale(H20, date(2025, 8, 1)), EMPTY_RECORD, government)
    assert (ruling.licence, ruling.levy) == ("case_by_case", 0.15 if government == "US" else 0.0)
    assert uneased(government, eased) == []
    first = restrictions(REACTION[government], eased, H20, draft(government, LATER))[0]
    assert first.steps == 0 and stopped(government, eased, first, [sale(H20, LATER)]) == ["H20 SXM"]
    revoked = policy.with_published(*first.instruments)
    assert revoked.review(sale(H20, LATER), EMPTY_RECORD, government).licence == "deny"
    assert revoked.review(sale(H20, date(2025, 8, 1)), EMPTY_RECORD, government).licence == "case_by_case"


def test_a_new_effort_takes_the_place_of_the_old_one():
    first = enforcement(KNOWN, 1.5, draft("US"))
    grown = RULES_OF_END_2024.with_published(*first)
    second = enforcement((*KNOWN, *first), 1.75, draft("US", LATER))
    grown = grown.with_published(*second)
    assert [grown.enforcement_effort(day) for day in (date(2025, 6, 1), DAY, LATER)] == [1.0, 1.5, 1.75]
    assert effort_in_force("US", KNOWN) == 1.0 and effort_in_force("US", first) == 1.5
    assert effort_in_force("CN", first) == 1.0


def test_a_listing_names_parties():
    (listed,) = listing(["alibaba"], draft("US"))
    assert is_listed("Alibaba", [listed], "US") and not is_listed("tencent", [listed], "US")
    assert not is_listed("alibaba", [listed], "CN") and listing([], draft("US")) == ()
    grown = RULES_OF_END_2024.with_published(listed)
    assert grown.review(sale(H20, DAY, buyer="alibaba"), EMPTY_RECORD, "US").licence == "deny"


def test_an_inquiry_forbids_nothing():
    (notice,) = inquiry(Draft("CN", DAY, "answer to us_x", None))
    grown = RULES_OF_END_2024.with_published(notice)
    assert grown.review(sale(H20, DAY), EMPTY_RECORD, "CN").licence is None


@pytest.mark.parametrize(("government", "label"), [("US", "letter on memory bandwidth"), ("CN", "justify")])
def test_a_published_act_is_a_tightening_found_alone_or_among_all(government, label):
    grown = RULES_OF_END_2024.with_published(*act(government, label).instruments)
    found = tightenings(grown, DAY, government=government)[-1]
    assert found == tightening_by(grown, found.instrument) and "H20 SXM" in found.chips
    assert tightening_by(grown, "us_notice_split_2024_04") is None


def test_a_subsidy_adds_to_the_growth_of_wafers_and_none_is_no_act():
    answer = replace(draft("CN"), responds_to="us_letter_2025_04")
    (money,) = subsidy(0.05, answer)
    assert money.capacity_growth == 0.05 and money.government == "CN" and money.responds_to == "us_letter_2025_04"
    grown, plain = (policy.capacity_growth(LATER, "CN") for policy in (HISTORICAL.with_published(money), HISTORICAL))
    assert grown == pytest.approx(plain + 0.05)
    assert subsidy(0.0, answer) == ()
