"""Who falls and who rises when a laboratory shows that capability is cheaper than thought, and does it last?

DeepSeek-R1 as it came, under the historical rules, with the declared beliefs about the elasticity of compute demand
and with Jevons beliefs (above one: cheaper capability raises the demand for compute), each beside the same world
without the launch; once more without the declared day of salience; and once at the cost that everybody expected.

Inputs: the release and its training compute (hence the size of the surprise), the day of salience, exposures, beliefs.
Not inputs: the sign and the size of any firm's move, and what becomes of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from abm import HISTORICAL, HISTORY_2025, Experiment
from abm.calendar import market_day, years_between
from abm.elementary import exp
from abm.rules.lab import log_effective_at_lag
from abm.scenario.reference import DatedRelease, Scenario

JEVONS: Mapping[str, float] = {"capital.elasticity_mean": 1.2}
"""Beliefs under which cheaper capability raises what is spent on compute."""


def without_launch(world: Scenario, name: str) -> Scenario:
    """The same world in which the dated releases do not come."""
    return replace(world, name=name, releases=())


def at_expected_cost(world: Scenario, name: str) -> Scenario:
    """The same world in which the first dated release took the training compute that its quality leads to expect."""
    first, *others = world.releases
    return replace(world, name=name, releases=(replace(first, training_flop=expected_flop(world, first)), *others))


def expected_flop(world: Scenario, release: DatedRelease) -> float:
    """Training FLOP that the public expects of a model of that quality: effective compute over the frontier's level."""
    before = -years_between(world.start, release.released)
    effective = log_effective_at_lag(release.lag_months, before, world.technology)
    known = world.technology.algorithm_growth * years_between(world.start, market_day(release.released))
    return exp(effective - known)


def without_salience(world: Scenario, name: str) -> Scenario:
    """The same world without declared days of salience: the news spreads as it may."""
    return replace(world, name=name, capital=replace(world.capital, salience_dates=()))


LAUNCH = replace(HISTORY_2025, name="launch")
JEVONS_LAUNCH = replace(HISTORY_2025.vary(JEVONS), name="jevons_launch")

EXPERIMENT = Experiment(
    name="launch_reaction",
    question=__doc__,
    scenarios=(
        LAUNCH,
        without_launch(LAUNCH, "no_launch"),
        at_expected_cost(LAUNCH, "expected_cost"),
        without_salience(LAUNCH, "no_salience"),
        JEVONS_LAUNCH,
        without_launch(JEVONS_LAUNCH, "jevons_no_launch"),
    ),
    policies=(HISTORICAL,),
    seeds=range(20),
    until=date(2025, 9, 30),
    outcomes=("nvda_value", "next_launch_months"),
)
