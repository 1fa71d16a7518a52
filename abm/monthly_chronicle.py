"""What happened in a month, added up by buyer, vendor and chip, and told in sentences on the first day of the next.

Sums are whole numbers and are told in the order of names, so that the order of actors does not matter. Shell companies
are added up by country.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from abm.picture import HOME
from abm.rules.cloud import Need, Option, fill_budget
from abm.units import cents, usd

if TYPE_CHECKING:
    from abm.agents.vendor import Vendor
    from abm.model import Model
    from abm.offers import Lot, Order

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
MILLION, BILLION = 1e6, 1e9
QUARTERS = (1, 4, 7, 10)
SHELLS = "shells"
ROUTES = {"licensed": "under licence", "diverted": "through shell companies"}


def called(model: Model, name: str) -> str:
    """What an actor is called in a sentence: its display name, or that it is a shell company."""
    actor = model.actors.get(name)
    return actor.name if actor is not None else f"shell company {name}"


def land(model: Model, country: str) -> str:
    """A transit country in words: that of the name of its customs office."""
    return model.customs(country).actor.name.removesuffix(" customs")


def money_in_words(amount: float) -> str:
    """An amount in billions of USD, where it is below one in millions, and below one of those to the dollar."""
    if amount < 1.0:
        return "nothing"
    if amount < MILLION:
        return f"{amount:,.0f} USD"
    return f"{amount / BILLION:.2f} bn USD" if amount >= BILLION else f"{amount / MILLION:.1f} mn USD"


def listed(parts: Sequence[str]) -> str:
    """Some things in words, the last joined by 'and'."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def ways(routes: Mapping[str, int]) -> str:
    """Units by route in words, nothing where all came straight from the maker."""
    told = [f"{n:,} {ROUTES[origin]}" for origin, n in routes.items() if origin in ROUTES]
    return f" ({', '.join(told)})" if told else ""


