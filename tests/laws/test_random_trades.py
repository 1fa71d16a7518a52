"""Shares and cash are exact whatever is traded, paid out, bought back and charged, in whatever order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from abm.agents.payouts import (
    EARNINGS,
    EXCHANGE,
    MANAGERS,
    charge_management,
    charge_trades,
    daily_earnings,
    let_savers_adjust,
    pay_out,
)
from abm.books import ISSUERS, SAVERS, USD, share_asset
from abm.markets.auction import clear
from abm.markets.clearing import Demands, Market
from abm.markets.dealer import DEALER, DEALER_ACCOUNTS, SHARE_LENDERS, dealer_today, inventory_of, settle_with_dealer
from abm.scenario.capital import DEALER_MARKET, load_securities, load_shareholders
from tests.markets.stage import Stage, open_market

SEEDS = st.integers(0, 2**32 - 1)
SCARCE = {"dealer_capital": 0.002, "dealer_share_credit": 0.001, "dealer_spread": 0.001, "trading_cost": 0.001}


def small_stage(members: int, securities) -> Stage:
    """A market of few investors before a dealer of small means."""
    classes = tuple(replace(one, members=members) for one in load_shareholders())
    return open_market(securities=securities, mechanism=DEALER_MARKET, shareholders=classes, **SCARCE)


class Ledger:
    """A second account of everybody's cash and shares, kept beside the books by what is known to have happened."""

    def __init__(self, stage: Stage) -> None:
        self.books, self.market, self.securities = stage.books, stage.market, load_securities()
        self.cash = self.books.crowd_cash.astype(object)
        self.shares = self.books.crowd_shares.astype(object)
        self.issued = list(self.market.outstanding)
        self.trades = 0

    def demands(self, seed: int) -> tuple[Market, Demands]:
        """Valuations all over the place, and any division of what cash there is."""
        luck, market, books = np.random.default_rng(seed), self.market, self.books
        shape = books.crowd_shares.shape
        steps = luck.normal(0.0, luck.choice([0.001, 0.05, 0.5]), shape) * 100_000_000
        parts = luck.integers(0, 4096 // shape[1] + 1, shape)
        return Market(market.prices, market.crowd.rank, elasticity=float(luck.choice([0.3, 1.0, 3.0]))), Demands(
            held=books.crowd_shares, strategic=market.crowd.strategic, weights=market.crowd.weights,
            steps=np.clip(steps, -2e8, 2e8).astype(np.int64), budgets=books.crowd_cash[:, None] * parts // 4096,
        )  # fmt: skip

    def trade(self, seed: int, *, dealt: bool) -> None:
        """One day of trades by either mechanism, settled in the books and here."""
        market, demands = self.demands(seed)
        mechanism = dealer_today(self.books, self.market.capital, self.market.outstanding).clear if dealt else clear
        clearing = mechanism(market, demands)
        if dealt:
            settle_with_dealer(self.books, clearing, SCARCE["dealer_spread"])
        else:
            for j, price in enumerate(clearing.prices.tolist()):
                self.books.settle_auction(j, clearing.trades[:, j], price)
        self.shares = self.shares + clearing.trades
        money = clearing.trades.astype(object) * clearing.prices.astype(object)
        self.cash = self.cash - money.sum(axis=1)
        if dealt:
            self.cash = self.cash - np.minimum((np.abs(money) * 1000 // 10**6).sum(axis=1), self.cash)
        self.market.prices = clearing.prices
        self.market.traded = (np.abs(clearing.trades) * clearing.prices).sum(axis=1)
        self.trades += int(np.count_nonzero(clearing.trades))

    def pay(self, j: int) -> None:
        """One firm's payday: what it pays is what investors and the dealer get; what it buys is gone."""
        before, money = -self.books.balance(EARNINGS, USD), self.money()
        paid = pay_out(self.books, self.market, self.securities[j], payer=EARNINGS)
        assert -self.books.balance(EARNINGS, USD) - before == paid.money == self.money() - money
        self.issued[j] -= paid.shares
        self.take_over()

    def charge(self, taker: str, charging, *arguments) -> None:
        """A charge: what one account outside gets is what investors have less."""
        cash, before = int(self.books.crowd_cash.sum()), self.books.balance(taker, USD)
        charging(self.books, *arguments)
        assert cash - int(self.books.crowd_cash.sum()) == self.books.balance(taker, USD) - before
        self.take_over()

    def money(self) -> int:
        """All cents of investors and the dealer."""
        return int(self.books.crowd_cash.sum()) + self.books.balance(DEALER, USD)

    def take_over(self) -> None:
        """Start again from the books, where who pays how much has just been checked in sum."""
        self.cash, self.shares = self.books.crowd_cash.astype(object), self.books.crowd_shares.astype(object)

    def agrees(self) -> None:
        """Both accounts say the same of everybody, all is conserved, and nobody is overdrawn."""
        books, market = self.books, self.market
        books.check(after="a random step")
        assert (books.crowd_cash == self.cash).all() and (books.crowd_shares == self.shares).all()
        for j, ticker in enumerate(books.tickers):
            asset, lent = share_asset(ticker), -books.balance(SHARE_LENDERS, share_asset(ticker))
            whole = self.issued[j]
            assert whole == market.outstanding[j] == -books.balance(ISSUERS, asset)
            assert whole == int(market.crowd.strategic[:, j].sum())
            assert whole == int(books.crowd_shares[:, j].sum()) + inventory_of(books, ticker)
            assert 0 <= lent and min(lent, books.balance(DEALER, asset)) == 0
        outside = (SAVERS, EARNINGS, EXCHANGE, MANAGERS, *DEALER_ACCOUNTS[1:])
        assert self.money() == -sum(books.balance(one, USD) for one in outside)


class RandomTrades(RuleBasedStateMachine):
    """Trades by auction and with the dealer, paydays, fees, costs and savings, in any order."""

    @initialize()
    def open(self) -> None:
        """Two firms and eighteen investors."""
        securities = tuple(replace(one, dividend_usd=2.5, buyback_rate=0.2) for one in load_securities()[6:8])
        self.ledger = Ledger(small_stage(3, securities))
        self.ledger.securities = securities

    @rule(seed=SEEDS, dealt=st.booleans())
    def trade(self, seed: int, dealt: bool) -> None:
        """A day of trades."""
        self.ledger.trade(seed, dealt=dealt)

    @rule(j=st.integers(0, 1))
    def payday(self, j: int) -> None:
        """A firm pays a dividend and buys shares back."""
        self.ledger.pay(j)

    @rule()
    def earn(self) -> None:
        """Values grow by a day's earnings, and no cent moves."""
        self.ledger.market.announced += daily_earnings(self.ledger.market, self.ledger.securities)

    @rule()
    def pay_for_trades(self) -> None:
        """The exchange is paid."""
        self.ledger.charge(EXCHANGE, charge_trades, self.ledger.market)

    @rule()
    def pay_managers(self) -> None:
        """Managers are paid."""
        self.ledger.charge(MANAGERS, charge_management, self.ledger.market)

    @precondition(lambda self: self.ledger.trades)
    @rule()
    def save(self) -> None:
        """Savers put cash in and take it out."""
        self.ledger.charge(SAVERS, let_savers_adjust, self.ledger.market)

    @invariant()
    def exact(self) -> None:
        """Everything is where it should be."""
        if hasattr(self, "ledger"):
            self.ledger.agrees()


RandomTrades.TestCase.settings = settings(max_examples=20, stateful_step_count=20)
TestRandomTrades = RandomTrades.TestCase


def run_trades(least: int, members: int) -> Ledger:
    """At least so many trades, a change of one holding each, with everything else that moves money between them."""
    ledger, day = Ledger(small_stage(members, load_securities())), 0
    while ledger.trades < least:
        ledger.trade(day, dealt=day % 2 == 1)
        ledger.pay(day % len(ledger.issued))
        ledger.charge(EXCHANGE, charge_trades, ledger.market)
        if day % 5 == 4:
            ledger.charge(MANAGERS, charge_management, ledger.market)
            ledger.charge(SAVERS, let_savers_adjust, ledger.market)
        ledger.agrees()
        day += 1
    return ledger


def test_a_million_random_trades_are_exact():
    ledger = run_trades(1_000_000, members=400)
    assert ledger.trades >= 1_000_000
    assert any(inventory_of(ledger.books, ticker) for ticker in ledger.books.tickers)


@pytest.mark.full
def test_twenty_million_random_trades_are_exact():
    """``pytest -m full tests/laws/test_random_trades.py``: two minutes, a crowd of twelve thousand."""
    assert run_trades(20_000_000, members=2_000).trades >= 20_000_000
