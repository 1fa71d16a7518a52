"""The gate of one government: everything it has in force at one time, asked about a transaction.

Most instruments read only the *circumstances* of a transaction: the chip, where it goes, the country behind the buyer,
the end use, and whether a party is listed. What a gate answers to circumstances is worked out once and kept as a case.
Quantities, days, names and records are read again each time, for the quotas, licences and instruments that ask for them.
So the test of a chip must be a function of the chip alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import fsum, inf
from typing import NamedTuple

from abm.offers import Transaction
from abm.policy.countries import GROUP, unknown_country
from abm.policy.export_control import AffiliatesRule, EndUseControl, EntityListing, ExportControl
from abm.policy.instrument import (
    CN,
    DENY,
    EMPTY_RECORD,
    LICENSED,
    SEVERITY,
    UNDECIDED,
    US,
    Catch,
    Instrument,
    LicenceRecord,
    Ruling,
    canonical,
)
from abm.policy.levy import Levy
from abm.policy.licence import EASED, Licensing, under_review
from abm.policy.purchase_guidance import PurchaseApproval, PurchaseGuidance
from abm.scenario.catalogue import Chip

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
WHOLLY = 1.0
MOST_CASES = 1024


class Case(NamedTuple):
    """What a gate answers to some circumstances, as far as they settle it.

    It is kept under the name of its ``chip``, and good for that very chip alone, not for a namesake. ``restrictions``
    are catches, and the instruments that must be asked each time; ``licences`` those that may ease them. ``ruling`` is
    the answer (None: it depends on more than the circumstances), ``licensed`` the one to a buyer whose licences cover
    the sale.
    """

    chip: Chip
    restrictions: tuple[Catch | Instrument, ...] = ()
    licences: tuple[Licensing, ...] = ()
    ruling: Ruling | None = None
    licensed: Ruling | None = None


class Gate:
    """What one government has in force between two changes of its rules."""

    def __init__(self, government: str, instruments: Iterable[Instrument]) -> None:
        mine = [one for one in instruments if one.government == government]
        licences = [one for one in mine if isinstance(one, Licensing)]
        listings = [one for one in mine if _answers_like(one, "catch", EntityListing)]
        self.government = government
        self.governs = GOVERNS[government]
        self.listed = {name: one.denial for one in reversed(listings) for name in one.names}
        self.affiliates = tuple(one for one in mine if isinstance(one, AffiliatesRule))
        self.restrictions = tuple(one for one in mine if hasattr(one, "catch") and one not in listings)
        self.licences = tuple(sorted(licences, key=lambda one: one.binds_from, reverse=True))
        self.levies = tuple(one for one in mine if isinstance(one, Levy))
        self.free = _permitted(government, 0.0)
        self._cases: dict[tuple[object, ...], Case] = {}

    def review(self, transaction: Transaction, record: LicenceRecord) -> Ruling:
        """What the government answers: the strictest of its restrictions, eased by the licences that apply.

        Raises InputError for a destination or a parent's country that is not in the table of country groups.
        """
        case = self.case(transaction)
        if case.ruling is None:
            return self._weigh(case, transaction, record)
        if case.licensed is not None:
            if record.licensed(transaction.chip.name, transaction.buyer) >= transaction.quantity:
                return case.licensed
        return case.ruling

    def case(self, transaction: Transaction) -> Case:
        """What the circumstances of a transaction settle, whatever its quantity and date and the buyer's licences.

        Raises InputError as ``review`` does.
        """
        chip, denial = transaction.chip, self._denial(transaction) if self.listed else None
        circumstances = (
            chip.name, transaction.destination, transaction.parent_country, transaction.end_use,
            None if denial is None else denial.instrument.name)
        case = self._cases.get(circumstances)
        if case is None or (case.chip is not chip and case.chip != chip):
            case = self._open(circumstances, transaction, denial)
        return case

    def _denial(self, transaction: Transaction) -> Catch | None:
        """The denial by name: of a listed owner of the whole, of the buyer, or of an owner of the share that counts."""
        owner = self.listed.get(canonical(transaction.parent))
        if owner is not None and transaction.parent_share >= WHOLLY:
            return owner
        party = self.listed.get(canonical(transaction.buyer))
        if party is not None or owner is None:
            return party
        return next((rule.denial for rule in self.affiliates if transaction.parent_share >= rule.share), None)

    def _open(self, circumstances: tuple[object, ...], transaction: Transaction, denial: Catch | None) -> Case:
        """Work out a case and keep it; a gate that keeps too many forgets them all."""
        for country in (transaction.destination, transaction.parent_country):
            if country not in GROUP:
                raise unknown_country(country)
        if len(self._cases) >= MOST_CASES:
            self._cases.clear()
        case = self._cases[circumstances] = self._case(transaction, denial)
        return case

    def _case(self, transaction: Transaction, denial: Catch | None) -> Case:
        chip = transaction.chip
        if not self.governs(transaction):
            return Case(chip, ruling=self.free)
        found = [
            one.catch(transaction, EMPTY_RECORD) if _answers_like(one, "catch", *READ_CIRCUMSTANCES) else one
            for one in self.restrictions]
        restrictions = tuple(one for one in (*found, denial) if one is not None)
        case = Case(chip, restrictions, tuple(one for one in self.licences if _may_ease(one, restrictions, transaction)))
        return self._settled(case, transaction) if self._is_settled(case) else case

    def _is_settled(self, case: Case) -> bool:
        """Whether nothing that is left to ask reads more than the circumstances."""
        asked = any(not isinstance(one, Catch) for one in case.restrictions)
        by_buyer = any(one.customers or one.quotas or type(one) not in OUR_LICENCES for one in case.licences)
        return not asked and not by_buyer and all(_answers_like(one, "rate_on", Levy) for one in self.levies)

    def _settled(self, case: Case, transaction: Transaction) -> Case:
        ruling = self._weigh(case, transaction, EMPTY_RECORD)
        if ruling.licence not in LICENSED:
            return case._replace(ruling=ruling)
        return case._replace(ruling=replace(ruling, permitted=False), licensed=replace(ruling, permitted=True))

    def _weigh(self, case: Case, transaction: Transaction, record: LicenceRecord) -> Ruling:
        answers = (one if isinstance(one, Catch) else one.catch(transaction, record) for one in case.restrictions)
        caught = [answer for answer in answers if answer is not None]
        if caught and case.licences:
            caught = under_review(case.licences, caught, (transaction, record))
        strictest = max(caught, key=strictness) if caught else None
        levy = self.levy_on(transaction, strictest) if self.levies else 0.0
        if strictest is None:
            return _permitted(self.government, levy) if levy else self.free
        return self._ruling(strictest, levy, transaction, record)

    def levy_on(self, transaction: Transaction, caught: Catch | None) -> float:
        """The share of the sale's value that is due, given the strictest catch after easing."""
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


