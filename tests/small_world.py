"""A model small enough to run hundreds of times in a test, with the face of the real one and faults on demand.

``write_experiment`` makes an experiment file that puts it in the place of ``abm.model``, in every process that loads
the file. Environment variables choose the faults: seeds that raise, seeds that kill their process, seconds to sleep;
and the file in which every run that starts leaves a line.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from abm.observe import OBSERVABLES, Record

REPOSITORY = Path(__file__).parents[1]
BITES = date(2025, 1, 10)
DAYS = 15
LOG = "SMALL_WORLD_LOG"
NAP = "SMALL_WORLD_NAP"
RAISES = "SMALL_WORLD_RAISES"
DIES = "SMALL_WORLD_DIES"

EXPERIMENT_TEXT = '''"""Does the bench keep its promises?"""

import sys
from datetime import date

import small_world

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, Experiment

sys.modules["abm.model"] = small_world

EXPERIMENT = Experiment(
    name="small",
    question=__doc__,
    scenarios=(HISTORY_2025,),
    policies=(NO_CONTROLS, HISTORICAL),
    seeds={seeds},
    until=date(2026, 12, 31),
)
'''


def _share(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts alone."""
    return int(hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest(), 16) / 2**48


def _seeds(variable: str) -> list[int]:
    return [int(seed) for seed in os.environ.get(variable, "").split()]


class Model:
    """Arms of a seed are equal until a day on which their policies bite."""

    def __init__(self, scenario, policy, *, seed, until=None):
        self.world, self.policy, self.seed, self.until = scenario, policy, seed, until

    def run(self) -> Record:
        """Leave a line in the log, suffer the faults that are asked for, and make up a record."""
        if log := os.environ.get(LOG):
            with open(log, "a") as handle:
                handle.write(f"{self.policy.name} {self.seed} {os.getpid()}\n")
        time.sleep(float(os.environ.get(NAP, "0")))
        if self.seed in _seeds(RAISES):
            raise RuntimeError("this world\nends here")
        if self.seed in _seeds(DIES):
            os.kill(os.getpid(), signal.SIGKILL)
        days = [self.world.start + timedelta(days=day) for day in range(DAYS)]
        return Record(
            summary=self._summary(), series=self._series(days), events=self._events(days), digests=self._digests(days)
        )

    def _bite(self, day: date) -> str:
        return self.policy.name if day >= BITES else ""

    def _summary(self) -> dict[str, float | bool | str]:
        luck, bite = _share(self.seed), _share(self.policy.name)
        months = 4 + 30 * luck + 4 * bite
        measured = {name for name, one in OBSERVABLES.items() if one.cadence == "run" and one.unit != "text"}
        return {name: 100 * luck + bite * _share(self.seed, name) for name in measured} | {
            "next_launch_months": min(months, 24.0),
            "next_launched": months < 24.0,
            "quality_bound": luck < 0.6,
            "capacity_bound": bite > 0.4,
        }

    def _series(self, days: Sequence[date]) -> list[tuple[date, str, str, float]]:
        names = [name for name, one in OBSERVABLES.items() if one.cadence != "run"]
        return [
            (day, name, "china", 100 * place + _share(self.seed, name, self._bite(day)))
            for place, day in enumerate(days)
            for name in names
        ]

    def _events(self, days: Sequence[date]) -> list[tuple[date, str, str, str]]:
        return [(days[5], "US", "rule", f"{self.policy.name} is public"), (days[7], "deepseek", "launch", "a model")]

    def _digests(self, days: Sequence[date]) -> list[tuple[date, str]]:
        return [(day, _share(self.seed, day, self._bite(day)).hex()) for day in days]


def write_experiment(folder: Path, *, seeds: str = "range(4)", text: str = EXPERIMENT_TEXT) -> Path:
    """An experiment file on the small world, in a folder where it finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(__file__, folder / "small_world.py")
    path = folder / "experiment_file.py"
    path.write_text(text.replace("{seeds}", seeds))
    return path


def started(log: Path) -> list[tuple[str, int, int]]:
    """Policy, seed and process of each run that started, in order."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(policy, int(seed), int(process)) for policy, seed, process in (line.split() for line in lines)]


def command(*arguments: object, folder: Path, **faults: str) -> subprocess.Popen[str]:
    """The command ``abm`` in its own process group, as a terminal would start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "abm.cli", *map(str, arguments)],
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]), **faults},
    )


def finish(process: subprocess.Popen[str], *, seconds: float = 120) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str], *, seconds: float = 60) -> None:
    """Wait until something holds while a command runs, and fail if it does not."""
    ends = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"it ended early: {finish(process)}"
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)
