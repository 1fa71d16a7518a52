"""What governments do: dated, cited instruments that are consulted, never applied, and the policies that bundle them."""

from abm.policy.arms import HISTORICAL, NO_CONTROLS, POLICIES, RULES_OF_END_2024, first_difference, policy_parameters
from abm.policy.instrument import EMPTY_RECORD, LicenceRecord, LicenceSnapshot, Ruling
from abm.policy.policy import Policy
from abm.policy.tightening import tightenings

__all__ = [
    "EMPTY_RECORD",
    "HISTORICAL",
    "NO_CONTROLS",
    "POLICIES",
    "RULES_OF_END_2024",
    "LicenceRecord",
    "LicenceSnapshot",
    "Policy",
    "Ruling",
    "first_difference",
    "policy_parameters",
    "tightenings",
]
