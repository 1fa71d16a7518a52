"""Declared numbers and tables: what is accepted, and the one sentence with which anything else is refused."""

from __future__ import annotations

import math
import re
from dataclasses import FrozenInstanceError, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from abm.scenario.declare import Declared, Section, non_negative, number, optional, read_table, text


@dataclass(frozen=True, kw_only=True)
class Pump(Section):
    """A section of two numbers and a word that is not declared."""

    flow: float = number(2.5, "m3/h", "water moved", source="pump-label", basis="measured", low=-1.0, high=4.0, fit=True)
    stages: int = number(3, "stage", "wheels in a row", source="pump-label", basis="assumed", low=1, high=9)
    maker: str = "someone"


COLUMNS = {"name": text, "price": non_negative, "weight": optional(non_negative)}


def sentence_of(refused: pytest.ExceptionInfo) -> str:
    """The message, which must be one sentence on one line."""
    message = str(refused.value)
    assert message and "\n" not in message and not re.search(r"[.!?;] [A-Z]", message), message
    return message


def table(tmp_path, content: str | bytes):
    """A file with the content."""
    path = tmp_path / "pumps.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@given(flow=st.floats(-1.0, 4.0), stages=st.integers(1, 9))
def test_any_value_inside_the_range_is_accepted_and_kept(flow, stages):
    pump = Pump(flow=flow, stages=stages)
    assert (pump.flow, pump.stages) == (flow, stages)


@given(flow=st.floats(max_value=-1.0, exclude_max=True, allow_infinity=False))
def test_any_value_below_the_range_is_refused_with_field_value_and_bound(flow):
    with pytest.raises(InputError) as refused:
        Pump(flow=flow)
    assert sentence_of(refused) == f"pump.flow = {flow} is below its lower bound -1.0 m3/h"


@given(stages=st.integers(min_value=10))
def test_any_value_above_the_range_is_refused_with_field_value_and_bound(stages):
    with pytest.raises(InputError) as refused:
        Pump(stages=stages)
    assert sentence_of(refused) == f"pump.stages = {stages} is above its upper bound 9 stage"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(value):
    with pytest.raises(InputError) as refused:
        Pump(flow=value)
    assert sentence_of(refused) == f"pump.flow = {value} is not finite (range -1.0 to 4.0)"


@pytest.mark.parametrize("value", ["2.5", None, True, [2.5], 1j])
def test_a_value_that_is_not_a_number_is_refused(value):
    with pytest.raises(InputError) as refused:
        Pump(flow=value)
    assert sentence_of(refused) == f"pump.flow = {value!r} is not a number (unit: m3/h)"


def test_a_fraction_is_refused_where_a_whole_number_is_declared():
    with pytest.raises(InputError) as refused:
        Pump(stages=2.5)
    assert sentence_of(refused) == "pump.stages = 2.5 is not a whole number (unit: stage)"


def test_a_whole_number_may_stand_for_a_fraction():
    assert Pump(flow=2).flow == 2


def test_a_grade_that_does_not_exist_is_refused():
    with pytest.raises(InputError) as refused:
        number(1.0, "1", "a", source="b", basis="guessed", low=0, high=2)
    assert sentence_of(refused) == 'basis = "guessed" is not one of measured, estimated, assumed'


def test_a_section_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Pump().flow = 1.0


def test_a_section_lists_its_declared_numbers_with_their_present_values():
    flow, stages = Pump(flow=3.5).declared("plant")
    assert flow == Declared("plant.flow", 3.5, "m3/h", "water moved", "pump-label", "measured", -1.0, 4.0, True)
    assert (stages.path, stages.value, stages.basis, stages.fit) == ("plant.stages", 3, "assumed", False)


def test_a_table_is_read_by_its_columns_in_any_order(tmp_path):
    path = table(tmp_path, "price, weight ,name\n 2.5,?,a\n\n0,,b\n1,7,c\n")
    assert read_table(path, COLUMNS, "pumps") == [
        {"price": 2.5, "weight": None, "name": "a"},
        {"price": 0.0, "weight": None, "name": "b"},
        {"price": 1.0, "weight": 7.0, "name": "c"},
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "pumps file pumps.csv is empty, expected the columns name, price, weight"),
        ("name,price,weight\n", "pumps file pumps.csv has no rows"),
        ("name,price,weight\n,,\n\n", "pumps file pumps.csv has no rows"),
        ("name,price\na,1\n", 'pumps file pumps.csv lacks the column "weight"'),
        ("name,prise,weight\na,1,2\n", 'unknown column in pumps file pumps.csv "prise" (did you mean "price"?)'),
        ("name,price,weight,Q\na,1,2,3\n", 'unknown column in pumps file pumps.csv "Q" (valid: name, price, weight)'),
        ("name,price,name,weight\na,1,b,2\n", 'pumps file pumps.csv has the column "name" twice'),
        ("name,price,weight\na,1\n", "pumps file pumps.csv, line 2: 2 fields where 3 are expected"),
        ("name,price,weight\na,1,2\n\nb,1,2,3\n", "pumps file pumps.csv, line 4: 4 fields where 3 are expected"),
        ("name,price,weight\na,1,2\n,1,2\n", "pumps file pumps.csv, line 3: name is empty"),
        ("name,price,weight\na,dear,2\n", 'pumps file pumps.csv, line 2: price = "dear" is not a valid value'),
        ("name,price,weight\na,,2\n", 'pumps file pumps.csv, line 2: price = "" is not a valid value'),
        ("name,price,weight\na,-1,2\n", "pumps file pumps.csv, line 2: price = -1 is outside its range 0 to infinity"),
        ("name,price,weight\na,1,nan\n", "pumps file pumps.csv, line 2: weight = nan is outside its range 0 to infinity"),
        ("name,price,weight\na,inf,2\n", "pumps file pumps.csv, line 2: price = inf is outside its range 0 to infinity"),
    ],
)
def test_a_malformed_table_is_refused_with_file_line_field_and_value(tmp_path, content, sentence):
    with pytest.raises(InputError) as refused:
        read_table(table(tmp_path, content), COLUMNS, "pumps")
    assert sentence_of(refused) == sentence


@pytest.mark.parametrize("content", [b'name,price,weight\n"a,1,2\n', b"name,price,weight\n\xff\xfe,1,2\n", b'name\n"a"b\n'])
def test_a_file_that_is_not_csv_is_refused(tmp_path, content):
    with pytest.raises(InputError) as refused:
        read_table(table(tmp_path, content), COLUMNS, "pumps")
    assert sentence_of(refused).startswith("pumps file pumps.csv is not a readable CSV file (")


@pytest.mark.parametrize("name", ["none.csv", ""])
def test_a_file_that_does_not_exist_is_refused(tmp_path, name):
    with pytest.raises(InputError) as refused:
        read_table(tmp_path / name, COLUMNS, "pumps")
    assert sentence_of(refused) == f"pumps file {(tmp_path / name).name} does not exist"
