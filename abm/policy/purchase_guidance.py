"""Restrictions of the buyer's government: what its buyers are told not to buy, or must justify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from abm.offers import Transaction
from abm.policy.instrument import CASE_BY_CASE, DENY, UNDECIDED, Catch, Instrument, LicenceRecord
from abm.policy.licence import Licensing
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

    @property
    def unused_numbers(self) -> tuple[str, ...]:
        """A ban has no odds and no delay."""
        return ("refusal_probability", "delay_days") if self.banned else ()

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


@dataclass(frozen=True, kw_only=True)
class PurchaseApproval(Licensing):
    """Approval of what guidance stands against, for some buyers: the second gate's own licence."""

    approval_probability: float = number(
        0.8, "1", "chance that a purchase by one of the customers is approved", source="assumption-purchase-guidance",
        basis="assumed", low=0.0, high=1.0)
    delay_days: int = number(
        30, "day", "time from an application to its approval", source="assumption-purchase-guidance", basis="assumed",
        low=0, high=365)
