"""The luck of the behavioural layers: shocks common to a stance, and news on value from outside the model.

The crowd and its mean-field twin draw from here, so that both meet the same days. Arrays over layers hold the market
first and then the stocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from abm.chance import Chance, slot, slots
from abm.markets.crowd import MARKET
from abm.markets.kernel import DAYS
from abm.markets.kernel_draws import layer_luck
from abm.scenario.capital import Capital


def layered(capital: Capital, name: str, stocks: int) -> np.ndarray:
    """A parameter of both layers as an array: the market's value, then the stocks'."""
    return np.array([getattr(capital, f"market_{name}")] + [getattr(capital, f"stock_{name}")] * stocks, dtype=float)


PURPOSES = ("stance", "news from outside", "fundamental shock", "technical shock")
"""Purposes of the luck of the layers, in the order of ``Luck``."""


class Luck(NamedTuple):
    """The luck of the layers on one day, arrays by layer.

    ``turns`` of the circles on which investors take stances, in [0, 1); ``news``, log changes of value from outside
    the model; one Student t of variance 1 for each stance, common to all who take it.
    """

    turns: np.ndarray
    news: np.ndarray
    fundamental: np.ndarray
    technical: np.ndarray


class LayerLuck:
    """Draws by the names of the layers; it keeps no position in any stream."""

    def __init__(self, capital: Capital, tickers: Sequence[str]) -> None:
        self.capital = capital
        self.names = (MARKET, *tickers)
        self._slots = slots(self.names)
        self._tails = layered(capital, "tail", len(tickers))
        self._news = layered(capital, "news", len(tickers))
        self._reporting = [slot(f"reporting season of {one}") % capital.earnings_interval for one in tickers]

    def of_day(self, day: int, chance: Chance) -> Luck:
        """The luck of a day."""
        keys = np.array([chance.key(purpose) for purpose in PURPOSES], dtype=np.uint64)
        drawn = Luck(*layer_luck(self._slots, np.uint64(day % DAYS), keys, self._tails))
        return drawn._replace(news=self._outside_news(day, chance, drawn.news))

    def _outside_news(self, day: int, chance: Chance, luck: np.ndarray) -> np.ndarray:
        """A little every day, more when a firm reports."""
        news = self._news * luck
        for j, ticker in enumerate(self.names[1:], start=1):
            if day % self.capital.earnings_interval == self._reporting[j - 1]:
                shock = chance.student_t("earnings from outside", ticker, day, degrees=self.capital.earnings_tail)
                news[j] += self.capital.earnings_news * shock
        return news
