"""Stranded goods: what is written down is written back once, as they are sold; clearance only while a rule holds."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import HISTORICAL, Model
from abm.agents.stranded import Stranded
from tests.laws.runs import model_of

AFTER_THE_LETTER = date(2025, 5, 6)
H20 = "H20 SXM"


class Ledger(Stranded):
    """A vendor that has reserves and tells nobody."""

    def __init__(self, units: int, amount: int) -> None:
        self.name, self.actor, self.written_back = "vendor", SimpleNamespace(name="Vendor"), 0
        self.reserves = {"chip": (units, amount, 3, units)} if units else {}

    def tell(self, *told: str) -> None:
        """Stand in for the model's log."""


@given(st.integers(0, 10**6), st.integers(0, 10**12), st.lists(st.integers(0, 10**5), max_size=8))
def test_what_is_written_back_is_no_more_than_what_was_written_down(units, amount, sales):
    ledger = Ledger(units, amount if units else 0)
    for sold in sales:
        ledger.release(ledger, "chip", sold)
        left = ledger.reserves.get("chip", (0, 0, 0, 0))
        assert ledger.written_back + left[1] == (amount if units else 0)
    assert ledger.reserved("chip") == max(units - sum(sales), 0)


def test_inputs_that_were_written_off_are_no_goods():
    """Sales use up stranded goods first; what is left of a reserve is then inputs, and holds nothing that can be stranded."""
    ledger = Ledger(10, 1000)
    ledger.reserves["chip"] = (10, 1000, 3, 4)
    ledger.release(ledger, "chip", 6)
    assert ledger.reserved("chip") == 0 and ledger.reserves["chip"][:2] == (4, 400)


@pytest.fixture(scope="module")
def after_the_letter() -> Model:
    """A model three weeks after the letter, whose licences never come."""
    model = model_of(AFTER_THE_LETTER, policy=HISTORICAL.without("us_licences_2025_07"))
    model.run()
    return model


def test_stranded_goods_are_offered_abroad_for_less(after_the_letter):
    model = after_the_letter
    quote = model.picture.quotes[H20]
    assert model.vendors["nvidia"].reserved(H20) > 0
    assert quote.clearance is not None and quote.clearance < quote.price
    for name, cloud in model.clouds.items():
        prices = [option.price for option in model.options_for(cloud) if option.chip == H20]
        assert prices == ([quote.price] if cloud.actor.country == "CN" else [quote.clearance]), name


def test_a_special_version_is_offered_where_it_is_made_for_until_it_is_stranded():
    model = model_of(date(2025, 1, 2))
    model.run()
    for cloud in model.clouds.values():
        offered = H20 in {option.chip for option in model.options_for(cloud)}
        assert offered == (cloud.actor.country == "CN")


def test_nothing_is_cleared_once_it_may_be_sold_at_home(after_the_letter):
    model = after_the_letter
    vendor = model.vendors["nvidia"]
    assert vendor.clearance(model, "B200", 4e4) is None
    assert vendor.clearance(model, H20, 1.2e4) is not None
    model.policy = model.policy.without("us_letter_2025_04")
    assert vendor.clearance(model, H20, 1.2e4) is None
