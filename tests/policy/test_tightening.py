"""Which acts caught chips that had been legal, found by review and not by label."""

from __future__ import annotations

from datetime import date

from abm.policy import HISTORICAL, NO_CONTROLS, RULES_OF_END_2024, tightenings
from tests.policy.sales import CHIPS, design

END = date(2026, 12, 31)


def found(policy, today, **options):
    return [(one.instrument, one.product_lines) for one in tightenings(policy, today, **options)]


def test_tightenings_of_the_seller_as_they_became_public():
    before = [("us_letters_2022_08", ("hbm",)), ("us_3a090_2023_10", ("hbm", "pcie"))]
    assert found(HISTORICAL, date(2022, 8, 31)) == []
    assert found(HISTORICAL, date(2024, 12, 31)) == found(HISTORICAL, date(2025, 4, 15)) == before
    assert found(HISTORICAL, END) == [*before, ("us_letter_2025_04", ("hbm", "consumer"))]


def test_tightenings_of_the_buyer_are_counted_apart():
    assert found(HISTORICAL, END, government="CN") == [
        ("cn_justify_h20_2025_08", ("hbm",)), ("cn_customs_h200_2026_01", ("hbm",))]


def test_arms_share_the_past():
    past = tightenings(HISTORICAL, date(2024, 12, 31))
    assert tightenings(NO_CONTROLS, END) == tightenings(RULES_OF_END_2024, END) == past


def test_the_letter_caught_the_special_version():
    letter = tightenings(HISTORICAL, END)[-1]
    assert letter.market_day == date(2025, 4, 16) and "H20 SXM" in letter.chips and "H100 SXM" not in letter.chips


def test_a_vendors_own_design_counts_too():
    special = design(name="B20", product_line="pcie", bandwidth_tbs=1.5)
    caught = tightenings(HISTORICAL, END, chips=(*CHIPS, special))[-1]
    assert caught.product_lines == ("hbm", "pcie", "consumer") and "B20" in caught.chips
