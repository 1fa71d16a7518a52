"""What a trading mechanism is: ``clear(market, demands)`` gives the prices and the trades of one day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HIGHEST_PRICE = 10_000_000_000
"""Highest tick looked at, in cents: a hundred million USD."""


@dataclass(frozen=True)
class Market:
    """What is the same for all who trade: ``previous`` prices in cents, one a stock (int64); ``rank``, the place of each
    investor's permanent id, by which ties go; ``elasticity`` zeta.
    """

    previous: np.ndarray
    rank: np.ndarray
    elasticity: float


@dataclass(frozen=True)
class Demands:
    """What the investors (rows) bring for the stocks (columns), all whole numbers.

    ``held`` whole shares; ``strategic`` shares they mean to hold at their valuation; ``weights`` whole shares by which
    their valuation counts (strategic shares times participation); ``steps`` valuations as whole steps of log distance
    from the last price; ``budgets`` cents they may spend on each stock.
    """

    held: np.ndarray
    strategic: np.ndarray
    weights: np.ndarray
    steps: np.ndarray
    budgets: np.ndarray


@dataclass(frozen=True)
class Clearing:
    """Prices in cents (one a stock), trades as whole changes of holdings (investors x stocks), shares that changed hands.

    In an auction each column of ``trades`` sums to zero; what it lacks, a dealer has taken the other side of.
    """

    prices: np.ndarray
    trades: np.ndarray
    volumes: np.ndarray
