"""The call auction, compiled: the tick at which each stock clears, rationing by largest remainder, settlement.

Remainders are compared in 65,535ths of a share; equal ones go by rank. They are chosen without sorting, by counting
how many have each leading byte and then, of those on the edge, each trailing byte.
"""

from __future__ import annotations

import numpy as np

from abm.markets.kernel_build import compiled
from abm.markets.kernel_demand import BLOCK, TICKS, changes_at, divide_budgets, tally
from abm.markets.kernel_elementary import exp, log
from abm.rules.investor import PER_UNIT

HIGHEST_PRICE = 10_000_000_000
"""Highest tick looked at, in cents: a hundred million USD."""

LEVELS = 65_535
"""Parts of a share in which remainders are compared; code 0 is for those who are not cut at all."""

_STEP = 1.0 / PER_UNIT
_GUIDED_TRIES = 8
_TABLES = 4


@compiled
def free_prices(previous, means):
    """The tick nearest to the price that clears where no limit binds; ``means`` in steps from the previous price."""
    prices = np.empty(len(previous), np.int64)
    for j in range(len(previous)):
        prices[j] = int(min(max(np.rint(previous[j] * exp(means[j] * _STEP)), 1.0), float(HIGHEST_PRICE)))
    return prices


@compiled
def clear_day(bids, previous, elasticity, luck, means, must_divide):
    """Prices, net demand and shares bought at them (int64, by stock).

    ``luck`` is the weighted mean of disagreement to be taken off, ``means`` that of valuations; where ``must_divide``,
    budgets are first divided.
    """
    stocks, members = bids.steps.shape
    response = elasticity * _STEP
    brackets = np.zeros((stocks, 6), np.int64)  # low tick, net and bought there; the same at the high tick
    brackets[:, 3] = HIGHEST_PRICE + 1
    start = free_prices(previous, means - luck)
    middle, is_open = start.copy(), np.ones(stocks, np.bool_)
    claims, total = np.empty((stocks, BLOCK)), np.empty(BLOCK)
    tries = 0
    while is_open.any():
        ticks, prices, centres = _around(middle, previous, luck)
        tallies = np.zeros((stocks, 2 * TICKS), np.int64)
        for first in range(0, members, BLOCK):
            end = min(first + BLOCK, members)
            if must_divide and tries == 0:
                divide_budgets(
                    bids, response, previous.astype(np.float64), means.astype(np.float64), first, end,
                    claims[:, : end - first], total[: end - first],
                )  # fmt: skip
            tally(tallies, is_open, bids, response, prices, centres, first, end)
        for j in range(stocks):
            if is_open[j]:
                _narrow(brackets[j], ticks[j], tallies[j])
                is_open[j] = brackets[j, 3] - brackets[j, 0] > 1
                if tries == 0 and tallies[j, 1] == 0:
                    brackets[j, :3] = start[j], 0, tallies[j, 4]
                    brackets[j, 3:] = start[j] + 1, -1, 0
                    is_open[j] = False
                middle[j] = _next_trial(brackets[j], middle[j], tallies[j], tries)
        tries += 1
    return _chosen(brackets)


@compiled
def _around(middle, previous, luck):
    """The ticks below, at and above, as whole numbers, as floats and as steps of log distance, luck added."""
    ticks = np.empty((len(middle), TICKS), np.int64)
    centres = np.empty((len(middle), TICKS))
    for j in range(len(middle)):
        before = log(float(previous[j]))
        for k in range(TICKS):
            ticks[j, k] = min(max(middle[j] + k - 1, 1), HIGHEST_PRICE)
            centres[j, k] = luck[j] + (log(float(ticks[j, k])) - before) * PER_UNIT
    return ticks, ticks.astype(np.float64), centres


@compiled
def _narrow(bracket, ticks, tallies):
    """Move the ends of a bracket to the ticks just tried, where they lie inside."""
    for k in range(TICKS):
        end = 0 if tallies[k] >= 0 else 3
        inside = ticks[k] > bracket[0] if end == 0 else ticks[k] < bracket[3]
        if inside:
            bracket[end], bracket[end + 1], bracket[end + 2] = ticks[k], tallies[k], tallies[TICKS + k]


