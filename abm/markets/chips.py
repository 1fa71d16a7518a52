"""The primary market for chips: a vendor's stock meets its order book, shared by one of four declared policies.

Which policy makes buyers inflate their orders is the subject of Cachon and Lariviere (1999, 10.1287/mnsc.45.8.1091):
under proportional shares it pays to ask for more, under uniform ones it never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from abm.books import split
from abm.offers import Order
from abm.scenario.conduct import AUCTION, PRIORITY, PROPORTIONAL, UNIFORM
from abm.units import Chips, UsdPerChip

Standing = Mapping[str, float]


def proportional(stock: Chips, orders: Sequence[Order], standing: Standing) -> list[Chips]:
    """In proportion to what is open: largest remainders, ties by the orders' permanent keys."""
    open_units = [order.quantity for order in orders]
    keys = ["|".join(map(str, order.key)) for order in orders]
    granted = split(stock, [float(units) for units in open_units], keys)
    return [min(part, units) for part, units in zip(granted, open_units, strict=True)]


def uniform(stock: Chips, orders: Sequence[Order], standing: Standing) -> list[Chips]:
    """To everyone the same number, or all that it ordered where that is less; the last units by permanent keys.

    Who is given less than it ordered would be given no more if it had ordered more, to the unit.
    """
    granted = [0] * len(orders)
    waiting = sorted(range(len(orders)), key=lambda place: (orders[place].quantity, orders[place].key))
    while waiting and orders[waiting[0]].quantity <= stock // len(waiting):
        place = waiting.pop(0)
        granted[place] = orders[place].quantity
        stock -= granted[place]
    each, over = divmod(stock, len(waiting)) if waiting else (0, 0)
    for rank, place in enumerate(sorted(waiting, key=lambda one: orders[one].key)):
        granted[place] = each + (rank < over)
    return granted


def priority(stock: Chips, orders: Sequence[Order], standing: Standing) -> list[Chips]:
    """To the customer of highest standing first, all that it ordered; then the oldest order, then by permanent keys."""
    ranks = [(-standing.get(order.buyer, 0.0), order.day, order.key) for order in orders]
    return _in_turn(stock, orders, sorted(range(len(orders)), key=ranks.__getitem__))


def auction(stock: Chips, orders: Sequence[Order], standing: Standing) -> list[Chips]:
    """To the highest bid first, all that it ordered; then by permanent keys. What is paid: ``clearing_price``."""
    return _in_turn(stock, orders, sorted(range(len(orders)), key=lambda one: (-orders[one].bid, orders[one].key)))


def _in_turn(stock: Chips, orders: Sequence[Order], turns: Sequence[int]) -> list[Chips]:
    granted = [0] * len(orders)
    for place in turns:
        granted[place] = min(stock, orders[place].quantity)
        stock -= granted[place]
    return granted


POLICIES: dict[str, Callable[[Chips, Sequence[Order], Standing], list[Chips]]] = {
    PROPORTIONAL: proportional, UNIFORM: uniform, PRIORITY: priority, AUCTION: auction,
}


def allocate(
    stock: Chips, orders: Sequence[Order], policy: str = PROPORTIONAL, standing: Standing | None = None
) -> list[Chips]:
    """Units given to each order, in their order: all of it where stock suffices, else by the vendor's policy.

    Nobody gets more than it ordered, and nothing is held back. ``standing`` ranks buyers where priority decides, the
    highest first; who is not in it comes last.
    """
    if sum(order.quantity for order in orders) <= stock:  # integers
        return [order.quantity for order in orders]
    return POLICIES[policy](stock, orders, standing or {})


def clearing_price(
    orders: Sequence[Order], granted: Sequence[Chips], *, low: UsdPerChip, high: UsdPerChip
) -> UsdPerChip | None:
    """The one price that all winners of an auction pay: the highest bid that was not served in full, within the list
    range. None where everyone was served: then the list prices hold.
    """
    left = [order.bid for order, units in zip(orders, granted, strict=True) if units < order.quantity]
    return min(max(max(left), low), high) if left else None
