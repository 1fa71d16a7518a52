"""A model small enough to run hundreds of times in a test, with the face of the real one and faults on demand.

Environment variables choose the faults: seeds that raise, seeds that kill their process, seconds to sleep; and the file
in which every run that starts leaves a line.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Sequence
from datetime import date, timedelta

from abm.observables import OBSERVABLES
from abm.observe import Record

BITES = date(2025, 1, 10)
DAYS = 15
LOG = "SMALL_WORLD_LOG"
NAP = "SMALL_WORLD_NAP"
RAISES = "SMALL_WORLD_RAISES"
DIES = "SMALL_WORLD_DIES"

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
            (day, name, "China", 100 * place + _share(self.seed, name, self._bite(day)))
            for place, day in enumerate(days)
            for name in names
        ]

    def _events(self, days: Sequence[date]) -> list[tuple[date, str, str, str]]:
        return [(days[5], "US", "rule", f"{self.policy.name} is public"), (days[7], "deepseek", "launch", "a model")]

    def _digests(self, days: Sequence[date]) -> list[tuple[date, str]]:
        return [(day, _share(self.seed, day, self._bite(day)).hex()) for day in days]
