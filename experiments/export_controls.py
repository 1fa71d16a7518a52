"""What do export controls do to DeepSeek's next launch, to China's computing power and to what NVIDIA is worth?

Three arms from 1 January 2025, everything but the rules left free: no controls on chips from the first day; the rules
of the end of 2024 frozen, without the letter on the H20; and the rules as they came, to July 2026.
"""

from datetime import date

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, RULES_OF_END_2024, Experiment

EXPERIMENT = Experiment(
    name="export_controls",
    question=__doc__,
    scenarios=(HISTORY_2025,),
    policies=(NO_CONTROLS, RULES_OF_END_2024, HISTORICAL),
    seeds=range(100),
    until=date(2026, 12, 31),
    against="no_controls",
    outcomes=(
        "next_launch_months",
        "gap_months",
        "china_effective_compute",
        "domestic_share",
        "h20_shipped_units",
        "delivered_licensed_units",
        "diverted_units",
        "final_grey_premium",
        "nvda_value",
        "write_down_usd_bn",
    ),
)
