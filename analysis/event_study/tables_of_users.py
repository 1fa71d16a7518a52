"""A user's tables of prices and events, read with every slip named by file, line, field and value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abm.errors import InputError, nearest
from abm.scenario.declare import table_rows

PRICE_COLUMNS = ("Date", "ticker", "price")
EVENT_COLUMNS = ("date", "event")


def read_prices(path: Path) -> pd.DataFrame:
    """Closing prices with the columns Date, ticker and price, in any order of rows; further columns are left out.

    Raises InputError naming file, line, field and value for a date that is none, a price that is missing or not above
    zero, a day that a ticker has twice, and the nearest valid name for a column that is lacking.
    """
    table = _read(path, "price", PRICE_COLUMNS)
    _check_filled(table, path, "price", "ticker")
    table["Date"] = _dates(table, path, "price", "Date")
    table["price"] = _positive(table, path)
    twice = table.duplicated(["Date", "ticker"])
    if twice.any():
        line = twice.idxmax()
        row = table.loc[line]
        raise InputError(f'price file {path.name}, line {line}: ticker = "{row.ticker}" has a price on {row.Date} already')
    return table.sort_values("Date", kind="stable").reset_index(drop=True)


def read_events(path: Path) -> pd.DataFrame:
    """Events with the columns date and event (what happened), in their order; further columns are left out.

    Raises InputError as ``read_prices`` does; an event may stand on any day, but not twice on one.
    """
    table = _read(path, "event", EVENT_COLUMNS)
    _check_filled(table, path, "event", "event")
    table["date"] = _dates(table, path, "event", "date")
    twice = table.duplicated()
    if twice.any():
        line = twice.idxmax()
        raise InputError(f'event file {path.name}, line {line}: event = "{table.loc[line].event}" is there twice')
    return table.reset_index(drop=True)


def _read(path: Path, what: str, columns: Sequence[str]) -> pd.DataFrame:
    """The wanted columns as text, indexed by the line of the file."""
    header, rows = table_rows(path, what, columns)
    for name in columns:
        if name not in header:
            raise InputError(f'{what} file {path.name} lacks the column "{name}"{nearest(name, header)}')
        if header.count(name) > 1:
            raise InputError(f'{what} file {path.name} has the column "{name}" twice')
    for line, row in rows:
        if len(row) != len(header):
            raise InputError(f"{what} file {path.name}, line {line}: {len(row)} fields where {len(header)} are expected")
    table = pd.DataFrame([row for _, row in rows], columns=header, index=[line for line, _ in rows], dtype=str)
    return table[list(columns)].apply(lambda column: column.str.strip())


def _check_filled(table: pd.DataFrame, path: Path, what: str, field: str) -> None:
    empty = table[field] == ""
    if empty.any():
        raise InputError(f"{what} file {path.name}, line {empty.idxmax()}: {field} is empty")


def _dates(table: pd.DataFrame, path: Path, what: str, field: str) -> pd.Series:
    days = pd.to_datetime(table[field], format="%Y-%m-%d", errors="coerce")
    wrong = days.isna() | (table[field].str.len() != len("2025-01-27"))
    if wrong.any():
        line = wrong.idxmax()
        raise InputError(
            f'{what} file {path.name}, line {line}: {field} = "{table.loc[line, field]}" is not a date such as 2025-01-27'
        )
    return days.dt.date


def _positive(table: pd.DataFrame, path: Path) -> pd.Series:
    prices = pd.to_numeric(table["price"], errors="coerce").astype(float)
    wrong = ~(np.isfinite(prices) & (prices > 0))
    if wrong.any():
        line = wrong.idxmax()
        row = table.loc[line]
        raise InputError(
            f'price file {path.name}, line {line}: price = "{row.price}" of {row.ticker} is not a number above 0'
        )
    return prices
