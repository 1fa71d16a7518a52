"""Every number cites a source that exists, and every source is cited."""

from __future__ import annotations

import ast
import csv
import tomllib
from collections.abc import Iterable, Mapping

from tests.house.source_tree import ROOT, Source, report, sources

SCENARIO = ROOT / "abm" / "scenario"
FIELDS = ("title", "where", "date")


def cited(files: Iterable[Source]) -> dict[str, str]:
    """Source keys that code cites by keyword, each with one place where it does."""
    places = {}
    for source in files:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.keyword) and node.arg == "source":
                constants = (one for one in ast.walk(node.value) if isinstance(one, ast.Constant))
                places |= {one.value: source.at(one, "") for one in constants if isinstance(one.value, str)}
    return places


def cited_by_tables() -> dict[str, str]:
    """Source keys in the source columns of the scenario's tables, each with one place; several are parted by a space."""
    places = {}
    for path in sorted(SCENARIO.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as handle:
            for line, row in enumerate(csv.DictReader(handle), start=2):
                keys = row.get("source", "").replace(";", " ").split()
                places |= {key: f"{path.name}:{line}" for key in keys}
    return places


def bad_entries(entries: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Sources that do not say what they are, where they are found and when they were made."""
    return [f"source {key} has no {field}" for key, entry in entries.items() for field in FIELDS if not entry.get(field)]


def known() -> dict[str, dict[str, str]]:
    """The register of sources."""
    return tomllib.loads((SCENARIO / "sources.toml").read_text(encoding="utf-8"))


def all_cited() -> dict[str, str]:
    """Every source key that the project cites."""
    return cited(sources("abm")) | cited_by_tables()


def test_every_cited_source_is_known():
    entries = known()
    found = [f"{place} cites the unknown source {key}" for key, place in all_cited().items() if key not in entries]
    assert not found, report(found)


def test_every_known_source_is_cited():
    found = sorted(known().keys() - all_cited().keys())
    assert not found, report([f"nothing cites the source {key}" for key in found])


def test_every_source_says_what_where_and_when():
    found = bad_entries(known())
    assert not found, report(found)


def test_every_table_of_the_world_has_a_source_column():
    for path in sorted(SCENARIO.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
        assert rows and all(row.get("source", "").strip() for row in rows), f"{path.name} has rows without a source"


def test_bad_sources_are_noticed():
    text = 'x = number(1.0, "1", "a", source="nowhere-2025", basis="assumed", low=0, high=2)'
    assert list(cited([Source("abm/scenario/x.py", text)])) == ["nowhere-2025"]
    assert len(bad_entries({"a": {"title": "A", "where": "B"}, "b": {"title": "", "where": "x", "date": "2020"}})) == 2
