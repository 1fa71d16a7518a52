"""Which fields of a chip each test of the law reads, and how far a chip is from each of its thresholds."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policy import POLICIES
from abm.policy.paragraphs import (
    AnyChip,
    BandwidthLetter,
    ChipTest,
    EarlyEffectOfOctober2023,
    NamedParts,
    ReviewLimits,
    RuleOfOctober2022,
    RuleOfOctober2023,
    SpecialVersions,
    TariffBand,
    TariffBands,
)
from abm.scenario.catalogue import Chip
from abm.scenario.declare import Section
from tests.policy.sales import PLAIN, design

BANDS = TariffBands(bands=(TariffBand(paragraph="first"), TariffBand(paragraph="second", tpp_from=100.0, tpp_below=200.0)))
TESTS = (
    NamedParts(parts=("H20", "B30"), paragraph="letter"), RuleOfOctober2022(), RuleOfOctober2023(),
    EarlyEffectOfOctober2023(), BandwidthLetter(), ReviewLimits(), TariffBand(paragraph="band"), BANDS,
    AnyChip(paragraph="all"),
    SpecialVersions(
        product_line="pcie", made_for="CN", released_from=date(2025, 7, 1), vendors=("NVIDIA",), paragraph="special"),
)
NAMES = st.sampled_from(["H20", "H20 SXM", "B30", "other"])
amounts = st.none() | st.floats(min_value=1.0, max_value=60_000.0)
VALUES = {
    "name": NAMES, "vendor": st.sampled_from(["NVIDIA", "AMD", ""]),
    "released": st.dates(date(2024, 1, 1), date(2026, 12, 31)), "tpp": st.floats(min_value=1.0, max_value=60_000.0),
    "die_mm2": st.none() | st.floats(min_value=10.0, max_value=2000.0), "memory_gb": st.floats(min_value=1.0, max_value=900.0),
    "bandwidth_tbs": st.none() | st.floats(min_value=0.01, max_value=9.0), "interconnect_gbs": amounts,
    "datacentre": st.sampled_from([True, False, None]), "product_line": st.sampled_from(["hbm", "pcie", "consumer"]),
    "made_for": st.sampled_from([None, "CN", "RU"]), "vendor_country": st.sampled_from(["US", "CN"]),
    "fp16_tflops": amounts, "fp8_tops": amounts, "fp4_tops": amounts, "price_usd": amounts, "power_w": amounts,
    "note": st.text(max_size=3), "sold_from": st.none() | st.dates(), "sold_until": st.none() | st.dates(),
    "price_low": amounts, "price_high": amounts, "source": st.text(max_size=3),
    "confidence": st.sampled_from(["high", "medium", "low"]),
}
CHIPS = st.builds(Chip, **VALUES)


def thresholds(test: object, path: str = "") -> dict[str, float]:
    """Every declared number of a test and of its parts, by its path inside the test."""
    if isinstance(test, Section):
        found = {one.path.removeprefix("."): one.value for one in test.declared(path)}
        for one in fields(test):
            found |= thresholds(getattr(test, one.name), f"{path}.{one.name}")
        return found
    parts = enumerate(test) if isinstance(test, tuple) else ()
    return {name: value for place, one in parts for name, value in thresholds(one, f"{path}.{place}").items()}


def test_every_test_of_the_law_is_tried_here():
    assert {type(test) for test in TESTS} == set(ChipTest.__subclasses__())
    assert {field.name for field in fields(Chip)} == set(VALUES)
    tests = [getattr(one, "test", None) for policy in POLICIES.values() for one in policy.instruments]
    assert {type(test) for test in tests if test is not None} <= {type(test) for test in TESTS}


@pytest.mark.parametrize("test", TESTS, ids=lambda test: type(test).__name__)
@given(data=st.data())
def test_no_other_field_changes_the_answer(test, data):
    chip, other = data.draw(CHIPS), data.draw(CHIPS)
    changed = replace(other, **{name: getattr(chip, name) for name in test.reads})
    assert test(changed) == test(chip) and test.margins(changed) == test.margins(chip)


ANSWER_TURNS = {
    RuleOfOctober2022: {"tpp": 5000.0, "interconnect_gbs": 700.0},
    RuleOfOctober2023: {"tpp": 2000.0, "die_mm2": 300.0, "datacentre": True},
    EarlyEffectOfOctober2023: {"vendor": "NVIDIA", "datacentre": True, "tpp": 5000.0},
    BandwidthLetter: {"bandwidth_tbs": 1.0, "interconnect_gbs": 800.0},
    ReviewLimits: {"tpp": 20_000.0, "bandwidth_tbs": 6.0},
    TariffBand: {"tpp": 15_000.0, "bandwidth_tbs": 4.8}, TariffBands: {"tpp": 15_000.0, "bandwidth_tbs": 4.8},
    NamedParts: {"name": "H20"}, AnyChip: {},
    SpecialVersions: {"vendor": "NVIDIA", "product_line": "pcie", "made_for": "CN", "released": date(2026, 1, 1)},
}
ELSE = {
    "tpp": 1.0, "interconnect_gbs": 1.0, "die_mm2": 2000.0, "datacentre": False, "vendor": "AMD", "bandwidth_tbs": 0.1,
    "name": "other", "product_line": "hbm", "made_for": None, "released": date(2024, 1, 1)}
ELSE_AT_REVIEW = {**ELSE, "tpp": 30_000.0, "bandwidth_tbs": 7.0}


@pytest.mark.parametrize("test", TESTS, ids=lambda test: type(test).__name__)
def test_every_field_that_is_read_can_turn_the_answer(test):
    turning = ANSWER_TURNS[type(test)]
    other = ELSE_AT_REVIEW if isinstance(test, ReviewLimits) else ELSE
    caught = replace(PLAIN, **turning)
    assert set(turning) == set(test.reads) and test(caught) is not None
    for name in test.reads:
        assert test(replace(caught, **{name: other[name]})) != test(caught), name


@pytest.mark.parametrize("test", TESTS, ids=lambda test: type(test).__name__)
def test_every_declared_threshold_has_a_margin(test):
    assert set(test.margins(PLAIN)) == set(thresholds(test))
    unknown = replace(PLAIN, die_mm2=None, bandwidth_tbs=None, interconnect_gbs=None)
    assert all(margin is None or "tpp" in name for name, margin in test.margins(unknown).items())


def test_margins_are_in_the_units_of_the_thresholds():
    chip = design(tpp=2368.0, die_mm2=814.0, bandwidth_tbs=4.0, interconnect_gbs=900.0)
    density = RuleOfOctober2023().margins(chip)
    assert density["tpp_middle"] == -32.0 and density["density_middle"] == pytest.approx(2368 / 814 - 3.2)
    assert BandwidthLetter().margins(chip) == {"bandwidth": 2600.0, "interconnect": -200.0, "traffic": 3200.0}
    assert BANDS.margins(chip)["bands.1.tpp_below"] == 2168.0
    assert NamedParts(parts=("H20",), paragraph="letter").margins(chip) == {}


@pytest.mark.parametrize(
    ("numbers", "answer"),
    [({"tpp": 1599.0}, None), ({"tpp": 1700.0, "density": 1.0}, None), ({"tpp": 1700.0, "density": 4.0}, "?"),
     ({"tpp": 1700.0, "die_mm2": None}, "?"), ({"tpp": 4800.0}, "?"), ({"tpp": 1000.0, "die_mm2": None}, None)],
)
def test_an_unknown_market_leaves_the_rule_of_2023_open_only_where_it_matters(numbers, answer):
    assert RuleOfOctober2023()(design(datacentre=None, **numbers)) == answer


@pytest.mark.parametrize(
    ("vendor", "datacentre", "tpp", "answer"),
    [("NVIDIA", None, 4800.0, "?"), ("NVIDIA", None, 4799.0, None), ("AMD", None, 4800.0, None), ("", True, 4800.0, "?"),
     ("", False, 4800.0, None), ("", True, 4799.0, None), ("NVIDIA", True, 4800.0, "3A090.a")],
)
def test_the_early_effect_is_open_where_market_or_vendor_is_unknown(vendor, datacentre, tpp, answer):
    assert EarlyEffectOfOctober2023()(design(vendor=vendor, datacentre=datacentre, tpp=tpp)) == answer
