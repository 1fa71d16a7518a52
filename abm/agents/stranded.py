"""Goods that a rule has stranded, or that are left of a chip no longer made: written down, sold off, at last cleared away.

They are offered at a falling price until a buyer whom no rule stops finds them worth it. What has come down to its scrap
value goes to dealers outside the roster where some buyer outside its market might have had it, and else to scrap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.books import OUTSIDE, USD, chip_asset
from abm.rules.vendor import clearance_price, clearing_value, write_down
from abm.units import Usd, UsdPerChip, cents, usd

if TYPE_CHECKING:
    from abm.model import Model
    from abm.scenario.actors import Actor, Product

NOTHING = (0, 0, 0, 0)
SCRAP = f"{OUTSIDE}scrap"
RESALE = f"{OUTSIDE}dealers in used chips"


class Stranded:
    """What a vendor does about stranded goods. ``reserves``: by chip the units and cents written down, and the week.

    The units count finished goods, work in progress, and inputs that were bought firmly.
    """

    name: str
    actor: Actor
    products: dict[str, Product]
    reserves: dict[str, tuple[int, int, int, int]]
    written_down: int
    written_back: int
    week: int

    def unit_cost(self, model: Model, chip: str) -> UsdPerChip:
        """What it costs to make a chip."""
        raise NotImplementedError

    def is_ended(self, model: Model, chip: str) -> bool:
        """Whether a chip is made no more, and only what is left of it is sold."""
        raise NotImplementedError

    def stock(self, model: Model, chip: str) -> int:
        """Finished chips not yet shipped."""
        raise NotImplementedError

    def booked(self, chip: str) -> int:
        """Chips ordered and not shipped."""
        raise NotImplementedError

    def reserved(self, chip: str) -> int:
        """Goods of a chip, finished or in progress, that are written down and not sold."""
        return self.reserves.get(chip, NOTHING)[3]

    def reserve(self, model: Model, chip: str, stranded: int, commitments: float) -> None:
        """Write down stranded goods and firm purchases."""
        cost, fetched = self.unit_cost(model, chip), clearing_value(bids_for(model, chip), stranded)
        loss = write_down(stranded, commitments, cost, model.world.conduct.salvage, fetched=fetched)
        units, amount, since, goods = self.reserves.get(chip, NOTHING)
        week = since if goods else self.week
        self.reserves[chip] = (units + stranded + int(commitments), amount + cents(loss), week, goods + stranded)
        self.written_down += cents(loss)
        if not cents(loss):
            return
        told = f"{self.actor.name} wrote down {usd(cents(loss)) / 1e9:.2f} bn USD on {stranded:,} {chip}"
        model.tell(self.name, "write-down", told)

    def release(self, model: Model, chip: str, sold: int) -> None:
        """Write back what was written down on goods that have been sold after all."""
        units, amount, week, goods = self.reserves.get(chip, NOTHING)
        freed = min(sold, units)
        if not freed:
            return
        back = amount * freed // units
        self.written_back += back
        if freed == units:
            del self.reserves[chip]
        else:
            self.reserves[chip] = (units - freed, amount - back, week, max(goods - freed, 0))
        told = f"{self.actor.name} wrote back {usd(back) / 1e6:,.1f} mn USD on {freed:,} {chip} sold after all"
        model.tell(self.name, "written back", told)

    def clearance(self, model: Model, chip: str, price: UsdPerChip) -> UsdPerChip | None:
        """What goods are sold off for where no rule stops it; None without any, or once they may be made and sold at home."""
        if not self.reserved(chip) or not (model.is_restricted(chip) or self.is_ended(model, chip)):
            return None
        weeks = self.week - self.reserves[chip][2]
        return max(
            clearance_price(price, weeks, markdown=model.world.conduct.clearance_markdown), self.scrap_value(model, chip))

    def scrap_value(self, model: Model, chip: str) -> UsdPerChip:
        """What the parts of a chip fetch, in USD: the salvage of what it cost."""
        return self.unit_cost(model, chip) * model.world.conduct.salvage

    def wind_down(self, model: Model) -> None:
        """Set apart what is left of chips no longer made, and clear away what has come down to its scrap value."""
        for chip in sorted(self.products):
            spare = self.stock(model, chip) - self.booked(chip)
            if self.is_ended(model, chip) and spare > self.reserved(chip):
                self.reserve(model, chip, spare - self.reserved(chip), 0.0)
            quote = model.picture.quotes.get(chip)
            if quote is None or quote.clearance is None:
                continue
            self._mark_down(model, chip, quote.clearance)
            if quote.clearance <= self.scrap_value(model, chip):
                self._clear_away(model, chip, max(min(spare, self.reserved(chip)), 0))

    def _mark_down(self, model: Model, chip: str, price: UsdPerChip) -> None:
        """Write down what reserved goods stand in the books for above what is asked for them now."""
        if chip not in self.reserves:
            return
        units, amount, week, goods = self.reserves[chip]
        gone = amount * goods // units if units else 0
        loss = max(cents(goods * (self.unit_cost(model, chip) - price)) - gone, 0)
        self.reserves[chip] = (units, amount + loss, week, goods)
        self.written_down += loss
        if loss:
            told = f"{self.actor.name} wrote down {usd(loss) / 1e9:.2f} bn USD more on {goods:,} {chip}"
            model.tell(self.name, "write-down", told)

    def _clear_away(self, model: Model, chip: str, units: int) -> None:
        """Hand goods to dealers for their scrap value where they may go, and else to scrap; the reserve goes with them."""
        dealers = any(model.gates.may_order(chip, name) for name in sorted(model.clouds))
        taker, reason = (RESALE, "sold outside the roster") if dealers else (SCRAP, "scrapped")
        if not units:
            return
        model.books.move(chip_asset(chip), units, giver=self.name, taker=taker, reason=reason)
        paid = units * cents(self.scrap_value(model, chip))
        model.books.move(USD, paid, giver=taker, taker=self.name, reason=reason)
        count, amount, week, goods = self.reserves.pop(chip)
        if count > units:
            gone = amount * units // count
            self.reserves[chip] = (count - units, amount - gone, week, goods - units)
        model.count(f"{reason} {chip}", units)
        model.tell(self.name, reason, f"{self.actor.name}: {units:,} {chip} {reason} for {usd(paid) / 1e6:,.1f} mn USD")


def bids_for(model: Model, chip: str) -> list[tuple[UsdPerChip, Usd]]:
    """What clouds anywhere that may have a chip would pay for one, by what they would give up for it, and how much money."""
    may = (cloud for name, cloud in sorted(model.clouds.items()) if model.gates.may_order(chip, name))
    return [bid for cloud in may for bid in cloud.value_in_use(model, chip)]
