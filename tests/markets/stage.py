"""A stock market on its own: books, luck and crowd, without the rest of the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import mesa
import numpy as np

from abm.agents.investor import create_investors, equities_clear, investors_take_in_news
from abm.books import Books
from abm.calendar import trading_days
from abm.chance import Chance
from abm.markets.crowd import CIRCLE, gather_crowd
from abm.markets.dealer import open_dealer
from abm.markets.equities import EquityMarket
from abm.markets.reference import PlainInvestor, Today
from abm.news import NewsItem
from abm.scenario.capital import DEALER_MARKET, Capital, load_securities


@dataclass
class Stage:
    """A market that trades for some days."""

    market: EquityMarket
    books: Books
    chance: Chance

    def trade(self, first: int, days: int) -> Stage:
        """Trade on consecutive days."""
        for day in range(first, first + days):
            self.market.trade(day, self.books, self.chance)
        return self


def open_market(seed: int = 1, securities=None, crowd=None, **capital) -> Stage:
    """A market at its opening, with all our securities unless others are given."""
    world = Capital(**capital)
    securities = securities or load_securities()
    crowd = crowd or gather_crowd(world.shareholders, securities, disagreement=world.disagreement)
    books = Books()
    books.open_crowd([one.ticker for one in securities], crowd.cash, crowd.strategic)
    if world.mechanism == DEALER_MARKET:
        open_dealer(books, world, sum(one.price_cents * one.shares_outstanding for one in securities))
    return Stage(EquityMarket(world, securities, crowd), books, Chance(seed))


def returns(prices: np.ndarray) -> np.ndarray:
    """Daily log returns of each column of prices."""
    return np.diff(np.log(prices), axis=0)


class World:
    """What the investors read of a scenario."""

    def __init__(self, capital: Capital) -> None:
        self.capital = capital
        self.securities = load_securities()


class Exchange(mesa.Model):
    """The smallest model in which classes of investors read and trade."""

    def __init__(self, seed: int, capital: Capital | None = None) -> None:
        super().__init__(rng=seed)
        self.world = World(capital or Capital())
        self.chance, self.books, self.day = Chance(seed), Books(), 0
        self.dates = trading_days(date(2025, 1, 1), date(2026, 12, 31))
        self.investors = create_investors(self)

    @property
    def today(self):
        """The date of the day."""
        return self.dates[self.day]

    def live(self, days: int, items: tuple[NewsItem, ...] = ()) -> Exchange:
        """Read and trade for some days, with news on the days that the items name."""
        for day in range(self.day, self.day + days):
            self.day = day
            for item in items:
                if item.day == self.day:
                    self.news.publish(item)
            investors_take_in_news(self)
            equities_clear(self)
            self.books.check(after="equities_clear")
        self.day += 1
        return self


def plain_investors(stage: Stage) -> list[PlainInvestor]:
    """The investors of a market one by one, as they stand in the books."""
    crowd, books = stage.market.crowd, stage.books
    return [
        PlainInvestor(
            kind=crowd.classes[crowd.kinds[i]], member=int(crowd.members[i]), rank=int(crowd.rank[i]),
            positions=crowd.positions[i].tolist(), spread=int(crowd.spread[i]), strategic=crowd.strategic[i].tolist(),
            weights=crowd.weights[i].tolist(), market_weight=int(crowd.market_weights[i]),
            held=books.crowd_shares[i].tolist(), cash=int(books.crowd_cash[i]),
        )
        for i in range(len(crowd))
    ]  # fmt: skip


def plain_today(stage: Stage, day: int) -> Today:
    """What a day gives to all the investors of a market, before it is traded."""
    market = stage.market
    stances = market.outlook(day, stage.chance).stances
    return Today(
        day=day, tickers=market.tickers, turns=[int(turn * CIRCLE) for turn in stances.turns.tolist()],
        thresholds=[int(one * CIRCLE) for one in stances.probabilities.tolist()], views=stances.views.tolist(),
        previous=market.prices.tolist(), elasticity=market.capital.demand_elasticity,
    )  # fmt: skip
