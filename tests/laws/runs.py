"""Short runs for the laws: what is run, and what is read off a model."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from abm import HISTORICAL, HISTORY_2025, Model
from abm.books import USD, chip_asset
from abm.policy.policy import Policy
from abm.scenario.reference import Scenario

ROOT = Path(__file__).parents[2]
SHORT = date(2025, 2, 14)

QUICK = HISTORY_2025.vary({"capital.burn_in_days": 30})
"""The historical world with the shortest burn-in of its stock market, for laws that do not need its length."""


def model_of(until: date, *, world: Scenario = QUICK, policy: Policy = HISTORICAL, seed: int = 1) -> Model:
    """A model at its opening."""
    return Model(world, policy, seed=seed, until=until)


def finished(until: date, *, world: Scenario = QUICK, policy: Policy = HISTORICAL, seed: int = 1) -> Model:
    """A model that has run to the horizon."""
    model = model_of(until, world=world, policy=policy, seed=seed)
    model.run()
    return model


MOST_SHARED = 12
"""Finished models that are kept at a time: the oldest goes."""

_SHARED: dict[tuple[object, ...], tuple[Model, str]] = {}


def shared(until: date, *, world: Scenario = QUICK, policy: Policy = HISTORICAL, seed: int = 1) -> Model:
    """A finished model for tests that only read it: run once a session, and checked to be as it was left by its run."""
    key = (until, world, policy, seed)
    if key not in _SHARED:
        if len(_SHARED) >= MOST_SHARED:
            del _SHARED[next(iter(_SHARED))]
        model = finished(until, world=world, policy=policy, seed=seed)
        _SHARED[key] = (model, model.digest())
    model, left = _SHARED[key]
    assert model.digest() == left, f"a test changed the shared model of {until}"
    return model


def digests(model: Model) -> list[str]:
    """The digest of every day of a model that has run."""
    return [text for _, text in model.record.digests]


def with_actor(world: Scenario, like: str, **traits: object) -> Scenario:
    """The world with one more actor, a copy of another with traits of its own."""
    (pattern,) = (actor for actor in world.actors if actor.id == like)
    return replace(world, actors=(*world.actors, replace(pattern, **traits)))


def agents_by_name(model: Model) -> dict[str, object]:
    """The state of every agent but investors, by permanent name."""
    groups = (model.regulators, model.vendors, model.clouds, model.labs, model.brokers)
    return {name: agent.state() for group in groups for name, agent in group.items()}


def chip_holders(model: Model, chip: str) -> dict[str, int]:
    """Everyone inside who holds chips of a kind."""
    return dict(model.books.accounts.get(chip_asset(chip), {}))


def money_inside(model: Model) -> int:
    """All cents in the hands of named holders and investors."""
    return sum(model.books.accounts[USD].values()) + int(model.books.crowd_cash.sum())


def lines_of_a_fresh_process(python: str = sys.executable, **variables: str) -> list[str]:
    """What ``digest_lines.py`` prints in a process of its own with these environment variables."""
    script = ROOT / "tests" / "laws" / "digest_lines.py"
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    finished_run = subprocess.run([python, str(script)], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert finished_run.returncode == 0, finished_run.stderr
    return finished_run.stdout.splitlines()


def lines_of_this_process(until: date = SHORT) -> list[str]:
    """What ``digest_lines.py`` would print here, or to another horizon."""
    return [f"{day} {text}" for day, text in finished(until).record.digests]


def in_processes(function: Callable[[Any], Any], cases: Iterable[Any]) -> dict[Any, Any]:
    """What a function of one case gives, by case, computed in two processes of their own."""
    cases = list(cases)
    return dict(zip(cases, _processes().map(function, cases), strict=True))


@cache
def _processes() -> ProcessPoolExecutor:
    """Two processes that serve all laws of a session: what they import and compile is done once."""
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


class Outcomes:
    """What a function of a case's name and a seed gives, a mapping of outcomes, by case and seed."""

    def __init__(self, one_run: Callable[[tuple[str, int]], Any], names: Iterable[str], seeds: int) -> None:
        self.seeds = range(seeds)
        names = tuple(names)
        self.runs = in_processes(one_run, [(name, seed) for seed in self.seeds for name in names])

    def of(self, name: str, seed: int) -> Any:
        """The outcomes of one run."""
        return self.runs[name, seed]

    def each(self, name: str, outcome: str) -> list[Any]:
        """An outcome of every seed."""
        return [self.of(name, seed)[outcome] for seed in self.seeds]

    def mean(self, name: str, outcome: str) -> float:
        """Its average over seeds."""
        return fmean(self.each(name, outcome))


class Records(Outcomes):
    """Records of runs by case and seed: outcomes are those of their summaries."""

    def of(self, name: str, seed: int) -> Any:
        """The summary of one run."""
        return self.runs[name, seed].summary

    def table(self, name: str, seed: int, observable: str) -> dict[tuple[date, str], float]:
        """One observable of one run by date and label."""
        rows = self.runs[name, seed].series
        return {(day, label): value for day, what, label, value in rows if what == observable}

    def series(self, name: str, seed: int, observable: str, label: str) -> dict[date, float]:
        """One series of one run by date."""
        return {day: value for (day, which), value in self.table(name, seed, observable).items() if which == label}

    def mean_since(self, name: str, observable: str, label: str, since: date) -> float:
        """Average of a series over seeds and over months from a date on."""
        series = [self.series(name, seed, observable, label) for seed in self.seeds]
        return fmean(value for one in series for day, value in one.items() if day >= since)

    def average(self, name: str, observable: str, ending: str) -> float:
        """Average over seeds, dates and all labels with an ending."""
        tables = (self.table(name, seed, observable) for seed in self.seeds)
        return fmean(value for one in tables for (_, label), value in one.items() if label.endswith(ending))

    def last(self, name: str, seed: int, observable: str) -> dict[str, float]:
        """The last values of an observable by label."""
        return {label: value for (_, label), value in sorted(self.table(name, seed, observable).items())}

    def move(self, name: str, ticker: str, day: date, before: date) -> float:
        """Average over seeds of a stock's return from one day to another."""
        prices = [self.series(name, seed, "price", ticker) for seed in self.seeds]
        return fmean(one[day] / one[before] - 1 for one in prices)

    def digests(self, name: str, seed: int, until: date) -> list[str]:
        """Daily digests before a date."""
        return [digest for day, digest in self.runs[name, seed].digests if day < until]

    def same_until(self, name: str, other: str, kind: str) -> bool:
        """Whether every run of two cases has the same digests before the first event of a kind of the second."""
        for seed in self.seeds:
            first = min(day for day, _, what, _ in self.runs[other, seed].events if what == kind)
            if self.digests(name, seed, first) != self.digests(other, seed, first):
                return False
        return True


def few_or_all(few: int, *, name: str = "few") -> dict[str, Any]:
    """Keywords of a fixture that takes a few seeds or, marked as full, twenty of them."""
    return {"scope": "module", "params": [few, pytest.param(20, marks=pytest.mark.full)], "ids": [name, "all"]}
