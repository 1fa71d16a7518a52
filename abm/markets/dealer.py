"""A dealer with a balance sheet: the other way to trade, ``clear(market, demands)`` at a price that the dealer quotes.

The dealer sees the orders at the last price and what it holds, quotes a price (Beja and Goldman 1980,
doi:10.1111/j.1540-6261.1980.tb02151.x; Ho and Stoll 1981, doi:10.1016/0304-405X(81)90020-9), and takes the other side of
the orders at that price as far as its shares, its cash and its lenders reach; what is beyond is cut pro rata. With an
impact of one, no aversion and no revision it is the market maker of Franke and Westerhoff (2012), whose position is
-(ln p - ln p0) / mu: it follows the price, and no balance sheet can bear it for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.books import OUTSIDE, USD, Books, share_asset
from abm.elementary import exp_array, log_array
from abm.markets.clearing import HIGHEST_PRICE, Clearing, Demands, Market
from abm.rules.apportion import apportion, part_of
from abm.rules.investor import LARGEST_DEVIATION, PER_UNIT
from abm.scenario.capital import Capital
from abm.units import Cents

DEALER = "dealer"
DEALER_OWNERS = f"{OUTSIDE}owners of the dealer"
SHARE_LENDERS = f"{OUTSIDE}share lenders"
DEALER_BANK = f"{OUTSIDE}bank of the dealer"
DEALER_ACCOUNTS = (DEALER, DEALER_OWNERS, SHARE_LENDERS, DEALER_BANK)


class OrderFlow:
    """What the investors would trade at a price, as whole changes of holdings (investors x stocks).

    What a past quote left unpriced still counts in their valuations: consensus lies above the dealer's price by what
    they hold beyond their strategic shares over the slope of their demand. So orders come from new views alone.
    """

    def __init__(self, market: Market, demands: Demands) -> None:
        strategic, held = demands.strategic.astype(np.float64), demands.held.astype(np.float64)
        self._response = market.elasticity * demands.weights.astype(np.float64)
        self.depth = np.maximum(self._response.sum(axis=0), 1.0)
        unpriced = (demands.held - demands.strategic).sum(axis=0) / self.depth
        distance = demands.steps.astype(np.float64) / PER_UNIT + unpriced
        self._at_last_price = strategic + self._response * distance
        self._held, self._budgets = held, demands.budgets

    def at(self, prices: np.ndarray, seen_rise: np.ndarray) -> np.ndarray:
        """Orders (int64) when investors see this log rise, purchases within their budgets at the prices they pay."""
        wanted = np.maximum(np.floor(self._at_last_price - self._response * seen_rise), 0.0)
        return (np.minimum(wanted, self._held + self._budgets // prices) - self._held).astype(np.int64)


@dataclass(frozen=True)
class Dealer:
    """What the dealer goes by on one day; arrays have one value a stock.

    ``inventory`` is its position in whole shares, negative where it owes borrowed ones; ``sellable`` the shares that it
    can deliver, borrowing included (int64); ``funds`` the cents that it can pay, credit included. ``impact`` is the log
    price change for orders as large as those that one unit of log valuation would bring, ``aversion`` the same for its
    own position, ``revision`` the part of the price change that investors see before they trade (1: they trade at
    the quote; 0: they have placed their orders at the last price).
    """

    inventory: np.ndarray
    sellable: np.ndarray
    funds: Cents
    impact: float
    aversion: float
    revision: float

    def clear(self, market: Market, demands: Demands) -> Clearing:
        """Quote, collect the orders and fill them; what the trades of a column lack to zero, the dealer has taken."""
        flow = OrderFlow(market, demands)
        orders = flow.at(market.previous, np.zeros(len(self.inventory))).sum(axis=0)
        prices = self._quotes(market.previous, orders / flow.depth, self.inventory / flow.depth)
        rise = log_array(prices.astype(np.float64)) - log_array(market.previous.astype(np.float64))
        trades = self._filled(flow.at(prices, self.revision * rise), prices, market.rank)
        bought, sold = np.maximum(trades, 0).sum(axis=0), np.maximum(-trades, 0).sum(axis=0)
        return Clearing(prices, trades, np.maximum(bought, sold))

    def _quotes(self, previous: np.ndarray, orders: np.ndarray, inventory: np.ndarray) -> np.ndarray:
        rise = np.clip(self.impact * orders - self.aversion * inventory, -LARGEST_DEVIATION, LARGEST_DEVIATION)
        return np.clip(np.rint(previous * exp_array(rise)), 1, HIGHEST_PRICE).astype(np.int64)

    def _filled(self, wanted: np.ndarray, prices: np.ndarray, rank: np.ndarray) -> np.ndarray:
        """The orders, those on the long side cut pro rata to what the dealer can deliver or pay."""
        net = wanted.sum(axis=0)
        beyond = net - np.clip(net, -self._buyable(net, prices), self.sellable)
        trades = wanted.copy()
        for j in np.flatnonzero(beyond).tolist():
            side = 1 if beyond[j] > 0 else -1
            long_side = np.maximum(side * wanted[:, j], 0)
            trades[:, j] -= side * apportion(side * int(beyond[j]), long_side, rank)
        return trades

    def _buyable(self, net: np.ndarray, prices: np.ndarray) -> np.ndarray:
        """Shares of each stock that the dealer can pay for: its funds are shared in proportion to what is offered."""
        offered = [max(-n, 0) * price for n, price in zip(net.tolist(), prices.tolist(), strict=True)]
        whole = max(sum(offered), 1)  # integers
        money = (min(self.funds, whole) * part // whole for part in offered)
        return np.array([one // price for one, price in zip(money, prices.tolist(), strict=True)], dtype=np.int64)


def open_dealer(books: Books, capital: Capital, listed_value: Cents) -> None:
    """Give the dealer its capital in cash: the declared share of the value of all listed shares, from its owners."""
    books.move(USD, int(capital.dealer_capital * listed_value), giver=DEALER_OWNERS, taker=DEALER, reason="capital")


def inventory_of(books: Books, ticker: str) -> int:
    """The dealer's position in whole shares: what it holds less what it has borrowed."""
    return books.balance(DEALER, share_asset(ticker)) + books.balance(SHARE_LENDERS, share_asset(ticker))


