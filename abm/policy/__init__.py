"""What governments do: dated, cited instruments that are consulted, never applied, and the policies that bundle them."""

from abm.policy import arms
from abm.policy.arms import (
    HISTORICAL,
    NO_CONTROLS,
    RULES_OF_END_2024,
    first_difference,
    policy_parameters,
    rules_before,
)
from abm.policy.arms_2022 import NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT, POLICIES_2022
from abm.policy.instrument import EMPTY_RECORD, LicenceRecord, LicenceSnapshot, Ruling
from abm.policy.policy import Policy
from abm.policy.reaction import Lead, Reaction, SelfReliance
from abm.policy.reactions import BOTH_ENDOGENOUS, CN_REACTION, ENDOGENOUS_US, US_REACTION
from abm.policy.tightening import tightenings

POLICIES = arms.POLICIES | {policy.name: policy for policy in (ENDOGENOUS_US, BOTH_ENDOGENOUS)} | POLICIES_2022

__all__ = [
    "BOTH_ENDOGENOUS",
    "CN_REACTION",
    "EMPTY_RECORD",
    "ENDOGENOUS_US",
    "HISTORICAL",
    "NO_CONTROLS",
    "NO_CONTROLS_FROM_2022",
    "OCTOBER_2022_KEPT",
    "POLICIES",
    "RULES_OF_END_2024",
    "US_REACTION",
    "Lead",
    "LicenceRecord",
    "LicenceSnapshot",
    "Policy",
    "Reaction",
    "Ruling",
    "SelfReliance",
    "first_difference",
    "policy_parameters",
    "rules_before",
    "tightenings",
]
