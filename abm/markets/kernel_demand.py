"""What investors want, compiled: stances, valuations in whole steps, budgets, and demand at a few ticks.

Arrays are stocks x investors, and an investor-day is done in blocks of investors that stay in the processor's cache.
Sums over investors are sums of whole numbers, so that the order of the rows does not matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.markets.kernel_build import compiled
from abm.markets.kernel_draws import LARGEST_STEPS
from abm.rules.investor import BUDGET_PARTS, PER_UNIT, PRECAUTION

BLOCK = 256
"""Investors at a time."""

TICKS = 3
"""Neighbouring ticks at which demand is added up in one pass."""

STEP = 1.0 / PER_UNIT
"""One step as a log distance."""

_CIRCLE = np.uint64(2**32 - 1)
_PARTS = float(BUDGET_PARTS)
_SHIFT = BUDGET_PARTS.bit_length() - 1


@compiled
def _stances(fundamental, positions, turn, threshold):
    """Whether each position on the circle, turned, lies below the threshold (all in 2^-32 of the circle)."""
    for i in range(len(fundamental)):
        fundamental[i] = ((np.uint64(positions[i]) + turn) & _CIRCLE) < threshold


@compiled
def _valued(steps, by_market, positions, weights, turn, threshold, views):
    """Add views to disagreement; the sums of weight x disagreement, of weight x valuation and of fundamental weight.

    ``views`` are steps by market stance and stock stance, technical first.
    """
    luck, whole, inside = 0, 0, 0
    for i in range(len(steps)):
        is_fundamental = ((np.uint64(positions[i]) + turn) & _CIRCLE) < threshold
        with_market = views[1, 1] if is_fundamental else views[1, 0]
        without = views[0, 1] if is_fundamental else views[0, 0]
        luck += steps[i] * weights[i]
        value = min(max(steps[i] + (with_market if by_market[i] else without), -LARGEST_STEPS), LARGEST_STEPS)
        steps[i] = value
        whole += value * weights[i]
        inside += weights[i] if is_fundamental else 0
    return luck, whole, inside


@compiled
def value_stocks(steps, taken_in, positions, weights, market_weights, turns, thresholds, views):
    """Valuations in steps from the last price, in place of the disagreement in ``steps``; sums by layer.

    ``taken_in`` (int32, stocks x investors, or no columns) is news. Returns int64, layers x 3: weight x disagreement,
    weight x valuation, weight with the fundamental stance; the market layer first, which has the last alone.
    """
    stocks, members = steps.shape
    sums = np.zeros((stocks + 1, TICKS), np.int64)
    by_market = np.empty(BLOCK, np.bool_)
    for first in range(0, members, BLOCK):
        end = min(first + BLOCK, members)
        stance = by_market[: end - first]
        _stances(stance, positions[0, first:end], turns[0], thresholds[0])
        for i in range(end - first):
            sums[0, 2] += market_weights[first + i] if stance[i] else 0
        for j in range(stocks):
            if taken_in.shape[1]:
                sums[j + 1, 0] += _add_news(steps[j, first:end], taken_in[j, first:end], weights[j, first:end])
            luck, whole, inside = _valued(
                steps[j, first:end], stance, positions[j + 1, first:end], weights[j, first:end],
                turns[j + 1], thresholds[j + 1], views[j],
            )  # fmt: skip
            sums[j + 1, 0] += luck
            sums[j + 1, 1] += whole
            sums[j + 1, 2] += inside
    return sums


@compiled
def _add_news(steps, taken_in, weights):
    """Add news to disagreement; what is to be taken off the weighted sum for it."""
    news = 0
    for i in range(len(steps)):
        steps[i] += taken_in[i]
        news -= taken_in[i] * weights[i]
    return news


@compiled
def _claim(claims, steps, weights, strategic, held, response, price, centre):
    """Cents that investors would spend on a stock where no limit binds, and a precaution."""
    for i in range(len(claims)):
        keen = response * weights[i]
        wanted = np.floor(strategic[i] + keen * steps[i] - keen * centre)
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
def _tally(steps, weights, strategic, held, cash, parts, response, prices, centres):
    """Net and gross demand at three ticks: shares bought less shares sold, and shares bought."""
    net_low, net, net_high, bought_low, bought, bought_high = 0, 0, 0, 0, 0, 0
    low_price, price, high_price = prices
    low_centre, centre, high_centre = centres
    for i in range(len(steps)):
        keen, owned = response * weights[i], float(held[i])
        anchor = strategic[i] + keen * steps[i]
        budget = float((cash[i] * parts[i]) >> _SHIFT)
        low_change = min(max(np.floor(anchor - keen * low_centre), 0.0) - owned, np.floor(budget / low_price))
        change = min(max(np.floor(anchor - keen * centre), 0.0) - owned, np.floor(budget / price))
        high_change = min(max(np.floor(anchor - keen * high_centre), 0.0) - owned, np.floor(budget / high_price))
        net_low += int(low_change)
        net += int(change)
        net_high += int(high_change)
        bought_low += int(max(low_change, 0.0))
        bought += int(max(change, 0.0))
        bought_high += int(max(high_change, 0.0))
    return net_low, net, net_high, bought_low, bought, bought_high


@compiled
def changes_at(changes, steps, weights, strategic, held, cash, parts, response, price, centre):
    """Changes of holdings (floats) wanted at one tick: no short sales, purchases within the budgets."""
    for i in range(len(changes)):
        keen = response * weights[i]
        wanted = max(np.floor(strategic[i] + keen * steps[i] - keen * centre), 0.0) - held[i]
        changes[i] = min(wanted, np.floor(float((cash[i] * parts[i]) >> _SHIFT) / price))


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


@compiled
def tally(tallies, is_open, bids, response, prices, centres, first, end):
    """Add the demand of some investors at three ticks of every open stock to its row of ``tallies``."""
    for j in range(len(is_open)):
        if is_open[j]:
            sums = _tally(
                bids.steps[j, first:end], bids.weights[j, first:end], bids.strategic[j, first:end],
                bids.held[j, first:end], bids.cash[min(j, len(bids.cash) - 1), first:end], bids.parts[j, first:end],
                response, (prices[j, 0], prices[j, 1], prices[j, 2]), (centres[j, 0], centres[j, 1], centres[j, 2]),
            )  # fmt: skip
            for k in range(2 * TICKS):
                tallies[j, k] += sums[k]


@compiled
def _shift(steps, luck):
    for i in range(len(steps)):
        steps[i] -= luck


@compiled
def divide_budgets(bids, response, previous, luck, means, first, end, claims, total):
    """Take the mean of disagreement (``luck``, by stock) off the valuations of some investors and fill their ``parts``:
    cash in proportion to what they mean to spend on each stock.

    ``means`` are those of the valuations that are left; ``claims`` and ``total`` are scratch.
    """
    total[:] = 0.0
    for j in range(len(previous)):
        _shift(bids.steps[j, first:end], luck[j])
        _claim(
            claims[j], bids.steps[j, first:end], bids.weights[j, first:end], bids.strategic[j, first:end],
            bids.held[j, first:end], response, float(previous[j]), float(means[j]),
        )  # fmt: skip
        _add(total, claims[j])
    _invert(total)
    for j in range(len(previous)):
        _divide(bids.parts[j, first:end], claims[j], total)


@compiled
def divide_all_budgets(bids, elasticity, previous, luck, means):
    """``divide_budgets`` of everyone."""
    stocks, members = bids.steps.shape
    claims, total = np.empty((stocks, BLOCK)), np.empty(BLOCK)
    for first in range(0, members, BLOCK):
        end = min(first + BLOCK, members)
        divide_budgets(
            bids, elasticity * STEP, previous, luck, means, first, end, claims[:, : end - first], total[: end - first]
        )
