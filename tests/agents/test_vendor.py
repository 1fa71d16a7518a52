"""Vendors: order books, cancellation and write-down when a rule catches a chip, shipping within what is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import HISTORICAL, Model
from abm.agents.order_book import merged, within_purses
from abm.books import USD, chip_asset
from abm.offers import Lot, Order
from tests.laws.runs import model_of

LETTER = HISTORICAL.instrument("us_letter_2025_04")
ORDERS = st.lists(
    st.builds(
        Order, buyer=st.sampled_from("ABC"), seller=st.just("nvidia"), chip=st.sampled_from(("H20 SXM", "B200")),
        quantity=st.integers(1, 10**5), price=st.floats(9e3, 45e3), day=st.integers(0, 400),
    ),
    max_size=10,
)  # fmt: skip


@given(ORDERS)
def test_a_merged_book_has_one_order_a_buyer_and_chip_and_all_the_chips(orders):
    book = merged(orders)
    names = [(order.buyer, order.chip) for order in book]
    assert len(set(names)) == len(names) and book == sorted(book, key=lambda order: order.key)
    for name, order in zip(names, book, strict=True):
        parts = [one for one in orders if (one.buyer, one.chip) == name]
        assert order.quantity == sum(one.quantity for one in parts)
        assert order.day == min(one.day for one in parts)
        assert min(one.price for one in parts) * 0.999999 <= order.price <= max(one.price for one in parts) * 1.000001
        paid = sum(one.quantity * one.price for one in parts)
        assert order.quantity * order.price == pytest.approx(paid)


@given(ORDERS)
def test_merging_a_merged_book_changes_nothing(orders):
    assert merged(merged(orders)) == merged(orders)


def model_on(day: date, policy=HISTORICAL) -> Model:
    """A model on the morning of a day."""
    model = model_of(day, policy=policy)
    while model.today < day:
        model.step()
    return model


def book_of(model: Model, chip: str) -> list[Order]:
    """Orders of a chip at NVIDIA."""
    return [order for order in model.vendors["nvidia"].order_book if order.chip == chip]


@pytest.fixture(scope="module")
def on_the_day() -> tuple[dict[str, list[Order]], Model]:
    """The books of the morning of the letter, and the model on its evening."""
    model = model_on(LETTER.market_day)
    morning = {chip: book_of(model, chip) for chip in ("H20 SXM", "B200", "H200 SXM")}
    model.step()
    return morning, model


def test_a_rule_cancels_the_orders_it_catches_and_no_others(on_the_day):
    morning, model = on_the_day
    chinese = [order for order in morning["H20 SXM"] if model.is_chinese(order.buyer)]
    assert chinese
    left = [order for order in book_of(model, "H20 SXM") if model.is_chinese(order.buyer)]
    assert left == []
    for chip in ("B200", "H200 SXM"):
        assert book_of(model, chip) == morning[chip]


def test_what_is_stranded_is_written_down_once(on_the_day):
    """The H20 whose orders are cancelled, and the special versions that were being made."""
    _, model = on_the_day
    nvidia, salvage = model.vendors["nvidia"], model.world.conduct.salvage
    told = [(kind, what) for day, actor, kind, what in model.record.events if actor == "nvidia" and day == LETTER.market_day]
    assert sum(kind == "orders cancelled" for kind, _ in told) == 1
    most = 0.0
    stranded = ["H20 SXM"]
    for chip in stranded:
        assert sum(kind == "write-down" and what.endswith(chip) for kind, what in told) == 1
        made = nvidia.stock(model, chip) + sum(nvidia.pipeline[chip])
        commitments = model.world.conduct.purchase_commitments * 13 * nvidia.weekly_finished[chip]
        most += (made + commitments) * nvidia.unit_cost(model, chip) * (1 - salvage)
    assert sum(kind == "write-down" for kind, _ in told) == len(stranded)
    assert 0 < nvidia.written_down <= most * 100 + 1


def test_full_salvage_leaves_less_to_write_down(on_the_day):
    model = model_on(LETTER.market_day)
    world = model.world
    model.world = replace(world, conduct=replace(world.conduct, salvage=0.9))
    model.step()
    assert model.vendors["nvidia"].written_down < on_the_day[1].vendors["nvidia"].written_down


def test_without_the_rule_nothing_is_written_down():
    model = model_on(LETTER.market_day, HISTORICAL.without(LETTER.name))
    model.step()
    assert model.vendors["nvidia"].written_down == 0
    assert any(model.is_chinese(order.buyer) for order in book_of(model, "H20 SXM"))


def test_nothing_caught_is_shipped_after_the_rule(on_the_day):
    model = model_on(date(2025, 5, 30))
    before = model.tally["to China H20 SXM"]
    for _ in range(5):
        shipped(model, "nvidia")
    assert model.tally["to China H20 SXM"] == before == on_the_day[1].tally["to China H20 SXM"]


def shipped(model: Model, vendor: str) -> list[Lot]:
    """One vendor's deliveries of the week."""
    grants = model.vendors[vendor].ration(model)
    return model.vendors[vendor].ship(model, within_purses(model, grants))


