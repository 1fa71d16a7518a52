"""The scenario of October 2022: what its tables hold and do not hold, and how its sections differ from those of 2025."""

from __future__ import annotations

import math
from datetime import date

import pytest

from abm import HISTORY_2022, HISTORY_2025, InputError
from abm.policy import rules_before
from abm.rules.throughput import serving_progress
from abm.scenario.declare import BASES
from abm.scenario.history_2022 import at_list_prices

CHIPS = {chip.name: chip for chip in HISTORY_2022.chips}
A100 = "A100 SXM 80GB"
FOREIGN = {A100: 0.3153, "H100 SXM": 1.0}
"""H100-equivalents by dense 16-bit performance, as the facts count them."""


def test_it_starts_before_the_rule_of_october_and_after_the_letters():
    assert date(2022, 8, 31) < HISTORY_2022.start < date(2022, 10, 7)
    assert HISTORY_2022.until >= date(2024, 12, 31) and not HISTORY_2022.releases
    assert not HISTORY_2022.capital.salience_dates
    known = {one.name for one in rules_before(HISTORY_2022.start).instruments}
    assert "us_letters_2022_08" in known and "us_3a090_2022_10" not in known


def test_no_chip_made_for_china_is_for_sale():
    """A800, H800 and H20 classes are what the vendor may design; its domestic rivals' chips are dated."""
    assert not [one.chip for one in HISTORY_2022.products if CHIPS[one.chip].made_for]
    assert {one.chip for one in HISTORY_2022.products if one.vendor == "nvidia"} == {
        A100, "H100 SXM", "H200 SXM", "B200"}


def test_of_a_chip_that_comes_later_nothing_is_made_yet():
    coming = [one for one in HISTORY_2022.products if not CHIPS[one.chip].is_out(HISTORY_2022.start)]
    assert len(coming) >= 6
    assert all(one.in_progress == one.in_stock == 0 for one in coming)
    assert all(CHIPS[one.chip].sold_from is not None for one in HISTORY_2022.products)


@pytest.mark.parametrize(("owner", "equivalents"), [
    ("microsoft", 47_526), ("meta", 24_766), ("amazon", 18_041), ("google", 18_074), ("oracle", 5_223)])
def test_fleets_are_those_of_september_2022(owner, equivalents):
    held = sum(one.units * FOREIGN[one.chip] for one in HISTORY_2022.fleets if one.owner == owner)
    assert held == pytest.approx(equivalents, rel=0.01)


def test_chinas_fleet_is_that_of_september_2022():
    china = {one.id for one in HISTORY_2022.actors if one.country == "CN"}
    held = sum(one.units * FOREIGN.get(one.chip, 0.0) for one in HISTORY_2022.fleets if one.owner in china)
    assert held == pytest.approx(22_922, rel=0.01)


def test_labs_have_their_models_of_then_and_begin_after_they_were_founded():
    assert all(lab.released < HISTORY_2022.start for lab in HISTORY_2022.labs)
    starts = {lab.id: lab.project_start for lab in HISTORY_2022.labs}
    assert starts["deepseek"] == date(2023, 7, 17) and starts["moonshot"] >= date(2023, 3, 1)


def test_every_number_has_a_basis_and_lies_in_its_own_range():
    for one in HISTORY_2022.parameters():
        assert one.basis in BASES and one.low <= one.value <= one.high, one.path
    mine, theirs = ({one.path for one in world.parameters()} for world in (HISTORY_2022, HISTORY_2025))
    assert mine == theirs


def test_a_value_out_of_range_is_refused_by_the_name_of_its_section():
    with pytest.raises(InputError, match="demand.china_tokens"):
        HISTORY_2022.vary({"demand.china_tokens": 4.5e12})
    assert HISTORY_2022.vary({"demand.china_tokens": 2e11}).demand.china_tokens == 2e11


def test_list_prices_are_those_of_the_products():
    (h100,) = (one for one in HISTORY_2022.products if one.chip == "H100 SXM")
    assert CHIPS["H100 SXM"].price_usd == (h100.price_low + h100.price_high) / 2
    assert at_list_prices(HISTORY_2025.chips, ()) == HISTORY_2025.chips


def test_the_year_before_counts_as_sold_at_home():
    (a100,) = (one for one in HISTORY_2022.products if one.chip == A100)
    assert a100.sold_at_home("CN") == 97_000
    (h20,) = (one for one in HISTORY_2025.products if one.chip == "H20 SXM")
    assert h20.sold_at_home("CN") == 4 * h20.in_progress
    (b200,) = (one for one in HISTORY_2025.products if one.chip == "B200")
    assert b200.sold_at_home("CN") == 0


def test_numbers_that_a_note_computes_are_what_it_says():
    """Capital spending, output of memory and the price of a token: declared as their sources derive them."""
    spending, memory = HISTORY_2022.conduct, HISTORY_2025.technology
    years = (date(2023, 9, 15) - HISTORY_2022.start).days / 365.25
    assert spending.accelerator_share_growth == pytest.approx(math.log(0.18 / spending.accelerator_share) / years, abs=0.05)
    growth = memory.memory_growth
    assert memory.memory_supply_gb == pytest.approx(2.12e9 * growth / math.expm1(growth), rel=0.002)
    before = memory.memory_supply_gb * math.exp(-2.25 * growth)
    assert HISTORY_2022.technology.memory_supply_gb == pytest.approx(before, rel=0.01)
    (tencent,) = (one for one in HISTORY_2022.actors if one.id == "tencent")
    assert tencent.capex_usd_bn == 2.6


def test_the_opening_price_of_a_token_is_declared_for_2022():
    declared = {one.path: one for one in HISTORY_2022.parameters()}["demand.token_price"]
    assert declared.source == "assumption-opening-2022" and declared.value == HISTORY_2025.demand.token_price


def test_serving_software_of_2022_is_that_of_2025_by_its_progress_back():
    """A chip serves at the end of 2024 what it serves where the world of 2025 opens: one technology, two openings."""
    then, later = HISTORY_2022.technology, HISTORY_2025.technology
    years = (HISTORY_2025.start - HISTORY_2022.start).days / 365.25
    assert then.serving_progress == later.serving_progress
    grown = then.cloud_serving_efficiency * serving_progress(then, years)
    assert grown == pytest.approx(later.cloud_serving_efficiency, rel=0.01)
