"""The call auction of one stock, written plainly: the same answer as ``auction.clear``, investor by investor.

It is what the fast forms of the market are tested against, to the last share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from abm.elementary import exp, log
from abm.markets.auction import HIGHEST_PRICE
from abm.rules.investor import PER_UNIT


@dataclass(frozen=True)
class Bidder:
    """One investor in the auction of one stock; the fields are those of ``Demands``."""

    rank: int
    held: int
    strategic: int
    weight: int
    step: int
    budget: int

    def change(self, elasticity: float, log_rise: float, price: int) -> int:
        """Shares wanted less shares held at a price, purchases within the budget, no short sales."""
        response = elasticity * self.weight
        at_last_price = self.strategic + response * (self.step / PER_UNIT)
        wanted = max(math.floor(at_last_price - response * log_rise), 0)
        return min(wanted - self.held, self.budget // price)


def clear_plainly(bidders: Sequence[Bidder], previous: int, elasticity: float) -> tuple[int, list[int]]:
    """The clearing price in cents and every bidder's change of holding."""

    def wanted(price: int) -> list[int]:
        log_rise = log(price) - log(previous)
        return [one.change(elasticity, log_rise, price) for one in bidders]

    def excess(price: int) -> int:
        return sum(wanted(price))  # integers

    start = _free_price(bidders, previous)
    price = start if excess(start) == 0 else _tick(excess)
    return price, _ration(bidders, wanted(price))


def _free_price(bidders: Sequence[Bidder], previous: int) -> int:
    weight = sum(one.weight for one in bidders)  # integers
    mean = sum(one.weight * one.step for one in bidders) // max(weight, 1)  # integers
    return min(max(round(previous * exp(mean / PER_UNIT)), 1), HIGHEST_PRICE)


def _tick(excess: Callable[[int], int]) -> int:
    """Bisect all ticks for the change of sign, then take the side with the smaller excess."""
    low, high = 0, HIGHEST_PRICE + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if excess(middle) >= 0 else (low, middle)
    if low == 0 or high > HIGHEST_PRICE:
        return max(low, 1)
    return high if -excess(high) < excess(low) else low


def _ration(bidders: Sequence[Bidder], wanted: list[int]) -> list[int]:
    """Cut the long side pro rata by largest remainder, ties to the lower rank."""
    surplus = sum(wanted)  # integers
    side = 1 if surplus >= 0 else -1
    amounts = [max(side * one, 0) for one in wanted]
    total = max(sum(amounts), 1)  # integers
    cuts = [amount * abs(surplus) // total for amount in amounts]
    left = abs(surplus) - sum(cuts)  # integers
    by_remainder = sorted(
        range(len(bidders)), key=lambda i: (-(amounts[i] * abs(surplus) % total), bidders[i].rank)
    )
    for i in by_remainder[:left]:
        cuts[i] += 1
    return [change - side * cut for change, cut in zip(wanted, cuts, strict=True)]
