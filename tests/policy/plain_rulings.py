"""What governments answer, worked out plainly: every instrument in force is asked every time, and nothing is remembered.

Slow on purpose. It shares with ``abm.policy`` the tests of chips, the answers of single instruments and the table of
countries, and none of the ways in which a gate puts them together.
"""

from __future__ import annotations

from math import fsum

from abm.errors import unknown
from abm.offers import Transaction
from abm.policy.countries import GROUP, countries_in
from abm.policy.export_control import AffiliatesRule, EntityListing
from abm.policy.instrument import SEVERITY, Catch, Instrument, LicenceRecord, Ruling, canonical
from abm.policy.levy import Levy
from abm.policy.licence import Licensing
from abm.policy.policy import Policy

WORDS = {
    "deny": "denied", "case_by_case": "needs a licence, decided case by case", "approve": "needs a licence, presumed approved",
    "notify": "needs a notice"}


def plain_review(policy: Policy, transaction: Transaction, record: LicenceRecord, government: str) -> Ruling:
    """The ruling that ``Policy.review`` must give."""
    for country in (transaction.destination, transaction.parent_country):
        if country not in GROUP:
            raise unknown("country", country, GROUP)
    mine = [one for one in policy.instruments if one.in_force(transaction.date) and one.government == government]
    foreign = transaction.chip.vendor_country != "CN"
    concerned = transaction.destination == "CN" if government == "CN" else transaction.destination != "US"
    if not (foreign and concerned):
        return ruling_on(None, government, 0.0, permitted=True)
    caught = restrictions(mine, transaction, record)
    caught = [eased(mine, one, caught, (transaction, record)) for one in caught]
    hardest = None
    for one in caught:
        if hardest is None or rank(one) > rank(hardest):
            hardest = one
    under = None if hardest is None else hardest.instrument.name
    levy = fsum(one.rate_on(transaction, under) for one in mine if isinstance(one, Levy))
    if hardest is None or is_small(hardest, transaction):
        small = hardest is not None and is_small(hardest, transaction)
        return ruling_on(hardest, government, levy, permitted=True, small=small)
    open_units = record.licensed(transaction.chip.name, transaction.buyer) + (hardest.free_units or 0)
    covered = hardest.licence in ("notify", "approve", "case_by_case") and open_units >= transaction.quantity
    return ruling_on(hardest, government, levy, permitted=covered)


def is_small(caught: Catch, transaction: Transaction) -> bool:
    """Whether a purchase is so small that what catches it asks for no licence."""
    return caught.free_units is not None and transaction.quantity <= caught.free_units


def restrictions(mine: list[Instrument], transaction: Transaction, record: LicenceRecord) -> list[Catch]:
    """Everything that catches the transaction: rules in the order of publication, then one listing of its parties."""
    rules = [one for one in mine if hasattr(one, "catch") and not isinstance(one, EntityListing)]
    caught = [one.catch(transaction, record) for one in rules]
    return [one for one in caught if one is not None] + listed(mine, transaction, record)


def listed(mine: list[Instrument], transaction: Transaction, record: LicenceRecord) -> list[Catch]:
    """The first listing that names an owner of the whole, else the buyer; else the rule on an owner's share."""
    listings = [one for one in mine if isinstance(one, EntityListing)]
    by_owner = [one for one in listings if canonical(transaction.parent) in {canonical(name) for name in one.entities}]
    by_name = [one for one in listings if canonical(transaction.buyer) in {canonical(name) for name in one.entities}]
    if by_owner and transaction.parent_share == 1:
        return [by_owner[0].catch(transaction, record)]
    if by_name:
        return [by_name[0].catch(transaction, record)]
    rules = [one for one in mine if isinstance(one, AffiliatesRule) and one.share <= transaction.parent_share]
    return [Catch(rules[0], rules[0].paragraph, "deny", 0.0, 0)] if by_owner and rules else []


def eased(mine: list[Instrument], one: Catch, caught: list[Catch], about: tuple[Transaction, LicenceRecord]) -> Catch:
    """The review of the latest licence that eases a restriction, or the restriction."""
    transaction, record = about
    latest_first = sorted((o for o in mine if isinstance(o, Licensing)), key=lambda o: o.binds_from, reverse=True)
    for licence in latest_first if one.licence in ("deny", "case_by_case") else ():
        parties = {canonical(transaction.parent), canonical(transaction.buyer)}
        wanted = licence.controlled_under is None or any(c.paragraph.startswith(licence.controlled_under) for c in caught)
        welcome = not licence.customers or bool(parties & {canonical(name) for name in licence.customers})
        places = countries_in(*licence.places) if licence.places else {transaction.destination}
        welcome = welcome and bool(places & {transaction.destination, transaction.parent_country})
        paragraph = licence.test(transaction.chip)
        if one.instrument.name in licence.eases and wanted and welcome and paragraph not in (None, "?"):
            return licence.review(paragraph, transaction, record)
    return one


def rank(caught: Catch) -> tuple[int, float, float]:
    """How hard a restriction is: its licence policy, then how rarely it is granted, then how little a quota leaves."""
    left = float("inf") if caught.quota_left is None else caught.quota_left
    return SEVERITY[caught.licence], -caught.approval_probability, -left


def ruling_on(caught: Catch | None, government: str, levy: float, *, permitted: bool, small: bool = False) -> Ruling:
    """The answer in full."""
    if caught is None:
        return Ruling(
            permitted=permitted, licence=None, approval_probability=1.0, delay_days=0, quota_left=None, levy=levy,
            paragraph=None, instrument=None, gate=government, reason="nothing in force catches the transaction")
    if small:
        return Ruling(
            permitted=True, licence=None, approval_probability=1.0, delay_days=0, quota_left=caught.quota_left, levy=levy,
            paragraph=caught.paragraph, instrument=caught.instrument.name, gate=government, free_units=caught.free_units,
            reason=f"small enough to need no licence under {caught.paragraph}: {caught.instrument.title}")
    return Ruling(
        permitted=permitted, licence=caught.licence, approval_probability=caught.approval_probability,
        delay_days=caught.delay_days, quota_left=caught.quota_left, levy=levy, paragraph=caught.paragraph,
        instrument=caught.instrument.name, gate=government, free_units=caught.free_units,
        reason=f"{WORDS[caught.licence]} under {caught.paragraph}: {caught.instrument.title}")
