"""The stock market from day to day: what it looks back on, the views it draws, one call auction per stock and day.

Prices come from the investors' valuations alone. What the price does beyond the market layer's move is the move of the
stock's own layer, so rounding to ticks, rationing and limits are part of what technical traders see the next day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from abm.books import Books
from abm.chance import Chance
from abm.elementary import exp
from abm.markets.clearing import Market
from abm.markets.crowd import MARKET, Crowd
from abm.markets.dealer import dealer_today, settle_with_dealer
from abm.markets.kernel import Stances, TradingFloor
from abm.markets.kernel_auction import money_traded
from abm.markets.kernel_elementary import exp_each, log_each
from abm.markets.layer_luck import LayerLuck, layered
from abm.rules.apportion import apportion, proportional_whole
from abm.rules.investor import (
    PER_UNIT,
    SHARED,
    Behaviour,
    Layers,
    fundamental_probability,
    fundamental_view,
    technical_view,
    trend_after,
    weighted_mean,
    whole_steps,
)
from abm.scenario.capital import DEALER_MARKET, Capital
from abm.scenario.securities import Security
from abm.units import CENTS_PER_USD

OPENING_LEVEL = 100.0
"""Level of the market layer on the eve of the first free day."""


class Outlook(NamedTuple):
    """What a day holds for all: stances and views, the market layer's technical and fundamental view, and news on value
    from outside the model by layer; views include that news.
    """

    stances: Stances
    market_views: tuple[float, float]
    outside: np.ndarray


@dataclass(frozen=True)
class TradingDay:
    """One day's outcome: prices and values in USD, shares traded, turnover, and shares of demand with the
    fundamental stance, by stock; the market layer's level and its fundamental share.
    """

    day: int
    prices: tuple[float, ...]
    values: tuple[float, ...]
    volumes: tuple[int, ...]
    turnovers: tuple[float, ...]
    fundamental: tuple[float, ...]
    market_level: float
    market_fundamental: float


def behaviour_of(capital: Capital, stocks: int) -> Behaviour:
    """The parameters of the layers as arrays."""
    names = [one.name for one in fields(Behaviour) if one.name not in SHARED]
    by_layer = {name: layered(capital, name, stocks) for name in names}
    return Behaviour(**by_layer, **{name: getattr(capital, name) for name in SHARED})


class EquityMarket:
    """Prices, layers and the memory of moves; everything that the next trading day depends on besides the books."""

    def __init__(self, capital: Capital, securities: Sequence[Security], crowd: Crowd) -> None:
        stocks = len(securities)
        self.capital = capital
        self.crowd = crowd
        self.floor = TradingFloor(crowd, [one.ticker for one in securities])
        self.tickers = tuple(one.ticker for one in securities)
        self.behaviour = behaviour_of(capital, stocks)
        self.betas = np.array([one.beta for one in securities])
        self.scales = np.array([one.idiosyncratic_scale for one in securities])
        self.opening = np.array([one.price_cents for one in securities], dtype=np.int64)
        self.prices = self.opening.copy()
        self.layers = Layers(*(np.zeros(stocks + 1) for _ in range(4)), np.full(stocks + 1, 0.5))
        self.variance = np.zeros(stocks)
        self.moved: tuple[str, ...] = ()
        self.taken_in: np.ndarray | None = None
        self.history: list[TradingDay] = []
        self.announced = np.zeros(stocks)
        self.traded = np.zeros(len(crowd), dtype=np.int64)
        self.outstanding = [one.shares_outstanding for one in securities]
        self._luck = LayerLuck(capital, self.tickers)

    def trade(self, day: int, books: Books, chance: Chance) -> TradingDay:
        """Hold the day's auctions on what investors have taken in, settle them in the books and remember the day."""
        outlook = self.outlook(day, chance)
        news = None if self.taken_in is None else whole_steps(self.taken_in)
        shares = self.floor.value(day, chance, outlook.stances, news)
        held = books.crowd_shares.T.copy() if self.capital.trading_cost else None
        prices, volumes = self._cleared(books)
        if held is not None:
            self.traded = money_traded(held, books.crowd_shares.T, prices)
        technical, fundamental = outlook.market_views
        market_change = float(shares[0] * fundamental + (1.0 - shares[0]) * technical)
        self._remember(prices, shares=shares, market_change=market_change, outside=outlook.outside, news=news)
        self.taken_in, self.announced = None, np.zeros_like(self.announced)
        self.history.append(self._report(day, prices, volumes.tolist()))
        return self.history[-1]

    def outlook(self, day: int, chance: Chance) -> Outlook:
        """What the luck of the day makes of the layers, before anyone trades."""
        luck = self._luck.of_day(day, chance)
        outside = luck.news.copy()
        outside[1:] += self.announced / self.scales
        probabilities = fundamental_probability(self.behaviour, self.layers)
        fundamental = fundamental_view(self.behaviour, self.layers, luck.fundamental) + outside
        technical = technical_view(self.behaviour, self.layers, luck.technical) + outside
        stances = Stances(luck.turns, probabilities, self._views(technical, fundamental))
        return Outlook(stances, (technical[0], fundamental[0]), outside)

    def terms(self) -> Market:
        """What is the same for all who trade today."""
        return Market(previous=self.prices, rank=self.crowd.rank, elasticity=self.capital.demand_elasticity)

    def rebase(self) -> None:
        """End the burn-in: restate every price so that the last one is the opening price of the scenario.

        Levels and values of a layer shift alike, so mispricings, last changes, trends and stances stay as luck has made
        them; past prices and values are restated by the same factor, so past returns stay.
        """
        factors = [after / before for after, before in zip(self.opening.tolist(), self.prices.tolist(), strict=True)]
        level = self.layers.level
        market = exp(float(level[0]))
        self.layers = replace(self.layers, level=np.zeros_like(level), value=self.layers.value - level)
        self.prices = self.opening.copy()
        self.history = [_restated(one, factors, market) for one in self.history]

    def retire(self, ticker_index: int, shares: int) -> None:
        """Take shares that the issuer has bought back out of what investors mean to hold, pro rata, to the share."""
        crowd, left = self.crowd, self.outstanding[ticker_index] - shares
        strategic, weights = np.array(crowd.strategic), np.array(crowd.weights)
        strategic[:, ticker_index] -= apportion(shares, strategic[:, ticker_index], crowd.rank)
        weights[:, ticker_index] = proportional_whole(
            weights[:, ticker_index], left, self.outstanding[ticker_index], crowd.rank
        )
        self.crowd = replace(crowd, strategic=strategic, weights=weights)
        self.floor = TradingFloor(self.crowd, self.tickers)
        self.outstanding[ticker_index] = left

    def observations(self, only: Collection[str] | None = None) -> list[tuple[str, str, float]]:
        """The last day as (observable, label, value): price, value, volume, turnover and stances of each stock.

        All of them, or some alone.
        """
        last = self.history[-1]
        columns = {
            "price": last.prices, "value": last.values, "volume": last.volumes, "turnover": last.turnovers,
            "fundamental_share": last.fundamental,
        }  # fmt: skip
        rows = [
            (name, ticker, float(value))
            for name, column in columns.items() if only is None or name in only
            for ticker, value in zip(self.tickers, column, strict=True)
        ]
        market = (("market_level", MARKET, last.market_level), ("fundamental_share", MARKET, last.market_fundamental))
        return [*rows, *(one for one in market if only is None or one[0] in only)]

    def market_value(self, ticker: str) -> float:
        """Price times shares outstanding, USD."""
        j = self.tickers.index(ticker)
        return int(self.prices[j]) * self.outstanding[j] / CENTS_PER_USD

    def state(self) -> tuple:
        """Everything that the future depends on, as plain values."""
        taken_in = b"" if self.taken_in is None else self.taken_in.tobytes()
        return (self.prices.tobytes(), self.layers.state(), self.variance.tobytes(), self.moved, taken_in,
                tuple(self.outstanding))

    def _views(self, technical: np.ndarray, fundamental: np.ndarray) -> np.ndarray:
        """Log price changes in steps that follow from the stances: by stock, market stance and stock stance."""
        by_stance = np.stack([technical, fundamental], axis=1)
        market, own = self.betas[:, None] * by_stance[0], self.scales[:, None] * by_stance[1:]
        return whole_steps(market[:, :, None] + own[:, None, :])

    def _cleared(self, books: Books) -> tuple[np.ndarray, np.ndarray]:
        """Trade by the mechanism of the scenario and settle in the books: prices and volumes."""
        terms = self.terms()
        if self.capital.mechanism != DEALER_MARKET:
            return self.floor.auction(terms, books)
        dealer = dealer_today(books, self.capital, self.outstanding)
        clearing = dealer.clear(terms, self.floor.demands(terms, books))
        settle_with_dealer(books, clearing, self.capital.dealer_spread)
        return clearing.prices, clearing.volumes

    def _remember(
        self, prices: np.ndarray, *, shares: np.ndarray, market_change: float, outside: np.ndarray,
        news: np.ndarray | None,
    ) -> None:  # fmt: skip
        returns = log_each(prices / self.prices)
        change = np.empty_like(self.layers.change)
        change[0] = market_change
        change[1:] = (returns - self.betas * market_change) / self.scales
        change_of_value = outside.copy()
        if news is not None:
            change_of_value[1:] += weighted_mean(news, self.crowd.weights) / PER_UNIT / self.scales
        layers = self.layers
        trend = trend_after(self.behaviour, layers, change)
        self.layers = Layers(layers.level + change, layers.value + change_of_value, change, trend, shares)
        self._remember_moves(returns)
        self.prices = prices

    def _remember_moves(self, returns: np.ndarray) -> None:
        memory = self.capital.volatility_memory
        large = np.abs(returns) > self.capital.salient_move * np.sqrt(self.variance)
        self.moved = tuple(ticker for ticker, is_large in zip(self.tickers, large.tolist(), strict=True) if is_large)
        self.variance = memory * self.variance + (1.0 - memory) * (returns * returns)

    def _report(self, day: int, prices: np.ndarray, volumes: list[int]) -> TradingDay:
        gap = self.layers.value - self.layers.level
        values = prices / CENTS_PER_USD * exp_each(self.betas * gap[0] + self.scales * gap[1:])
        return TradingDay(
            day=day,
            prices=tuple((prices / CENTS_PER_USD).tolist()),
            values=tuple(values.tolist()),
            volumes=tuple(volumes),
            turnovers=tuple(volume / whole for volume, whole in zip(volumes, self.outstanding, strict=True)),
            fundamental=tuple(self.layers.fundamental[1:].tolist()),
            market_level=OPENING_LEVEL * exp(float(self.layers.level[0])),
            market_fundamental=float(self.layers.fundamental[0]),
        )


def _restated(day: TradingDay, factors: Sequence[float], market: float) -> TradingDay:
    """A past day with prices and values in units in which the last price of the burn-in is the opening price."""
    prices = tuple(price * factor for price, factor in zip(day.prices, factors, strict=True))
    values = tuple(value * factor for value, factor in zip(day.values, factors, strict=True))
    return replace(day, prices=prices, values=values, market_level=day.market_level / market)
