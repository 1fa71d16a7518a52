"""How much an experiment asks for, told before anyone waits."""

from __future__ import annotations

from pathlib import Path

from abm.bench import store
from abm.bench.provenance import read_manifest
from abm.bench.running import processors
from abm.experiment import Experiment

MINUTE = 60
HOUR = 3600


def plan(experiment: Experiment, folder: Path) -> str:
    """The counts of scenarios, policies, seeds and runs, the horizon, what is there already and the time that is left.

    The time rests on the seconds a run took in the results folder; without finished runs there it is not known.
    """
    horizons = {f"{one.start} to {experiment.horizon(one)}" for one in experiment.scenarios}
    lines = [
        f"{experiment.name}: {len(experiment)} runs = {_count(experiment.scenarios, 'scenario')} x "
        f"{_count(experiment.policies, 'policy', 'policies')} x {_count(experiment.seeds, 'seed')}",
        f"  scenarios: {', '.join(one.name for one in experiment.scenarios)}",
        f"  policies:  {', '.join(one.name for one in experiment.policies)} (compared with {experiment.against})",
        f"  seeds:     {_seeds(experiment)}",
        f"  horizon:   {' or '.join(sorted(horizons))}",
    ]
    finished = store.finished_ids(folder)
    missing = sum(run.run_id not in finished for run in experiment.runs())
    lines.append(f"  finished:  {len(experiment) - missing} of them in {folder}, {missing} to run")
    return "\n".join([*lines, f"  time:      {_time(folder, missing, bool(finished))}"])


def _count(members: object, one: str, several: str = "") -> str:
    number = len(members)
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def _seeds(experiment: Experiment) -> str:
    seeds = list(experiment.seeds)
    if len(seeds) > 1 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(str(seed) for seed in seeds)


def _time(folder: Path, missing: int, known: bool) -> str:
    timing = read_manifest(folder)["timing"] if known else None
    if not timing:
        return "not known before a run has finished in this folder"
    workers = processors()
    seconds = timing["seconds_per_run"]
    return (
        f"about {duration(missing * seconds / workers)} with {workers} workers "
        f"({seconds:.1f} s a run, measured on {timing['runs']} runs)"
    )


def duration(seconds: float) -> str:
    """A time as one reads it: seconds, minutes or hours."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < HOUR else f"{seconds / HOUR:.1f} h"
