"""How much enforcement does it take to stop shells, and does what is stopped come out of China's compute?

The rules as they came with one, two, five and twenty times the enforcement effort from the first free day; and with
chips that report where they are. Full size: 100 seeds x 5 policies = 500 runs, about a quarter of an hour on two cores.
"""

from dataclasses import replace
from datetime import date

from abm import HISTORICAL, HISTORY_2025, Experiment
from abm.policy import POLICIES, Policy

EFFORT = POLICIES["enforcement_x5"].instrument("us_enforcement_x5_2025_01")


def enforced(times: float) -> Policy:
    """The rules as they came with so many times the enforcement effort."""
    act = replace(EFFORT, name=f"us_enforcement_x{times:g}_2025_01", title=f"{times:g} times the enforcement effort",
                  effort=times, cites=f"counterfactual arm: enforcement effort times {times:g}")
    return replace(
        HISTORICAL.amended(f"enforcement_x{times:g}", act),
        description=f"the rules as they came, with {times:g} times the enforcement effort from the first free day")


EXPERIMENT = Experiment(
    name="diversion_by_enforcement",
    question=__doc__,
    scenarios=(HISTORY_2025,),
    policies=(
        HISTORICAL, enforced(2.0), POLICIES["enforcement_x5"], enforced(20.0), POLICIES["location_verification"]),
    seeds=range(100),
    until=date(2026, 12, 31),
    outcomes=(
        "diverted_units",
        "seized_units",
        "disabled_units",
        "final_grey_premium",
        "china_effective_compute",
        "next_launch_months",
    ),
)
