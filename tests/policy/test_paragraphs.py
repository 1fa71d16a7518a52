"""Classes of chips under each vintage of the rules, against a table read off the notices by hand, and at the thresholds."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from abm.policy.instrument import UNDECIDED
from abm.policy.paragraphs import BandwidthLetter, NamedParts, ReviewLimits, RuleOfOctober2022, RuleOfOctober2023
from abm.policy.policy import Policy
from abm.policy.statutes import LETTER_2025_04, REVIEW_2026_01, RULE_2022_10, RULE_2023_10, TARIFF_2026_01
from abm.scenario.catalogue import Chip, chip_named
from tests.policy.sales import CHIPS, design

# Rule columns of a public table of 39 chips, 2022-2026; Chinese chips are classified as if the rules reached them.
EXPECTED = Path(__file__).parents[1] / "reference" / "chip_classes.csv"
SEVERITY_2023 = {None: 0, "3A090.b.1": 1, "3A090.b.2": 1, "3A090.a": 2}
OLD, NEW, LETTER, REVIEW = RuleOfOctober2022(), RuleOfOctober2023(), BandwidthLetter(), ReviewLimits()
amounts = st.floats(min_value=1.0, max_value=60_000.0)
densities = st.floats(min_value=0.1, max_value=40.0)


def expected() -> list[dict[str, str]]:
    with EXPECTED.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def reviewed(chip: Chip) -> str:
    """The answer of the review of January 2026: its paragraph, deny, out of scope, or open."""
    control, eligible = RULE_2023_10.test(chip), REVIEW_2026_01.test(chip)
    if control is None:
        return "out of scope"
    if UNDECIDED in (control, eligible):
        return UNDECIDED
    return eligible or "deny"


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["name"])
def test_every_chip_is_classified_as_the_notices_say(row):
    chip = chip_named(row["name"], CHIPS)
    answers = {
        "rule_2022_10": RULE_2022_10.test(chip), "rule_2023_10": RULE_2023_10.test(chip),
        "letter_2025_04": LETTER_2025_04.test(chip), "review_2026_01": reviewed(chip),
        "tariff_2026_01": TARIFF_2026_01.test(chip),
    }
    assert {name: answer or "free" for name, answer in answers.items()} == {key: row[key] for key in answers}


def test_the_table_of_classes_covers_the_catalogue():
    assert [row["name"] for row in expected()] == [chip.name for chip in CHIPS] and len(CHIPS) == 39


@pytest.mark.parametrize(
    ("test", "below", "at", "paragraph"),
    [
        (OLD, {"tpp": 4799.9, "interconnect_gbs": 600.0}, {"tpp": 4800.0, "interconnect_gbs": 600.0}, "3A090"),
        (OLD, {"tpp": 4800.0, "interconnect_gbs": 599.9}, {"tpp": 4800.0, "interconnect_gbs": 600.0}, "3A090"),
        (NEW, {"tpp": 4799.9, "density": 1.0}, {"tpp": 4800.0, "density": 1.0}, "3A090.a"),
        (NEW, {"tpp": 1599.9, "density": 9.0}, {"tpp": 1600.0, "density": 9.0}, "3A090.a"),
        (NEW, {"tpp": 2399.9, "density": 2.0}, {"tpp": 2400.0, "density": 2.0}, "3A090.b.1"),
        (NEW, {"tpp": 3000.0, "density": 1.59}, {"tpp": 3000.0, "density": 1.6}, "3A090.b.1"),
        (NEW, {"tpp": 2000.0, "density": 3.19}, {"tpp": 2000.0, "density": 3.2}, "3A090.b.2"),
        (NEW, {"tpp": 1599.9, "density": 4.0}, {"tpp": 1600.0, "density": 4.0}, "3A090.b.2"),
        (NEW, {"tpp": 4799.9, "datacentre": False}, {"tpp": 4800.0, "datacentre": False}, "3A090.a NAC"),
        (LETTER, {"bandwidth_tbs": 1.3999}, {"bandwidth_tbs": 1.4}, "letter 2025-04"),
        (LETTER, {"bandwidth_tbs": 0.3, "interconnect_gbs": 1099.9}, {"bandwidth_tbs": 0.3, "interconnect_gbs": 1100.0},
         "letter 2025-04"),
        (LETTER, {"bandwidth_tbs": 1.2, "interconnect_gbs": 499.9}, {"bandwidth_tbs": 1.2, "interconnect_gbs": 500.0},
         "letter 2025-04"),
    ],
)
def test_just_below_is_free_and_at_the_threshold_is_caught(test, below, at, paragraph):
    assert test(design(**below)) is None
    assert test(design(**at)) == paragraph


def test_the_middle_density_parts_b_from_a():
    assert NEW(design(tpp=2000.0, density=5.91)) == "3A090.b.2"
    assert NEW(design(tpp=2000.0, density=5.92)) == "3A090.a"


def test_the_review_stays_below_both_limits():
    assert REVIEW(design(tpp=20_999.0, bandwidth_tbs=6.499)) == "742.6(b)(10)(iii)"
    assert REVIEW(design(tpp=21_000.0, bandwidth_tbs=6.499)) is None
    assert REVIEW(design(tpp=20_999.0, bandwidth_tbs=6.5)) is None


@given(tpp=amounts, more=amounts, density=densities)
def test_more_performance_is_never_caught_less_at_equal_density(tpp, more, density):
    slower, faster = design(tpp=tpp, density=density), design(tpp=tpp + more, density=density)
    assert SEVERITY_2023[NEW(slower)] <= SEVERITY_2023[NEW(faster)]
    assert (OLD(slower) is None) or (OLD(faster) is not None)


@given(tpp=amounts, more=amounts, area=st.floats(min_value=100.0, max_value=1700.0))
def test_more_performance_is_never_caught_less_on_an_equal_die(tpp, more, area):
    slower, faster = design(tpp=tpp, die_mm2=area), design(tpp=tpp + more, die_mm2=area)
    assert SEVERITY_2023[NEW(slower)] <= SEVERITY_2023[NEW(faster)]


@given(tpp=amounts, density=densities, more=densities)
def test_a_denser_chip_is_never_caught_less(tpp, density, more):
    loose, dense = design(tpp=tpp, density=density), design(tpp=tpp, density=density + more)
    assert SEVERITY_2023[NEW(loose)] <= SEVERITY_2023[NEW(dense)]


@given(slow=st.floats(min_value=0.01, max_value=20.0), more=st.floats(min_value=0.0, max_value=20.0), links=amounts)
def test_more_bandwidth_is_never_caught_less(slow, more, links):
    first = LETTER(design(bandwidth_tbs=slow, interconnect_gbs=links))
    assert first is None or LETTER(design(bandwidth_tbs=slow + more, interconnect_gbs=links)) == first


@given(tpp=amounts, area=st.floats(min_value=100.0, max_value=1700.0))
def test_an_open_answer_is_one_that_the_missing_die_could_turn(tpp, area):
    answer = NEW(design(tpp=tpp, die_mm2=None))
    assert answer == UNDECIDED or answer == NEW(design(tpp=tpp, die_mm2=area))


@given(bandwidth=st.none() | st.floats(min_value=0.01, max_value=9.0), links=st.none() | amounts)
def test_the_letter_decides_where_the_known_numbers_do(bandwidth, links):
    answer = LETTER(design(bandwidth_tbs=bandwidth, interconnect_gbs=links))
    filled = {
        LETTER(design(bandwidth_tbs=bandwidth or b, interconnect_gbs=links or i)) for b in (0.01, 9.0) for i in (1.0, 9e3)
    }
    assert answer == (UNDECIDED if len(filled) > 1 else filled.pop())


def test_a_named_part_is_a_whole_word():
    named = NamedParts(parts=("H20",), paragraph="letter")
    assert named(chip_named("H20 SXM", CHIPS)) == "letter"
    assert named(chip_named("H200 SXM", CHIPS)) is None


def test_a_threshold_that_moves_moves_the_class():
    h20 = chip_named("H20 SXM", CHIPS)
    assert NEW(h20) is None
    assert RuleOfOctober2023(tpp_middle=2300.0)(h20) == "3A090.b.1"


def test_a_threshold_below_zero_is_refused():
    with pytest.raises(InputError, match="tpp_high = -1.0 is below its lower bound 0"):
        RuleOfOctober2023(tpp_high=-1.0)


def test_a_policy_classifies_by_what_is_in_force():
    policy = Policy("one", "one rule", (RULE_2023_10,))
    h100 = chip_named("H100 SXM", CHIPS)
    assert policy.classify(h100, date(2023, 11, 16)) is None
    assert policy.classify(h100, date(2023, 11, 17)) == "3A090.a"
    assert policy.classify(h100, date(2023, 11, 17), destination="SG") is None
