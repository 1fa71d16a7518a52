"""Prices and volumes of real markets, from packages that carry them (extras of the tests), or from a user's file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.errors import InputError
from analysis.event_study.tables_of_users import read_prices

FEWEST_DAYS = 250
"""Returns that a series must have: facts of shorter ones are noise."""


@dataclass(frozen=True)
class Returns:
    """Daily log returns (days x series) with their names; volumes on the same days where they are known.

    ``of_market`` says that the series are indices of a whole market, not stocks.
    """

    names: tuple[str, ...]
    returns: np.ndarray
    volumes: np.ndarray | None = None
    of_market: bool = False

    def index(self) -> Returns:
        """The series held in equal parts, rebalanced daily; its volume is the sum of theirs."""
        volumes = None if self.volumes is None else self.volumes.sum(axis=1, keepdims=True)
        return Returns(("index",), equal_weight(self.returns), volumes, of_market=True)


def equal_weight(returns: np.ndarray) -> np.ndarray:
    """Log returns (one column) of a portfolio with equal parts in every column."""
    return np.log(np.exp(returns).mean(axis=1))[:, None]


def real_stocks() -> Returns:
    """20 large US stocks, 1990-2022 (``skfolio.datasets``). Raises InputError where the package is missing."""
    try:
        from skfolio.datasets import load_sp500_dataset
    except ImportError:
        raise InputError('real returns need the package "skfolio": pip install "geomarket-abm[test]"') from None
    prices = load_sp500_dataset()
    return Returns(tuple(prices.columns), np.diff(np.log(prices.to_numpy()), axis=0))


def real_indices() -> Returns:
    """S&P 500 and Nasdaq composite with volumes, 1999-2018 (``arch.data``). Raises InputError without the package."""
    try:
        from arch.data import nasdaq, sp500
    except ImportError:
        raise InputError('real returns need the package "arch": pip install "geomarket-abm[test]"') from None
    frames = [sp500.load(), nasdaq.load()]
    prices = np.array([frame["Adj Close"].to_numpy() for frame in frames]).T
    volumes = np.array([frame["Volume"].to_numpy(dtype=float) for frame in frames]).T
    return Returns(("S&P 500", "Nasdaq"), np.diff(np.log(prices), axis=0), volumes[1:], of_market=True)


def returns_of_file(path: Path) -> Returns:
    """Returns of a CSV file with the columns Date, ticker and price, on the days on which every ticker has a price.

    Raises InputError naming the file and what is wrong with it, or a ticker whose price never moves.
    """
    wide = read_prices(path).pivot(index="Date", columns="ticker", values="price").sort_index().dropna()
    if len(wide) <= FEWEST_DAYS:
        raise InputError(f"price file {path.name} has {len(wide)} days with every price, more than {FEWEST_DAYS} are needed")
    for ticker, prices in wide.items():
        if prices.nunique() == 1:
            raise InputError(f'price file {path.name}: the price of ticker = "{ticker}" never moves')
    return Returns(tuple(wide.columns), np.diff(np.log(wide.to_numpy()), axis=0))
