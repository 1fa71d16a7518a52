"""What is done with many orders at once: merging a buyer's, sharing what is short, keeping within buyers' purses."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from abm.books import split
from abm.markets.chips import allocate, clearing_price
from abm.offers import Order
from abm.policy.instrument import GOVERNMENTS, LICENSED
from abm.scenario.actors import Actor, Product
from abm.scenario.conduct import AUCTION
from abm.units import cents

if TYPE_CHECKING:
    from abm.model import Model

KEY = attrgetter("key")


def merged(orders: list[Order]) -> list[Order]:
    """One order for each buyer and chip: units added up, the price their mean, the day the first one's, the highest bid."""
    together: dict[tuple[str, str], Order] = {}
    for order in sorted(orders, key=KEY):
        held = together.get((order.buyer, order.chip))
        if held is None:
            together[order.buyer, order.chip] = order
            continue
        units = held.quantity + order.quantity
        price = held.price + (order.price - held.price) * (order.quantity / units)
        bid = max(held.bid, order.bid)
        together[order.buyer, order.chip] = Order(held.buyer, held.seller, held.chip, units, price, held.day, bid)
    return sorted(together.values(), key=KEY)


def customers(model: Model, vendor: Actor) -> dict[str, float]:
    """How large a customer of a vendor each cloud is: chips of the vendor's make that it has installed."""
    def is_of(chip: str) -> bool:
        return model.sellers.get(chip) == vendor.id or model.chip(chip).vendor == vendor.name

    return {
        name: float(sum(units for (chip, _), units in cloud.origins.items() if is_of(chip)))  # integers
        for name, cloud in sorted(model.clouds.items())
    }


def shared(
    model: Model, stock: int, orders: list[Order], product: Product, *, standing: dict[str, float]
) -> list[tuple[Order, int]]:
    """Orders with what each is given of a stock, by the scenario's policy and within what governments allow.

    Where chips are auctioned and short, winners pay the clearing price instead of the price on their orders.
    """
    policy = model.world.conduct.allocation
    allowed = [model.gates.allowed_units(one.chip, one.buyer, one.quantity) for one in orders]
    ready = [one.of(units) for one, units in zip(orders, allowed, strict=True)]
    granted = allocate(stock, ready, policy, standing)
    price = clearing_price(ready, granted, low=product.price_low, high=product.price_high) if policy == AUCTION else None
    if price is not None:
        orders = [replace(one, price=price) if units else one for one, units in zip(orders, granted, strict=True)]
    return list(zip(orders, granted, strict=True))


def within_allowances(model: Model, grants: list[tuple[Order, int]]) -> list[tuple[Order, int]]:
    """The grants, those beyond licences cut where together they exceed what their buyer may have without one this year.

    Every order alone is within the allowance; all of a buyer's are cut in one proportion, whoever their vendors are.
    """
    beyond = {order.key: _beyond_licences(model, order, units) for order, units in grants if units}
    used: dict[str, float] = {}
    for order, _ in grants:
        extra, free = beyond.get(order.key, (0, 0))
        used[order.buyer] = used.get(order.buyer, 0.0) + (extra / free if extra else 0.0)
    cut = {
        order.key: extra - int(extra / used[order.buyer])
        for order, _ in grants for extra, _ in (beyond.get(order.key, (0, 0)),) if extra and used[order.buyer] > 1.0
    }
    return [(order, units - cut.get(order.key, 0)) for order, units in grants]


def _beyond_licences(model: Model, order: Order, units: int) -> tuple[int, int]:
    """Units of a grant that no licence covers and that are few enough to need none, and how many there may be."""
    gates = model.gates
    if gates.standing(order.chip, order.buyer) is not None:
        return 0, 0
    for government, ruling in zip(GOVERNMENTS, gates.rulings(order.chip, order.buyer, units), strict=True):
        if ruling.free_units is not None:
            needed = ruling.licence in LICENSED
            covered = gates.office(government).licensed(order.chip, order.buyer) if needed else 0
            return max(units - covered, 0), max(ruling.free_units, 1)
    return 0, 0


def within_purses(model: Model, grants: list[tuple[Order, int]]) -> dict[tuple, int]:
    """Units of each granted order, by its key, that its buyer can pay: a short purse is shared by what each costs.

    All vendors' grants together, so that no vendor comes before another.
    """
    by_buyer: dict[str, list[tuple[Order, int]]] = {}
    for order, units in grants:
        by_buyer.setdefault(order.buyer, []).append((order, units))
    payable: dict[tuple, int] = {}
    for buyer, wishes in by_buyer.items():
        costs = [units * cents(order.price) for order, units in wishes]
        total = sum(costs)  # integers
        purse = model.purse(buyer, total)
        parts = costs if total <= purse else split(purse, [float(c) for c in costs], [str(o.key) for o, _ in wishes])
        for (order, units), part in zip(wishes, parts, strict=True):
            payable[order.key] = min(units, part // cents(order.price))
    return payable
