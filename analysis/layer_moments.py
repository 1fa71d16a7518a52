"""The moments that the behavioural layers are estimated by, of real returns and of the mean-field twin's.

Names of moments begin with the layer that they inform: the market's are those of the equal-weight index, the stocks'
are medians over stocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from abm.markets.mean_field import Draws, LayerPaths, layer_paths
from abm.rules.investor import SHARED, Behaviour
from abm.scenario.capital import Capital
from analysis import return_statistics as statistics
from analysis.real_returns import Returns, equal_weight

STOCKS = 10
"""Stocks of the twin, each of beta 1 and scale 1: enough for medians over stocks."""

GAPS = {"market gap": (0.12, 0.015), "stock gap": (0.20, 0.02)}
"""Standard deviation of log price over value, by layer, and how closely it is held.

An assumption after Black (1986, doi:10.1111/j.1540-6261.1986.tb04513.x), who takes prices to be within a factor of two
of value almost always: of a stock with beta 2.1 and scale 1.15, the most volatile large one, they then are in 95 % of
days. Returns themselves say little about it; the variance ratio over two years says most.
"""

BLOCK = 500
"""Days of a block of the bootstrap: longer than volatility remembers."""

SIZE_LAGS = {"lag 1": (1,), **{f"lags {k}-{k + 1}": (k, k + 1) for k in (5, 10, 20, 50, 100)}}
"""Lags of the autocorrelations of |r| that are held, those beyond the first in pairs."""


SPANS = (252, 504, 1260)
"""Days over which variance ratios are held: what of a move is still there a year, two and five years later."""


def column_moments(returns: np.ndarray) -> dict[str, np.ndarray]:
    """What both the index and the median stock are held to, for every column."""
    moves = returns - returns.mean(axis=0)
    sizes = np.abs(moves)
    lags = sorted({lag for pair in SIZE_LAGS.values() for lag in pair})
    memory = dict(zip(lags, statistics.autocorrelations(sizes, lags), strict=True))
    return {
        "log annual volatility": np.log(statistics.annual_volatility(moves)),
        **{f"log kurtosis, {days} days": _log_kurtosis(moves, days) for days in (1, 5, 20)},
        "Hill index, 5 %": statistics.hill(moves, 0.05),
        "Hill index, 10 %": statistics.hill(moves, 0.1),
        **{f"ACF |r|, {name}": np.mean([memory[lag] for lag in pair], axis=0) for name, pair in SIZE_LAGS.items()},
        "leverage, next day": statistics.column_correlation(moves[:-1], sizes[1:]),
        "leverage, 10 days": statistics.leverage(moves),
        "bursts of large moves": statistics.burstiness(moves),
        **{f"variance ratio, {days} days": statistics.variance_ratio(moves, days) for days in SPANS},
    }


def _log_kurtosis(moves: np.ndarray, days: int) -> np.ndarray:
    return np.log(3.0 + statistics.excess_kurtosis(statistics.aggregated(moves, days)))


def moments_of(returns: np.ndarray, kinds: Sequence[str] = ("market", "stock")) -> dict[str, float]:
    """The moments of stocks' daily log returns (days x stocks): of their equal-weight index, of the median stock."""
    found = {}
    if "market" in kinds:
        of_index = column_moments(equal_weight(returns))
        found |= {f"market {name}": float(value[0]) for name, value in of_index.items()}
    if "stock" in kinds:
        found |= {f"stock {name}": float(np.median(values)) for name, values in column_moments(returns).items()}
        found["stock pair correlation"] = float(np.median(statistics.pair_correlations(returns)))
    return found


