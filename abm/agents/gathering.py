"""What a shell company does with chips that wait in the transit country: send them on lot by lot, or sell them openly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.books import OUTSIDE, USD, chip_asset
from abm.rules.routes import sent_on_worth, whole_lots
from abm.units import cents

if TYPE_CHECKING:
    from abm.model import Model
    from abm.offers import Lot

FINANCIERS = f"{OUTSIDE}financiers"
FORWARDERS = f"{OUTSIDE}forwarders"
ELSEWHERE = f"{OUTSIDE}buyers elsewhere"


class Gathering:
    """Chips that a shell gathers abroad until a lot is whole. They may be owned there: only sending them on is forbidden.

    A listed party cannot be supplied, but keeps what it has (15 CFR 744.11 governs exports to it). No forwarder or bank
    serves it, though (General Prohibition Ten, 15 CFR 736.2(b)(10)), so that nothing leaves until its owner has
    another shell, to which the goods pass at the cost of one more move.
    """

    name: str
    country: str
    scale: float
    named_until: int | None
    _gathering: list[str]

    def is_named(self, model: Model) -> bool:
        """Whether the shell is listed and its owner has not yet founded another."""
        return self.named_until is not None and model.day < self.named_until

    def lot(self, model: Model) -> int:
        """Chips in a lot by the route that the broker takes now."""
        raise NotImplementedError

    def moving_cost(self, model: Model) -> float:
        """Cost of moving a chip by that route, in USD."""
        raise NotImplementedError

    def believed(self) -> float:
        """The owner's probability that a median seller's lot of cards is detected."""
        raise NotImplementedError

    @property
    def store(self) -> str:
        """The account of chips gathered in the transit country until a lot is whole."""
        return f"{self.name}|gathering"

    def gathered(self, model: Model) -> list[tuple[str, int]]:
        """Kinds and numbers of chips that wait in the transit country."""
        store = self.store
        return [(chip, model.books.balance(store, chip_asset(chip))) for chip in self._gathering]

    def receive(self, model: Model, lot: Lot) -> None:
        """Part of a lot arrives in the transit country and waits there until the lot is whole."""
        asset = chip_asset(lot.chip)
        model.books.move(asset, lot.quantity, giver=f"{self.name}|in transit", taker=self.store, reason="at the broker")
        if lot.chip not in self._gathering:
            self._gathering = sorted([*self._gathering, lot.chip])

    def sends(self, model: Model) -> list[tuple[str, int]]:
        """Kinds and numbers of chips in the lots that leave the transit country this week: none from a named shell.

        Whole lots, each on its own; what is less than a lot goes when no more of its kind is coming.
        """
        if not self._gathering or self.is_named(model):
            return []
        whole, coming = self.lot(model), model.open_orders.coming_to(self.name)
        return [
            (chip, lot) for chip, units in self.gathered(model) for lot in whole_lots(units, whole, rest=not coming.get(chip))
        ]

    def comes_back(self, model: Model) -> None:
        """Once the owner has another shell, pass to it what the named one had, at the cost of moving it once more."""
        if self.named_until is None or self.is_named(model):
            return
        self.named_until = None
        units = sum(number for _, number in self.gathered(model))  # integers
        cost = cents(units * self.moving_cost(model))
        model.books.move(USD, cost, giver=FINANCIERS, taker=FORWARDERS, reason="passed to another shell")
        if units:
            model.count("passed to another shell", units)

    def sell_openly(self, model: Model) -> None:
        """Sell in the transit country what would bring less if it were sent on, by today's grey price."""
        if not self._gathering or self.is_named(model) or not model.restricted_chips():
            return
        whole, cost = self.lot(model), self.moving_cost(model)
        for chip, units in self.gathered(model):
            asked = self._asked_price(model, chip)
            fetched = asked * (1.0 - model.world.diversion.resale_discount)
            if model.is_restricted(chip) and self._sent_on(model, chip, asked, lot=whole, cost=cost) < fetched:
                self._leaves(model, chip, units, taker=ELSEWHERE, reason="sold openly")
                model.books.move(USD, cents(units * fetched), giver=ELSEWHERE, taker=FINANCIERS, reason="sold openly")
                model.count("sold openly", units)

    def _asked_price(self, model: Model, chip: str) -> float:
        return model.picture.quotes[chip].terms_for(self.country)[0] if chip in model.picture.quotes else model.list_price(chip)

    def _sent_on(self, model: Model, chip: str, asked: float, *, lot: int, cost: float) -> float:
        return sent_on_worth(model.grey_price(chip), asked, self.believed(), model.world.conduct, lot=lot, cost=cost)

    def _leaves(self, model: Model, chip: str, units: int, *, taker: str, reason: str = "sent on") -> None:
        model.books.move(chip_asset(chip), units, giver=self.store, taker=taker, reason=reason)
        self._gathering = [kind for kind, left in self.gathered(model) if left]
