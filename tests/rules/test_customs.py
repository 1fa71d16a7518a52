"""Whom officers inspect and what they find, and the reduced form in which brokers think of it."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.customs import (
    FirmRecord,
    Shipment,
    choose_inspections,
    found_probability,
    score,
    standing,
    suspicion,
    weekly_inspections,
)
from abm.scenario.conduct import Conduct
from abm.scenario.diversion import Diversion

CONDUCT = Conduct()
DIVERSION = Diversion()
RANKED = replace(DIVERSION, random_inspections=0.0, suspicion_noise=0.0)


def detection_slope(inspections, weights, diversion):
    """The k of p = 1 - (1 - p0) exp(-k w) for a shipment of suspicion w, where few of many shipments are inspected.

    An inspection that falls on a shipment with probability w / sum of all w finds with 1 - misses; many of them find
    nothing with exp(-inspections x (1 - misses) x w / sum of w). Without noise, or with staff for most, it is a bound.
    """
    whole = math.fsum(weights)
    return inspections * (1.0 - diversion.inspection_misses) / whole if whole > 0 else 0.0


def reduced_detection(weight, slope, conduct):
    """Chance that a diverted lot is found, in the reduced form of few inspections among many: 1 - (1 - p0) exp(-k w)."""
    return 1.0 - (1.0 - conduct.detection_floor) * math.exp(-slope * weight)


uniforms = st.floats(0.001, 0.999)
shipments = st.lists(
    st.builds(Shipment, st.text("abcdef", min_size=1, max_size=6), st.integers(1, 5000), st.booleans(), uniforms, uniforms),
    max_size=20, unique_by=lambda one: one.sender,
)


@given(shipments, st.integers(0, 30))
def test_officers_inspect_as_many_as_they_can_and_no_more(leaving, inspections):
    chosen = choose_inspections(leaving, inspections, CONDUCT, DIVERSION, luck=0.5)
    assert len(chosen) == min(inspections, len(leaving))
    assert chosen <= {one.sender for one in leaving}


def test_one_inspection_in_five_is_a_random_one_also_where_there_is_one_a_week():
    """Of a large young firm and a small old one, the small one is inspected as often as luck draws it: .2 of the weeks."""
    rule = replace(DIVERSION, random_inspections=0.2, suspicion_noise=0.0)
    leaving = [Shipment("large", 5000, True, 0.5, 0.9), Shipment("small", 1, False, 0.5, 0.1)]
    weeks = [choose_inspections(leaving, 1, CONDUCT, rule, luck=place / 100) for place in range(100)]
    assert sum(chosen == {"small"} for chosen in weeks) == 20


@given(shipments, st.integers(0, 10), st.randoms(use_true_random=False))
def test_the_order_in_which_shipments_are_named_does_not_matter(leaving, inspections, shuffle):
    turned = list(leaving)
    shuffle.shuffle(turned)
    assert choose_inspections(turned, inspections, CONDUCT, DIVERSION, luck=0.5) == choose_inspections(
        leaving, inspections, CONDUCT, DIVERSION, luck=0.5)


@given(shipments)
def test_without_noise_the_most_suspicious_are_inspected(leaving):
    chosen = choose_inspections(leaving, 3, CONDUCT, RANKED, luck=0.5)
    weights = {one.sender: suspicion(one.units, one.young, CONDUCT, RANKED) for one in leaving}
    others = [weight for sender, weight in weights.items() if sender not in chosen]
    assert all(weights[sender] >= max(others, default=0.0) for sender in chosen)


def test_ties_go_by_permanent_name():
    leaving = [Shipment(name, 100, False, 0.5, 0.5) for name in "dbca"]
    assert choose_inspections(leaving, 2, CONDUCT, RANKED, luck=0.5) == {"a", "b"}
    assert choose_inspections(leaving, 2, CONDUCT, replace(RANKED, random_inspections=1.0), luck=0.5) == {"a", "b"}


@given(st.integers(1, 5000), st.integers(1, 5000), uniforms)
def test_larger_lots_and_younger_firms_draw_suspicion(units, more, luck):
    small, large = Shipment("a", units, False, luck, luck), Shipment("a", units + more, False, luck, luck)
    assert score(large, CONDUCT, DIVERSION) > score(small, CONDUCT, DIVERSION)
    assert score(replace(small, young=True), CONDUCT, DIVERSION) > score(small, CONDUCT, DIVERSION)


def test_officers_are_shared_by_offices_and_multiplied_by_effort():
    once = weekly_inspections(1.0, 3, DIVERSION)
    assert once == pytest.approx(2 * 75 / 52 / 3)
    assert weekly_inspections(5.0, 3, DIVERSION) == pytest.approx(5 * once)
    assert weekly_inspections(1.0, 3, replace(DIVERSION, officers=0.0)) == 0.0


def test_tips_find_some_and_inspections_miss_some():
    assert found_probability(False, 1.0, CONDUCT, DIVERSION) == pytest.approx(CONDUCT.detection_floor)
    assert found_probability(True, 1.0, CONDUCT, DIVERSION) == pytest.approx(1 - 0.99 * 0.3)
    assert found_probability(True, 0.0, CONDUCT, DIVERSION) == 0.0
    assert found_probability(True, 1.0, CONDUCT, replace(DIVERSION, inspection_misses=0.0)) == 1.0


@pytest.mark.parametrize("size", [30, 130, 600])
def test_few_inspections_of_many_find_as_the_reduced_form_says(size):
    """4,000 weeks of one inspection among 40 shipments: 1 - (1 - p0) exp(-k q^a), within three standard errors.

    k = inspections x (1 - misses) / sum of q^a; one inspection of forty is few, so that the bound is nearly met.
    """
    luck, rule = random.Random(size), replace(DIVERSION, random_inspections=0.0)
    sizes = [max(int(luck.lognormvariate(4.9, 1.0)), 1) for _ in range(39)]
    weights = [suspicion(units, False, CONDUCT, rule) for units in (*sizes, size)]
    weeks, visits = 4000, 0
    for _ in range(weeks):
        leaving = [Shipment(f"{place}", units, False, luck.random(), luck.random()) for place, units in enumerate(sizes)]
        leaving.append(Shipment("broker", size, False, luck.random(), luck.random()))
        visits += "broker" in choose_inspections(leaving, 1, CONDUCT, rule, luck=0.5)
    missed = 1 - visits / weeks * (1 - rule.inspection_misses)
    found = 1 - (1 - CONDUCT.detection_floor) * missed
    expected = reduced_detection(weights[-1], detection_slope(1.0, weights, rule), CONDUCT)
    share = weights[-1] / sum(weights)
    assert found == pytest.approx(expected, abs=3 * (share / weeks) ** 0.5 + share * share)


def test_with_staff_for_all_every_lot_is_found_but_for_misses():
    leaving = [Shipment(f"{place}", 10 + place, False, 0.5, 0.5) for place in range(7)]
    assert choose_inspections(leaving, 7, CONDUCT, DIVERSION, luck=0.5) == {one.sender for one in leaving}
    assert detection_slope(7.0, [], DIVERSION) == 0.0


@given(st.floats(0.1, 10.0), st.floats(0.1, 10.0), st.floats(0.0, 0.5))
def test_the_reduced_form_rises_with_size_and_with_inspections(weight, more, slope):
    found = reduced_detection(weight, slope, CONDUCT)
    assert CONDUCT.detection_floor <= found <= reduced_detection(weight + more, slope, CONDUCT) <= 1.0
    assert found <= reduced_detection(weight, slope + more, CONDUCT)


def test_a_firm_without_a_record_stands_as_if_there_were_none():
    assert standing(FirmRecord(), DIVERSION) == 1.0
    assert standing(FirmRecord(4.0), replace(DIVERSION, records=0)) == 1.0


@given(st.floats(0.0, 20.0))
def test_clean_inspections_lower_what_a_firm_is_suspected_of_and_a_hit_ends_its_record(clean):
    record = FirmRecord(clean)
    assert standing(record.after(True), DIVERSION) == 1.0 >= standing(record, DIVERSION)
    assert standing(record, DIVERSION) > standing(record.after(False), DIVERSION)


def test_one_clean_inspection_halves_it_and_is_half_forgotten_after_34_weeks():
    record = FirmRecord().after(False)
    assert standing(record, DIVERSION) == pytest.approx(0.5)
    for _ in range(34):
        record = record.faded(DIVERSION.record_memory)
    assert record.clean == pytest.approx(0.5, abs=0.01) and not record.is_forgotten
    assert record.faded(0.01).is_forgotten


def test_officers_go_to_the_firm_of_which_nothing_is_known():
    known = Shipment("a", 100, False, 0.5, 0.5, standing=standing(FirmRecord(2.0), DIVERSION))
    unknown = Shipment("b", 100, False, 0.5, 0.5)
    assert choose_inspections([known, unknown], 1, CONDUCT, RANKED, luck=0.5) == {"b"}
