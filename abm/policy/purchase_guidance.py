"""Restrictions of the buyer's government: what its buyers are told not to buy, or must justify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from abm.offers import Transaction
from abm.policy.instrument import CASE_BY_CASE, DENY, UNDECIDED, Catch, Instrument, LicenceRecord
from abm.scenario.catalogue import Chip
from abm.scenario.declare import number


@dataclass(frozen=True, kw_only=True)
class PurchaseGuidance(Instrument):
    """Guidance on foreign chips: a ban, or purchases that must be justified case by case.

    ``end_uses`` restricts it to some uses (empty: all); ``banned`` makes it a ban, otherwise an application to buy is
    refused with ``refusal_probability`` after ``delay_days``.
    """

    test: Callable[[Chip], str | None]
    end_uses: tuple[str, ...] = ()
    banned: bool = False
    refusal_probability: float = number(
        0.7, "1", "chance that a justified purchase is refused", source="assumption-purchase-guidance", basis="assumed",
        low=0.0, high=1.0)
    delay_days: int = number(
        30, "day", "time from a justification to its answer", source="assumption-purchase-guidance", basis="assumed",
        low=0, high=365)

    def catch(self, transaction: Transaction, record: LicenceRecord) -> Catch | None:
        """How the guidance applies to a purchase, or None where it does not."""
        if self.end_uses and transaction.end_use not in self.end_uses:
            return None
        paragraph = self.test(transaction.chip)
        if paragraph is None or paragraph == UNDECIDED:
            return None
        if self.banned:
            return Catch(self, paragraph, DENY, 0.0, 0)
        return Catch(self, paragraph, CASE_BY_CASE, 1.0 - self.refusal_probability, self.delay_days)
