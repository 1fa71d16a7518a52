"""What ``abm run`` prints: paired differences from the reference policy, and what bound in DeepSeek's launch reviews."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from abm.calendar import months_between
from abm.compare import binding_shares, median_month, paired_difference, restricted
from abm.results import Results

LAUNCH = "next_launch_months"
LAUNCHED = "next_launched"
DASH = "-"
NOT_REACHED = "not reached"
SIGNIFICANT_DIGITS = 4


@dataclass(frozen=True)
class Row:
    """One line of the table: levels of both arms and their paired difference with its 95 % interval, in one unit."""

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


@dataclass(frozen=True)
class Binding:
    """The shares of an arm's runs in which quality, capacity, both or neither ever bound in a launch review."""

    scenario: str
    policy: str
    n: int
    shares: dict[str, float]


@dataclass(frozen=True)
class Report:
    """The comparison of all arms with the reference policy, and what its numbers mean."""

    experiment: str
    against: str
    rows: tuple[Row, ...]
    bindings: tuple[Binding, ...]
    notes: tuple[str, ...]

    def as_json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """The report as tables for a terminal."""
        return "\n".join(_lines(self))


def report(results: Results) -> Report:
    """Compare every policy with the reference policy of the experiment, for each scenario."""
    about = results.manifest["experiment"]
    against = about["against"]
    rows: list[Row] = []
    if against in results.policies:
        for scenario in results.scenarios:
            for policy in results.policies:
                if policy != against:
                    rows.extend(_rows(results, scenario, policy))
    bindings = tuple(_bindings(results))
    return Report(about["name"], against, tuple(rows), bindings, tuple(_notes(results, about["outcomes"])))


def horizon_months(results: Results, scenario: str) -> float:
    """The months from the first day of a scenario to the last day of its runs."""
    about = results.manifest["scenarios"][scenario]
    return months_between(date.fromisoformat(about["start"]), date.fromisoformat(about["until"]))


def _rows(results: Results, scenario: str, policy: str) -> Iterator[Row]:
    against = results.manifest["experiment"]["against"]
    for outcome in results.manifest["experiment"]["outcomes"]:
        both = results.pairs(outcome, policy=policy, against=against, scenario=scenario)
        values, reference = both["value"], both["reference"]
        unit = results.observables[outcome]["unit"]
        if outcome != LAUNCH:
            yield _row((scenario, policy, outcome, unit), values, reference)
            continue
        horizon = horizon_months(results, scenario)
        name = (scenario, policy, f"{outcome}, restricted mean", unit)
        yield _row(name, restricted(values, horizon), restricted(reference, horizon))
        launched = results.pairs(LAUNCHED, policy=policy, against=against, scenario=scenario)
        yield _row((scenario, policy, "share launched", "1"), launched["value"], launched["reference"])
        medians = (median_month(reference, launched["reference"]), median_month(values, launched["value"]))
        median_name = f"{outcome}, median"
        yield Row(scenario, policy, median_name, unit, *medians, None, None, None, len(both))


def _row(name: tuple[str, str, str, str], values: Sequence[float], reference: Sequence[float]) -> Row:
    paired = paired_difference(values, reference)
    return Row(*name, paired.reference, paired.level, paired.mean, paired.low, paired.high, paired.n)


def _bindings(results: Results) -> Iterator[Binding]:
    for scenario in results.scenarios:
        for policy in results.policies:
            runs = results.runs[(results.runs["scenario"] == scenario) & (results.runs["policy"] == policy)]
            if len(runs):
                shares = binding_shares(runs["quality_bound"] > 0, runs["capacity_bound"] > 0)
                yield Binding(scenario, policy, len(runs), shares)


def _notes(results: Results, outcomes: Sequence[str]) -> Iterator[str]:
    yield (
        "Differences are taken run by run of the same seed; intervals are 95 % Student t intervals for their mean "
        "(scipy.stats.t); n counts the pairs; '-' where two pairs are lacking."
    )
    if LAUNCH in outcomes:
        horizons = sorted({f"{horizon_months(results, scenario):.1f}" for scenario in results.scenarios})
        yield (
            f"A launch counts as min(T, horizon), horizon {' or '.join(horizons)} months: a run without launch counts "
            f"with the horizon. The median is '{NOT_REACHED}' where fewer than half of the runs launched."
        )
    for name in outcomes:
        about = results.observables[name]
        yield f"{name} [{about['unit']}]: {about['meaning']}"


def _lines(report: Report) -> Iterator[str]:
    several = len({row.scenario for row in report.rows} | {one.scenario for one in report.bindings}) > 1
    for scenario, policy in dict.fromkeys((row.scenario, row.policy) for row in report.rows):
        rows = [row for row in report.rows if (row.scenario, row.policy) == (scenario, policy)]
        where = f" in {scenario}" if several else ""
        yield f"{policy} - {report.against}{where}"
        head = ("outcome", "unit", report.against, policy, "difference", "95 % interval", "n")
        yield from columns([head, *(_cells(row) for row in rows)], left=2)
        yield ""
    if report.bindings:
        yield "Share of runs in which a constraint bound in a review of DeepSeek's next launch"
        cases = tuple(report.bindings[0].shares)
        body = [
            (f"{one.scenario}: {one.policy}" if several else one.policy, *(f"{one.shares[c]:.2f}" for c in cases), str(one.n))
            for one in report.bindings
        ]
        yield from columns([("policy", *cases, "n"), *body], left=1)
        yield ""
    yield from report.notes


def _cells(row: Row) -> tuple[str, ...]:
    median = row.outcome.endswith(", median")
    levels = [NOT_REACHED if median and level is None else significant(level) for level in (row.reference, row.level)]
    interval = DASH if row.low is None or row.high is None else f"{significant(row.low)} to {significant(row.high)}"
    return (row.outcome, row.unit, *levels, significant(row.difference, sign=True), interval, str(row.n))


def significant(value: float | None, *, sign: bool = False) -> str:
    """A number with four significant digits and separated thousands, or a dash for none."""
    if value is None:
        return DASH
    mark = "+" if sign else ""
    rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    long = abs(rounded) >= 10 ** (SIGNIFICANT_DIGITS - 1)
    return f"{value:{mark},.0f}" if long else f"{value:{mark}.{SIGNIFICANT_DIGITS}g}"


def columns(rows: Sequence[Sequence[str]], *, left: int) -> Iterator[str]:
    """Rows of cells as aligned lines under a ruled head, the first so many columns to the left, the others right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  " + "  ".join(cells).rstrip()
        if number == 0:
            yield "  " + "  ".join("-" * width for width in widths)
