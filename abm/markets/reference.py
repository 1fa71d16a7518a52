"""The stock market written plainly: the same draws and the same answers as the compiled one, investor by investor.

It is what the compiled market is tested against, to the last share and cent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from abm.chance import Chance, philox, round_keys, slot
from abm.elementary import exp, log, normal_quantile
from abm.markets.clearing import HIGHEST_PRICE
from abm.rules.investor import BUDGET_PARTS, LARGEST_DEVIATION, PER_UNIT, PRECAUTION

LARGEST_STEPS = round(LARGEST_DEVIATION * PER_UNIT)
CIRCLE = 2**32
LEVELS = 65_535
STEP = 1.0 / PER_UNIT


@dataclass(frozen=True)
class Today:
    """What a day gives to all: turns and thresholds by layer in 2^-32 of the circle, views in steps by stock, market
    stance and stock stance (technical first), the last prices in cents and the elasticity of demand.
    """

    day: int
    tickers: Sequence[str]
    turns: Sequence[int]
    thresholds: Sequence[int]
    views: Sequence[Sequence[Sequence[int]]]
    previous: Sequence[int]
    elasticity: float


@dataclass(slots=True)
class Bidder:
    """One investor in the auction of one stock; the fields are those of ``Demands``."""

    rank: int
    held: int
    strategic: int
    weight: int
    step: int
    budget: int

    def wanted(self, elasticity: float, rise: float) -> float:
        """Whole shares wanted when the log price has risen by so many steps, before limits."""
        keen = elasticity * STEP * self.weight
        return math.floor(self.strategic + keen * self.step - keen * rise)

    def change(self, elasticity: float, rise: float, price: int) -> int:
        """Shares wanted less shares held at a price, purchases within the budget, no short sales."""
        return min(max(self.wanted(elasticity, rise), 0) - self.held, self.budget // price)


@dataclass
class PlainInvestor:
    """One investor: its name, its places on the circles, what it holds, and its valuations and budgets of the day."""

    kind: str
    member: int
    rank: int
    positions: Sequence[int]
    spread: int
    strategic: Sequence[int]
    weights: Sequence[int]
    market_weight: int
    held: list[int]
    cash: int
    steps: list[int] = field(default_factory=list)
    budgets: list[int] = field(default_factory=list)

    def disagree(self, today: Today, chance: Chance) -> list[int]:
        """Its disagreement on every stock, drawn by name."""
        numbers = (normal_of((self.kind, self.member), ticker, today.day, chance) for ticker in today.tickers)
        return [self.disagreement(number) for number in numbers]

    def disagreement(self, number: int) -> int:
        """A normal in 2^-24 as steps of its own spread."""
        return _cut_off((number * self.spread + 2**23) >> 24)

    def is_fundamental(self, today: Today, layer: int) -> bool:
        """Whether it takes the fundamental stance in a layer."""
        return (self.positions[layer] + today.turns[layer]) % CIRCLE < today.thresholds[layer]

    def value(self, today: Today, luck: Sequence[int], news: Sequence[int] | None = None) -> None:
        """Form valuations: disagreement, news and the views of its stances."""
        market = self.is_fundamental(today, 0)
        self.steps = []
        for j, view in enumerate(today.views):
            fresh = luck[j] + (news[j] if news else 0)
            self.steps.append(_cut_off(fresh + view[market][self.is_fundamental(today, j + 1)]))

    def divide_budget(self, today: Today, means: Sequence[int]) -> None:
        """Divide cash in proportion to what it would spend if no limit bound, and a little more."""
        claims = []
        for j, price in enumerate(today.previous):
            purchase = max(self.bid(j).wanted(today.elasticity, means[j]) - self.held[j], 0.0)
            claims.append(math.floor(purchase + PRECAUTION * self.strategic[j]) * price)
        unit = float(BUDGET_PARTS) / max(sum(claims), 1.0)  # integers
        self.budgets = [self.cash * int(claim * unit) // BUDGET_PARTS for claim in claims]

    def bid(self, j: int) -> Bidder:
        """Itself in the auction of a stock."""
        budget = self.budgets[j] if self.budgets else 0
        return Bidder(self.rank, self.held[j], self.strategic[j], self.weights[j], self.steps[j], budget)

    def settle(self, j: int, change: int, price: int) -> None:
        """Exchange shares and cash."""
        self.held[j] += change
        self.cash -= change * price


def normal_of(name: tuple[str, int], ticker: str, day: int, chance: Chance) -> int:
    """The normal of a member (class and place in it) on a stock and day, in 2^-24: one of the eight draws of a block."""
    kind, member = name
    where = slot(f"{kind} in {ticker}")
    words = philox((where % 2**32, member // 8, day % 2**32, where >> 32), round_keys(*chance.key("disagreement")))
    lane = member % 8
    return quantile_of((words[lane // 2] >> 16 * (lane % 2)) % 2**16)


@cache
def quantile_of(part: int) -> int:
    """Normal quantile at the middle of one of 2^16 equal parts, in 2^-24."""
    return round(normal_quantile((part + 0.5) / 2**16) * 2**24)


def trade_plainly(
    investors: Sequence[PlainInvestor], today: Today, luck: Sequence[Sequence[int]],
    news: Sequence[Sequence[int]] | None = None,
) -> tuple[list[int], list[float], list[list[int]]]:  # fmt: skip
    """One whole day on the disagreement that each has drawn: prices in cents, fundamental shares by layer, trades by stock.
    """
    for i, one in enumerate(investors):
        one.value(today, luck[i], news[i] if news else None)
    stocks = range(len(today.previous))
    shifts = [_weighted_mean([one.weights[j] for one in investors], [row[j] for row in luck]) for j in stocks]
    for one in investors:
        one.steps = [step - shift for step, shift in zip(one.steps, shifts, strict=True)]
        one.budgets = []
    means = [_mean_value([one.bid(j) for one in investors]) for j in stocks]
    for one in investors:
        one.divide_budget(today, means)
    prices, trades = [], []
    for j, previous in enumerate(today.previous):
        price, changes = clear_plainly([one.bid(j) for one in investors], previous, today.elasticity)
        prices.append(price)
        trades.append(changes)
    for one, *changes in zip(investors, *trades, strict=True):
        for j, change in enumerate(changes):
            one.settle(j, change, prices[j])
    return prices, fundamental_shares(investors, today), trades


def fundamental_shares(investors: Sequence[PlainInvestor], today: Today) -> list[float]:
    """Share of each layer's weight that belongs to investors with the fundamental stance."""
    shares = []
    for layer in range(len(today.turns)):
        weights = [one.weights[layer - 1] if layer else one.market_weight for one in investors]
        inside = [w for one, w in zip(investors, weights, strict=True) if one.is_fundamental(today, layer)]
        shares.append(sum(inside) / sum(weights) if any(weights) else 0.5)  # integers
    return shares


