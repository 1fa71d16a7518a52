"""The two governments as they react in the arms that ship, and those arms: one or both governments make the rules."""

from __future__ import annotations

from datetime import date

from abm.policy.arms import END_OF_2024, FIRST_FREE_DAY, HISTORICAL, RULES_OF_END_2024
from abm.policy.instrument import CN, US
from abm.policy.policy import Policy, remaining
from abm.policy.reaction import INQUIRY, LISTING, RESTRICTION, SUBSIDY, Lead, Reaction, SelfReliance

US_REACTION = Reaction(government=US, since=FIRST_FREE_DAY, aim=Lead(), answers=(LISTING, INQUIRY), subsidy_growth=0.0)

CN_REACTION = Reaction(
    government=CN, since=FIRST_FREE_DAY, aim=SelfReliance(), answers=(RESTRICTION, INQUIRY, SUBSIDY), effort_per_lot=0.0,
    listing_evidence=0)
"""Listings and enforcement against diversion serve the seller's rules: the buyer's government leaves both alone. The
seller's has no foundries of its own in the model to subsidise."""


def left_to_react(policy: Policy, reaction: Reaction, day: date, *, name: str, description: str) -> Policy:
    """The policy with a government's acts after a day left to its reaction; what answered the dropped ones is gone."""
    later = {one.name for one in policy.instruments if one.government == reaction.government and one.public > day}
    others = tuple(one for one in policy.reactions if one.government != reaction.government)
    return Policy(name, description, remaining(policy.instruments, later), (*others, reaction))


ENDOGENOUS_US = left_to_react(
    HISTORICAL, US_REACTION, END_OF_2024, name="endogenous_us",
    description="the rules to the end of 2024; from then on the US government reacts, and China's acts that answer none")

BOTH_ENDOGENOUS = Policy(
    "both_endogenous", "the rules to the end of 2024; from then on both governments react", RULES_OF_END_2024.instruments,
    (US_REACTION, CN_REACTION))
