"""The stock market from day to day: what it looks back on, the views it draws, one call auction per stock and day.

Prices come from the investors' valuations alone. What the price does beyond the market layer's move is the move of the
stock's own layer, so rounding to ticks, rationing and limits are part of what technical traders see the next day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from abm.books import Books
from abm.chance import Chance
from abm.elementary import exp, exp_array, log_array
from abm.markets.auction import clear
from abm.markets.clearing import Clearing, Demands, Market
from abm.markets.crowd import MARKET, Crowd
from abm.markets.layer_luck import LayerLuck, Luck, layered
from abm.rules.investor import (
    PER_UNIT,
    SHARED,
    Behaviour,
    Layers,
    daily_budgets,
    fundamental_probability,
    fundamental_view,
    takes_stance,
    technical_view,
    trend_after,
    weighted_mean,
    weighted_share,
    whole_steps,
)
from abm.scenario.capital import Capital
from abm.scenario.securities import Security
from abm.units import CENTS_PER_USD

UNIFORM_SPREAD = math.sqrt(12.0)
"""Width of a uniform distribution of standard deviation one."""

OPENING_LEVEL = 100.0
"""Level of the market layer on the eve of the first free day."""


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
        self._outstanding = [one.shares_outstanding for one in securities]
        self._luck = LayerLuck(capital, self.tickers)
        self._disagreement_slots = crowd.disagreement_slots(self.tickers)

    def trade(self, day: int, books: Books, chance: Chance) -> TradingDay:
        """Hold the day's auctions on what investors have taken in, settle them in the books and remember the day."""
        luck = self._luck.of_day(day, chance)
        shares, market_change, steps = self._views(luck)
        clearing = self._cleared(books, steps + self._disagreement(day, chance))
        for j, price in enumerate(clearing.prices.tolist()):
            books.settle_auction(j, clearing.trades[:, j], price)
        self._remember(clearing.prices, shares=shares, market_change=market_change, outside=luck.news)
        self.taken_in = None
        self.history.append(self._report(day, clearing))
        return self.history[-1]

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

    def observations(self) -> list[tuple[str, str, float]]:
        """The last day as (observable, label, value): price, value, volume, turnover and stances of each stock."""
        last = self.history[-1]
        columns = {
            "price": last.prices, "value": last.values, "volume": last.volumes, "turnover": last.turnovers,
            "fundamental_share": last.fundamental,
        }  # fmt: skip
        rows = [
            (name, ticker, float(value))
            for name, column in columns.items()
            for ticker, value in zip(self.tickers, column, strict=True)
        ]
        market = (("market_level", MARKET, last.market_level), ("fundamental_share", MARKET, last.market_fundamental))
        return [*rows, *market]

    def market_value(self, ticker: str) -> float:
        """Price times shares outstanding, USD."""
        j = self.tickers.index(ticker)
        return int(self.prices[j]) * self._outstanding[j] / CENTS_PER_USD

    def state(self) -> tuple:
        """Everything that the future depends on, as plain values."""
        taken_in = b"" if self.taken_in is None else self.taken_in.tobytes()
        return self.prices.tobytes(), self.layers.state(), self.variance.tobytes(), self.moved, taken_in

    def _views(self, luck: Luck) -> tuple[np.ndarray, float, np.ndarray]:
        """Fundamental shares by layer, the market layer's change, and valuations as steps from the last price."""
        crowd = self.crowd
        probability = fundamental_probability(self.behaviour, self.layers)
        fundamentalists = takes_stance(crowd.positions, luck.turns, probability)
        shares = np.empty(len(probability))
        shares[0] = weighted_share(fundamentalists[:, 0], crowd.market_weights)
        shares[1:] = weighted_share(fundamentalists[:, 1:], crowd.weights)
        fundamental = fundamental_view(self.behaviour, self.layers, luck.fundamental)
        technical = technical_view(self.behaviour, self.layers, luck.technical)
        views = np.where(fundamentalists, fundamental + luck.news, technical + luck.news)
        rises = self.betas * views[:, :1] + self.scales * views[:, 1:]
        if self.taken_in is not None:
            rises += self.taken_in
        market_change = shares[0] * fundamental[0] + (1.0 - shares[0]) * technical[0] + luck.news[0]
        return shares, float(market_change), whole_steps(rises)

    def _disagreement(self, day: int, chance: Chance) -> np.ndarray:
        """How far each investor's valuations lie from the others', in steps; the weighted mean is nil, so that the
        number of investors does not enter the returns.
        """
        crowd = self.crowd
        luck = chance.uniforms("disagreement", self._disagreement_slots.ravel(), day).reshape(crowd.weights.shape)
        steps = whole_steps((luck - 0.5) * (UNIFORM_SPREAD * crowd.spread)[:, None])
        return steps - weighted_mean(steps, crowd.weights)

    def _cleared(self, books: Books, steps: np.ndarray) -> Clearing:
        crowd = self.crowd
        market = Market(previous=self.prices, rank=crowd.rank, elasticity=self.capital.demand_elasticity)
        return clear(market, Demands(
            held=books.crowd_shares, strategic=crowd.strategic, weights=crowd.weights, steps=steps,
            budgets=self._budgets(books, steps),
        ))  # fmt: skip

    def _budgets(self, books: Books, steps: np.ndarray) -> np.ndarray:
        """Cash divided by what each investor would buy at the prices that clear without limits."""
        crowd = self.crowd
        distance = (steps - weighted_mean(steps, crowd.weights)) / PER_UNIT
        wanted = crowd.strategic + self.capital.demand_elasticity * crowd.weights * distance
        purchases = np.maximum(np.floor(wanted) - books.crowd_shares, 0.0)
        return daily_budgets(books.crowd_cash, purchases * self.prices, crowd.strategic * self.prices)

    def _remember(self, prices: np.ndarray, *, shares: np.ndarray, market_change: float, outside: np.ndarray) -> None:
        returns = log_array(prices / self.prices)
        change = np.empty_like(self.layers.change)
        change[0] = market_change
        change[1:] = (returns - self.betas * market_change) / self.scales
        news = outside.copy()
        if self.taken_in is not None:
            mean = weighted_mean(whole_steps(self.taken_in), self.crowd.weights)
            news[1:] += mean / PER_UNIT / self.scales
        layers = self.layers
        trend = trend_after(self.behaviour, layers, change)
        self.layers = Layers(layers.level + change, layers.value + news, change, trend, shares)
        self._remember_moves(returns)
        self.prices = prices

    def _remember_moves(self, returns: np.ndarray) -> None:
        memory = self.capital.volatility_memory
        large = np.abs(returns) > self.capital.salient_move * np.sqrt(self.variance)
        self.moved = tuple(ticker for ticker, is_large in zip(self.tickers, large.tolist(), strict=True) if is_large)
        self.variance = memory * self.variance + (1.0 - memory) * (returns * returns)

    def _report(self, day: int, clearing: Clearing) -> TradingDay:
        gap = self.layers.value - self.layers.level
        values = clearing.prices / CENTS_PER_USD * exp_array(self.betas * gap[0] + self.scales * gap[1:])
        volumes = clearing.volumes.tolist()
        return TradingDay(
            day=day,
            prices=tuple((clearing.prices / CENTS_PER_USD).tolist()),
            values=tuple(values.tolist()),
            volumes=tuple(volumes),
            turnovers=tuple(volume / whole for volume, whole in zip(volumes, self._outstanding, strict=True)),
            fundamental=tuple(self.layers.fundamental[1:].tolist()),
            market_level=OPENING_LEVEL * exp(float(self.layers.level[0])),
            market_fundamental=float(self.layers.fundamental[0]),
        )


def _restated(day: TradingDay, factors: Sequence[float], market: float) -> TradingDay:
    """A past day with prices and values in units in which the last price of the burn-in is the opening price."""
    prices = tuple(price * factor for price, factor in zip(day.prices, factors, strict=True))
    values = tuple(value * factor for value, factor in zip(day.values, factors, strict=True))
    return replace(day, prices=prices, values=values, market_level=day.market_level / market)
