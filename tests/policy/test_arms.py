"""The arms that ship: what each contains, when it first differs from history, and what may be said of all of them."""

from __future__ import annotations

import json
import pickle
from datetime import date

import pytest

from abm import HISTORY_2025, Experiment
from abm.policy import EMPTY_RECORD, HISTORICAL, POLICIES, first_difference, tightenings
from abm.policy.enforcement import Enforcement
from abm.policy.statutes import RULE_2022_10
from tests.policy.sales import CHIPS, sale

START, END = date(2025, 1, 1), date(2026, 12, 31)
FIRST_DIFFERENCES = {
    "no_controls": START, "october_2022_only": START, "rules_of_end_2024": date(2025, 1, 13), "historical": None,
    "h20_ban_kept": date(2025, 7, 14), "levy_15": date(2025, 12, 8), "h200_review": date(2026, 6, 1),
    "h200_review_without_prc_gate": date(2026, 1, 14), "diffusion_caps_kept": date(2025, 5, 13),
    "enforcement_x5": START, "location_verification": date(2025, 7, 1), "prc_subsidy_x2": START,
}
ARMS = list(POLICIES.values())


def ruled(arm: str, chip: str, day: date, government: str = "US", **changes: object):
    """What a government answers under an arm."""
    return POLICIES[arm].review(sale(chip, day, **changes), EMPTY_RECORD, government)


def apart(arm: str) -> tuple[set[str], set[str]]:
    """Names of the instruments that an arm adds to history, and of those that it leaves out."""
    mine, theirs = ({one.name for one in policy.instruments} for policy in (POLICIES[arm], HISTORICAL))
    return mine - theirs, theirs - mine


def test_the_arms_come_in_their_order():
    assert list(POLICIES)[:12] == list(FIRST_DIFFERENCES)


@pytest.mark.parametrize("name", FIRST_DIFFERENCES)
def test_an_arm_differs_from_history_first_on_its_day(name):
    assert first_difference(POLICIES[name], HISTORICAL) == first_difference(HISTORICAL, POLICIES[name])
    assert first_difference(POLICIES[name], HISTORICAL) == FIRST_DIFFERENCES[name]


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.name)
def test_an_arm_is_described_cited_and_can_travel(arm):
    assert arm.description and "\n" not in arm.description and ". " not in arm.description
    assert all(one.cites for one in arm.instruments)
    assert pickle.loads(pickle.dumps(arm)) == arm
    assert all(one.low <= one.value <= one.high for one in arm.parameters())


@pytest.mark.parametrize("name", FIRST_DIFFERENCES)
def test_what_history_does_not_have_is_said_to_be_invented(name):
    known = {one.name: one for one in HISTORICAL.instruments}
    for one in POLICIES[name].instruments:
        if one.name not in known or one.cites != known[one.name].cites:
            assert one.cites.startswith("counterfactual arm: ")


def test_arms_as_data_are_told_apart():
    contents = [(arm.as_data()["instruments"], arm.as_data()["reactions"]) for arm in ARMS]
    assert len({json.dumps(content, sort_keys=True) for content in contents}) == len(ARMS)


def test_every_arm_stands_in_an_experiment():
    experiment = Experiment(
        name="arms", question="What?", scenarios=(HISTORY_2025,), policies=tuple(ARMS), seeds=range(2))
    assert len(experiment) == 2 * len(ARMS)


@pytest.mark.parametrize("name", FIRST_DIFFERENCES)
def test_no_arm_invents_a_tightening(name):
    past = tightenings(HISTORICAL, date(2024, 12, 31))
    found = tightenings(POLICIES[name], END)
    assert found[:2] == past and {one.instrument for one in found[2:]} <= {"us_letter_2025_04"}


def test_october_2022_is_the_rule_as_it_was():
    arm = POLICIES["october_2022_only"]
    for chip in CHIPS:
        assert arm.classify(chip, date(2026, 6, 1)) == RULE_2022_10.test(chip), chip.name
        assert arm.classify(chip, date(2024, 12, 31)) == HISTORICAL.classify(chip, date(2024, 12, 31)), chip.name
    assert ruled("october_2022_only", "H800 SXM", date(2025, 6, 2)).permitted
    assert not ruled("october_2022_only", "H100 SXM", date(2025, 6, 2)).permitted
    assert ruled("october_2022_only", "H20 SXM", date(2026, 6, 1)).licence is None


def test_october_2022_keeps_what_was_there_by_then():
    arm = POLICIES["october_2022_only"]
    assert not ruled("october_2022_only", "H20 SXM", END, parent="Cambricon").permitted
    assert ruled("october_2022_only", "H20 SXM", END, parent="Biren").permitted
    assert arm.controls_component("foundry_tools", END) and not arm.controls_component("hbm", END)
    assert all(one.ends for one in arm.instruments if one.government == "US" and date(2023, 1, 1) <= one.public < START)


