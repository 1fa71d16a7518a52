"""The stock market of the whole model with one Mesa agent an investor: what whole_run.py compares with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abm.books import Books
from abm.chance import Chance
from abm.markets.crowd import Crowd
from abm.markets.equities import EquityMarket, TradingDay
from abm.rules.investor import whole_steps
from abm.scenario.capital import Capital
from abm.scenario.securities import Security
from tests.benchmarks.plain_mesa import PlainMarket
from tests.markets.stage import Stage, plain_investors, plain_today


class MarketOfAgents(EquityMarket):
    """Takes the place of ``EquityMarket``, to the bit; agents live on from day to day, until shares are bought back."""

    def __init__(self, capital: Capital, securities: Sequence[Security], crowd: Crowd) -> None:
        super().__init__(capital, securities, crowd)
        self._agents: PlainMarket | None = None

    def trade(self, day: int, books: Books, chance: Chance) -> TradingDay:
        """One day."""
        self._stage, self._day = Stage(self, books, chance), day
        return super().trade(day, books, chance)

    def retire(self, ticker_index: int, shares: int) -> None:
        """Investors mean to hold fewer shares."""
        super().retire(ticker_index, shares)
        self._agents = None

    def rebase(self) -> None:
        """A kept burn-in keeps no agents."""
        super().rebase()
        self._agents = self._stage = None

    def _cleared(self, books: Books) -> tuple[np.ndarray, np.ndarray]:
        if self._agents is None:
            self._agents = PlainMarket(plain_investors(self._stage), self._stage.chance)
        agents = list(self._agents.agents)
        for one, cash, held in zip(agents, books.crowd_cash.tolist(), books.crowd_shares.tolist(), strict=True):
            one.traits.cash, one.traits.held = cash, held
        self._agents.draw(plain_today(self._stage, self._day))
        news = None if self.taken_in is None else whole_steps(self.taken_in).tolist()
        prices, trades = self._agents.trade(news)
        for j, (price, changes) in enumerate(zip(prices, trades, strict=True)):
            books.settle_auction(j, np.array(changes), price)
        return np.array(prices), np.array([sum(max(one, 0) for one in changes) for changes in trades])
