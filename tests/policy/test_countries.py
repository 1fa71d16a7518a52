"""Country groups."""

from __future__ import annotations

import pytest

from abm.errors import InputError
from abm.policy.countries import GROUP, countries_in, group_of


def test_countries_stand_where_the_rules_put_them():
    assert {code: group_of(code) for code in ("CN", "MO", "VN", "AE", "MY", "SG", "JP")} == {
        "CN": "D:5", "MO": "D:5", "VN": "D:1", "AE": "D:4", "MY": "B", "SG": "B", "JP": "A:1"}


def test_groups_and_codes_may_be_mixed():
    mixed = countries_in("D:1", "CN")
    assert "CN" in mixed and "VN" in mixed and "RU" not in mixed
    assert all(len(code) == 2 for code in GROUP)


def test_an_unknown_code_is_refused():
    with pytest.raises(InputError, match='unknown country "XX"'):
        countries_in("XX")
