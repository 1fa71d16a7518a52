"""What passes between deciding and meeting: orders, lots, and the transactions that governments are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from abm.scenario.catalogue import Chip
from abm.units import Chips, Fraction, UsdPerChip, Years


@dataclass(frozen=True)
class Transaction:
    """A sale as a government sees it: who sells which chip to whom, where it goes and who stands behind the buyer."""

    chip: Chip
    seller: str
    buyer: str
    destination: str
    parent: str
    parent_country: str
    end_use: str
    quantity: Chips
    date: date


@dataclass(frozen=True)
class Quote:
    """A chip on offer this week: list price, how long a new order would take, and the share of orders left unfilled."""

    seller: str
    chip: str
    price: UsdPerChip
    delay: Years
    shortage: Fraction


@dataclass(frozen=True)
class Order:
    """A buyer's wish for a number of chips at a quoted price, placed on a day."""

    buyer: str
    seller: str
    chip: str
    quantity: Chips
    price: UsdPerChip
    day: int

    @property
    def key(self) -> tuple[str, str, str, int]:
        """The permanent name by which ties are broken."""
        return (self.seller, self.chip, self.buyer, self.day)


@dataclass(frozen=True)
class Lot:
    """Chips on their way: from a vendor or a broker to a holder, arriving on a given day."""

    seller: str
    holder: str
    chip: str
    quantity: Chips
    arrives: int
    origin: str
