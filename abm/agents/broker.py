"""Brokers: shell companies in transit countries that buy restricted chips and pass them on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.books import OUTSIDE, USD, chip_asset
from abm.chance import slots
from abm.digest import packed
from abm.offers import Lot, Order
from abm.rules.broker import believed_detection, expected_margin, lot_size
from abm.units import WEEKS_PER_YEAR, cents

if TYPE_CHECKING:
    from abm.model import Model

FINANCIERS = f"{OUTSIDE}financiers"
SEIZED = f"{OUTSIDE}seized"
TREASURY = f"{OUTSIDE}treasury"
DAYS_PER_WEEK = 5


class Broker(NamedAgent):
    """One shell company: what it believes about detection, whether it has been named.

    ``traits`` are its scale over the median seller's and what it could earn elsewhere, in USD a chip.
    """

    REMEMBERS: ClassVar = ("country", "scale", "outside", "detections", "passages", "named_until", "idle_weeks", "shells")

    def __init__(self, model: Model, name: str, country: str, traits: tuple[float, float]) -> None:
        super().__init__(model, name)
        conduct = model.world.conduct
        self.country = country
        self.scale, self.outside = traits
        self.detections = conduct.belief_detections
        self.passages = conduct.belief_passages
        self.named_until: int | None = None
        self.idle_weeks = 0
        self.shells = 1
        self._gathering: list[str] = []

    def state(self) -> bytes:
        """The broker's memory, packed: all of it plain values, and there are many brokers."""
        return packed(super().state())

    @classmethod
    def memories(cls, brokers: Iterable[Broker]) -> list[tuple]:
        """The memory of each of some brokers, as plain values."""
        return list(map(cls._recall, brokers))

    def believed(self) -> float:
        """The broker's probability that a lot is detected."""
        return believed_detection(self.detections, self.passages)

    def is_named(self, model: Model) -> bool:
        """Whether the shell is listed and its owner has not yet founded another."""
        return self.named_until is not None and model.day < self.named_until

    def margin(self, model: Model, chip: str) -> float:
        """Expected profit a chip at today's grey price and quote, in USD."""
        price = model.picture.quotes[chip].price
        return expected_margin(model.grey_price(chip, trend=True), price, self.believed(), model.world.conduct)

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
        self._apply(model)
        most = conduct.broker_open_lots * lot_size(self.scale, conduct)
        if not begins_lot(model, self.name) or self._waits_for(model) >= most:
            return None
        offers = [chip for chip in model.restricted_chips() if model.gates.may_order(chip, self.name)]
        chip = max(offers, key=lambda kind: self._rank(model, kind), default=None)
        self._count_denials(model, chip)
        if chip is None:
            return None
        units = model.gates.headroom(chip, self.name, lot_size(self.scale, conduct))
        if self.margin(model, chip) <= self.outside or not units:
            return None
        self.idle_weeks = 0
        quote = model.picture.quotes[chip]
        return Order(self.name, quote.seller, chip, units, quote.price, model.day)

    def _waits_for(self, model: Model) -> int:
        return sum(model.open_orders.coming_to(self.name).values())  # integers

    def _return(self, model: Model, chip: str) -> float:
        return self.margin(model, chip) / model.picture.quotes[chip].price

    def _apply(self, model: Model) -> None:
        """File for chips that it may not buy: those on order, and the one that pays best, if better than any it may.

        For as many lots as it may have on order.
        """
        restricted = model.restricted_chips()
        gates = model.gates
        closed = [chip for chip in restricted
                  if not gates.may_order(chip, self.name) and not gates.is_free_abroad(chip, self.name)]
        if not closed:
            return
        best = max(closed, key=lambda kind: self._rank(model, kind))
        best_open = max((self._return(model, kind) for kind in restricted if kind not in closed), default=0.0)
        pays = self.margin(model, best) > self.outside and self._return(model, best) > best_open
        units = model.world.conduct.broker_open_lots * lot_size(self.scale, model.world.conduct)
        for chip in closed:
            if model.open_orders.on_order(self.name, chip) or (chip == best and pays):
                gates.apply(chip, self.name, units)

    def _rank(self, model: Model, chip: str) -> tuple[float, str]:
        return self._return(model, chip), chip

    def _count_denials(self, model: Model, chosen: str | None) -> None:
        """Have counted what the shell may not buy and would rather: what pays, and better than the chip it chose."""
        least = None if chosen is None else self._rank(model, chosen)
        for chip in model.restricted_chips():
            if (least is None or self._rank(model, chip) > least) and self.margin(model, chip) > self.outside:
                model.gates.count_denial(chip, self.name)

    def _remember(self, memory: float, conduct) -> None:
        floor_a, floor_b = conduct.belief_detections, conduct.belief_passages
        self.detections = floor_a + (self.detections - floor_a) * memory
        self.passages = floor_b + (self.passages - floor_b) * memory

    @property
    def store(self) -> str:
        """The account of chips gathered in the transit country until a lot is whole."""
        return f"{self.name}|gathering"

    def receive(self, model: Model, lot: Lot) -> None:
        """Part of a lot arrives in the transit country and waits there until the lot is whole."""
        asset = chip_asset(lot.chip)
        model.books.move(asset, lot.quantity, giver=f"{self.name}|in transit", taker=self.store, reason="at the broker")
        if lot.chip not in self._gathering:
            self._gathering = sorted([*self._gathering, lot.chip])

    def send_on(self, model: Model) -> None:
        """Send every whole lot on to China; customs may find it on its way out."""
        whole = lot_size(self.scale, model.world.conduct) if self._gathering else 0
        for chip in tuple(self._gathering):
            gathered = model.books.balance(self.store, chip_asset(chip))
            if gathered < whole:
                continue
            self._gathering.remove(chip)
            model.books.move(chip_asset(chip), gathered, giver=self.store, taker=self.name, reason="sent on")
            if model.customs(self.country).detects(model, self.name, chip=chip, units=gathered):
                self._seized(model, chip, gathered)
            else:
                self.passages += 1

    def _seized(self, model: Model, chip: str, units: int) -> None:
        conduct = model.world.conduct
        model.books.move(chip_asset(chip), units, giver=self.name, taker=SEIZED, reason="seized")
        fine = cents(units * model.list_price(chip) * conduct.fine_share)
        model.books.move(USD, fine, giver=FINANCIERS, taker=TREASURY, reason="fine")
        self.detections += 1
        self.named_until = model.day + conduct.rename_weeks * DAYS_PER_WEEK
        self.shells += 1
        model.count("seized_units", units)
        model.tell(self.name, "seized", f"{model.customs(self.country).actor.name} found {units:,} {chip} on their way from "
                   f"shell company {self.name} to China; the shell was named")

    def sell(self, model: Model, chip: str, *, buyer: str, units: int, total: int) -> None:
        """Sell diverted chips for a total in cents; the money goes back to who financed the lot."""
        model.books.move(USD, total, giver=model.clouds[buyer].purse_for_brokers(model), taker=FINANCIERS, reason="grey sale")
        model.books.move(chip_asset(chip), units, giver=self.name, taker=f"{buyer}|in transit", reason="diverted")
        model.count("diverted_units", units)
        model.count(f"diverted {chip}", units)
        model.lots.append(Lot(self.name, buyer, chip, units, model.day + DAYS_PER_WEEK, "diverted"))


def begins_lot(model: Model, name: str) -> bool:
    """Whether a broker is ready for another lot this week; the luck of all is drawn together, each one's its own."""
    lucky = model.lots_begun.under(model.day)
    if name not in lucky:
        names, probability = sorted({*model.brokers, name}), model.world.conduct.broker_lots_per_year / WEEKS_PER_YEAR
        lucky |= zip(names, (model.chance.uniforms("lot", slots(names), model.day) < probability).tolist(), strict=True)
    return lucky[name]