class MonthlyChronicle:
    """The sums of the month under way, and which limit each buyer met in the month before."""

    def __init__(self) -> None:
        self._limits: dict[str, str] = {}
        self._clear()

    def _clear(self) -> None:
        self._bought: dict[tuple[str, str, str], int] = {}
        self._arrived: dict[tuple[str, str, str], int] = {}
        self._made: dict[tuple[str, str, str], int] = {}
        self._refused: dict[str, Counter[tuple[str, str]]] = {}
        self._plans: dict[str, tuple[Sequence[Option], Need, float]] = {}

    @staticmethod
    def party(model: Model, buyer: str) -> str:
        """A buyer, or for a shell company all of its country."""
        return buyer if buyer in model.actors else f"{SHELLS} {model.brokers[buyer].country}"

    @staticmethod
    def who(model: Model, party: str) -> str:
        """What a buyer, or the shell companies of a country, are called."""
        kind, _, country = party.partition(" ")
        return f"shell companies in {land(model, country)}" if kind == SHELLS else model.actors[party].name

    @staticmethod
    def actor(party: str) -> str:
        """The name under which a buyer's events are kept: its own, or one for all shell companies."""
        return SHELLS if party.startswith(f"{SHELLS} ") else party

    # what the phases of a day hand over -------------------------------------------------------------------

    def note_orders(self, model: Model, orders: Iterable[Order]) -> None:
        """Orders that vendors enter in their books."""
        for order in orders:
            party = self.party(model, order.buyer)
            _add(self._bought, (party, order.chip, "ordered"), order.quantity)
            _add(self._bought, (party, order.chip, "cents"), order.quantity * cents(order.price))
            _add(self._made, (order.seller, order.chip, "ordered"), order.quantity)

    def note_withdrawn(self, model: Model, orders: Iterable[Order]) -> None:
        """Orders that buyers take back."""
        for order in orders:
            _add(self._bought, (self.party(model, order.buyer), order.chip, "withdrawn"), order.quantity)

    def note_starts(
        self, vendor: str, wanted: Mapping[str, int], limited: Mapping[str, int], started: Mapping[str, int]
    ) -> None:
        """Chips that a vendor wanted to start this week, what limits other than dies left of it, and what it started."""
        for chip, units in wanted.items():
            for what, number in (("wanted", units), ("limited", limited[chip]), ("started", started[chip])):
                _add(self._made, (vendor, chip, what), number)

    def note_allocation(self, model: Model, granted: Iterable[tuple[Order, int]], payable: Mapping[tuple, int]) -> None:
        """Finished chips that orders were granted, and how many their buyers could pay."""
        for order, units in granted:
            if units:
                paid = payable[order.key]
                _add(self._made, (order.seller, order.chip, "shipped"), paid)
                if paid < units:
                    _add(self._bought, (self.party(model, order.buyer), order.chip, "unpaid"), units - paid)

    def note_arrivals(self, model: Model, lots: Iterable[Lot]) -> None:
        """Lots that arrive, by route."""
        for lot in lots:
            _add(self._arrived, (self.party(model, lot.holder), lot.chip, lot.origin), lot.quantity)

    def note_refusal(self, party: str, chip: str, cause: str) -> None:
        """A purchase that a buyer wanted and a government denies, with paragraph and instrument."""
        self._refused.setdefault(party, Counter())[cause, chip] += 1

    def note_plan(self, buyer: str, options: Sequence[Option], need: Need, money: float) -> None:
        """What a buyer may order, what it lacks, and the USD that it can still commit; the last of a month is told."""
        self._plans[buyer] = (options, need, money)

    # telling ----------------------------------------------------------------------------------------------

    def tell(self, model: Model) -> None:
        """Tell the month that has ended, and begin the next."""
        ended = model.today.replace(day=1) - timedelta(days=1)
        month = f"In {MONTHS[ended.month - 1]} {ended.year}"
        bought, arrived, made = _by_first_two(self._bought), _by_first_two(self._arrived), _by_first_two(self._made)
        coming = self._still_to_come(model)
        for key in sorted(bought.keys() | arrived.keys()):
            self._tell_purchases(model, month, key, bought.get(key, Counter()), arrived=arrived.get(key, {}),
                                 coming=coming.get(key, (0, 0)))
        for key, units in sorted(made.items()):
            self._tell_production(model, month, key, units)
        for party, times in sorted(self._refused.items()):
            text = f"{month} {self.who(model, party)} wanted, and might not buy, {_refusals(times)}"
            model.tell(self.actor(party), "refusals", text)
        for buyer, plan in sorted(self._plans.items()):
            self._tell_limit(model, month, buyer, plan)
        self._clear()

    def _still_to_come(self, model: Model) -> dict[tuple[str, str], tuple[int, int]]:
        """Units on order and on the way by buyer and chip."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for _, vendor in sorted(model.vendors.items()):
            for order in vendor.order_book:
                key = (self.party(model, order.buyer), order.chip)
                found[key] = (found.get(key, (0, 0))[0] + order.quantity, 0)
        for lot in model.lots:
            key = (self.party(model, lot.holder), lot.chip)
            booked, coming = found.get(key, (0, 0))
            found[key] = (booked, coming + lot.quantity)
        return found

    def _tell_purchases(
        self, model: Model, month: str, key: tuple[str, str], units: Counter[str], *, arrived: Mapping[str, int],
        coming: tuple[int, int],
    ) -> None:
        """What a buyer ordered of a chip, took back, received by which route, could not pay, and has still to come."""
        (party, chip), parts = key, []
        if units["ordered"]:
            parts.append(f"ordered {units['ordered']:,} {chip} for {money_in_words(usd(units['cents']))}")
        if units["withdrawn"]:
            parts.append(f"took back orders for {units['withdrawn']:,} {chip}")
        if arrived:
            parts.append(f"received {sum(arrived.values()):,} {chip}{ways(dict(sorted(arrived.items())))}")  # integers
        if units["unpaid"]:
            parts.append(f"lacked the cash for {units['unpaid']:,} {chip} that were ready")
        left = f"left on order {coming[0]:,}, on the way {coming[1]:,}"
        model.tell(self.actor(party), "purchases", f"{month} {self.who(model, party)} {listed(parts)}; {left}")

    def _tell_production(self, model: Model, month: str, key: tuple[str, str], units: Counter[str]) -> None:
        """What a vendor took in orders for a chip, started and shipped, what is left of the book and what limits it."""
        vendor, chip = model.vendors[key[0]], key[1]
        book = [order for order in vendor.order_book if order.chip == chip]
        booked = sum(order.quantity for order in book)  # integers
        waiting = booked - sum(model.gates.allowed_units(chip, one.buyer, one.quantity) for one in book)  # integers
        parts = [f"left on its book {booked:,}"]
        if booked and units["shipped"]:
            parts[0] += f", {booked / units['shipped']:.1f} months of such deliveries"
        if waiting:
            parts.append(f"waiting for a licence {waiting:,}")
        if booked and (limits := _limits(vendor, units)):
            parts.append(f"{listed(limits)} kept it from starting more")
        model.tell(
            vendor.name, "production", f"{month} {vendor.actor.name} took orders for {units['ordered']:,} {chip}, started "
            f"{units['started']:,} and shipped {units['shipped']:,}; {'; '.join(parts)}")

    def _tell_limit(self, model: Model, month: str, buyer: str, plan: tuple[Sequence[Option], Need, float]) -> None:
        """What kept a buyer from ordering all that it lacked, where that has changed, and once a quarter."""
        cost, money = _cost(model, plan), plan[2]
        limit = "nothing" if cost == 0.0 or money >= cost else "cash" if cost < math.inf else "licences"
        before, self._limits[buyer] = self._limits.get(buyer, "nothing"), limit
        if limit == before and (limit == "nothing" or model.today.month not in QUARTERS):
            return
        who = model.actors[buyer].name
        text = {
            "nothing": "could order all that it lacked",
            "licences": "lacked chips and might not order a single kind: licences bound, not cash",
            "cash": f"could still commit {money_in_words(money)}, cash and coming budgets less what it had on order, "
                    f"where all that it lacked would have cost {money_in_words(cost)}",
        }[limit]
        model.tell(buyer, "limit", f"{month} {who} {text}")


def _add(sums: dict[tuple[str, str, str], int], key: tuple[str, str, str], units: int) -> None:
    if units:
        sums[key] = sums.get(key, 0) + units


def _by_first_two(sums: Mapping[tuple[str, str, str], int]) -> dict[tuple[str, str], Counter[str]]:
    """Sums by the first two of their three keys, each by the third."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for (first, second, third), units in sums.items():
        found.setdefault((first, second), Counter())[third] = units
    return found


