"""Abnormal returns on dated events: ``python -m analysis.event_study --prices FILE --events FILE``.

Exit codes: 0 done, 2 bad input or every event refused.
"""

from __future__ import annotations

from pathlib import Path

import click

from abm.errors import InputError, unknown
from analysis.command_line import BAD_INPUT, run
from analysis.event_study.joint_tests import joint_tests
from analysis.event_study.market_model import Design, study
from analysis.event_study.reports import as_json, as_table, refusals, tests_as_json, tests_as_table
from analysis.event_study.tables_of_users import read_events, read_prices

NAME = "analysis.event_study"
DEFAULT = Design()


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--prices", type=click.Path(path_type=Path), required=True, help="CSV file: Date, ticker, price.")
@click.option("--events", type=click.Path(path_type=Path), required=True, help="CSV file: date, event.")
@click.option("--market", default=DEFAULT.market, show_default=True, help="Ticker of the market index.")
@click.option("--window", type=int, nargs=2, default=DEFAULT.window, show_default=True,
              help="First and last trading day of estimation, from the event.")  # fmt: skip
@click.option("--minimum", type=int, default=DEFAULT.minimum, show_default=True,
              help="Refuse an event with fewer days of estimation.")  # fmt: skip
@click.option("--car", type=int, nargs=2, multiple=True, metavar="FIRST LAST",
              help="Also sum abnormal returns over these days, from the event; may be repeated.")  # fmt: skip
@click.option("--ticker", "tickers", multiple=True, help="Study this ticker alone; may be repeated. [default: all]")
@click.option("--tests", is_flag=True, help="Test all events of a share, and all shares of an event, at once.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def event_study(  # the options of a command arrive as keyword arguments
    *, prices: Path, events: Path, market: str, window: tuple[int, int], minimum: int, car: tuple[tuple[int, int], ...],
    tickers: tuple[str, ...], tests: bool, form: str,
) -> int:  # fmt: skip
    """Say what each share did on each event, raw and beyond what the market explains.

    An event on a day without prices counts on the share's next trading day. An event that cannot be studied is named
    on standard error and does not stop the others.
    """
    design = Design(market=market, window=window, minimum=minimum, cumulative=car)
    table = read_prices(prices)
    for ticker in tickers:
        if ticker not in set(table["ticker"]):
            raise unknown("ticker", ticker, set(table["ticker"]))
    kept = table[table["ticker"].isin([*tickers, market])] if tickers else table
    reactions = study(kept, read_events(events), design)
    if not reactions:
        raise InputError(f'price file {prices.name} has no ticker besides the market "{market}"')
    for sentence in refusals(reactions):
        click.echo(f"{NAME}: refused: {sentence}", err=True)
    if tests:
        found = joint_tests(reactions)
        click.echo(tests_as_json(found) if form == "json" else tests_as_table(found))
    else:
        click.echo(as_json(reactions) if form == "json" else as_table(reactions, design))
    return BAD_INPUT if all(one.refused is not None for one in reactions) else 0


if __name__ == "__main__":
    run(event_study, NAME)
