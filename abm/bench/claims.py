"""Who works on a results folder: one process alone, or the shards of an experiment side by side; and how each is stopped.

Claims are file locks, which the system frees when their holder dies. A process alone holds the folder's lock for itself;
shards share it, and each holds a lock of its own.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from abm.errors import InputError

if TYPE_CHECKING:
    from abm.experiment import Experiment

STOP = ".stop"
LOCK = ".lock"
SHARD = re.compile(r"(\d+)/(\d+)")
A_MOMENT = 1.0
"""Seconds for which a lock is asked for again: whoever looks whether it is held, holds it for an instant."""

WHILE_CLEARED = 30.0
"""Seconds that a shard waits while another one clears the folder."""


@dataclass(frozen=True)
class Shard:
    """The part ``number`` (from 1 on) of an experiment that is split into ``of`` parts, the arms of a seed together."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that "3/8" names. Raises InputError for anything else, or a number outside 1 to the last."""
        match = SHARD.fullmatch(text)
        if not match:
            raise InputError(f'shard = "{text}" must be a number and a count such as 1/8')
        number, of = int(match[1]), int(match[2])
        if not 1 <= number <= of:
            raise InputError(f"shard = {text} is not among 1/{of} to {of}/{of}" if of else f"shard = {text} splits in none")
        return cls(number, of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def part(self, experiment: Experiment) -> Experiment:
        """The experiment with every ``of``-th seed alone; more seeds leave those it has in their shards.

        Raises InputError if there is none.
        """
        seeds = experiment.seeds[self.number - 1 :: self.of]
        if not len(seeds):
            raise InputError(f"shard = {self} is empty, the experiment has {len(experiment.seeds)} seeds")
        return replace(experiment, seeds=seeds)


def lock_file(folder: Path, shard: Shard | None) -> Path:
    """The lock of a shard, or that of the folder."""
    return folder / (LOCK if shard is None else f"{LOCK}-{shard.number}-of-{shard.of}")


def stop_file(folder: Path, shard: Shard | None) -> Path:
    """The file whose presence asks the workers of a parent to take no further run."""
    return folder / (STOP if shard is None else f"{STOP}-{shard.number}-of-{shard.of}")


def request_stop(stop: Path) -> None:
    """Ask the workers that look for this file to stop after the run they are in."""
    with suppress(OSError):
        stop.touch()


@contextmanager
def claimed(folder: Path, shard: Shard | None = None) -> Iterator[None]:
    """Hold the folder alone, or a shard of it beside others, clear of what a killed writer left.

    Raises InputError if another process holds the folder or the shard, or if it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handles = [os.open(lock_file(folder, one), os.O_RDWR | os.O_CREAT, 0o644) for one in dict.fromkeys((None, shard))]
    except OSError as problem:
        raise InputError(f"results folder {folder} cannot be written ({problem.strerror})") from None
    try:
        _hold(folder, shard, handles)
        os.utime(handles[-1])    # when the work began
        stop_file(folder, shard).unlink(missing_ok=True)
        yield
    finally:
        stop_file(folder, shard).unlink(missing_ok=True)
        for handle in handles:
            os.close(handle)


def _hold(folder: Path, shard: Shard | None, handles: list[int]) -> None:
    in_use = f"results folder {folder} is in use by another abm run: wait or choose --out"
    if shard is None:
        if not _locked(handles[0], fcntl.LOCK_EX, A_MOMENT):
            raise InputError(in_use)
        _clear(folder)
        return
    if _locked(handles[0], fcntl.LOCK_EX, 0.0):
        _clear(folder)
    if not _locked(handles[0], fcntl.LOCK_SH, WHILE_CLEARED):
        raise InputError(in_use)
    if not _locked(handles[1], fcntl.LOCK_EX, A_MOMENT):
        raise InputError(f"shard {shard} of results folder {folder} is in use by another abm run: wait or choose another")


def _locked(handle: int, kind: int, seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= ends:
                return False
        time.sleep(0.02)


def _clear(folder: Path) -> None:
    """Remove what killed writers left; nobody else may be at work."""
    for pattern in ("**/.*.tmp", f"{STOP}*"):
        for left in folder.glob(pattern):
            left.unlink(missing_ok=True)


def at_work(folder: Path) -> dict[str, float]:
    """Who works on the folder ("all" or a shard such as "3/8"), each with the time (seconds of the epoch) it began."""
    holders = {}
    for path in sorted(folder.glob(f"{LOCK}*")):
        with suppress(OSError):
            if _is_held(path):
                name = path.name.removeprefix(LOCK).strip("-").replace("-of-", "/")
                holders[name or "all"] = path.stat().st_mtime
    return holders


def _is_held(path: Path) -> bool:
    """Whether somebody holds a lock for himself alone."""
    handle = os.open(path, os.O_RDONLY)
    try:
        return not _locked(handle, fcntl.LOCK_SH, 0.0)
    finally:
        os.close(handle)
