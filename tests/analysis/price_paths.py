"""Prices of which everything is known: a market, and a share that follows it with a given alpha, beta, noise and effect."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from abm.calendar import trading_days

DAYS = trading_days(date(2020, 1, 1), date(2021, 12, 31))
EVENT_PLACE = 400
EVENT = DAYS[EVENT_PLACE]


def market_returns(seed: int = 1) -> np.ndarray:
    """Simple returns of the market on every day of DAYS but the first."""
    return np.random.default_rng(seed).normal(0.0005, 0.01, len(DAYS) - 1)


def prices_from(returns: np.ndarray, ticker: str) -> pd.DataFrame:
    """Prices that start at 100 and have the returns."""
    return pd.DataFrame({"Date": DAYS, "ticker": ticker, "price": 100 * np.cumprod([1.0, *(1 + returns)])})


def two_prices(*, alpha: float = 0.001, beta: float = 1.5, noise: float = 0.0, effect: float = 0.0) -> pd.DataFrame:
    """A market "M" and a share "A" that on the day EVENT does ``effect`` beyond its market model."""
    market = market_returns()
    own = alpha + beta * market + noise * np.random.default_rng(2).normal(size=len(market))
    own[EVENT_PLACE - 1] += effect
    return pd.concat([prices_from(market, "M"), prices_from(own, "A")], ignore_index=True)


def one_event(day: date = EVENT, event: str = "launch") -> pd.DataFrame:
    """A table of one event."""
    return pd.DataFrame({"date": [day], "event": [event]})


def written(folder: Path, prices: pd.DataFrame, events: pd.DataFrame) -> tuple[str, str]:
    """Both tables as files of a folder."""
    paths = folder / "prices.csv", folder / "events.csv"
    for table, path in zip((prices, events), paths, strict=True):
        table.to_csv(path, index=False)
    return str(paths[0]), str(paths[1])
