"""What is licensed, approved and delivered are three numbers, and none of them is made up."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from abm import Model
from abm.gates import DENIED
from tests.laws.runs import finished

UNTIL = date(2025, 11, 28)


@pytest.fixture(scope="module")
def model() -> Model:
    return finished(UNTIL)


def granted(model: Model) -> Counter:
    """Units granted so far by office, chip and buyer."""
    units = Counter()
    for name, office in model.regulators.items():
        for (_, chip, buyer), number in office.granted.items():
            units[name, chip, buyer] += number
    return units


def test_open_licences_are_within_what_was_granted(model):
    grants = granted(model)
    for name, office in model.regulators.items():
        for (chip, buyer), units in office.open_licences.items():
            assert 0 <= units <= grants[name, chip, buyer]


def test_the_totals_are_those_of_the_offices(model):
    grants = granted(model)
    by_office = Counter()
    for (name, _, _), units in grants.items():
        by_office[name] += units
    assert by_office["us_commerce"] == model.tally.get("licensed_units", 0)
    assert by_office["prc_authorities"] == model.tally.get("approved_units", 0)


def test_no_more_is_delivered_than_licensed(model):
    assert model.tally.get("delivered_licensed_units", 0) <= model.tally.get("licensed_units", 0)


def test_every_grant_is_told(model):
    told = Counter(kind for _, _, kind, _ in model.record.events)
    assert told["licence granted"] >= len(granted(model)) > 0


def test_every_refused_licence_is_told_and_counted(model):
    refused = Counter(sentence.split(": ", 1)[1] for _, _, kind, sentence in model.record.events if kind == "licence refused")
    assert refused
    assert {cause: model.tally[f"{DENIED}{cause}"] for cause in refused} == refused
