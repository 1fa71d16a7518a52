"""Licences, quotas and levies: what a denial becomes, how much of it, and at what charge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm.errors import InputError
from abm.policy import EMPTY_RECORD, HISTORICAL, LicenceSnapshot
from abm.policy.statutes import ALLIES, DIFFUSION_2025_01, LICENCES_2025_07
from tests.policy.sales import sale

SUMMER, SPRING = date(2025, 9, 1), date(2026, 3, 2)
H200_SALES = {"H200 SXM": 300_001}


def ruled(chip, day, record=EMPTY_RECORD, government="US", **changes):
    return HISTORICAL.review(sale(chip, day, **changes), record, government)


def test_a_promised_licence_makes_a_denial_a_case():
    before, after = ruled("H20 SXM", date(2025, 7, 11)), ruled("H20 SXM", date(2025, 7, 14))
    assert (before.licence, after.licence) == ("deny", "case_by_case")
    assert after.instrument == "us_licences_2025_07" and after.paragraph == "letter 2025-04"
    assert 0 < after.approval_probability < 1 and after.delay_days > 0 and after.quota_left is None


def test_a_case_is_permitted_up_to_the_licensed_units():
    record = LicenceSnapshot(open_units={("H20 SXM", "alibaba"): 500})
    assert ruled("H20 SXM", SUMMER, record, buyer="alibaba", quantity=500).permitted
    assert not ruled("H20 SXM", SUMMER, record, buyer="alibaba", quantity=501).permitted
    assert not ruled("H20 SXM", SUMMER, record, buyer="tencent", quantity=1).permitted


def test_approval_and_notice_cover_what_is_licensed_like_a_case():
    day = date(2024, 6, 3)
    for chip, places in (("H100 SXM", {"destination": "AE"}), ("L40", {})):
        record = LicenceSnapshot(open_units={(chip, "shell"): 500})
        assert ruled(chip, day, record, buyer="shell", quantity=500, **places).permitted
        assert not ruled(chip, day, record, buyer="shell", quantity=501, **places).permitted
        assert not ruled(chip, day, record, buyer="another", quantity=1, **places).permitted


def test_a_licence_never_helps_a_listed_buyer():
    record = LicenceSnapshot(open_units={("H20 SXM", "zhipu"): 500})
    assert ruled("H20 SXM", SUMMER, record, buyer="zhipu", parent="zhipu").licence == "deny"


def test_the_levy_of_august_2025_is_on_licensed_chips_alone():
    assert ruled("H20 SXM", date(2025, 8, 8)).levy == 0.0
    assert ruled("H20 SXM", date(2025, 8, 11)).levy == 0.15
    assert ruled("L20", date(2025, 8, 11)).levy == 0.0


def test_the_tariff_replaces_the_cut_and_both_are_one_charge():
    assert [ruled("H200 SXM", day).levy for day in (date(2025, 12, 5), date(2025, 12, 8), date(2026, 1, 13))] == [
        0.0, 0.25, 0.25]
    assert [ruled("H200 SXM", day).levy for day in (date(2026, 1, 14), date(2026, 1, 15), SPRING)] == [0.25] * 3
    assert ruled("MI325X", SPRING).levy == 0.25 and ruled("MI300X", SPRING).levy == 0.0
    assert ruled("H200 SXM", SPRING, destination="MY").levy == 0.0


def test_the_review_of_2026_is_for_chips_under_3a090_below_its_limits():
    assert ruled("H200 SXM", SPRING).paragraph == "742.6(b)(10)(iii)"
    assert ruled("B200", SPRING).licence == "deny"
    assert ruled("H20 SXM", SPRING).instrument == "us_licences_2025_07"
    assert ruled("RTX 5090", SPRING).licence == "case_by_case"


@pytest.mark.parametrize(
    ("approved", "buyer", "left"),
    [({}, "alibaba", 75_000), ({"alibaba": 30_000}, "alibaba", 45_000), ({"alibaba": 80_000}, "alibaba", 0),
     ({"alibaba": 70_000, "tencent": 70_000}, "baidu", 10_000), ({"alibaba": 75_000, "tencent": 75_000}, "baidu", 0)],
)
def test_the_volume_cap_and_the_customer_cap_leave_the_smaller_rest(approved, buyer, left):
    granted = {("us_review_2026_01", "H200 SXM", name): units for name, units in approved.items()}
    record = LicenceSnapshot(home_sales=H200_SALES, approved=granted)
    assert ruled("H200 SXM", SPRING, record, buyer=buyer).quota_left == left


def test_three_platforms_share_a_ceiling():
    granted = {("cn_conditional_h200_2026_01", "H200 SXM", "tencent"): 399_000}
    ruling = ruled("H200 SXM", SPRING, LicenceSnapshot(approved=granted), "CN", buyer="volcano", parent="bytedance")
    assert (ruling.quota_left, ruling.instrument) == (1000, "cn_conditional_h200_2026_01")
    other = ruled("H200 SXM", SPRING, government="CN", buyer="baidu", parent="baidu")
    assert (other.instrument, other.quota_left) == ("cn_customs_h200_2026_01", None)
    assert other.approval_probability < ruling.approval_probability


def test_a_review_changes_no_record():
    record = LicenceSnapshot(home_sales=dict(H200_SALES))
    assert ruled("H200 SXM", SPRING, record) == ruled("H200 SXM", SPRING, record)
    assert record == LicenceSnapshot(home_sales=H200_SALES)


def test_odds_above_one_are_refused():
    with pytest.raises(InputError, match="approval_probability = 1.5 is above its upper bound 1.0"):
        replace(LICENCES_2025_07, approval_probability=1.5)


def diffusion(quantity, record=EMPTY_RECORD, **changes):
    kept = HISTORICAL.amended("caps kept", replace(DIFFUSION_2025_01, ends=None))
    return kept.review(sale("H100 SXM", date(2025, 6, 2), quantity=quantity, **changes), record, "US")


def test_the_diffusion_caps_in_an_arm_that_keeps_them():
    large = diffusion(10_000, destination="MY")
    assert (large.licence, large.quota_left, large.permitted) == ("approve", int(790e6 / 15_832), False)
    used = LicenceSnapshot(processing={(DIFFUSION_2025_01.name, "MY"): 700e6})
    assert diffusion(10_000, used, destination="MY").quota_left == int(90e6 / 15_832)
    assert diffusion(10_000, used, destination="SG").quota_left == int(790e6 / 15_832)
    full = LicenceSnapshot(processing={(DIFFUSION_2025_01.name, "MY"): 790e6}, open_units={("H100 SXM", "late"): 4000})
    beyond = diffusion(10_000, full, destination="MY")
    assert (beyond.quota_left, beyond.expectation, beyond.permitted) == (0, 0.0, False)
    assert diffusion(4000, full, destination="MY", buyer="late").permitted
    assert diffusion(1, destination="MY", parent_country="CN").licence == "deny"
    assert diffusion(1, destination="JP", parent_country="CN").licence == "deny"
    assert all(diffusion(10_000, destination=ally).licence is None for ally in ALLIES) and len(ALLIES) == 18
    assert replace(DIFFUSION_2025_01, agreements=("AE",)).cap("AE") == 2 * 790e6


def test_small_orders_of_a_customer_are_free_until_its_year_is_full():
    allowance = int(26.9e6 / 15_832)
    small, large = diffusion(allowance, destination="MY"), diffusion(allowance + 1, destination="MY")
    assert (small.licence, small.permitted, small.free_units) == (None, True, allowance)
    assert (large.licence, large.permitted, large.free_units) == ("approve", False, allowance)
    used = LicenceSnapshot(small={(DIFFUSION_2025_01.name, "a buyer in China", 2025): 20e6})
    assert diffusion(1, used, destination="MY").free_units == int(6.9e6 / 15_832)
    assert diffusion(1, used, destination="MY", buyer="another").free_units == allowance
    last_year = LicenceSnapshot(small={(DIFFUSION_2025_01.name, "a buyer in China", 2024): 26.9e6})
    assert diffusion(allowance, last_year, destination="MY").licence is None


def test_a_quota_is_stricter_than_the_same_licence_without_one():
    gulf = diffusion(10_000, destination="AE")
    assert (gulf.instrument, gulf.quota_left) == (DIFFUSION_2025_01.name, int(790e6 / 15_832))
    assert ruled("H100 SXM", date(2025, 6, 2), destination="AE").instrument == "us_3a090_2023_10"


@pytest.mark.parametrize("destination", ["RU", "IR", "KP", "BY"])
def test_what_is_eased_for_china_stays_denied_elsewhere(destination):
    """The licences of July and December 2025 and the review of January 2026 speak of China, Hong Kong and Macau alone."""
    for day in (date(2025, 8, 20), date(2025, 12, 15), date(2026, 2, 2)):
        for chip in ("H20 SXM", "H200 SXM", "A100 SXM 80GB"):
            asked = sale(chip, day, destination=destination)
            assert HISTORICAL.review(asked, EMPTY_RECORD, "US").licence == "deny"
    there = HISTORICAL.review(sale("H200 SXM", date(2026, 2, 2), destination="MO"), EMPTY_RECORD, "US")
    assert there.licence == "case_by_case"

