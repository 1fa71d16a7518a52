"""The crowd's day: what the compiled parts share from day to day, and the order in which they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.books import Books, BooksError
from abm.chance import Chance
from abm.markets.auction import by_stock, volumes
from abm.markets.clearing import Clearing, Demands, Market
from abm.markets.crowd import CIRCLE, Crowd
from abm.markets.kernel_auction import clear_day, ration_day
from abm.markets.kernel_demand import Bids, divide_all_budgets, value_stocks
from abm.markets.kernel_draws import disagree, normal_table
from abm.rules.investor import BUDGET_PARTS

DAYS = 2**32
NO_NEWS = np.zeros((0, 0), dtype=np.int32)


@dataclass(frozen=True)
class Stances:
    """What settles the stances and views of a day, by layer, market first: ``turns`` of the circles and the
    probabilities of the fundamental stance (between 0 and 1), and ``views`` in steps by stock, market stance and stock
    stance, technical first (int64).
    """

    turns: np.ndarray
    probabilities: np.ndarray
    views: np.ndarray


class TradingFloor:
    """A crowd as arrays of stocks x investors, with room for a day's valuations, budgets and trades.

    Nothing of one day is used on the next, so a copy of a market may share its floor.
    """

    def __init__(self, crowd: Crowd, tickers: Sequence[str]) -> None:
        self.crowd = crowd
        self._strategic, self._weights = by_stock(crowd.strategic), by_stock(crowd.weights)
        self._positions = by_stock(crowd.positions, np.uint32)
        self._whole = np.append(crowd.market_weights.sum(), self._weights.sum(axis=1))
        self._runs, self._slots = crowd.runs(), crowd.disagreement_slots(tickers)
        shape = self._strategic.shape
        self._steps, self._parts = np.empty(shape, np.int32), np.empty(shape, np.uint16)
        self._trades, self._codes = np.empty(shape, np.int64), np.empty(shape, np.uint16)
        self._means = np.zeros((2, len(tickers)), np.int64)

    def __deepcopy__(self, memo: dict) -> TradingFloor:
        return self

    def value(self, day: int, chance: Chance, stances: Stances, taken_in: np.ndarray | None) -> np.ndarray:
        """Draw disagreement and form every valuation; the fundamental share of each layer's weight.

        ``taken_in`` is news in steps, investors x stocks. The weighted mean of the disagreement is taken off later.
        """
        key = np.array(chance.key("disagreement"), dtype=np.uint64)
        disagree(self._steps, self._runs, self._slots, self.crowd.spread, np.uint64(day % DAYS), key, normal_table())
        sums = value_stocks(
            self._steps, NO_NEWS if taken_in is None else by_stock(taken_in, np.int32), self._positions, self._weights,
            self.crowd.market_weights, parts_of_circle(stances.turns), parts_of_circle(stances.probabilities), stances.views,
        )  # fmt: skip
        luck, mean = (sums[1:, column] // np.maximum(self._whole[1:], 1) for column in (0, 1))
        self._means[:] = luck, mean - luck
        return np.where(self._whole > 0, sums[:, 2] / np.maximum(self._whole, 1), 0.5)

    def auction(self, market: Market, books: Books) -> Clearing:
        """Hold the day's call auctions on the valuations formed and settle them in the books.

        The trades are overwritten on the next day. Raises BooksError if an investor is short of shares or cash.
        """
        bids = self._bids(books)
        luck, means = self._means
        cleared = clear_day(bids, market.previous, market.elasticity, luck, means, True)
        arrays = (cleared, self._trades, self._codes)
        if not ration_day(bids, market.previous, market.elasticity, market.rank, *arrays, True):
            raise BooksError("auctions: an investor is short of shares or cash")
        return Clearing(cleared[0], self._trades.T, volumes(cleared))

    def demands(self, market: Market, books: Books) -> Demands:
        """The same valuations and budgets for any other mechanism; to be asked for once, in place of the auction."""
        bids = self._bids(books)
        luck, means = self._means
        divide_all_budgets(bids, market.elasticity, market.previous, luck, means)
        budgets = bids.cash * bids.parts // BUDGET_PARTS
        return Demands(
            held=books.crowd_shares, strategic=self._strategic.T, weights=self._weights.T, steps=self._steps.T,
            budgets=budgets.T,
        )  # fmt: skip

    def _bids(self, books: Books) -> Bids:
        return Bids(
            steps=self._steps, weights=self._weights, strategic=self._strategic, held=books.crowd_shares.T,
            cash=books.crowd_cash[None, :], parts=self._parts,
        )  # fmt: skip


def parts_of_circle(fractions: np.ndarray) -> np.ndarray:
    """Fractions of a circle in whole 2^-32 of it (uint64)."""
    return (fractions * float(CIRCLE)).astype(np.uint64)
