"""The letter of April 2025, its licences and China's guidance meet the class of the H20, whatever its vendor called it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import HISTORICAL, HISTORY_2022
from abm.policy.instrument import CN, EMPTY_RECORD, US
from abm.policy.measures import JUSTIFY_2025_08
from abm.policy.paragraphs import BandwidthLetter, NamedParts
from abm.policy.statutes import LICENCES_2025_07
from abm.policy.tightening import commercial_sale
from abm.scenario.catalogue import chip_named, load_chips
from tests.laws.runs import finished

CHIPS = load_chips()
BEFORE, UNDER_THE_LETTER, LICENSED = date(2025, 4, 1), date(2025, 5, 1), date(2025, 7, 21)


@pytest.fixture(scope="module")
def designed():
    """NVIDIA's own designs with stacked memory in a run from October 2022."""
    model = finished(date(2024, 1, 12), world=HISTORY_2022.vary({"capital.burn_in_days": 30}))
    chips = [model.chip(one.chip) for one in model.vendors["nvidia"].versions]
    return [chip for chip in chips if chip.product_line == "hbm"]


def ruling(chip, day: date):
    """The ruling of the US on an ordinary sale of the chip in China."""
    sale = replace(commercial_sale(chip, day), destination=CN, parent_country=CN)
    return HISTORICAL.review(sale, EMPTY_RECORD, US)


def test_the_class_in_history_is_what_was_named():
    """Of the chips of the catalogue the licences meet the H20 and the MI308X, the guidance the H20, and no other."""
    assert {chip.name for chip in CHIPS if LICENCES_2025_07.test(chip)} == {"H20 SXM", "MI308X"}
    assert {chip.name for chip in CHIPS if JUSTIFY_2025_08.test(chip)} == {"H20 SXM"}


def test_a_designed_chip_of_the_class_meets_the_letter_and_the_licences(designed):
    """Free before the letter, denied under it, licensed with the declared odds after; by its name it would stay denied."""
    later = [chip for chip in designed if chip.tpp < 2400 and BandwidthLetter()(chip)]
    assert later and all(LICENCES_2025_07.test(chip) and JUSTIFY_2025_08.test(chip) for chip in later)
    assert not any(NamedParts(parts=("H20", "MI308X"), paragraph="letter")(chip) for chip in later)
    for chip in later:
        assert ruling(chip, BEFORE).expectation == 1.0
        assert ruling(chip, UNDER_THE_LETTER).expectation == 0.0
        odds = ruling(chip, LICENSED).expectation
        assert odds == ruling(chip_named("H20 SXM", CHIPS), LICENSED).expectation == LICENCES_2025_07.approval_probability


def test_a_version_made_after_the_rule_of_2022_is_not_of_the_class(designed):
    """The H800 class, which the rule of October 2023 caught, gets no licence of July 2025, as the H800 got none."""
    earlier = [chip for chip in designed if chip.released < date(2023, 10, 17)]
    assert earlier and not any(LICENCES_2025_07.test(chip) for chip in earlier)
    assert all(ruling(chip, LICENSED).expectation == 0.0 for chip in earlier)
