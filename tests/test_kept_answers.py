"""Answers that are kept are dropped when a government publishes, a licence is granted or used, or a chip is added."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm import HISTORICAL, Model
from abm.agents.designing_vendor import SpecialVersion
from abm.books import Books, BooksError, chip_asset
from abm.gates import Gates
from abm.offers import Order
from abm.policy.export_control import EntityListing, ExportControl
from abm.policy.instrument import CN, LICENSED, US
from abm.policy.licence import Licensing
from abm.policy.paragraphs import NamedParts
from abm.policy.purchase_guidance import PurchaseGuidance
from abm.policy.quota import CustomerCap
from tests.laws.runs import model_of
from tests.test_daily_digest import anew
from tests.test_gates import allowed_anew, asked_anew

UNTIL = date(2026, 3, 6)
ADDED = "H20 of our own"
CHIPS = ("H20 SXM", "H200 SXM", "B200", ADDED)
BUYERS = ("alibaba", "tencent", "microsoft", "shell-opening-0")
QUANTITIES = (1, 30, 20_000)
OFFICES = ("us_commerce", "prc_authorities")


def rules(today: date, which: int) -> tuple:
    """What a government publishes on a day: a letter that changes the parts it names, a listing, licences, guidance."""
    dated = {"title": "drawn", "public": today, "effective": today, "cites": "none"}
    named = NamedParts(parts=CHIPS[: 1 + which % 3], paragraph="drawn")
    asked = NamedParts(parts=(CHIPS[which % 3],), paragraph="drawn")
    return (
        ExportControl(name="letter", government=US, denied=("CN", "SG", "MY", "AE"), test=named, **dated),
        ExportControl(name="letter", government=US, denied=("CN",), approved=("SG", "MY", "AE"), test=named, **dated),
        EntityListing(name="listing", government=US, entities=("Alibaba", "shell-opening-0")[which % 2 :], **dated),
        Licensing(name="licence", government=US, eases=("letter",), test=asked, **dated),
        Licensing(name="licence", government=US, eases=("letter",), test=asked, customers=("Alibaba", "Tencent"),
                  quotas=(CustomerCap(chips=50 + which),), **dated),
        PurchaseGuidance(name="guidance", government=CN, test=named, banned=which % 2 == 0, **dated),
    )


publish = st.tuples(st.just("publish"), st.integers(0, 5), st.integers(0, 5))
grant = st.tuples(st.just("grant"), st.sampled_from(OFFICES), st.sampled_from(CHIPS), st.sampled_from(BUYERS))
deliver = st.tuples(st.just("deliver"), st.sampled_from(CHIPS), st.sampled_from(BUYERS), st.integers(1, 90))
add = st.tuples(st.just("add"), st.floats(0.2, 3.0))
wait = st.tuples(st.just("wait"), st.integers(1, 150))
to_alibaba = st.sampled_from([("grant", "us_commerce", "H20 SXM", "alibaba"), ("deliver", "H20 SXM", "alibaba", 30)])
happenings = st.lists(publish | grant | deliver | add | wait | to_alibaba, min_size=1, max_size=8)
UNDER_A_QUOTA = (("publish", 0, 0), ("publish", 4, 0))


def happens(model: Model, what: str, *about: object) -> None:
    """Let something happen to a model: it moves what answers depend on, and nothing else."""
    if what == "publish":
        kind, which = about
        model.publish(rules(model.today, which)[kind])
    elif what == "grant":
        office, chip, buyer = about
        sale = model.gates.transaction(chip, buyer=buyer, quantity=40)
        model.regulators[office]._grant(sale, asked_anew(model.gates, chip, buyer, 40)[OFFICES.index(office)], 40)
    elif what == "deliver":
        chip, buyer, units = about
        seller = model.actors[model.sellers[chip]]
        model.gates.record_delivery(seller, Order(buyer, seller.id, chip, units, 1.0, model.day), units)
    elif what == "add":
        like = model.chip("H20 SXM")
        if ADDED not in model.sellers:
            model.add_chip(replace(like, name=ADDED, tpp=like.tpp * about[0], made_for="CN"), "nvidia")
    else:
        model.day = min(model.day + about[0], len(model.calendar) - 1)
        model.yesterday, model.today = model.today, model.calendar[model.day]


@cache
def at_opening() -> Model:
    """A model that is made once, since making one takes longer than what is asked of it."""
    return model_of(UNTIL)


def opened() -> Model:
    """The model to which everything happens, put back to its opening as far as answers can see."""
    model = at_opening()
    model.policy, model.gates, model.day, model.today = HISTORICAL, Gates(model), 0, model.calendar[0]
    model.sellers.pop(ADDED, None)
    model.chips.pop(ADDED, None)
    for name in OFFICES:
        office = model.regulators[name]
        for record in (office.open_licences, office.granted, office.processing, office.small, office.home_sales):
            record.clear()
        office._counted_in = None
    return model


@settings(max_examples=40)
@given(st.sampled_from(((("wait", 0),), UNDER_A_QUOTA)), happenings)
def test_whatever_happens_gates_answer_as_if_they_kept_nothing(first, then):
    model = opened()
    for one in (*first, *then):
        if ADDED in one and ADDED not in model.sellers:
            continue
        happens(model, *one)
        for chip in (chip for chip in CHIPS if chip in model.sellers):
            for buyer in BUYERS:
                for quantity in QUANTITIES:
                    told = one, chip, buyer, quantity
                    assert model.gates.rulings(chip, buyer, quantity) == asked_anew(model.gates, chip, buyer, quantity), told
                    allowed = allowed_anew(model.gates, chip, buyer, quantity)
                    assert model.gates.allowed_units(chip, buyer, quantity) == allowed, told


@pytest.mark.parametrize("kind", range(6))
def test_each_kind_of_rule_changes_some_answer_so_that_keeping_the_old_one_would_show(kind):
    model = opened()
    if kind in (3, 4):    # a licence eases a letter
        model.publish(rules(model.today, 0)[0])
    before = answers(model)
    model.publish(rules(model.today, 0)[kind])
    assert answers(model) != before


def answers(model: Model) -> list:
    """Every answer about what is for sale."""
    return [model.gates.rulings(chip, buyer, 1) for chip in CHIPS if chip in model.sellers for buyer in BUYERS]


@pytest.mark.parametrize("kind, letter, buyer", [(3, 1, "shell-opening-0"), (4, 0, "alibaba")], ids=["standing", "quota"])
def test_a_grant_and_a_delivery_change_the_answer_where_a_licence_is_needed(kind, letter, buyer):
    model, chip = opened(), "H20 SXM"
    model.publish(rules(model.today, 0)[letter], rules(model.today, 0)[kind])
    allowed = {60: model.gates.allowed_units(chip, buyer, 60)}
    assert model.gates.rulings(chip, buyer, 30)[0].licence in LICENSED
    assert not model.gates.rulings(chip, buyer, 30)[0].permitted
    happens(model, "grant", "us_commerce", chip, buyer)
    assert model.gates.rulings(chip, buyer, 30)[0].permitted
    allowed[40] = model.gates.allowed_units(chip, buyer, 60)
    happens(model, "deliver", chip, buyer, 15)
    assert not model.gates.rulings(chip, buyer, 30)[0].permitted
    assert (*allowed.values(), model.gates.allowed_units(chip, buyer, 60)) == (0, 40, 25)


# what is hashed, and what is checked ------------------------------------------------------------------------


def test_a_version_that_changes_is_hashed_anew_and_one_that_does_not_is_hashed_the_same():
    model = model_of(date(2025, 1, 3))
    vendor, version = model.vendors["nvidia"], SpecialVersion("a chip", "hbm", 10, 10, 1, 100.0, 5, 9)
    first = model.digest()
    vendor.versions.append(version)
    second = model.digest()
    vendor.versions[0] = replace(version, launches=10)
    third = model.digest()
    assert third == anew(model) and len({first, second, third}) == 3
    vendor.versions[0] = replace(version)
    assert model.digest() == second == anew(model)


def test_what_the_desk_expects_is_hashed_anew_when_it_changes_in_place():
    model = model_of(date(2025, 1, 3))
    line, forecast = sorted(model.desk.ledger.forecasts.items())[0]
    before = model.digest()
    model.desk.ledger.forecasts[line] = replace(forecast, level=forecast.level + 1.0)
    after = model.digest()
    assert after == anew(model) != before
    model.desk.ledger.forecasts[line] = replace(forecast)
    assert model.digest() == before


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(1, 5)), max_size=12), st.integers(0, 3))
def test_a_leak_is_found_however_many_checks_went_well(moves, leaks):
    books = Books()
    for chip, taker, units in moves:
        books.move(chip_asset(str(chip)), units, giver="outside:foundry", taker=str(taker), reason="made")
        books.check(after="a move")
        books.check(after="nothing")
    books._account("0", chip_asset(str(leaks))).put("0", 77 + books.balance("0", chip_asset(str(leaks))))
    for _ in range(2):
        with pytest.raises(BooksError, match=f"after a leak: .77 of chip:{leaks} came from nowhere"):
            books.check(after="a leak")
