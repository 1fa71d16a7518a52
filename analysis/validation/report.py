"""The scores as tables and as JSON: free targets and fitted ones apart, misses by name, and the paired effects."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from abm.bench.aligned import columns
from analysis.validation.paired import DEEPER, LAUNCHED, Difference
from analysis.validation.scoring import SHARE, Score, Target, Unscored
from analysis.validation.targets import ELSEWHERE

WIDTH = 118
DASH = "-"
DIGITS = 3
PERCENT = ("1", SHARE, LAUNCHED)

COMMANDS = (
    "abm run experiments/validation.py",
    "abm run experiments/validation_2022.py",
    "python -m analysis.validation results/validation results/validation_2022",
)


def how_to_make_results() -> str:
    """What to run before there is anything to score."""
    return "\n".join(["No results are given. These commands make them and score them:", *(f"  {one}" for one in COMMANDS)])


def is_fitted(score: Score) -> bool:
    """Whether something set the target's value in the scenario of the score."""
    return bool(score.fitted_by)


def counts(scores: Sequence[Score]) -> dict[str, int]:
    """Of some scores how many have a value, and how many of these lie inside."""
    valued = [one for one in scores if one.inside is not None]
    inside = sum(bool(one.inside) for one in valued)
    return {"scored": len(valued), "inside": inside, "without a value": len(scores) - len(valued)}


def as_json(scores: Sequence[Score], unscored: Sequence[Unscored], differences: Sequence[Difference]) -> str:
    """Everything as one JSON object."""
    report = {
        "counts": {
            "free": counts([one for one in scores if not is_fitted(one)]),
            "fitted": counts([one for one in scores if is_fitted(one)])},
        "scores": [_plain_score(one) for one in scores],
        "unscored": [{**_plain_target(one.target), "needs": one.reason} for one in unscored],
        "paired": [asdict(one) for one in differences],
        "elsewhere": ELSEWHERE,
    }
    return json.dumps(report, indent=1, default=str)


def _plain_target(target: Target) -> dict[str, Any]:
    names = ("pattern", "what", "unit", "low", "high", "band", "source", "since", "until")
    return {name: getattr(target, name) for name in names}


def _plain_score(score: Score) -> dict[str, Any]:
    names = ("experiment", "scenario", "policy", "n", "lacking", "mean", "distance", "relative", "inside", "inside_runs",
             "fitted_by")
    model = {"model_low": score.low, "model_high": score.high}
    return _plain_target(score.target) | {name: getattr(score, name) for name in names} | model


def as_text(scores: Sequence[Score], unscored: Sequence[Unscored], differences: Sequence[Difference]) -> str:
    """Everything as tables for a terminal."""
    return "\n".join(_lines(scores, unscored, differences))


def _lines(
    scores: Sequence[Score], unscored: Sequence[Unscored], differences: Sequence[Difference]
) -> Iterator[str]:
    for title, fitted in (("Free targets", False), ("Fitted targets", True)):
        chosen = [one for one in scores if is_fitted(one) is fitted]
        yield f"{title}: {_counted(chosen)}"
        for origin in dict.fromkeys(map(_origin, chosen)):
            yield f"in {origin}"
            yield from columns([_head(fitted), *(_row(one, fitted) for one in chosen if _origin(one) == origin)], left=2)
        yield ""
    yield from _misses(scores)
    yield from _paired(differences)
    yield from _not_scored(unscored)
    yield from _notes()


def _origin(score: Score) -> str:
    return f"{score.scenario} under {score.policy} (experiment {score.experiment})"


def _counted(scores: Sequence[Score]) -> str:
    if not scores:
        return "none; what these runs cover is all of the other kind"
    found = counts(scores)
    lacking = f", {found['without a value']} without a value in any run" if found["without a value"] else ""
    return f"{found['inside']} of {found['scored']} inside their bands{lacking}"


def _head(fitted: bool) -> tuple[str, ...]:
    common = ("", "target", "unit", "band", "model", "5-95 %", "n", "score", "runs in", "source")
    return (*common, "fitted by") if fitted else common


def _row(score: Score, fitted: bool) -> tuple[str, ...]:
    target = score.target
    unit, scale = ("%", 100.0) if target.unit in PERCENT else (target.unit, 1.0)
    spread = DASH if score.low is None or score.high is None else f"{_number(score.low, scale)} to {_number(score.high, scale)}"
    n = f"{score.n}+{score.lacking}" if score.lacking else str(score.n)
    inside_runs = DASH if score.inside_runs is None else f"{100 * score.inside_runs:.0f} %"
    row = (target.pattern, target.what, unit, band_of(target), _number(score.mean, scale), spread, n, verdict(score),
           inside_runs, target.source)
    return (*row, ", ".join(score.fitted_by)) if fitted else row


