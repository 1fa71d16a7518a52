"""The Chinese vendors of chips: wafers that wait in the foundry, a bank of foreign-made dies, packaging, and memory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from abm.agents.vendor import QUARTER_WEEKS, Vendor
from abm.books import OUTSIDE, USD, split
from abm.picture import HOME
from abm.rules.domestic import (
    good_dies,
    importable_stacks,
    imported_stacks,
    packages_for,
    stacks_per_chip,
    surviving,
    wafer_growth,
    wafers_per_week,
)
from abm.rules.vendor import frontier_dies, production_plan, wafer_share
from abm.scenario.actors import Actor, Product
from abm.units import WEEKS_PER_YEAR, cents

if TYPE_CHECKING:
    from abm.model import Model


MEMORY_MAKERS = f"{OUTSIDE}memory makers"


class DomesticVendor(Vendor):
    """A Chinese vendor: dies from a bank of foreign-made ones and from domestic wafers, and a stock of memory.

    ``wafers_under_way`` lists the wafers given to its dies that the foundry has started, a week each, the oldest first;
    ``die_stock`` good dies of them that wait for packaging, and ``on_offer`` this week's dies of that stock and the bank.
    """

    REMEMBERS: ClassVar = (
        *Vendor.REMEMBERS, "die_bank", "dies_made", "memory_stacks", "memory_imported", "share_of_wafers",
        "wafers_grown", "wafers_under_way", "die_stock", "on_offer",
    )

    def __init__(self, model: Model, actor: Actor, products: tuple[Product, ...]) -> None:
        super().__init__(model, actor, products)
        technology = model.world.technology
        leads = self.is_first(model)
        part = 1.0 - technology.domestic_second_part if leads else technology.domestic_second_part
        self.die_bank = technology.domestic_die_bank if leads else 0
        self.part = part
        self.memory_stacks = int(technology.domestic_memory_stacks * part)
        self.memory_imported = 0
        self.wafers_grown = 0.0
        self.share_of_wafers = technology.domestic_wafer_share * part
        weekly = wafers_per_week(technology.domestic_wafers, 0.0) * self.share_of_wafers
        self.wafers_under_way = [weekly] * technology.domestic_foundry_weeks
        self.dies_made = self.die_stock = 0
        self.on_offer = (0, 0)

    def dies_this_week(self, model: Model) -> int:
        """Drawdown of the bank plus good dies in stock, among them those of the wafers that leave the foundry this week."""
        technology = model.world.technology
        self.wafers_under_way.append(self._wafers_started(model))
        good = good_dies(self.wafers_under_way.pop(0), self.dies_made, technology)
        self.dies_made += good
        self.die_stock += good
        self.on_offer = (self.die_stock, int(self.die_bank * technology.domestic_bank_drawdown / WEEKS_PER_YEAR))
        return sum(self.on_offer)  # integers

    def _wafers_started(self, model: Model) -> float:
        """Wafers started for the vendor's dies this week; its share of advanced wafers follows the order book."""
        technology = model.world.technology
        wafers = wafers_per_week(technology.domestic_wafers, self.wafers_grown)
        self.wafers_grown += self.growth_of_wafers(model) / WEEKS_PER_YEAR
        finished = math.fsum(self.weekly_finished[chip] * QUARTER_WEEKS for chip in sorted(self.products))
        booked = sum(order.quantity for order in self.order_book)  # integers
        self.share_of_wafers = wafer_share(
            self.share_of_wafers, booked, int(finished), response=technology.domestic_share_response,
            elapsed=1 / WEEKS_PER_YEAR,
        )
        return wafers * self.share_of_wafers

    def making_weeks(self, model: Model) -> int:
        """Weeks in packaging and test: a domestic chip's wafers have had their own in the foundry before."""
        return model.world.technology.domestic_packaging_weeks

    def packages_of(self, model: Model, wanted: dict[str, int]) -> dict[str, int]:
        """Packages to start for the chips that are wanted, those included that packaging will spoil."""
        survival = model.world.technology.domestic_die_survival
        return {chip: packages_for(units, self.products[chip].dies, survival) for chip, units in wanted.items()}

    def surviving(self, model: Model, chip: str, packages: int) -> int:
        """Chips that will come out of packages started now."""
        return surviving(packages, self.products[chip].dies, model.world.technology.domestic_die_survival)

    def growth_of_wafers(self, model: Model) -> float:
        """Log growth of advanced wafers a year today, with the subsidies in force and the tools that may be bought."""
        technology, policy = model.world.technology, model.policy
        return wafer_growth(
            technology.domestic_wafer_growth, policy.capacity_growth(model.today, HOME),
            technology.uncontrolled_wafer_growth,
            tools_controlled=policy.controls_component("foundry_tools", model.today, HOME),
        )

    def importable(self, model: Model) -> int:
        """Stacks of memory that may be imported this week: none where they are controlled, nor beyond what cash pays."""
        if model.policy.controls_component("hbm", model.today, HOME):
            return 0
        technology = model.world.technology
        payable = model.books.balance(self.name, USD) // cents(technology.memory_price)
        return importable_stacks(technology.memory_output, technology.memory_import_share, self.part, payable)

    def _stacks(self, model: Model, chip: str) -> int:
        return stacks_per_chip(model.chip(chip).memory_gb, model.world.technology.memory_gb_per_stack)

    def limited(self, model: Model, wanted: dict[str, int]) -> dict[str, int]:
        """Wanted starts within the memory in stock and what may be imported."""
        stacks = {chip: self._stacks(model, chip) for chip in wanted}
        return production_plan(
            wanted, stacks, self.memory_stacks + self.importable(model), dict.fromkeys(wanted, 1.0))

    def fitted(self, model: Model, plan: dict[str, int]) -> dict[str, int]:
        """Starts that fit the vendor's places in packaging, one a chip; memory has been looked at."""
        technology = model.world.technology
        places = frontier_dies(
            self.week, technology.domestic_packages * self.part, technology.domestic_packaging_growth, WEEKS_PER_YEAR)
        return production_plan(plan, dict.fromkeys(plan, 1), places, {chip: self._price(model, chip) for chip in plan})

    def started(self, model: Model, plan: dict[str, int]) -> None:
        """Take the dies and the memory of started packages off what there is."""
        stock, banked = self.on_offer
        used = sum(units * self.products[chip].dies for chip, units in plan.items())  # integers
        from_wafers, from_bank = split(used, [float(stock), float(banked)], ["wafers", "bank"])
        self.die_stock -= min(from_wafers, self.die_stock)
        self.die_bank -= min(from_bank, self.die_bank)
        self._use_memory(model, sum(units * self._stacks(model, chip) for chip, units in plan.items()))  # integers

    def _use_memory(self, model: Model, stacks: int) -> None:
        """Take stacks off the stock, and buy what is missing from the memory makers abroad."""
        bought = imported_stacks(stacks, self.memory_stacks)
        model.books.move(USD, bought * cents(model.world.technology.memory_price), giver=self.name,
                         taker=MEMORY_MAKERS, reason="memory imported")
        self.memory_imported += bought
        self.memory_stacks += bought - stacks
