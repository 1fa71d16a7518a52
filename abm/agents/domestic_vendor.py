"""The Chinese vendors of chips: what they can make from banked and domestic dies, and from memory in stock."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from abm.agents.vendor import QUARTER_WEEKS, Vendor
from abm.books import split
from abm.rules.vendor import domestic_yield, frontier_dies, production_plan, wafer_share
from abm.scenario.actors import Actor, Product
from abm.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from abm.model import Model


class DomesticVendor(Vendor):
    """A Chinese vendor: dies from a bank of foreign-made ones and from domestic wafers, and a stock of memory."""

    REMEMBERS: ClassVar = (*Vendor.REMEMBERS, "die_bank", "dies_made", "memory_stacks", "share_of_wafers", "on_offer")

    def __init__(self, model: Model, actor: Actor, products: tuple[Product, ...]) -> None:
        super().__init__(model, actor, products)
        technology = model.world.technology
        leads = self.is_first(model)
        part = 1.0 - technology.domestic_second_part if leads else technology.domestic_second_part
        self.die_bank = technology.domestic_die_bank if leads else 0
        self.memory_stacks = int(technology.domestic_memory_stacks * part)
        self.share_of_wafers = technology.domestic_wafer_share * part
        self.dies_made = 0
        self.on_offer = (0, 0)

    def dies_this_week(self, model: Model) -> int:
        """Drawdown of the bank plus good dies from this week's wafers; the share of wafers follows the order book."""
        technology = model.world.technology
        wafers = frontier_dies(
            self.week, technology.domestic_wafers * 3, technology.domestic_wafer_growth, WEEKS_PER_YEAR
        )
        finished = math.fsum(self.weekly_finished[chip] * QUARTER_WEEKS for chip in sorted(self.products))
        booked = sum(order.quantity for order in self.order_book)  # integers
        self.share_of_wafers = wafer_share(
            self.share_of_wafers, booked, int(finished), response=technology.domestic_share_response,
            elapsed=1 / WEEKS_PER_YEAR,
        )
        good = wafers * self.share_of_wafers * technology.dies_per_wafer * domestic_yield(self.dies_made, technology)
        self.on_offer = (int(good), int(self.die_bank * technology.domestic_bank_drawdown / WEEKS_PER_YEAR))
        return sum(self.on_offer)  # integers

    def _stacks(self, model: Model, chip: str) -> int:
        return max(int(model.chip(chip).memory_gb / model.world.technology.memory_gb_per_stack), 1)

    def limited(self, model: Model, wanted: dict[str, int]) -> dict[str, int]:
        """Wanted starts within the stock of memory stacks."""
        stacks = {chip: self._stacks(model, chip) for chip in wanted}
        return production_plan(wanted, stacks, self.memory_stacks, dict.fromkeys(wanted, 1.0))

    def started(self, model: Model, plan: dict[str, int]) -> None:
        """Take the dies and the memory of started chips off what there is; only dies that are made teach."""
        made, banked = self.on_offer
        used = sum(units * self.products[chip].dies for chip, units in plan.items())  # integers
        from_wafers, from_bank = split(used, [float(made), float(banked)], ["wafers", "bank"])
        self.dies_made += from_wafers
        self.die_bank -= min(from_bank, self.die_bank)
        self.memory_stacks -= sum(units * self._stacks(model, chip) for chip, units in plan.items())  # integers
