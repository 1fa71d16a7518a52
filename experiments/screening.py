"""Which of the assumed numbers move what the export rules do to launches, compute and diversion, and which hardly matter?

Elementary effects (Morris) of eight numbers over their whole declared ranges, each world with and without the rules and
with the same seeds, so that the luck is common. `pip install '.[sensitivity]'` first; and then, for each outcome,
`python -m analysis.sensitivity results/screening --outcome gap_months --against no_controls`. Full size: 4 seeds x 90
worlds x 2 policies = 720 runs, about 25 minutes on two cores.
"""

from datetime import date

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, Experiment
from abm.bench.designs import sampled

ASSUMED = (
    "technology.algorithm_diffusion",
    "technology.research_returns",
    "technology.domestic_wafers",
    "technology.domestic_training_factor",
    "conduct.training_share",
    "conduct.capacity_needed",
    "conduct.broker_lots_per_year",
    "demand.quality_weight",
)
TRAJECTORIES = 10

EXPERIMENT = Experiment(
    name="screening",
    question=__doc__,
    scenarios=sampled(
        HISTORY_2025, dict.fromkeys(ASSUMED), TRAJECTORIES * (len(ASSUMED) + 1), method="morris", seed=1),
    policies=(NO_CONTROLS, HISTORICAL),
    seeds=range(4),
    until=date(2026, 12, 31),
    outcomes=(
        "next_launch_months",
        "gap_months",
        "china_effective_compute",
        "diverted_units",
        "domestic_share",
    ),
)