def test_the_ban_of_the_h20_stays_and_the_h200_comes_all_the_same():
    assert apart("h20_ban_kept") == (set(), {
        "us_licences_2025_07", "us_levy_2025_08", "cn_summons_2025_07", "cn_justify_h20_2025_08"})
    assert ruled("h20_ban_kept", "H20 SXM", END).licence == "deny"
    assert ruled("h20_ban_kept", "H200 SXM", END).licence == "case_by_case"


def test_the_levy_stays_for_ever():
    late = ruled("levy_15", "H20 SXM", END)
    assert (late.licence, late.levy, late.instrument) == ("case_by_case", 0.15, "us_licences_2025_07")
    assert ruled("levy_15", "H200 SXM", END).licence == "deny"
    assert max(one.public for one in POLICIES["levy_15"].instruments) < date(2025, 12, 1)


def test_the_review_with_and_without_the_second_gate():
    assert apart("h200_review") == (set(), {"us_parent_guidance_2026_05"})
    assert apart("h200_review_without_prc_gate") == (set(), {
        "us_parent_guidance_2026_05", "cn_customs_h200_2026_01", "cn_conditional_h200_2026_01"})
    for name, licence in (("h200_review", "case_by_case"), ("h200_review_without_prc_gate", None)):
        assert ruled(name, "H200 SXM", END).licence == "case_by_case"
        assert ruled(name, "H200 SXM", END, "CN").licence == licence
    assert ruled("h200_review_without_prc_gate", "H200 SXM", END, "CN", end_use="state_funded").licence == "deny"


def test_the_diffusion_caps_take_effect_and_stay():
    eve = ruled("diffusion_caps_kept", "H100 SXM", date(2025, 5, 14), destination="MY", quantity=10_000)
    kept = ruled("diffusion_caps_kept", "H100 SXM", date(2025, 5, 15), destination="MY", quantity=10_000)
    assert eve.licence is None and (kept.licence, kept.instrument) == ("approve", "us_ai_diffusion_2025_01")
    beyond = ruled("diffusion_caps_kept", "H100 SXM", END, destination="MY", quantity=100_000)
    assert not beyond.permitted and beyond.quota_left == int(790e6 / 15832) < 100_000
    assert ruled("historical", "H100 SXM", END, destination="MY", quantity=100_000).licence is None


def test_enforcement_is_five_times_that_of_history():
    arm = POLICIES["enforcement_x5"]
    for day in (START, date(2025, 10, 1), date(2026, 6, 2)):
        assert arm.enforcement_effort(day) == 5 * HISTORICAL.enforcement_effort(day)
    assert isinstance(arm.instrument("us_enforcement_x5_2025_01"), Enforcement)
    assert arm.enforcement_effort(date(2024, 12, 31)) == 1.0


def test_location_verification_covers_what_3a090_catches():
    arm, eve, day = POLICIES["location_verification"], date(2025, 6, 30), date(2025, 7, 1)
    by_name = {chip.name: chip for chip in CHIPS}
    assert arm.location_verification(by_name["B200"], eve) is None
    assert arm.location_verification(by_name["B200"], day).name == "us_location_2025_07"
    assert arm.location_verification(by_name["H100 SXM"], END) is not None
    assert arm.location_verification(by_name["H20 SXM"], END) is None
    assert HISTORICAL.location_verification(by_name["B200"], END) is None


def test_subsidies_are_doubled():
    arm = POLICIES["prc_subsidy_x2"]
    for day, times in ((date(2024, 12, 31), 1), (START, 2), (END, 2)):
        assert arm.capacity_growth(day, "CN") == times * HISTORICAL.capacity_growth(day, "CN") > 0
    assert [HISTORICAL.power_rebate(day, "CN") for day in (date(2025, 11, 4), date(2025, 11, 5))] == [0.0, 0.5]
    assert [arm.power_rebate(day, "CN") for day in (date(2025, 11, 4), date(2025, 11, 5))] == [0.0, 1.0]
    assert arm.power_rebate(END, "US") == arm.capacity_growth(END, "US") == 0.0


def test_what_a_subsidy_does_not_give_is_no_parameter():
    paths = {one.path for one in HISTORICAL.parameters()}
    assert {"policy.cn_big_fund_2024_05.capacity_growth", "policy.cn_power_subsidy_2025_11.power_rebate"} <= paths
    assert not {"policy.cn_big_fund_2024_05.power_rebate", "policy.cn_power_subsidy_2025_11.capacity_growth"} & paths