def _cost(model: Model, plan: tuple[Sequence[Option], Need, float]) -> float:
    """USD that all that a buyer lacks would cost: nothing where it lacks nothing, infinite where it may order nothing."""
    options, need, _ = plan
    if need.serving_gap <= 0 and need.training_gap <= 0:
        return 0.0
    if not options:
        return math.inf
    missing = (max(need.serving_target - need.serving_planned, 0.0), max(need.training_target - need.training_planned, 0.0))
    enough = max(
        option.price * (missing[0] / option.serving + missing[1] / option.training)
        for option in options if option.serving > 0 and option.training > 0
    )
    wish = fill_budget(options, need, enough, model.world.conduct.impatience)
    return math.fsum(option.price * quantity for option, quantity in wish)


def _refusals(times: Counter[tuple[str, str]]) -> str:
    """Chips by how often they were refused, with the paragraph and instrument of each."""
    causes = sorted({cause for cause, _ in times})
    chips = {
        cause: listed([f"{chip} ({n} times)" if n > 1 else f"{chip} (once)"
                       for (why, chip), n in sorted(times.items()) if why == cause])
        for cause in causes
    }
    return "; ".join(f"{chips[cause]} under {cause}" for cause in causes)


def _limits(vendor: Vendor, units: Counter[str]) -> list[str]:
    """What kept a vendor from starting all that its book and the orders expected asked for."""
    is_domestic, limits = vendor.actor.country == HOME, []
    dies = "dies from its bank and its wafers" if getattr(vendor, "die_bank", 0) else "dies from its wafers"
    if units["limited"] < units["wanted"]:
        limits.append("memory" if is_domestic else "what was booked ahead for it")
    if units["started"] < units["limited"]:
        limits.append(dies if is_domestic else "packaging")
    return limits
