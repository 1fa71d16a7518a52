"""Licences: what eases a restriction for some chips and buyers, case by case, with odds, a delay and quotas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from abm.offers import Transaction
from abm.policy.countries import countries_in
from abm.policy.instrument import CASE_BY_CASE, DENY, NOTIFY, UNDECIDED, Catch, Instrument, LicenceRecord, canonical
from abm.policy.quota import Quota
from abm.scenario.catalogue import Chip
from abm.scenario.declare import number

EASED = (DENY, CASE_BY_CASE)


@dataclass(frozen=True, kw_only=True)
class Licensing(Instrument):
    """Review case by case of what other instruments deny.

    ``eases`` names those instruments; ``test`` says which chips may apply; ``controlled_under`` restricts the review
    to chips that some restriction catches by a paragraph that starts so; ``customers`` to buyers or ultimate parents
    of that name (empty: all), ``places`` to destinations or parents' countries (empty: all); ``quotas`` limit what may
    be approved.
    """

    eases: tuple[str, ...]
    test: Callable[[Chip], str | None]
    controlled_under: str | None = None
    customers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    quotas: tuple[Quota, ...] = ()
    approval_probability: float = number(
        0.6, "1", "chance that an application is granted", source="assumption-licence-odds", basis="assumed",
        low=0.0, high=1.0)
    delay_days: int = number(
        43, "day", "time from an application to its decision", source="bis-licence-throughput",
        basis="estimated", low=0, high=365)

    @cached_property
    def _places(self) -> frozenset[str]:
        return countries_in(*self.places)

    def reaches(self, destination: str, parent_country: str) -> bool:
        """Whether sales to a destination, or to a buyer whose parent sits in a country, may be reviewed."""
        return not self.places or destination in self._places or parent_country in self._places

    @cached_property
    def _customers(self) -> frozenset[str]:
        return frozenset(canonical(name) for name in self.customers)

    def ease(self, caught: Catch, paragraphs: Sequence[str], transaction: Transaction) -> str | None:
        """The paragraph under which a denied transaction is reviewed, or None where the denial stands.

        ``paragraphs`` are those of all restrictions that catch the transaction.
        """
        if caught.instrument.name not in self.eases or not self._concerns(paragraphs, transaction):
            return None
        paragraph = self.test(transaction.chip)
        return None if paragraph == UNDECIDED else paragraph

    def _concerns(self, paragraphs: Sequence[str], transaction: Transaction) -> bool:
        if self.controlled_under and not any(one.startswith(self.controlled_under) for one in paragraphs):
            return False
        if not self.reaches(transaction.destination, transaction.parent_country):
            return False
        parties = (canonical(transaction.parent), canonical(transaction.buyer))
        return not self.customers or any(party in self._customers for party in parties)

    def review(self, paragraph: str, transaction: Transaction, record: LicenceRecord) -> Catch:
        """The transaction under review: its odds, its delay, and what the quotas leave."""
        left = [quota.left(self.name, transaction, record) for quota in self.quotas]
        remaining = max(min(left), 0) if left else None
        return Catch(self, paragraph, CASE_BY_CASE, self.approval_probability, self.delay_days, remaining)


def under_review(
    licences: Sequence[Licensing], caught: Sequence[Catch], about: tuple[Transaction, LicenceRecord], *,
    notices: bool = False,
) -> list[Catch]:
    """The restrictions that catch a transaction, each replaced by the review that eases it, if one does.

    ``licences`` come latest first; the first that eases a restriction counts. A notice or a presumption of approval
    is milder than a review and stays; with ``notices``, an application is filed although a notice would do.
    """
    paragraphs = [one.paragraph for one in caught]
    eased = (*EASED, NOTIFY) if notices else EASED
    return [_eased(licences, one, paragraphs, about) if one.licence in eased else one for one in caught]


def _eased(
    licences: Sequence[Licensing], caught: Catch, paragraphs: Sequence[str], about: tuple[Transaction, LicenceRecord]
) -> Catch:
    transaction, record = about
    for licence in licences:
        paragraph = licence.ease(caught, paragraphs, transaction)
        if paragraph:
            return licence.review(paragraph, transaction, record)
    return caught
