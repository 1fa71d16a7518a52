"""What does each named policy change, for China's labs, for who gets chips, and for what firms are worth?

Every policy that ships for the world of 2025, from no controls to both governments endogenous, beside the rules as they
came. Full size: 100 seeds x 14 policies = 1,400 runs, about three quarters of an hour on two cores.
"""

from datetime import date

from abm import HISTORICAL, HISTORY_2025, Experiment
from abm.policy import POLICIES
from abm.policy.arms_2022 import POLICIES_2022

EXPERIMENT = Experiment(
    name="all_policies",
    question=__doc__,
    scenarios=(HISTORY_2025,),
    policies=tuple(policy for name, policy in POLICIES.items() if name not in POLICIES_2022),
    seeds=range(100),
    until=date(2026, 12, 31),
    against=HISTORICAL.name,
    outcomes=(
        "next_launch_months",
        "gap_months",
        "china_effective_compute",
        "domestic_share",
        "approved_units",
        "delivered_licensed_units",
        "diverted_units",
        "final_grey_premium",
        "nvda_value",
        "write_down_usd_bn",
    ),
)