def funded() -> Model:
    """A model on its first morning, with this quarter's budgets in the clouds' hands."""
    model = model_of(date(2025, 1, 2))
    for cloud in model.clouds.values():
        cloud.fund(model)
    return model


def test_a_delivery_is_paid_and_comes_later():
    model = funded()
    nvidia = model.vendors["nvidia"]
    cash, stock = model.books.balance("nvidia", USD), nvidia.stock(model, "H200 SXM")
    lots = shipped(model, "nvidia")
    units = sum(lot.quantity for lot in lots if lot.chip == "H200 SXM")
    assert units == stock - nvidia.stock(model, "H200 SXM") > 0
    assert model.books.balance("nvidia", USD) > cash
    assert all(lot.arrives > model.day and lot.quantity > 0 for lot in lots)
    for lot in lots:
        assert model.books.balance(f"{lot.holder}|in transit", chip_asset(lot.chip)) >= lot.quantity


def test_a_poor_buyer_gets_what_it_can_pay():
    model = funded()
    amd, buyer = model.vendors["amd"], "rest_of_world"
    assert amd.stock(model, "MI325X") >= 5
    amd.order_book = [Order(buyer, "amd", "MI325X", 5, 2e4, 0)]
    cash = model.books.balance(buyer, USD)
    model.books.move(USD, cash, giver=buyer, taker="outside:owners", reason="taken back")
    model.books.move(USD, 4_999_999, giver="outside:owners", taker=buyer, reason="budget")
    (lot,) = shipped(model, "amd")
    assert lot.quantity == 2
    assert [order.quantity for order in amd.order_book] == [3]
    assert model.books.balance(buyer, USD) == 999_999


def test_the_refusal_told_is_that_of_the_chip(on_the_day):
    for _, actor, kind, sentence in on_the_day[1].record.events:
        if kind == "orders cancelled":
            assert actor in on_the_day[1].vendors and "permitted" not in sentence


def test_the_pipeline_keeps_its_length_and_its_chips():
    model = model_on(date(2025, 2, 3))
    for vendor in model.vendors.values():
        for chip, starts in vendor.pipeline.items():
            assert len(starts) == vendor.making_weeks(model)
            assert sum(starts) == model.books.balance(vendor.workshop, chip_asset(chip))
            assert min(starts) >= 0
    assert model.vendors["huawei"].memory_stacks >= 0 and model.vendors["huawei"].die_bank >= 0


def test_a_quarter_closes_once():
    model = model_on(date(2025, 2, 3))
    nvidia = model.vendors["nvidia"]
    assert sum(nvidia.close_quarter().values()) > 0
    assert nvidia.close_quarter() == {"home": 0.0, "abroad": 0.0}
