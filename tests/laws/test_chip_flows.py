"""Chips are conserved to the unit, by kind, in every week of a run: what was made is somewhere, and got there by name.

Two audits. Of the stocks: made = in progress + in stock + in transit + at brokers + installed + seized + switched
off + scrapped + sold outside the roster, by vendors or openly by shells; any other account outside is a leak.
Installed chips do not wear out: buyers reckon to run them for five years, longer than any horizon. Of the flows: each of these
places has changed since the week before by what the books' flows brought in and took out, and by nothing else.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from abm import NO_CONTROLS, Model
from abm.agents.broker import SEIZED
from abm.agents.gathering import ELSEWHERE
from abm.agents.location import DISABLED
from abm.agents.stranded import RESALE, SCRAP
from abm.agents.vendor import FOUNDRY
from abm.books import OUTSIDE, capacity_asset, chip_asset
from abm.calendar import Cadence
from abm.policy import POLICIES
from abm.schedule import SCHEDULE, Phase
from tests.laws.runs import HISTORICAL, QUICK, model_of

UNTIL = date(2025, 5, 14)
STRICT = QUICK.vary({"conduct.detection_floor": 0.5, "diversion.officers": 100.0})
STEEP = QUICK.vary(
    {"conduct.clearance_markdown": 0.2, "conduct.salvage": 0.9, "technology.unit_cost_share": 0.6})
LOCATED = replace(
    POLICIES["location_verification"].instrument("us_location_2025_07"), public=date(2025, 1, 31),
    effective=date(2025, 1, 31), reporting_share=0.8, location_hazard=6.0)
ARMS = {
    "historical": (HISTORICAL, QUICK), "no controls": (NO_CONTROLS, QUICK), "strict customs": (HISTORICAL, STRICT),
    "chips located": (HISTORICAL.amended("chips located", LOCATED), QUICK),
    "steep clearance": (HISTORICAL, STEEP),
}
PLACES = {"": "installed", "in transit": "in transit", "in progress": "in progress", "gathering": "at brokers"}
FLOWS = {
    "in progress": (("made",), ("finished",)),
    "in stock": (("finished",), ("shipped", "scrapped", "sold outside the roster")),
    "in transit": (("shipped", "diverted", "direct"), ("installed", "at the broker")),
    "at brokers": (("at the broker",), ("diverted", "direct", "seized", "sold openly")),
    "installed": (("installed",), ("switched off",)),
    "seized": (("seized",), ()),
    "switched off": (("switched off",), ()),
    "scrapped": (("scrapped",), ()),
    "sold outside": (("sold outside the roster",), ()),
    "sold openly": (("sold openly",), ()),
}
"""What brings chips to a place and what takes them away, by the reasons in the books."""


def place(model: Model, holder: str) -> str:
    """Where the chips of a holder are."""
    name, _, account = holder.partition("|")
    if account:
        return PLACES[account]
    return "in stock" if name in model.vendors else "at brokers" if name in model.brokers else "installed"


def places(model: Model, chip: str) -> Counter[str]:
    """Units of a chip by where they are, what governments took included."""
    found: Counter[str] = Counter()
    for holder, units in model.books.accounts.get(chip_asset(chip), {}).items():
        found[place(model, holder)] += units
    taken = {"seized": SEIZED, "switched off": DISABLED, "scrapped": SCRAP, "sold outside": RESALE,
             "sold openly": ELSEWHERE}
    return found + Counter({where: model.books.balance(account, chip_asset(chip)) for where, account in taken.items()})


def flows(model: Model, chip: str) -> Counter[str]:
    """Units of a chip moved so far, by reason."""
    return Counter({why: units for (why, asset), units in model.books.flows.items() if asset == chip_asset(chip)})


def taken_stock(model: Model) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Where every kind of chip is, and how it got there."""
    return {chip: (places(model, chip), flows(model, chip)) for chip in sorted(model.chips)}


def audit(model: Model, before: dict[str, tuple[Counter[str], Counter[str]]]) -> list[str]:
    """What is wrong with the chips of a model, one sentence each; ``before`` is what there was a while ago."""
    found = []
    for chip, (now, moved) in taken_stock(model).items():
        made = -model.books.balance(FOUNDRY, chip_asset(chip))
        if made != now.total():
            found.append(f"{chip}: {made} made, {now.total()} there")
        outside = set(model.books.outside.get(chip_asset(chip), {})) - {
            FOUNDRY, SEIZED, DISABLED, SCRAP, RESALE, ELSEWHERE}
        found += [f"{chip}: some at {name}" for name in sorted(outside)]
        then, moved_then = before.get(chip, (Counter(), Counter()))
        for where, (ins, outs) in FLOWS.items():
            came = sum(moved[why] - moved_then[why] for why in ins) - sum(moved[why] - moved_then[why] for why in outs)
            if now[where] - then[where] != came:
                found.append(f"{chip}: {where} changed by {now[where] - then[where]}, by its flows {came}")
        coming = sum(lot.quantity for lot in model.lots if lot.chip == chip)
        if coming != now["in transit"]:
            found.append(f"{chip}: {now['in transit']} in transit, {coming} in lots")
    return found + audit_of_fleets(model)


