"""What the bench costs: ``python -m tests.benchmarks.bench_efficiency [SEEDS]``.

The runs of experiments/export_controls.py with a few seeds (3 policies each), timed three ways, each in fresh processes:
half of them in one plain process without the bench, which is the time that two perfect cores would need for all; all in
two plain processes at once, which is what this machine can do; and all by ``run_experiment`` with two workers. Processes
of the first two start, load and compile as workers do. Efficiency is the time of the plain ones over that of the bench.

And the peak memory of the parent process for 100 and for 2,000 runs of the small world of the tests, whose runs take
milliseconds: the parent sees the same orders and receipts whatever a run is.

Exits with 1 where a ratio is beyond its floor; a missed target is printed as such.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from tests.benchmarks.whole_run import Bar, python
from tests.house.source_tree import ROOT
from tests.small_experiment import write_experiment

FILE = ROOT / "experiments" / "export_controls.py"
SEEDS = 8
FEW, MANY = 100, 2_000
PLAIN = """
from pathlib import Path
from abm.bench.experiment_file import load_experiment
from abm.experiment import execute
for run in list(load_experiment(Path({file!r})).with_seeds({seeds}).runs())[{first}::2]:
    execute(run)
"""
BENCH = """
import resource
from pathlib import Path
from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
file = Path({file!r})
outcome = run_experiment(load_experiment(file).with_seeds({seeds}), Path({out!r}), file=file, workers=2)
assert not outcome.failures, outcome.failures[0].error
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, outcome.finished)
"""


def wall_of_plain(seeds: int, *firsts: int) -> float:
    """Wall seconds until as many plain processes at once have each done every other run."""
    codes = [PLAIN.format(file=str(FILE), seeds=seeds, first=first) for first in firsts]
    start = perf_counter()
    with ThreadPoolExecutor(len(codes)) as threads:
        list(threads.map(python, codes))
    return perf_counter() - start


def bench(file: Path, seeds: int) -> tuple[float, float, int]:
    """Wall seconds of the bench with two workers, the peak memory of its parent in MB, and the runs."""
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        peak, runs = python(BENCH.format(file=str(file), seeds=seeds, out=str(Path(folder) / "out"))).split()
        return perf_counter() - start, int(peak) / 1024, int(runs)


def peak_of_parent(runs: int) -> float:
    """The peak memory, in MB, of a parent that has so many runs of the small world done."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_experiment(Path(folder), seeds=f"range({runs // 2})")
        _, peak, done = bench(file, runs // 2)
        assert done == runs
        return peak


def main() -> int:
    """Measure, print, and compare with the floors."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    python(PLAIN.format(file=str(FILE), seeds=1, first=2))    # what is compiled once is compiled now
    perfect, plain = wall_of_plain(seeds, 0), wall_of_plain(seeds, 0, 1)
    wall, _, runs = bench(FILE, seeds)
    few, many = peak_of_parent(FEW), peak_of_parent(MANY)
    print(f"{runs} runs of export_controls: {wall:.1f} s with two workers, {plain:.1f} s in two plain processes at once,")
    print(f"  half of them alone {perfect:.1f} s; parent at most {few:.0f} MB for {FEW} runs, {many:.0f} MB for {MANY}")
    bars = (
        Bar("efficiency beside two plain processes", plain / wall, target=0.95, floor=0.85, more_is_better=True),
        Bar("efficiency beside two perfect cores", perfect / wall, target=0.95, floor=0.6, more_is_better=True),
        Bar(f"memory of the parent with {MANY} runs over {FEW}", many / few, target=1.05, floor=1.1),
    )
    print("\n".join(map(str, bars)))
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as problem:
        sys.exit(problem.stderr)
