"""Short runs for the laws: what is run, and what is read off a model."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

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
