"""The order of actors never matters, and what is idle, unused or merely asked changes nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from abm import Model
from abm.schedule import SCHEDULE
from tests.laws.runs import QUICK, agents_by_name, digests, finished, model_of, shared, with_actor

UNTIL = date(2025, 2, 28)
TABLES = ("actors", "fleets", "labs", "products", "chips", "releases")
GROUPS = ("regulators", "vendors", "clouds", "labs", "brokers")


@pytest.fixture(scope="module")
def plain() -> Model:
    return shared(UNTIL)


def shuffled(rows: tuple, salt: int) -> tuple:
    """The rows in another order, never the given one where there are several."""
    mixed = list(rows)
    random.Random(salt).shuffle(mixed)
    return tuple(reversed(rows)) if tuple(mixed) == rows else tuple(mixed)


def reversed_mapping(mapping: dict) -> None:
    """Turn the order of insertion round, in place."""
    entries = list(mapping.items())
    mapping.clear()
    mapping.update(reversed(entries))


@pytest.mark.parametrize("table", TABLES)
def test_the_order_of_rows_does_not_matter(plain, table):
    rows = getattr(QUICK, table)
    world = replace(QUICK, **{table: shuffled(rows, 1)})
    assert len(rows) < 2 or getattr(world, table) != rows
    assert digests(finished(UNTIL, world=world)) == digests(plain)


def test_all_tables_in_another_order_at_once(plain):
    world = replace(QUICK, **{table: shuffled(getattr(QUICK, table), 2) for table in TABLES})
    other = finished(UNTIL, world=world)
    assert digests(other) == digests(plain)
    assert other.record.summary == plain.record.summary
    assert sorted(other.record.series) == sorted(plain.record.series)
    assert sorted(other.record.events) == sorted(plain.record.events)


def test_the_order_of_insertion_does_not_matter(plain):
    model = model_of(UNTIL)
    for name in GROUPS:
        reversed_mapping(getattr(model, name))
    reversed_mapping(model.picture.quotes)
    reversed_mapping(model.picture.models)
    reversed_mapping(model.users.by_model)
    for account in (*model.books.accounts.values(), *model.books.outside.values()):
        reversed_mapping(account)
    for cloud in model.clouds.values():
        reversed_mapping(cloud.origins)
    assert list(model.clouds) != list(plain.clouds)
    model.run()
    assert digests(model) == digests(plain)


def test_the_order_of_orders_does_not_matter(plain):
    model = model_of(UNTIL)
    for vendor in model.vendors.values():
        take = vendor.take
        vendor.take = lambda orders, take=take: take(list(reversed(orders)))
    model.run()
    assert digests(model) == digests(plain)


@pytest.mark.parametrize("country", ["CN", "US", "DE"])
def test_an_idle_cloud_changes_no_one_else(plain, country):
    idle = {"id": "idle_cloud", "country": country, "capex_usd_bn": 0.0, "grey_share": 0.0}
    other = finished(UNTIL, world=with_actor(QUICK, "baidu", **idle))
    agents = agents_by_name(other)
    assert agents.pop("idle_cloud")
    assert agents == agents_by_name(plain)
    assert other.books.state() == plain.books.state()
    assert other.equities.state() == plain.equities.state()
    assert other.users.by_model == plain.users.by_model and other.picture.demand == plain.picture.demand
    assert other.record.summary["nvda_value"] == plain.record.summary["nvda_value"]


@pytest.mark.parametrize("kind, like", [("regulator", "customs_sg"), ("vendor", "amd"), ("lab", "zhipu")])
def test_an_idle_actor_of_another_kind_changes_no_one_else(plain, kind, like):
    country = "TH" if kind == "regulator" else "US"
    other = finished(UNTIL, world=with_actor(QUICK, like, id="idle_actor", country=country, parent_country=country))
    agents = agents_by_name(other)
    agents.pop("idle_actor", None)
    assert agents == agents_by_name(plain)
    assert other.books.state() == plain.books.state()


def test_an_unused_chip_changes_nothing(plain):
    (pattern,) = (chip for chip in QUICK.chips if chip.name == "H200 SXM")
    world = replace(QUICK, chips=(*QUICK.chips, replace(pattern, name="A chip that nobody makes")))
    assert digests(finished(UNTIL, world=world)) == digests(plain)


def asking_for_luck(run: Callable[[Model], None]) -> Callable[[Model], None]:
    """A phase that first asks for luck that nobody uses."""

    def phase(model: Model) -> None:
        model.chance.uniform("idle curiosity", "nobody", model.day)
        model.chance.uniform("innovation", "nobody", model.day)
        model.chance.poisson(3.0, "entry", "brokers", model.day + 1)
        run(model)

    return phase


def test_an_extra_draw_changes_nothing(plain, monkeypatch):
    curious = tuple(replace(phase, run=asking_for_luck(phase.run)) for phase in SCHEDULE)
    monkeypatch.setattr("abm.model.SCHEDULE", curious)
    assert digests(finished(UNTIL)) == digests(plain)


def prices(model: Model) -> dict[str, int]:
    """Last price of every stock in cents."""
    return dict(zip(model.equities.tickers, model.equities.prices.tolist(), strict=True))


def holdings(model: Model) -> dict[str, list[int]]:
    """Everyone's shares of each stock, by ticker."""
    return {ticker: model.books.crowd_shares[:, j].tolist() for j, ticker in enumerate(model.equities.tickers)}


def test_the_order_of_securities_does_not_matter(plain):
    other = finished(UNTIL, world=replace(QUICK, securities=shuffled(QUICK.securities, 3)))
    assert other.equities.tickers != plain.equities.tickers
    assert prices(other) == prices(plain)
    assert holdings(other) == holdings(plain)
    assert other.books.crowd_cash.tolist() == plain.books.crowd_cash.tolist()
    assert agents_by_name(other) == agents_by_name(plain)


def test_the_order_of_classes_of_investors_does_not_matter(plain):
    capital = replace(QUICK.capital, shareholders=shuffled(QUICK.capital.shareholders, 4))
    other = finished(UNTIL, world=replace(QUICK, capital=capital))
    assert [one.name for one in other.investors] != [one.name for one in plain.investors]
    assert prices(other) == prices(plain)
    states = {one.name: one.state() for one in other.investors}
    assert states == {one.name: one.state() for one in plain.investors}
