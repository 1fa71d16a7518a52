"""Quotas: how many chips may still be licensed, read off the regulator's own record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from abm.offers import Transaction
from abm.policy.countries import ARMS_EMBARGOED, countries_in
from abm.policy.instrument import APPROVE, DENY, Catch, Instrument, LicenceRecord
from abm.scenario.catalogue import Chip
from abm.scenario.declare import Section, number


@dataclass(frozen=True, kw_only=True)
class HomeMarketShare(Section):
    """A cap on a product's licensed volume, as a share of its volume in the regulator's own country."""

    share: float = number(
        0.5, "1", "licensed volume of a product per unit sold in the home market", source="91-fr-1684",
        basis="measured", low=0.0, high=10.0)

    def left(self, instrument: str, transaction: Transaction, record: LicenceRecord) -> int:
        """Chips that may still be approved."""
        chip = transaction.chip.name
        return int(self.share * record.sold_in_home_market(chip)) - record.approved_units(instrument, chip)


@dataclass(frozen=True, kw_only=True)
class CustomerCap(Section):
    """A cap on the chips of one kind approved to one customer."""

    chips: int = number(
        75_000, "chip", "chips of one kind that may be approved to one customer", source="press-2026-h200",
        basis="estimated", low=0, high=10_000_000)

    def left(self, instrument: str, transaction: Transaction, record: LicenceRecord) -> int:
        """Chips that may still be approved to the buyer."""
        return self.chips - record.approved_units(instrument, transaction.chip.name, transaction.buyer)


@dataclass(frozen=True, kw_only=True)
class Ceiling(Section):
    """A cap on the chips of one kind approved to all customers together."""

    chips: int = number(
        400_000, "chip", "chips of one kind that may be approved in all", source="press-2026-h200", basis="estimated",
        low=0, high=10_000_000)

    def left(self, instrument: str, transaction: Transaction, record: LicenceRecord) -> int:
        """Chips that may still be approved."""
        return self.chips - record.approved_units(instrument, transaction.chip.name)


Quota = HomeMarketShare | CustomerCap | Ceiling


@dataclass(frozen=True, kw_only=True)
class DiffusionQuota(Instrument):
    """Three tiers of countries: allies free, a cap of processing power for most, denial for arms-embargoed ones.

    ``controlled`` is the paragraph of ``test`` that the rule speaks of; ``allies`` and ``agreements`` name countries;
    an agreement between governments doubles a country's cap. A country's cap counts what was licensed to all its
    buyers; a customer's small orders are free, and count against its own allowance of the calendar year alone.
    Source: 90 FR 4544; 15 CFR 740.29 (small orders).
    """

    test: Callable[[Chip], str | None]
    controlled: str
    allies: tuple[str, ...]
    agreements: tuple[str, ...] = ()
    country_cap: float = number(
        790e6, "TPP", "processing power that may go to a country of the second tier in 2025-27",
        source="ai-diffusion-rule", basis="measured", low=0, high=1e12)
    customer_free: float = number(
        26.9e6, "TPP/year", "processing power below which a customer needs no licence", source="ai-diffusion-rule",
        basis="measured", low=0, high=1e12)
    agreement_factor: float = number(
        2.0, "1", "cap of a country with an agreement, per unit of the plain cap", source="ai-diffusion-rule",
        basis="measured", low=1.0, high=10.0)
    review_days: int = number(
        43, "day", "time to decide an application within the cap", source="bis-licence-throughput", basis="estimated",
        low=0, high=365)

    @cached_property
    def embargoed(self) -> frozenset[str]:
        """ISO codes of the third tier."""
        return countries_in(ARMS_EMBARGOED)

    def concerns(self, destination: str, parent_country: str) -> bool:
        """Whether the rule limits sales to a destination or to a buyer with such a parent."""
        return parent_country in self.embargoed or destination not in self.allies

    def catch(self, transaction: Transaction, record: LicenceRecord) -> Catch | None:
        """Denial for the third tier; for the second a presumption of approval within the cap, no grant beyond it.

        What was licensed before the cap was reached may still be delivered.
        """
        destination, paragraph = transaction.destination, self.test(transaction.chip)
        if paragraph != self.controlled:
            return None
        if destination in self.embargoed or transaction.parent_country in self.embargoed:
            return Catch(self, paragraph, DENY, 0.0, 0)
        if destination in self.allies:
            return None
        tpp = transaction.chip.tpp
        left = max(int((self.cap(destination) - record.approved_processing(self.name, destination)) / tpp), 0)
        used = record.free_processing(self.name, transaction.buyer, transaction.date.year)
        free = max(int((self.customer_free - used) / tpp), 0)
        return Catch(self, paragraph, APPROVE, 1.0 if left else 0.0, self.review_days, left, free)

    def cap(self, country: str) -> float:
        """Processing power (TPP) that may go to a country of the second tier."""
        return self.country_cap * (self.agreement_factor if country in self.agreements else 1.0)
