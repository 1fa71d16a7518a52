"""The stock market from day to day: returns look like returns, the books stay exact, luck and order are under control."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from abm.markets.crowd import Crowd, gather_crowd
from abm.scenario.capital import Capital, load_securities
from tests.markets.stage import open_market, returns

SHUFFLED = ("kinds", "members", "strategic", "weights", "market_weights", "positions", "reading", "spread", "cash", "rank")


@pytest.fixture(scope="module")
def long_run():
    """Some five years of NVDA, MSFT and SMIC without news, and the closing stage."""
    securities = tuple(one for one in load_securities() if one.ticker in ("NVDA", "MSFT", "0981.HK"))
    return open_market(seed=4, securities=securities).trade(0, 1300)


def prices(stage) -> np.ndarray:
    """Prices by day and stock."""
    return np.array([day.prices for day in stage.market.history])


def autocorrelation(series: np.ndarray, lag: int) -> float:
    """Sample autocorrelation."""
    centred = series - series.mean()
    return float((centred[lag:] * centred[:-lag]).mean() / (centred * centred).mean())


def test_daily_returns_have_the_size_tails_and_clusters_of_returns(long_run):
    nvidia = returns(prices(long_run))[:, 0]
    assert 0.02 < nvidia.std() < 0.045
    assert abs(autocorrelation(nvidia, 1)) < 0.15
    clusters = [autocorrelation(np.abs(nvidia), lag) for lag in (1, 5, 10, 20)]
    assert min(clusters) > 0 and clusters[0] < 0.5
    fourth = ((nvidia - nvidia.mean()) ** 4).mean() / nvidia.var() ** 2
    assert 4 < fourth < 40


def test_prices_return_to_their_values(long_run):
    values = np.array([day.values for day in long_run.market.history])
    gap = np.log(prices(long_run) / values)
    assert np.abs(gap).max() < 2.5
    halves = gap[: len(gap) // 2].std(axis=0), gap[len(gap) // 2 :].std(axis=0)
    assert (halves[1] < 3 * halves[0]).all()
    change, past = np.diff(gap[:, 0]), gap[:-1, 0]
    assert np.cov(change, past)[0, 1] < 0


def test_the_market_moves_stocks_by_their_betas(long_run):
    level = np.array([day.market_level for day in long_run.market.history])
    market = np.diff(np.log(level))
    ours = returns(prices(long_run))
    slopes = [np.cov(ours[:, j], market)[0, 1] / market.var(ddof=1) for j in range(2)]
    assert slopes == pytest.approx(long_run.market.betas[:2], rel=0.2)


def test_turnover_is_about_a_per_cent_a_day(long_run):
    turnover = np.array([day.turnovers for day in long_run.market.history]).mean(axis=0)
    assert ((turnover > 0.003) & (turnover < 0.05)).all()


def test_shares_and_cash_are_exactly_what_they_were():
    stage = open_market()
    cash, shares = stage.books.crowd_cash.sum(), stage.books.crowd_shares.sum(axis=0).tolist()
    assert shares == [one.shares_outstanding for one in load_securities()]
    stage.trade(0, 30)
    stage.books.check(after="equities_clear")
    assert stage.books.crowd_cash.sum() == cash
    assert stage.books.crowd_shares.sum(axis=0).tolist() == shares
    assert (stage.books.crowd_cash >= 0).all() and (stage.books.crowd_shares >= 0).all()


def shuffled(crowd: Crowd, order: np.ndarray) -> Crowd:
    """The same investors in other rows."""
    arrays = {name: getattr(crowd, name)[order] for name in SHUFFLED}
    assert {one.name for one in fields(Crowd)} == {*SHUFFLED, "ids", "rows", "classes"}
    return replace(crowd, ids=tuple(crowd.ids[i] for i in order), **arrays)


def test_the_order_of_investors_does_not_matter_to_the_bit():
    world = Capital()
    crowd = gather_crowd(world.shareholders, load_securities(), disagreement=world.disagreement)
    order = np.arange(len(crowd))[::-1] // 2 + np.arange(len(crowd)) % 2 * (len(crowd) // 2)
    assert sorted(order.tolist()) == list(range(len(crowd)))
    straight, other = open_market(crowd=crowd).trade(0, 25), open_market(crowd=shuffled(crowd, order)).trade(0, 25)
    assert straight.market.state() == other.market.state()
    assert (straight.books.crowd_shares[order] == other.books.crowd_shares).all()
    assert (straight.books.crowd_cash[order] == other.books.crowd_cash).all()


def test_an_added_stock_leaves_the_luck_of_the_others_alone():
    ours = load_securities()
    few, more = open_market(securities=ours[:2]), open_market(securities=ours[:3])
    few.trade(0, 5), more.trade(0, 5)
    assert prices(few) == pytest.approx(prices(more)[:, :2], rel=0.02)


def with_an_idle_member(crowd: Crowd, kind: int) -> tuple[Crowd, int]:
    """The crowd with a last member of a class that owns nothing, and its row."""
    at = crowd.rows[kind].stop
    member = at - crowd.rows[kind].start
    ids = (*crowd.ids[:at], f"{crowd.classes[kind]}-{member:07d}", *crowd.ids[at:])
    rank = np.empty(len(ids), np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    added = {"kinds": kind, "members": member, "positions": 7, "reading": 0.5, "spread": 10**6}
    arrays = {name: np.insert(getattr(crowd, name), at, added.get(name, 0), axis=0) for name in SHUFFLED if name != "rank"}
    return replace(crowd, ids=ids, rank=rank, **arrays), at


@pytest.mark.parametrize("kind", range(len(Capital().shareholders)))
def test_an_idle_investor_at_the_end_of_a_class_changes_nothing_else(kind):
    world = Capital()
    crowd = gather_crowd(world.shareholders, load_securities(), disagreement=world.disagreement)
    more, at = with_an_idle_member(crowd, kind)
    few, many = open_market(crowd=crowd).trade(0, 15), open_market(crowd=more).trade(0, 15)
    assert few.market.state() == many.market.state() and not many.books.crowd_shares[at].any()
    assert (few.books.crowd_shares == np.delete(many.books.crowd_shares, at, axis=0)).all()
    assert (few.books.crowd_cash == np.delete(many.books.crowd_cash, at)).all()


def test_the_order_of_stocks_and_one_that_nobody_cares_for_change_no_price():
    ours = load_securities()
    idle = replace(ours[0], ticker="IDLE", shares_outstanding=1_000, price_usd=0.01)
    plain, turned, more = (open_market(securities=one).trade(0, 15) for one in (ours, ours[::-1], (*ours, idle)))
    assert (prices(plain) == prices(turned)[:, ::-1]).all() and (prices(plain) == prices(more)[:, :-1]).all()
    assert (plain.books.crowd_cash == turned.books.crowd_cash).all()
    assert (plain.books.crowd_shares == turned.books.crowd_shares[:, ::-1]).all()


def test_a_seed_fixes_the_run_and_another_changes_it():
    states = [open_market(seed=seed).trade(0, 10).market.state() for seed in (1, 1, 2)]
    assert states[0] == states[1] != states[2]


def test_the_burn_in_ends_at_the_opening_prices_with_its_returns_kept():
    stage = open_market().trade(-40, 40)
    before = returns(prices(stage))
    gap = stage.market.layers.value - stage.market.layers.level
    stage.market.rebase()
    opening = [one.price_usd for one in load_securities()]
    assert stage.market.prices.tolist() == [one.price_cents for one in load_securities()]
    assert prices(stage)[-1] == pytest.approx(opening)
    assert returns(prices(stage)) == pytest.approx(before)
    assert (stage.market.layers.value - stage.market.layers.level == gap).all()
    assert stage.market.history[-1].market_level == pytest.approx(100.0)


def test_without_views_news_and_shocks_prices_stand_still():
    silent = {
        f"{layer}_{name}": 0.0
        for layer in ("market", "stock")
        for name in ("fundamental_noise", "technical_noise", "news")
    }
    stage = open_market(earnings_news=0.0, **silent).trade(0, 10)
    assert np.abs(np.log(stage.market.prices / stage.market.opening)).max() < 0.002
    assert stage.market.history[-1].volumes[0] > 0


def test_the_elasticity_of_demand_moves_turnover_and_not_prices():
    calm, keen = (open_market(demand_elasticity=zeta).trade(0, 20) for zeta in (0.3, 1.0))
    volumes = [np.array([day.turnovers for day in stage.market.history]).mean() for stage in (calm, keen)]
    assert volumes[1] > 2 * volumes[0]
    assert prices(calm) == pytest.approx(prices(keen), rel=0.03)


def test_every_stock_reports_its_day():
    stage = open_market().trade(0, 1)
    observed = stage.market.observations()
    names = {name for name, _, _ in observed}
    assert names == {"price", "value", "volume", "turnover", "fundamental_share", "market_level"}
    assert len(observed) == 5 * 13 + 2
    assert stage.market.market_value("NVDA") == pytest.approx(stage.market.history[-1].prices[0] * 24.5e9)
