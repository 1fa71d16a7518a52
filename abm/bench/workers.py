"""What a worker process does with a batch of runs, and the pools that hand batches out.

Workers load the experiment themselves (from its file, or from its pickled bytes), so that a run crosses processes as
four plain values; results go from the worker to the disk, never through the parent.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from abm.bench import store
from abm.errors import InputError
from abm.experiment import Experiment, Run, execute

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""Two threads in a kernel on a busy machine cost far more than they bring: parallelism is over runs alone."""


@dataclass(frozen=True)
class Order:
    """A run to be done, as it is sent to a worker."""

    run_id: str
    scenario: str
    policy: str
    seed: int


@dataclass(frozen=True)
class Receipt:
    """What came of an order: the seconds it took, or the error that ended it in one line."""

    order: Order
    seconds: float
    error: str | None = None


Source = tuple[Path, tuple[Path, ...]] | bytes
"""Where a worker finds the experiment: its file, or its pickled bytes."""


@dataclass(frozen=True)
class Desk:
    """What workers share: where the experiment is, where results go, the file that asks to stop, and a session's id."""

    source: Source
    folder: Path
    stop: Path
    session: str


def run_batch(experiment: Experiment, desk: Desk, orders: Sequence[Order]) -> list[Receipt]:
    """Do the ordered runs one after the other and commit those that finish as one part of the results folder.

    A run that raises is recorded as failed and the next one starts; if the part cannot be written, all of its runs
    have failed. Orders after a request to stop are left out of the receipts.
    """
    finished: list[store.Finished] = []
    receipts: list[Receipt] = []
    for order in orders:
        if desk.stop.exists():
            break
        started = time.perf_counter()
        try:
            run = _ordered(experiment, order)
            finished.append(store.Finished(run, execute(run), time.perf_counter() - started))
        except Exception as problem:
            receipts.append(fail(desk.folder, order, problem, seconds=time.perf_counter() - started))
        gc.collect()    # a model is a reference cycle: without this, memory grows with the number of runs
    return receipts + _commit(desk.folder, finished)


def _ordered(experiment: Experiment, order: Order) -> Run:
    run = experiment.one(order.scenario, order.policy, order.seed)
    if run.run_id != order.run_id:
        raise InputError("the experiment or the code changed while it ran, so this run is another one than ordered")
    return run


def _commit(folder: Path, finished: Sequence[store.Finished]) -> list[Receipt]:
    orders = [Order(one.run.run_id, one.run.scenario.name, one.run.policy.name, one.run.seed) for one in finished]
    try:
        if finished:
            store.write_part(folder, orders[0].run_id, finished)
    except Exception as problem:
        if isinstance(problem, OSError):
            problem.add_note(f"the results could not be written to {folder}, nothing of this run counts")
        return [fail(folder, order, problem) for order in orders]
    return [Receipt(order, one.seconds) for order, one in zip(orders, finished, strict=True)]


def fail(folder: Path, order: Order, problem: BaseException, *, seconds: float = 0.0) -> Receipt:
    """Record a failed run with its traceback and give the receipt for it."""
    error = " ".join(f"{type(problem).__name__}: {problem}".split())
    notes = "; ".join(getattr(problem, "__notes__", ()))
    error = f"{error} ({notes})" if notes else error
    about = {"scenario": order.scenario, "policy": order.policy, "seed": order.seed, "error": error}
    text = "".join(traceback.format_exception(problem))
    store.record_failure(folder, order.run_id, {**about, "traceback": text})
    return Receipt(order, seconds, error)


def run_batch_from(desk: Desk, orders: Sequence[Order]) -> list[Receipt]:
    """The same as ``run_batch`` in a process that has to find the experiment first."""
    return run_batch(_experiment_of(desk), desk, orders)


@lru_cache(maxsize=1)
def _experiment_of(desk: Desk) -> Experiment:
    from abm.bench.experiment_file import load_experiment

    source = desk.source
    if isinstance(source, bytes):
        experiment = pickle.loads(source)
    else:
        experiment = load_experiment(source[0], scenario_files=source[1])
    import_module("abm.model")
    gc.collect()
    gc.freeze()    # what is there now stays: without this, each collection after a run walks through all libraries
    return experiment


def source_of(experiment: Experiment, file: Path | None, scenario_files: Sequence[Path] = ()) -> Source:
    """What to send to workers so that they have the experiment.

    Raises InputError if an experiment without a file cannot be pickled.
    """
    if file is not None:
        return file.resolve(), tuple(one.resolve() for one in scenario_files)
    try:
        return pickle.dumps(experiment)
    except Exception as problem:
        raise InputError(
            f'experiment "{experiment.name}" cannot be sent to other processes ({problem}): '
            'put it in a file, or use the engine "serial"'
        ) from None


class SerialPool:
    """Does each batch at once, in this process: slow, and good for looking for errors."""

    capacity = 1
    largest_batch = 1
    workers = 1

    def __init__(self, experiment: Experiment, desk: Desk) -> None:
        self.experiment = experiment
        self.desk = desk

    def submit(self, orders: Sequence[Order]) -> Future[list[Receipt]]:
        """A future that is done already."""
        future: Future[list[Receipt]] = Future()
        future.set_result(run_batch(self.experiment, self.desk, orders))
        return future

    def start(self) -> None:
        """Spare what this process holds already from the collection after each run."""
        gc.freeze()

    def stop(self) -> None:
        """Let it be collected again."""
        gc.unfreeze()


class LocalPool:
    """Processes on this machine, one thread each; if one dies, only its batch is lost and it is replaced."""

    largest_batch = 32

    def __init__(self, desk: Desk, workers: int) -> None:
        self.desk = desk
        self.workers = workers
        self.pool = None
        self.capacity = 2 * workers    # one batch in work and one waiting for each worker

    def start(self) -> None:
        """Start the workers, deaf to Ctrl-C, which is the parent's to handle."""
        from multiprocessing import resource_tracker

        from pebble import ProcessPool

        resource_tracker.ensure_running()    # it clears the mask when it starts, so it starts before
        self.pool = ProcessPool(max_workers=self.workers, context=multiprocessing.get_context("spawn"))
        with _interrupts_masked(), _one_thread():
            # the first order starts the workers, and these inherit the mask and the environment
            self.pool.schedule(os.getpid)

    def submit(self, orders: Sequence[Order]) -> Future[list[Receipt]]:
        """A future of the receipts; its exception is ProcessExpired if the worker died, BrokenProcessPool if all did."""
        try:
            return self.pool.schedule(run_batch_from, args=(self.desk, tuple(orders)))
        except RuntimeError as problem:    # the pool broke since its futures were looked at
            return lost(problem)

    def stop(self) -> None:
        """End the workers at once, with whatever they are doing."""
        if self.pool is not None:
            self.pool.stop()
            self.pool.join()


def lost(problem: BaseException) -> Future[list[Receipt]]:
    """The future of a batch that never reached a pool, because this broke."""
    future: Future[list[Receipt]] = Future()
    future.set_exception(BrokenProcessPool(str(problem)))
    return future


@contextmanager
def _interrupts_masked() -> Iterator[None]:
    """Threads and processes that start in this block never see the Ctrl-C of the terminal's process group."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
