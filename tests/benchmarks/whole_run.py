"""What a whole run costs: ``python -m tests.benchmarks.whole_run``.

One run of the historical world and policy with 2,000 investors, best of several with seeds of their own, so that each
pays for its burn-in: CPU seconds, their split by phase, CPU a simulated day; how the cost grows with days and with runs
in one process, and the memory with runs; the wall time of ``abm --help`` and of a fresh process to the end of its first
simulated day; and how many times the same model takes in which every investor is a Mesa agent of its own.

A slow machine slows everything, so the CPU of a run is held to a floor in yardsticks: how long the same core takes for
a loop of plain Python, measured between the runs. The command exits with 1 where something is beyond its floor; targets
are what we want, and a missed one is printed as such. When the floors were set, a run took 3.9 s of CPU, 62
yardsticks, and its first weeks took 134 times as long with agents, a whole run 52 times.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from time import perf_counter, process_time
from unittest.mock import patch

import abm.model
from abm import HISTORICAL, HISTORY_2025, Model
from abm.books import Books
from abm.scenario.reference import Scenario
from abm.schedule import SCHEDULE
from analysis.model_returns import resized
from tests.benchmarks.plain_market import MarketOfAgents

PASSES = 3
HORIZONS = (date(2025, 3, 31), date(2025, 6, 30), date(2025, 12, 31), HISTORY_2025.until)
FIRST_WEEKS = date(2025, 1, 31)
INVESTORS = 2_000
CROWDED = replace(
    HISTORY_2025, capital=replace(HISTORY_2025.capital, shareholders=resized(HISTORY_2025.capital.shareholders, INVESTORS))
)
QUICK = CROWDED.vary({"capital.burn_in_days": 30})
LOOPS = 2_000_000
MANY = 8
FIRST_DAY = "from abm import *; Model(HISTORY_2025, HISTORICAL, seed=1).step()"
MEMORY_OF_RUNS = "from tests.benchmarks.whole_run import memory_of_runs; memory_of_runs()"


@dataclass(frozen=True)
class Bar:
    """Something measured: its target, its floor (the value beyond which the command fails), and which way is better."""

    name: str
    value: float
    target: float
    floor: float
    more_is_better: bool = False

    @property
    def holds(self) -> bool:
        """Whether the floor is kept."""
        return self._reaches(self.floor)

    def __str__(self) -> str:
        verdict = "reached" if self._reaches(self.target) else "MISSED"
        kept = "" if self.holds else "   BEYOND ITS FLOOR"
        return f"  {self.value:8.2f}  {self.name} (target {self.target:g}: {verdict}; floor {self.floor:g}){kept}"

    def _reaches(self, level: float) -> bool:
        return self.value >= level if self.more_is_better else self.value <= level


# one run, phase by phase ------------------------------------------------------------------------------------


@contextmanager
def split_by_phase() -> Iterator[dict[str, float]]:
    """CPU seconds by phase of all models that run inside, together with burn-in, checks, digests and measures."""
    spent: dict[str, float] = defaultdict(float)

    def timed(name: str, work: Callable) -> Callable:
        def run(*arguments: object, **named: object) -> object:
            start = process_time()
            try:
                return work(*arguments, **named)
            finally:
                spent[name] += process_time() - start

        return run

    phases = tuple(replace(phase, run=timed(phase.name, phase.run)) for phase in SCHEDULE)
    with ExitStack() as patches:
        patches.enter_context(patch.object(abm.model, "SCHEDULE", phases))
        for place, name in ((abm.model, "burn_in"), (abm.model, "measure"), (Model, "digest"), (Books, "check")):
            patches.enter_context(patch.object(place, name, timed(f"({name})", getattr(place, name))))
        yield spent


def cpu_of(seed: int, *, world: Scenario = CROWDED, until: date | None = None) -> tuple[float, float]:
    """CPU seconds of building a model and of running it to a horizon."""
    start = process_time()
    model = Model(world, HISTORICAL, seed=seed, until=until)
    built = process_time()
    model.run()
    return built - start, process_time() - built


def yardstick() -> float:
    """CPU seconds of a loop of plain Python."""
    start, total = process_time(), 0
    for number in range(LOOPS):
        total += number & 7
    return process_time() - start


def whole_runs() -> tuple[float, float, dict[str, float]]:
    """The least CPU seconds of a whole run, the least in yardsticks, and the split by phase of the fastest run."""
    cpu_of(0, world=QUICK, until=FIRST_WEEKS)
    found = []
    for seed in range(1, PASSES + 1):
        before = yardstick()
        with split_by_phase() as spent:
            building, running = cpu_of(seed)
        spent["(construction)"] = building - spent["(burn_in)"]
        found.append((building + running, (building + running) / min(before, yardstick()), dict(spent)))
    return min(one[0] for one in found), min(one[1] for one in found), min(found, key=lambda one: one[0])[2]


def print_split(spent: dict[str, float], whole: float) -> None:
    """Print the phases that take a hundredth of the whole or more, and the rest together."""
    for name in sorted(spent, key=lambda name: (-spent[name], name)):
        if spent[name] >= whole / 100:
            print(f"  {spent[name]:8.3f} s  {spent[name] / whole:6.1%}  {name}")
    small = math.fsum(value for value in spent.values() if value < whole / 100)
    print(f"  {small:8.3f} s  {small / whole:6.1%}  all others")


# growth -----------------------------------------------------------------------------------------------------


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of log cost in log size, by least squares."""
    x, y = [math.log(one) for one in sizes], [math.log(one) for one in costs]
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    covariance = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return covariance / math.fsum((a - mean_x) ** 2 for a in x)


