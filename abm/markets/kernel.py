"""The crowd's day: what the compiled parts share from day to day, and the order in which they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.books import Books, BooksError
from abm.chance import Chance
from abm.markets.auction import by_stock, volumes
from abm.markets.clearing import Demands, Market
from abm.markets.crowd import CIRCLE, Crowd
from abm.markets.kernel_auction import clear_day, ration_day
from abm.markets.kernel_demand import STEP, Bids, Places, Terms, Turned, divide_all_budgets, value_stocks
from abm.markets.kernel_draws import Names, normal_table
from abm.rules.investor import BUDGET_PARTS, MOST_CASH

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
    """A crowd as arrays of stocks x investors, with room for a day's valuations and budgets.

    Nothing of one day is used on the next, so a copy of a market may share its floor.
    """

    def __init__(self, crowd: Crowd, tickers: Sequence[str]) -> None:
        self._strategic = by_stock(crowd.strategic)
        self._places = Places(by_stock(crowd.positions, np.uint32), by_stock(crowd.weights), crowd.market_weights)
        self._names = Names(crowd.runs(), crowd.disagreement_slots(tickers), crowd.spread, normal_table())
        self._whole = np.append(crowd.market_weights.sum(), self._places.weights.sum(axis=1))
        shape = self._strategic.shape
        self._steps = np.empty(shape, np.int32)
        self._parts, self._codes = np.empty(shape, np.uint16), np.empty(shape, np.uint16)
        self._luck, self._means = np.zeros((2, len(tickers)), np.int64)

    def __deepcopy__(self, memo: dict) -> TradingFloor:
        return self

    def value(self, day: int, chance: Chance, stances: Stances, taken_in: np.ndarray | None) -> np.ndarray:
        """Draw disagreement and form every valuation; the fundamental share of each layer's weight.

        ``taken_in`` is news in steps, investors x stocks. The weighted mean of the disagreement is taken off later.
        """
        luck = np.array([day % DAYS, *chance.key("disagreement")], dtype=np.uint64)
        turned = Turned(luck, parts_of_circle(stances.turns), parts_of_circle(stances.probabilities), stances.views)
        news = NO_NEWS if taken_in is None else by_stock(taken_in, np.int32)
        sums = value_stocks(self._steps, news, (self._names, self._places), turned)
        whole = np.maximum(self._whole, 1)
        self._luck = sums[1:, 0] // whole[1:]
        self._means = sums[1:, 1] // whole[1:] - self._luck
        return np.where(self._whole > 0, sums[:, 2] / whole, 0.5)

    def auction(self, market: Market, books: Books) -> tuple[np.ndarray, np.ndarray]:
        """Hold the day's call auctions on the valuations formed and settle them in the books; prices and volumes.

        Raises BooksError if an investor is short of shares or cash, or has so much cash that sums would not be exact.
        """
        bids, terms = self._bids(books), self._terms(market)
        cleared = clear_day(bids, terms, True)
        if not ration_day(bids, terms, cleared, self._codes):
            raise BooksError("auctions: an investor is short of shares or cash")
        return cleared[0], volumes(cleared)

    def demands(self, market: Market, books: Books) -> Demands:
        """The same valuations and budgets for any other mechanism; to be asked for once, in place of the auction."""
        bids = self._bids(books)
        divide_all_budgets(bids, self._terms(market))
        return Demands(
            held=books.crowd_shares, strategic=self._strategic.T, weights=self._places.weights.T, steps=self._steps.T,
            budgets=(bids.cash * bids.parts // BUDGET_PARTS).T,
        )  # fmt: skip

    def arrays(self, books: Books) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """All arrays of a size with the crowd that a day only reads, and those that it writes."""
        bids = self._bids(books)
        return [bids.weights, bids.strategic, *self._places[::2], self._names.spread], [
            bids.steps, bids.parts, self._codes, bids.held, bids.cash,
        ]  # fmt: skip

    def _bids(self, books: Books) -> Bids:
        if books.crowd_cash.max(initial=0) >= MOST_CASH:
            raise BooksError(f"auctions: an investor has {books.crowd_cash.max()} cents, too many for exact budgets")
        return Bids(
            steps=self._steps, weights=self._places.weights, strategic=self._strategic, held=books.crowd_shares.T,
            cash=books.crowd_cash[None, :], parts=self._parts,
        )  # fmt: skip

    def _terms(self, market: Market) -> Terms:
        return Terms(market.previous, market.rank, market.elasticity * STEP, self._luck, self._means)


def parts_of_circle(fractions: np.ndarray) -> np.ndarray:
    """Fractions of a circle in whole 2^-32 of it (uint64)."""
    return (fractions * float(CIRCLE)).astype(np.uint64)
