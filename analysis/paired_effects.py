"""What an event does to the model's prices: the difference of log prices between two arms of the same seed, day by day.

``python -m analysis.paired_effects DIR --arm SCENARIO --against SCENARIO --day 2025-01-27``. Both arms have the same luck,
so the difference is nil until the event and afterwards the event alone. Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import numpy as np
import pandas as pd

from abm.bench.aligned import columns
from abm.errors import InputError, unknown
from abm.results import Results
from analysis.command_line import run

NAME = "analysis.paired_effects"
HORIZONS = (0, 1, 5, 20, 60)


@dataclass(frozen=True, kw_only=True)
class PairedEffect:
    """Mean and standard deviation over ``n`` seeds of one stock's log price difference, some trading days after an event.

    ``t`` is the mean over its standard error, None below two seeds or where the seeds do not differ; ``fallen`` the
    share of seeds in which the difference is negative.
    """

    ticker: str
    horizon: int
    day: date
    mean: float
    sd: float | None
    t: float | None
    fallen: float
    n: int


def log_prices(results: Results, scenario: str, policy: str) -> pd.DataFrame:
    """ln price in USD of one arm: a row a seed and trading day, a column a ticker, in the order of the scenario.

    Raises InputError for an unknown scenario or policy.
    """
    if scenario not in results.scenarios:
        raise unknown("scenario", scenario, results.scenarios)
    prices = results.series("price", policy=policy)
    prices = prices[prices["scenario"] == scenario]
    tickers = [row["ticker"] for row in results.manifest["scenarios"][scenario]["content"]["securities"]]
    return np.log(prices.pivot(index=["seed", "date"], columns="label", values="value")[tickers])


def effect_paths(arm: pd.DataFrame, against: pd.DataFrame) -> pd.DataFrame:
    """Log price in one arm less that in another, by seed and day, for the seeds and days of both.

    Raises InputError where they share no seed.
    """
    difference = (arm - against).dropna(how="all")
    if difference.empty:
        raise InputError("the two arms have no seed and day in common")
    return difference


def day_after(paths: pd.DataFrame, day: date, horizon: int) -> date:
    """The trading day that lies some trading days after the first one from a date on (negative: before).

    Raises InputError where the runs do not reach so far.
    """
    days = paths.index.unique("date").sort_values()
    place = int(days.searchsorted(day)) + horizon
    if not 0 <= place < len(days):
        raise InputError(f"day = {day} with horizon = {horizon} lies outside the runs, {days[0]} to {days[-1]}")
    return days[place]


def at_horizon(paths: pd.DataFrame, day: date, horizon: int) -> pd.DataFrame:
    """The rows of the day that ``day_after`` names, by seed. Raises InputError as it does."""
    return paths.xs(day_after(paths, day, horizon), level="date")


def paired_effects(paths: pd.DataFrame, day: date, horizons: Sequence[int] = HORIZONS) -> list[PairedEffect]:
    """The effect on every stock at every horizon, in trading days from a date."""
    days = {horizon: day_after(paths, day, horizon) for horizon in sorted(horizons)}
    return [
        _effect(paths[ticker].xs(counted, level="date").dropna(), ticker, horizon, counted)
        for ticker in paths for horizon, counted in days.items()
    ]


def _effect(values: pd.Series, ticker: str, horizon: int, day: date) -> PairedEffect:
    n, mean = len(values), float(values.mean())
    sd = float(values.std(ddof=1)) if n > 1 else None
    t = mean / (sd / math.sqrt(n)) if sd else None
    return PairedEffect(
        ticker=ticker, horizon=horizon, day=day, mean=mean, sd=sd, t=t, fallen=float((values < 0).mean()), n=n
    )


def as_table(effects: Sequence[PairedEffect], arm: str, against: str) -> str:
    """Aligned rows in hundredths of a log price."""
    head = ("ticker", "days after", "date", "mean", "sd", "t", "negative %", "n")
    rows = [
        (one.ticker, str(one.horizon), str(one.day), f"{100 * one.mean:.2f}", *(
            "-" if value is None else f"{scale * value:.2f}" for value, scale in ((one.sd, 100), (one.t, 1))
        ), f"{100 * one.fallen:.0f}", str(one.n))
        for one in effects
    ]  # fmt: skip
    note = f"100 x (ln price under {arm} - ln price under {against}), pairs of the same seed; sd and t over seeds."
    return "\n".join([*columns([head, *rows], left=1), note])


def _arm(results: Results, text: str) -> pd.DataFrame:
    """The log prices of an arm given as SCENARIO or SCENARIO:POLICY; the first policy where none is said."""
    scenario, _, policy = text.partition(":")
    return log_prices(results, scenario, policy or results.policies[0])


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--arm", required=True, metavar="SCENARIO[:POLICY]", help="The arm with the event.")
@click.option("--against", required=True, metavar="SCENARIO[:POLICY]", help="The arm without it.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day of the event.")
@click.option("--horizon", "horizons", type=int, multiple=True, default=HORIZONS, show_default=True,
              help="Trading days after the event; may be repeated.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(  # the options of a command arrive as keyword arguments
    *, folder: Path, arm: str, against: str, day: object, horizons: tuple[int, ...], form: str
) -> None:
    """Say by how much an event moved each stock of the model in the results folder DIR, and for how long."""
    results = Results.load(folder)
    paths = effect_paths(_arm(results, arm), _arm(results, against))
    effects = paired_effects(paths, day.date(), horizons)
    click.echo(json.dumps([vars(one) for one in effects], indent=2, default=str) if form == "json" else
               as_table(effects, arm, against))  # fmt: skip


if __name__ == "__main__":
    run(command, NAME)
