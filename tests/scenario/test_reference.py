"""The scenario: every number is declared and graded, variations are new values, and unknown names are refused."""

from __future__ import annotations

import csv
import json
import math
import re
import tomllib
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from abm.scenario.actors import FOLDER
from abm.scenario.declare import BASES, Declared
from abm.scenario.reference import HISTORY_2025, SECTIONS

PARAMETERS = HISTORY_2025.parameters()
BY_PATH = {one.path: one for one in PARAMETERS}
SOURCES = tomllib.loads((FOLDER / "sources.toml").read_text(encoding="utf-8"))
TABLES = ("actors", "fleets", "labs", "products", "securities", "shareholders")
SHORTEST_REASON = 150
"""Characters below which a note cannot give a reason."""


def value_at(scenario, path: str) -> float:
    """The number at a path such as ``demand.token_price``."""
    section, name = path.split(".")
    return getattr(getattr(scenario, section), name)


def inside(one: Declared) -> st.SearchStrategy:
    """Any value that a declared number may take."""
    if isinstance(one.value, int):
        return st.integers(math.ceil(one.low), math.floor(one.high))
    return st.floats(one.low, one.high)


def outside(one: Declared) -> st.SearchStrategy:
    """Any finite value that a declared number may not take."""
    if isinstance(one.value, int):
        return st.integers(max_value=math.ceil(one.low) - 1) | st.integers(min_value=math.floor(one.high) + 1)
    return st.floats(max_value=one.low, exclude_max=True, allow_infinity=False) | st.floats(
        min_value=one.high, exclude_min=True, allow_infinity=False)


def refusal(changes: dict) -> str:
    """The one sentence with which a variation is refused."""
    with pytest.raises(InputError) as refused:
        HISTORY_2025.vary(changes)
    message = str(refused.value)
    assert "\n" not in message and not re.search(r"[.!?;] [A-Z]", message), message
    return message


# parameters -------------------------------------------------------------------------------------------------


def test_every_section_is_listed_and_no_path_appears_twice():
    assert {one.path.split(".")[0] for one in PARAMETERS} == set(SECTIONS)
    assert len(BY_PATH) == len(PARAMETERS) > 100


@pytest.mark.parametrize("one", PARAMETERS, ids=lambda one: one.path)
def test_every_number_says_what_it_is_and_where_it_is_from(one):
    assert one.unit and one.meaning and one.source and one.basis in BASES
    assert one.low <= one.value <= one.high and one.low < one.high
    assert one.value == value_at(HISTORY_2025, one.path)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_number_of_a_section_is_left_undeclared(section):
    group = getattr(HISTORY_2025, section)
    bare = [
        one.name
        for one in fields(group)
        if isinstance(getattr(group, one.name), (int, float)) and f"{section}.{one.name}" not in BY_PATH
    ]
    assert not bare


def test_what_rests_on_an_assumption_is_never_called_measured():
    numbers = {one.path for one in PARAMETERS if one.source.startswith("assumption-") and one.basis == "measured"}
    for table in TABLES:
        with (FOLDER / f"{table}.csv").open(newline="", encoding="utf-8") as handle:
            for line, row in enumerate(csv.DictReader(handle), start=2):
                if "assumption-" in row["source"] and row["basis"] != "assumed":
                    numbers.add(f"{table}.csv:{line}")
    assert not numbers, sorted(numbers)


@pytest.mark.parametrize("key", [key for key in SOURCES if key.startswith("assumption-")])
def test_an_assumption_says_that_it_is_one_and_why(key):
    note = SOURCES[key]["note"]
    assert "assumption" in note.lower() or "assumed" in note
    assert 2 <= len(re.findall(r"[.:;] ", note)) and len(note) > SHORTEST_REASON


# variations -------------------------------------------------------------------------------------------------


@given(st.data())
def test_any_value_inside_its_range_is_accepted(data):
    one = data.draw(st.sampled_from(PARAMETERS))
    value = data.draw(inside(one))
    assert value_at(HISTORY_2025.vary({one.path: value}), one.path) == value


@given(st.data())
def test_any_value_outside_its_range_is_refused_with_field_value_and_bound(data):
    one = data.draw(st.sampled_from(PARAMETERS))
    value = data.draw(outside(one))
    side, bound = ("below its lower", one.low) if value < one.low else ("above its upper", one.high)
    assert refusal({one.path: value}) == f"{one.path} = {value} is {side} bound {bound} {one.unit}"


@pytest.mark.parametrize("one", PARAMETERS, ids=lambda one: one.path)
def test_both_ends_of_every_range_may_be_taken(one):
    kind = int if isinstance(one.value, int) else float
    for end in (one.low, one.high):
        assert value_at(HISTORY_2025.vary({one.path: kind(end)}), one.path) == end


