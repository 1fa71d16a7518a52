"""Orders, shortage and stranded goods: each mechanism does what it is there for, and its effect goes with it.

As in ``test_mechanisms``: a least effect on average over seeds, and outputs that must not move. A few seeds here;
``pytest -m full tests/laws/test_orders.py`` runs twenty.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from statistics import fmean, pstdev
from unittest.mock import patch

import pytest

from abm import HISTORICAL, Model
from abm.agents import production
from abm.policy.arms import H200_REVIEW, H200_REVIEW_WITHOUT_PRC_GATE
from abm.scenario.conduct import AUCTION, PRIORITY, UNIFORM
from tests.laws.runs import QUICK, Outcomes, few_or_all, in_processes

LETTER, EVE = date(2025, 4, 16), date(2025, 4, 1)
SPRING, AUTUMN, NEXT_SUMMER = date(2025, 5, 30), date(2025, 9, 30), date(2026, 6, 30)
SMALL, LARGE = ("coreweave", "johor_operator", "oracle", "xai_colossus"), ("amazon", "microsoft")
AMPLE = {"technology.first_packaging_units": 2_500_000.0, "technology.memory_supply_gb": 3e9}
SWITCHES = {
    "as it is": {},
    "no inflation": {"conduct.order_inflation": 0.0},
    "right forecasts": {"conduct.forecast_error": 0.0},
    "no front-loading": {"conduct.front_loading": 0.0},
    "hasty": {"conduct.order_smoothing": 2.0},
    "little memory": {"technology.memory_supply_gb": 0.6e9},
    "little packaging": {"technology.domestic_packages": 50_000.0},
    "ample, whole of book": AMPLE | {"conduct.book_discount": 1.0},
    "ample, part of book": AMPLE | {"conduct.book_discount": 0.3},
}
ALLOCATED = (UNIFORM, PRIORITY, AUCTION)


def one_run(case: tuple[str, int]) -> dict[str, object]:
    """What a switched run of the spring of 2025 leaves: outcomes by name, and its daily digests."""
    name, seed = case
    world = QUICK.vary(SWITCHES.get(name, {}))
    if name in ALLOCATED:
        world = replace(world, conduct=replace(world.conduct, allocation=name))
    model = Model(world, HISTORICAL, seed=seed, until=SPRING)
    record = model.run()
    received = received_by(model, "B200")
    books = {(label, day): value for day, what, label, value in record.series if what == "order_book"}
    return {
        "book": sum(value for (_, day), value in books.items() if day == EVE),
        "h20 book": books["H20 SXM/China", EVE],
        "write-down": record.summary["write_down_usd_bn"],
        "small": sum(received[who] for who in SMALL) / sum(received.values()),
        "large": sum(received[who] for who in LARGE) / sum(received.values()),
        "b200": sum(received.values()),
        "shares": {who: units / sum(received.values()) for who, units in received.items()},
        "domestic": sum(model.tally.get(f"to China {chip}", 0) for chip in ("Ascend 910B (B2)", "Ascend 910C")),
        "grey": record.summary["diverted_units"],
        "digests": record.digests,
    }


def received_by(model: Model, chip: str) -> dict[str, int]:
    """Chips of a kind that each cloud has installed or on the way."""
    received = dict.fromkeys(model.clouds, 0)
    for name, cloud in model.clouds.items():
        received[name] += sum(units for (kind, _), units in cloud.origins.items() if kind == chip)
    for lot in model.lots:
        if lot.holder in received and lot.chip == chip:
            received[lot.holder] += lot.quantity
    return received


@pytest.fixture(**few_or_all(3))
def runs(request):
    """All switched runs, a few seeds or all of them."""
    return Outcomes(one_run, (*SWITCHES, *ALLOCATED), request.param)


def test_uniform_shares_give_small_clouds_more(runs):
    """Of the B200 delivered, four small clouds get half as much again at least; domestic output does not move by 3 %."""
    assert runs.mean(UNIFORM, "small") >= 1.5 * runs.mean("as it is", "small")
    assert runs.mean(UNIFORM, "domestic") == pytest.approx(runs.mean("as it is", "domestic"), rel=0.03)


def test_priority_serves_the_large_and_leaves_the_small_nothing(runs):
    """The two largest customers get more than by proportion, the four small ones a tenth of theirs at most."""
    assert runs.mean(PRIORITY, "large") > runs.mean("as it is", "large") + 0.01
    assert runs.mean(PRIORITY, "small") <= 0.1 * runs.mean("as it is", "small")


def test_an_auction_does_not_share_by_size(runs):
    """Bids decide: in every seed the shares of small and large are others than by proportion, by 1 % of all at least."""
    for place in runs.seeds:
        moved = [abs(runs.each(AUCTION, who)[place] - runs.each("as it is", who)[place]) for who in ("small", "large")]
        assert max(moved) >= 0.01


def test_an_auction_moves_a_seventh_of_all_to_other_clouds(runs):
    """Bids decide: in every seed a seventh of all B200 at least goes to others than by proportion, cloud by cloud.

    Groups of clouds do not tell: a bid rests on a cloud's own needs, whatever its size.
    """
    for by_bids, by_orders in zip(runs.each(AUCTION, "shares"), runs.each("as it is", "shares"), strict=True):
        assert sum(abs(by_bids[who] - by_orders[who]) for who in by_bids) / 2 >= 1 / 7


def test_orders_inflate_in_a_shortage(runs):
    """Without inflation the books on the eve of the letter are a twentieth smaller at least, in every seed."""
    for whole, honest in zip(runs.each("as it is", "book"), runs.each("no inflation", "book"), strict=True):
        assert honest <= 0.95 * whole


def test_forecast_errors_part_the_seeds(runs):
    """Without them books for the H20 hardly differ between seeds, with them by a twentieth at least of their mean."""
    names = ("as it is", "right forecasts")
    spread = {name: pstdev(runs.each(name, "h20 book")) / runs.mean(name, "h20 book") for name in names}
    assert spread["right forecasts"] <= 0.01
    assert spread["as it is"] >= 0.05


def test_a_feared_rule_fills_the_books_and_costs_the_vendor_more(runs):
    """P1, P10: front-loading makes the H20 book half as large again at least, and the write-down a sixth dearer."""
    assert runs.mean("as it is", "h20 book") >= 1.5 * runs.mean("no front-loading", "h20 book")
    assert runs.mean("as it is", "write-down") >= 1.15 * runs.mean("no front-loading", "write-down")


def test_haste_bunches_orders(runs):
    """Buyers who close their gap in two weeks have a quarter more on order by April at least."""
    assert runs.mean("hasty", "book") >= 1.25 * runs.mean("as it is", "book")


def test_memory_limits_foreign_vendors(runs):
    """With two fifths of the memory a tenth fewer B200 come; domestic chips, whose memory is in stock, are as many."""
    assert runs.mean("little memory", "b200") <= 0.9 * runs.mean("as it is", "b200")
    assert runs.mean("little memory", "domestic") == pytest.approx(runs.mean("as it is", "domestic"), rel=0.03)


def test_packaging_limits_domestic_vendors(runs):
    """With a third of the places a tenth fewer domestic chips come; deliveries of the B200 do not move by 2 %."""
    assert runs.mean("little packaging", "domestic") <= 0.9 * runs.mean("as it is", "domestic")
    assert runs.mean("little packaging", "b200") == pytest.approx(runs.mean("as it is", "b200"), rel=0.02)


@pytest.mark.xfail(strict=False, reason="dies are short in its world too: the discount shifts them from chip to chip")
def test_who_believes_the_whole_book_loses_more(runs):
    """P10: with dies and memory to spare, a vendor that makes all that is ordered writes down more, by 1 % in each seed.

    Not more, because it makes what it expects to be ordered in any case. Where dies are short, as they were, the discount
    decides nothing: all dies are used.
    """
    whole, part = (runs.each(f"ample, {name} of book", "write-down") for name in ("whole", "part"))
    for ours, theirs in zip(whole, part, strict=True):
        assert ours >= 1.01 * theirs


LIMITLESS = 10**8
"""Dies, and GB of memory, a week: more than is ever wanted."""


def with_dies_to_spare(case: tuple[float, int]) -> tuple[float, int]:
    """Write-down in billions of USD, and B200 delivered, where a share of the book is made for and nothing limits it."""
    share, seed = case
    with patch.object(production, "frontier_dies", lambda *_: LIMITLESS):
        model = Model(QUICK.vary({"conduct.book_discount": share}), HISTORICAL, seed=seed, until=SPRING)
        return model.run().summary["write_down_usd_bn"], sum(received_by(model, "B200").values())


@pytest.fixture(**few_or_all(2))
def spared(request):
    """What comes of making for all of the book, and for three tenths of it, where dies and memory abound, by seed."""
    seeds = range(request.param)
    found = in_processes(with_dies_to_spare, [(share, seed) for seed in seeds for share in (1.0, 0.3)])
    return [(found[1.0, seed], found[0.3, seed]) for seed in seeds]


def test_with_dies_to_spare_who_believes_the_whole_book_loses_more(spared):
    """P10: a vendor that makes all that is ordered writes down a twentieth more at least, in every seed.

    Not three times as much, because it makes what it expects to be ordered in any case. Who makes for three tenths of
    the book delivers a twentieth fewer B200 at least.
    """
    for (dear, more), (cheap, fewer) in spared:
        assert dear >= 1.05 * cheap
        assert fewer <= 0.95 * more


def sold_off(case: tuple[int, float]) -> tuple[float, float, list[tuple[date, str]]]:
    """Billions of USD written back by the autumn of 2025, write-down, and digests to the letter, at a rate of markdown."""
    seed, markdown = case
    world = QUICK.vary({"conduct.clearance_markdown": markdown})
    model = Model(world, HISTORICAL.without("us_licences_2025_07"), seed=seed, until=AUTUMN)
    record = model.run()
    back = sum(vendor.written_back for vendor in model.vendors.values()) / 1e11
    return back, record.summary["write_down_usd_bn"], [one for one in record.digests if one[0] < LETTER]


def test_stranded_goods_are_sold_off_abroad_and_written_back():
    """P10: some tens of millions at least come back from sales abroad, and more the faster the price is lowered."""
    found = in_processes(sold_off, [(seed, markdown) for seed in range(2) for markdown in (0.0, 0.1)])
    for seed in range(2):
        slow, fast = found[seed, 0.0], found[seed, 0.1]
        assert fast[0] >= slow[0] + 0.02
        assert fast[0] < fast[1]
        assert fast[2] == slow[2]


GATES = (H200_REVIEW, H200_REVIEW_WITHOUT_PRC_GATE)


def licensed_flows(case: tuple[int, int]) -> dict[str, int]:
    """Chips licensed and delivered in a run with the gate of the PRC or without it."""
    which, seed = case
    model = Model(QUICK, GATES[which], seed=seed, until=NEXT_SUMMER)
    model.run()
    return {name: model.tally.get(name, 0) for name in ("licensed_units", "to China H200 SXM")}


@pytest.fixture(**few_or_all(1, name="one"))
def gates(request):
    """Flows of licensed chips with the gate of the PRC and without it, by seed."""
    seeds = range(request.param)
    found = in_processes(licensed_flows, [(which, seed) for seed in seeds for which in range(len(GATES))])
    return [[found[which, seed] for which in range(len(GATES))] for seed in seeds]


def test_a_licence_is_not_a_sale(gates):
    """P12: with China's gate and without it the US licenses about as many; a seventh fewer H200 at least come with it.

    Even without it no more than half of the chips licensed are H200 that were delivered.
    """
    licensed = [fmean(pair[which]["licensed_units"] for pair in gates) for which in (0, 1)]
    delivered = [fmean(pair[which]["to China H200 SXM"] for pair in gates) for which in (0, 1)]
    assert licensed[0] == pytest.approx(licensed[1], rel=0.5)
    assert delivered[0] <= delivered[1] * 6 / 7
    assert delivered[1] <= licensed[1] / 2
