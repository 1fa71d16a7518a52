"""Restrictions of the seller's government: chips by their numbers, buyers by name, uses, and components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from abm.offers import Transaction
from abm.policy.countries import countries_in
from abm.policy.instrument import APPROVE, DENY, NOTIFY, Catch, Instrument, LicenceRecord, canonical
from abm.scenario.catalogue import Chip
from abm.scenario.declare import number


@dataclass(frozen=True, kw_only=True)
class ExportControl(Instrument):
    """A rule or letter that catches chips by a test and denies, approves or asks for notice by destination.

    ``denied`` and ``approved`` name countries or country groups under a presumption of denial or of approval;
    ``follows_parent`` extends the denial to buyers anywhere whose ultimate parent sits in a denied country. Chips
    caught by a paragraph of ``notice_for`` may go to denied places after a notice (licence exception NAC) and to
    approved places without one (ACA). A chip whose class is undecided needs the licence: the exporter must know.
    """

    test: Callable[[Chip], str | None]
    denied: tuple[str, ...]
    approved: tuple[str, ...] = ()
    follows_parent: bool = False
    notice_for: tuple[str, ...] = ()
    notice_days: int = number(
        25, "day", "time between a notice and the sale it permits", source="88-fr-73458", basis="measured", low=0, high=365)
    review_days: int = number(
        43, "day", "time to decide an application under a presumption of approval", source="bis-licence-throughput",
        basis="estimated", low=0, high=365)

    @cached_property
    def denied_countries(self) -> frozenset[str]:
        """ISO codes of the countries under a presumption of denial."""
        return countries_in(*self.denied)

    @cached_property
    def approved_countries(self) -> frozenset[str]:
        """ISO codes of the countries under a presumption of approval."""
        return countries_in(*self.approved)

    @property
    def unused_numbers(self) -> tuple[str, ...]:
        """No notice where nothing may be notified, no review where nothing is presumed approved."""
        return (() if self.notice_for else ("notice_days",)) + (() if self.approved else ("review_days",))

    def licence_policy(self, destination: str, parent_country: str) -> str | None:
        """The policy for a destination and the country of the buyer's ultimate parent, or None out of scope."""
        denied = self.denied_countries
        if destination in denied or (self.follows_parent and parent_country in denied):
            return DENY
        return APPROVE if destination in self.approved_countries else None

    def concerns(self, destination: str, parent_country: str) -> bool:
        """Whether the control speaks of a destination, or of buyers anywhere whose ultimate parent sits there."""
        return self.licence_policy(destination, parent_country) is not None

    def catch(self, transaction: Transaction, record: LicenceRecord) -> Catch | None:
        """How the control applies to a transaction, or None where it does not."""
        policy = self.licence_policy(transaction.destination, transaction.parent_country)
        paragraph = None if policy is None else self.test(transaction.chip)
        if paragraph is None:
            return None
        if paragraph in self.notice_for:
            return Catch(self, paragraph, NOTIFY, 1.0, self.notice_days) if policy == DENY else None
        if policy == APPROVE:
            return Catch(self, paragraph, APPROVE, 1.0, self.review_days)
        return Catch(self, paragraph, DENY, 0.0, 0)


@dataclass(frozen=True, kw_only=True)
class EntityListing(Instrument):
    """Additions to the Entity List: nothing may be sold to the parties, nor to what they own wholly.

    A branch is part of the listed party. A subsidiary is a person of its own, and until the Affiliates Rule not listed
    with its owner; but what a wholly owned one buys is taken to be known to be for its owner, who is the end user.
    Source: 15 CFR 744.11; the questions and answers on the Entity List of the Bureau of Industry and Security.
    """

    entities: tuple[str, ...]
    paragraph: str = "744.11"

    @cached_property
    def names(self) -> frozenset[str]:
        """The listed names, reduced to letters and digits."""
        return frozenset(canonical(entity) for entity in self.entities)

    @cached_property
    def denial(self) -> Catch:
        """What the listing answers about its parties."""
        return Catch(self, self.paragraph, DENY, 0.0, 0)

    def catch(self, transaction: Transaction, record: LicenceRecord) -> Catch | None:
        """The denial, where the buyer is listed, or the ultimate parent that owns all of it."""
        wholly = transaction.parent_share >= 1 and canonical(transaction.parent) in self.names
        return self.denial if wholly or canonical(transaction.buyer) in self.names else None


@dataclass(frozen=True, kw_only=True)
class AffiliatesRule(Instrument):
    """A listed owner of at least this share of a buyer counts as the listed party; one of less is no reason to refuse.

    The rule adds up the shares of several listed owners; here a buyer has one ultimate parent.
    Source: 90 FR 47201, 15 CFR 744.11.
    """

    paragraph: str = "744.11"
    share: float = number(
        0.5, "1", "share of a buyer from which its listed owner counts as the listed party", source="90-fr-47201",
        basis="measured", low=0.0, high=1.0)

    @cached_property
    def denial(self) -> Catch:
        """What the rule answers about a buyer that a listed party owns to that share."""
        return Catch(self, self.paragraph, DENY, 0.0, 0)


@dataclass(frozen=True, kw_only=True)
class EndUseControl(Instrument):
    """A denial by end use: nothing may be sold for these uses to these places."""

    end_uses: tuple[str, ...]
    denied: tuple[str, ...]
    paragraph: str

    @cached_property
    def denied_countries(self) -> frozenset[str]:
        """ISO codes of the countries in scope."""
        return countries_in(*self.denied)

    def catch(self, transaction: Transaction, record: LicenceRecord) -> Catch | None:
        """The denial, where the end use is one of these."""
        if transaction.end_use not in self.end_uses:
            return None
        concerned = self.denied_countries
        if transaction.destination in concerned or transaction.parent_country in concerned:
            return Catch(self, self.paragraph, DENY, 0.0, 0)
        return None


@dataclass(frozen=True, kw_only=True)
class ComponentControl(Instrument):
    """A denial of what chips are made with: "hbm" (stacks of memory) or "foundry_tools". Chips pass with theirs inside."""

    component: str
    denied: tuple[str, ...]
    paragraph: str

    def controls(self, component: str, country: str) -> bool:
        """Whether the component may not be sold to the country."""
        return component == self.component and country in countries_in(*self.denied)


@dataclass(frozen=True, kw_only=True)
class MemoryControl(ComponentControl):
    """A denial of stacks of high-bandwidth memory by their bandwidth per area, packaged stacks exempt."""

    density: float = number(
        2.0, "GB/s/mm2", "memory bandwidth per area of a stack above which it is caught", source="89-fr-96790",
        basis="measured", low=0, high=100)

    def catches_stack(self, bandwidth_gbs: float, area_mm2: float) -> bool:
        """Whether a stack of memory is caught, by its bandwidth in GB/s and its area in mm2."""
        return bandwidth_gbs > self.density * area_mm2
