"""Goods that a rule has stranded: written down, sold off where no rule stops it, and written back when they are sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.rules.vendor import clearance_price, write_down
from abm.units import UsdPerChip, cents, usd

if TYPE_CHECKING:
    from abm.model import Model
    from abm.scenario.actors import Actor, Product

NOTHING = (0, 0, 0, 0)


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

    def reserved(self, chip: str) -> int:
        """Goods of a chip, finished or in progress, that are written down and not sold."""
        return self.reserves.get(chip, NOTHING)[3]

    def reserve(self, model: Model, chip: str, stranded: int, commitments: float) -> None:
        """Write down stranded goods and firm purchases."""
        loss = write_down(stranded, commitments, self.unit_cost(model, chip), model.world.conduct.salvage)
        units, amount, _, goods = self.reserves.get(chip, NOTHING)
        self.reserves[chip] = (units + stranded + int(commitments), amount + cents(loss), self.week, goods + stranded)
        self.written_down += cents(loss)
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
        """What stranded goods are sold off for where no rule stops it; None without any, or once they may be sold at home."""
        if not self.reserved(chip) or not model.is_restricted(chip):
            return None
        conduct, weeks = model.world.conduct, self.week - self.reserves[chip][2]
        return clearance_price(
            self.products[chip].price_low, price, weeks, markdown=conduct.clearance_markdown, floor=conduct.clearance_floor)