def net_cash(books: Books) -> Cents:
    """The dealer's cents less what it owes its bank."""
    return books.balance(DEALER, USD) + books.balance(DEALER_BANK, USD)


def profit_of(books: Books, prices: Sequence[Cents]) -> Cents:
    """What the dealer has earned: cash and positions at these prices, less its owners' capital."""
    positions = (inventory_of(books, ticker) * price for ticker, price in zip(books.tickers, prices, strict=True))
    return net_cash(books) + sum(positions) + books.balance(DEALER_OWNERS, USD)  # integers


def dealer_today(books: Books, capital: Capital, outstanding: Sequence[int]) -> Dealer:
    """The dealer as its accounts stand, within its credit."""
    positions = [inventory_of(books, ticker) for ticker in books.tickers]
    credit = [int(capital.dealer_share_credit * whole) for whole in outstanding]
    sellable = [max(held + more, 0) for held, more in zip(positions, credit, strict=True)]
    loan = int(capital.dealer_cash_credit * -books.balance(DEALER_OWNERS, USD))
    return Dealer(
        inventory=np.array(positions, dtype=np.int64), sellable=np.array(sellable, dtype=np.int64),
        funds=max(net_cash(books) + loan, 0), impact=capital.dealer_impact, aversion=capital.dealer_aversion,
        revision=capital.dealer_revision,
    )  # fmt: skip


def settle_with_dealer(books: Books, clearing: Clearing, spread: float) -> None:
    """Settle a day's trades against the dealer, who borrows what it lacks and gives back what it does not need.

    Members pay it the spread on the money they trade in a stock, rounded down to a cent, as far as their cash goes when
    all stocks are settled: until then their cash is bound by their orders.
    """
    owed = np.zeros_like(books.crowd_cash)
    for j, price in enumerate(clearing.prices.tolist()):
        trades, asset = clearing.trades[:, j], share_asset(books.tickers[j])
        net = int(trades.sum())
        _borrow(books, asset, net, SHARE_LENDERS)
        _borrow(books, USD, -net * price, DEALER_BANK)
        books.settle_auction(j, trades, price, dealer=DEALER)
        owed += part_of(np.abs(trades) * price, spread)
        _give_back(books, asset, SHARE_LENDERS)
    books.collect(np.minimum(owed, books.crowd_cash), taker=DEALER, reason="spread")
    _give_back(books, USD, DEALER_BANK)


def _borrow(books: Books, asset: str, needed: int, lender: str) -> None:
    short = max(needed - books.balance(DEALER, asset), 0)
    books.move(asset, short, giver=lender, taker=DEALER, reason="lent to the dealer")


def _give_back(books: Books, asset: str, lender: str) -> None:
    back = min(-books.balance(lender, asset), books.balance(DEALER, asset))
    books.move(asset, back, giver=DEALER, taker=lender, reason="given back by the dealer")
