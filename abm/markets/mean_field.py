"""The mean-field twin of the equity market: its layers without members, for calibration and as the crowd's limit.

In place of investors that take a stance there is the probability of taking it; prices are the exponentials of levels,
without ticks, cash or limits. The formulas are those of ``abm.rules.investor``, compiled for one layer at a time, and
the luck is the crowd's own (``abm.markets.layer_luck``), so that a crowd of ever smaller investors comes to the twin.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numba import njit
from numba.extending import register_jitable

from abm import elementary
from abm.chance import Chance
from abm.markets.kernel_elementary import exp
from abm.markets.layer_luck import LayerLuck
from abm.rules import investor
from abm.rules.investor import Behaviour, Layers, fundamental_view, stance_log_odds, technical_view, trend_after

_Traits = namedtuple("_Traits", [one.name for one in fields(Behaviour)])
_Memory = namedtuple("_Memory", [one.name for one in fields(Layers)])

_BY_LAYER = [name for name in _Traits._fields if name not in investor.SHARED]

_SMALLEST_EXPONENT = elementary._SMALLEST_EXPONENT


@dataclass(frozen=True)
class Draws:
    """The luck of consecutive days (rows) and layers (columns).

    Shocks of each stance have unit variance; ``news`` is the log change of value from outside the model.
    """

    fundamental: np.ndarray
    technical: np.ndarray
    news: np.ndarray


@dataclass(frozen=True)
class LayerPaths:
    """What the layers did, days in rows and layers in columns.

    ``changes`` of the log level, ``gaps`` of the log level over the log value, ``fundamental`` shares of demand.
    """

    changes: np.ndarray
    gaps: np.ndarray
    fundamental: np.ndarray

    def stock_returns(self, betas: np.ndarray, scales: np.ndarray) -> np.ndarray:
        """Daily log returns of stocks (columns): beta x market layer + scale x own layer."""
        return betas * self.changes[:, :1] + scales * self.changes[:, 1:]


def keyed_draws(luck: LayerLuck, chance: Chance, *, first: int, days: int) -> Draws:
    """What the crowd of this seed draws on those days."""
    each = [luck.of_day(day, chance) for day in range(first, first + days)]
    fundamental, technical, news = (
        np.array([getattr(one, name) for one in each]) for name in ("fundamental", "technical", "news")
    )
    return Draws(fundamental, technical, news)


def layer_paths(behaviour: Behaviour, draws: Draws) -> LayerPaths:
    """The layers from their opening (level at value, stances even) through every day of the draws.

    13 stocks over 20 years take some milliseconds after the first call, which compiles for a few seconds.
    """
    run = _compiled()
    days, layers = draws.news.shape
    paths = LayerPaths(*(np.empty((days, layers)) for _ in range(3)))
    columns = {name: np.broadcast_to(getattr(behaviour, name), layers) for name in _BY_LAYER}
    shared = {name: getattr(behaviour, name) for name in investor.SHARED}
    for j in range(layers):
        traits = _Traits(**{name: float(column[j]) for name, column in columns.items()}, **shared)
        luck = tuple(np.ascontiguousarray(one[:, j]) for one in (draws.fundamental, draws.technical, draws.news))
        paths.changes[:, j], paths.gaps[:, j], paths.fundamental[:, j] = run(traits, *luck)
    return paths


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]:
    for one in (_logistic, stance_log_odds, fundamental_view, technical_view, trend_after):
        register_jitable(one)
    return njit(_one_layer, error_model="numpy")


def _logistic(x):
    """``elementary.logistic`` without its checks, of which there is no need below zero."""
    odds = exp(max(-abs(x), _SMALLEST_EXPONENT))
    return (1.0 if x >= 0.0 else odds) / (1.0 + odds)


def _one_layer(traits, fundamental_shock, technical_shock, news):
    """Changes, gaps and fundamental shares of one layer."""
    days = len(news)
    changes, gaps, shares = np.empty(days), np.empty(days), np.empty(days)
    memory = _Memory(0.0, 0.0, 0.0, 0.0, 0.5)
    for day in range(days):
        share = _logistic(stance_log_odds(traits, memory))
        fundamental = fundamental_view(traits, memory, fundamental_shock[day])
        technical = technical_view(traits, memory, technical_shock[day])
        change = share * fundamental + (1.0 - share) * technical + news[day]
        trend = trend_after(traits, memory, change)
        memory = _Memory(memory.level + change, memory.value + news[day], change, trend, share)
        changes[day], gaps[day], shares[day] = change, memory.level - memory.value, share
    return changes, gaps, shares
