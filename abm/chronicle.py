"""The chronicle of a run: what happened week by week, added up and told in dated sentences of the event log.

It is fed by the phases of a day and decides nothing: nobody reads it. Sums are whole numbers and are told in the order
of names, so that the order of actors does not matter. Shell companies are added up by country.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from abm.picture import HOME
from abm.rules.cloud import Need, Option, fill_knapsack
from abm.units import cents, usd

if TYPE_CHECKING:
    from abm.agents.lab import Lab
    from abm.agents.vendor import Vendor
    from abm.model import Model
    from abm.offers import Lot, Order
    from abm.rules.lab import Review

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
BILLION = 1e9
QUARTER_MONTHS = (1, 4, 7, 10)
SHELLS = "shells"
ROUTES = {"licensed": "under licence", "diverted": "through shell companies", "abroad": "abroad"}
BINDS = {
    "quality": "quality falls short by {short:.1f} points; {secured:.0%} of the serving that it would be asked for is secured",
    "capacity": "only {secured:.0%} of the serving that it would be asked for is secured, while its quality would do",
    "both": "quality falls short by {short:.1f} points and only {secured:.0%} of the serving it would need is secured",
}


def called(model: Model, name: str) -> str:
    """What an actor is called in a sentence: its display name, or what kind of shell company it is."""
    actor = model.actors.get(name)
    return actor.name if actor is not None else f"shell company {name}"


def land(model: Model, country: str) -> str:
    """A transit country in words: that of the name of its customs office."""
    return model.customs(country).actor.name.removesuffix(" customs")


def by_buyer(model: Model, orders: Iterable[Order]) -> str:
    """Who ordered how much, in words: buyers by the size of their orders, shell companies together."""
    units: Counter[str] = Counter()
    for order in orders:
        units[called(model, order.buyer) if order.buyer in model.actors else "shell companies"] += order.quantity
    return ", ".join(f"{name} {n:,}" for name, n in sorted(units.items(), key=lambda one: (-one[1], one[0])))


class Chronicle:
    """What has happened since it was last told, and what was told already."""

    def __init__(self) -> None:
        self._bought: dict[str, Counter[tuple[str, str]]] = {}
        self._routes: Counter[tuple[str, str, str]] = Counter()
        self._made: dict[str, Counter[tuple[str, str]]] = {}
        self._refused: Counter[tuple[str, str, str]] = Counter()
        self._ever_refused: set[tuple[str, str, str]] = set()
        self._first_refusals: list[tuple[str, str, str]] = []
        self._plans: dict[str, tuple[Sequence[Option], Need, float]] = {}
        self._limits: dict[str, str] = {}
        self._bindings: dict[str, str] = {}
        self._shells: dict[str, bool] = {}

    # what the phases of a day hand over -------------------------------------------------------------------

    def _add(self, of: dict[str, Counter], what: str, key: tuple[str, str], number: int) -> None:
        if number:
            of.setdefault(what, Counter())[key] += number

    def _party(self, model: Model, buyer: str) -> str:
        """A buyer, or the country of a shell company."""
        return buyer if buyer in model.actors else f"{SHELLS} {model.brokers[buyer].country}"

    def note_orders(self, model: Model, orders: Iterable[Order]) -> None:
        """Orders that vendors enter in their books."""
        for order in orders:
            key = (self._party(model, order.buyer), order.chip)
            self._add(self._bought, "ordered", key, order.quantity)
            self._add(self._bought, "cents", key, order.quantity * cents(order.price))
            self._add(self._made, "ordered", (order.seller, order.chip), order.quantity)

    def note_withdrawn(self, model: Model, orders: Iterable[Order]) -> None:
        """Orders that buyers take back."""
        for order in orders:
            self._add(self._bought, "withdrawn", (self._party(model, order.buyer), order.chip), order.quantity)

    def note_starts(
        self, vendor: str, wanted: Mapping[str, int], limited: Mapping[str, int], started: Mapping[str, int]
    ) -> None:
        """Chips that a vendor wanted to start this week, what limits other than dies left of it, and what it started."""
        for chip, units in wanted.items():
            key = (vendor, chip)
            self._add(self._made, "wanted", key, units)
            self._add(self._made, "cut before dies", key, units - limited[chip])
            self._add(self._made, "started", key, started[chip])

    def note_allocation(self, model: Model, granted: Iterable[tuple[Order, int]], payable: Mapping[tuple, int]) -> None:
        """Finished chips that orders were granted, and how many their buyers could pay."""
        for order, units in granted:
            paid = payable[order.key]
            self._add(self._made, "shipped", (order.seller, order.chip), paid)
            self._add(self._bought, "unpaid", (self._party(model, order.buyer), order.chip), units - paid)

    def note_arrivals(self, model: Model, lots: Iterable[Lot]) -> None:
        """Lots that arrive."""
        for lot in lots:
            party = self._party(model, lot.holder)
            self._add(self._bought, "arrived", (party, lot.chip), lot.quantity)
            self._routes[party, lot.chip, lot.origin] += lot.quantity

    def note_denial(self, model: Model, buyer: str, chip: str, cause: str) -> None:
        """A purchase that a buyer wanted and a government denies, with paragraph and instrument."""
        key = (self._party(model, buyer), chip, cause)
        self._refused[key] += 1
        if key not in self._ever_refused:
            self._ever_refused.add(key)
            self._first_refusals.append(key)

    def note_plan(self, buyer: str, options: Sequence[Option], need: Need, money: float) -> None:
        """What a buyer may order, what it lacks, and the USD that it could commit in all; the last of a month is told."""
        self._plans[buyer] = (options, need, money)

    def note_review(self, model: Model, lab: Lab, review: Review) -> None:
        """A launch review: what binds is told when it is not what bound the week before."""
        before = self._bindings.pop(lab.name, "none")
        if review.binding == "none":
            return
        self._bindings[lab.name] = review.binding
        if review.binding != before:
            why = BINDS[review.binding].format(short=review.shortfall_points, secured=review.secured_share)
            model.tell(lab.name, "review", f"{lab.actor.name} keeps {lab.project.name} back: {why}")

    # telling ----------------------------------------------------------------------------------------------

    def tell_week(self, model: Model) -> None:
        """Tell the first refusals of the week, and which shell companies came, left or are back."""
        for party, chip, cause in sorted(self._first_refusals):
            who = self._who(model, party)
            model.tell(self._actor(party), "refused", f"{who} may not buy {chip}, for the first time: {cause}")
        self._first_refusals = []
        now = {name: broker.is_named(model) for name, broker in sorted(model.brokers.items())}
        for name, named in now.items():
            if name not in self._shells:
                place = land(model, model.brokers[name].country)
                model.tell(name, "shell enters", f"{called(model, name).capitalize()} is founded in {place}")
            elif self._shells[name] and not named:
                number = model.brokers[name].shells
                text = f"The owner of {called(model, name)} is back with company number {number} under a new name"
                model.tell(name, "shell is back", text)
        for name in sorted(self._shells.keys() - now.keys()):
            model.tell(name, "shell leaves", f"{called(model, name).capitalize()} leaves after half a year without a lot")
        self._shells = now

    def tell_month(self, model: Model) -> None:
        """Tell the month that has ended; on the first day of a run what everybody begins with."""
        if model.yesterday is None:
            self._shells = {name: broker.is_named(model) for name, broker in model.brokers.items()}
            self._tell_fleets(model, "opening", "begins with")
            self._tell_shells(model)
            return
        ended = model.today.replace(day=1) - timedelta(days=1)
        month = f"{MONTHS[ended.month - 1]} {ended.year}"
        self._tell_purchases(model, month)
        self._tell_vendors(model, month)
        self._tell_refusals(model, month)
        self._tell_limits(model, month)

    def close(self, model: Model) -> None:
        """Tell what everybody has at the end of a run."""
        self._tell_fleets(model, "close", "ends with")

    def _who(self, model: Model, party: str) -> str:
        if not party.startswith(f"{SHELLS} "):
            return model.actors[party].name
        return f"Shell companies in {land(model, party.removeprefix(f'{SHELLS} '))}"

    def _actor(self, party: str) -> str:
        return SHELLS if party.startswith(f"{SHELLS} ") else party

    def _tell_fleets(self, model: Model, kind: str, verb: str) -> None:
        for name, cloud in sorted(model.clouds.items()):
            for chip in cloud.chips():
                routes = {origin: n for (kind_of, origin), n in sorted(cloud.origins.items()) if kind_of == chip and n}
                if routes:
                    units = sum(routes.values())  # integers
                    model.tell(name, kind, f"{cloud.actor.name} {verb} {units:,} {chip} installed{_ways(routes)}")

    def _tell_shells(self, model: Model) -> None:
        places = Counter(land(model, broker.country) for broker in model.brokers.values())
        if places:
            text = ", ".join(f"{n} in {place}" for place, n in sorted(places.items()))
            model.tell(SHELLS, "opening", f"{len(model.brokers)} shell companies are at work: {text}")

    def _tell_purchases(self, model: Model, month: str) -> None:
        """One sentence for each buyer and chip: ordered, taken back, arrived by which route, not paid, still to come."""
        bought, routes, self._bought, self._routes = self._bought, self._routes, {}, Counter()
        for party, chip in sorted({key for of in bought.values() for key in of}):
            units = {what: of[party, chip] for what, of in bought.items() if of[party, chip]}
            parts = []
            if "ordered" in units:
                parts.append(f"ordered {units['ordered']:,} {chip} for {usd(units['cents']) / BILLION:.2f} bn USD")
            if "withdrawn" in units:
                parts.append(f"took back orders for {units['withdrawn']:,} {chip}")
            if "arrived" in units:
                ways = {origin: n for (who, kind, origin), n in sorted(routes.items()) if (who, kind) == (party, chip)}
                parts.append(f"received {units['arrived']:,} {chip}{_ways(ways)}")
            if "unpaid" in units:
                parts.append(f"could not pay for {units['unpaid']:,} {chip} that were ready, for want of cash")
            left = self._still_to_come(model, party, chip)
            kind = "purchases" if "ordered" in units or "arrived" in units else "orders taken back"
            model.tell(self._actor(party), kind, f"In {month} {self._who(model, party)} {_listed(parts)}; {left}")

    def _still_to_come(self, model: Model, party: str, chip: str) -> str:
        """What a buyer has on order and on the way of a chip."""
        of = [o.quantity for o in self._book(model, chip) if self._party(model, o.buyer) == party]
        lots = [lot.quantity for lot in model.lots if lot.chip == chip and self._party(model, lot.holder) == party]
        return f"{sum(of):,} are on order and {sum(lots):,} on the way"  # integers

    def _book(self, model: Model, chip: str) -> list[Order]:
        seller = model.vendors.get(model.sellers.get(chip, ""))
        return [] if seller is None else [order for order in seller.order_book if order.chip == chip]

    def _tell_vendors(self, model: Model, month: str) -> None:
        """One sentence for each vendor and chip: orders taken, started, shipped, what is left and what it waits for."""
        made, self._made = self._made, {}
        for name, chip in sorted({key for of in made.values() for key in of}):
            vendor, units = model.vendors[name], Counter({what: of[name, chip] for what, of in made.items()})
            book = self._book(model, chip)
            booked = sum(order.quantity for order in book)  # integers
            waiting = booked - sum(model.gates.allowed_units(chip, o.buyer, o.quantity) for o in book)  # integers
            text = (
                f"In {month} {vendor.actor.name} took orders for {units['ordered']:,} {chip}, started "
                f"{units['started']:,} and shipped {units['shipped']:,}; {booked:,} are left on its book"
            )
            text += f", {waiting:,} of which wait for a licence" if waiting else ""
            model.tell(name, "production", text + _short_of(vendor, units))

    def _tell_refusals(self, model: Model, month: str) -> None:
        refused, self._refused = self._refused, Counter()
        for (party, chip, cause), times in sorted(refused.items()):
            often = "once" if times == 1 else f"{times} times"
            text = f"In {month} {self._who(model, party)} wanted {chip} and might not buy it, {often}: {cause}"
            model.tell(self._actor(party), "refusals", text)

    def _tell_limits(self, model: Model, month: str) -> None:
        """What kept a buyer from ordering all that it lacked, when that has changed, and once a quarter."""
        for buyer, (options, need, money) in sorted(self._plans.items()):
            limit, share, cost = self._limit(model, (options, need, money))
            before = self._limits.get(buyer, "nothing")
            self._limits[buyer] = limit
            if limit == before and (limit == "nothing" or model.today.month not in QUARTER_MONTHS):
                continue
            who = model.actors[buyer].name
            text = {
                "nothing": f"In {month} {who} could order all that it lacked",
                "licences": f"In {month} {who} lacked chips and might not order a single kind: licences bind, not cash",
                "cash": f"In {month} cash and budgets of {who} covered {share:.0%} of the {cost / BILLION:.2f} bn USD that "
                        "chips for all it lacked would have cost",
            }[limit]
            model.tell(buyer, "limit", text)
        self._plans = {}

    def _limit(self, model: Model, plan: tuple[Sequence[Option], Need, float]) -> tuple[str, float, float]:
        """What binds a buyer (nothing, licences or cash), the share of its need that money covers, and the need in USD."""
        options, need, money = plan
        if need.serving_gap <= 0 and need.training_gap <= 0:
            return "nothing", 1.0, 0.0
        if not options:
            return "licences", 0.0, 0.0
        wish = fill_knapsack(options, need, math.inf, model.world.conduct.impatience)
        cost = math.fsum(option.price * quantity for option, quantity in wish)
        return ("cash" if money < cost else "nothing"), (money / cost if cost > 0 else 1.0), cost


def _ways(routes: Mapping[str, int]) -> str:
    """Units by route in words, nothing where all came straight from the maker."""
    told = [f"{n:,} {ROUTES[origin]}" for origin, n in routes.items() if origin in ROUTES]
    return f" ({', '.join(told)})" if told else ""


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _short_of(vendor: Vendor, units: Mapping[str, int]) -> str:
    """Why a vendor started less than it wanted: a month's starts as a share of what it wanted in each week."""
    wanted, started, before_dies = units["wanted"], units["started"], units["cut before dies"]
    if started >= wanted:
        return ""
    is_domestic = vendor.actor.country == HOME
    limits = ["memory" if is_domestic else "what was booked ahead for it"] if before_dies else []
    if wanted - before_dies > started:
        limits.append("dies from its bank and its wafers" if is_domestic else "packaging")
    return f"; it could start {started / wanted:.0%} of what it wanted, for want of {' and '.join(limits)}"