def growth_in_days() -> float:
    """The exponent of the CPU of running (building aside) in simulated days; best of two at each horizon."""
    days = [len(Model(QUICK, HISTORICAL, seed=1, until=until).calendar) for until in HORIZONS]
    costs = [min(cpu_of(1, world=QUICK, until=until)[1] for _ in range(2)) for until in HORIZONS]
    return exponent(days, costs)


def memory_of_runs() -> None:
    """Print the peak memory (kB) after one short run and after some, and the exponent of CPU in the number of runs."""
    sizes, costs, peaks, total = [], [], [], 0.0
    for number in range(1, MANY + 1):
        total += sum(cpu_of(number, world=QUICK, until=HORIZONS[0]))
        sizes.append(number)
        costs.append(total)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(peaks[0], peaks[-1], exponent(sizes[1:], costs[1:]))


def python(code: str) -> str:
    """What a fresh Python prints."""
    command, environment = [sys.executable, "-c", code], os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def wall_of(code: str) -> float:
    """Wall seconds of a fresh Python that runs some code; the best of some, the first not counted."""
    python(code)
    best = math.inf
    for _ in range(PASSES):
        start = perf_counter()
        python(code)
        best = min(best, perf_counter() - start)
    return best


# against plain investors ------------------------------------------------------------------------------------


def cpu_with(market: type | None) -> float:
    """CPU seconds of the first weeks of a run, burn-in included, with another class of stock market (None: its own)."""
    with ExitStack() as patches:
        if market is not None:
            patches.enter_context(patch("abm.agents.investor.EquityMarket", market))
        patches.enter_context(patch.dict("abm.agents.investor.LAST_BURN_IN", clear=True))
        return sum(cpu_of(1, world=QUICK, until=FIRST_WEEKS))


def over_plain_investors() -> float:
    """How many times the CPU the same weeks take with plain investors."""
    return cpu_with(MarketOfAgents) / min(cpu_with(None) for _ in range(PASSES))


def main() -> int:
    """Measure, print, and compare with the floors."""
    whole, in_yardsticks, spent = whole_runs()
    days = len(Model(QUICK, HISTORICAL, seed=1).calendar)
    investors = sum(one.members for one in CROWDED.capital.shareholders)
    print(f"a whole run: {days} days, {investors} investors, {len(HISTORY_2025.securities)} stocks")
    print_split(spent, whole)
    print(f"  {whole * 1000 / days:8.2f} ms a simulated day")
    first, last, in_runs = map(float, python(MEMORY_OF_RUNS).split())
    print(f"  {first / 1024:8.0f} MB of memory at most after one run, {last / 1024:.0f} after {MANY}")
    bars = (
        Bar("CPU seconds a whole run", whole, target=0.5, floor=math.inf),
        Bar("yardsticks a whole run", in_yardsticks, target=8.0, floor=100.0),
        Bar("times the CPU with plain investors", over_plain_investors(), target=30.0, floor=60.0, more_is_better=True),
        Bar("exponent of CPU in days", growth_in_days(), target=1.05, floor=1.2),
        Bar("exponent of CPU in runs", in_runs, target=1.05, floor=1.15),
        Bar(f"memory after {MANY} runs over that after one", last / first, target=1.05, floor=1.15),
        Bar("seconds of abm --help", wall_of("from abm.cli import main; main(['--help'])"), target=0.2, floor=1.0),
        Bar("seconds of a fresh process to the end of its first day", wall_of(FIRST_DAY), target=3.0, floor=5.0),
    )
    print("\n".join(map(str, bars)))
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
