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
from abm.scenario.capital import Capital


def layered(capital: Capital, name: str, stocks: int) -> np.ndarray:
    """A parameter of both layers as an array: the market's value, then the stocks'."""
    return np.array([getattr(capital, f"market_{name}")] + [getattr(capital, f"stock_{name}")] * stocks, dtype=float)


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
        return Luck(
            turns=chance.uniforms("stance", self._slots, day),
            news=self._outside_news(day, chance),
            fundamental=self._shocks("fundamental shock", day, chance),
            technical=self._shocks("technical shock", day, chance),
        )

    def _outside_news(self, day: int, chance: Chance) -> np.ndarray:
        """A little every day, more when a firm reports."""
        news = self._news * chance.normals("news from outside", self._slots, day)
        for j, ticker in enumerate(self.names[1:], start=1):
            if day % self.capital.earnings_interval == self._reporting[j - 1]:
                shock = chance.student_t("earnings from outside", ticker, day, degrees=self.capital.earnings_tail)
                news[j] += self.capital.earnings_news * shock
        return news

    def _shocks(self, purpose: str, day: int, chance: Chance) -> np.ndarray:
        named = zip(self.names, self._tails.tolist(), strict=True)
        return np.array([chance.student_t(purpose, name, day, degrees=tail) for name, tail in named])
