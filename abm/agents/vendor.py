"""Vendors of chips: quote, take orders, start and finish chips, ship, and write down what rules strand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.agents.order_book import merged
from abm.books import OUTSIDE, USD, chip_asset, split
from abm.chronicle import by_buyer
from abm.digest import Writings, packed
from abm.markets.chips import allocate
from abm.offers import Lot, Order, Quote
from abm.rules.expectations import moving_average
from abm.rules.vendor import (
    frontier_dies,
    production_plan,
    quoted_price,
    wanted_starts,
    write_down,
)
from abm.scenario.actors import Actor, Product
from abm.units import WEEKS_PER_YEAR, UsdPerChip, cents, usd

if TYPE_CHECKING:
    from abm.model import Model

KEY = attrgetter("key")
FOUNDRY = f"{OUTSIDE}foundry"
QUARTER_WEEKS = WEEKS_PER_YEAR // 4
DAYS_PER_WEEK = 5


class Vendor(NamedAgent):
    """A designer of chips made by a foreign foundry within its packaging capacity."""

    REMEMBERS: ClassVar = (
        "pipeline", "weekly_orders", "weekly_finished", "shortage", "revenue", "written_down", "week",
    )

    def __init__(self, model: Model, actor: Actor, products: tuple[Product, ...]) -> None:
        super().__init__(model, actor.id)
        self.actor = actor
        self.products = {product.chip: product for product in products}
        weeks = model.world.technology.production_weeks
        self.order_book: list[Order] = []
        self._written = Writings()
        self.pipeline = {p.chip: [p.in_progress // weeks] * weeks for p in products}
        self.weekly_orders = {p.chip: p.on_order / QUARTER_WEEKS for p in products}
        self.weekly_finished = {p.chip: p.in_progress / weeks for p in products}
        self.shortage = {p.chip: 0.0 for p in products}
        self.revenue = {"home": 0, "abroad": 0}
        self.written_down = 0
        self.week = 0
        for product in products:
            self._made(model, product.chip, product.in_stock, self.name)
            self._made(model, product.chip, sum(self.pipeline[product.chip]), self.workshop)  # integers

    def state(self) -> tuple:
        """The vendor's memory, its order book packed: all plain values, and there are many orders."""
        return (self._written.of_frozen("book", self.order_book, _packed), *super().state())

    @property
    def workshop(self) -> str:
        """The account of chips that are started and not finished."""
        return f"{self.name}|in progress"

    def _made(self, model: Model, chip: str, units: int, holder: str) -> None:
        model.books.move(chip_asset(chip), units, giver=FOUNDRY, taker=holder, reason="made")

    def forget(self, withdrawn: Iterable[Order]) -> None:
        """Strike orders that their buyers take back from the book."""
        keys = {order.key for order in withdrawn}
        if keys:
            self.order_book = [order for order in self.order_book if order.key not in keys]

    def is_first(self, model: Model) -> bool:
        """Whether this vendor had most chips in progress at the opening among the vendors of its country."""
        in_progress: dict[str, int] = {}
        for product in model.world.products:
            if model.actors[product.vendor].country == self.actor.country:
                in_progress[product.vendor] = in_progress.get(product.vendor, 0) + product.in_progress
        return self.name == max(in_progress, key=lambda vendor: (in_progress[vendor], vendor))

    def stock(self, model: Model, chip: str) -> int:
        """Finished chips not yet shipped."""
        return model.books.balance(self.name, chip_asset(chip))

    def booked(self, chip: str) -> int:
        """Chips ordered and not shipped."""
        return sum(order.quantity for order in self.order_book if order.chip == chip)  # integers

    def quote(self, model: Model) -> list[Quote]:
        """List prices and the delay a new order would meet: what is booked ahead over what is finished a week."""
        weeks_ahead = model.world.technology.transit_weeks
        quotes = []
        for chip, product in self.products.items():
            if not model.chip(chip).is_out(model.today) or model.chip(chip).is_discontinued(model.today):
                continue
            booked, rate = self.booked(chip), max(self.weekly_finished[chip], 1.0)
            price = quoted_price(
                booked, rate * QUARTER_WEEKS, model.world.conduct.price_response,
                low=product.price_low, high=product.price_high,
            )
            waiting = max(booked - self.stock(model, chip), 0) / rate
            delay = (waiting + weeks_ahead) / WEEKS_PER_YEAR
            quotes.append(Quote(self.name, chip, price, delay, self.shortage[chip]))
        return quotes

    def take(self, orders: list[Order]) -> None:
        """Enter this week's orders in the book and into the average of weekly orders."""
        for chip in self.products:
            ordered = sum(order.quantity for order in orders if order.chip == chip)  # integers
            self.weekly_orders[chip] = moving_average(self.weekly_orders[chip], ordered, QUARTER_WEEKS)
        self.order_book = merged(self.order_book + orders)

    def dies_this_week(self, model: Model) -> int:
        """Large dies that can be started this week, to be finished when production weeks have passed.

        The declared volume is what was finished in the quarter before the opening, half a quarter before it on average.
        """
        technology = model.world.technology
        ahead = technology.production_weeks + QUARTER_WEEKS // 2
        volume = technology.first_packaging_units if self.is_first(model) else technology.second_packaging_units
        return frontier_dies(self.week + ahead, volume, technology.packaging_growth, WEEKS_PER_YEAR)

    def produce(self, model: Model) -> None:
        """Finish what is due, then start what the discounted order book asks for within this week's dies."""
        conduct, weeks = model.world.conduct, model.world.technology.production_weeks
        wanted, ahead = {}, []
        for chip in sorted(self.products):
            finished = self.pipeline[chip].pop(0)
            asset = chip_asset(chip)
            model.books.move(asset, finished, giver=self.workshop, taker=self.name, reason="finished")
            self.weekly_finished[chip] = moving_average(self.weekly_finished[chip], finished, QUARTER_WEEKS)
            if not model.chip(chip).is_out(model.today):
                ahead.append(chip)
                continue
            if model.chip(chip).is_discontinued(model.today):
                wanted[chip] = 0
                self._take_last_orders(model, chip)
                continue
            under_way = sum(self.pipeline[chip]) + self.stock(model, chip)  # integers
            wanted[chip] = wanted_starts(
                self.booked(chip), under_way, self.weekly_orders[chip], weeks=weeks, discount=conduct.book_discount
            )
        wanted |= {chip: self._wanted_ahead(model, chip, wanted) for chip in ahead}
        dies = {chip: product.dies for chip, product in self.products.items()}
        worth = {chip: self._price(model, chip) / max(product.dies, 1) for chip, product in self.products.items()}
        limited = self.limited(model, wanted)
        plan = self.plan_starts(limited, dies, self.dies_this_week(model), worth)
        model.chronicle.note_starts(self.name, wanted, limited, plan)
        for chip, units in plan.items():
            self._made(model, chip, units, self.workshop)
            self.pipeline[chip].append(units)
        self.started(model, plan)
        self.week += 1

    def _wanted_ahead(self, model: Model, chip: str, wanted: dict[str, int]) -> int:
        """Starts of a chip that is to come out, so that there is stock on its day: none before it takes as long.

        Its vendor wants as many dies of it as of the chip whose place it takes, the one it makes most of for the same
        buyers, and expects as many to be ordered; or what the table says, if that is more.
        """
        product, technology = self.products[chip], model.world.technology
        if model.chip(chip).sold_from > model.today + timedelta(weeks=technology.production_weeks):
            return 0
        peers = [one for one in wanted if self.products[one].ordered_from == product.ordered_from]
        orders = max((self.weekly_orders[one] * self.products[one].dies for one in peers), default=0.0) / product.dies
        self.weekly_orders[chip] = max(orders, product.on_order / QUARTER_WEEKS)
        dies = max((wanted[one] * self.products[one].dies for one in peers), default=0)
        return max(dies // product.dies, int(self.weekly_orders[chip]))

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
        """Wanted starts after limits other than dies (none for a foreign foundry's customers)."""
        return wanted

    def started(self, model: Model, plan: dict[str, int]) -> None:
        """What starting chips uses up (nothing that is counted for a foreign foundry's customers)."""

    def _by_chip(self) -> dict[str, list[Order]]:
        """The order book by chip, in the order of the book; every product has an entry."""
        orders: dict[str, list[Order]] = {chip: [] for chip in sorted(self.products)}
        for order in self.order_book:
            orders[order.chip].append(order)
        return orders

    def ration(self, model: Model) -> list[tuple[Order, int]]:
        """Share finished chips among the orders that both governments allow: (order, units), whatever the buyer's cash."""
        grants: list[tuple[Order, int]] = []
        for chip, orders in self._by_chip().items():
            allowed = [model.gates.allowed_units(chip, one.buyer, one.quantity) for one in orders]
            ready = [one.of(units) for one, units in zip(orders, allowed, strict=True)]
            grants += zip(orders, allocate(self.stock(model, chip), ready), strict=True)
        return grants

    def ship(self, model: Model, granted: dict[tuple, int]) -> list[Lot]:
        """Deliver what each order was granted and its buyer can pay; the rest of the book waits."""
        lots: list[Lot] = []
        kept: list[Order] = []
        for chip, orders in self._by_chip().items():
            shipped = booked = 0
            for order in orders:
                units = granted[order.key]
                shipped, booked = shipped + units, booked + order.quantity
                if units:
                    lots.append(self._deliver(model, order, units))
                if order.quantity > units:
                    kept.append(order.of(order.quantity - units))
            unfilled = 1.0 - shipped / booked if booked else 0.0
            self.shortage[chip] = moving_average(self.shortage[chip], unfilled, QUARTER_WEEKS)
        self.order_book = sorted(kept, key=KEY)
        return lots

    def _deliver(self, model: Model, order: Order, units: int) -> Lot:
        asset, total = chip_asset(order.chip), units * cents(order.price)
        model.finance(order.buyer, total)
        model.books.move(USD, total, giver=order.buyer, taker=self.name, reason="chips paid")
        levy = model.gates.levy(order.chip, order.buyer, total)
        model.books.move(USD, levy, giver=self.name, taker=f"{OUTSIDE}treasury", reason="levy")
        model.books.move(asset, units, giver=self.name, taker=f"{order.buyer}|in transit", reason="shipped")
        self.revenue["home" if model.is_chinese(order.buyer) else "abroad"] += total
        model.gates.record_delivery(self.actor, order, units)
        arrives = model.day + model.world.technology.transit_weeks * DAYS_PER_WEEK
        return Lot(self.name, order.buyer, order.chip, units, arrives, model.gates.origin(self.actor, order.chip, order.buyer))

    def cancel_refused(self, model: Model) -> None:
        """Drop orders that a government now refuses; write down what no remaining order can use."""
        before = {chip: self.booked(chip) for chip in self.products}
        kept, refused = [], []
        for order in self.order_book:
            (kept if model.gates.may_stay(order) else refused).append(order)
        self.order_book = kept
        for chip in sorted({order.chip for order in refused}):
            dropped = [order for order in refused if order.chip == chip]
            cancelled = sum(order.quantity for order in dropped)  # integers
            reason = model.gates.refusal(chip, dropped[0].buyer)
            model.tell(self.name, "orders cancelled", f"{self.actor.name} cancelled orders for {cancelled:,} {chip} under "
                       f"{reason}: {by_buyer(model, dropped)}")
            self._strand(model, chip, self.booked(chip) / before[chip])

    def _strand(self, model: Model, chip: str, kept: float) -> None:
        """Write down what neither the book that is left nor the orders still to be expected of it will use."""
        conduct = model.world.conduct
        self.weekly_orders[chip] *= kept
        made = self.stock(model, chip) + sum(self.pipeline[chip])  # integers
        expected = self.weekly_orders[chip] * model.world.technology.production_weeks
        stranded = made - self.booked(chip) - int(expected)
        if stranded <= 0:
            return
        unit_cost = self.unit_cost(model, chip)
        commitments = conduct.purchase_commitments * QUARTER_WEEKS * self.weekly_finished[chip] * (1.0 - kept)
        loss = write_down(stranded, commitments, unit_cost, conduct.salvage)
        self.written_down += cents(loss)
        model.tell(self.name, "write-down", f"{self.actor.name} wrote down {loss / 1e9:.2f} bn USD on {stranded:,} {chip}")

    def unit_cost(self, model: Model, chip: str) -> UsdPerChip:
        """What it costs to make a chip, as a share of the middle of its list range."""
        product = self.products[chip]
        return (product.price_low + product.price_high) / 2 * model.world.technology.unit_cost_share

    def close_quarter(self) -> dict[str, float]:
        """Revenue of the quarter in USD by region of the buyer, and start the next."""
        revenue = {region: usd(amount) for region, amount in self.revenue.items()}
        self.revenue = dict.fromkeys(self.revenue, 0)
        return revenue


def _packed(orders: list[Order]) -> bytes:
    return packed([(o.buyer, o.chip, o.quantity, o.price, o.day) for o in orders])
