"""Event studies as text: aligned tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from abm.bench.aligned import columns
from analysis.event_study.joint_tests import JointTest
from analysis.event_study.market_model import Design, Reaction

NOT_SHOWN = ("day", "standardised", "residuals", "cumulative", "window_start", "window_end")


def as_json(reactions: Sequence[Reaction]) -> str:
    """A list of objects, one a reaction: returns as fractions, dates as text, null where refused."""
    return json.dumps([_plain(one) for one in reactions], indent=2, default=str)


def _plain(one: Reaction) -> dict[str, Any]:
    numbers = {name: value for name, value in vars(one).items() if name not in NOT_SHOWN}
    used = None if one.window_start is None else [one.window_start, one.window_end]
    sums = [asdict(part) for part in one.cumulative]
    return {"date": one.day, **numbers, "window": used, "cumulative": sums}


def as_table(reactions: Sequence[Reaction], design: Design) -> str:
    """Aligned rows, returns in per cent, with what was refused and a line on how the numbers come about."""
    sums = [f"CAR {start}..{end} %" for start, end in design.cumulative]
    extra = [cell for name in sums for cell in (name, "t")]
    head = ("event", "ticker", "trading day", "raw %", "market %", "abnormal %", "t", "beta", "n", *extra)
    rows = [head, *(_row(one) for one in reactions if one.refused is None)]
    lines = list(columns(rows, left=3)) if len(rows) > 1 else []
    first, last = design.window
    lines.append(
        f"Simple returns; market model on {design.market} by least squares, trading days {first} to {last} from the event; "
        "t: abnormal return over the residuals' standard deviation (ddof 2)."
    )
    return "\n".join(lines)


def _row(one: Reaction) -> list[str]:
    moved = "" if one.trading_day == one.day else f" (for {one.day})"
    sums = [cell for part in one.cumulative for cell in (percent(part.abnormal_return), decimals(part.t))]
    return [
        one.event, one.ticker, f"{one.trading_day}{moved}", percent(one.raw_return), percent(one.market_return),
        percent(one.abnormal_return), decimals(one.t), decimals(one.beta), str(one.n), *sums,
    ]  # fmt: skip


def refusals(reactions: Sequence[Reaction]) -> Iterator[str]:
    """A sentence for each reaction that is not given."""
    for one in reactions:
        if one.refused is not None:
            yield f"{one.day} {one.event}, {one.ticker}: {one.refused}"


def tests_as_json(tests: Sequence[JointTest]) -> str:
    """A list of objects, one a test."""
    return json.dumps([{"date": one.day, **{k: v for k, v in vars(one).items() if k != "day"}} for one in tests],
                      indent=2, default=str)  # fmt: skip


def tests_as_table(tests: Sequence[JointTest]) -> str:
    """Aligned rows, one a share over its events and one an event over its shares."""
    head = ("over", "of", "n", "mean abnormal %", "Patell z", "Boehmer t", "Kolari t", "correlation")
    rows = [_test_row(one) for one in tests]
    note = ("Patell 1976; Boehmer, Musumeci and Poulsen 1991; Kolari and Pynnonen 2010, for shares of one event, whose "
            "residuals have the mean correlation shown.")  # fmt: skip
    return "\n".join([*columns([head, *rows], left=2), note])


def _test_row(one: JointTest) -> list[str]:
    which = ["events", one.ticker] if one.ticker is not None else ["shares", f"{one.day} {one.event}"]
    numbers = (one.patell, one.boehmer, one.kolari, one.correlation)
    return [*which, str(one.count), percent(one.mean), *(decimals(number) for number in numbers)]


def percent(value: float | None) -> str:
    """A fraction in per cent with two decimals, or a dash."""
    return decimals(None if value is None else 100 * value)


def decimals(value: float | None) -> str:
    """A number with two decimals, or a dash."""
    return "-" if value is None else f"{value:.2f}"
