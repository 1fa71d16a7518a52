"""The market for rented training: what operators abroad can order meets buyers who may train there.

Operators offer what they can get in the order of its cost, so that supply is a rising stair; buyers choose by a logit
between renting and what is legal at home. One rent a unit of throughput clears the market: it stands at the lowest
cost while that is enough for all, and rises above it as capacity runs short.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from abm.elementary import exp, log, logistic
from abm.markets.grey import HALVINGS, HIGHEST
from abm.units import Fraction, Usd


@dataclass(frozen=True)
class Offer:
    """Throughput that an operator rents out: its log cost in USD a unit of worth (a reference chip), and how much of it."""

    log_cost: float
    worth: float


@dataclass(frozen=True)
class Renter:
    """A buyer of throughput: the money that it spends on it or on legal chips, and what a USD of these trains (0: none)."""

    name: str
    money: Usd
    legal_training: float


def together(worths: Sequence[float], taste: float) -> float:
    """Worth per USD of alternatives taken together, those of 0 left out: exp of the logit's inclusive value.

    taste x ln sum exp(ln w / taste), which is the best of them as the spread of needs goes to nothing (McFadden 1978).
    """
    logs = sorted(log(worth) for worth in worths if worth > 0)
    if not logs:
        return 0.0
    top = logs[-1]
    return exp(top + taste * log(math.fsum(exp((one - top) / taste) for one in logs)))


def rented_share(log_rent: float, legal_training: float, taste: float) -> Fraction:
    """Share of a renter's money that is spent on rent: logit in the log of training per USD against legal chips."""
    return logistic((-log_rent - log(legal_training)) / taste) if legal_training > 0 else 1.0


def rented_worth(log_rent: float, renters: Sequence[Renter], taste: float) -> float:
    """Worth that renters want at a rent."""
    return math.fsum(one.money * rented_share(log_rent, one.legal_training, taste) for one in renters) / exp(log_rent)


def clearing_log_rent(offers: Sequence[Offer], renters: Sequence[Renter], taste: float) -> float | None:
    """Lowest log USD per unit of worth at which no more is wanted than operators offer at it; None without an offer.

    Demand falls in the rent and supply does not, so a fixed number of halvings finds the same bits everywhere.
    """
    if not offers:
        return None
    low, high = min(offer.log_cost for offer in offers), HIGHEST
    if _is_enough(low, offers, renters, taste):
        return low
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _is_enough(middle, offers, renters, taste):
            high = middle
        else:
            low = middle
    return high


def _is_enough(log_rent: float, offers: Sequence[Offer], renters: Sequence[Renter], taste: float) -> bool:
    offered = math.fsum(offer.worth for offer in offers if offer.log_cost <= log_rent)
    return rented_worth(log_rent, renters, taste) <= offered