READ_CIRCUMSTANCES = (ExportControl, EndUseControl, PurchaseGuidance)
OUR_LICENCES = (Licensing, PurchaseApproval)


def _answers_like(one: Instrument, question: str, *kinds: type[Instrument]) -> bool:
    """Whether an instrument answers a question as one of these kinds does, and not in a way of its own."""
    return getattr(type(one), question, None) in [getattr(kind, question) for kind in kinds]


def _may_ease(licence: Licensing, restrictions: tuple[Catch | Instrument, ...], transaction: Transaction) -> bool:
    """Whether a licence could ease one of the restrictions on a sale; one of a kind of its own always may.

    None of ours eases what is as mild as a presumption of approval already, nor beyond the places that it reaches.
    """
    if type(licence) not in OUR_LICENCES:
        return True
    names = {
        one.instrument.name if isinstance(one, Catch) else one.name
        for one in restrictions if not isinstance(one, Catch) or one.licence in EASED}
    if names.isdisjoint(licence.eases) or not licence.reaches(transaction.destination, transaction.parent_country):
        return False
    return licence.test(transaction.chip) not in (None, UNDECIDED)


def strictness(caught: Catch) -> tuple[int, float, float]:
    """How strict a catch is: its licence policy, then how rarely an application is granted, then how little a quota leaves."""
    left = inf if caught.quota_left is None else caught.quota_left
    return SEVERITY[caught.licence], -caught.approval_probability, -left


def _permitted(government: str, levy: float) -> Ruling:
    return Ruling(
        permitted=True, licence=None, approval_probability=1.0, delay_days=0, quota_left=None, levy=levy,
        paragraph=None, instrument=None, gate=government, reason="nothing in force catches the transaction",
    )