def band_of(target: Target) -> str:
    """The band as it is printed, in the printed unit."""
    scale = 100.0 if target.unit in PERCENT else 1.0
    low, high = (_number(one, scale) for one in (target.low, target.high))
    if target.high is None:
        return f"at least {low}"
    if target.low is None:
        return f"at most {high}"
    return low if low == high else f"{low} to {high}"


def verdict(score: Score) -> str:
    """Inside, or by how much outside: over the nearer bound, or in the unit where that is nothing."""
    if score.distance is None:
        return "no value"
    if score.inside:
        return "inside"
    if score.target.unit in PERCENT:
        return f"OUTSIDE {100 * score.distance:+.1f} points"
    if score.relative is None:
        return f"OUTSIDE {score.distance:+.3g}"
    percent = 100 * score.relative
    return f"OUTSIDE {percent:+.0f} %" if abs(percent) >= 1 else f"OUTSIDE {percent:+.1g} %"


def _number(value: float | None, scale: float = 1.0) -> str:
    if value is None:
        return DASH
    shown = value * scale
    if shown == 0 or not math.isfinite(shown):
        return f"{shown:g}"
    decimals = max(DIGITS - 1 - math.floor(math.log10(abs(shown))), 0)
    text = f"{shown:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _misses(scores: Sequence[Score]) -> Iterator[str]:
    missed = [one for one in scores if one.inside is False]
    if not missed:
        return
    yield f"Missed: {len(missed)}"
    for one in missed:
        kind = "fitted" if is_fitted(one) else "free"
        scale = 100.0 if one.target.unit in PERCENT else 1.0
        unit = "%" if one.target.unit in PERCENT else one.target.unit
        yield (f"  {one.target.pattern} {one.target.what} ({one.scenario}, {kind}): {_number(one.mean, scale)} {unit}, "
               f"band {band_of(one.target)}")
    yield ""


def _paired(differences: Sequence[Difference]) -> Iterator[str]:
    for experiment, scenario, against in dict.fromkeys((one.experiment, one.scenario, one.against) for one in differences):
        rows = [one for one in differences if (one.experiment, one.scenario, one.against) == (experiment, scenario, against)]
        deeper = "; the deeper counterfactual" if against == DEEPER else ""
        yield f"historical - {against} in {scenario} (experiment {experiment}), pairs of the same seed{deeper}"
        head = ("outcome", "unit", against, "historical", "difference", "95 % interval", "n")
        yield from columns([head, *map(_paired_row, rows)], left=2)
        yield ""
    if DEEPER not in {one.against for one in differences}:
        yield f"Not compared: the deeper counterfactual from October 2022 ({DEEPER}); {COMMANDS[1]} gives it."
        yield ""


def _paired_row(one: Difference) -> tuple[str, ...]:
    paired, scale = one.paired, 100.0 if one.unit in PERCENT else 1.0
    unit = "%" if one.unit in PERCENT else one.unit
    interval = DASH if paired.low is None else f"{_number(paired.low, scale)} to {_number(paired.high, scale)}"
    return (one.what, unit, _number(paired.reference, scale), _number(paired.level, scale), _number(paired.mean, scale),
            "all pairs agree" if one.agrees else interval, str(paired.n))


def _not_scored(unscored: Sequence[Unscored]) -> Iterator[str]:
    if unscored:
        yield f"Not scored for want of results: {len(unscored)}"
        for reason in dict.fromkeys(one.reason for one in unscored):
            targets = [one.target for one in unscored if one.reason == reason]
            span = f"from {min(one.since for one in targets)} to {max(one.until for one in targets)}"
            names = "; ".join(one.what for one in targets)
            yield from textwrap.wrap(f"{reason} {span}: {names}", WIDTH, initial_indent="  ", subsequent_indent="    ")
        yield f"  {COMMANDS[1]} gives those before 2025."
        yield ""
    yield "Patterns that are no level are judged elsewhere"
    yield from (f"  {pattern:4}{where}" for pattern, where in ELSEWHERE.items())
    yield ""


def _notes() -> Iterator[str]:
    for note in (
        "Model: mean over the runs that have a value (n; + those that have none or do not count), with their 5th and 95th "
        "percentile; of a share of runs its 95 % Wilson interval. The score is the mean's; 'runs in' is the share of runs "
        "whose own value lies in the band. '+10 %' lies a tenth of the upper bound above it.",
        "A target is fitted where a number that calibration may move, a number taken from the same source, or a table of the "
        "opening set its value; the rest is free. Sources: abm/scenario/sources.toml and analysis/validation/citations.toml.",
        "Differences: paired runs; intervals are 95 % Student t intervals for the mean (scipy.stats.t), of shares adjusted "
        "Wald intervals (Bonett and Price 2012).",
    ):
        yield from textwrap.wrap(note, WIDTH, subsequent_indent="  ")
