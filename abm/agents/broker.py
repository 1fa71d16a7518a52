"""Brokers: shell companies in transit countries that buy restricted chips and pass them on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.agents.gathering import FINANCIERS, Gathering
from abm.books import OUTSIDE, USD, chip_asset
from abm.chance import slots
from abm.digest import packed
from abm.memory import Memory
from abm.offers import Lot, Order
from abm.rules.broker import believed_detection
from abm.rules.routes import (
    ROUTES,
    Route,
    best_of,
    chances_seen,
    exposure,
    lots_to_order,
    open_routes,
    route_lot,
    waited_for,
)
from abm.scenario.conduct import Conduct
from abm.units import WEEKS_PER_YEAR, cents

if TYPE_CHECKING:
    from abm.model import Model

SEIZED = f"{OUTSIDE}seized"
TREASURY = f"{OUTSIDE}treasury"
DAYS_PER_WEEK = 5
RANK = attrgetter("rank")


@dataclass(frozen=True, slots=True)
class Promise:
    """What a chip promises a broker this week: profit a chip in USD by the best route, the same for a USD after the wait."""

    chip: str
    margin: float
    value: float
    route: Route | None

    @property
    def rank(self) -> tuple[float, str]:
        """By what chips are preferred; ties by name."""
        return self.value, self.chip


class Broker(Gathering, NamedAgent):
    """An owner and the shell company of the day: what the owner believes about detection, whether the shell is named.

    ``traits`` are its scale over the median seller's and what it could earn elsewhere, in USD a chip; ``founded`` is
    the day on which today's shell was registered, ``contacts`` the routes for which the owner has suppliers.
    Beliefs count in median sellers' lots of cards, and are the owner's: a new shell has no record at customs and all
    the experience of the last one.
    """

    REMEMBERS: ClassVar = (
        "country", "scale", "outside", "detections", "passages", "named_until", "idle_weeks", "shells", "founded", "moving",
        "contacts")

    def __init__(
        self, model: Model, name: str, country: str, traits: tuple[float, float], *,
        founded: int = 0, contacts: tuple[str, ...] = ROUTES,
    ) -> None:
        super().__init__(model, name)
        conduct = model.world.conduct
        self.country = country
        self.scale, self.outside = traits
        self.detections = conduct.belief_detections
        self.passages = conduct.belief_passages
        self.named_until: int | None = None
        self.idle_weeks = 0
        self.shells = 1
        self.founded = founded
        self.moving: str | None = None
        self.contacts = contacts
        self._routes = open_routes(conduct, model.world.diversion, contacts)
        self._gathering: list[str] = []
        self._chances = Memory()

    def state(self) -> bytes:
        """The broker's memory, packed: all of it plain values, and there are many brokers."""
        return packed(super().state())

    @classmethod
    def memories(cls, brokers: Iterable[Broker]) -> list[tuple]:
        """The memory of each of some brokers, as plain values."""
        return list(map(cls._recall, brokers))

    def believed(self) -> float:
        """The owner's probability that a median seller's lot of cards is detected."""
        return believed_detection(self.detections, self.passages)

    def price(self, model: Model, chip: str) -> float:
        """What the shell is asked for a chip in its country, in USD: stranded goods are sold off there."""
        return model.picture.quotes[chip].terms_for(self.country)[0]

    def offered(self, model: Model) -> list[str]:
        """Restricted chips that vendors offer to buyers of the shell's country."""
        restricted, quotes = model.restricted_chips(), model.picture.quotes
        known = model.offered_abroad.under(tuple(map(model.chip, restricted)), tuple(quotes.values()))
        if self.country not in known:
            known[self.country] = [
                chip for chip in restricted if quotes[chip].is_offered(model.chip(chip), self.country)]
        return known[self.country]

    def prospect(self, model: Model, chip: str) -> tuple[float, Route | None]:
        """Expected profit a chip in USD by the best route, at the grey price's trend and today's quote, and the route."""
        price, conduct = self.price(model, chip), model.world.conduct
        return best_of(model.grey_price(chip, trend=True), price, conduct, self._known_routes(conduct))

    def _known_routes(self, conduct: Conduct) -> Sequence[tuple[Route, float]]:
        """The broker's routes with its chance of detection by each: they are the same for every chip."""
        believed = self.believed()
        known = self._chances.under(believed, self.scale, conduct)
        if not known:
            seen = chances_seen(believed, conduct, scale=self.scale, routes=self._routes)
            known["routes"] = tuple(zip(self._routes, seen, strict=True))
        return known["routes"]

    def margin(self, model: Model, chip: str) -> float:
        """Expected profit a chip by its best route, in USD."""
        return self.prospect(model, chip)[0]

    def lot(self, model: Model) -> int:
        """Chips in a lot by the route that the broker takes now; of cards before it has taken any."""
        return route_lot(self.scale, self._route(model), model.world.conduct)

    def moving_cost(self, model: Model) -> float:
        """Cost of moving a chip by the route that the broker takes now, in USD; a card's before it has taken any."""
        return self._route(model).cost

    def _route(self, model: Model) -> Route:
        for one in self._routes:
            if one.name == self.moving:
                return one
        return Route("", 1.0, model.world.conduct.broker_cost)

    def withdraws(self, model: Model, chip: str) -> bool:
        """Whether the broker takes back what it has on order of a chip: it no longer pays, or its shell is named."""
        return self.is_named(model) or chip not in model.picture.quotes or self.margin(model, chip) <= 0

    def order(self, model: Model) -> Order | None:
        """Order a lot of the restricted chip with the best margin, if it beats what the broker could earn elsewhere.

        Where its country's buyers need a licence, the shell files for one first, in its own name.
        """
        conduct = model.world.conduct
        self._remember(conduct.belief_memory, conduct)
        self.idle_weeks += 1
        if self.is_named(model):
            return None
        closed, begins = self._closed(model), self._begins(model)
        promises = self._promises(model) if closed or begins else []
        self._apply(model, promises, closed)
        if not begins:
            return None
        pay = [one for one in promises if one.margin > self.outside]
        best = max((one for one in pay if model.gates.may_order(one.chip, self.name)), key=RANK, default=None)
        self._count_denials(model, pay, best)
        if best is None or best.route is None:
            return None
        chip, route = best.chip, best.route
        quote = model.picture.quotes[chip]
        lot = route_lot(self.scale, route, conduct)
        wanted = lots_to_order(
            lot, self._waits_for(model), sold_meanwhile=self._most(model) / conduct.broker_open_lots
            * conduct.broker_lots_per_year * quote.delay, most=self._most(model))
        price, rate = quote.terms_for(self.country)
        if not rate:  # goods on clearance: there are no more than the stock
            wanted = min(wanted, max(int(quote.spare), 0))
        units = model.gates.headroom(chip, self.name, wanted) if wanted else 0
        if not units:
            return None
        self.idle_weeks, self.moving = 0, route.name
        return Order(self.name, quote.seller, chip, units, price, model.day)

    def _begins(self, model: Model) -> bool:
        """Whether the broker is ready for another lot this week: larger lots are as much rarer."""
        factor = self.lot(model) / max(route_lot(self.scale, Route("", 1.0, 0.0), model.world.conduct), 1)
        return luck_of_week(model, self.name) < model.world.conduct.broker_lots_per_year / WEEKS_PER_YEAR / factor

    def _waits_for(self, model: Model) -> int:
        return sum(model.open_orders.coming_to(self.name).values())  # integers

    def _promises(self, model: Model) -> list[Promise]:
        """What each chip that the shell is offered promises: expected profit, and that per USD paid after the wait."""
        promises, impatience = [], model.world.diversion.impatience
        for chip in self.offered(model):
            margin, route = self.prospect(model, chip)
            value = waited_for(margin / self.price(model, chip), model.picture.quotes[chip].delay, impatience)
            promises.append(Promise(chip, margin, value, route))
        return promises

    def _most(self, model: Model) -> int:
        conduct = model.world.conduct
        return conduct.broker_open_lots * route_lot(self.scale, Route("", 1.0, 0.0), conduct)

    def _closed(self, model: Model) -> list[str]:
        """Chips on offer that the shell may not buy, and for which others of its country have to file as well."""
        guarded = model.gates.guarded_abroad(self.offered(model), self.name)
        return [chip for chip in guarded if not model.gates.may_order(chip, self.name)]

    def _apply(self, model: Model, promises: list[Promise], closed: list[str]) -> None:
        """File for chips that it may not buy: those on order, and the one that pays best, if better than any it may.

        For as many lots as it may have on order.
        """
        if not closed:
            return
        best = max((one for one in promises if one.chip in closed), key=RANK)
        best_open = max((one.value for one in promises if one.chip not in closed), default=0.0)
        pays = best.margin > self.outside and best.value > best_open
        units = self._most(model)
        for chip in closed:
            if model.open_orders.on_order(self.name, chip) or (chip == best.chip and pays):
                model.gates.apply(chip, self.name, units)

    def _count_denials(self, model: Model, pay: list[Promise], chosen: Promise | None) -> None:
        """Have counted what the shell may not buy and would rather: what pays, and better than the chip it chose."""
        for one in pay:
            if chosen is None or one.rank > chosen.rank:
                model.gates.count_denial(one.chip, self.name)

    def _remember(self, memory: float, conduct) -> None:
        floor_a, floor_b = conduct.belief_detections, conduct.belief_passages
        self.detections = floor_a + (self.detections - floor_a) * memory
        self.passages = floor_b + (self.passages - floor_b) * memory

    def passes(self, model: Model, chip: str, units: int) -> None:
        """A lot leaves the transit country unseen; the owner learns from it as much as it was visible."""
        self._leaves(model, chip, units, taker=self.name)
        self.passages += exposure(units, model.world.conduct)
        model.count(f"past customs: {self.moving or 'before the opening'}", units)

    def is_seized(self, model: Model, chip: str, units: int) -> None:
        """Customs find a lot: it is lost and fined, the shell is named, and its owner is back under another name later."""
        conduct = model.world.conduct
        self._leaves(model, chip, units, taker=self.name)
        model.books.move(chip_asset(chip), units, giver=self.name, taker=SEIZED, reason="seized")
        fine = cents(units * self._asked_price(model, chip) * conduct.fine_share)
        model.books.move(USD, fine, giver=FINANCIERS, taker=TREASURY, reason="fine")
        self.detections += 1
        named = self.is_named(model)
        if not named:
            self.named_until = model.day + conduct.rename_weeks * DAYS_PER_WEEK
            self.founded = self.named_until
            self.shells += 1
        model.count("seized_units", units)
        model.count("seized_lots", 1)
        model.tell(self.name, "seized", f"{model.customs(self.country).actor.name} found {units:,} {chip} on their way from "
                   f"shell company {self.name} to China; the shell {'had been' if named else 'was'} named")

    def sell(self, model: Model, chip: str, *, buyer: str, units: int, total: int) -> None:
        """Sell diverted chips for a total in cents; the money goes back to who financed the lot."""
        diverted = bool(model.restricted_chips())
        model.books.move(USD, total, giver=model.clouds[buyer].purse_for_brokers(model), taker=FINANCIERS,
                         reason="grey sale" if diverted else "open sale")
        what = "diverted" if diverted else "direct"
        model.books.move(chip_asset(chip), units, giver=self.name, taker=f"{buyer}|in transit", reason=what)
        if diverted:
            model.count("diverted_units", units)
            model.count(f"diverted {chip}", units)
            model.count("diverted_cents", total)
        model.lots.append(Lot(self.name, buyer, chip, units, model.day + DAYS_PER_WEEK, what))


def luck_of_week(model: Model, name: str) -> float:
    """The luck by which a broker is ready for another lot this week; that of all is drawn together, each one's its own."""
    luck = model.lots_begun.under(model.day)
    if name not in luck:
        names = sorted({*model.brokers, name})
        luck |= zip(names, model.chance.uniforms("lot", slots(names), model.day).tolist(), strict=True)
    return luck[name]
