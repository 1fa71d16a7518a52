"""How much an experiment asks for, told before anyone waits."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from abm.bench import store
from abm.bench.provenance import read_manifest
from abm.experiment import Experiment

MINUTE = 60
HOUR = 3600


@dataclass(frozen=True)
class Plan:
    """The counts of an experiment, what a folder has of it already, and the time that the rest takes, if that is known.

    The time rests on the seconds a run took in the results folder, and on one worker a processor.
    """

    experiment: str
    against: str
    scenarios: tuple[str, ...]
    policies: tuple[str, ...]
    seeds: tuple[int, ...]
    horizons: tuple[str, ...]
    folder: str
    runs: int
    finished: int
    missing: int
    seconds_a_run: float | None
    measured_on: int
    workers: int
    seconds_left: float | None

    def as_json(self) -> str:
        """The plan as one JSON object."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """The plan in lines for a terminal."""
        return "\n".join([
            f"{self.experiment}: {self.runs} runs = {_count(self.scenarios, 'scenario')} x "
            f"{_count(self.policies, 'policy', 'policies')} x {_count(self.seeds, 'seed')}",
            f"  scenarios: {', '.join(self.scenarios)}",
            f"  policies:  {', '.join(self.policies)} (compared with {self.against})",
            f"  seeds:     {_seeds(self.seeds)}",
            f"  horizon:   {' or '.join(self.horizons)}",
            f"  finished:  {self.finished} of them in {self.folder}, {self.missing} to run",
            f"  time:      {self._time()}",
        ])

    def _time(self) -> str:
        if self.seconds_left is None:
            return "not known before a run has finished in this folder"
        return (
            f"about {duration(self.seconds_left)} with {self.workers} workers "
            f"({self.seconds_a_run:.1f} s a run, measured on {self.measured_on} runs)"
        )


def plan(experiment: Experiment, folder: Path) -> Plan:
    """What running an experiment into a folder asks for."""
    from abm.bench.running import processors

    finished = store.finished_ids(folder)
    missing = sum(run.run_id not in finished for run in experiment.runs())
    timing = (read_manifest(folder)["timing"] if finished else None) or {"seconds_per_run": None, "runs": 0}
    seconds, workers = timing["seconds_per_run"], processors()
    return Plan(
        experiment=experiment.name,
        against=experiment.against,
        scenarios=tuple(one.name for one in experiment.scenarios),
        policies=tuple(one.name for one in experiment.policies),
        seeds=tuple(experiment.seeds),
        horizons=tuple(sorted({f"{one.start} to {experiment.horizon(one)}" for one in experiment.scenarios})),
        folder=str(folder),
        runs=len(experiment),
        finished=len(experiment) - missing,
        missing=missing,
        seconds_a_run=seconds,
        measured_on=timing["runs"],
        workers=workers,
        seconds_left=None if seconds is None else missing * seconds / workers,
    )


def _count(members: object, one: str, several: str = "") -> str:
    number = len(members)
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def _seeds(seeds: tuple[int, ...]) -> str:
    if len(seeds) > 1 and seeds == tuple(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(str(seed) for seed in seeds)


def duration(seconds: float) -> str:
    """A time as one reads it: seconds, minutes or hours."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < HOUR else f"{seconds / HOUR:.1f} h"
