"""Country groups."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from abm.errors import InputError
from abm.policy import EMPTY_RECORD, HISTORICAL
from abm.policy.countries import GROUP, countries_in, group_of
from tests.policy.sales import sale


def test_countries_stand_where_the_rules_put_them():
    assert {code: group_of(code) for code in ("CN", "MO", "VN", "AE", "MY", "SG", "JP")} == {
        "CN": "D:5", "MO": "D:5", "VN": "D:1", "AE": "D:4", "MY": "other", "SG": "A:6", "JP": "A:5"}
    assert {group_of(code) for code in ("KH", "IQ", "LB", "AF", "NI", "SO", "ZW")} == {"D:5"}


def test_every_code_of_iso_3166_has_one_group():
    assert len(GROUP) == 249 and all(len(code) == 2 and code.isupper() and code.isalpha() for code in GROUP)
    assert Counter(GROUP.values()) == {"other": 157, "A:5": 37, "D:5": 25, "D:1": 13, "D:4": 9, "A:6": 8}


def test_groups_and_codes_may_be_mixed():
    mixed = countries_in("D:1", "CN")
    assert "CN" in mixed and "VN" in mixed and "RU" not in mixed


@pytest.mark.parametrize(("country", "licence"), [
    ("KH", "deny"), ("LB", "deny"), ("YE", "approve"), ("PK", "approve"), ("IL", None), ("CY", None), ("IN", None),
    ("TW", None), ("SG", None), ("MY", None), ("AQ", None)])
def test_allies_and_countries_in_no_group_of_concern_are_out_of_scope_of_3a090(country, licence):
    ruling = HISTORICAL.review(sale("H100 SXM", date(2024, 6, 3), destination=country), EMPTY_RECORD, "US")
    assert ruling.licence == licence


@pytest.mark.parametrize(
    ("code", "says"), [("XX", 'unknown country "XX"'), ("cn", r'unknown country "cn" \(did you mean "CN"\?\)')])
def test_an_unknown_code_is_refused(code, says):
    with pytest.raises(InputError, match=says):
        countries_in(code)
