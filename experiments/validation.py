"""Does the model, free from the first day of 2025, come to the levels that are publicly known of the half-year after?

The rules as they came, with three arms for the paired effects: no US controls on chips from the first free day, the
rules of the end of 2024 for ever, and all that came but the letter of April 2025 and its answers.
``python -m analysis.validation DIR`` scores the levels of the results in DIR.
"""

from datetime import date

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, RULES_OF_END_2024, Experiment

EXPERIMENT = Experiment(
    name="validation",
    question=__doc__,
    scenarios=(HISTORY_2025,),
    policies=(HISTORICAL, NO_CONTROLS, RULES_OF_END_2024, HISTORICAL.without("us_letter_2025_04")),
    seeds=range(20),
    until=date(2026, 12, 31),
    against="no_controls",
    outcomes=(
        "next_launch_months",
        "other_chinese_launch_months",
        "gap_months",
        "china_effective_compute",
        "h20_shipped_units",
        "diverted_units",
        "final_grey_premium",
        "write_down_usd_bn",
    ),
)
