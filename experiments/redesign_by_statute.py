"""Which special versions does a vendor make under which statute, and does fear of the next rule keep it from making any?

The world free from October 2022, under the rules as they came, the rule of October 2022 kept for ever, and no controls;
each with beliefs about the next tightening that learn from acts, and with beliefs that stay as they were before the
first. Full size: 100 seeds x 6 arms = 600 runs, about 25 minutes on two cores.
"""

from dataclasses import replace

from abm import HISTORICAL, HISTORY_2022, Experiment
from abm.policy.arms_2022 import NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT

UNLEARNED = replace(HISTORY_2022.vary({"conduct.hazard_learning": 0.0}), name="history_2022_unlearned")

EXPERIMENT = Experiment(
    name="redesign_by_statute",
    question=__doc__,
    scenarios=(HISTORY_2022, UNLEARNED),
    policies=(HISTORICAL, OCTOBER_2022_KEPT, NO_CONTROLS_FROM_2022),
    seeds=range(100),
    outcomes=(
        "special_versions_adopted",
        "special_versions_refused",
        "special_version_units",
        "china_effective_compute",
        "nvda_value",
        "write_down_usd_bn",
    ),
)
