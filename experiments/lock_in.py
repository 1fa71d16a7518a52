"""Do contracts for a successful old model keep chips from the next one, or does want of quality?

Reservations of one, six and twenty-four months, and customers who move freely or hardly, under the rules as they came
and without controls. Full size: 50 seeds x 6 worlds x 2 policies = 600 runs, about 20 minutes on two cores.
"""

from datetime import date

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, Experiment
from abm.bench.designs import crossed

EXPERIMENT = Experiment(
    name="lock_in",
    question=__doc__,
    scenarios=crossed(HISTORY_2025, {"demand.contract_months": (1, 6, 24), "demand.switching_cost": (0.0, 2.0)}),
    policies=(NO_CONTROLS, HISTORICAL),
    seeds=range(50),
    until=date(2026, 12, 31),
    outcomes=(
        "next_launch_months",
        "weeks_short_of_quality",
        "weeks_short_of_capacity",
        "weeks_short_by_contracts",
        "other_chinese_launch_months",
        "gap_months",
    ),
)
