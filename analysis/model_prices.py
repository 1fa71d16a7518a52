"""Prices of a finished run with its burn-in, in the shape of a user's table, so that real prices and the model's are
studied by the same code.

Results keep no day before the first free one and the market's level once a month; so the run is done again, which gives
the same prices to the last bit. ``python -m analysis.model_prices DIR RUN_ID > FILE.csv`` writes what
``python -m analysis.event_study --prices FILE.csv --market market`` reads. Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pandas as pd

from abm.bench.experiment_file import load_experiment
from abm.bench.provenance import EXPERIMENT_FILE
from abm.calendar import trading_days
from abm.errors import InputError
from abm.experiment import Experiment
from abm.model import Model
from abm.results import Results
from analysis.command_line import run

NAME = "analysis.model_prices"
MARKET = "market"
"""The ticker under which the level of the market layer stands among the prices."""

CALENDAR_DAYS = 2
"""Calendar days that hold at least one trading day, however many are taken."""


def experiment_of(results: Results) -> Experiment:
    """The experiment that a results folder holds a copy of.

    Raises InputError where it holds none.
    """
    path = results.folder / EXPERIMENT_FILE
    if not path.is_file():
        raise InputError(f"results folder {results.folder} has no {EXPERIMENT_FILE}: its runs cannot be done again")
    return load_experiment(path, beside=Path(results.manifest["experiment"]["folder"]))


def model_prices(row: Mapping[str, Any], experiment: Experiment, until: date) -> pd.DataFrame:
    """Closing prices of a run (a row of ``Results.runs``) up to a day: columns Date, ticker, price; the market is one.

    Raises InputError where the run is of other code or of another experiment.
    """
    run = experiment.one(row["scenario"], row["policy"], int(row["seed"]))
    if run.run_id != row["run_id"]:
        raise InputError(f"run {row['run_id']} is of other code or of another experiment: it cannot be done again")
    model = Model(run.scenario, run.policy, seed=run.seed, until=until)
    model.run()
    return prices_of(model)


def prices_of(model: Model) -> pd.DataFrame:
    """Closing prices of a model that has run, from the first day of its burn-in: columns Date, ticker, price."""
    history = model.equities.history
    before = len(history) - model.day
    eve = model.world.start - timedelta(days=1)
    past = trading_days(eve - timedelta(days=CALENDAR_DAYS * before + CALENDAR_DAYS), eve)[-before:] if before else ()
    days = [*past, *model.calendar[: model.day]]
    table = pd.DataFrame([one.prices for one in history], index=days, columns=list(model.equities.tickers))
    table[MARKET] = [one.market_level for one in history]
    return table.rename_axis("Date").reset_index().melt("Date", var_name="ticker", value_name="price")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("run_id")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day. [default: that of the run]")
def command(*, folder: Path, run_id: str, until: datetime | None) -> None:
    """Print the daily prices of a run in the results folder DIR as CSV: Date, ticker, price; RUN_ID may be shortened.

    They begin with the burn-in, and the level of the model's market stands among them under the ticker "market".
    """
    results = Results.load(folder)
    row, experiment = results.identify(run_id), experiment_of(results)
    horizon = experiment.one(row["scenario"], row["policy"], int(row["seed"])).until
    prices = model_prices(row, experiment, until.date() if until is not None else horizon)
    click.echo(prices.to_csv(index=False), nl=False)


if __name__ == "__main__":
    run(command, NAME)
