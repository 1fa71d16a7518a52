"""The model of Franke and Westerhoff (2012) as published: its equations, its moments, and our market set up as theirs.

Numbers of the paper are quoted from public reimplementations that say they read them in it (doi:10.1016/j.jedc.
2011.10.004, tables 1, 4 and A1); they were not checked against the paper itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from abm.markets.crowd import gather_crowd
from abm.scenario.capital import DEALER_MARKET, FRANKE_WESTERHOFF_2012, Capital, load_securities, load_shareholders
from tests.markets.stage import Stage, open_market

DAYS = 6750
"""Days of a run of theirs."""

BANDS = {
    "r AC 1": (-0.042, 0.027), "1/Hill": (0.269, 0.334), "mean |r|": (0.672, 0.754), "|r| AC 1": (0.106, 0.280),
    "|r| AC 5": (0.142, 0.231), "|r| AC 10": (0.118, 0.200), "|r| AC 25": (0.095, 0.162), "|r| AC 50": (0.074, 0.148),
    "|r| AC 100": (0.041, 0.105),
}
"""95 % intervals of the moments of the S&P 500, 1980-2007 (table A1), returns in per cent."""

JOINT_COVERAGE = 0.101
"""Share of runs of DCA-HPM all of whose moments lie within the bands (table 4)."""

AMPLE = {"dealer_capital": 5.0, "dealer_cash_credit": 10.0, "dealer_share_credit": 5.0}
"""A dealer whom nothing limits."""


def published_capital(**changes) -> Capital:
    """Our investors with the published numbers, before the published dealer."""
    values = {path.removeprefix("capital."): value for path, value in FRANKE_WESTERHOFF_2012.items()}
    (retail,) = (one for one in load_shareholders() if one.name == "us_retail")
    everyone = replace(
        retail, members=400, us_share=1.0, hk_share=1.0, cn_share=1.0, concentration=0.0, cash_share=20.0,
        participation=1.0, fee=0.0,
    )  # fmt: skip
    return Capital(**{"mechanism": DEALER_MARKET, "shareholders": (everyone,)} | values | changes)


def published_market(seed: int, **changes) -> Stage:
    """One stock outside the market layer, with a price so high that ticks do not matter."""
    stock = replace(
        load_securities()[0], price_usd=10_000.0, shares_outstanding=10**9, beta=0.0, idiosyncratic_scale=1.0
    )
    world = published_capital(**changes)
    crowd = gather_crowd(world.shareholders, (stock,), disagreement=world.disagreement)
    declared = {name: getattr(world, name) for name in world.__dataclass_fields__}
    return open_market(seed=seed, securities=(stock,), crowd=crowd, **declared)


def published_log_prices(capital: Capital, runs: int, days: int, seed: int) -> np.ndarray:
    """Log prices (days x runs) by the equations of the paper, with the numbers of the stock layer."""
    luck = np.random.default_rng(seed)
    price, last, fundamental = np.zeros(runs), np.zeros(runs), np.full(runs, 0.5)
    path = np.empty((days, runs))
    for day in range(days):
        by_value = -capital.fundamental_pull * price + capital.stock_fundamental_noise * luck.standard_normal(runs)
        by_trend = capital.technical_pull * (price - last) + capital.stock_technical_noise * luck.standard_normal(runs)
        excess = fundamental * by_value + (1 - fundamental) * by_trend
        attraction = (
            capital.stock_predisposition
            + capital.stock_herding * (2 * fundamental - 1)
            + capital.stock_misalignment * price**2
        )
        fundamental = 1 / (1 + np.exp(-attraction))
        last, price = price, price + capital.stock_reaction * excess
        path[day] = price
    return path


def moments(log_prices: np.ndarray) -> dict[str, np.ndarray]:
    """The nine moments of each column: absolute returns' autocorrelations as means of three lags, 5 % tails."""
    returns = 100 * np.diff(log_prices, axis=0)
    size = np.abs(returns)
    tail = np.sort(size, axis=0)[::-1][: round(0.05 * len(size))]
    values = {
        "r AC 1": autocorrelation(returns, 1),
        "1/Hill": (np.log(tail) - np.log(tail[-1])).mean(axis=0),
        "mean |r|": size.mean(axis=0),
    }
    for lag in (1, 5, 10, 25, 50, 100):
        near = (1, 2) if lag == 1 else (lag - 1, lag, lag + 1)
        values[f"|r| AC {lag}"] = np.mean([autocorrelation(size, one) for one in near], axis=0)
    return values


def autocorrelation(series: np.ndarray, lag: int) -> np.ndarray:
    """Sample autocorrelation of each column."""
    centred = series - series.mean(axis=0)
    return (centred[lag:] * centred[:-lag]).sum(axis=0) / (centred * centred).sum(axis=0)
