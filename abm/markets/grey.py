"""The grey market: diverted chips of several kinds meet buyers who compare them with what they may buy legally.

Chips trade at a common price per unit of worth, so that one number clears the market and each chip's price is that
number times its worth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from abm.elementary import exp, log, logistic
from abm.units import Fraction, Usd

LOWEST, HIGHEST = -20.0, 30.0  # bracket of the log price per unit of worth, in log USD
HALVINGS = 44


@dataclass(frozen=True)
class GreyBuyer:
    """A buyer of diverted chips: the money it would spend this week and its best legal worth per USD (0 if none)."""

    name: str
    money: Usd
    legal_worth: float


def wanted_share(log_price: float, legal_worth: float, taste: float) -> Fraction:
    """Share of a buyer's money that goes to diverted chips: logit in the log of worth per USD against legal chips."""
    if legal_worth <= 0:
        return 1.0
    return logistic((-log_price - log(legal_worth)) / taste)


def demanded_worth(log_price: float, buyers: Sequence[GreyBuyer], taste: float) -> float:
    """Worth that buyers want at a log price per unit of worth."""
    money = math.fsum(buyer.money * wanted_share(log_price, buyer.legal_worth, taste) for buyer in buyers)
    return money / exp(log_price)


def clearing_log_price(supplied_worth: float, buyers: Sequence[GreyBuyer], taste: float) -> float | None:
    """Log USD per unit of worth at which demand equals supply; None where nobody wants anything or supply is none.

    Demand falls in the price, so bisection with a fixed number of halvings finds the same bits everywhere.
    """
    if supplied_worth <= 0 or not any(buyer.money > 0 for buyer in buyers):
        return None
    low, high = LOWEST, HIGHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if demanded_worth(middle, buyers, taste) > supplied_worth:
            low = middle
        else:
            high = middle
    return (low + high) / 2
