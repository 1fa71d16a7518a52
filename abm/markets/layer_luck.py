"""The luck of the behavioural layers: shocks common to a stance, and news on value from outside the model.

The crowd and its mean-field twin draw from here, so that both meet the same days. Arrays over layers hold the market
first and then the stocks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abm.chance import Chance, slot, slots
from abm.markets.crowd import MARKET
from abm.scenario.capital import Capital


def layered(capital: Capital, name: str, stocks: int) -> np.ndarray:
    """A parameter of both layers as an array: the market's value, then the stocks'."""
    return np.array([getattr(capital, f"market_{name}")] + [getattr(capital, f"stock_{name}")] * stocks, dtype=float)


class LayerLuck:
    """Draws by the names of the layers; it keeps no position in any stream."""

    def __init__(self, capital: Capital, tickers: Sequence[str]) -> None:
        self.capital = capital
        self.names = (MARKET, *tickers)
        self.slots = slots(self.names)
        self._tails = layered(capital, "tail", len(tickers)).tolist()
        self._news = layered(capital, "news", len(tickers))
        self._reporting = [slot(f"reporting season of {one}") % capital.earnings_interval for one in tickers]

    def turns(self, day: int, chance: Chance) -> np.ndarray:
        """How far each layer's circle of investors is turned before they take stances, in [0, 1)."""
        return chance.uniforms("stance", self.slots, day)

    def fundamental_shocks(self, day: int, chance: Chance) -> np.ndarray:
        """One Student t of variance 1 per layer, common to all who take the fundamental stance."""
        return self._shocks("fundamental shock", day, chance)

    def technical_shocks(self, day: int, chance: Chance) -> np.ndarray:
        """The same for the technical stance."""
        return self._shocks("technical shock", day, chance)

    def outside_news(self, day: int, chance: Chance) -> np.ndarray:
        """Log changes of value from outside the model, by layer: a little every day, more when a firm reports."""
        news = self._news * chance.normals("news from outside", self.slots, day)
        for j, ticker in enumerate(self.names[1:], start=1):
            if day % self.capital.earnings_interval == self._reporting[j - 1]:
                shock = chance.student_t("earnings from outside", ticker, day, degrees=self.capital.earnings_tail)
                news[j] += self.capital.earnings_news * shock
        return news

    def _shocks(self, purpose: str, day: int, chance: Chance) -> np.ndarray:
        named = zip(self.names, self._tails, strict=True)
        return np.array([chance.student_t(purpose, name, day, degrees=tail) for name, tail in named])
