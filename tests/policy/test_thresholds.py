"""Every declared threshold of every test of the law: a chip just below it and a chip just above are told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policy import POLICIES
from abm.policy.completion import completions
from abm.policy.paragraphs import ChipTest, Threshold
from abm.scenario.catalogue import Chip
from tests.policy.sales import PLAIN
from tests.policy.test_margins import TESTS

SHIPPED = [
    one.test for policy in POLICIES.values() for one in policy.instruments if isinstance(getattr(one, "test", None), ChipTest)]
CASES = list(dict.fromkeys((test, limit) for test in (*TESTS, *SHIPPED) for limit in test.thresholds()))
NEAR = 1e-9
OPEN = replace(PLAIN, die_mm2=None, bandwidth_tbs=None, interconnect_gbs=None, datacentre=None)


def with_number(chip: Chip, attribute: str, value: float) -> Chip:
    """The chip with one number of those that the law compares."""
    if attribute == "performance_density":
        return replace(chip, die_mm2=chip.tpp / value)
    if attribute == "traffic_gbs":
        return replace(chip, bandwidth_tbs=value * 0.55 / 1000, interconnect_gbs=value * 0.45)
    stored = {"tpp": "tpp", "bandwidth_gbs": "bandwidth_tbs", "interconnect_gbs": "interconnect_gbs"}[attribute]
    return replace(chip, **{stored: value / 1000 if attribute == "bandwidth_gbs" else value})


def neighbours(test: ChipTest, limit: Threshold, near: float) -> list[tuple[Chip, Chip]]:
    """Pairs of chips that differ in one number alone, below and above a threshold, in every surrounding that matters."""
    levels = sorted({one.value for one in test.thresholds() if one.attribute == "tpp"} | {PLAIN.tpp})
    pairs = []
    for tpp in [level * step for level in levels for step in (0.999, 1.001)]:
        below, above = (
            completions(with_number(replace(OPEN, tpp=tpp), limit.attribute, limit.value * (1 + side)), test.thresholds())
            for side in (-near, near))
        pairs += zip(below, above, strict=True)
    return pairs


@pytest.mark.parametrize(("test", "limit"), CASES, ids=lambda case: getattr(case, "name", type(case).__name__))
def test_every_threshold_turns_an_answer_where_it_stands(test, limit):
    pairs = neighbours(test, limit, NEAR)
    assert any(test(below) != test(above) for below, above in pairs)
    for below, above in pairs:
        margins = test.margins(below)[limit.name], test.margins(above)[limit.name]
        assert margins[0] < 0.0 < margins[1] and margins[1] - margins[0] < 1e-7 * limit.value


def test_the_thresholds_of_the_law_are_all_tried():
    shipped = {(limit.attribute, limit.value) for test in SHIPPED for limit in test.thresholds()}
    assert {("tpp", 4800.0), ("performance_density", 5.92), ("traffic_gbs", 1700.0), ("bandwidth_gbs", 6500.0)} <= shipped
    assert shipped <= {(limit.attribute, limit.value) for _, limit in CASES} and len(CASES) >= 25


@pytest.mark.parametrize("test", [test for test in TESTS if test.thresholds()], ids=lambda test: type(test).__name__)
@given(
    tpp=st.floats(min_value=10.0, max_value=40_000.0), density=st.floats(min_value=0.1, max_value=30.0),
    bandwidth=st.floats(min_value=1.0, max_value=9000.0), links=st.floats(min_value=1.0, max_value=9000.0),
    datacentre=st.booleans(), missing=st.sets(st.sampled_from(["die_mm2", "bandwidth_tbs", "interconnect_gbs", "datacentre"])))
def test_whatever_a_chip_is_one_of_its_completions_is_answered_alike(
    test, tpp, density, *, bandwidth, links, datacentre, missing
):
    chip = replace(PLAIN, tpp=tpp, die_mm2=tpp / density, bandwidth_tbs=bandwidth / 1000, interconnect_gbs=links,
                   datacentre=datacentre)
    open_ = replace(chip, **dict.fromkeys(missing))
    answers = {test(one) for one in completions(open_, test.thresholds())}
    assert test(chip) in answers and "?" not in answers
    assert test(open_) == ("?" if len(answers) > 1 else answers.pop())
