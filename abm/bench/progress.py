"""How a running experiment shows itself: a line on standard error with rate, failures and time left."""

from __future__ import annotations

import sys
from types import TracebackType

from abm.bench.workers import Receipt


class Progress:
    """A progress line of runs; silent where standard error is not a terminal, or when asked to be quiet."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self.total = total
        self.quiet = quiet
        self.failed = 0

    def __enter__(self) -> Progress:
        from tqdm import tqdm

        disable = True if self.quiet else None    # None: let tqdm look whether it writes to a terminal
        self.line = tqdm(total=self.total, unit="run", file=sys.stderr, disable=disable, dynamic_ncols=True)
        return self

    def __exit__(self, kind: type | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.line.close()

    def opened(self, already: int) -> None:
        """Runs that were there already count as done, and not for the rate."""
        self.line.initial = already
        self.line.n = already
        self.line.refresh()

    def received(self, receipt: Receipt) -> None:
        """One more run is done, or has failed."""
        self.failed += receipt.error is not None
        if self.failed:
            self.line.set_postfix(failed=self.failed, refresh=False)
        self.line.update()