def audit_of_fleets(model: Model) -> list[str]:
    """Where a cloud's chips, their routes and their uses do not agree."""
    found = []
    for name, cloud in sorted(model.clouds.items()):
        for chip in sorted(model.chips):
            installed = model.books.balance(name, chip_asset(chip))
            by_route = sum(units for (kind, _), units in cloud.origins.items() if kind == chip)
            accounts = model.books.accounts.get(capacity_asset(chip), {})
            uses = sum(units for account, units in accounts.items() if account.partition("|")[0] == name)
            if not installed == by_route == uses:
                found.append(f"{chip}: {name} has {installed}, {by_route} by route, {uses} in use")
    return found


def begins_week(model: Model) -> bool:
    """Whether the next step is the first of a week."""
    return Cadence.WEEKLY.is_due(model.today, model.yesterday)


@pytest.mark.parametrize("arm", ARMS)
def test_every_week_every_chip_that_was_made_is_somewhere_and_got_there_by_name(arm):
    policy, world = ARMS[arm]
    model, weeks = model_of(UNTIL, policy=policy, world=world), 0
    before = taken_stock(model)
    assert audit_of_fleets(model) == []
    while model.day < len(model.calendar):
        if begins_week(model) and model.day:
            assert audit(model, before) == []
            before, weeks = taken_stock(model), weeks + 1
        model.step()
    assert audit(model, before) == [] and weeks >= 16
    seized = sum(now["seized"] for now, _ in taken_stock(model).values())
    located = sum(now["switched off"] for now, _ in taken_stock(model).values())
    left = sum(now["scrapped"] + now["sold outside"] for now, _ in taken_stock(model).values())
    assert (left > 0) == (arm == "steep clearance")
    assert seized >= (2000 if arm == "strict customs" else 0) and (located > 0) == (arm == "chips located")


# the audit bites ------------------------------------------------------------------------------------------------


def scrap(model: Model) -> None:
    """Throw unfinished chips of a vendor away."""
    workshop = model.vendors["nvidia"].workshop
    model.books.move(chip_asset("H20 SXM"), 7, giver=workshop, taker=f"{OUTSIDE}scrap", reason="scrapped")


def sell_in_secret(model: Model) -> None:
    """Have a vendor's chips vanish to dealers under another name than a sale to them."""
    model.books.move(chip_asset("H20 SXM"), 7, giver=model.vendors["nvidia"].workshop, taker=RESALE, reason="gift")


def throw_away(model: Model) -> None:
    """Throw a cloud's chips on a heap that is no account of the books."""
    model.books.move(chip_asset("H20 SXM"), 7, giver="alibaba", taker=f"{OUTSIDE}heap", reason="scrapped")


def give_away(model: Model) -> None:
    """Hand a vendor's chips to a cloud without an order, a lot or capacity."""
    workshop = model.vendors["nvidia"].workshop
    model.books.move(chip_asset("H20 SXM"), 7, giver=workshop, taker="alibaba", reason="gift")


def lose_a_lot(model: Model) -> None:
    """Forget goods on the way: they stay there for ever."""
    model.lots.remove(max(model.lots, key=lambda lot: (lot.arrives, lot.holder, lot.chip)))


def relabel(model: Model) -> None:
    """Count a chip as diverted that came directly, and one more."""
    model.clouds["alibaba"].origins["H20 SXM", "diverted"] = 1


def lend_capacity(model: Model) -> None:
    """Let a cloud serve on the chips of another."""
    asset, taker = capacity_asset("H20 SXM"), model.clouds["baidu"].free
    giver = next(name for name, _ in model.books.holders(asset) if name.startswith("alibaba|"))
    model.books.move(asset, 1, giver=giver, taker=taker, reason="lent")


def release_seized(model: Model) -> None:
    """Hand seized chips back to a cloud, books and all."""
    chip = next(chip for chip in sorted(model.chips) if model.books.balance(SEIZED, chip_asset(chip)))
    cloud = model.clouds["alibaba"]
    model.books.move(chip_asset(chip), 1, giver=SEIZED, taker="alibaba", reason="returned")
    cloud.add_capacity(model, chip, 1, "diverted")


@pytest.fixture
def seizing() -> Model:
    """A model in its sixth week, with goods everywhere and some seized."""
    model = model_of(date(2025, 2, 14), world=STRICT)
    model.run()
    return model


@pytest.mark.parametrize(
    "leak, says",
    [
        (sell_in_secret, "sold outside changed by 7, by its flows 0"), (throw_away, "some at outside:heap"),
        (scrap, "in progress changed by -7, by its flows 0"),
        (give_away, "installed changed by 7, by its flows 0"),
        (lose_a_lot, "in lots"), (relabel, "alibaba has"), (lend_capacity, "baidu has"),
        (release_seized, "seized changed by -1, by its flows 0"),
    ],
)  # fmt: skip
def test_a_leak_that_balances_in_the_books_is_found(seizing, leak, says):
    before = taken_stock(seizing)
    assert audit(seizing, before) == []
    leak(seizing)
    seizing.books.check(after=leak.__name__)
    assert any(says in sentence for sentence in audit(seizing, before))


def shuffled_schedule(salt: int) -> tuple[Phase, ...]:
    """The schedule with its phases in another order."""
    mixed = list(SCHEDULE)
    random.Random(salt).shuffle(mixed)
    return tuple(mixed)


@pytest.mark.parametrize("salt", [1, 2])
def test_chips_are_conserved_whatever_the_order_of_phases(monkeypatch, salt):
    """Another order of a day is another economy, yet no chip may come or go by it."""
    monkeypatch.setattr("abm.model.SCHEDULE", shuffled_schedule(salt))
    model = model_of(date(2025, 2, 28), world=STRICT)
    before = taken_stock(model)
    model.run()
    assert audit(model, before) == []
