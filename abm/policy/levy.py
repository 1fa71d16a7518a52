"""Levies: the share of a sale's value that the seller's government takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from abm.offers import Transaction
from abm.policy.countries import ARMS_EMBARGOED, countries_in
from abm.policy.instrument import UNDECIDED, Instrument
from abm.scenario.catalogue import Chip
from abm.scenario.declare import number


@dataclass(frozen=True, kw_only=True)
class Levy(Instrument):
    """A charge on sales to some places, by chip (``test``) or on what some instruments license (``on_licences``)."""

    test: Callable[[Chip], str | None] | None = None
    on_licences: tuple[str, ...] = ()
    places: tuple[str, ...] = (ARMS_EMBARGOED,)
    rate: float = number(
        0.15, "1", "share of the sale's value that is due", source="us-levies", basis="measured", low=0.0, high=1.0)

    @cached_property
    def countries(self) -> frozenset[str]:
        """ISO codes of the places in scope."""
        return countries_in(*self.places)

    def concerns(self, destination: str, parent_country: str) -> bool:
        """Whether the charge is due on sales to a destination or to a buyer with such a parent."""
        return destination in self.countries or parent_country in self.countries

    def rate_on(self, transaction: Transaction, under: str | None) -> float:
        """The share due on a transaction that is permitted under an instrument (None: under none), 0 if none is due."""
        if not self.concerns(transaction.destination, transaction.parent_country):
            return 0.0
        if self.on_licences and under not in self.on_licences:
            return 0.0
        due = self.test is None or self.test(transaction.chip) not in (None, UNDECIDED)
        return self.rate if due else 0.0
