"""How a running experiment shows itself: a line on standard error with rate, failures and time left."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from abm.bench.plan import duration
from abm.bench.workers import Receipt

LINE_SECONDS = 60.0
"""Where standard error is no terminal, such as in a batch job, it gets a line so often at most."""


class Progress:
    """A progress line of runs; now and then a plain line where standard error is not a terminal; nothing if quiet."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self.total = total
        self.quiet = quiet
        self.failed = 0
        self.done = 0

    def __enter__(self) -> Progress:
        from tqdm import tqdm

        disable = True if self.quiet else None    # None: let tqdm look whether it writes to a terminal
        # smoothing 0: workers hand in batches, of which the last few say little about the rate
        self.line = tqdm(total=self.total, unit="run", file=sys.stderr, disable=disable, dynamic_ncols=True, smoothing=0)
        self.opened(0)
        return self

    def __exit__(self, kind: type | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.line.close()

    def opened(self, already: int) -> None:
        """Runs that were there already count as done, and not for the rate."""
        self.already = already
        self.began = self.told = time.monotonic()
        self.line.initial = already
        self.line.n = already
        self.line.set_postfix(failed=0)

    def received(self, receipt: Receipt) -> None:
        """One more run is done, or has failed."""
        self.done += 1
        self.failed += receipt.error is not None
        self.line.set_postfix(failed=self.failed, refresh=False)
        self.line.update()
        now = time.monotonic()
        if self.line.disable and not self.quiet and now - self.told >= LINE_SECONDS:
            self.told = now
            print(self.sentence(now - self.began), file=sys.stderr, flush=True)

    def sentence(self, seconds: float) -> str:
        """How far it is, some seconds after it began."""
        rate = self.done / seconds
        left = self.total - self.already - self.done
        return (
            f"{self.already + self.done} of {self.total} runs, {self.failed} failed, {60 * rate:.3g} runs a minute, "
            f"{duration(left / rate)} left"
        )
