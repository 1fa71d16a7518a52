"""A call auction for several stocks at once, in whole shares and whole cents (section 4.11 of the model).

Every investor's demand falls in the price, so excess demand changes sign once. Where no limit binds the price is the
weighted mean of the valuations; the tick is found from there by bracketing. The long side is rationed pro rata by
largest remainder, so that shares bought equal shares sold exactly.
"""

from __future__ import annotations

import numpy as np

from abm.markets.clearing import HIGHEST_PRICE, Clearing, Demands, Market
from abm.markets.kernel_auction import clear_day, ration_day
from abm.markets.kernel_demand import STEP, Bids, Terms
from abm.rules.investor import BUDGET_PARTS, MOST_CASH, weighted_mean

__all__ = ["HIGHEST_PRICE", "clear"]


def clear(market: Market, demands: Demands) -> Clearing:
    """Clear every stock at its tick, and ration the long side.

    The tick is the one nearest to the price that would clear without limits if shares wanted equal shares offered
    there; otherwise, of the highest tick at which no fewer are wanted than offered and the next one up, the one with
    the smaller excess, the lower if they are equal. One cent if there is excess supply even there. Raises ValueError for
    a budget that is too large for exact sums.
    """
    if demands.budgets.max(initial=0) >= MOST_CASH:
        raise ValueError(f"a budget of {demands.budgets.max()} cents is not below {MOST_CASH}")
    held, budgets = by_stock(demands.held), by_stock(demands.budgets)
    bids = Bids(
        steps=by_stock(demands.steps, np.int32), weights=by_stock(demands.weights), held=held.copy(),
        strategic=by_stock(demands.strategic), cash=budgets.copy(),
        parts=np.full(held.shape, BUDGET_PARTS, np.uint16),
    )  # fmt: skip
    means = weighted_mean(demands.steps, demands.weights)
    terms = Terms(market.previous, market.rank, market.elasticity * STEP, np.zeros_like(means), means)
    cleared = clear_day(bids, terms, False)
    ration_day(bids, terms, cleared, np.empty(held.shape, np.uint16))
    return Clearing(cleared[0], (bids.held - held).T, volumes(cleared))


def volumes(cleared: np.ndarray) -> np.ndarray:
    """Shares that changed hands, by stock: the short side of what ``clear_day`` returned."""
    return cleared[2] - np.maximum(cleared[1], 0)


def by_stock(cells: np.ndarray, kind: type = np.int64) -> np.ndarray:
    """Cells of investors x stocks as an array of stocks x investors with neighbouring investors side by side."""
    return np.ascontiguousarray(cells.T, dtype=kind)
