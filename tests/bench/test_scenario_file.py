"""Scenario files: what they may say, and that whatever else they say is told in one sentence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm import HISTORY_2022, HISTORY_2025
from abm.bench.scenario_file import BASES, load_scenario, scenario_schema
from abm.errors import InputError
from abm.scenario.catalogue import CHIPS_FILE
from abm.scenario.reference import SECTIONS, Scenario
from tests.bench.fuzzed_files import PATHS, contents, scenario_text, values_within, within


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_history_under_the_name_of_the_file(tmp_path):
    scenario = load_scenario(written(tmp_path, ""))
    assert scenario.name == "mine"
    assert scenario.table_rows() == HISTORY_2025.table_rows() and scenario.parameters() == HISTORY_2025.parameters()


def test_numbers_dates_and_tables_change(tmp_path):
    chips = CHIPS_FILE.read_text(encoding="utf-8")
    (tmp_path / "my_chips.csv").write_text(chips, encoding="utf-8")
    scenario = load_scenario(written(tmp_path, (
        'name = "short"\nbase = "history_2022"\nuntil = 2024-06-30\n[demand]\ncontract_months = 1\n'
        '[technology]\nalgorithm_growth = 0.9\n[tables]\nchips = "my_chips.csv"\n')))
    assert (scenario.name, scenario.start, scenario.until) == ("short", HISTORY_2022.start, date(2024, 6, 30))
    assert (scenario.demand.contract_months, scenario.technology.algorithm_growth) == (1, 0.9)
    changed = {one.path for one, was in zip(scenario.parameters(), HISTORY_2022.parameters(), strict=True) if one != was}
    assert changed <= {"demand.contract_months", "technology.algorithm_growth"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nmae = 'x'", 'unknown key "nmae".*name'),
        ("base = 'history_2024'", 'unknown base "history_2024".*history_202'),
        ("base = 7", 'unknown base "7"'),
        ("name = 'a/b'", "name = 'a/b' must be letters"),
        ("until = 'soon'", "until = 'soon' is not a date"),
        ("until = 2026-01-01T10:00:00", "is not a date"),
        ("until = 2020-01-01", "until = 2020-01-01 is before start"),
        ("demand = 3", r"demand = 3 is not a table: write \[demand\]"),
        ("[demand]\ncontract_month = 1", 'unknown scenario value "demand.contract_month".*contract_months'),
        ("[demand]\ncontract_months = -1", "demand.contract_months = -1 is below its lower bound"),
        ("[technology]\nalgorithm_growth = nan", "technology.algorithm_growth = nan is not finite"),
        ("[demand]\ncontract_months = 'one'", "demand.contract_months = 'one' is not a number"),
        ("[demand]\ncontract_months = true", "demand.contract_months = True is not a number"),
        ("[tables]\nchip = 'x.csv'", 'unknown table "chip".*chips'),
        ("[tables]\nchips = 'none.csv'", "none.csv does not exist"),
        ("[tables]\nchips = 3", "tables.chips = 3 is not the name of a CSV file"),
        ("name = ", "not a readable TOML file"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, text, says):
    with pytest.raises(InputError, match=says) as told:
        load_scenario(written(tmp_path, text))
    assert "mine.toml" in str(told.value) and "\n" not in str(told.value)


def test_a_missing_file_names_the_nearest(tmp_path):
    written(tmp_path, "")
    with pytest.raises(InputError, match='does not exist.*"mine.toml"'):
        load_scenario(tmp_path / "mien.toml")


# schema -----------------------------------------------------------------------------------------------------


def test_the_schema_names_every_number_with_its_range():
    schema = scenario_schema()
    assert json.loads(json.dumps(schema)) == schema
    named = {
        f"{section}.{field}": about for section in SECTIONS
        for field, about in schema["properties"][section]["properties"].items()}
    assert set(named) == set(PATHS)
    for path, about in named.items():
        assert (about["minimum"], about["maximum"]) == (PATHS[path].low, PATHS[path].high)
        assert about["minimum"] <= about["default"] <= about["maximum"]
    assert schema["properties"]["base"]["enum"] == list(BASES)


# fuzzing ----------------------------------------------------------------------------------------------------

def told_or_loaded(path: Path) -> Scenario | str:
    try:
        return load_scenario(path)
    except InputError as problem:
        return str(problem)


def check_any_content(folder: Path, content: dict) -> None:
    answer = told_or_loaded(written(folder, scenario_text(content)))
    if isinstance(answer, str):
        assert answer.startswith("scenario file mine.toml") and "\n" not in answer and len(answer) < 2000
    else:
        assert set(content) <= {"name", "base", "until", "tables", *SECTIONS}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(contents)
def test_any_content_is_a_scenario_or_one_sentence(tmp_path_factory, content):
    check_any_content(tmp_path_factory.getbasetemp(), content)


@pytest.mark.full
@settings(max_examples=2000, deadline=None, derandomize=True)
@given(contents)
def test_any_content_of_many_is_a_scenario_or_one_sentence(tmp_path_factory, content):
    check_any_content(tmp_path_factory.getbasetemp(), content)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=40))
def test_any_bytes_are_a_scenario_or_one_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "mine.toml"
    path.write_bytes(content)
    answer = told_or_loaded(path)
    assert isinstance(answer, Scenario) or "\n" not in answer


@settings(max_examples=60, deadline=None, derandomize=True)
@given(within)
def test_every_value_within_its_range_is_taken(tmp_path_factory, shares):
    wanted = values_within(shares)
    text = "".join(f"{path} = {value!r}\n" for path, value in wanted.items())
    answer = told_or_loaded(written(tmp_path_factory.getbasetemp(), text))
    assert isinstance(answer, Scenario), answer
    found = {one.path: one.value for one in answer.parameters()}
    assert {path: found[path] for path in wanted} == wanted
