"""What the institutions cost: ``python -m tests.benchmarks.institutions``.

One run of the historical world and policy, phase by phase: everything that a simulated day takes but the phases of the
stock market. So governments, vendors, clouds, brokers, labs and users, and the checks of the books, the daily hashes of
the whole state and the measures that come with them. Least of several runs with seeds of their own, scaled to 1,000
days. The first in a process works out what chips the law leaves free; later ones find that kept, so each is measured
once with nothing kept and the least of those counts, and once more beside it with everything kept. Then how the cost
grows with days, with clouds (each in equal parts) and with brokers.

A slow machine slows everything, so the cost is held to a floor in yardsticks (``whole_run``): how long the same core
takes for a loop of plain Python, measured beside each run. The command exits with 1 where something is beyond its
floor; targets are what we want, and a missed one is printed as such. When the floors were set, on a quiet machine of two
cores, the institutions' part took 5.3 s, 26 times what is wanted and 72 yardsticks, a fifth of it for the daily hash of the
whole state (the crowd's bytes alone take what is wanted for everything) and the rest spread over sixteen phases, none of
them above 13 %. It grew with the 1.09th power of days, since there are more brokers and orders in later ones, the 0.43th
of clouds and the 0.33th of brokers. The code before took 6.6 s and 91 yardsticks on that day.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from abm import HISTORICAL, Model
from abm.rules import court, redesign
from abm.scenario.reference import Scenario
from tests.benchmarks.whole_run import HORIZONS, QUICK, Bar, exponent, print_split, split_by_phase, yardstick

PASSES, GROWTH_PASSES = 3, 2
DAYS = 1_000
TARGET_SECONDS = 0.2
STOCK_MARKET = {"investors_take_in_news", "firms_pay_out", "equities_clear", "trades_are_charged", "managers_take_fees"}
BESIDE_PHASES = {"(check)", "(digest)", "(measure)"}
KEPT_DESIGNS = (redesign.free_designs, redesign._values, court.passed)
HALF_A_YEAR = date(2025, 6, 30)
TIMES = (1, 2, 4)


def split_of_run(world: Scenario = QUICK, *, seed: int = 1, until: date | None = None) -> tuple[dict[str, float], Model]:
    """CPU seconds by phase of a run, without the stock market's and what comes before the first day; and the model."""
    with split_by_phase() as spent:
        model = Model(world, HISTORICAL, seed=seed, until=until)
        spent.clear()
        model.run()
    return {name: seconds for name, seconds in spent.items() if name not in STOCK_MARKET}, model


def forget_designs() -> None:
    """Let the next run work out anew which designs are free, as the first in a process does."""
    for kept in KEPT_DESIGNS:
        kept.cache_clear()


def whole_runs() -> tuple[dict[str, float], dict[str, float], float]:
    """The split of the least run with nothing kept, of the least with designs kept, and the first in yardsticks.

    All scaled to 1,000 days.
    """
    split_of_run(until=HORIZONS[0])
    first, later, in_yardsticks = [], [], []
    for seed in range(1, PASSES + 1):
        before = yardstick()
        forget_designs()
        for found in (first, later):
            spent, model = split_of_run(seed=seed)
            scale = DAYS / len(model.calendar)
            found.append({name: seconds * scale for name, seconds in spent.items()})
        in_yardsticks.append(total(first[-1]) / min(before, yardstick()))
    return min(first, key=total), min(later, key=total), min(in_yardsticks)


def total(spent: dict[str, float]) -> float:
    """All seconds of a split."""
    return math.fsum(spent.values())


# growth -----------------------------------------------------------------------------------------------------


def in_days() -> float:
    """The exponent of the cost in simulated days."""
    return _growth([(QUICK, until) for until in HORIZONS], lambda model: len(model.calendar))


def in_clouds() -> float:
    """The exponent of the cost in the number of clouds, each in so many equal parts."""
    return _growth([(in_parts(QUICK, times), HALF_A_YEAR) for times in TIMES], lambda model: len(model.clouds))


def in_brokers() -> float:
    """The exponent of the cost in the mean number of brokers of the first and the last day."""
    worlds = [(with_brokers(QUICK, times), HALF_A_YEAR) for times in TIMES]
    return _growth(worlds, lambda model: (model.world.conduct.opening_brokers + len(model.brokers)) / 2)


def _growth(runs: Iterable[tuple[Scenario, date]], size_of: Callable[[Model], float]) -> float:
    sizes, costs = [], []
    for world, until in runs:
        least, model = math.inf, None
        for _ in range(GROWTH_PASSES):
            spent, model = split_of_run(world, until=until)
            least = min(least, total(spent))
        sizes.append(size_of(model))
        costs.append(least)
    return exponent(sizes, costs)


def in_parts(world: Scenario, parts: int) -> Scenario:
    """The world with every cloud's budget in equal parts, one of which keeps the name, the fleet and the customers."""
    actors = [one if one.kind != "cloud" else replace(one, capex_usd_bn=one.capex_usd_bn / parts) for one in world.actors]
    others = [
        replace(one, id=f"{one.id}_{part}") for one in actors if one.kind == "cloud" for part in range(1, parts)]
    return replace(world, actors=(*actors, *others))


def with_brokers(world: Scenario, times: int) -> Scenario:
    """The world with so many times the brokers at the opening, and as many times the newcomers."""
    conduct = world.conduct
    return world.vary({
        "conduct.opening_brokers": times * conduct.opening_brokers, "conduct.entry_rate": times * conduct.entry_rate})


def main() -> int:
    """Measure, print, and compare with the floors."""
    first, later, in_yardsticks = whole_runs()
    seconds, kept = total(first), total(later)
    beside = math.fsum(first[name] for name in BESIDE_PHASES)
    print(f"the institutions' part of {DAYS:,} days, in CPU seconds")
    print_split(first, seconds)
    print(f"  {seconds:8.3f} s  in all, of which {beside:.3f} s are checks, hashes and measures")
    print(f"  {kept:8.3f} s  in all, where the designs that the law leaves free are known from an earlier run")
    bars = (
        Bar(f"times the {TARGET_SECONDS} s that are wanted", seconds / TARGET_SECONDS, target=1.0, floor=math.inf),
        Bar("yardsticks", in_yardsticks, target=3.0, floor=90.0),
        Bar("exponent of the cost in days", in_days(), target=1.05, floor=1.25),
        Bar("exponent of the cost in clouds", in_clouds(), target=1.05, floor=0.7),
        Bar("exponent of the cost in brokers", in_brokers(), target=1.05, floor=0.7),
    )
    print("\n".join(map(str, bars)))
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
