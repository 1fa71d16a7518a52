"""A user's own table of chips: read as it is, classified, and refused in one sentence where a cell is bad."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from abm.errors import InputError
from abm.policy.classification import classify
from abm.scenario.catalogue import chip_named, load_chips
from abm.scenario.user_chips import absent_columns, read_chips
from tests.policy.test_classification import VINTAGES

OWN = Path(__file__).parents[1] / "reference" / "own_chips.csv"
LINES = OWN.read_text(encoding="utf-8").splitlines()
HEADER = LINES[0].split(",")
SHORT = {
    None: "-", "3A090": "C", "3A090.a": "a", "3A090.a NAC": "a(NAC)", "3A090.b.1": "b.1", "3A090.b.2": "b.2",
    "letter 2025-04": "L", "?": "?"}
REVIEW = {None: "n/a", "case_by_case": "CBC", "deny": "deny", "unknown": "?"}
COLUMN = {"review_2026_01": "cn_review_2026_01"}
AGREES = ("vendor", "tpp", "die_mm2", "bandwidth_tbs", "interconnect_gbs", "datacentre")


def table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_chips_are_those_of_the_catalogue_where_both_have_them():
    catalogue = load_chips()
    for chip in read_chips(OWN)[:-1]:
        other = chip_named(chip.name, catalogue)
        assert {name: getattr(chip, name) for name in AGREES} == {name: getattr(other, name) for name in AGREES}


def test_every_chip_has_the_class_that_its_row_says():
    with OWN.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    for chip, row in zip(read_chips(OWN), rows, strict=True):
        found = {COLUMN.get(name, name): classify(policy, chip, date(2026, 2, 2)) for name, policy in VINTAGES.items()}
        told = {name: SHORT[one.paragraph] for name, one in found.items() if name in row and name != "cn_review_2026_01"}
        told["cn_review_2026_01"] = REVIEW[found["cn_review_2026_01"].licence_policy]
        assert told == {name: row[name] for name in told} and len(told) == len(VINTAGES), chip.name


def test_what_is_not_given_is_unknown():
    design = read_chips(OWN)[-1]
    assert (design.name, design.vendor, design.tpp) == ("A design", "", 1600.0)
    assert (design.die_mm2, design.interconnect_gbs, design.datacentre, design.memory_gb) == (None,) * 4
    assert design.sold_from is None and not design.on_sale(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("columns", "cells", "tpp"),
    [("fp16_dense_tflops", "100", 1600.0), ("fp8_int8_dense", "300", 2400.0), ("fp4_dense", "900", 3600.0),
     ("fp16_dense_tflops,fp8_int8_dense,fp4_dense", "100,300,500", 2400.0), ("fp16_dense_tflops,tpp", "100,7000", 7000.0),
     ("fp16_dense_tflops,tpp", "100,?", 1600.0), ("tpp", "0.5", 0.5)],
)
def test_performance_is_the_maximum_over_precisions_unless_it_is_given(tmp_path, columns, cells, tpp):
    assert read_chips(table(tmp_path, f"name,{columns}", f"X,{cells}"))[0].tpp == tpp


def test_columns_may_be_few_in_any_order_and_marked_by_a_spreadsheet(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes("\ufeffdatacentre,tpp,name,colour\r\nyes,5000,X,red\r\n\r\n".encode())
    (chip,) = read_chips(path)
    assert (chip.name, chip.tpp, chip.datacentre, chip.die_mm2) == ("X", 5000.0, True, None)
    assert absent_columns(path) == ("die_mm2", "mem_bw_tbs", "io_gbs") and absent_columns(OWN) == ()


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("tpp", "fast", 'chips file mine.csv, line 3: tpp = "fast" is not a number above 0'),
        ("tpp", "-1", "line 3: tpp = -1 is not a finite number above 0"),
        ("tpp", "0", "line 3: tpp = 0 is not a finite number above 0"),
        ("die_mm2", "-814", "line 3: die_mm2 = -814 is not a finite number above 0"),
        ("die_mm2", "0", "line 3: die_mm2 = 0 is not a finite number above 0"),
        ("mem_bw_tbs", "nan", "line 3: mem_bw_tbs = nan is not a finite number from 0"),
        ("mem_bw_tbs", "-0.1", "line 3: mem_bw_tbs = -0.1 is below its lower bound 0"),
        ("io_gbs", "inf", "line 3: io_gbs = inf is not a finite number from 0"),
        ("io_gbs", "1e10", "line 3: io_gbs = 1e10 is above its upper bound 1e+09"),
        ("fp4_dense", "1e999", "line 3: fp4_dense = 1e999 is not a finite number above 0"),
        ("name", "H20 SXM", 'line 3: name = "H20 SXM" appears twice'),
        ("name", "", "line 3: name is empty"),
        ("datacentre", "maybe", 'line 3: datacentre = "maybe" is not one of yes, no'),
        ("datacentre", "Yes", 'line 3: datacentre = "Yes" is not one of yes, no (did you mean "yes"?)'),
    ],
)
def test_a_bad_cell_is_refused_in_one_sentence(tmp_path, column, value, sentence):
    cells = LINES[2].replace('"K,E,A"', "K").split(",")
    cells[HEADER.index(column)] = value
    with pytest.raises(InputError) as refused:
        read_chips(table(tmp_path, *LINES[:2], ",".join(cells)))
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (("name,tpp",), "chips file mine.csv has no rows"),
        (("tpp", "1"), 'chips file mine.csv lacks the column "name"'),
        (("name,die_mm2", "X,1"), "needs one of the columns fp16_dense_tflops, fp8_int8_dense, fp4_dense, tpp"),
        (("name,tpp,fp4_dense", "X,,?"), "line 2: one of fp16_dense_tflops, fp8_int8_dense, fp4_dense, tpp must be given"),
        (("name,tpp,die_area_mm2", "X,1,2"), 'unknown column in chips file mine.csv "die_area_mm2" (did you mean "die_mm2"?)'),
        (("name,tpp,datacenter", "X,1,yes"), '"datacenter" (did you mean "datacentre"?)'),
        (("name,tpp,tpp", "X,1,2"), 'has the column "tpp" twice'),
        (("name,tpp", "X,1,2"), "line 2: 3 fields where 2 are expected"),
        (("name,tpp", '"X,1'), "is not a readable CSV file"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(tmp_path, lines, sentence):
    with pytest.raises(InputError) as refused:
        read_chips(table(tmp_path, *lines))
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


def test_a_missing_table_and_one_that_is_no_text_are_refused(tmp_path):
    with pytest.raises(InputError, match="chips file none.csv does not exist"):
        read_chips(tmp_path / "none.csv")
    (tmp_path / "mine.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not a readable CSV file"):
        read_chips(tmp_path / "mine.csv")
