"""The loop that keeps workers in work, whatever they run on: orders go out in batches, and nothing finished is lost.

A run that raises is recorded and the others go on. A worker that dies costs its batch, whose runs are tried again one
at a time; three strikes and the run is recorded as failed. Ctrl-C once finishes what runs, twice drops it.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from abm.bench import store
from abm.bench.claims import request_stop
from abm.bench.workers import Desk, Order, Receipt, fail
from abm.errors import InputError

BATCH_SECONDS = 3.0
STRIKES = 3
LOOK_SECONDS = 0.2
STALLED_SECONDS = 120.0
"""With orders waiting and none in work for so long, the pool is taken for dead and replaced."""


class Pool(Protocol):
    """What does the runs: takes ``capacity`` batches at once, each of ``largest_batch`` runs at most."""

    capacity: int
    largest_batch: int
    workers: int

    def start(self) -> None:
        """Bring the workers to life. Raises InputError where that cannot be."""

    def submit(self, orders: Sequence[Order]) -> Future[list[Receipt]]:
        """The receipts of a batch to come; BrokenProcessPool means that the pool died, anything else that its worker did."""

    def stop(self) -> None:
        """End at once, started or not."""


@dataclass
class Outcome:
    """What came of running an experiment: counts of runs, the receipts of those that failed, the seconds of the rest."""

    already: int = 0
    finished: int = 0
    failures: list[Receipt] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0


class Supervisor:
    """Keeps a pool in work until all orders have a receipt, whatever happens to the pool."""

    def __init__(self, pool: Pool, desk: Desk, outcome: Outcome, report: Callable[[Receipt], None]) -> None:
        self.pool = pool
        self.folder = desk.folder
        self.stop = desk.stop
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
        request_stop(self.stop)
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
                how = "its worker was lost" if code is None else "its process died"
                last = "" if code is None else f", the last time with exit code {code}"
                problem.add_note(f"{how} {STRIKES} times{last}")
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