def clear_plainly(bidders: Sequence[Bidder], previous: int, elasticity: float) -> tuple[int, list[int]]:
    """The clearing price in cents and every bidder's change of holding."""

    @cache
    def wanted(price: int) -> list[int]:
        rise = (log(price) - log(previous)) * PER_UNIT
        return [one.change(elasticity, rise, price) for one in bidders]

    def excess(price: int) -> int:
        return sum(wanted(price))  # integers

    start = min(max(round(previous * exp(_mean_value(bidders) * STEP)), 1), HIGHEST_PRICE)
    price = start if excess(start) == 0 else _tick(excess, start)
    return price, _ration(bidders, wanted(price))


def _mean_value(bidders: Sequence[Bidder]) -> int:
    return _weighted_mean([one.weight for one in bidders], [one.step for one in bidders])


def _weighted_mean(weights: Sequence[int], steps: Sequence[int]) -> int:
    whole = sum(weights)  # integers
    return sum(w * step for w, step in zip(weights, steps, strict=True)) // max(whole, 1)  # integers


def _tick(excess: Callable[[int], int], start: int) -> int:
    """Go from the start in growing strides to where excess changes sign, bisect, and take the side of smaller excess."""
    low, high = (start, HIGHEST_PRICE + 1) if excess(start) >= 0 else (0, start)
    upwards, stride = low == start, 1
    while high - low > 1:
        strides = start + stride if upwards else start - stride
        trial = strides if low < strides < high else (low + high) // 2
        low, high = (trial, high) if excess(trial) >= 0 else (low, trial)
        stride = 2 * stride if upwards == (low == trial) else HIGHEST_PRICE
    if low == 0 or high > HIGHEST_PRICE:
        return max(low, 1)
    return high if -excess(high) < excess(low) else low


def _ration(bidders: Sequence[Bidder], wanted: list[int]) -> list[int]:
    """Cut the long side pro rata by largest remainder, compared in 65,535ths of a share, ties to the lower rank."""
    surplus = sum(wanted)  # integers
    side = 1 if surplus >= 0 else -1
    amounts = [max(side * one, 0) for one in wanted]
    ratio = abs(surplus) / max(sum(amounts), 1)  # integers
    cuts = [math.floor(amount * ratio) for amount in amounts]
    left = abs(surplus) - sum(cuts)  # integers
    long_side = [i for i, amount in enumerate(amounts) if amount > 0]
    remainders = {i: int((amounts[i] * ratio - cuts[i]) * LEVELS) for i in long_side}
    for i in sorted(long_side, key=lambda i: (-remainders[i], bidders[i].rank))[:left]:
        cuts[i] += 1
    return [change - side * cut for change, cut in zip(wanted, cuts, strict=True)]


def _cut_off(steps: int) -> int:
    return min(max(steps, -LARGEST_STEPS), LARGEST_STEPS)
