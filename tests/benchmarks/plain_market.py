"""The stock market with investors as plain Python objects, one by one: what whole_run.py compares with."""

from __future__ import annotations

import numpy as np

from abm.books import Books
from abm.markets.clearing import Clearing
from abm.markets.equities import EquityMarket


def market_of_plain_investors() -> type[EquityMarket]:
    """A class of market in the place of ``EquityMarket``: that of the plain Mesa model where there is one."""
    try:
        from tests.benchmarks.plain_mesa import PlainMarket
    except ImportError:
        return OneByOne
    return PlainMarket


class OneByOne(EquityMarket):
    """Every stock's auction asks each investor in turn at every price that is tried (markets/reference.py)."""

    def _cleared(self, books: Books, steps: np.ndarray) -> Clearing:
        from abm.markets.reference import Bidder, clear_plainly

        crowd, budgets = self.crowd, self._budgets(books, steps)
        columns = (books.crowd_shares, crowd.strategic, crowd.weights, steps, budgets)
        cleared = []
        for j, previous in enumerate(self.prices.tolist()):
            told = zip(crowd.rank.tolist(), *(column[:, j].tolist() for column in columns), strict=True)
            bidders = [Bidder(*one) for one in told]
            cleared.append(clear_plainly(bidders, previous, self.capital.demand_elasticity))
        trades = np.array([changes for _, changes in cleared]).T
        prices = np.array([price for price, _ in cleared])
        return Clearing(prices, trades, np.maximum(trades, 0).sum(axis=0))
