"""The dealer: exact, within its balance sheet, its quotes by orders and inventory; and what it changes in a market."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.agents.investor import LAST_BURN_IN
from abm.books import USD, Books, BooksError, share_asset
from abm.errors import InputError
from abm.markets.clearing import Clearing, Demands, Market
from abm.markets.dealer import (
    DEALER,
    DEALER_ACCOUNTS,
    DEALER_BANK,
    SHARE_LENDERS,
    Dealer,
    OrderFlow,
    inventory_of,
    net_cash,
    profit_of,
    settle_with_dealer,
)
from abm.rules.investor import PER_UNIT
from abm.scenario.capital import CALL_AUCTION, DEALER_MARKET, Capital
from tests.laws.runs import QUICK, digests, finished
from tests.markets.stage import open_market, returns
from tests.markets.test_auction import auctions, one_stock

WITH_DEALER = replace(QUICK, capital=replace(QUICK.capital, mechanism=DEALER_MARKET))


@st.composite
def dealings(draw) -> tuple[Market, Demands, Dealer]:
    """An auction's investors before a dealer who is long or short, rich or poor."""
    market, demands = draw(auctions())
    stocks = len(market.previous)
    inventory = [draw(st.integers(-500_000, 500_000)) for _ in range(stocks)]
    sellable = [max(held, 0) + draw(st.integers(0, 500_000)) for held in inventory]
    dealer = Dealer(
        np.array(inventory), np.array(sellable), funds=draw(st.integers(0, 10**12)),
        impact=draw(st.sampled_from([0.0, 0.5, 1.0, 1.5])), aversion=draw(st.sampled_from([0.0, 0.5])),
        revision=draw(st.sampled_from([0.0, 0.5, 1.0])),
    )  # fmt: skip
    return market, demands, dealer


@given(dealings())
def test_the_dealer_takes_what_is_lacking_within_its_means_and_nobody_is_overdrawn(dealing):
    market, demands, dealer = dealing
    clearing = dealer.clear(market, demands)
    sold = clearing.trades.sum(axis=0)
    assert (sold <= dealer.sellable).all()
    assert sum(max(-n, 0) * p for n, p in zip(sold.tolist(), clearing.prices.tolist(), strict=True)) <= dealer.funds
    assert (demands.held + clearing.trades >= 0).all()
    assert (clearing.trades * clearing.prices <= demands.budgets).all()
    assert (clearing.prices >= 1).all() and (clearing.volumes >= np.abs(sold)).all()


@given(dealings())
def test_orders_are_filled_or_cut_pro_rata_on_the_long_side_alone(dealing):
    market, demands, dealer = dealing
    clearing = dealer.clear(market, demands)
    rise = np.log(clearing.prices / market.previous)
    wanted = OrderFlow(market, demands).at(clearing.prices, dealer.revision * rise)
    for j, net in enumerate(wanted.sum(axis=0).tolist()):
        cut = np.abs(wanted[:, j] - clearing.trades[:, j])
        long_side = np.maximum(np.sign(net) * wanted[:, j], 0)
        assert (cut <= long_side + 1).all()  # the price's log may round a share to the other side
        if cut.sum() > len(cut):
            assert np.abs(cut - long_side * (cut.sum() / long_side.sum())).max() < 3


@given(dealings(), st.randoms(use_true_random=False))
def test_the_order_of_investors_does_not_matter(dealing, luck):
    market, demands, dealer = dealing
    order = list(range(len(market.rank)))
    luck.shuffle(order)
    rows = Demands(**{one.name: getattr(demands, one.name)[order] for one in fields(Demands)})
    shuffled = dealer.clear(replace(market, rank=market.rank[order]), rows)
    clearing = dealer.clear(market, demands)
    assert (shuffled.prices == clearing.prices).all() and (shuffled.trades == clearing.trades[order]).all()


def quoting(inventory: int = 0, **changes) -> Dealer:
    """A dealer with plenty of everything."""
    plenty = {"sellable": np.array([10**9]), "funds": 10**15, "impact": 0.8, "aversion": 0.5, "revision": 1.0}
    return Dealer(inventory=np.array([inventory]), **(plenty | changes))


