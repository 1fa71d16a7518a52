"""Errors that name what is valid, and say so where nothing is."""

from __future__ import annotations

from abm.errors import unknown


def test_an_unknown_name_is_answered_by_the_nearest_by_all_or_by_none():
    assert str(unknown("run", "histori", ["historical"])) == 'unknown run "histori" (did you mean "historical"?)'
    assert str(unknown("run", "x", ["beta", "alpha"])) == 'unknown run "x" (valid: alpha, beta)'
    assert str(unknown("run", "x", [])) == 'unknown run "x" (there is none)'
