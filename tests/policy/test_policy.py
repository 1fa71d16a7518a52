"""Policies: what each arm contains, how arms are made, and when they first differ."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from abm.policy import (
    EMPTY_RECORD,
    HISTORICAL,
    NO_CONTROLS,
    POLICIES,
    RULES_OF_END_2024,
    Policy,
    first_difference,
    policy_parameters,
)
from abm.policy.arms import frozen_after
from abm.policy.statutes import LETTER_2025_04, RULE_2022_10, RULE_2023_10
from tests.policy.sales import CHIPS, sale

NAMES = [one.name for one in HISTORICAL.instruments]
days = st.dates(min_value=date(2022, 1, 1), max_value=date(2026, 12, 31))


def names(instruments) -> list[str]:
    return [one.name for one in instruments]


def test_the_policies_that_ship():
    assert list(POLICIES) == [
        "no_controls", "october_2022_only", "rules_of_end_2024", "historical", "h20_ban_kept", "levy_15", "h200_review",
        "h200_review_without_prc_gate", "diffusion_caps_kept", "enforcement_x5", "location_verification",
        "prc_subsidy_x2", "endogenous_us", "both_endogenous", "no_controls_from_2022", "october_2022_kept"]
    assert all(name == policy.name and policy.description for name, policy in POLICIES.items())


def test_without_controls_every_chip_is_free_on_the_first_day_and_not_before():
    for chip in CHIPS:
        for day in (date(2025, 1, 1), date(2025, 6, 2), date(2026, 12, 31)):
            assert NO_CONTROLS.review(sale(chip, day), EMPTY_RECORD, "US").licence is None, chip.name
            assert NO_CONTROLS.classify(chip, day) is None
    assert NO_CONTROLS.classify(CHIPS[2], date(2024, 12, 31)) == "3A090.a"


def test_without_controls_china_does_not_answer_what_never_came():
    kept = {one.name for one in NO_CONTROLS.instruments if one.government == "CN"}
    assert kept == {
        "cn_antitrust_2024_12", "cn_antitrust_finding_2025_09", "cn_big_fund_2024_05", "cn_energy_2025_03",
        "cn_power_subsidy_2025_11", "cn_rtx_6000d_2025_09", "cn_state_funded_2025_11"}


def test_the_rules_of_end_2024_hold_nothing_later():
    assert max(one.public for one in RULES_OF_END_2024.instruments) == date(2024, 12, 9)
    later = RULES_OF_END_2024.in_force(date(2030, 1, 1))
    assert names(later) == names(HISTORICAL.in_force(date(2024, 12, 31)))
    assert RULES_OF_END_2024.review(sale("H20 SXM", date(2026, 6, 1)), EMPTY_RECORD, "US").licence is None


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [
        (NO_CONTROLS, HISTORICAL, date(2025, 1, 1)),
        (RULES_OF_END_2024, HISTORICAL, date(2025, 1, 13)),
        (HISTORICAL.without("us_letter_2025_04"), HISTORICAL, date(2025, 4, 16)),
        (HISTORICAL, HISTORICAL, None),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_arms_are_the_same_until_they_first_differ(one, other, day):
    assert first_difference(one, other) == first_difference(other, one) == day
    today = date(2022, 1, 3)
    while today < (day or date(2027, 1, 1)):
        before = today - timedelta(days=1)
        assert names(one.in_force(today)) == names(other.in_force(today))
        assert names(one.newly_public(today, before)) == names(other.newly_public(today, before))
        today += timedelta(days=1)


def test_dropping_an_instrument_drops_what_answers_it():
    gone = set(NAMES) - set(names(HISTORICAL.without("us_letter_2025_04").instruments))
    assert gone == {
        "us_letter_2025_04", "us_licences_2025_07", "us_levy_2025_08", "cn_summons_2025_07", "cn_justify_h20_2025_08"}
    gone = set(NAMES) - set(names(HISTORICAL.without("us_h200_2025_12").instruments))
    assert gone == {
        "us_h200_2025_12", "us_cut_2025_12", "us_review_2026_01", "us_tariff_2026_01", "cn_customs_h200_2026_01",
        "cn_conditional_h200_2026_01"}


def test_a_licence_goes_with_the_last_rule_that_it_eases():
    bare = HISTORICAL.without("us_letter_2025_04").without("us_3a090_2023_10")
    assert "us_h200_2025_12" not in names(bare.instruments)


def test_what_a_dropped_instrument_had_ended_goes_on():
    october_2022 = HISTORICAL.without("us_3a090_2023_10")
    assert october_2022.classify(CHIPS[2], date(2025, 1, 2)) == "3A090"
    assert october_2022.classify(CHIPS[3], date(2025, 1, 2)) is None
    frozen = frozen_after(HISTORICAL, date(2022, 12, 31), name="october 2022", description="frozen")
    assert frozen.classify(CHIPS[2], date(2026, 1, 2)) == "3A090"


@given(name=st.sampled_from(NAMES))
def test_every_instrument_can_be_dropped(name):
    left = HISTORICAL.without(name)
    assert name not in names(left.instruments) and len(left.instruments) < len(NAMES)


@given(day=days)
def test_in_force_is_what_says_so_of_itself(day):
    assert HISTORICAL.in_force(day) == tuple(one for one in HISTORICAL.instruments if one.in_force(day))


@given(first=days, second=days, third=days)
def test_every_publication_is_news_once(first, second, third):
    a, b, c = sorted((first, second, third))
    whole = HISTORICAL.newly_public(c, a)
    assert HISTORICAL.newly_public(b, a) + HISTORICAL.newly_public(c, b) == whole


def test_an_unknown_instrument_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match='"us_leter_2025_04" .did you mean "us_letter_2025_04"'):
        HISTORICAL.without("us_leter_2025_04")


def test_an_unknown_government_is_refused():
    with pytest.raises(InputError, match='unknown government "USA".*"US"'):
        HISTORICAL.review(sale("H20 SXM", date(2025, 1, 2)), EMPTY_RECORD, "USA")


def test_contradictions_are_refused():
    with pytest.raises(InputError, match='has the instrument "us_letter_2025_04" twice'):
        Policy("p", "two", (LETTER_2025_04, LETTER_2025_04))
    with pytest.raises(InputError, match="us_3a090_2022_10 of policy p refers"):
        Policy("p", "refers to nothing", (RULE_2022_10,))
    with pytest.raises(InputError, match="ends = 2023-01-01 is not after it was public"):
        replace(RULE_2023_10, ends=date(2023, 1, 1))
    with pytest.raises(InputError, match='government = "EU"'):
        replace(RULE_2023_10, government="EU")


def test_a_new_arm_in_a_line():
    stricter = HISTORICAL.amended("stricter", replace(RULE_2023_10, test=replace(RULE_2023_10.test, tpp_middle=2300.0)))
    assert stricter.classify(CHIPS[4], date(2025, 1, 2)) == "3A090.b.1"
    assert len(stricter.instruments) == len(NAMES) and HISTORICAL.classify(CHIPS[4], date(2025, 1, 2)) is None


def test_a_policy_as_data_tells_policies_apart():
    texts = {json.dumps(policy.as_data(), sort_keys=True) for policy in POLICIES.values()}
    assert len(texts) == len(POLICIES)
    shuffled = Policy(HISTORICAL.name, HISTORICAL.description, tuple(reversed(HISTORICAL.instruments)))
    assert shuffled.as_data() == HISTORICAL.as_data() and shuffled == HISTORICAL
    moved = HISTORICAL.amended("historical", replace(LETTER_2025_04, test=replace(LETTER_2025_04.test, traffic=1600.0)))
    assert moved.as_data()["instruments"] != HISTORICAL.as_data()["instruments"]


def test_a_policy_travels_between_processes():
    HISTORICAL.in_force(date(2025, 1, 2))
    again = pickle.loads(pickle.dumps(HISTORICAL))
    assert again == HISTORICAL and again.as_data() == HISTORICAL.as_data()


def test_a_policy_prints_as_a_dated_cited_table():
    rows = HISTORICAL.table()
    assert len(rows) == len(NAMES) and all(row["cites"] and row["public"] for row in rows)
    by_name = {row["name"]: row for row in rows}
    assert by_name["us_ai_diffusion_2025_01"]["binds from"] == "never"
    assert by_name["us_letter_2025_04"]["public"] == "2025-04-15 after close"


def test_every_number_of_a_policy_is_declared():
    numbers = {one.path: one for one in policy_parameters()}
    assert numbers["policy.us_3a090_2023_10.test.tpp_middle"].value == 2400
    assert numbers["policy.us_tariff_2026_01.test.bands.1.tpp_from"].value == 20_800
    assert numbers["policy.us_review_2026_01.quotas.1.chips"].value == 75_000
    assert numbers["policy.us_licences_2025_07.approval_probability"].basis == "assumed"
    assert "policy.us_letter_2025_04.notice_days" not in numbers
    assert "policy.cn_state_funded_2025_11.refusal_probability" not in numbers
    assert all(one.low <= one.value <= one.high and one.unit and one.source for one in numbers.values())
