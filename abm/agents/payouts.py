"""Money between listed firms, investors and those who serve them: dividends, buy-backs, fees, costs and savers' flows.

Firms whose chips are sold in the model pay out of the account into which their customers pay; the books hold no costs of
other firms, so these pay from ``outside:``. A firm's value grows by what it will pay out, evenly over the season,
and falls by what it pays: the price goes ex dividend because valuations do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from abm.books import ISSUERS, OUTSIDE, SAVERS, USD, Books, share_asset
from abm.chance import slot
from abm.elementary import log, log_array
from abm.markets.dealer import DEALER, inventory_of
from abm.markets.equities import EquityMarket
from abm.rules.apportion import apportion, part_of
from abm.scenario.capital import Capital
from abm.scenario.securities import Security
from abm.scenario.shareholders import Shareholders
from abm.units import CENTS_PER_USD, TRADING_DAYS_PER_YEAR, Cents

if TYPE_CHECKING:
    from abm.model import Model

EARNINGS = f"{OUTSIDE}earnings of listed firms"
EXCHANGE = f"{OUTSIDE}exchange"
MANAGERS = f"{OUTSIDE}managers of funds"
QUARTERS = 4
MICRO = 1_000_000


@dataclass(frozen=True)
class Payout:
    """What a firm pays out on one day: a dividend in whole cents, and whole shares that it buys at the last price."""

    dividend: Cents
    shares: int
    price: Cents

    @property
    def money(self) -> Cents:
        """All that is paid."""
        return self.dividend + self.shares * self.price


@cache
def payday(ticker: str, interval: int) -> int:
    """The day of the season, 0 to below the interval, on which a firm pays out."""
    return slot(f"payday of {ticker}") % interval


def seasons_in_a_year(capital: Capital) -> int:
    """Paydays of a firm in a year."""
    return max(round(TRADING_DAYS_PER_YEAR / capital.payout_interval), 1)


def planned_payout(
    capital: Capital, security: Security, outstanding: int, *, price: Cents, most: Cents
) -> Payout:
    """The declared dividend and buy-back of a season, dividend first, within the most that may be paid."""
    scale = capital.payout_scale / seasons_in_a_year(capital)
    dividend = min(round(scale * QUARTERS * security.dividend_usd * CENTS_PER_USD * outstanding), most)
    wanted = int(min(scale * security.buyback_rate, 1.0) * outstanding)
    return Payout(dividend, min(wanted, (most - dividend) // price, outstanding - 1), price)


def daily_earnings(market: EquityMarket, securities: Sequence[Security]) -> np.ndarray:
    """Log growth in a day of each value by what the firm will pay out, spread evenly over the season (shape J)."""
    capital = market.capital
    scale = capital.payout_scale / seasons_in_a_year(capital)
    dividends = np.array([QUARTERS * one.dividend_usd * CENTS_PER_USD for one in securities])
    buy_backs = np.array([one.buyback_rate for one in securities]) * market.prices
    part = np.minimum(scale * (dividends + buy_backs) / values_of(market), capital.payout_limit)
    return log_array(1.0 + part / capital.payout_interval)


def values_of(market: EquityMarket) -> np.ndarray:
    """Consensus value of a share of each firm at the last close, in cents (shape J)."""
    if not market.history:
        return market.prices.astype(np.float64)
    return np.array(market.history[-1].values) * CENTS_PER_USD


def change_in_value(value: float, outstanding: int, payout: Payout) -> float:
    """Log change of the value of a share (cents) when this is paid: what is left, over the shares that are left."""
    left = value * outstanding - payout.money
    return log(left / (outstanding - payout.shares) / value)


def pay_dividend(books: Books, market: EquityMarket, ticker_index: int, *, amount: Cents, payer: str) -> None:
    """Pay a dividend in proportion to shares held, to the cent by largest remainder.

    A dealer that has borrowed the shares it sold pays on them what the firm does not, as far as its cash goes.
    """
    ticker = market.tickers[ticker_index]
    held = books.crowd_shares[:, ticker_index]
    due = amount * int(held.sum()) // market.outstanding[ticker_index]
    from_firm = min(due, amount)
    from_dealer = min(due - from_firm, books.balance(DEALER, USD))
    parts = apportion(from_firm + from_dealer, held, market.crowd.rank)
    books.move(USD, from_dealer, giver=DEALER, taker=payer, reason="dividend on borrowed shares")
    books.pay_crowd(parts, giver=payer, reason=f"dividend {ticker}")
    books.move(USD, amount - from_firm, giver=payer, taker=DEALER, reason=f"dividend {ticker}")


def buy_back(books: Books, market: EquityMarket, ticker_index: int, *, payout: Payout, payer: str) -> None:
    """Buy shares at the last price from all who hold them, pro rata by largest remainder, and retire them."""
    ticker = market.tickers[ticker_index]
    asset, reason = share_asset(ticker), f"buy-back {ticker}"
    held, long = books.crowd_shares[:, ticker_index], max(inventory_of(books, ticker), 0)
    from_dealer = payout.shares * long // (int(held.sum()) + long)
    tendered = apportion(payout.shares - from_dealer, held, market.crowd.rank)
    books.buy_back(ticker_index, tendered, payout.price, payer=payer, reason=reason)
    books.move(asset, from_dealer, giver=DEALER, taker=ISSUERS, reason=reason)
    books.move(USD, from_dealer * payout.price, giver=payer, taker=DEALER, reason=reason)
    market.retire(ticker_index, payout.shares)


def pay_out(books: Books, market: EquityMarket, security: Security, *, payer: str) -> Payout:
    """Pay what is planned, what a firm may and what is there; its value falls by that."""
    j = market.tickers.index(security.ticker)
    outstanding, price, value = market.outstanding[j], int(market.prices[j]), float(values_of(market)[j])
    most = int(market.capital.payout_limit * value * outstanding)
    if not payer.startswith(OUTSIDE):
        most = min(most, books.balance(payer, USD))
    paid = planned_payout(market.capital, security, outstanding, price=price, most=most)
    market.announced[j] += change_in_value(value, outstanding, paid)
    if paid.dividend:
        pay_dividend(books, market, j, amount=paid.dividend, payer=payer)
    if paid.shares:
        buy_back(books, market, j, payout=paid, payer=payer)
    return paid


def charge_trades(books: Books, market: EquityMarket) -> None:
    """Take the costs of what each member has traded today, as far as its cash goes."""
    costs = np.minimum(part_of(market.traded, market.capital.trading_cost), books.crowd_cash)
    books.collect(costs, taker=EXCHANGE, reason="trading costs")


def charge_management(books: Books, market: EquityMarket) -> None:
    """Take a quarter of each class's yearly fee on all it has, as far as each member's cash goes."""
    fees = np.zeros_like(books.crowd_cash)
    for rows, one in _classes(market):
        assets = books.crowd_cash[rows] + (books.crowd_shares[rows] * market.prices).sum(axis=1)
        rate = market.capital.fee_scale * one.fee / QUARTERS
        fees[rows] = np.minimum(part_of(assets, rate), books.crowd_cash[rows])
    books.collect(fees, taker=MANAGERS, reason="management fees")


def let_savers_adjust(books: Books, market: EquityMarket) -> None:
    """Move part of what cash each member has beyond its class's opening share to savers, or what it lacks from them."""
    surplus = np.zeros_like(books.crowd_cash)
    for rows, one in _classes(market):
        assets = (books.crowd_shares[rows] * market.prices).sum(axis=1)
        surplus[rows] = books.crowd_cash[rows] - part_of(assets, one.cash_share)
    rate = market.capital.saving_flow
    books.collect(part_of(np.maximum(surplus, 0), rate), taker=SAVERS, reason="savings taken out")
    books.pay_crowd(part_of(np.maximum(-surplus, 0), rate), giver=SAVERS, reason="savings put in")


def _classes(market: EquityMarket) -> Iterator[tuple[slice, Shareholders]]:
    return zip(market.crowd.rows, market.capital.shareholders, strict=True)


# phases ---------------------------------------------------------------------------------------------------------


def firms_pay_out(model: Model) -> None:
    """Values grow by the day's earnings, and firms pay dividends and buy back shares, each on its day of the season."""
    market, interval = model.equities, model.world.capital.payout_interval
    market.announced += daily_earnings(market, model.world.securities)
    for j, security in enumerate(model.world.securities):
        if model.day % interval != payday(security.ticker, interval):
            continue
        payer = security.actor if security.actor in model.vendors else EARNINGS
        before = market.outstanding[j]
        paid = pay_out(model.books, market, security, payer=payer)
        model.count(f"dividends a share {security.ticker}", paid.dividend * MICRO // before)


def trades_are_charged(model: Model) -> None:
    """Investors pay commissions and the charges of the exchange on what they have traded."""
    charge_trades(model.books, model.equities)


def managers_take_fees(model: Model) -> None:
    """Those who manage investors' assets take their fees, and savers adjust what cash they leave with them."""
    if model.day > 0:
        charge_management(model.books, model.equities)
        let_savers_adjust(model.books, model.equities)
