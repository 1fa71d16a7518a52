"""What ``abm run`` prints: paired differences from the reference policy, and what bound in DeepSeek's launch reviews."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from abm.bench.aligned import columns
from abm.bench.luck import NO_PAIRS, Luck, luck, pairs_of_arms
from abm.calendar import months_between
from abm.compare import Interval, binding_shares, interval_used, mean_level, median_month, paired_difference, restricted
from abm.results import Results

if TYPE_CHECKING:
    import pandas as pd

LAUNCH = "next_launch_months"
LAUNCHED = "next_launched"
DASH = "-"
NOT_REACHED = "not reached"
LEVEL_DIGITS, DIFFERENCE_DIGITS, MOST_DECIMALS = 3, 2, 4
THOUSANDS_FROM = 1e5
WIDTH = 118
MOST_WORLDS = 20
"""With more of them one table over all is printed, and none of each."""


@dataclass(frozen=True)
class Row:
    """One line of the table: levels of both arms and their paired difference with its interval, in one unit."""

    scenario: str
    policy: str
    outcome: str
    unit: str
    reference: float | None
    level: float | None
    difference: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def sizes(self) -> tuple[float, float]:
        """The levels of both arms without their signs, none as nothing."""
        return abs(self.reference or 0.0), abs(self.level or 0.0)


@dataclass(frozen=True)
class Binding:
    """The shares of an arm's runs in which quality, capacity, both or neither ever bound in a launch review."""

    scenario: str
    policy: str
    n: int
    shares: dict[str, float]


@dataclass(frozen=True)
class Report:
    """The comparison of all arms with the reference policy, and what its numbers mean.

    ``overall`` pools the runs of all worlds, where they are too many for a table each; it has no intervals, since the
    worlds of a design are chosen and not drawn by chance.
    """

    experiment: str
    against: str
    interval: Interval
    rows: tuple[Row, ...]
    bindings: tuple[Binding, ...]
    luck: tuple[Luck, ...]
    notes: tuple[str, ...]
    overall: tuple[Row, ...] = ()

    def as_json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """The report as tables for a terminal."""
        return "\n".join(_lines(self))


def report(results: Results, *, method: str = "t") -> Report:
    """Compare every policy with the reference policy of the experiment, for each scenario.

    ``method`` is the kind of interval, ``t`` or ``bca``. Raises InputError for another one.
    """
    interval = interval_used(method)
    about = results.manifest["experiment"]
    against = about["against"]
    rows: list[Row] = []
    overall: tuple[Row, ...] = ()
    if against in results.policies:
        others = [policy for policy in results.policies if policy != against]
        needed = [*about["outcomes"], *([LAUNCHED] if LAUNCH in about["outcomes"] else [])]
        pairs = pairs_of_arms(results, others, list(dict.fromkeys(needed)))
        for scenario in results.scenarios:
            months = horizon_months(results, scenario)
            for policy in others:
                mine = {outcome: found.get(scenario, NO_PAIRS) for (arm, outcome), found in pairs.items() if arm == policy}
                rows.extend(_rows(results, (scenario, policy), mine, months, method=method))
        overall = tuple(_overall(results, pairs)) if len(results.scenarios) > MOST_WORLDS else ()
    bindings = tuple(_bindings(results))
    notes = tuple(_notes(results, about["outcomes"], interval))
    return Report(about["name"], against, interval, tuple(rows), bindings, tuple(luck(results)), notes, overall)


def horizon_months(results: Results, scenario: str) -> float:
    """The months from the first day of a scenario to the last day of its runs."""
    about = results.manifest["scenarios"][scenario]
    return months_between(date.fromisoformat(about["start"]), date.fromisoformat(about["until"]))


def _overall(results: Results, pairs: Mapping[tuple[str, str], Mapping[str, pd.DataFrame]]) -> Iterator[Row]:
    """The rows of each policy over the runs of all worlds, launches within the shortest of their horizons."""
    import pandas as pd

    months = min(horizon_months(results, scenario) for scenario in results.scenarios)
    pooled = {key: pd.concat([NO_PAIRS, *found.values()]) for key, found in pairs.items()}
    for policy in dict.fromkeys(arm for arm, _ in pooled):
        mine = {outcome: both for (arm, outcome), both in pooled.items() if arm == policy}
        for row in _rows(results, (f"all {len(results.scenarios)} worlds", policy), mine, months, method="t"):
            yield replace(row, low=None, high=None)


def _rows(
    results: Results, where: tuple[str, str], pairs: Mapping[str, pd.DataFrame], horizon: float, *, method: str
) -> Iterator[Row]:
    """The rows of a scenario and policy, from its pairs by outcome and the horizon in months."""
    scenario, policy = where
    for outcome in results.manifest["experiment"]["outcomes"]:
        both = pairs[outcome]
        values, reference = both["value"], both["reference"]
        unit = results.observables[outcome]["unit"]
        if outcome != LAUNCH:
            yield _row((scenario, policy, outcome, unit), values, reference, method)
            continue
        name = (scenario, policy, f"{outcome}, mean", unit)
        yield _row(name, restricted(values, horizon), restricted(reference, horizon), method)
        launched = pairs[LAUNCHED]
        yield _row((scenario, policy, "share launched", "1"), launched["value"], launched["reference"], method)
        medians = (median_month(reference, launched["reference"]), median_month(values, launched["value"]))
        median_name = f"{outcome}, median"
        yield Row(scenario, policy, median_name, unit, *medians, None, None, None, len(both))