def test_a_variation_leaves_the_original_and_everything_else_as_it_was():
    varied = HISTORY_2025.vary({"demand.token_price": 1.5, "demand.contract_months": 1, "conduct.tolerance": 0.0})
    assert HISTORY_2025.parameters() == PARAMETERS
    changed = {one.path for one, was in zip(varied.parameters(), PARAMETERS, strict=True) if one != was}
    assert changed == {"demand.token_price", "demand.contract_months", "conduct.tolerance"}
    assert varied.technology is HISTORY_2025.technology and varied.table_rows() == HISTORY_2025.table_rows()


def test_a_variation_of_nothing_and_one_taken_back_are_the_original():
    assert HISTORY_2025.vary({}) == HISTORY_2025
    there = HISTORY_2025.vary({"demand.contract_months": 1})
    assert there != HISTORY_2025
    assert there.vary({"demand.contract_months": HISTORY_2025.demand.contract_months}) == HISTORY_2025


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("demand.token_prize", 1.0, 'unknown scenario value "demand.token_prize" (did you mean "demand.token_price"?)'),
        ("demands.token_price", 1.0, 'unknown scenario value "demands.token_price" (did you mean "demand.token_price"?)'),
        ("token_price", 1.0, 'unknown scenario value "token_price" (did you mean "demand.token_price"?)'),
        ("demand.token_price", math.nan, "demand.token_price = nan is not finite (range 0.1 to 5.0)"),
        ("demand.token_price", math.inf, "demand.token_price = inf is not finite (range 0.1 to 5.0)"),
        ("demand.token_price", "1", "demand.token_price = '1' is not a number (unit: USD/million token)"),
        ("demand.token_price", None, "demand.token_price = None is not a number (unit: USD/million token)"),
        ("demand.token_price", True, "demand.token_price = True is not a number (unit: USD/million token)"),
        ("demand.contract_months", 1.5, "demand.contract_months = 1.5 is not a whole number (unit: month)"),
    ],
)
def test_a_bad_variation_is_refused_in_one_sentence(path, value, sentence):
    assert refusal({"conduct.tolerance": 1.0, path: value}) == sentence


@pytest.mark.parametrize("path", ["", "demand", "demand.", "shareholders.members", "capital.salience_dates"])
def test_what_is_not_a_declared_number_cannot_be_varied(path):
    assert refusal({path: 1.0}).startswith(f'unknown scenario value "{path}"')


# names in tables --------------------------------------------------------------------------------------------


def with_first(table: str, **cells):
    """The historical scenario with other cells in the first row of a table."""
    first, *rest = getattr(HISTORY_2025, table)
    return replace(HISTORY_2025, **{table: (replace(first, **cells), *rest)})


@pytest.mark.parametrize(
    ("table", "cells", "sentence"),
    [
        ("fleets", {"owner": "volcan"}, 'unknown owner in the fleets "volcan" (did you mean "volcano"?)'),
        ("fleets", {"owner": "nvidia"}, 'unknown owner in the fleets "nvidia"'),
        ("fleets", {"chip": "A100 SXM 80"}, 'unknown chip in the fleets "A100 SXM 80" (did you mean "A100 SXM 80GB"?)'),
        ("products", {"vendor": "nvida"}, 'unknown vendor in the products "nvida" (did you mean "nvidia"?)'),
        ("products", {"chip": "H20 SMX"}, 'unknown chip in the products "H20 SMX" (did you mean "H20 SXM"?)'),
        ("labs", {"id": "deepseak"}, 'unknown lab "deepseak" (did you mean "deepseek"?)'),
        ("labs", {"trains_at": (("highflyer", 1.0),)}, 'unknown cloud in trains_at "highflyer" (did you mean "high_flyer"?)'),
        ("releases", {"lab": "deepsea"}, 'unknown lab in the releases "deepsea" (did you mean "deepseek"?)'),
    ],
)
def test_a_name_that_nobody_bears_is_refused_with_the_nearest(table, cells, sentence):
    with pytest.raises(InputError) as refused:
        with_first(table, **cells)
    assert str(refused.value).startswith(sentence)


def test_an_empty_horizon_is_refused():
    with pytest.raises(InputError, match="until = 2024-12-31 is before start = 2025-01-01"):
        replace(HISTORY_2025, until=date(2024, 12, 31))


def test_the_tables_of_a_scenario_are_plain_text():
    rows = HISTORY_2025.table_rows()
    assert json.loads(json.dumps(rows))["releases"][0]["released"] == "2025-01-20"
    assert all(len(rows[table]) == len(getattr(HISTORY_2025, table)) for table in rows)


def test_the_historical_scenario_starts_after_its_last_models_and_before_the_given_release():
    assert all(lab.released < HISTORY_2025.start for lab in HISTORY_2025.labs)
    assert all(release.released >= HISTORY_2025.start for release in HISTORY_2025.releases)
