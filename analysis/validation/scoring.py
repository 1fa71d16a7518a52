"""What a target is, and how the model's value of it is scored: inside its band or outside, and by how much."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from abm.errors import InputError
from abm.scenario.declare import Declared
from abm.scenario.reference import Scenario
from analysis.validation.arms import Arm

HISTORICAL = "historical"
LOW, HIGH = 0.05, 0.95
CONFIDENCE = 0.95
SHARE = "share of runs"
SOURCES = (Path(__file__).parents[2] / "abm" / "scenario" / "sources.toml", Path(__file__).with_name("citations.toml"))


@dataclass(frozen=True)
class Fit:
    """What set a target's value before anything was run: a declared number, or a table of the opening.

    ``name`` is the last part of a declared number's path, or the name of a table of the scenario. ``starting`` is the
    first day of a scenario from which on it holds: what a world that starts in 2025 opens with is free in one of 2022.
    """

    name: str
    starting: date = date.min

    def number(self, scenario: Scenario) -> Declared | None:
        """The declared number of that name; None where it is a table."""
        found = [one for one in scenario.parameters() if one.path.rpartition(".")[2] == self.name]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Target:
    """A public fact as a band in one unit, and how a run's value of it is measured.

    ``low`` and ``high`` are None where the fact is a floor or a ceiling; ``band`` says where the band comes from;
    ``source`` is a key of sources.toml or citations.toml. ``measure`` gives one value a run (NaN: the run has none, or
    does not count). It is scored in each scenario whose runs cover ``since`` to ``until`` and, if ``after`` names a
    dated release, that have it.
    """

    pattern: str
    what: str
    unit: str
    low: float | None
    high: float | None
    band: str
    source: str
    since: date
    until: date
    measure: Callable[[Arm], ArrayLike]
    fits: tuple[Fit, ...] = ()
    after: str | None = None
    against: str | None = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise InputError(f'target "{self.what}" has neither a lower nor an upper bound')
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f'target "{self.what}": low = {self.low} is above high = {self.high}')

    def applies(self, arm: Arm) -> bool:
        """Whether an arm has what the target is about."""
        return (
            arm.covers(self.since, self.until) and (self.after is None or self.after in arm.releases())
            and (self.against is None or arm.under(self.against) is not None))

    def distance(self, value: float) -> float:
        """How far a value lies above the band (positive) or below it (negative); 0 inside."""
        if self.high is not None and value > self.high:
            return value - self.high
        return value - self.low if self.low is not None and value < self.low else 0.0

    def fitted_by(self, starts: date) -> tuple[str, ...]:
        """What fitted it in a scenario that starts on a day; nothing where it is free."""
        return tuple(one.name for one in self.fits if one.starting <= starts)


@dataclass(frozen=True, kw_only=True)
class Score:
    """The model's value of a target in one arm.

    ``mean`` is over the ``n`` runs that have a value, ``lacking`` the runs that have none; ``low`` and ``high`` are the
    5th and 95th percentile over runs or, of a share of runs, its 95 % Wilson interval. ``distance`` is that of the mean
    from the band, ``relative`` over the nearer bound (None where that is 0); ``inside_runs`` the share of runs inside.
    """

    target: Target
    experiment: str
    scenario: str
    policy: str
    n: int
    lacking: int
    mean: float | None
    low: float | None
    high: float | None
    distance: float | None
    relative: float | None
    inside_runs: float | None
    fitted_by: tuple[str, ...]

    @property
    def inside(self) -> bool | None:
        """Whether the mean lies in the band; None without a value."""
        return None if self.distance is None else self.distance == 0.0


def score(target: Target, arm: Arm) -> Score:
    """Measure a target in an arm and score it."""
    values = np.asarray(target.measure(arm), dtype=float)
    return scored(target, values, experiment=arm.results.manifest["experiment"]["name"], scenario=arm.scenario,
                  policy=arm.policy, starts=arm.start)


def scored(
    target: Target, values: ArrayLike, *, experiment: str, scenario: str, policy: str, starts: date
) -> Score:
    """Score the values of a target, one a run; NaN is a run without one."""
    values = np.asarray(values, dtype=float)
    known = values[~np.isnan(values)]
    mean = float(known.mean()) if len(known) else None
    low, high = _spread(target, known)
    distance = None if mean is None else target.distance(mean)
    bound = None if distance is None else target.high if distance > 0 else target.low
    return Score(
        target=target, experiment=experiment, scenario=scenario, policy=policy, n=len(known),
        lacking=len(values) - len(known), mean=mean, low=low, high=high, distance=distance,
        relative=distance / abs(bound) if bound else None if distance else distance,
        inside_runs=float(np.mean([target.distance(one) == 0.0 for one in known])) if len(known) else None,
        fitted_by=target.fitted_by(starts),
    )


def _spread(target: Target, known: np.ndarray) -> tuple[float | None, float | None]:
    if not len(known):
        return None, None
    if target.unit != SHARE:
        return tuple(float(one) for one in np.quantile(known, (LOW, HIGH)))
    interval = stats.binomtest(round(known.sum()), len(known)).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


@dataclass(frozen=True)
class Unscored:
    """A target that no arm of the results covers, and why."""

    target: Target
    reason: str


def score_all(targets: Iterable[Target], arms: Sequence[Arm]) -> tuple[list[Score], list[Unscored]]:
    """Every target in every arm that has what it is about, and those that none has."""
    scores: list[Score] = []
    unscored: list[Unscored] = []
    for target in targets:
        found = [score(target, arm) for arm in arms if target.applies(arm)]
        scores += found
        if not found:
            unscored.append(Unscored(target, _why(target)))
    return scores, unscored


def _why(target: Target) -> str:
    wanted = f'needs runs of the policy "{HISTORICAL}"'
    wanted += f' and of "{target.against}"' if target.against else ""
    return wanted + (f" with the release of {target.after}" if target.after else "")


@cache
def known_sources() -> Mapping[str, Mapping[str, str]]:
    """Every source that a target may cite, by its key."""
    found: dict[str, Mapping[str, str]] = {}
    for path in SOURCES:
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found
