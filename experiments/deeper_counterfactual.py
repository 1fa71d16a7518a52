"""What if the controls of October 2022 had never come, or had stayed as they were in October 2022?

Three arms from 3 October 2022 to the end of 2024: no controls on chips from the first day, the letters of August 2022
included; the US rules of October 2022 for ever; and the rules as they came. Special versions of chips for China are
designs of their vendors, not inputs.
"""

from datetime import date

from abm import HISTORICAL, HISTORY_2022, Experiment
from abm.policy import NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT

EXPERIMENT = Experiment(
    name="deeper_counterfactual",
    question=__doc__,
    scenarios=(HISTORY_2022,),
    policies=(NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT, HISTORICAL),
    seeds=range(100),
    until=date(2024, 12, 31),
    against="no_controls_from_2022",
    outcomes=(
        "gap_months",
        "china_effective_compute",
        "china_serving_compute",
        "domestic_share",
        "domestic_unit_share",
        "diverted_units",
        "final_grey_premium",
        "write_down_usd_bn",
    ),
)
