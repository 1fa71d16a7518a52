"""The engine for clusters: batches go to the workers of a Dask scheduler that somebody else started.

The scheduler runs a batch again when its worker died; what it gives up is tried again by the supervising loop, one run at
a time. Results go from the workers to the results folder, which must lie on a disk that all machines share.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from abm.bench import store
from abm.bench.claims import LOCK
from abm.bench.identity import code_version
from abm.bench.workers import Desk, Order, Receipt, lost, run_batch_from
from abm.errors import InputError

if TYPE_CHECKING:
    import distributed

ANSWER_SECONDS = 10
WORKERS_SECONDS = 60
COUNT_SECONDS = 2.0
ONE_AT_A_TIME = threading.Lock()


def run_once(desk: Desk, orders: Sequence[Order]) -> list[Receipt]:
    """The same as ``run_batch_from``, one batch after the other however many threads a worker has.

    A batch that was committed before its worker died is not run again when the scheduler asks for it anew.
    """
    with ONE_AT_A_TIME:
        committed = store.finished_ids(desk.folder, orders[0].run_id)
        left = [order for order in orders if order.run_id not in committed]
        done = [Receipt(order, 0.0) for order in orders if order.run_id in committed]
        return done + (run_batch_from(desk, left) if left else [])


class DaskPool:
    """The workers of a Dask scheduler, however many there are at a time.

    Raises InputError if the library is not installed or the scheduler does not answer.
    """

    largest_batch = 32

    def __init__(self, desk: Desk, scheduler: str) -> None:
        self.desk = desk
        self.scheduler = scheduler
        self.workers = 1
        self._counted = 0.0
        self._client: distributed.Client | None = self._connect()

    def _connect(self) -> distributed.Client:
        try:
            from distributed import Client
        except ImportError:
            raise InputError('the engine "dask" needs its extra: pip install "geomarket-abm[dask]"') from None
        logging.getLogger("distributed.client").setLevel(logging.ERROR)    # it warns of lost results, which it gets anew
        try:
            return Client(self.scheduler, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as problem:    # TimeoutError is an OSError
            what = " ".join(f"{problem}".split()) or type(problem).__name__
            raise InputError(f'no Dask scheduler answers at "{self.scheduler}" ({what})') from None

    @property
    def capacity(self) -> int:
        """Batches to have under way: two for each worker that lives, counted every few seconds."""
        if self._client is not None and time.monotonic() - self._counted > COUNT_SECONDS:
            self._counted = time.monotonic()
            self.workers = max(len(self._client.nthreads()), 1)
        return 2 * self.workers

    def start(self) -> None:
        """Wait for the first worker, and see that all have this code and the results folder.

        Raises InputError if no worker comes, or one that cannot do the runs.
        """
        if self._client is None:
            self._client = self._connect()
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise InputError(f"the Dask scheduler at {self.scheduler} has no worker after {WORKERS_SECONDS} s") from None
        told = self._client.run(_what_a_worker_has, self.desk.folder / LOCK, on_error="return")
        for worker, answer in sorted(told.items()):
            self.check(worker, answer)

    def check(self, worker: str, answer: tuple[str, bool] | BaseException) -> None:
        """Raises InputError unless a worker has this code and sees the results folder, as it answered when asked."""
        if isinstance(answer, OSError):    # it died since: the scheduler knows
            return
        if isinstance(answer, BaseException):
            what = " ".join(f"{type(answer).__name__}: {answer}".split())
            raise InputError(f"the Dask worker {worker} cannot run this version of abm ({what})")
        code, sees_folder = answer
        if code != code_version():
            raise InputError(f"the Dask worker {worker} has code {code}, this is code {code_version()}: start it anew")
        if not sees_folder:
            raise InputError(f"the Dask worker {worker} does not see {self.desk.folder}: it must lie on a shared disk")

    def submit(self, orders: Sequence[Order]) -> Future[list[Receipt]]:
        """A future of the receipts; its exception is BrokenProcessPool if the scheduler was lost."""
        try:
            theirs = self._client.submit(run_once, self.desk, tuple(orders), pure=False)
        except Exception as problem:
            return lost(problem)
        mine: Future[list[Receipt]] = Future()
        mine.set_running_or_notify_cancel()    # only the scheduler knows when; it is not for us to lose patience
        theirs.add_done_callback(partial(_hand_over, mine))
        return mine

    def stop(self) -> None:
        """Leave the scheduler, which drops what had not begun; a worker ends the run it is in."""
        if self._client is not None:
            self._client.close(timeout=ANSWER_SECONDS)
            self._client = None


def _what_a_worker_has(lock: Path) -> tuple[str, bool]:
    return code_version(), lock.is_file()


def _hand_over(mine: Future[list[Receipt]], theirs: distributed.Future) -> None:
    """Pass on what came of a batch and let the cluster forget it at once."""
    try:
        if theirs.status == "finished":
            mine.set_result(theirs.result(timeout=ANSWER_SECONDS))
        elif theirs.status == "error":
            mine.set_exception(theirs.exception(timeout=ANSWER_SECONDS))
        else:
            mine.set_exception(BrokenProcessPool(f"the scheduler has {theirs.status} it"))
    except Exception as problem:    # the result was lost with its worker or its scheduler
        mine.set_exception(BrokenProcessPool(str(problem)))
    finally:
        theirs.release()
