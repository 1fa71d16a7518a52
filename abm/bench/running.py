"""Running an experiment: what a results folder lacks of it, or of a shard of it, by one of several engines."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from abm.bench import store
from abm.bench.claims import Shard, claimed, stop_file
from abm.bench.provenance import open_folder, write_manifest
from abm.bench.supervisor import Outcome, Pool, Supervisor
from abm.bench.workers import Desk, LocalPool, Order, Receipt, SerialPool, source_of
from abm.errors import InputError, unknown
from abm.experiment import Experiment
from abm.results import Results

ENGINES = ("local", "serial", "dask")


def run_experiment(
    experiment: Experiment,
    folder: Path,
    *,
    file: Path | None = None,
    scenario_files: Sequence[Path] = (),
    workers: int | None = None,
    engine: str = "local",
    scheduler: str | None = None,
    shard: Shard | None = None,
    report: Callable[[Receipt], None] = lambda receipt: None,
    opened: Callable[[int], None] = lambda already: None,
) -> Outcome:
    """Do the runs of an experiment, or of a shard of it, that a results folder lacks.

    ``file`` is where the experiment came from and ``scenario_files`` those whose scenarios took the place of its own;
    ``scheduler`` is the address that engine dask needs, ``opened`` is told how many runs were there already, ``report``
    gets every receipt. Raises InputError for an unknown engine, fewer than 1 worker, a scheduler that does not answer,
    an empty shard, or a folder that cannot be used.
    """
    _check(engine, scheduler)
    workers = _at_least_one(workers)
    part = experiment if shard is None else shard.part(experiment)
    source = b"" if engine == "serial" else source_of(experiment, file, scenario_files)
    place = folder.resolve()
    desk = Desk(source, place, stop_file(place, shard), uuid.uuid4().hex)
    pool = _pool(engine, experiment, desk, workers=min(workers, len(part)), scheduler=scheduler)
    try:
        with claimed(folder, shard):
            manifest = open_folder(folder, experiment, file, scenario_files)
            outcome = _do_missing(part, pool, desk, report=report, opened=opened)
            if outcome.finished:
                seconds = outcome.seconds / outcome.finished
                timing = {"runs": outcome.finished, "seconds_per_run": seconds, "workers": pool.workers, "engine": engine}
                write_manifest(folder, {**manifest, "timing": timing})
    finally:
        pool.stop()
    return outcome


def _check(engine: str, scheduler: str | None) -> None:
    if engine not in ENGINES:
        raise unknown("engine", engine, ENGINES)
    if scheduler is not None and engine != "dask":
        raise InputError(f'scheduler = "{scheduler}" is for the engine "dask", this one is "{engine}"')
    if scheduler is None and engine == "dask":
        raise InputError('the engine "dask" needs the address of its scheduler, such as tcp://127.0.0.1:8786')


def _at_least_one(workers: int | None) -> int:
    workers = processors() if workers is None else workers
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError(f"workers = {workers!r} is below its lower bound 1")
    return workers


def _pool(engine: str, experiment: Experiment, desk: Desk, *, workers: int, scheduler: str | None) -> Pool:
    if engine == "serial":
        return SerialPool(experiment, desk)
    if engine == "local":
        return LocalPool(desk, workers)
    from abm.bench.cluster import DaskPool

    return DaskPool(desk, scheduler)


def _do_missing(
    experiment: Experiment, pool: Pool, desk: Desk, *, report: Callable[[Receipt], None], opened: Callable[[int], None]
) -> Outcome:
    finished = store.finished_ids(desk.folder)
    missing = sum(run.run_id not in finished for run in experiment.runs())
    outcome = Outcome(already=len(experiment) - missing)
    opened(outcome.already)
    if missing:
        orders = (
            Order(run.run_id, run.scenario.name, run.policy.name, run.seed)
            for run in experiment.runs()
            if run.run_id not in finished
        )
        Supervisor(pool, desk, outcome, report).work_through(orders, missing)
    return outcome


def run(
    experiment: Experiment,
    folder: Path | str | None = None,
    *,
    workers: int | None = None,
    engine: str = "local",
    scheduler: str | None = None,
) -> Results:
    """Run what a results folder (default ``results/<name>``) lacks of an experiment, and give its results.

    ``workers`` counts processes (default: one a processor), ``engine`` is local, serial or dask, which needs the address
    of a ``scheduler``. Runs that fail are in the ``failures`` of the results, with a warning. Raises InputError as
    ``run_experiment`` does.
    """
    folder = default_folder(experiment) if folder is None else Path(folder)
    outcome = run_experiment(experiment, folder, workers=workers, engine=engine, scheduler=scheduler)
    if outcome.failures:
        first = outcome.failures[0]
        text = f"{len(outcome.failures)} of {len(experiment)} runs failed, the first with {first.error}"
        warnings.warn(text, RuntimeWarning, stacklevel=2)
    return Results.load(folder).of(experiment)


def default_folder(experiment: Experiment) -> Path:
    """Where the results of an experiment go if nothing else is said."""
    return Path("results") / experiment.name


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
