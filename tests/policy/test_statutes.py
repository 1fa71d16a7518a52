"""The timeline of both governments: who could sell which chip to whom, when, and by which paragraph not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from abm.errors import InputError
from abm.policy import EMPTY_RECORD, HISTORICAL
from tests.policy.sales import design, sale


def ruled(chip, day, government="US", **changes):
    return HISTORICAL.review(sale(chip, day, **changes), EMPTY_RECORD, government)


@pytest.mark.parametrize(
    ("chip", "day", "paragraph"),
    [
        ("A100 SXM 80GB", date(2022, 8, 31), None),
        ("A100 SXM 80GB", date(2022, 9, 1), "letter 2022-08"),
        ("A100 SXM 80GB", date(2022, 10, 7), "3A090"),
        ("A800 SXM", date(2023, 10, 23), None),
        ("A800 SXM", date(2023, 10, 24), "3A090.a"),
        ("MI300X", date(2023, 12, 1), "3A090.a"),
        ("RTX 4090D", date(2024, 6, 3), None),
        ("H20 SXM", date(2025, 4, 15), None),
        ("H20 SXM", date(2025, 4, 16), "letter 2025-04"),
    ],
)
def test_a_chip_is_caught_from_the_day_on_which_the_rule_is_law_and_public(chip, day, paragraph):
    ruling = ruled(chip, day)
    assert (ruling.paragraph, ruling.permitted) == (paragraph, paragraph is None)


def test_the_h20_was_free_until_the_letter_of_april_2025():
    days = [date(2023, 11, 17), date(2024, 2, 1), date(2024, 12, 31), date(2025, 1, 15), date(2025, 4, 14)]
    assert all(ruled("H20 SXM", day).licence is None for day in days)
    letter = ruled("H20 SXM", date(2025, 4, 16))
    assert (letter.licence, letter.instrument) == ("deny", "us_letter_2025_04")


def test_the_diffusion_rule_is_public_and_never_binds():
    rule = HISTORICAL.instrument("us_ai_diffusion_2025_01")
    assert rule in HISTORICAL.newly_public(date(2025, 1, 13), date(2025, 1, 10))
    assert not any(rule in HISTORICAL.in_force(date(2025, month, day)) for month in range(1, 13) for day in (1, 15, 28))


def test_a_sale_after_the_close_moves_markets_on_the_next_trading_day():
    names = [one.name for one in HISTORICAL.newly_public(date(2025, 4, 16), date(2025, 4, 15))]
    assert names == ["us_letter_2025_04"]
    assert not HISTORICAL.newly_public(date(2025, 4, 15), date(2025, 4, 14))


def test_what_is_published_on_a_sunday_is_news_on_monday():
    assert HISTORICAL.instrument("us_parent_guidance_2026_05").market_day == date(2026, 6, 1)


def test_superseded_instruments_end_where_their_successor_binds():
    for one in HISTORICAL.instruments:
        if one.superseded_by:
            assert one.ends == HISTORICAL.instrument(one.superseded_by).binds_from, one.name


def test_chinese_chips_sold_in_china_pass_both_gates():
    for government in ("US", "CN"):
        assert ruled("Ascend 910C", date(2026, 3, 2), government, seller="huawei").licence is None


def test_listed_parents_are_refused_whatever_the_chip():
    free = ruled("H20 SXM", date(2025, 1, 15), buyer="zhipu", parent="zhipu")
    listed = ruled("H20 SXM", date(2025, 1, 16), buyer="some_lab", parent="Zhipu AI")
    assert free.permitted and not listed.permitted
    assert (listed.paragraph, listed.instrument) == ("744.11", "us_entities_2025_01")
    assert ruled("L20", date(2025, 1, 15), buyer="moore_threads", parent="-").instrument == "us_entities_2023_10"


@pytest.mark.parametrize(
    ("day", "parties"),
    [
        (date(2019, 5, 16), ("Huawei",)),
        (date(2020, 8, 17), ("huawei_cloud",)),
        (date(2020, 12, 18), ("SMIC",)),
        (date(2022, 12, 16), ("YMTC", "cambricon")),
        (date(2023, 3, 2), ("Inspur Group", "Loongson")),
        (date(2023, 10, 17), ("Biren", "Moore Threads")),
        (date(2024, 12, 2), ("Naura",)),
        (date(2025, 1, 16), ("Zhipu AI", "Sophgo")),
        (date(2025, 3, 25), ("Inspur Taiwan", "Nettrix", "BAAI")),
    ],
)
def test_parties_are_refused_from_the_day_of_their_listing(day, parties):
    before = day - timedelta(days=1)
    for party in parties:
        assert ruled("L20", before, buyer=party, parent="-").permitted, party
        ruling = ruled("L20", day, buyer=party, parent="-")
        assert (ruling.licence, ruling.paragraph) == ("deny", "744.11"), party
        assert ruling.instrument.startswith(f"us_entities_{day:%Y_%m}")


def test_the_product_rule_on_huawei_answers_its_listing():
    for month in ("2020_05", "2020_08"):
        assert HISTORICAL.instrument(f"us_huawei_products_{month}").kind == "Notice"
    left = {one.name for one in HISTORICAL.without("us_entities_2019_05").instruments}
    assert not left & {"us_huawei_products_2020_05", "us_huawei_products_2020_08"}


def test_military_end_use_is_refused():
    ruling = ruled("L20", date(2025, 1, 15), end_use="military")
    assert (ruling.permitted, ruling.paragraph) == (False, "744.21")


def test_since_2023_the_ultimate_parent_counts():
    abroad = {"destination": "MY", "parent_country": "CN"}
    assert ruled("H100 SXM", date(2023, 6, 1), **abroad).permitted
    assert ruled("H100 SXM", date(2024, 6, 3), **abroad).paragraph == "3A090.a"
    assert ruled("H100 SXM", date(2024, 6, 3), destination="MY").licence is None


def test_countries_of_d4_are_presumed_approved_and_notices_concern_china_alone():
    """Neither may leave before the office has answered, or the notice is ripe; neither can be refused."""
    gulf = ruled("H100 SXM", date(2024, 6, 3), destination="AE")
    assert (gulf.permitted, gulf.licence, gulf.delay_days) == (False, "approve", 43)
    assert ruled("L40", date(2024, 6, 3), destination="AE").licence is None
    notice = ruled("L40", date(2024, 6, 3))
    assert (notice.permitted, notice.licence, notice.delay_days, notice.paragraph) == (False, "notify", 25, "3A090.b.1")
    assert not gulf.restricts and not notice.restricts and gulf.expectation == notice.expectation == 1.0


def test_only_a_denial_and_a_case_restrict():
    denied, case = ruled("H100 SXM", date(2024, 6, 3)), ruled("H20 SXM", date(2025, 9, 1))
    assert denied.restricts and denied.expectation == 0.0
    assert case.restricts and case.expectation == case.approval_probability == 0.6
    assert not ruled("H20 SXM", date(2024, 6, 3)).restricts


def test_sales_inside_the_united_states_are_no_exports():
    assert ruled("B200", date(2025, 6, 2), destination="US", parent_country="CN").licence is None


def test_an_unknown_country_is_refused_with_the_nearest_code():
    with pytest.raises(InputError, match='unknown country "CNN".*"CN"'):
        ruled("H20 SXM", date(2025, 6, 2), destination="CNN")


def test_tools_are_controlled_since_october_2022_and_memory_since_december_2024():
    for component, day in (("foundry_tools", date(2022, 10, 7)), ("hbm", date(2024, 12, 2))):
        assert not HISTORICAL.controls_component(component, day - timedelta(days=1))
        assert HISTORICAL.controls_component(component, day) and HISTORICAL.controls_component(component, date(2026, 12, 31))
        assert not HISTORICAL.controls_component(component, day, country="KR")
    control = HISTORICAL.instrument("us_hbm_2024_12")
    assert control.catches_stack(819.0, 110.0) and not control.catches_stack(200.0, 110.0)


def test_the_buyers_government_has_its_own_answers():
    assert ruled("H20 SXM", date(2025, 8, 11), "CN").permitted
    justify = ruled("H20 SXM", date(2025, 8, 12), "CN")
    assert (justify.licence, justify.gate, justify.permitted) == ("case_by_case", "CN", False)
    state = ruled("L20", date(2025, 11, 5), "CN", end_use="state_funded")
    assert (state.licence, state.instrument) == ("deny", "cn_state_funded_2025_11")
    assert ruled("L20", date(2025, 11, 5), "CN").permitted
    assert ruled("H20 SXM", date(2025, 8, 12), "CN", destination="MY", parent_country="CN").permitted


def test_special_versions_of_the_pcie_line_are_banned_by_the_buyers_government():
    special = design(product_line="pcie", made_for="CN", released=date(2025, 7, 1))
    assert not ruled(special, date(2025, 9, 17), "CN").permitted
    assert ruled(special, date(2025, 9, 16), "CN").permitted
    assert ruled("L20", date(2025, 9, 17), "CN").permitted


def test_enforcement_effort_follows_the_rules_in_force():
    effort = HISTORICAL.enforcement_effort
    assert effort(date(2025, 10, 1)) == effort(date(2026, 5, 29)) == 1.0 and effort(date(2026, 6, 1)) == 1.5
