"""Luck comes from abm.chance alone: no global generator, no clock, no hash seed, no process has a part in a run."""

from __future__ import annotations

import os
import random
import secrets
import time
import types
import uuid

import numpy as np
import pytest

from abm import Model
from abm.digest import digest
from tests.laws.runs import SHORT, digests, finished, lines_of_a_fresh_process, lines_of_this_process, model_of, shared

KEPT = {"seed", "getstate", "setstate", "get_state", "set_state"}


@pytest.fixture(scope="module")
def plain() -> Model:
    return shared(SHORT)


def refuse(*arguments: object, **named: object) -> None:
    """What every poisoned function does."""
    raise AssertionError("a run asked something that its seed does not determine")


class Poison:
    """Raises whatever is asked of it."""

    def __getattr__(self, name: str) -> object:
        refuse()


def drawing(module: types.ModuleType) -> list[str]:
    """The functions of a module that draw from its global generator."""
    bound = (types.MethodType, types.BuiltinMethodType)
    names = (name for name in dir(module) if not name.startswith("_") and name not in KEPT)
    return [name for name in names if isinstance(getattr(module, name), bound) and name[0].islower()]


def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every source of luck and time outside abm.chance raise."""
    for module in (random, np.random):
        for name in drawing(module):
            monkeypatch.setattr(module, name, refuse)
    for module, names in (
        (time, ("time", "time_ns")), (os, ("urandom", "getpid")), (uuid, ("uuid1", "uuid4")),
        (secrets, ("token_bytes", "token_hex", "randbelow")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, refuse)


def test_the_poison_reaches_the_generators(monkeypatch):
    assert {"random", "gauss", "shuffle"} <= set(drawing(random))
    assert {"rand", "normal", "random", "shuffle"} <= set(drawing(np.random))
    poison(monkeypatch)
    for draw in (random.random, random.gauss, np.random.normal, np.random.rand, time.time):
        with pytest.raises(AssertionError):
            draw()


def test_no_global_generator_and_no_clock_has_a_part(plain, monkeypatch):
    poison(monkeypatch)
    model = model_of(SHORT)
    model.random = model.rng = Poison()
    for _ in model.calendar:
        model.step()
    monkeypatch.undo()
    assert digests(model) == digests(plain)


def test_no_global_generator_is_drawn_from_or_seeded(plain):
    random.seed(4)
    np.random.seed(4)
    before = random.getstate(), digest(np.random.get_state(legacy=False)["state"]["key"])
    model = finished(SHORT)
    assert (random.getstate(), digest(np.random.get_state(legacy=False)["state"]["key"])) == before
    assert digests(model) == digests(plain)


def test_a_run_beside_another_does_not_touch_it(plain):
    """Two models of one process, stepped in turn, share nothing that changes."""
    model, other = model_of(SHORT), model_of(SHORT, seed=2)
    for _ in model.calendar:
        model.step()
        other.step()
    assert digests(model) == digests(plain)
    assert not set(digests(other)) & set(digests(plain))


def test_a_seed_is_a_run(plain):
    assert digests(finished(SHORT)) == digests(plain)
    assert len(set(digests(plain))) == len(plain.calendar)


def test_processes_and_their_hash_seeds_agree():
    here = lines_of_this_process()
    assert len(here) > 25
    for hash_seed in ("0", "1", "20250127"):
        assert lines_of_a_fresh_process(PYTHONHASHSEED=hash_seed) == here
