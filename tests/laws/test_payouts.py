"""Money through the books: what firms pay out arrives to the cent, values fall by it, and fees leave to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.agents.payouts import (
    EARNINGS,
    EXCHANGE,
    MANAGERS,
    buy_back,
    change_in_value,
    charge_management,
    charge_trades,
    daily_earnings,
    let_savers_adjust,
    pay_dividend,
    pay_out,
    payday,
    planned_payout,
    seasons_in_a_year,
    values_of,
)
from abm.books import ISSUERS, SAVERS, USD, BooksError, share_asset
from abm.markets.dealer import DEALER, inventory_of
from abm.scenario.capital import DEALER_MARKET, Capital, load_securities
from tests.laws.runs import QUICK, digests, finished, money_inside
from tests.markets.stage import Stage, open_market

APRIL = date(2025, 4, 4)
MICROSOFT = 6


# one payout -----------------------------------------------------------------------------------------------------


def traded(mechanism: str = "call auction", days: int = 5, **capital) -> Stage:
    """A market that has traded for some days."""
    return open_market(mechanism=mechanism, **capital).trade(0, days)


def holdings(stage: Stage, j: int) -> tuple[int, int]:
    """Shares of the crowd, and those outstanding by the books of the issuer."""
    return int(stage.books.crowd_shares[:, j].sum()), -stage.books.balance(ISSUERS, share_asset(stage.books.tickers[j]))


@pytest.mark.parametrize("mechanism", ["call auction", DEALER_MARKET])
@pytest.mark.parametrize("j", [0, MICROSOFT])
def test_a_dividend_arrives_to_the_cent_with_those_who_hold_the_shares(mechanism, j):
    stage = traded(mechanism)
    books, before, position = stage.books, stage.books.crowd_cash.copy(), inventory_of(stage.books, stage.books.tickers[j])
    dealer = books.balance(DEALER, USD)
    amount = 83 * stage.market.outstanding[j] + 7
    pay_dividend(books, stage.market, j, amount=amount, payer=EARNINGS)
    books.check(after="dividend")
    got, held = books.crowd_cash - before, books.crowd_shares[:, j]
    assert got.sum() + books.balance(DEALER, USD) - dealer == amount == -books.balance(EARNINGS, USD)
    assert np.abs(got - held * (amount / stage.market.outstanding[j])).max() <= 1.5
    assert (books.balance(DEALER, USD) > dealer) == (position > 0) and (position != 0) == (mechanism == DEALER_MARKET)


@pytest.mark.parametrize("mechanism", ["call auction", DEALER_MARKET])
def test_shares_bought_back_are_retired_pro_rata_and_strategic_holdings_follow(mechanism):
    stage, j = traded(mechanism), MICROSOFT
    books, market, shares = stage.books, stage.market, stage.books.crowd_shares[:, MICROSOFT].copy()
    strategic, weights, money = market.crowd.strategic, market.crowd.weights, money_of(stage)
    plan = replace(planned(market, j), shares=1_234_567)
    buy_back(books, market, j, payout=plan, payer=EARNINGS)
    books.check(after="buy-back")
    crowd, issued = holdings(stage, j)
    assert issued == market.outstanding[j] == load_securities()[j].shares_outstanding - plan.shares
    assert crowd + inventory_of(books, "MSFT") == issued == market.crowd.strategic[:, j].sum()
    assert money_of(stage) - money == plan.shares * plan.price == -books.balance(EARNINGS, USD)
    sold = shares - books.crowd_shares[:, j]
    assert (sold >= 0).all() and np.abs(sold - shares * (sold.sum() / shares.sum())).max() < 1
    scale = issued / (issued + plan.shares)
    assert np.abs(market.crowd.strategic[:, j] - strategic[:, j] * scale).max() < 1
    assert np.abs(market.crowd.weights[:, j] - weights[:, j] * scale).max() < 1.001
    others = [k for k in range(len(market.tickers)) if k != j]
    assert (market.crowd.strategic[:, others] == strategic[:, others]).all()
    stage.trade(5, 2)
    books.check(after="trades")


def money_of(stage: Stage) -> int:
    """All cents of investors and the dealer."""
    return int(stage.books.crowd_cash.sum()) + stage.books.balance(DEALER, USD)


def planned(market, j: int):
    """What a firm plans to pay on its payday."""
    return planned_payout(
        market.capital, load_securities()[j], market.outstanding[j], price=int(market.prices[j]), most=10**15
    )


@given(st.integers(0, 10**13), st.sampled_from(load_securities()), st.integers(1, 10**6))
def test_no_more_is_planned_than_there_is_and_dividends_come_first(most, security, price):
    whole = security.shares_outstanding
    plan = planned_payout(Capital(), security, whole, price=price, most=most)
    free = planned_payout(Capital(), security, whole, price=price, most=10**18)
    assert 0 <= plan.money <= most and plan.shares < whole
    assert plan.dividend == min(free.dividend, most) == min(round(security.dividend_usd * 100 * whole), most)
    assert (plan.shares == 0 or plan.dividend == free.dividend) and plan.shares <= free.shares


def test_a_firm_with_an_account_pays_what_is_there():
    stage = traded()
    nvidia, books = load_securities()[0], stage.books
    assert pay_out(books, stage.market, nvidia, payer="nvidia").money == 0
    books.move(USD, 10**10, giver="outside:customers", taker="nvidia", reason="chips paid")
    paid = pay_out(books, stage.market, nvidia, payer="nvidia")
    assert paid.dividend == 10**10 and paid.shares == 0 and books.balance("nvidia", USD) == 0
    books.move(USD, 10**12, giver="outside:customers", taker="nvidia", reason="chips paid")
    paid = pay_out(books, stage.market, nvidia, payer="nvidia")
    assert paid.dividend == nvidia.shares_outstanding and paid.shares > 0  # one cent a share
    assert 0 < books.balance("nvidia", USD) == 10**12 - paid.money


# values and prices ----------------------------------------------------------------------------------------------


def test_value_falls_by_what_is_paid_and_a_fair_buy_back_leaves_it():
    market = traded().market
    plan = planned(market, MICROSOFT)
    whole = market.outstanding[MICROSOFT]
    dividend, purchase = replace(plan, shares=0), replace(plan, dividend=0)
    assert np.exp(change_in_value(42_150.0, whole, dividend)) == pytest.approx(1 - 83 / 42_150, abs=1e-9)
    assert change_in_value(float(plan.price), whole, purchase) == pytest.approx(0.0, abs=1e-9)
    assert change_in_value(plan.price / 2, whole, purchase) < 0 < change_in_value(plan.price * 2.0, whole, purchase)


def test_the_price_goes_ex_dividend_through_the_value():
    large = tuple(replace(one, dividend_usd=one.price_usd / 50, buyback_rate=0.0) for one in load_securities())
    paying, keeping = (open_market(securities=large).trade(0, 3) for _ in range(2))
    pay_out(paying.books, paying.market, large[MICROSOFT], payer=EARNINGS)
    before = paying.market.prices.copy()
    expected = np.log(1 - large[MICROSOFT].dividend_usd * 100 / values_of(paying.market)[MICROSOFT])
    paying.trade(3, 1), keeping.trade(3, 1)
    assert (keeping.market.prices != before).any()
    difference = np.log(paying.market.prices / keeping.market.prices)
    assert difference[MICROSOFT] == pytest.approx(expected, abs=5e-4) and expected < -0.015
    values = np.log(values_of(paying.market) / values_of(keeping.market))
    assert values[MICROSOFT] == pytest.approx(expected, abs=1e-9)
    others = [j for j in range(len(large)) if j != MICROSOFT]
    assert np.abs(difference[others]).max() < 5e-4 and not paying.market.announced.any()


def test_over_a_season_a_firm_earns_what_it_pays():
    stage, securities = traded(days=1), load_securities()
    daily = daily_earnings(stage.market, securities)
    for j, security in enumerate(securities):
        stage.market.announced[:] = 0
        value = values_of(stage.market)[j]
        paid = planned_payout(
            stage.market.capital, security, stage.market.outstanding[j], price=int(stage.market.prices[j]), most=10**15)
        earned = 65 * np.expm1(daily[j]) * value * stage.market.outstanding[j]
        assert earned == pytest.approx(paid.money, rel=1e-6, abs=1.0)


def test_every_firm_has_its_day_and_four_of_them_a_year():
    days = {payday(one.ticker, 65) for one in load_securities()}
    assert len(days) > 8 and max(days) < 65 and seasons_in_a_year(Capital()) == 4
    assert seasons_in_a_year(Capital(payout_interval=260)) == 1


# fees -----------------------------------------------------------------------------------------------------------


def test_fees_and_costs_go_as_far_as_cash_and_nobody_is_overdrawn():
    stage = traded()
    books, traded_for, last_day = stage.books, stage.market.traded, stage.market.history[-1]
    assert traded_for.sum() == 2 * sum(
        round(price * 100) * n for price, n in zip(last_day.prices, last_day.volumes, strict=True)
    )
    charge_trades(books, stage.market)
    assert books.balance(EXCHANGE, USD) == int((traded_for * 200 // 10**6).sum())
    books.collect(books.crowd_cash - books.crowd_cash // 1000, taker=SAVERS, reason="taken out")
    poor = books.crowd_cash.copy()
    charge_management(books, stage.market)
    assert 0 < books.balance(MANAGERS, USD) <= poor.sum() and (books.crowd_cash >= 0).all()
    books.check(after="fees")


def test_a_fee_is_a_quarter_of_the_declared_share_of_all_a_member_has():
    stage = traded()
    books, (hedge,) = stage.books, [k for k, one in enumerate(Capital().shareholders) if one.name == "hedge_funds"]
    row = stage.market.crowd.rows[hedge].start
    assets = int(books.crowd_cash[row]) + int((books.crowd_shares[row] * stage.market.prices).sum())
    before = int(books.crowd_cash[row])
    charge_management(books, stage.market)
    assert before - int(books.crowd_cash[row]) == assets * 3750 // 10**6


def test_savers_bring_cash_towards_its_opening_share_and_the_books_stay_exact():
    stage = traded()
    books, market = stage.books, stage.market
    books.pay_crowd(np.full(len(books.crowd_cash), 10**14), giver=EARNINGS, reason="windfall")
    windfall = books.crowd_cash.sum()
    let_savers_adjust(books, market)
    assert 0.74 * windfall < books.crowd_cash.sum() < 0.76 * windfall
    books.collect(books.crowd_cash.copy(), taker=SAVERS, reason="taken out")
    let_savers_adjust(books, market)
    wealth = (books.crowd_shares * market.prices).sum(axis=1)
    shares = [one.cash_share for one, rows in zip(market.capital.shareholders, market.crowd.rows, strict=True)
              for _ in range(rows.start, rows.stop)]
    assert np.abs(books.crowd_cash - 0.25 * np.array(shares) * wealth).max() < 2
    books.check(after="savers")


def test_amounts_that_nobody_has_are_refused():
    books = traded(days=1).books
    nothing = np.zeros(len(books.crowd_cash), dtype=np.int64)
    with pytest.raises(BooksError, match="gift: an amount of -1 is not at least 0"):
        books.pay_crowd(nothing - 1, giver=EARNINGS, reason="gift")
    with pytest.raises(BooksError, match="gift: azure has 0 of USD and cannot give"):
        books.pay_crowd(nothing + 1, giver="azure", reason="gift")
    with pytest.raises(BooksError, match="fine: a member has less cash than it is to pay"):
        books.collect(books.crowd_cash + 1, taker=MANAGERS, reason="fine")
    with pytest.raises(BooksError, match="tender: a member has fewer shares"):
        books.buy_back(0, books.crowd_shares[:, 0] + 1, 1, payer=EARNINGS, reason="tender")
    books.check(after="refusals")


# ablations ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs():
    """A quarter of a year as it is, without payouts, and without fees and costs."""
    changes = {"as it is": {}, "no payouts": {"capital.payout_scale": 0.0},
               "no fees": {"capital.fee_scale": 0.0, "capital.trading_cost": 0.0, "capital.saving_flow": 0.0}}
    return {name: finished(APRIL, world=QUICK.vary(change)) for name, change in changes.items()}


def last(model, name: str) -> dict[str, float]:
    """The last monthly values of an observable by label."""
    return {label: value for _, what, label, value in model.record.series if what == name}


def april(model, ticker: str) -> float:
    """Price on the first trading day of April."""
    days = (value for day, name, label, value in model.record.series if (name, label) == ("price", ticker) and day.month == 4)
    return next(days)


def test_without_payouts_no_firm_pays_and_cash_and_returns_are_others(runs):
    usual, none = runs["as it is"], runs["no payouts"]
    assert usual.record.summary["dividends_usd_bn"] > 3 and usual.record.summary["buybacks_usd_bn"] > 10
    assert none.record.summary["dividends_usd_bn"] == none.record.summary["buybacks_usd_bn"] == 0.0
    assert last(usual, "shares_outstanding")["GOOGL"] < last(none, "shares_outstanding")["GOOGL"] == 12.2e9
    cash = [sum(last(model, "investor_cash").values()) for model in (usual, none)]
    assert cash[0] > cash[1]
    opening = usual.equities.opening[MICROSOFT] / 100
    assert last(usual, "total_return")["MSFT"] == pytest.approx((april(usual, "MSFT") + 0.83) / opening - 1)
    assert last(none, "total_return")["MSFT"] == pytest.approx(april(none, "MSFT") / opening - 1)


def test_without_fees_nobody_is_paid_and_more_cash_is_left(runs):
    usual, none = runs["as it is"], runs["no fees"]
    assert usual.record.summary["investor_costs_usd_bn"] > 5 and none.record.summary["investor_costs_usd_bn"] == 0.0
    cash = [int(model.books.crowd_cash.sum()) for model in (usual, none)]
    paid = -sum(usual.books.balance(one, USD) for one in (EXCHANGE, MANAGERS))
    assert cash[1] > cash[0] and paid < 0


def test_firms_that_sell_chips_here_pay_from_their_account_and_others_from_outside(runs):
    model = runs["as it is"]
    flows, books = model.books.flows, model.books
    inside = sum(flows.get((f"{why} {one}", USD), 0) for why in ("dividend", "buy-back") for one in ("NVDA", "AMD"))
    everything = sum(n for (why, asset), n in flows.items() if asset == USD and why.startswith(("dividend ", "buy-back ")))
    assert -books.balance(EARNINGS, USD) == everything - inside > 0 and inside > 0
    for j, (ticker, whole) in enumerate(zip(model.equities.tickers, model.equities.outstanding, strict=True)):
        assert -books.balance(ISSUERS, share_asset(ticker)) == whole == model.equities.crowd.strategic[:, j].sum()
        assert books.crowd_shares[:, j].sum() == whole


def test_payouts_and_fees_move_no_chip(runs):
    chips = [[(asset, model.books.holders(asset)) for asset in sorted(model.books.accounts) if asset.startswith("chip:")]
             for model in runs.values()]
    assert chips[0] == chips[1] == chips[2]
    assert len({digests(model)[-1] for model in runs.values()}) == 3 and money_inside(runs["as it is"]) > 0
