"""The call auction, compiled: the tick at which each stock clears, rationing by largest remainder, settlement.

Remainders are compared in 65,535ths of a share; equal ones go by rank. They are chosen without sorting, by counting
how many have each leading byte and then, of those on the edge, each trailing byte.
"""

from __future__ import annotations

import numpy as np

from abm.markets.clearing import HIGHEST_PRICE
from abm.markets.kernel_build import compiled
from abm.markets.kernel_demand import BLOCK, STEP, TICKS, Trial, cells_of, changes_at, divide_budgets, tally
from abm.markets.kernel_elementary import exp, log
from abm.rules.investor import PER_UNIT

LEVELS = 65_535
"""Parts of a share in which remainders are compared; code 0 is for those who are not cut at all."""

_GUIDED_TRIES = 8
_TABLES = 4


@compiled
def free_prices(previous, means):
    """The tick nearest to the price that clears where no limit binds; ``means`` in steps from the previous price."""
    prices = np.empty(len(previous), np.int64)
    for j in range(len(previous)):
        prices[j] = int(min(max(np.rint(previous[j] * exp(means[j] * STEP)), 1.0), float(HIGHEST_PRICE)))
    return prices


@compiled
def clear_day(bids, terms, is_whole_day):
    """Prices, net demand and shares bought at them (int64, 3 x stocks).

    On a whole day the budgets are divided first, and the mean of disagreement is taken off the valuations.
    """
    stocks, members = bids.steps.shape
    middle, is_open = free_prices(terms.previous, terms.means), np.ones(stocks, np.bool_)
    brackets, scratch = np.zeros((stocks, 2 * TICKS), np.int64), (np.empty((stocks, BLOCK)), np.empty(BLOCK))
    brackets[:, TICKS] = HIGHEST_PRICE + 1
    tries = 0
    while is_open.any():
        ticks, rises = _around(middle, terms.previous)
        trial, tallies = Trial(is_open, ticks.astype(np.float64), rises), np.zeros((stocks, 2 * TICKS), np.int64)
        for first in range(0, members, BLOCK):
            span = first, min(first + BLOCK, members)
            if is_whole_day and tries == 0:
                divide_budgets(bids, terms, span, scratch)
            tallies += tally(bids, terms.response, trial, span)
        for j in range(stocks):
            if is_open[j]:
                is_open[j] = _narrow(brackets[j], ticks[j], tallies[j], tries == 0)
                middle[j] = _next_trial(brackets[j], middle[j], tallies[j], tries)
        tries += 1
    return _chosen(brackets)


@compiled
def log_rise(price, previous):
    """Log distance from the previous price, in steps."""
    return (log(float(price)) - log(float(previous))) * PER_UNIT


@compiled
def _around(middle, previous):
    """The ticks below, at and above a tick of each stock, and their log distances from the previous price in steps."""
    ticks, centres = np.empty((len(middle), TICKS), np.int64), np.empty((len(middle), TICKS))
    for j in range(len(middle)):
        for k in range(TICKS):
            ticks[j, k] = min(max(middle[j] + k - 1, 1), HIGHEST_PRICE)
            centres[j, k] = log_rise(ticks[j, k], previous[j])
    return ticks, centres


@compiled
def _narrow(bracket, ticks, tallies, is_first):
    """Move the ends of a bracket (tick, net and bought at the low end, then at the high one) to the ticks just tried,
    where they lie inside; whether it is still open. The very first tick is taken if demand and supply are equal there.
    """
    if is_first and tallies[1] == 0:
        bracket[:TICKS] = np.array([ticks[1], 0, tallies[TICKS + 1]])
        bracket[TICKS:] = np.array([ticks[1] + 1, -1, 0])
        return False
    for k in range(TICKS):
        end = 0 if tallies[k] >= 0 else TICKS
        if ticks[k] > bracket[0] if end == 0 else ticks[k] < bracket[TICKS]:
            bracket[end], bracket[end + 1], bracket[end + 2] = ticks[k], tallies[k], tallies[TICKS + k]
    return bracket[TICKS] - bracket[0] > 1


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
def _cut(held, codes, changes, cut):
    """Settle changes less the whole part of each cut in ``held``, leave them in ``changes``, and code the remainders;
    the whole parts' sum.
    """
    (side, ratio), whole = cut, 0
    for i in range(len(held)):
        amount = max(side * changes[i], 0.0)
        exact = amount * ratio
        floor = np.floor(exact)
        whole += int(floor)
        changes[i] -= side * floor
        held[i] += int(changes[i])
        codes[i] = np.uint16(1 + int((exact - floor) * LEVELS) if amount > 0.0 else 0)
    return whole


@compiled
def _charge(spent, changes, price):
    for i in range(len(spent)):
        spent[i] += int(changes[i]) * price


