"""The runs of a design in a results folder: which numbers it varied, where its points lie, and an outcome at each."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError, unknown
from abm.results import Results

METHODS = ("morris", "saltelli")
NAMED = re.compile(rf"(.+)_({'|'.join(METHODS)})_\d+")


@dataclass(frozen=True)
class Design:
    """The points of a design in their order: names of scenarios, and the value of each number (a column) at each (a row)."""

    scenario: str
    method: str
    names: tuple[str, ...]
    paths: tuple[str, ...]
    points: NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What is explained: an observable under a policy, or its difference from the reference policy, seed by seed.

    ``values`` has a row a point of the design and a column a seed, NaN where a run is missing or has no value. Seeds that
    are ``left_out`` have values at some points of a Saltelli design, whose rows need them at all.
    """

    name: str
    unit: str
    policy: str
    against: str | None
    seeds: tuple[int, ...]
    values: NDArray[np.float64]
    left_out: tuple[int, ...] = ()

    @property
    def lacking(self) -> int:
        """How many runs, of the seeds that are used, are missing or have no value."""
        return int(np.isnan(self.values).sum())


def design_of(results: Results, scenario: str | None = None) -> Design:
    """The design in a results folder; with several, that over the named scenario.

    Of a design that was run with several sizes, the points are those of the folder's last experiment.
    Raises InputError if there is none, or more than one and no name.
    """
    about = results.manifest["scenarios"]
    found: dict[tuple[str, str], list[str]] = {}
    for name in about:
        if match := NAMED.fullmatch(name):
            found.setdefault((match[1], match[2]), []).append(name)
    bases = [base for base, _ in found]
    if not found:
        raise InputError(
            f"results folder {results.folder} has no design of the methods {' and '.join(METHODS)} (see abm.bench.designs)")
    if scenario is not None and scenario not in bases:
        raise unknown("scenario of a design", scenario, bases)
    chosen = [key for key in found if scenario in (None, key[0])]
    if len(chosen) > 1:
        told = ", ".join(f"{base} ({method})" for base, method in chosen)
        raise InputError(f"results folder {results.folder} has several designs: {told}")
    (base, method), names = chosen[0], found[chosen[0]]
    asked = set(results.manifest["experiment"].get("scenarios") or ()).intersection(names)
    names = sorted(asked or names, key=lambda name: int(name.rpartition("_")[2]))
    parameters = [about[name]["parameters"] for name in names]
    paths = tuple(path for path, value in parameters[0].items() if any(one[path] != value for one in parameters))
    points = np.array([[one[path] for path in paths] for one in parameters], dtype=float)
    return Design(base, method, tuple(names), paths, points)


def outcome_of(results: Results, design: Design, name: str, *, policy: str | None, against: str | None) -> Outcome:
    """An outcome at every point of a design; ``policy`` is the last of the experiment unless it is named.

    Raises InputError for an unknown name, or a policy that is compared with itself.
    """
    policy = _last_policy(results) if policy is None else policy
    if policy == against:
        raise InputError(f'policy and against are both "{policy}", which leaves nothing to explain')
    both = results.pairs(name, policy=policy, against=policy if against is None else against)
    told = both["value"] if against is None else both["value"] - both["reference"]
    table = told.unstack("seed").reindex(list(design.names)).dropna(axis=1, how="all")
    if table.empty:
        raise InputError(f"no point of the design has a value of {name}")
    used = table.dropna(axis=1) if design.method == "saltelli" else table
    if used.empty:
        raise InputError(f"no seed has a value of {name} at every point of the design")
    left_out = tuple(int(seed) for seed in table.columns.difference(used.columns))
    unit, seeds = results.observables[name]["unit"], tuple(int(seed) for seed in used)
    return Outcome(name, unit, policy, against, seeds, used.to_numpy(dtype=float), left_out)


def _last_policy(results: Results) -> str:
    """The last of the experiment's policies that has finished runs; of all policies where it has none."""
    asked = [name for name in results.manifest["experiment"].get("policies") or () if name in results.policies]
    if not asked and not results.policies:
        raise InputError(f"results folder {results.folder} has no finished runs")
    return (asked or results.policies)[-1]


def common_means(outcome: Outcome) -> tuple[NDArray[np.float64], int]:
    """The mean at each point over the seeds that all points have, and how many these are.

    Raises InputError where there is none.
    """
    common = ~np.isnan(outcome.values).any(axis=0)
    if not common.any():
        raise InputError(f"no seed has a value of {outcome.name} at every point of the design")
    return outcome.values[:, common].mean(axis=1), int(common.sum())
