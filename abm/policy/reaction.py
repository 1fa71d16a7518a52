"""How a government reacts: what it aims at, whom it hears, how fast and how far it moves. One class, either government."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from abm.errors import InputError, unknown
from abm.policy.instrument import CN, GOVERNMENTS, US
from abm.scenario.declare import Section, number

RESTRICTION, LISTING, INQUIRY, SUBSIDY = "restriction", "listing", "inquiry", "subsidy"
ANSWERS = (RESTRICTION, LISTING, INQUIRY, SUBSIDY)
"""What a government may publish in answer to the other's tightening: a rule on the largest flow, a listing, a notice,
or money for its own foundries."""


@dataclass(frozen=True, kw_only=True)
class Lead(Section):
    """The aim of the seller's government: that the other side lags the frontier by so many months at least."""

    government: ClassVar[str] = US
    words: ClassVar[str] = "capability gap in months"
    target: float = number(
        9.0, "month", "capability gap that the government wants at least", source="assumption-reaction-targets",
        basis="assumed", low=0.0, high=36.0)


@dataclass(frozen=True, kw_only=True)
class SelfReliance(Section):
    """The aim of the buyer's government: that so large a share of the chips installed at home is domestic."""

    government: ClassVar[str] = CN
    words: ClassVar[str] = "domestic share of installed chips"
    target: float = number(
        0.5, "1", "domestic share of installed chips that the government wants at least",
        source="assumption-reaction-targets", basis="assumed", low=0.0, high=1.0)


@dataclass(frozen=True, kw_only=True)
class Reaction(Section):
    """One government's way of making rules in a run, from ``since`` on.

    ``aim`` is a Lead for "US" and a SelfReliance for "CN"; ``answers`` are the kinds of act with which it retaliates,
    drawn with equal odds among those that it could publish. A target of 0 is always met, so that nothing is tightened.
    Raises InputError for an unknown government or kind of answer, or an aim of the other government.
    """

    government: str
    since: date
    aim: Lead | SelfReliance
    answers: tuple[str, ...] = ANSWERS
    lobbying_weight: float = number(
        1.0, "1", "weight of the industry's stake (a share of its trade) against the shortfall of the indicator (a share"
        " of the target)", source="grossman-helpman-1994", basis="assumed", low=0.0, high=100.0)
    stake_memory: float = number(
        0.95, "1/month", "share of a stake in lost trade with which an industry still argues a month later",
        source="assumption-reaction-politics", basis="assumed", low=0.0, high=1.0)
    review_months: int = number(
        6, "month", "months in a row for which pressure outweighs lobbying, or the reverse, before a rule is drafted",
        source="assumption-reaction-politics", basis="assumed", low=1, high=36)
    publication_lag: float = number(
        3.0, "month", "mean time from the decision to draft a rule to its publication (exponential)",
        source="assumption-reaction-politics", basis="assumed", low=0.0, high=24.0)
    easing_margin: float = number(
        0.05, "1", "lead of lobbying over pressure beyond which a government eases its own rules",
        source="assumption-reaction-politics", basis="assumed", low=0.0, high=10.0)
    step: float = number(
        0.2, "1", "part by which one step lowers the thresholds of a rule", source="assumption-reaction-steps",
        basis="assumed", low=0.01, high=0.9)
    most_steps: int = number(
        5, "1", "steps by which one act tightens a rule at most", source="assumption-reaction-steps", basis="assumed",
        low=1, high=20)
    detection_months: int = number(
        12, "month", "time over which detected lots count for enforcement effort",
        source="assumption-reaction-enforcement", basis="assumed", low=1, high=36)
    effort_per_lot: float = number(
        0.05, "1/lot", "rise of enforcement effort for each lot that customs detected in that time",
        source="assumption-reaction-enforcement", basis="assumed", low=0.0, high=5.0)
    effort_ceiling: float = number(
        2.0, "1", "enforcement effort that the budget pays for at most", source="assumption-reaction-enforcement",
        basis="assumed", low=1.0, high=20.0)
    effort_step: float = number(
        0.25, "1", "change of wanted effort from which it is worth an act", source="assumption-reaction-enforcement",
        basis="assumed", low=0.01, high=5.0)
    listing_evidence: int = number(
        3, "1", "pieces of evidence on a buyer from which it is listed (0: it is never listed)",
        source="assumption-reaction-enforcement", basis="assumed", low=0, high=1000)
    subsidy_growth: float = number(
        0.05, "1/year", "log growth of domestic advanced wafers that one subsidy adds", source="assumption-big-fund",
        basis="assumed", low=0.0, high=0.5)
    retaliation_probability: float = number(
        0.5, "1", "chance that a tightening of the other government is answered", source="assumption-reaction-answers",
        basis="assumed", low=0.0, high=1.0)
    retaliation_lag: float = number(
        0.75, "month", "mean time from a tightening of the other government to the answer (exponential)",
        source="assumption-reaction-answers", basis="estimated", low=0.0, high=24.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.government not in GOVERNMENTS:
            raise unknown("government of a reaction", self.government, GOVERNMENTS)
        if self.aim.government != self.government:
            raise InputError(f"aim = {self.aim} is not an aim of government {self.government}")
        for answer in self.answers:
            if answer not in ANSWERS:
                raise unknown("kind of answer", answer, ANSWERS)

    @property
    def name(self) -> str:
        """The name under which tables and paths know the reaction."""
        return f"{self.government.lower()}_reaction"

    @property
    def title(self) -> str:
        """What the government holds to, in words."""
        return f"rules of its own making while the {self.aim.words} is below {self.aim.target:g}"
