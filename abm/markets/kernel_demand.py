"""What investors want, compiled: stances, valuations in whole steps, budgets, and demand at a few ticks.

Arrays are stocks x investors, and an investor-day is done in blocks of investors that stay in the processor's cache.
Sums over investors are sums of whole numbers, so that the order of the rows does not matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.markets.kernel_build import compiled
from abm.markets.kernel_draws import LARGEST_STEPS, disagree
from abm.rules.investor import BUDGET_PARTS, PER_UNIT, PRECAUTION

BLOCK = 2048
"""Investors at a time."""

TICKS = 3
"""Neighbouring ticks at which demand is added up in one pass."""

STEP = 1.0 / PER_UNIT
"""One step as a log distance."""

_CIRCLE = np.uint64(2**32 - 1)
_PARTS = float(BUDGET_PARTS)
_SHIFT = BUDGET_PARTS.bit_length() - 1


class Places(NamedTuple):
    """Positions on the circles (uint32, layers x investors), weights (int64) by stock and in the market layer."""

    positions: np.ndarray
    weights: np.ndarray
    market_weights: np.ndarray


class Turned(NamedTuple):
    """Turns of the circles and thresholds of the fundamental stance by layer, in 2^-32 of a circle (uint64), and views
    in steps by stock, market stance and stock stance, technical first (int64). ``luck`` are the day and the key of
    disagreement.
    """

    luck: np.ndarray
    turns: np.ndarray
    thresholds: np.ndarray
    views: np.ndarray


class Bids(NamedTuple):
    """What demand depends on, stocks x investors: ``steps`` int32, ``parts`` uint16, all else int64.

    A budget is ``parts`` of 2^12 of ``cash``, which has one row for all stocks or one for each.
    """

    steps: np.ndarray
    weights: np.ndarray
    strategic: np.ndarray
    held: np.ndarray
    cash: np.ndarray
    parts: np.ndarray


class Terms(NamedTuple):
    """What is the same for all: last prices in cents, ranks by row, change of demand per weight and step, and by stock
    the weighted means of disagreement, still in the valuations, and of the valuations without it.
    """

    previous: np.ndarray
    rank: np.ndarray
    response: float
    luck: np.ndarray
    means: np.ndarray


class Trial(NamedTuple):
    """Ticks on trial: which stocks are still open, three prices for each, and their log rises in steps."""

    is_open: np.ndarray
    prices: np.ndarray
    rises: np.ndarray


@compiled
def cells_of(bids, j, first, end):
    """The rows of one stock for some investors, neighbours side by side."""
    return (
        bids.steps[j, first:end], bids.weights[j, first:end], bids.strategic[j, first:end], bids.held[j, first:end],
        bids.cash[min(j, len(bids.cash) - 1), first:end], bids.parts[j, first:end],
    )  # fmt: skip


@compiled
def value_stocks(steps, taken_in, crowd, turned):
    """Fill ``steps`` with valuations in steps from the last price: disagreement, news and views; sums by layer.

    ``taken_in`` (int32, stocks x investors, or no columns) is news, ``crowd`` its names and places. Returns int64,
    layers x 3: weight x disagreement, weight x valuation, weight with the fundamental stance; the market layer first,
    which has the last alone.
    """
    (names, places), (stocks, members) = crowd, steps.shape
    sums, stances = np.zeros((stocks + 1, 3), np.int64), np.empty((2, BLOCK), np.int64)
    for first in range(0, members, BLOCK):
        end = min(first + BLOCK, members)
        disagree(steps, names, turned.luck, (first, end))
        by_market, own = stances[0, : end - first], stances[1, : end - first]
        _take_stance(by_market, places.positions[0, first:end], turned.turns[0], turned.thresholds[0])
        for i in range(end - first):
            sums[0, 2] += places.market_weights[first + i] & by_market[i]
        for j in range(stocks):
            values, weights = steps[j, first:end], places.weights[j, first:end]
            if taken_in.shape[1]:
                sums[j + 1, 0] -= _add_news(values, taken_in[j, first:end], weights)
            _take_stance(own, places.positions[j + 1, first:end], turned.turns[j + 1], turned.thresholds[j + 1])
            found = _add_views(values, weights, (by_market, own), turned.views[j])
            for k in range(3):
                sums[j + 1, k] += found[k]
    return sums


@compiled
def _take_stance(is_fundamental, positions, turn, threshold):
    """Who takes the fundamental stance (-1, all bits set; else 0): those whose turned position lies below the threshold.

    This is systematic sampling. Luck turns the circle, the same for all. So everyone takes the stance with exactly its
    probability, and the weighted share of those who do differs from it by at most one investor's weight: the noise of a
    day does not depend on how many rows the crowd has.
    """
    for i in range(len(is_fundamental)):
        is_fundamental[i] = -1 if ((np.uint64(positions[i]) + turn) & _CIRCLE) < threshold else 0


@compiled
def _add_news(steps, taken_in, weights):
    """Add news to disagreement; the weighted sum of it."""
    whole = 0
    for i in range(len(steps)):
        steps[i] += taken_in[i]
        whole += taken_in[i] * weights[i]
    return whole


@compiled
def _add_views(steps, weights, stances, views):
    """Add views; the sums of weight x steps before and after, and of fundamental weight."""
    luck, whole, inside = 0, 0, 0
    by_market, own = stances
    neither, own_alone, market_alone, both = views[0, 0], views[0, 1], views[1, 0], views[1, 1]
    for i in range(len(steps)):
        with_market = both if own[i] != 0 else market_alone
        without = own_alone if own[i] != 0 else neither
        luck += steps[i] * weights[i]
        value = min(max(steps[i] + (with_market if by_market[i] != 0 else without), -LARGEST_STEPS), LARGEST_STEPS)
        steps[i] = value
        whole += value * weights[i]
        inside += weights[i] & own[i]
    return luck, whole, inside


@compiled
def divide_budgets(bids, terms, span, scratch):
    """Take the mean of disagreement off the valuations of the investors in a span of rows and fill their ``parts``:
    cash in proportion to what they mean to buy at the prices that would clear without limits.

    A hundredth of the strategic holdings is added, so that nobody stands without money before a stock that falls below
    such a price. Claims are whole cents: the order of the stocks does not matter. The budgets of one investor never
    exceed its cash.
    """
    (first, end), (claims, total) = span, scratch
    total = total[: end - first]
    total[:] = 0.0
    for j in range(len(claims)):
        cells, price, mean = cells_of(bids, j, first, end), float(terms.previous[j]), float(terms.means[j])
        _shift(cells[0], terms.luck[j])
        _claim(claims[j, : end - first], cells, terms.response, (price, mean))
        _add(total, claims[j])
    _invert(total)
    for j in range(len(claims)):
        _divide(bids.parts[j, first:end], claims[j], total)


@compiled
def divide_all_budgets(bids, terms):
    """``divide_budgets`` of everyone."""
    stocks, members = bids.steps.shape
    scratch = np.empty((stocks, BLOCK)), np.empty(BLOCK)
    for first in range(0, members, BLOCK):
        divide_budgets(bids, terms, (first, min(first + BLOCK, members)), scratch)


@compiled
def _shift(steps, luck):
    for i in range(len(steps)):
        steps[i] -= luck


@compiled
def _claim(claims, cells, response, tick):
    """Cents that investors would spend on a stock where no limit binds, and a precaution."""
    (steps, weights, strategic, held, _, _), (price, mean) = cells, tick
    for i in range(len(claims)):
        keen = response * weights[i]
        wanted = np.floor(strategic[i] + keen * steps[i] - keen * mean)
        claims[i] = np.floor(max(wanted - held[i], 0.0) + PRECAUTION * strategic[i]) * price


@compiled
def _add(total, claims):
    for i in range(len(total)):
        total[i] += claims[i]


@compiled
def _invert(total):
    for i in range(len(total)):
        total[i] = _PARTS / max(total[i], 1.0)


@compiled
def _divide(parts, claims, unit):
    for i in range(len(parts)):
        parts[i] = np.uint16(int(claims[i] * unit[i]))


@compiled
def tally(bids, response, trial, span):
    """Demand of the investors in a span of rows at the ticks on trial: net at each, then bought (int64, by stock)."""
    tallies = np.zeros((len(trial.is_open), 2 * TICKS), np.int64)
    for j in range(len(trial.is_open)):
        if trial.is_open[j]:
            sums = _tally(cells_of(bids, j, span[0], span[1]), response, trial.prices[j], trial.rises[j])
            for k in range(2 * TICKS):
                tallies[j, k] = sums[k]
    return tallies


@compiled
def _tally(cells, response, prices, rises):
    """Net and gross demand at three ticks: shares bought less shares sold, and shares bought."""
    steps, weights, strategic, held, cash, parts = cells
    net_low, net, net_high, bought_low, bought, bought_high = 0, 0, 0, 0, 0, 0
    low_price, price, high_price = prices[0], prices[1], prices[2]
    low_rise, rise, high_rise = rises[0], rises[1], rises[2]
    for i in range(len(steps)):
        keen, owned = response * weights[i], float(held[i])
        anchor = strategic[i] + keen * steps[i]
        budget = float((cash[i] * parts[i]) >> _SHIFT)
        low_change = min(max(np.floor(anchor - keen * low_rise), 0.0) - owned, np.floor(budget / low_price))
        change = min(max(np.floor(anchor - keen * rise), 0.0) - owned, np.floor(budget / price))
        high_change = min(max(np.floor(anchor - keen * high_rise), 0.0) - owned, np.floor(budget / high_price))
        net_low += int(low_change)
        net += int(change)
        net_high += int(high_change)
        bought_low += int(max(low_change, 0.0))
        bought += int(max(change, 0.0))
        bought_high += int(max(high_change, 0.0))
    return net_low, net, net_high, bought_low, bought, bought_high


@compiled
def changes_at(changes, cells, response, tick):
    """Changes of holdings (floats) wanted at one tick, its price and log rise: no short sales, within the budgets.

    Wanted is B [1 + zeta (m - ln p)] in whole shares; Koijen and Yogo (2019, doi:10.1086/701683) find zeta near one.
    """
    (steps, weights, strategic, held, cash, parts), (price, rise) = cells, tick
    for i in range(len(changes)):
        keen = response * weights[i]
        wanted = max(np.floor(strategic[i] + keen * steps[i] - keen * rise), 0.0) - held[i]
        changes[i] = min(wanted, np.floor(float((cash[i] * parts[i]) >> _SHIFT) / price))