@compiled
def _count(counts, codes):
    """Count the leading bytes, in several tables so that one count need not wait for another."""
    for i in range(len(codes)):
        counts[i & (_TABLES - 1), codes[i] >> 8] += 1


@compiled
def _edge(codes, rank, counts, left):
    """The code above which the ``left`` largest remainders lie; codes that share the edge are moved to either side."""
    if left == 0:
        return LEVELS
    byte, found_at = 255, counts.sum(axis=0)
    while left > found_at[byte]:
        left -= found_at[byte]
        byte -= 1
    near, found = np.empty(found_at[byte], np.int64), 0
    for i in range(len(codes)):
        if codes[i] >> 8 == byte:
            near[found] = i
            found += 1
    trailing = np.zeros(256, np.int64)
    for i in near:
        trailing[codes[i] & 255] += 1
    code = 255
    while left > trailing[code]:
        left -= trailing[code]
        code -= 1
    ties = near[np.array([codes[i] & 255 == code for i in near])]
    last = _smallest(rank[ties], left)
    code += byte << 8
    for i in ties:
        codes[i] = code if rank[i] <= last else code - 1
    return code - 1


@compiled
def _smallest(ranks, count):
    """The largest of the ``count`` smallest of different whole numbers from 0."""
    low, high = -1, ranks.max()
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if (ranks <= middle).sum() >= count else (middle, high)
    return high


@compiled
def _finish(held, cash, codes, edge):
    """Cut one more share where the remainder is among the largest; below zero if anyone is short of shares."""
    (code, side, price), short = edge, 0
    for i in range(len(held)):
        is_cut = codes[i] > code
        held[i] -= side if is_cut else 0
        cash[i] += price if is_cut else 0
        short |= held[i]
    return short


@compiled
def ration_day(bids, terms, cleared, codes):
    """Settle in ``held`` and ``cash`` what everyone wants at the prices, the long side cut so that shares bought equal
    shares sold; whether nobody was short of either. ``cleared`` is what ``clear_day`` returned, ``codes`` scratch.
    """
    stocks, members = codes.shape
    edges = _provisional(bids, terms, cleared, codes)
    short = 0
    for first in range(0, members, BLOCK):
        end = min(first + BLOCK, members)
        for j in range(stocks):
            cash, side = bids.cash[min(j, len(bids.cash) - 1), first:end], 1 if cleared[1, j] >= 0 else -1
            edge = edges[j], side, side * cleared[0, j]
            short |= _finish(bids.held[j, first:end], cash, codes[j, first:end], edge)
        for row in range(len(bids.cash)):
            short |= _lowest(bids.cash[row, first:end])
    return short >= 0


@compiled
def _lowest(cash):
    """Below zero if any is."""
    short = 0
    for i in range(len(cash)):
        short |= cash[i]
    return short


@compiled
def _provisional(bids, terms, cleared, codes):
    """Settle all but the last share of the cuts, and code their remainders; the codes above which one more is cut."""
    stocks, members = codes.shape
    prices, net, bought = cleared[0], cleared[1], cleared[2]
    left, counts = np.abs(net), np.zeros((stocks, _TABLES, 256), np.int64)
    changes, spent = np.empty(BLOCK), np.empty((len(bids.cash), BLOCK), np.int64)
    for first in range(0, members, BLOCK):
        end = min(first + BLOCK, members)
        spent[:] = 0
        for j in range(stocks):
            wanted, part, row = changes[: end - first], codes[j, first:end], min(j, len(bids.cash) - 1)
            tick = float(prices[j]), log_rise(prices[j], terms.previous[j])
            changes_at(wanted, cells_of(bids, j, first, end), terms.response, tick)
            cut = 1.0 if net[j] >= 0 else -1.0, abs(net[j]) / max(bought[j] - min(net[j], 0), 1)
            left[j] -= _cut(bids.held[j, first:end], part, wanted, cut)
            _charge(spent[row, : end - first], wanted, prices[j])
            if net[j] != 0:
                _count(counts[j], part)
        for row in range(len(bids.cash)):
            _pay(bids.cash[row, first:end], spent[row])
    edges = np.empty(stocks, np.int64)
    for j in range(stocks):
        edges[j] = _edge(codes[j], terms.rank, counts[j], left[j])
    return edges


@compiled
def _pay(cash, spent):
    for i in range(len(cash)):
        cash[i] -= spent[i]


@compiled
def money_traded(before, after, prices):
    """Cents that each member has paid and been paid for changes of its holdings (stocks x members)."""
    traded = np.zeros(after.shape[1], np.int64)
    for j in range(len(prices)):
        for i in range(len(traded)):
            traded[i] += abs(after[j, i] - before[j, i]) * prices[j]
    return traded
