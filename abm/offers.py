"""What passes between deciding and meeting: orders, lots, and the transactions that governments are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from abm.errors import InputError
from abm.scenario.catalogue import HOME, Chip
from abm.units import Chips, Fraction, UsdPerChip, Years

INFINITE = float("inf")


@dataclass(frozen=True)
class Transaction:
    """A sale as a government sees it: who sells which chip to whom, where it goes and who stands behind the buyer.

    ``parent_share`` is the share of the buyer that its ultimate parent owns, 1 for a branch or the parent itself.
    Raises InputError for a share outside 0 to 1.
    """

    chip: Chip
    seller: str
    buyer: str
    destination: str
    parent: str
    parent_country: str
    end_use: str
    quantity: Chips
    date: date
    parent_share: Fraction = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.parent_share <= 1.0:
            raise InputError(f"transaction.parent_share = {self.parent_share} is outside its range 0 to 1")


@dataclass(frozen=True)
class Quote:
    """A chip on offer this week: list price, how long a new order would take, and the share of orders left unfilled.

    ``rate`` is what the seller can finish of it in chips a year, ``spare`` what it has in stock above its order book
    (below zero: what it lacks). ``clearance`` is what it asks abroad for goods that a rule has stranded, if there are any.
    """

    seller: str
    chip: str
    price: UsdPerChip
    delay: Years
    shortage: Fraction
    rate: float = INFINITE
    spare: float = 0.0
    clearance: UsdPerChip | None = None

    def is_offered(self, chip: Chip, country: str) -> bool:
        """Whether buyers of a country are offered the chip: not one made in China abroad, nor one made for others.

        Vendors part markets; goods that a rule has stranded are sold off wherever they may be.
        """
        if chip.vendor_country == HOME:
            return country == HOME
        return chip.made_for in (None, country) or self.clearance is not None

    def terms_for(self, country: str) -> tuple[UsdPerChip, float]:
        """Price, and chips a year that come beside the stock, to buyers of a country: stranded goods are sold off abroad."""
        return (self.price, self.rate) if self.clearance is None or country == HOME else (self.clearance, 0.0)


@dataclass(frozen=True)
class Order:
    """A buyer's wish for a number of chips at a quoted price, placed on a day.

    ``bid`` is what the buyer would pay for one at most, which counts where a vendor auctions its chips (0: not said).
    """

    buyer: str
    seller: str
    chip: str
    quantity: Chips
    price: UsdPerChip
    day: int
    bid: UsdPerChip = 0.0

    @cached_property
    def key(self) -> tuple[str, str, str, int]:
        """The permanent name by which ties are broken."""
        return (self.seller, self.chip, self.buyer, self.day)

    def of(self, quantity: Chips) -> Order:
        """The order for another number of chips."""
        if quantity == self.quantity:
            return self
        other = object.__new__(Order)    # as ``dataclasses.replace`` makes it, with the name that is known already
        other.__dict__.update(self.__dict__, quantity=quantity)
        return other


@dataclass(frozen=True)
class Lot:
    """Chips on their way: from a vendor or a broker to a holder, arriving on a given day."""

    seller: str
    holder: str
    chip: str
    quantity: Chips
    arrives: int
    origin: str
