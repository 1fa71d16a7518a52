"""The primary market for chips: a vendor's stock meets its order book."""

from __future__ import annotations

from collections.abc import Sequence

from abm.books import split
from abm.offers import Order
from abm.units import Chips


def allocate(stock: Chips, orders: Sequence[Order]) -> list[Chips]:
    """Units given to each order, in their order: all of it where stock suffices, else in proportion to what is open.

    Proportional rationing with largest remainders, ties by the orders' permanent keys; nobody gets more than it
    ordered (Cachon and Lariviere 1999, 10.1287/mnsc.45.8.1091).
    """
    open_units = [order.quantity for order in orders]
    if sum(open_units) <= stock:  # integers
        return open_units
    keys = ["|".join(map(str, order.key)) for order in orders]
    granted = split(stock, [float(units) for units in open_units], keys)
    return [min(part, units) for part, units in zip(granted, open_units, strict=True)]
