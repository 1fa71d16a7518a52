"""What the bench costs: ``python -m tests.benchmarks.bench_efficiency [SEEDS]``.

The runs of experiments/export_controls.py with a few seeds (3 policies each) are done in two plain processes at once,
without the bench, and then by ``run_experiment`` with two workers, all in fresh processes that start, load and compile.

Efficiency is what a quiet machine with two cores would show, measured so that other work on the machine does not count:
the CPU of the plain processes over that of the workers, times the share of the time, from the start of the parent to its
last receipt, in which the workers ran or waited for a core (the kernel's schedstat; else they were idle). Starting up is
idle time, so it grows with the number of runs: once as measured, and once for all 300 runs of the experiment, with CPU
scaled by the number of runs and idle seconds as they are. The ratio of wall times is printed too, and means something
where nothing else runs.

And the peak memory of the parent process for 100 and for 2,000 runs of the small world of the tests, whose runs take
milliseconds: the parent sees the same orders and receipts whatever a run is.

Exits with 1 where a ratio is beyond its floor; a missed target is printed as such.
"""

from __future__ import annotations

import json
import os
import resource
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
FEW, MANY, ALL = 100, 2_000, 300
PLAIN = """
from pathlib import Path
from abm.bench.experiment_file import load_experiment
from abm.experiment import execute
for run in list(load_experiment(Path({file!r})).with_seeds({seeds}).runs())[{first}::2]:
    execute(run)
"""
BENCH = """
import time
start = time.time()
import json, resource
from pathlib import Path
from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from tests.bench.processes import workers_of
import os
file, looked = Path({file!r}), {{"busy": 0.0, "seconds": 0.0}}
def look(receipt):
    told = [Path(f"/proc/{{one}}/schedstat").read_text().split() for one in workers_of(os.getpid())]
    looked["busy"] = sum(int(ran) + int(waited) for ran, waited, _ in told) / 1e9
    looked["seconds"] = time.time() - start
outcome = run_experiment(
    load_experiment(file).with_seeds({seeds}), Path({out!r}), file=file, workers=2, report=look)
assert not outcome.failures, outcome.failures[0].error
of_workers, own = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
cpu = of_workers.ru_utime + of_workers.ru_stime
print(json.dumps({{**looked, "cpu": cpu, "peak": own.ru_maxrss / 1024, "runs": outcome.finished}}))
"""


def cpu_of_children() -> float:
    """CPU seconds of all processes that this one has started and seen end."""
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def plain(seeds: int) -> tuple[float, float]:
    """Wall and CPU seconds until two plain processes at once have done every other run each."""
    codes = [PLAIN.format(file=str(FILE), seeds=seeds, first=first) for first in (0, 1)]
    start, before = perf_counter(), cpu_of_children()
    with ThreadPoolExecutor(len(codes)) as threads:
        list(threads.map(python, codes))
    return perf_counter() - start, cpu_of_children() - before


def bench(file: Path, seeds: int) -> dict[str, float]:
    """What two workers and their parent took: ``cpu`` and ``busy`` seconds of the workers, ``seconds`` to the last
    receipt, ``wall`` seconds in all, ``peak`` memory of the parent in MB, ``runs``."""
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        told = json.loads(python(BENCH.format(file=str(file), seeds=seeds, out=str(Path(folder) / "out"))))
        return told | {"wall": perf_counter() - start}


def peak_of_parent(runs: int) -> float:
    """The peak memory, in MB, of a parent that has so many runs of the small world done."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_experiment(Path(folder), seeds=f"range({runs // 2})")
        told = bench(file, runs // 2)
        assert told["runs"] == runs
        return told["peak"]


def main() -> int:
    """Measure, print, and compare with the floors."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    python(PLAIN.format(file=str(FILE), seeds=1, first=2))    # what is compiled once is compiled now
    (plain_wall, plain_cpu), told = plain(seeds), bench(FILE, seeds)
    few, many = peak_of_parent(FEW), peak_of_parent(MANY)
    idle, scale = max(2 * told["seconds"] - told["busy"], 0.0), ALL / told["runs"]
    print(f"{told['runs']} runs of export_controls: workers {told['cpu']:.1f} s of CPU, {idle:.1f} s idle; two plain")
    walls = f"wall {told['wall']:.1f} s, plain {plain_wall:.1f} s, with a load of {os.getloadavg()[0]:.1f}"
    print(f"  processes {plain_cpu:.1f} s of CPU; {walls}")
    print(f"  parent at most {few:.0f} MB for {FEW} runs, {many:.0f} MB for {MANY}")
    measured = plain_cpu / told["cpu"] * told["busy"] / (2 * told["seconds"])
    whole = plain_cpu * scale / (told["cpu"] * scale + idle)
    bars = (
        Bar(f"efficiency on two cores with {told['runs']} runs", measured, target=0.95, floor=0.7, more_is_better=True),
        Bar(f"efficiency on two cores with {ALL} runs", whole, target=0.95, floor=0.9, more_is_better=True),
        Bar(f"memory of the parent with {MANY} runs over {FEW}", many / few, target=1.05, floor=1.1),
    )
    print("\n".join(map(str, bars)))
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as problem:
        sys.exit(problem.stderr)