@compiled
def _next_trial(bracket, middle, tallies, tries):
    """Where the slope between the last ticks points, inside the bracket; after some tries its plain middle."""
    low, high = bracket[0], bracket[3]
    if tries >= _GUIDED_TRIES:
        guess = min(2 * low + 1, (low + high) // 2) if high > HIGHEST_PRICE else (low + high) // 2
    else:
        slope = max((tallies[0] - tallies[2]) / 2.0, 1.0)
        guess = middle + int(np.rint(tallies[1] / slope))
    return min(max(guess, low + 1), high - 1)


@compiled
def _chosen(brackets):
    """Of the two ends of each bracket the one with the smaller excess, the lower if equal, inside the limits."""
    chosen = np.empty((3, len(brackets)), np.int64)
    for j in range(len(brackets)):
        low, excess, _, high, shortage, _ = brackets[j]
        upper = high <= HIGHEST_PRICE and (low == 0 or -shortage < excess)
        for k in range(3):
            chosen[k, j] = brackets[j, 3 + k] if upper else brackets[j, k]
    return chosen


@compiled
def _cut(trades, codes, changes, side, ratio):
    """Trades after the whole part of each cut, and codes of the remainders; the whole parts' sum."""
    whole = 0
    for i in range(len(trades)):
        amount = max(side * changes[i], 0.0)
        cut = amount * ratio
        floor = np.floor(cut)
        whole += int(floor)
        trades[i] = int(changes[i] - side * floor)
        codes[i] = np.uint16(1 + int((cut - floor) * LEVELS) if amount > 0.0 else 0)
    return whole


@compiled
def _count(counts, codes):
    """Count the leading bytes, in several tables so that one count need not wait for another."""
    for i in range(len(codes)):
        counts[i & (_TABLES - 1), codes[i] >> 8] += 1


@compiled
def _edge(codes, rank, counts, left):
    """The code above which ``left`` remainders or fewer lie, and the rank up to which those at it are cut too."""
    if left == 0:
        return LEVELS, -1
    byte = 255
    while left > counts[:, byte].sum():
        left -= counts[:, byte].sum()
        byte -= 1
    trailing = np.zeros(256, np.int64)
    for i in range(len(codes)):
        if codes[i] >> 8 == byte:
            trailing[codes[i] & 255] += 1
    code = 255
    while left > trailing[code]:
        left -= trailing[code]
        code -= 1
    code += byte << 8
    return code, _last_rank(codes, rank, code, left)


@compiled
def _last_rank(codes, rank, code, count):
    """The rank up to which there are ``count`` rows of a code."""
    low, high = -1, len(codes) - 1
    while high - low > 1:
        middle, found = (low + high) // 2, 0
        for i in range(len(codes)):
            found += 1 if codes[i] == code and rank[i] <= middle else 0
        low, high = (low, middle) if found >= count else (middle, high)
    return high


@compiled
def _finish(trades, codes, rank, side, code, last):
    """Cut one more share where the remainder is among the largest."""
    for i in range(len(trades)):
        is_cut = codes[i] > code or (codes[i] == code and rank[i] <= last)
        trades[i] -= side if is_cut else 0


@compiled
def _settle(held, cash, trades, price):
    """Move shares and cash; below zero if anyone is short of shares or of cash."""
    short = 0
    for i in range(len(held)):
        held[i] += trades[i]
        cash[i] -= trades[i] * price
        short |= held[i] | cash[i]
    return short


@compiled
def ration_day(bids, rank, elasticity, centres, outcome, trades, codes, is_settled):
    """Fill ``trades`` (int64), the long side cut so that each stock's sum to zero, and settle them in ``held`` and
    ``cash`` if asked; whether nobody was short of either.

    ``centres`` are the clearing prices as steps of log distance, luck added; ``outcome`` is that of ``clear_day``;
    ``codes`` (uint16) is scratch.
    """
    stocks, members = trades.shape
    prices, net, bought = outcome[0], outcome[1], outcome[2]
    sides, edges = np.where(net >= 0, 1, -1), np.empty((stocks, 2), np.int64)
    left, counts = np.abs(net), np.zeros((stocks, _TABLES, 256), np.int64)
    changes = np.empty(BLOCK)
    for first in range(0, members, BLOCK):
        end = min(first + BLOCK, members)
        for j in range(stocks):
            wanted, part = changes[: end - first], codes[j, first:end]
            changes_at(
                wanted, bids.steps[j, first:end], bids.weights[j, first:end], bids.strategic[j, first:end],
                bids.held[j, first:end], bids.cash[min(j, len(bids.cash) - 1), first:end], bids.parts[j, first:end],
                elasticity * _STEP, float(prices[j]), centres[j],
            )  # fmt: skip
            long_side = max(bought[j] if net[j] >= 0 else bought[j] - net[j], 1)
            left[j] -= _cut(trades[j, first:end], part, wanted, float(sides[j]), abs(net[j]) / long_side)
            if net[j] != 0:
                _count(counts[j], part)
    for j in range(stocks):
        edges[j, 0], edges[j, 1] = _edge(codes[j], rank, counts[j], left[j])
    short = 0
    for first in range(0, members, BLOCK):
        end = min(first + BLOCK, members)
        for j in range(stocks):
            made = trades[j, first:end]
            _finish(made, codes[j, first:end], rank[first:end], sides[j], edges[j, 0], edges[j, 1])
            if is_settled:
                short |= _settle(bids.held[j, first:end], bids.cash[0, first:end], made, prices[j])
    return short >= 0
