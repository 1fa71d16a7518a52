"""Tests that share a finished model get the same one, as its run left it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.laws.runs import digests, finished, shared

UNTIL = date(2025, 1, 3)


def test_a_shared_model_is_run_once_and_is_what_a_run_of_its_own_is():
    assert shared(UNTIL) is shared(UNTIL) is not shared(UNTIL, seed=2)
    assert digests(shared(UNTIL)) == digests(finished(UNTIL)) != digests(shared(UNTIL, seed=2))


def test_a_test_that_changes_a_shared_model_is_found_out():
    model = shared(UNTIL, seed=3)
    lab = model.labs["openai"]
    kept, lab.failures = lab.failures, lab.failures + 1
    with pytest.raises(AssertionError, match="a test changed"):
        shared(UNTIL, seed=3)
    lab.failures = kept
    assert shared(UNTIL, seed=3) is model
