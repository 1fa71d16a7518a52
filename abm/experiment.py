"""What an experiment is: uncertain worlds, what governments choose, and seeds; and what one run of it is.

An experiment is a frozen value: nothing runs when it is made. All arms of a seed share their luck, so that differences
between policies are taken run by run. A file with an ``EXPERIMENT`` works wherever it lies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from abm.bench.identity import code_version, describe, fingerprint, run_identity
from abm.errors import InputError, unknown

if TYPE_CHECKING:
    from abm.observe import Record
    from abm.policy import Policy
    from abm.scenario.reference import Scenario

OUTCOMES = (
    "next_launch_months",
    "gap_months",
    "china_effective_compute",
    "diverted_units",
    "nvda_value",
    "domestic_share",
)
"""What the printed table compares where an experiment does not say."""

LARGEST_SEED = 2**63 - 1
MOST_SEEDS = 1_000_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Run:
    """One scenario under one policy with one seed, up to and including the day ``until``."""

    scenario: Scenario
    policy: Policy
    seed: int
    until: date
    run_id: str


def execute(run: Run) -> Record:
    """Build the model of a run and step it to its horizon."""
    from abm.model import Model

    return Model(run.scenario, run.policy, seed=run.seed, until=run.until).run()


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A question with everything that determines its runs: scenarios x policies x seeds.

    ``until`` is the last day (default: that of the scenarios), ``against`` the name of the policy that the others are
    compared with (default: the first), ``outcomes`` the observables of a run that the table compares.

    Raises InputError naming the field, the value and the bound.
    """

    name: str
    question: str
    scenarios: tuple[Scenario, ...]
    policies: tuple[Policy, ...]
    seeds: Sequence[int]
    until: date | None = None
    against: str = ""
    outcomes: tuple[str, ...] = OUTCOMES

    def __post_init__(self) -> None:
        from abm.policy import Policy
        from abm.scenario.reference import Scenario

        _check_name(self.name)
        _check_text("question", self.question)
        _check_members("scenarios", self.scenarios, Scenario)
        _check_members("policies", self.policies, Policy)
        _check_seeds(self.seeds)
        _check_until(self.until, self.scenarios)
        if not self.against:
            object.__setattr__(self, "against", self.policies[0].name)
        if self.against not in (names := [policy.name for policy in self.policies]):
            raise unknown("policy in against", str(self.against), names)
        _check_outcomes(self.outcomes)
        for field in ("scenarios", "policies", "outcomes", "seeds"):
            if isinstance(members := getattr(self, field), list):    # a list could change under way
                object.__setattr__(self, field, tuple(members))

    @cached_property
    def fingerprints(self) -> dict[str, dict[str, str]]:
        """What stands for the content of each scenario and policy, by name."""
        return {
            "scenarios": {one.name: fingerprint(describe(one)) for one in self.scenarios},
            "policies": {one.name: fingerprint(describe(one)) for one in self.policies},
        }

    @cached_property
    def _members(self) -> dict[str, dict[str, Any]]:
        """Scenarios and policies by name, found once for all runs."""
        return {kind: {one.name: one for one in getattr(self, kind)} for kind in ("scenarios", "policies")}

    def horizon(self, scenario: Scenario) -> date:
        """The last day of the runs of a scenario."""
        return self.until or scenario.until

    def one(self, scenario: str, policy: str, seed: int) -> Run:
        """The run of the named scenario and policy with this seed."""
        world = _named("scenario", scenario, self._members["scenarios"])
        until = self.horizon(world)
        chosen = _named("policy", policy, self._members["policies"])
        run_id = run_identity(
            code=code_version(),
            scenario=self.fingerprints["scenarios"][scenario],
            policy=self.fingerprints["policies"][policy],
            until=until.isoformat(),
            seed=int(seed),
        )
        return Run(world, chosen, int(seed), until, run_id)

    def runs(self) -> Iterator[Run]:
        """All runs, the arms of a seed next to each other, so that an interrupted experiment holds whole pairs."""
        for seed in self.seeds:
            for scenario in self.scenarios:
                for policy in self.policies:
                    yield self.one(scenario.name, policy.name, seed)

    def __len__(self) -> int:
        return len(self.scenarios) * len(self.policies) * len(self.seeds)

    def with_seeds(self, count: int) -> Experiment:
        """The same experiment with the first so many seeds, counting on after the last one if there are fewer.

        Raises InputError if the count is below 1 or above a million.
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(f"seeds = {count!r} is below its lower bound 1")
        if count > MOST_SEEDS:
            raise InputError(f"seeds = {count} is above its upper bound {MOST_SEEDS}")
        have = tuple(self.seeds[:count])
        after = max(have) + 1
        return replace(self, seeds=have + tuple(range(after, after + count - len(have))))


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(f"name = {name!r} must be letters, digits, dots, dashes or underscores: it names a folder")


def _check_text(field: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{field} = {value!r} must be a sentence: it says what the experiment asks")


def _check_members(field: str, members: Any, kind: type) -> None:
    if not isinstance(members, (tuple, list)):
        raise InputError(f"{field} = {shortened(members)} must be a tuple of {kind.__name__}")
    if not members:
        raise InputError(f"{field} is empty, at least 1 {kind.__name__} is needed")
    for position, member in enumerate(members):
        if not isinstance(member, kind):
            raise InputError(f"{field}[{position}] = {shortened(member)} is not a {kind.__name__}")
    for name, times in Counter(member.name for member in members).items():
        if times > 1:
            raise InputError(f'{field} holds the name "{name}" {times} times, names must differ')


def _check_seeds(seeds: Any) -> None:
    if not isinstance(seeds, (range, tuple, list)):
        raise InputError(f"seeds = {shortened(seeds)} must be a range or a tuple of whole numbers")
    if not len(seeds):
        raise InputError("seeds is empty, at least 1 seed is needed")
    seen: set[int] = set()
    for position, seed in enumerate(seeds):
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise InputError(f"seeds[{position}] = {seed!r} is not a whole number")
        if not 0 <= seed <= LARGEST_SEED:
            bound = "below its lower bound 0" if seed < 0 else f"above its upper bound {LARGEST_SEED}"
            raise InputError(f"seeds[{position}] = {seed} is {bound}")
        if seed in seen:
            raise InputError(f"seeds[{position}] = {seed} is there twice, seeds must differ")
        seen.add(seed)


def _check_until(until: Any, scenarios: Sequence[Scenario]) -> None:
    if until is None:
        return
    if type(until) is not date:
        raise InputError(f"until = {until!r} is not a date such as date(2026, 12, 31)")
    for scenario in scenarios:
        if until < scenario.start:
            raise InputError(f'until = {until} is before the start {scenario.start} of the scenario "{scenario.name}"')


def _check_outcomes(outcomes: Any) -> None:
    from abm.observables import OBSERVABLES

    if not isinstance(outcomes, (tuple, list)) or not outcomes:
        raise InputError(f"outcomes = {shortened(outcomes)} must be a tuple with at least 1 name of an observable")
    valid = [name for name, one in OBSERVABLES.items() if one.cadence == "run"]
    for name in outcomes:
        if name not in valid:
            raise unknown("outcome", str(name), valid)


def _named(what: str, name: str, members: Mapping[str, Any]) -> Any:
    if name not in members:
        raise unknown(what, name, list(members))
    return members[name]


def shortened(value: Any) -> str:
    """A value as it can stand in a sentence: by its name where it has one."""
    named = f"{type(value).__name__} {value.name!r}" if hasattr(value, "name") else repr(value)
    return named if len(named) <= 80 else f"{named[:77]}..."
