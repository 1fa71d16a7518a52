"""Does the model, free from October 2022, come to the levels that are publicly known of 2022Q4 to mid-2025?

The rules as they came, with two arms for the paired effects: no US controls on chips from the first free day, and the
rule of October 2022 for ever. Special versions, fleets, orders, diversion and launches after the opening are the
model's own; R1 is not given, so what is said of its successor is not scored. ``python -m analysis.validation DIR``
scores the levels of the results in DIR.
"""

from datetime import date

from abm import HISTORICAL, HISTORY_2022, Experiment
from abm.policy import NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT

EXPERIMENT = Experiment(
    name="validation_2022",
    question=__doc__,
    scenarios=(HISTORY_2022,),
    policies=(HISTORICAL, NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT),
    seeds=range(20),
    until=date(2025, 7, 31),
    against="no_controls_from_2022",
    outcomes=(
        "next_launch_months",
        "other_chinese_launch_months",
        "gap_months",
        "china_effective_compute",
        "domestic_unit_share",
        "diverted_units",
        "special_version_units",
    ),
)