def standard_errors(returns: np.ndarray, *, samples: int = 100, seed: int = 1) -> dict[str, float]:
    """Standard errors of the moments by the circular block bootstrap, all stocks together.

    Blocks cannot hold the variance ratios: theirs is that of a random walk, sqrt(4 q / 3 T) (Lo and MacKinlay 1988),
    for the median of stocks times the root of their mean correlation.
    """
    luck = np.random.default_rng(seed)
    days = len(returns)
    drawn = []
    for _ in range(samples):
        starts = luck.integers(0, days, days // BLOCK + 1)
        rows = (starts[:, None] + np.arange(BLOCK)).ravel()[:days] % days
        drawn.append(moments_of(returns[rows]))
    errors = {name: float(np.std([one[name] for one in drawn])) for name in drawn[0]}
    common = float(np.sqrt(statistics.pair_correlations(returns).mean()))
    for span in SPANS:
        of_walk = float(np.sqrt(4.0 * span / (3.0 * days)))
        errors |= {f"market variance ratio, {span} days": of_walk, f"stock variance ratio, {span} days": common * of_walk}
    return errors


class _Polar:
    """Points of Bailey's polar method, kept so that Student t draws move smoothly with the degrees of freedom."""

    def __init__(self, luck: np.random.Generator, shape: tuple[int, int]) -> None:
        angle = luck.uniform(0.0, 2.0 * np.pi, shape)
        self._cosine, self._log_square = np.cos(angle), np.log(luck.uniform(size=shape))

    def student_t(self, degrees: float) -> np.ndarray:
        """Draws of variance 1."""
        return self._cosine * np.sqrt((degrees - 2.0) * np.expm1(-2.0 / degrees * self._log_square))


class _LayerHistory:
    """The luck of one layer in one history, for any parameters; one column a series, none reporting in the market."""

    def __init__(self, layer: str, luck: np.random.Generator, days: int) -> None:
        shape = (days, 1 if layer == "market" else STOCKS)
        self.layer = layer
        self._fundamental, self._technical, self._earnings = (_Polar(luck, shape) for _ in range(3))
        self._news = luck.standard_normal(shape)
        self._season = luck.uniform(size=shape[1])

    def paths(self, capital: Capital) -> LayerPaths:
        """What the layer does at these parameters."""
        tail = getattr(capital, f"{self.layer}_tail")
        news = getattr(capital, f"{self.layer}_news") * self._news
        if self.layer == "stock":
            interval = capital.earnings_interval
            reports = np.arange(len(news))[:, None] % interval == np.floor(self._season * interval)
            news = news + np.where(reports, capital.earnings_news * self._earnings.student_t(capital.earnings_tail), 0.0)
        draws = Draws(self._fundamental.student_t(tail), self._technical.student_t(tail), news)
        return layer_paths(_behaviour(capital, self.layer), draws)


def _behaviour(capital: Capital, layer: str) -> Behaviour:
    names = [one.name for one in fields(Behaviour)]
    return Behaviour(**{name: getattr(capital, name if name in SHARED else f"{layer}_{name}") for name in names})


class Twin:
    """Histories of the twin with luck drawn once, so that moments are functions of the parameters alone."""

    def __init__(self, *, histories: int, years: int, seed: int) -> None:
        self.burn_in = Capital().burn_in_days
        days = years * statistics.YEAR + self.burn_in
        seeds = [np.random.default_rng([seed, history]) for history in range(histories)]
        self._histories = [[_LayerHistory(layer, luck, days) for layer in ("market", "stock")] for luck in seeds]
        self._last: dict[int, tuple[object, LayerPaths]] = {}

    def moments(self, capital: Capital, kinds: Sequence[str]) -> dict[str, float]:
        """Means over the histories of the moments, and of the standard deviations of the gaps."""
        each = [self._moments(market, stocks, capital, kinds) for market, stocks in self._histories]
        return {name: float(np.mean([one[name] for one in each])) for name in each[0]}

    def panels(self, capital: Capital) -> list[Returns]:
        """Daily log returns of the stocks in each history, after the burn-in."""
        names = tuple(f"stock {k}" for k in range(1, STOCKS + 1))
        both = [[self._paths(layer, capital).changes[self.burn_in :] for layer in one] for one in self._histories]
        return [Returns(names, market + own) for market, own in both]

    def gaps(self, capital: Capital) -> list[np.ndarray]:
        """Log price less log value of the stocks in each history (days x stocks), after the burn-in."""
        both = [[self._paths(layer, capital).gaps[self.burn_in :] for layer in one] for one in self._histories]
        return [market + own for market, own in both]

    def _moments(
        self, market: _LayerHistory, stocks: _LayerHistory, capital: Capital, kinds: Sequence[str]
    ) -> dict[str, float]:
        paths = [self._paths(history, capital) for history in (market, stocks)]
        changes, own = (one.changes[self.burn_in :] for one in paths)
        gaps = (float(np.median(one.gaps[self.burn_in :].std(axis=0))) for one in paths)
        return moments_of(changes + own, kinds) | dict(zip(GAPS, gaps, strict=True))

    def _paths(self, history: _LayerHistory, capital: Capital) -> LayerPaths:
        """The layer's paths, kept for as long as only the other layer's parameters change."""
        other = "stock_" if history.layer == "market" else "market_"
        key = tuple(getattr(capital, one.name) for one in fields(capital) if not one.name.startswith(other))
        if self._last.get(id(history), (None,))[0] != key:
            self._last[id(history)] = (key, history.paths(capital))
        return self._last[id(history)][1]
