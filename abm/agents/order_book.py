"""What is done with many orders at once: merging a buyer's orders, and keeping deliveries within buyers' purses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from abm.books import split
from abm.offers import Order
from abm.units import cents

if TYPE_CHECKING:
    from abm.model import Model


def merged(orders: list[Order]) -> list[Order]:
    """One order for each buyer and chip: units added up, the price their mean, the day the first one's; sorted."""
    together: dict[tuple[str, str], Order] = {}
    for order in sorted(orders, key=lambda order: order.key):
        held = together.get((order.buyer, order.chip))
        if held is None:
            together[order.buyer, order.chip] = order
            continue
        units = held.quantity + order.quantity
        price = held.price + (order.price - held.price) * (order.quantity / units)
        together[order.buyer, order.chip] = replace(held, quantity=units, price=price)
    return sorted(together.values(), key=lambda order: order.key)


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
