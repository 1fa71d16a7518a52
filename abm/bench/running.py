"""Running an experiment: what is missing goes to a pool in batches, and nothing that had finished is ever lost.

A run that raises is recorded and the others go on. A worker that dies costs its batch, whose runs are tried again one
at a time; three strikes and the run is recorded as failed. Ctrl-C once finishes what runs, twice drops it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from abm.bench import store
from abm.bench.provenance import open_folder, write_manifest
from abm.bench.workers import LocalPool, Order, Receipt, SerialPool, fail, source_of
from abm.errors import InputError, unknown
from abm.experiment import Experiment
from abm.results import Results

ENGINES = ("local", "serial")
BATCH_SECONDS = 3.0
STRIKES = 3
LOOK_SECONDS = 0.2
STALLED_SECONDS = 120.0
"""With orders waiting and none in work for so long, the pool is taken for dead and replaced."""


@dataclass
class Outcome:
    """What came of running an experiment: counts of runs, the receipts of those that failed, the seconds of the rest."""

    already: int = 0
    finished: int = 0
    failures: list[Receipt] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0


def run_experiment(
    experiment: Experiment,
    folder: Path,
    *,
    file: Path | None = None,
    workers: int | None = None,
    engine: str = "local",
    report: Callable[[Receipt], None] = lambda receipt: None,
    opened: Callable[[int], None] = lambda already: None,
) -> Outcome:
    """Do the runs of an experiment that a results folder lacks.

    ``file`` is where the experiment came from, ``opened`` is told how many runs were there already, ``report`` gets
    every receipt. Raises InputError for an unknown engine, fewer than 1 worker, or a folder that cannot be used.
    """
    if engine not in ENGINES:
        raise unknown("engine", engine, ENGINES)
    workers = processors() if workers is None else workers
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError(f"workers = {workers!r} is below its lower bound 1")
    source = source_of(experiment, file) if engine == "local" else b""
    with store.claimed(folder):
        manifest = open_folder(folder, experiment, file)
        finished = store.finished_ids(folder)
        missing = sum(run.run_id not in finished for run in experiment.runs())
        outcome = Outcome(already=len(experiment) - missing)
        opened(outcome.already)
        if missing:
            pool = LocalPool(source, folder, min(workers, missing)) if engine == "local" else SerialPool(experiment, folder)
            orders = (
                Order(run.run_id, run.scenario.name, run.policy.name, run.seed)
                for run in experiment.runs()
                if run.run_id not in finished
            )
            Supervisor(pool, folder, outcome, report).work_through(orders, missing)
        if outcome.finished:
            manifest["timing"] = {
                "runs": outcome.finished,
                "seconds_per_run": outcome.seconds / outcome.finished,
                "workers": workers,
                "engine": engine,
            }
            write_manifest(folder, manifest)
    return outcome


def run(
    experiment: Experiment, folder: Path | str | None = None, *, workers: int | None = None, engine: str = "local"
) -> Results:
    """Run what a results folder (default ``results/<name>``) lacks of an experiment, and give its results.

    ``workers`` counts processes (default: one a processor), ``engine`` is local or serial. Runs that fail are in the
    ``failures`` of the results, with a warning. Raises InputError as ``run_experiment`` does.
    """
    folder = default_folder(experiment) if folder is None else Path(folder)
    outcome = run_experiment(experiment, folder, workers=workers, engine=engine)
    if outcome.failures:
        first = outcome.failures[0]
        text = f"{len(outcome.failures)} of {len(experiment)} runs failed, the first with {first.error}"
        warnings.warn(text, RuntimeWarning, stacklevel=2)
    return Results.load(folder).of(experiment)


def default_folder(experiment: Experiment) -> Path:
    """Where the results of an experiment go if nothing else is said."""
    return Path("results") / experiment.name


class Supervisor:
    """Keeps a pool in work until all orders have a receipt, whatever happens to the pool."""

    def __init__(self, pool: LocalPool | SerialPool, folder: Path, outcome: Outcome, report: Callable) -> None:
        self.pool = pool
        self.folder = folder
        self.outcome = outcome
        self.report = report
        self.again: deque[tuple[Order, ...]] = deque()
        self.strikes: Counter[str] = Counter()
        self.waiting: dict[Future[list[Receipt]], tuple[Order, ...]] = {}
        self.broken_in_a_row = 0
        self.last_sign_of_life = time.monotonic()

    def work_through(self, orders: Iterator[Order], count: int) -> None:
        """Hand out all orders, in batches, and take in what comes of them."""
        try:
            with _interrupts(self._stop_softly):
                self.pool.start()
                self.last_sign_of_life = time.monotonic()
                left = count
                while self._hand_out(orders, left):
                    left = count - self.outcome.finished - len(self.outcome.failures)
                    self._take_in()
        except KeyboardInterrupt:    # the second Ctrl-C
            self.outcome.interrupted = True
        finally:
            self.pool.stop()

    def _stop_softly(self) -> None:
        self.outcome.interrupted = True
        store.request_stop(self.folder)
        print("\nStopping after the runs under way; Ctrl-C again drops them.", file=sys.stderr)

    def _hand_out(self, orders: Iterator[Order], left: int) -> bool:
        """Fill the pool; whether anything is under way."""
        while not self.outcome.interrupted and len(self.waiting) < self.pool.capacity:
            batch = self.again.popleft() if self.again else self._next_batch(orders, left)
            if not batch:
                break
            self.waiting[self.pool.submit(batch)] = batch
        return bool(self.waiting)

    def _next_batch(self, orders: Iterator[Order], left: int) -> tuple[Order, ...]:
        """As many runs as fill some seconds, fewer towards the end so that no worker is left waiting."""
        mean = self.outcome.seconds / self.outcome.finished if self.outcome.finished else BATCH_SECONDS
        size = min(int(BATCH_SECONDS / max(mean, 1e-3)), self.pool.largest_batch, left // (2 * self.pool.capacity))
        return tuple(islice(orders, max(size, 1)))

    def _take_in(self) -> None:
        done, running = wait(self.waiting, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
        broken = False
        for future in done:
            batch = self.waiting.pop(future)
            problem = future.exception()
            if problem is None:
                self._note(future.result())
            elif isinstance(problem, BrokenProcessPool):
                self._queue_again(batch)
                broken = True
            else:
                self._strike(batch, problem)
        if done or any(future.running() for future in running):
            self.last_sign_of_life = time.monotonic()
        if broken or time.monotonic() - self.last_sign_of_life > STALLED_SECONDS:
            self._replace_pool()

    def _note(self, receipts: list[Receipt]) -> None:
        for receipt in receipts:
            if receipt.error is None:
                self.outcome.finished += 1
                self.outcome.seconds += receipt.seconds
            else:
                self.outcome.failures.append(receipt)
            self.broken_in_a_row = 0
            self.report(receipt)

    def _uncommitted(self, batch: tuple[Order, ...]) -> tuple[Order, ...]:
        """The orders of a batch whose worker was lost before it had committed them; the others count."""
        committed = store.finished_ids(self.folder, batch[0].run_id)
        self._note([Receipt(order, 0.0) for order in batch if order.run_id in committed])
        return tuple(order for order in batch if order.run_id not in committed)

    def _queue_again(self, batch: tuple[Order, ...]) -> None:
        if orders := self._uncommitted(batch):
            self.again.append(orders)

    def _strike(self, batch: tuple[Order, ...], problem: BaseException) -> None:
        """The worker of a batch died: try its runs again one at a time, and give up a run that died alone too often."""
        for order in self._uncommitted(batch):
            self.strikes[order.run_id] += len(batch) == 1
            if self.strikes[order.run_id] < STRIKES:
                self.again.append((order,))
            else:
                code = getattr(problem, "exitcode", None)
                problem.add_note(f"its process died {STRIKES} times, the last time with exit code {code}")
                self._note([fail(self.folder, order, problem)])

    def _replace_pool(self) -> None:
        """Start a new pool for all that the old one still held."""
        self.broken_in_a_row += 1
        if self.broken_in_a_row > STRIKES:
            raise InputError("worker processes die before their first run: try --engine serial to see why")
        self.pool.stop()
        for batch in self.waiting.values():
            self._queue_again(batch)
        self.waiting.clear()
        self.pool.start()
        self.last_sign_of_life = time.monotonic()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _interrupts(stop_softly: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C in this block calls back, the second one raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    count = 0

    def interrupted(*_: object) -> None:
        nonlocal count
        count += 1
        if count > 1:
            raise KeyboardInterrupt
        stop_softly()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
