"""Faults at random moments: killed workers and parents, a full disk; what had finished stays, and the rest is made good.

Ten kills by default; ``pytest -m full tests/bench/test_faults.py`` has a hundred.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from abm.bench import store
from abm.results import Results
from tests.bench.processes import workers_of
from tests.small_experiment import REPOSITORY, small_results, started, write_experiment
from tests.small_world import LOG, NAP

SEEDS = 12
RUN = """
import sys
from pathlib import Path
from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
file = Path(sys.argv[1])
outcome = run_experiment(load_experiment(file), Path(sys.argv[2]), file=file, workers=int(sys.argv[3]))
sys.exit(1 if outcome.failures else 0)
"""
FULL = """
mount -t tmpfs -o size={small} tmpfs "$1" && "$2" -c "$3" "$4" "$1/out" 1; echo "first $?"
ls -A "$1/out/runs" | wc -l
mount -o remount,size=64m "$1" && "$2" -c "$3" "$4" "$1/out" 1; echo "second $?"
cp -r "$1/out" "$5"
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Results:
    """The results of the experiment when nothing happens."""
    return Results.load(small_results(tmp_path_factory.mktemp("undisturbed"), seeds=SEEDS) / "out")


def environment(**faults: str) -> dict[str, str]:
    """That of a process which finds the package."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]), **faults}


class Tormentor:
    """Starts an experiment again and again and kills its parent or one of its workers at moments of a seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.luck = random.Random(seed)
        self.file = write_experiment(folder / "mine", seeds=f"range({SEEDS})")
        self.out, self.log = folder / "out", folder / "log"
        self.kills = {"parent": 0, "worker": 0}
        self.kept: set[str] = set()

    def run(self, *, most: int) -> None:
        """Until the experiment is done, with so many kills on the way at most."""
        done = False
        while not done:
            arguments = [sys.executable, "-c", RUN, self.file, self.out, 2]
            process = subprocess.Popen(
                [*map(str, arguments)], env=environment(**{LOG: str(self.log), NAP: "0.25"}), stderr=subprocess.PIPE, text=True)
            while process.poll() is None:
                self._wait(process)
                if sum(self.kills.values()) < most:
                    self._strike(process)
                self._nothing_is_lost()
            told = process.communicate()[1]
            assert process.returncode in (0, 1, -signal.SIGKILL), told
            done = process.returncode == 0

    def _wait(self, process: subprocess.Popen) -> None:
        """Until the workers are in work or the parent has ended, and a moment longer."""
        before = len(started(self.log))
        ends = time.monotonic() + 60
        while process.poll() is None and len(started(self.log)) <= before and time.monotonic() < ends:
            time.sleep(0.02)
        time.sleep(self.luck.uniform(0.0, 0.6))

    def _strike(self, process: subprocess.Popen) -> None:
        workers = workers_of(process.pid)
        who = "parent" if self.luck.random() < 0.4 or not workers else "worker"
        if process.poll() is None:
            os.kill(process.pid if who == "parent" else self.luck.choice(workers), signal.SIGKILL)
            self.kills[who] += 1
            if who == "parent":
                process.wait()

    def _nothing_is_lost(self) -> None:
        found = store.finished_ids(self.out)
        assert self.kept <= found
        self.kept = found


def torment(folder: Path, undisturbed: Results, *, kills: int, seed: int) -> dict[str, int]:
    """Run the experiment as often as it takes for so many kills, and compare its tables each time."""
    total = {"parent": 0, "worker": 0}
    while sum(total.values()) < kills:
        one = Tormentor(folder / str(sum(total.values())), seed + sum(total.values()))
        one.run(most=kills - sum(total.values()))
        results = Results.load(one.out)
        assert len(results.runs) == 2 * SEEDS and results.failures.empty and results.digest() == undisturbed.digest()
        assert not list(one.out.glob("**/.*.tmp")), "what a killed writer left is cleared by the next one"
        total = {who: total[who] + one.kills[who] for who in total}
    return total


def test_ten_kills_cost_nothing(undisturbed, tmp_path):
    total = torment(tmp_path, undisturbed, kills=10, seed=3)
    assert sum(total.values()) == 10 and min(total.values()) >= 2


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_a_hundred_kills_cost_nothing(undisturbed, tmp_path):
    total = torment(tmp_path, undisturbed, kills=100, seed=11)
    assert sum(total.values()) == 100 and min(total.values()) >= 20


def can_mount() -> bool:
    """Whether this user may mount a small disk that only his own process sees."""
    if not shutil.which("unshare"):
        return False
    script = 'mount -t tmpfs -o size=64k tmpfs "$1"'
    return subprocess.run([*NAMESPACE, "sh", "-c", script, "sh", os.getcwd()], capture_output=True).returncode == 0


NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


@pytest.mark.skipif(not can_mount(), reason="this user may not mount a tmpfs")
def test_a_full_disk_fails_runs_and_with_more_space_they_are_made_good(undisturbed, tmp_path):
    file, disk = write_experiment(tmp_path / "mine", seeds=f"range({SEEDS})"), tmp_path / "disk"
    disk.mkdir()
    pages = {path: -(-path.stat().st_size // 4096) for path in undisturbed.folder.rglob("*")}
    parts = sum(number for path, number in pages.items() if path.suffix == store.PART)
    room = sum(pages.values()) - parts // 2    # for about half of the runs
    script = FULL.format(small=f"{4 * room}k")
    arguments = [*NAMESPACE, "sh", "-c", script, "sh", disk, sys.executable, RUN, file, tmp_path / "out"]
    told = subprocess.run([*map(str, arguments)], env=environment(), capture_output=True, text=True)
    first, written, second = told.stdout.split("\n")[:3]
    assert (first, second) == ("first 1", "second 0"), told
    assert 0 < int(written) < 2 * SEEDS
    results = Results.load(tmp_path / "out")
    assert results.digest() == undisturbed.digest() and results.failures.empty
    assert not list((tmp_path / "out").glob("**/.*.tmp"))
