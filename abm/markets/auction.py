"""A call auction for several stocks at once, in whole shares and whole cents (section 4.11 of the model).

Every investor's demand falls in the price, so excess demand changes sign once. Where no limit binds the price is the
weighted mean of the valuations; the tick is found from there by bracketing. The long side is rationed pro rata by
largest remainder, so that shares bought equal shares sold exactly.
"""

from __future__ import annotations

import numpy as np

from abm.elementary import exp_array, log_array
from abm.markets.clearing import Clearing, Demands, Market
from abm.rules.investor import PER_UNIT, shares_at_last_price, wanted_shares, weighted_mean

HIGHEST_PRICE = 10_000_000_000
"""Highest tick looked at, in cents: a hundred million USD."""

EXACT_PRODUCT = 2**62

GUIDED_TRIES = 12
"""Ticks tried by the slope of unconstrained demand before the interval is simply halved."""


class Demand:
    """The investors' demand as a function of the prices.

    Whole numbers are kept as floats here: all are below 2^53, so sums and quotients rounded down are exact.
    """

    def __init__(self, market: Market, demands: Demands) -> None:
        self._response = market.elasticity * demands.weights.astype(np.float64)
        self._at_last_price = shares_at_last_price(
            demands.strategic.astype(np.float64), self._response, demands.steps.astype(np.float64) / PER_UNIT
        )
        self._held = demands.held.astype(np.float64)
        self._budgets = demands.budgets.astype(np.float64)
        self._supply = self._held.sum(axis=0)
        self._log_previous = log_array(market.previous.astype(np.float64))
        self.per_tick = np.maximum(self._response.sum(axis=0) / market.previous, 1.0)

    def holdings(self, prices: np.ndarray) -> np.ndarray:
        """Whole shares that each investor wants to hold at these prices, purchases within the budgets."""
        ticks = prices.astype(np.float64)
        wanted = wanted_shares(self._at_last_price, self._response, log_array(ticks) - self._log_previous)
        return np.minimum(wanted, self._held + np.floor(self._budgets / ticks))

    def changes(self, prices: np.ndarray) -> np.ndarray:
        """Changes of holdings wanted at these prices (int64)."""
        return (self.holdings(prices) - self._held).astype(np.int64)

    def excess(self, prices: np.ndarray) -> np.ndarray:
        """Shares wanted to buy less shares offered, for each stock."""
        return self.holdings(prices).sum(axis=0) - self._supply


def clear(market: Market, demands: Demands) -> Clearing:
    """Clear every stock at the tick that ``clearing_prices`` finds, and ration the long side."""
    demand = Demand(market, demands)
    prices = clearing_prices(demand, free_prices(market, demands))
    trades = ration(demand.changes(prices), market.rank)
    return Clearing(prices, trades, np.maximum(trades, 0).sum(axis=0))


def free_prices(market: Market, demands: Demands) -> np.ndarray:
    """The tick nearest to the price that clears where no limit binds: ln p = sum B m / sum B."""
    mean = weighted_mean(demands.steps, demands.weights).astype(np.float64) / PER_UNIT
    return np.clip(np.rint(market.previous * exp_array(mean)), 1, HIGHEST_PRICE).astype(np.int64)


def clearing_prices(demand: Demand, start: np.ndarray) -> np.ndarray:
    """The tick at which each stock clears, found from a first guess.

    The guess itself if its excess demand is zero; otherwise, of the highest tick with excess at or above zero and the
    next one up, the one with the smaller excess, the lower if they are equal. One cent if there is excess supply even
    there.
    """
    at_start = demand.excess(start)
    low, high = np.where(at_start >= 0, start, 0), np.where(at_start >= 0, HIGHEST_PRICE + 1, start)
    last, excess = start, at_start
    excess_low = excess_high = at_start
    tries = 0
    while (is_open := (high - low > 1) & (at_start != 0)).any():
        guess = last + np.rint(excess / demand.per_tick).astype(np.int64)
        last = np.where(is_open, _next_trial(low, high, guess if tries < GUIDED_TRIES else None), start)
        excess = demand.excess(last)
        wanted, offered = is_open & (excess >= 0), is_open & (excess < 0)
        low, excess_low = np.where(wanted, last, low), np.where(wanted, excess, excess_low)
        high, excess_high = np.where(offered, last, high), np.where(offered, excess, excess_high)
        tries += 1
    nearer = np.where((-excess_high < excess_low) | (low == 0), high, low)
    return np.where(at_start == 0, start, np.minimum(nearer, HIGHEST_PRICE))


def _next_trial(low: np.ndarray, high: np.ndarray, guess: np.ndarray | None) -> np.ndarray:
    """The guess, moved to between the two ends; without one the geometric or plain middle."""
    if guess is not None:
        return np.clip(guess, low + 1, high - 1)
    doubled = np.minimum(2 * low + 1, (low + high) // 2)
    return np.clip(np.where(high > HIGHEST_PRICE, doubled, (low + high) // 2), low + 1, high - 1)


def ration(wanted: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Cut the long side of each column pro rata by largest remainder, so that the column sums to zero.

    Ties go to the lower rank, which is cut first.
    """
    excess = wanted.sum(axis=0)
    sides = np.where(excess >= 0, 1, -1)
    long_side = np.maximum(wanted * sides, 0)
    return wanted - sides * proportional_cut(long_side, np.abs(excess), rank)


def proportional_cut(amounts: np.ndarray, cuts: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Whole cuts of each column's amounts that sum to the column's cut, pro rata by largest remainder."""
    totals = np.maximum(amounts.sum(axis=0), 1)
    quotient, remainder = _times_over(amounts, cuts, totals)
    left = cuts - quotient.sum(axis=0)
    keys = remainder * len(rank) + (len(rank) - 1 - rank)[:, None]
    order = np.sort(keys, axis=0)
    threshold = order[np.clip(len(rank) - left, 0, len(rank) - 1), np.arange(len(cuts))]
    return quotient + ((keys >= threshold) & (left > 0))


def _times_over(amounts: np.ndarray, cuts: np.ndarray, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """amounts x cuts // totals and the remainders, exactly, also where the product needs more than 64 bits."""
    if int(amounts.max(initial=0)) * int(cuts.max(initial=0)) < EXACT_PRODUCT:
        return np.divmod(amounts * cuts, totals)
    products, totals = amounts.astype(object) * cuts.astype(object), totals.astype(object)
    return (products // totals).astype(np.int64), (products % totals).astype(np.int64)

