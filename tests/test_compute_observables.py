"""Observables on the bases of public facts: they agree with the books, and measuring changes nothing."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from datetime import date
from types import SimpleNamespace

import pytest

from abm.books import USD, chip_asset
from abm.compute_observables import (
    chips_ordered,
    chips_sold,
    dense_equivalents,
    design_class,
    die_yield,
    diverted_compute,
    diverted_value,
    domestic_output,
    installed_dense_compute,
    orders_cancelled,
    shipped_to_china,
    tokens_by_region,
    units_cancelled,
    written_down,
)
from abm.model import Model
from abm.observables import OBSERVABLES
from abm.offers import Order
from abm.scenario.catalogue import load_chips
from abm.trade_counts import count_cancelled, count_ordered
from abm.units import usd
from tests.laws.runs import QUICK, ROOT, SHORT, finished, shared

BILLION = 1e9
MEASURES = (
    tokens_by_region, chips_ordered, chips_sold, die_yield, diverted_compute, diverted_value, domestic_output,
    installed_dense_compute, orders_cancelled, shipped_to_china, units_cancelled, written_down,
)


@pytest.fixture(scope="module")
def ran() -> Model:
    """A run of six weeks."""
    return shared(SHORT)


def test_measuring_changes_nothing(ran):
    before = ran.digest()
    for measure in MEASURES:
        assert all(math.isfinite(value) for value in measure(ran).values()), measure.__name__
    assert ran.digest() == before


def test_what_is_sold_is_what_was_paid(ran):
    paid = usd(ran.books.flows["chips paid", USD]) / BILLION
    assert math.fsum(chips_sold(ran).values()) == pytest.approx(paid, rel=1e-12) and paid > 1.0
    assert chips_sold(ran)["huawei/abroad"] == 0.0


def test_what_is_shipped_to_china_is_counted_once(ran):
    shipped = shipped_to_china(ran)
    assert shipped["nvidia/rule of 2023-10"] == ran.tally["to China H20 SXM"] > 0
    counted = sum(units for name, units in ran.tally.items() if name.startswith("to China "))
    assert sum(shipped.values()) == counted


def test_what_is_ordered_in_the_run_is_no_less_than_what_was_shipped_or_waits_beyond_the_opening(ran):
    on_order = math.fsum(one.quantity * one.price for one in ran.vendors["nvidia"].order_book if ran.is_chinese(one.buyer))
    opening = math.fsum(one.on_order * one.price_high for one in ran.world.products if one.vendor == "nvidia")
    ordered = chips_ordered(ran)["nvidia/CN"] * BILLION
    assert ordered + opening > on_order + chips_sold(ran)["nvidia/CN"] * BILLION > ordered * 0.5


def test_domestic_output_is_what_left_the_workshops(ran):
    made = sum(ran.books.flows.get(("finished", chip_asset(chip)), 0) for chip in ran.vendors["huawei"].products)
    assert domestic_output(ran)["huawei"] == made > 0
    assert set(domestic_output(ran)) == set(die_yield(ran)) == {"huawei", "cambricon"}


def test_a_rule_strikes_orders_and_the_money_is_counted():
    model = SimpleNamespace(tally={}, is_chinese=lambda buyer: buyer == "alibaba")
    model.count = lambda what, units: model.tally.update({what: model.tally.get(what, 0) + units})
    here, there = (Order(buyer, "nvidia", "H20 SXM", 100, 12_000.0, 3) for buyer in ("alibaba", "azure"))
    count_ordered(model, [here, there])
    count_cancelled(model, [here, there], [there])
    assert model.tally == {
        "ordered from nvidia/CN": 120_000_000, "ordered from nvidia/abroad": 120_000_000,
        "cancelled at nvidia/CN": 120_000_000, "cancelled units H20 SXM": 100}


def test_the_letter_cancels_what_the_event_log_says():
    model = finished(date(2025, 4, 18), world=QUICK)
    told = [sentence for day, actor, kind, sentence in model.record.events if kind == "orders cancelled" and actor == "nvidia"]
    counts = [re.search(r"orders for ([\d,]+) H20 SXM", sentence) for sentence in told]
    units = sum(int(count[1].replace(",", "")) for count in counts if count)
    assert units_cancelled(model)["H20 SXM"] == units > 100_000
    assert orders_cancelled(model)["nvidia/CN"] > 1.0 and orders_cancelled(model)["huawei/CN"] == 0.0
    assert written_down(model)["nvidia"] > 0.0


def test_chips_belong_to_the_rule_that_they_were_made_for():
    classes = {chip.name: design_class(chip) for chip in load_chips()}
    assert {classes[one] for one in ("A100 SXM 80GB", "H100 SXM", "H200 SXM", "B200")} == {"before 2022-10"}
    assert {classes[one] for one in ("A800 SXM", "H800 SXM")} == {"rule of 2022-10"}
    assert classes["H20 SXM"] == "rule of 2023-10" and classes["Ascend 910C"] == "domestic"
    assert classes["L20"] == "letter of 2025-04"


def test_equivalents_are_those_of_the_source(ran):
    published = {"A100 SXM 80GB": 0.315, "A800 SXM": 0.315, "H20 SXM": 0.15, "H800 SXM": 1.0, "H200 SXM": 1.0}
    for chip, equivalents in published.items():    # Epoch AI, ai-chip-counts: dense 16-bit arithmetic
        assert dense_equivalents(ran, chip) == pytest.approx(equivalents, abs=0.005)


def test_compute_in_china_is_the_sum_of_its_vendors_and_routes(ran):
    compute = installed_dense_compute(ran)
    parts = math.fsum(value for label, value in compute.items() if label.startswith("China/"))
    assert compute["China"] == pytest.approx(parts, rel=1e-12)
    assert compute["United States"] > compute["China"] > compute["China/nvidia/diverted"] > 0.0


@pytest.mark.parametrize("first", ["abm.lab_observables", "abm.trade_counts", "abm.serving_observables", "abm.observables"])
def test_observables_come_in_one_order_whatever_is_imported_first(first):
    told = subprocess.run(
        [sys.executable, "-c", f"import {first}; from abm.observables import OBSERVABLES; print(*OBSERVABLES)"],
        capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert told.stdout.split() == sorted(OBSERVABLES) and len(OBSERVABLES) > 50
