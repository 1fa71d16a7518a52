"""The catalogue of chips: what it holds, that its numbers agree with each other, and how bad tables are refused."""

from __future__ import annotations

from datetime import date

import pytest

from abm.errors import InputError
from abm.scenario.catalogue import CHIPS_FILE, PRODUCT_LINES, chip_named, load_chips

CHIPS = load_chips()
LINES = CHIPS_FILE.read_text(encoding="utf-8").splitlines()
HEADER = LINES[0].split(",")


def test_all_chips_are_there_once():
    assert len(CHIPS) == len({chip.name for chip in CHIPS}) == 39
    assert {chip.product_line for chip in CHIPS} == set(PRODUCT_LINES)


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_performance_is_the_maximum_over_precisions(chip):
    """TPP = max of dense TOPS x bit length (15 CFR 774 Supp. 1, 3A090, technical notes)."""
    products = [rate * bits for rate, bits in ((chip.fp16_tflops, 16), (chip.fp8_tops, 8), (chip.fp4_tops, 4)) if rate]
    assert chip.tpp == pytest.approx(max(products))


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_rows_make_sense(chip):
    assert chip.released.day == 1 and chip.source and chip.confidence in ("high", "medium", "low")
    assert chip.price_low is None or chip.price_low <= chip.price_usd <= chip.price_high
    assert chip.sold_from is None or chip.sold_from >= chip.released
    assert chip.datacentre == (chip.product_line != "consumer")


def test_the_h20_is_as_its_data_sheet_says():
    h20 = chip_named("H20 SXM", CHIPS)
    assert (h20.tpp, h20.bandwidth_gbs, h20.interconnect_gbs, h20.price_usd) == (2368, 4000, 900, 10_500)
    assert h20.performance_density == pytest.approx(2.91, abs=0.005) and h20.traffic_gbs == 4900
    assert h20.made_for == "CN" and h20.foreign_to_china


def test_unknown_numbers_stay_unknown():
    kunlun = chip_named("Kunlun P800", CHIPS)
    assert kunlun.performance_density is None and kunlun.bandwidth_gbs is None and kunlun.traffic_gbs is None
    assert not kunlun.foreign_to_china


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("A800 SXM", date(2022, 11, 1), date(2023, 11, 30)), ("A100 SXM 80GB", date(2020, 11, 1), date(2023, 12, 31)),
     ("H20 SXM", date(2024, 2, 1), None)],
)
def test_chips_are_sold_in_their_window(name, first, last):
    chip = chip_named(name, CHIPS)
    assert chip.on_sale(first) and not chip.on_sale(date.fromordinal(first.toordinal() - 1))
    assert chip.on_sale(last or date(2030, 1, 1))
    assert last is None or not chip.on_sale(date.fromordinal(last.toordinal() + 1))


def test_chips_that_are_not_sold_are_never_on_sale():
    assert not chip_named("TPU v4", CHIPS).on_sale(date(2025, 1, 1))


def test_an_unknown_chip_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match='unknown chip "H20".*did you mean "H20 SXM"'):
        chip_named("H20", CHIPS)


def changed(tmp_path, column: str, value: str):
    """A copy of the table whose H100 (line 4) has another value in one column."""
    cells = LINES[3].split(",")
    cells[HEADER.index(column)] = value
    path = tmp_path / "mine.csv"
    path.write_text("\n".join([*LINES[:3], ",".join(cells), *LINES[4:]]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("tpp", "fast", 'chips file mine.csv, line 4: tpp = "fast" is not a number above 0'),
        ("tpp", "", 'line 4: tpp = "" is not a number above 0'),
        ("die_mm2", "-814", "line 4: die_mm2 = -814 is not a finite number above 0"),
        ("bandwidth_tbs", "nan", "line 4: bandwidth_tbs = nan is not a finite number above 0"),
        ("memory_gb", "inf", "line 4: memory_gb = inf is not a finite number above 0"),
        ("name", "A800 SXM", 'line 4: name = "A800 SXM" appears twice'),
        ("name", "", "line 4: name is empty"),
        ("released", "2022-13", 'line 4: released = "2022-13" is not a date of the form 2024-02-01'),
        ("datacentre", "maybe", 'line 4: datacentre = "maybe" is not one of yes, no'),
        ("product_line", "pci", 'line 4: product_line = "pci" is not one of hbm, pcie, consumer (did you mean "pcie"?)'),
        ("vendor_country", "usa", 'line 4: vendor_country = "usa" is not a country code of two capital letters'),
        ("price_low_usd", "30000", 'chip "H100 SXM": price_low_usd = 30000.0 is above price_high_usd = 27000.0'),
        ("price_low_usd", "", "must both be given or both be empty"),
        ("sold_until", "2021-01-01", "sold_until = 2021-01-01 is before sold_from = 2022-10-01"),
    ],
)
def test_a_bad_cell_is_refused_in_one_sentence(tmp_path, column, value, sentence):
    with pytest.raises(InputError) as refused:
        load_chips(changed(tmp_path, column, value))
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "chips file mine.csv is empty, expected the columns name, vendor"),
        (LINES[0], "chips file mine.csv has no rows"),
        (LINES[0].replace("tpp,", "") + "\n" + LINES[1], 'chips file mine.csv lacks the column "tpp"'),
        (LINES[0].replace("tpp,", "tp,") + "\n" + LINES[1], 'unknown column in chips file mine.csv "tp"'),
        (LINES[0] + "\n" + LINES[1] + ",surplus", "line 2: 24 fields where 23 are expected"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_chips(path)
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(InputError, match="chips file none.csv does not exist"):
        load_chips(tmp_path / "none.csv")
