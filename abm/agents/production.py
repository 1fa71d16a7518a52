"""What a vendor makes: chips started within its foundry's dies and the memory there is, finished weeks later."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

from abm.books import chip_asset, split
from abm.rules.expectations import moving_average
from abm.rules.vendor import frontier_dies, production_plan, wanted_starts, within_memory
from abm.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from abm.model import Model
    from abm.offers import Order
    from abm.scenario.actors import Product

KEY = attrgetter("key")
QUARTERS = 4
QUARTER_WEEKS = WEEKS_PER_YEAR // QUARTERS


class Production:
    """A vendor as a maker of chips. ``pipeline`` units by chip and week of finishing; averages are of chips a week."""

    name: str
    products: dict[str, Product]
    order_book: list[Order]
    pipeline: dict[str, list[int]]
    weekly_orders: dict[str, float]
    weekly_finished: dict[str, float]
    dies_last_week: int
    week: int

    def is_ended(self, model: Model, chip: str) -> bool:
        """Whether a chip is made no more, and only what is left of it is sold."""
        return model.chip(chip).is_discontinued(model.today)

    def dies_this_week(self, model: Model) -> int:
        """Large dies that can be started this week, to be finished when production weeks have passed.

        The declared volume is what was finished in the quarter before the opening, half a quarter before it on average.
        """
        technology = model.world.technology
        ahead = technology.production_weeks + QUARTER_WEEKS // 2
        volume = technology.first_packaging_units if self.is_first(model) else technology.second_packaging_units
        return frontier_dies(self.week + ahead, volume, technology.packaging_growth, WEEKS_PER_YEAR)

    def making_weeks(self, model: Model) -> int:
        """Weeks from a started chip to a finished one; a vendor that waits for its wafers first has fewer of them."""
        return model.world.technology.production_weeks

    def packages_of(self, model: Model, wanted: dict[str, int]) -> dict[str, int]:
        """Packages to start for the chips that are wanted (as many, for a foreign foundry's customers)."""
        return wanted

    def surviving(self, model: Model, chip: str, packages: int) -> int:
        """Chips that will come out of packages started now (all of them, for a foreign foundry's customers)."""
        return packages

    def produce(self, model: Model) -> None:
        """Finish what is due, then start what the discounted order book asks for within this week's dies."""
        conduct, weeks = model.world.conduct, self.making_weeks(model)
        wanted, ahead = {}, []
        for chip in sorted(self.products):
            finished = self.pipeline[chip].pop(0)
            asset = chip_asset(chip)
            model.books.move(asset, finished, giver=self.workshop, taker=self.name, reason="finished")
            self.weekly_finished[chip] = moving_average(self.weekly_finished[chip], finished, QUARTER_WEEKS)
            if not model.chip(chip).is_out(model.today):
                ahead.append(chip)
                continue
            if self.is_ended(model, chip):
                wanted[chip] = 0
                self._take_last_orders(model, chip)
                continue
            quote = model.picture.quotes.get(chip)
            if quote is not None and quote.clearance is not None:
                wanted[chip] = 0    # nobody makes more of what is being sold off
                continue
            under_way = sum(self.pipeline[chip]) + self.stock(model, chip)  # integers
            wanted[chip] = wanted_starts(
                self.booked(chip), under_way, self.weekly_orders[chip], weeks=weeks, discount=conduct.book_discount
            )
        wanted |= {chip: self._wanted_ahead(model, chip, wanted) for chip in ahead}
        wanted = self.packages_of(model, wanted)
        dies = {chip: product.dies for chip, product in self.products.items()}
        worth = {chip: self._price(model, chip) / max(product.dies, 1) for chip, product in self.products.items()}
        self.dies_last_week = self.dies_this_week(model)
        limited = self.limited(model, wanted)
        plan = self.fitted(model, self.plan_starts(limited, dies, self.dies_last_week, worth))
        model.chronicle.note_starts(self.name, wanted, limited, plan)
        for chip, packages in plan.items():
            units = self.surviving(model, chip, packages)
            self._made(model, chip, units, self.workshop)
            self.pipeline[chip].append(units)
        self.started(model, plan)
        self.week += 1

    def _wanted_ahead(self, model: Model, chip: str, wanted: dict[str, int]) -> int:
        """Starts of a chip that is to come out, so that there is stock on its day: none before it takes as long.

        Its vendor wants as many dies of it as of the chip whose place it takes, the one it makes most of for the same
        buyers, and expects as many to be ordered; or what the table says, if that is more.
        """
        product = self.products[chip]
        if model.chip(chip).sold_from > model.today + timedelta(weeks=self.making_weeks(model)):
            return 0
        peers = [one for one in wanted if self.products[one].ordered_from == product.ordered_from]
        orders = max((self.weekly_orders[one] * self.products[one].dies for one in peers), default=0.0) / max(product.dies, 1)
        self.weekly_orders[chip] = max(orders, product.on_order / QUARTER_WEEKS)
        dies = max((wanted[one] * self.products[one].dies for one in peers), default=0)
        return max(dies // max(product.dies, 1), int(self.weekly_orders[chip]))

    def _take_last_orders(self, model: Model, chip: str) -> None:
        """Cut the orders of a chip that is sold no more to what is left of it, each in proportion."""
        mine = [order for order in self.order_book if order.chip == chip]
        left = self.stock(model, chip) + sum(self.pipeline[chip])  # integers
        if left >= self.booked(chip):
            return
        units = split(left, [float(order.quantity) for order in mine], [order.buyer for order in mine])
        kept = [order.of(quantity) for order, quantity in zip(mine, units, strict=True) if quantity]
        self.order_book = sorted([*(one for one in self.order_book if one.chip != chip), *kept], key=KEY)

    def plan_starts(
        self, wanted: dict[str, int], dies: dict[str, int], capacity: int, worth: dict[str, float]
    ) -> dict[str, int]:
        """Starts of this week within a capacity in dies: shared by what is wanted, and what a die of it earns."""
        return production_plan(wanted, dies, capacity, worth)

    def _price(self, model: Model, chip: str) -> float:
        """This week's price, or the middle of the list range before the chip is on sale."""
        quote, product = model.picture.quotes.get(chip), self.products[chip]
        return (product.price_low + product.price_high) / 2 if quote is None else quote.price

    def limited(self, model: Model, wanted: dict[str, int]) -> dict[str, int]:
        """Wanted starts after limits that come before dies (none for a foreign foundry's customers)."""
        return wanted

    def memory_gb(self, model: Model, chip: str) -> int:
        """GB of HBM on a chip of the vendor; none on parts with other memory."""
        made = model.chip(chip)
        return int(made.memory_gb or 0) if made.product_line == "hbm" else 0

    def fitted(self, model: Model, plan: dict[str, int]) -> dict[str, int]:
        """Starts that fit the vendor's part of the HBM that the world makes this week, shared by what a GB of it earns."""
        technology = model.world.technology
        part = technology.first_memory_share if self.is_first(model) else technology.second_memory_share
        supply = frontier_dies(
            self.week, technology.memory_supply_gb * part / QUARTERS, technology.memory_growth, WEEKS_PER_YEAR)
        gigabytes = {chip: self.memory_gb(model, chip) for chip in plan}
        return within_memory(plan, gigabytes, supply, {chip: self._price(model, chip) for chip in plan})

    def started(self, model: Model, plan: dict[str, int]) -> None:
        """What starting chips uses up (nothing that is counted for a foreign foundry's customers)."""
