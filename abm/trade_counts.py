"""Money of trade in chips, counted as it happens: ordered, sold and cancelled, by vendor and region of the buyer.

Running totals in whole cents among the tallies of the run, read by ``abm.compute_observables``; nobody decides on them.
A shell company's country counts as elsewhere, as it does where sales are reported by the place that is billed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from abm.picture import ABROAD, HOME
from abm.units import cents

if TYPE_CHECKING:
    from abm.model import Model
    from abm.offers import Order

ORDERED, SOLD, CANCELLED = "ordered from ", "sold by ", "cancelled at "
CANCELLED_UNITS = "cancelled units "


def region_of_buyer(model: Model, buyer: str) -> str:
    """China for buyers with data centres there, elsewhere for all others."""
    return HOME if model.is_chinese(buyer) else ABROAD


def _count(model: Model, what: str, orders: Iterable[Order]) -> None:
    for order in orders:
        _add(model, what, order, order.quantity)


def _add(model: Model, what: str, order: Order, units: int) -> None:
    model.count(f"{what}{order.seller}/{region_of_buyer(model, order.buyer)}", units * cents(order.price))


def count_ordered(model: Model, orders: Iterable[Order]) -> None:
    """Count the money of new orders."""
    _count(model, ORDERED, orders)


def count_sold(model: Model, order: Order, units: int) -> None:
    """Count the money of what is shipped of an order."""
    _add(model, SOLD, order, units)


def count_cancelled(model: Model, before: Sequence[Order], after: Sequence[Order]) -> None:
    """Count the chips and the money of the orders that left a book because a rule refuses them."""
    kept = {order.key for order in after}
    cancelled = [order for order in before if order.key not in kept]
    _count(model, CANCELLED, cancelled)
    for order in cancelled:
        model.count(f"{CANCELLED_UNITS}{order.chip}", order.quantity)