def _row(name: tuple[str, str, str, str], values: Sequence[float], reference: Sequence[float], method: str) -> Row:
    paired = paired_difference(values, reference, method=method)
    if not paired.n:    # what exists in one arm alone still has its level
        return Row(*name, mean_level(reference), mean_level(values), None, None, None, 0)
    return Row(*name, paired.reference, paired.level, paired.mean, paired.low, paired.high, paired.n)


def _bindings(results: Results) -> Iterator[Binding]:
    for (scenario, policy), runs in results.runs.groupby(["scenario", "policy"], sort=False):
        shares = binding_shares(runs["quality_bound"] > 0, runs["capacity_bound"] > 0)
        yield Binding(scenario, policy, len(runs), shares)


def _notes(results: Results, outcomes: Sequence[str], interval: Interval) -> Iterator[str]:
    yield (
        "Levels are means over runs. Differences are taken run by run of the same seed, those of shares in percentage "
        f"points; intervals for their mean are {interval}; n counts the pairs; '-' where pairs are lacking."
    )
    if LAUNCH in outcomes:
        horizons = sorted({f"{horizon_months(results, scenario):.1f}" for scenario in results.scenarios})
        yield (
            f"The mean of {LAUNCH} is the restricted mean of min(T, horizon), horizon {' or '.join(horizons)} months: a "
            f"run without launch counts with the horizon. The median is '{NOT_REACHED}' where fewer than half launched."
        )
    for name in outcomes:
        about = results.observables[name]
        yield f"{name} [{_unit(about['unit'])[0]}]: {about['meaning']}"


def _of_all_worlds(report: Report) -> Report:
    """The report with its overall rows alone, and where to read about single worlds."""
    note = (
        f"Of {len({row.scenario for row in report.rows})} worlds only what holds over all their runs is printed, without "
        "intervals, since worlds of a design are chosen and not drawn by chance; --format json has every world. What moves "
        "an outcome over a Morris or Saltelli design: python -m analysis.sensitivity DIR --outcome NAME.")
    return replace(report, rows=report.overall, overall=(), bindings=(), luck=(), notes=(note, *report.notes))


def _lines(report: Report) -> Iterator[str]:
    if report.overall:
        report = _of_all_worlds(report)
    largest: dict[str, float] = {}
    for row in report.rows:
        largest[row.outcome] = max(largest.get(row.outcome, 0.0), *row.sizes)
    worlds = {row.scenario for row in report.rows} | {one.scenario for one in report.bindings}
    several = len(worlds) > 1
    for scenario, policy in dict.fromkeys((row.scenario, row.policy) for row in report.rows):
        rows = [row for row in report.rows if (row.scenario, row.policy) == (scenario, policy)]
        where = f" in {scenario}" if several else ""
        yield f"{policy} - {report.against}{where}"
        interval = f"{100 * report.interval.confidence:g} % interval"
        head = ("outcome", "unit", report.against, policy, "difference", interval, "n")
        yield from columns([head, *(_cells(row, largest[row.outcome]) for row in rows)], left=2)
        yield ""
    if report.bindings:
        yield "Runs in which a constraint bound in a review of DeepSeek's next launch, %"
        cases = tuple(report.bindings[0].shares)
        body = [_binding_cells(one, several) for one in report.bindings]
        yield from columns([("policy", *cases, "n"), *body], left=1)
        yield ""
    if known := [one for one in report.luck if one.times is not None]:
        yield "Common luck: times more seeds that arms with luck of their own would need for the same precision"
        head = ("policy", "outcome", "times", "n")
        body = [(_named(one, several), one.outcome, f"{one.times:.2g}", str(one.n)) for one in known]
        yield from columns([head, *body], left=2)
        yield ""
    for note in report.notes:
        yield from textwrap.wrap(note, WIDTH, subsequent_indent="  ")


def _named(one: Binding | Luck, several: bool) -> str:
    return f"{one.scenario}: {one.policy}" if several else one.policy


def _binding_cells(one: Binding, several: bool) -> tuple[str, ...]:
    return (_named(one, several), *(f"{100 * share:.0f}" for share in one.shares.values()), str(one.n))


def _cells(row: Row, largest: float) -> tuple[str, ...]:
    """A row as text, all its numbers with the same decimals; ``largest`` of the outcome's levels chooses the unit."""
    unit, scale = _unit(row.unit, largest)
    decimals = _decimals(row, scale)

    def cell(value: float | None, none: str = DASH, sign: str = "") -> str:
        return none if value is None else f"{round(value * scale, decimals) + 0.0:{sign},.{decimals}f}"

    missing = NOT_REACHED if row.outcome.endswith(", median") else DASH
    interval = DASH if row.low is None or row.high is None else f"{cell(row.low)} to {cell(row.high)}"
    levels = (cell(level, missing) for level in (row.reference, row.level))
    return (row.outcome, unit, *levels, cell(row.difference, sign="+"), interval, str(row.n))


def _unit(unit: str, largest: float = 0.0) -> tuple[str, float]:
    """The unit that is printed, and what values are multiplied with: shares in per cent, large numbers in thousands."""
    if unit == "1":
        return "%", 100.0
    return (f"1,000 {unit}", 1e-3) if largest >= THOUSANDS_FROM else (unit, 1.0)


def _decimals(row: Row, scale: float) -> int:
    """As many decimals as three digits of the larger level need, or two of the difference."""
    sizes = ((max(row.sizes), LEVEL_DIGITS), (abs(row.difference or 0.0), DIFFERENCE_DIGITS))
    wanted = [digits - 1 - math.floor(math.log10(size * scale)) for size, digits in sizes if size > 0]
    return min(max([*wanted, 0]), MOST_DECIMALS)
