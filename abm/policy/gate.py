"""The gate of one government: everything it has in force at one time, asked about a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum, inf

from abm.errors import unknown
from abm.offers import Transaction
from abm.policy.countries import GROUP
from abm.policy.export_control import EntityListing
from abm.policy.instrument import (
    CN,
    DENY,
    LICENSED,
    SEVERITY,
    US,
    Catch,
    Instrument,
    LicenceRecord,
    Ruling,
    canonical,
)
from abm.policy.levy import Levy
from abm.policy.licence import Licensing, under_review

EXPLANATION = {
    None: "small enough to need no licence",
    "deny": "denied",
    "case_by_case": "needs a licence, decided case by case",
    "approve": "needs a licence, presumed approved",
    "notify": "needs a notice",
}


def seller_governs(transaction: Transaction) -> bool:
    """Whether US rules reach a sale: a chip of a vendor outside China that goes to a place outside the United States.

    Chips made abroad with US technology count as well; sales of Chinese vendors in China do not.
    """
    return transaction.chip.foreign_to_china and transaction.destination != US


def buyer_governs(transaction: Transaction) -> bool:
    """Whether PRC measures reach a purchase: a foreign chip that goes to China."""
    return transaction.chip.foreign_to_china and transaction.destination == CN


GOVERNS = {US: seller_governs, CN: buyer_governs}


class Gate:
    """What one government has in force between two changes of its rules."""

    def __init__(self, government: str, instruments: Iterable[Instrument]) -> None:
        mine = [one for one in instruments if one.government == government]
        licences = [one for one in mine if isinstance(one, Licensing)]
        self.government = government
        self.governs = GOVERNS[government]
        self.listings = _listed_parties(one for one in mine if isinstance(one, EntityListing))
        self.restrictions = tuple(
            one for one in mine if hasattr(one, "catch") and not isinstance(one, EntityListing))
        self.licences = tuple(sorted(licences, key=lambda one: one.binds_from, reverse=True))
        self.levies = tuple(one for one in mine if isinstance(one, Levy))
        self.free = _permitted(government, 0.0)

    def review(self, transaction: Transaction, record: LicenceRecord) -> Ruling:
        """What the government answers: the strictest of its restrictions, eased by the licences that apply.

        Raises InputError for a destination or a parent's country that is not in the table of country groups.
        """
        for country in (transaction.destination, transaction.parent_country):
            if country not in GROUP:
                raise unknown("country", country, GROUP)
        if not self.governs(transaction):
            return self.free
        caught = [found for one in self.restrictions if (found := one.catch(transaction, record))]
        if self.listings:
            caught += self._listed(transaction, record)
        if caught and self.licences:
            caught = under_review(self.licences, caught, (transaction, record))
        strictest = max(caught, key=_strictness) if caught else None
        levy = self._levy(transaction, strictest) if self.levies else 0.0
        if strictest is None:
            return _permitted(self.government, levy) if levy else self.free
        return self._ruling(strictest, levy, transaction, record)

    def _listed(self, transaction: Transaction, record: LicenceRecord) -> list[Catch]:
        """The denial of the listing that names the buyer or its declared ultimate parent, found without asking all."""
        listings = self.listings
        found = listings.get(canonical(transaction.parent)) or listings.get(canonical(transaction.buyer))
        return [found.catch(transaction, record)] if found else []

    def _levy(self, transaction: Transaction, caught: Catch | None) -> float:
        under = None if caught is None else caught.instrument.name
        return fsum(levy.rate_on(transaction, under) for levy in self.levies)

    def _ruling(self, caught: Catch, levy: float, transaction: Transaction, record: LicenceRecord) -> Ruling:
        free = caught.free_units
        licence = None if free is not None and transaction.quantity <= free else caught.licence
        covered = record.licensed(transaction.chip.name, transaction.buyer) if licence in LICENSED else 0
        return Ruling(
            permitted=licence is None or (licence != DENY and covered + (free or 0) >= transaction.quantity),
            licence=licence, approval_probability=1.0 if licence is None else caught.approval_probability,
            delay_days=0 if licence is None else caught.delay_days, quota_left=caught.quota_left, levy=levy,
            paragraph=caught.paragraph, instrument=caught.instrument.name, gate=self.government, free_units=free,
            reason=f"{EXPLANATION[licence]} under {caught.paragraph}: {caught.instrument.title}",
        )


def _listed_parties(listings: Iterable[EntityListing]) -> dict[str, EntityListing]:
    parties: dict[str, EntityListing] = {}
    for listing in listings:
        for name in sorted(listing.names):
            parties.setdefault(name, listing)
    return parties


def _strictness(caught: Catch) -> tuple[int, float, float]:
    """The licence policy, then the odds, then how little a quota leaves."""
    left = inf if caught.quota_left is None else caught.quota_left
    return SEVERITY[caught.licence], -caught.approval_probability, -left


def _permitted(government: str, levy: float) -> Ruling:
    return Ruling(
        permitted=True, licence=None, approval_probability=1.0, delay_days=0, quota_left=None, levy=levy,
        paragraph=None, instrument=None, gate=government, reason="nothing in force catches the transaction",
    )
