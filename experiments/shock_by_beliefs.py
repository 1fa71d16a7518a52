"""Does what investors believe of the demand for compute decide whether a cheap, capable model makes NVIDIA fall or rise?

DeepSeek-R1 as it came and the same world without it, crossed with beliefs: the elasticity of compute demand that
investors expect (below one: cheaper capability saves chips; above one: Jevons) and how fast they doubt it. The effect
of the launch is the paired difference within each belief: ``python -m analysis.paired_effects DIR --arm R1_... --against
NONE_... --day 2025-01-27``. Full size: 50 seeds x 12 worlds = 600 runs to mid-2025, about ten minutes on two cores.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from abm import HISTORICAL, HISTORY_2025, Experiment
from abm.bench.designs import crossed
from abm.scenario.reference import Scenario

BELIEFS = {"capital.elasticity_mean": (0.6, 1.0, 1.4), "capital.elasticity_doubt": (0.1, 0.4)}


def with_and_without(worlds: tuple[Scenario, ...]) -> Iterator[Scenario]:
    """Each world with the dated release of R1, and without."""
    for world in worlds:
        tail = world.name.removeprefix(HISTORY_2025.name)
        yield replace(world, name=f"r1{tail}")
        yield replace(world, name=f"none{tail}", releases=())


EXPERIMENT = Experiment(
    name="shock_by_beliefs",
    question=__doc__,
    scenarios=tuple(with_and_without(crossed(HISTORY_2025, BELIEFS))),
    policies=(HISTORICAL,),
    seeds=range(50),
    until=date(2025, 6, 30),
    outcomes=("nvda_value", "next_launch_months"),
)
