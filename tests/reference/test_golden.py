"""Results move only on purpose: a few runs have the digests that were kept, on every Python and processor."""

from __future__ import annotations

import pytest

from abm.errors import InputError
from tests.reference.refresh import CASES, CHANGELOG, COMMAND, GOLDEN, complaint, newest_reason, reasons, stored


@pytest.mark.smoke
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_results_have_not_moved(case):
    expected, found = stored()["digests"].get(case.name), case.digest()
    assert found == expected, complaint(case.name, expected, found)


def test_the_file_keeps_these_cases_and_no_others():
    names = [case.name for case in CASES]
    assert list(stored()["digests"]) == names, f"{GOLDEN.name} has other cases: run `{COMMAND}`"
    assert len(set(stored()["digests"].values())) == len(names)


def test_the_changelog_says_why_results_last_moved():
    assert stored()["because"] in reasons(CHANGELOG.read_text(encoding="utf-8"))


def test_the_complaint_tells_what_to_do():
    said = complaint("a run", "aa", "bb")
    assert COMMAND in said and "CHANGELOG.md" in said and "Changes results:" in said


CHANGES = """# Changelog
Lines that begin with `Changes results:` own up.
## Unreleased
- Changes results: brokers wait
  longer.
- A figure.
## 0.1.0
- Changes results: first version.
"""


def test_reasons_are_read_whole():
    assert newest_reason(CHANGES) == "- Changes results: brokers wait longer."
    assert reasons(CHANGES) == ["- Changes results: brokers wait longer.", "- Changes results: first version."]


def test_no_reason_is_refused():
    with pytest.raises(InputError, match="CHANGELOG.md has no line"):
        newest_reason(CHANGES.replace("- Changes results: brokers", "- Brokers"))