@given(st.integers(-PER_UNIT // 10, PER_UNIT // 10), st.integers(-900, 900))
def test_the_quote_rises_with_orders_and_falls_with_inventory(step, inventory):
    held = [1000 - inventory // 4] * 4
    market, demands = one_stock(steps=[step] * 4, held=held)
    price = quoting(4 * (inventory // 4)).clear(market, demands).prices[0]
    expected = 0.8 * step / PER_UNIT - 0.5 * 4 * (inventory // 4) / 4000
    assert price == pytest.approx(10_000 * np.exp(expected), abs=12)  # orders are whole shares, rounded down


def test_what_a_quote_leaves_unpriced_the_dealer_has_sold_and_later_prices():
    many = [10**6] * 4
    market, demands = one_stock(steps=[PER_UNIT // 10] * 4, held=many, strategic=many, weights=many, budgets=[10**12] * 4)
    first = quoting().clear(market, demands)
    assert np.log(first.prices[0] / 10_000) == pytest.approx(0.08, abs=1e-3)
    assert first.trades.sum() == pytest.approx(4 * 10**6 * 0.02, rel=0.01)
    held, prices, inventory = demands.held, first.prices, 0
    held, inventory = held + first.trades, inventory - int(first.trades.sum())
    for _ in range(12):
        calm = replace(demands, held=held, steps=np.zeros_like(demands.steps))
        clearing = quoting(inventory).clear(replace(market, previous=prices), calm)
        held, inventory, prices = held + clearing.trades, inventory - int(clearing.trades.sum()), clearing.prices
    assert np.log(prices[0] / 10_000) == pytest.approx(0.1, abs=2e-4) and abs(inventory) < 400  # half a tick of demand


# the accounts ---------------------------------------------------------------------------------------------------


def dealt_books() -> Books:
    """Two members with money and shares, and a dealer with a little cash."""
    books = Books()
    books.open_crowd(["NVDA"], np.array([100_000, 100_000]), np.array([[50], [50]]))
    books.move(USD, 1_000, giver=DEALER_ACCOUNTS[1], taker=DEALER, reason="capital")
    return books


def settled(books: Books, trades: list[int], price: int, spread: float = 0.0) -> Books:
    """The books after one day's trades."""
    column = np.array(trades, dtype=np.int64)[:, None]
    settle_with_dealer(books, Clearing(np.array([price]), column, np.abs(column).sum(axis=0)), spread)
    books.check(after="trades")
    return books


def test_the_dealer_borrows_what_it_sells_short_and_gives_it_back():
    books = settled(dealt_books(), [10, 5], 100)
    assert inventory_of(books, "NVDA") == -15 == books.balance(SHARE_LENDERS, share_asset("NVDA"))
    assert books.balance(DEALER, USD) == 2_500 and profit_of(books, [100]) == 0
    settled(books, [-12, -8], 90)
    assert inventory_of(books, "NVDA") == 5 == books.balance(DEALER, share_asset("NVDA"))
    assert books.balance(SHARE_LENDERS, share_asset("NVDA")) == 0
    assert profit_of(books, [90]) == 15 * 10


def test_the_dealer_borrows_cash_for_what_it_cannot_pay_and_gives_it_back():
    books = settled(dealt_books(), [-20, 0], 100)
    assert books.balance(DEALER, USD) == 0 and books.balance(DEALER_BANK, USD) == -1_000 == net_cash(books)
    settled(books, [0, 20], 100)
    assert books.balance(DEALER_BANK, USD) == 0 and books.balance(DEALER, USD) == 1_000


def test_the_spread_is_taken_on_both_sides_as_far_as_cash_goes():
    books = settled(dealt_books(), [10, -10], 100, spread=0.01)
    assert books.balance(DEALER, USD) == 1_000 + 20 and books.crowd_cash.tolist() == [98_990, 100_990]
    settled(books, [50, 0], 1_979, spread=0.01)
    assert books.crowd_cash[0] == 0


def test_the_spread_on_one_stock_is_not_taken_out_of_the_money_for_the_next():
    books = Books()
    books.open_crowd(["NVDA", "TSM"], np.array([2_010, 5]), np.array([[0, 0], [10, 10]]))
    settle_with_dealer(books, Clearing(np.array([100, 100]), np.array([[10, 10], [-10, -10]]), np.full(2, 10)), 0.01)
    books.check(after="trades")
    assert books.crowd_cash.tolist() == [0, 5 + 2_000 - 20] and books.balance(DEALER, USD) == 10 + 20


def test_an_auction_without_a_dealer_and_a_dealer_without_means_are_refused():
    books = dealt_books()
    with pytest.raises(BooksError, match="share changes do not sum to zero"):
        books.settle_auction(0, np.array([1, 0]), 100)
    with pytest.raises(BooksError, match="trades with dealer: it has 0 of share:NVDA and cannot give 1"):
        books.settle_auction(0, np.array([1, 0]), 100, dealer=DEALER)
    with pytest.raises(BooksError, match="trades with dealer: it has 1000 of USD and cannot give 1100"):
        books.settle_auction(0, np.array([-11, 0]), 100, dealer=DEALER)
    assert books.crowd_shares.tolist() == [[50], [50]] and books.crowd_cash.tolist() == [100_000, 100_000]


# in the market --------------------------------------------------------------------------------------------------


def first_autocorrelation(stage) -> float:
    """Mean over stocks of the first autocorrelation of returns."""
    daily = returns(np.array([day.prices for day in stage.market.history]))
    centred = daily - daily.mean(axis=0)
    return float(((centred[1:] * centred[:-1]).mean(axis=0) / (centred * centred).mean(axis=0)).mean())


def test_a_dealer_who_adjusts_in_part_makes_returns_follow_each_other_and_shares_easier_to_sell():
    auction, dealt = (open_market(seed=3, mechanism=one).trade(0, 800) for one in (CALL_AUCTION, DEALER_MARKET))
    quick = open_market(seed=3, mechanism=DEALER_MARKET, dealer_impact=1.0).trade(0, 800)
    assert first_autocorrelation(dealt) > first_autocorrelation(auction) + 0.04
    assert abs(first_autocorrelation(quick) - first_autocorrelation(auction)) < 0.03
    small = open_market(seed=3, mechanism=DEALER_MARKET, dealer_capital=1e-4, dealer_share_credit=1e-4).trade(0, 800)
    turnover = [np.mean([day.turnovers for day in stage.market.history]) for stage in (dealt, small)]
    assert turnover[0] > 1.03 * turnover[1]
    for stage in (dealt, small):
        stage.books.check(after="equities_clear")
        positions = [inventory_of(stage.books, ticker) for ticker in stage.books.tickers]
        held = stage.books.crowd_shares.sum(axis=0).tolist()
        assert [n + i for n, i in zip(held, positions, strict=True)] == stage.market.outstanding and any(positions)


def test_without_a_dealer_there_is_nothing_of_one():
    changed = open_market(dealer_capital=0.1, dealer_impact=0.3, dealer_spread=0.01).trade(0, 5)
    plain = open_market().trade(0, 5)
    assert plain.books.state() == changed.books.state() and plain.market.state() == changed.market.state()
    assert not plain.books.accounts_of(DEALER_ACCOUNTS)
    assert not [name for name, _ in plain.books.holders(USD) if "dealer" in name]


def test_an_unknown_mechanism_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r'^unknown trading mechanism "call-auction" \(did you mean "call auction"\?\)$'):
        Capital(mechanism="call-auction")


def test_the_whole_model_runs_with_a_dealer_and_its_arms_start_alike():
    LAST_BURN_IN.clear()
    first, second = (finished(date(2025, 2, 14), world=WITH_DEALER) for _ in range(2))  # the second after a kept burn-in
    assert digests(first) == digests(second) != digests(finished(date(2025, 2, 14)))
    assert first.books.flows == second.books.flows
    rows = {(name, label): value for _, name, label, value in first.record.series}
    assert rows["dealer_account", "cash"] > 0 and rows["dealer_inventory", "NVDA"] != 0
    for ticker, whole in zip(first.equities.tickers, first.equities.outstanding, strict=True):
        assert abs(inventory_of(first.books, ticker)) <= 0.2 * whole
