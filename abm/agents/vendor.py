"""Vendors of chips: quote, take orders, start and finish chips, ship, and write down what rules strand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.agents.order_book import customers, merged, shared
from abm.agents.production import KEY, QUARTER_WEEKS, Production
from abm.agents.stranded import Stranded
from abm.books import OUTSIDE, USD, chip_asset
from abm.chronicle import by_buyer
from abm.digest import Writings, packed
from abm.offers import Lot, Order, Quote
from abm.rules.expectations import moving_average
from abm.rules.vendor import (
    attainable_rate,
    quoted_price,
)
from abm.scenario.actors import Actor, Product
from abm.scenario.conduct import PRIORITY
from abm.units import WEEKS_PER_YEAR, UsdPerChip, cents, usd

if TYPE_CHECKING:
    from abm.model import Model

FOUNDRY = f"{OUTSIDE}foundry"
DAYS_PER_WEEK = 5


class Vendor(Production, Stranded, NamedAgent):
    """A designer of chips made by a foreign foundry within its packaging capacity."""

    REMEMBERS: ClassVar = (
        "pipeline", "weekly_orders", "weekly_finished", "shortage", "revenue", "written_down", "written_back", "week",
        "dies_last_week", "reserves",
    )

    def __init__(self, model: Model, actor: Actor, products: tuple[Product, ...]) -> None:
        super().__init__(model, actor.id)
        self.actor = actor
        self.products = {product.chip: product for product in products}
        weeks = model.world.technology.production_weeks
        under_way = self.making_weeks(model)
        self.order_book: list[Order] = []
        self._written = Writings()
        self.pipeline = {p.chip: [p.in_progress // weeks] * under_way for p in products}
        self.weekly_orders = {p.chip: p.on_order / QUARTER_WEEKS for p in products}
        self.weekly_finished = {p.chip: p.in_progress / weeks for p in products}
        self.shortage = {p.chip: 0.0 for p in products}
        self.revenue = {"home": 0, "abroad": 0}
        self.written_down = self.written_back = 0
        self.week = self.dies_last_week = 0
        self.reserves: dict[str, tuple[int, int, int, int]] = {}
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

    def rate(self, model: Model, chip: str) -> float:
        """Chips a week of a kind that the vendor can promise: it may turn its foundry's dies from one to another."""
        of_dies = self.dies_last_week / len(self.products) / max(self.products[chip].dies, 1)
        an_equal_part = self.surviving(model, chip, int(of_dies))
        return attainable_rate(
            self.weekly_finished[chip], sum(self.pipeline[chip]),  # integers
            weeks=self.making_weeks(model), equal_part=an_equal_part)

    def quote(self, model: Model) -> list[Quote]:
        """List prices and the delay a new order would meet: what is booked ahead over what can be finished a week."""
        weeks_ahead = model.world.technology.transit_weeks
        quotes = []
        for chip, product in self.products.items():
            if not model.chip(chip).is_out(model.today):
                continue
            booked, rate, stock = self.booked(chip), self.rate(model, chip), self.stock(model, chip)
            is_ended = self.is_ended(model, chip)
            if is_ended and stock <= booked:
                continue
            price = quoted_price(
                booked, rate * QUARTER_WEEKS, model.world.conduct.price_response,
                low=product.price_low, high=product.price_high,
            )
            delay = (max(booked - stock, 0) / rate + weeks_ahead) / WEEKS_PER_YEAR
            clearance = self.clearance(model, chip, price)
            if is_ended and clearance is not None and not model.is_restricted(chip):
                price = clearance
            made = 0.0 if is_ended or clearance is not None else rate * WEEKS_PER_YEAR
            quotes.append(Quote(
                self.name, chip, price, delay, self.shortage[chip], made, float(stock - booked), clearance))
        return quotes

    def take(self, orders: list[Order]) -> None:
        """Enter this week's orders in the book and into the average of weekly orders."""
        for chip in self.products:
            ordered = sum(order.quantity for order in orders if order.chip == chip)  # integers
            self.weekly_orders[chip] = moving_average(self.weekly_orders[chip], ordered, QUARTER_WEEKS)
        self.order_book = merged(self.order_book + orders)

    def _by_chip(self) -> dict[str, list[Order]]:
        """The order book by chip, in the order of the book; every product has an entry."""
        orders: dict[str, list[Order]] = {chip: [] for chip in sorted(self.products)}
        for order in self.order_book:
            orders[order.chip].append(order)
        return orders

    def ration(self, model: Model) -> list[tuple[Order, int]]:
        """Share finished chips among the orders that both governments allow: (order, units), whatever the buyer's cash.

        Where chips are auctioned the orders in the book take the price that clears.
        """
        standing = customers(model, self.actor) if model.world.conduct.allocation == PRIORITY else {}
        grants: list[tuple[Order, int]] = []
        for chip, orders in self._by_chip().items():
            grants += shared(model, self.stock(model, chip), orders, self.products[chip], standing=standing)
        self.order_book = sorted((order for order, _ in grants), key=KEY)
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
            self.release(model, chip, shipped)
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
        expected = self.weekly_orders[chip] * self.making_weeks(model)
        stranded = made - self.booked(chip) - int(expected) - self.reserved(chip)
        commitments = conduct.purchase_commitments * QUARTER_WEEKS * self.weekly_finished[chip] * (1.0 - kept)
        if stranded > 0:
            self.reserve(model, chip, stranded, commitments)

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
    return packed([(o.buyer, o.chip, o.quantity, o.price, o.day, o.bid) for o in orders])
