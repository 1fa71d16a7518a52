"""Screening by ownership: which buyers are refused for who owns them, from when to when, and by which paragraph."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from abm.policy import EMPTY_RECORD, HISTORICAL
from abm.policy.statutes import AFFILIATES_2025_09
from tests.policy.sales import sale

BEFORE, FIRST, LAST, AFTER = date(2025, 9, 26), date(2025, 9, 29), date(2025, 11, 7), date(2025, 11, 10)
RULE = "us_affiliates_2025_09"
shares = st.floats(min_value=0.0, max_value=1.0)


def ruled(day: date, *, policy=HISTORICAL, **changes):
    """The answer about a chip that no other rule catches, sold to a buyer whose parent is listed since 2019."""
    return policy.review(sale("L20", day, **{"buyer": "a venture", "parent": "Huawei"} | changes), EMPTY_RECORD, "US")


def refused_by(ruling) -> tuple[str | None, str | None]:
    """Paragraph and instrument of a denial."""
    assert ruling.permitted == (ruling.licence != "deny")
    return (None, None) if ruling.permitted else (ruling.paragraph, ruling.instrument)


@pytest.mark.parametrize(
    ("day", "share", "instrument"),
    [
        (BEFORE, 1.0, "us_entities_2019_05"), (BEFORE, 0.99, None), (BEFORE, 0.5, None),
        (FIRST, 1.0, "us_entities_2019_05"), (FIRST, 0.99, RULE), (FIRST, 0.5, RULE), (FIRST, 0.49, None),
        (LAST, 0.5, RULE), (AFTER, 0.5, None), (AFTER, 0.99, None), (AFTER, 1.0, "us_entities_2019_05"),
    ],
)
def test_a_listed_owner_counts_by_its_share_and_the_day(day, share, instrument):
    expected = (None, None) if instrument is None else ("744.11", instrument)
    assert refused_by(ruled(day, parent_share=share)) == expected


@given(share=shares)
def test_a_listed_buyer_is_refused_whoever_owns_it(share):
    for day in (BEFORE, FIRST, AFTER):
        for parent in ("nobody", "Huawei"):
            assert not ruled(day, buyer="Zhipu AI", parent=parent, parent_share=share).permitted
    assert ruled(FIRST, buyer="Zhipu AI", parent="nobody").instrument == "us_entities_2025_01"


@given(share=shares, more=shares, threshold=shares)
def test_a_larger_share_of_a_listed_owner_never_helps(share, more, threshold):
    policy = HISTORICAL.amended("other share", replace(AFFILIATES_2025_09, share=threshold))
    low, high = sorted((share, more))
    if not ruled(FIRST, policy=policy, parent_share=low).permitted:
        assert not ruled(FIRST, policy=policy, parent_share=high).permitted
    assert ruled(FIRST, policy=policy, parent_share=share).permitted == (share < min(threshold, 1.0))


@given(share=shares)
def test_an_owner_that_is_not_listed_changes_nothing(share):
    assert ruled(FIRST, parent="a group", parent_share=share) == ruled(FIRST, parent="a group")


def test_the_affiliates_rule_is_nothing_without_listings():
    bare = HISTORICAL
    for name in [one.name for one in HISTORICAL.instruments if one.kind == "EntityListing"]:
        bare = bare.without(name)
    assert ruled(FIRST, policy=bare, parent_share=0.75).permitted and ruled(FIRST, policy=bare).permitted


def test_without_the_affiliates_rule_there_is_nothing_to_suspend():
    names = {one.name for one in HISTORICAL.without(RULE).instruments}
    assert "us_affiliates_suspended_2025_11" not in names
    assert ruled(FIRST, policy=HISTORICAL.without(RULE), parent_share=0.75).permitted


def test_where_several_rules_deny_the_one_on_the_chip_is_named():
    h100 = HISTORICAL.review(sale("H100 SXM", FIRST, parent="Huawei", parent_share=0.5), EMPTY_RECORD, "US")
    assert refused_by(h100) == ("3A090.a", "us_3a090_2023_10")


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_military_end_use_is_refused_whoever_owns_the_buyer(share):
    for day in (BEFORE, FIRST, AFTER):
        ruling = ruled(day, parent="an institute", parent_share=share, end_use="military")
        assert refused_by(ruling) == ("744.21", "us_military_end_use_2020")


@pytest.mark.parametrize("share", [-0.1, 1.01, float("nan")])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(InputError, match=f"transaction.parent_share = {share} is outside its range 0 to 1"):
        sale("L20", FIRST, parent_share=share)


def test_the_share_of_the_rule_is_declared():
    (share,) = [one for one in HISTORICAL.parameters() if one.path == f"policy.{RULE}.share"]
    assert (share.value, share.unit, share.basis, share.source) == (0.5, "1", "measured", "90-fr-47201")
