"""Open orders and goods on the way, counted by buyer once a week, before anybody orders."""

from __future__ import annotations

from collections.abc import Iterable

from abm.offers import Lot, Order
from abm.units import Chips, Usd


class OpenOrders:
    """What each buyer has coming to it and has committed, on the picture that all decide on."""

    def __init__(self) -> None:
        self._coming: dict[str, dict[str, int]] = {}
        self._ordered: dict[tuple[str, str], int] = {}
        self._committed: dict[str, float] = {}

    def count(self, orders: Iterable[Order], lots: Iterable[Lot]) -> None:
        """Count anew from the vendors' order books (one order for a buyer and chip) and the goods on the way."""
        self._coming, self._ordered, self._committed = {}, {}, {}
        for order in orders:
            self._add(order.buyer, order.chip, order.quantity)
            self._ordered[order.buyer, order.chip] = order.quantity
            self._committed[order.buyer] = self.committed(order.buyer) + order.quantity * order.price
        for lot in lots:
            self._add(lot.holder, lot.chip, lot.quantity)

    def _add(self, buyer: str, chip: str, units: int) -> None:
        held = self._coming.get(buyer)
        if held is None:
            held = self._coming[buyer] = {}
        held[chip] = held.get(chip, 0) + units

    def coming_to(self, buyer: str) -> dict[str, Chips]:
        """Chips on order or on the way to a buyer, by kind."""
        return self._coming.get(buyer, {})

    def on_order(self, buyer: str, chip: str) -> Chips:
        """Chips of a kind a buyer has in open orders."""
        return self._ordered.get((buyer, chip), 0)

    def committed(self, buyer: str) -> Usd:
        """USD a buyer has committed in open orders."""
        return self._committed.get(buyer, 0.0)
