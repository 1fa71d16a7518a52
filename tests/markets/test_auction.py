"""The call auction: exact, at the right tick, fair, and the same in any order and in plain Python."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abm.markets.auction import Demand, clear, free_prices, proportional_cut, ration
from abm.markets.clearing import Demands, Market
from abm.markets.reference import Bidder, clear_plainly
from abm.rules.investor import PER_UNIT

AMOUNTS = st.integers(0, 2_000_000)
MEMBERS = st.tuples(AMOUNTS, AMOUNTS, st.integers(0, 3), st.integers(-60_000_000, 60_000_000), st.integers(0, 10**10))


@st.composite
def auctions(draw) -> tuple[Market, Demands]:
    """One to three stocks, two to twelve investors, short and long of money."""
    stocks, members = draw(st.integers(1, 3)), draw(st.integers(2, 12))
    cells = [[draw(MEMBERS) for _ in range(stocks)] for _ in range(members)]
    held, strategic, participation, steps, budgets = np.moveaxis(np.array(cells, dtype=np.int64), 2, 0)
    previous = np.array([draw(st.integers(1, 200_000)) for _ in range(stocks)], dtype=np.int64)
    rank = np.array(draw(st.permutations(range(members))), dtype=np.int64)
    weights = strategic * participation // 2
    demands = Demands(held=held, strategic=strategic, weights=weights, steps=steps, budgets=budgets)
    return Market(previous, rank, elasticity=draw(st.sampled_from([0.3, 1.0, 4.0]))), demands


def column(market: Market, demands: Demands, j: int) -> list[Bidder]:
    """The demands for one stock, investor by investor."""
    cells = (market.rank, *(getattr(demands, one.name)[:, j] for one in fields(Demands)))
    return [Bidder(*(int(cell) for cell in row)) for row in zip(*cells, strict=True)]


@given(auctions())
def test_shares_are_conserved_and_limits_are_kept(auction):
    market, demands = auction
    clearing = clear(market, demands)
    assert (clearing.trades.sum(axis=0) == 0).all()
    assert (demands.held + clearing.trades >= 0).all()
    assert (clearing.trades * clearing.prices <= np.maximum(demands.budgets, 0)).all()
    assert (clearing.volumes == np.abs(clearing.trades).sum(axis=0) // 2).all()


@given(auctions())
def test_excess_demand_changes_sign_at_the_tick(auction):
    market, demands = auction
    demand, prices = Demand(market, demands), clear(market, demands).prices
    here, below, above = (demand.excess(np.maximum(tick, 1)) for tick in (prices, prices - 1, prices + 1))
    cleared = (here == 0) | ((here > 0) & (above < 0)) | ((here < 0) & ((below >= 0) | (prices == 1)))
    unlimited = (here > 0) & (demands.weights.sum(axis=0) == 0)  # nobody answers to the price
    assert (cleared | unlimited).all()


@given(auctions())
def test_the_long_side_is_cut_in_proportion(auction):
    market, demands = auction
    clearing = clear(market, demands)
    wanted = Demand(market, demands).changes(clearing.prices)
    for j in range(wanted.shape[1]):
        bought, sold = wanted[:, j][wanted[:, j] > 0].sum(), -wanted[:, j][wanted[:, j] < 0].sum()
        assert clearing.volumes[j] == min(bought, sold)
        kept = clearing.volumes[j] / max(bought, sold, 1)
        long_side = wanted[:, j] > 0 if bought >= sold else wanted[:, j] < 0
        short_of = np.abs(clearing.trades[:, j] - wanted[:, j] * np.where(long_side, kept, 1.0))
        assert (short_of < 1 + 1e-6).all()


@given(auctions())
def test_the_plain_market_gives_the_same_answer(auction):
    market, demands = auction
    clearing = clear(market, demands)
    for j, previous in enumerate(market.previous.tolist()):
        price, changes = clear_plainly(column(market, demands, j), previous, market.elasticity)
        assert price == clearing.prices[j]
        assert changes == clearing.trades[:, j].tolist()


@given(auctions(), st.randoms(use_true_random=False))
def test_the_order_of_investors_does_not_matter(auction, luck):
    market, demands = auction
    order = list(range(len(market.rank)))
    luck.shuffle(order)
    rows = Demands(**{one.name: getattr(demands, one.name)[order] for one in fields(Demands)})
    shuffled, clearing = clear(replace(market, rank=market.rank[order]), rows), clear(market, demands)
    assert (shuffled.prices == clearing.prices).all()
    assert (shuffled.trades == clearing.trades[order]).all()


def one_stock(**changes) -> tuple[Market, Demands]:
    """Four investors with a thousand shares each and plenty of money."""
    rows = {
        "held": [1000] * 4, "strategic": [1000] * 4, "weights": [1000] * 4, "steps": [0] * 4,
        "budgets": [10**9] * 4, "rank": range(4),
    } | changes  # fmt: skip
    rank = np.array(rows.pop("rank"), dtype=np.int64)
    cells = {name: np.array(values, dtype=np.int64)[:, None] for name, values in rows.items()}
    return Market(np.array([10_000]), rank, elasticity=1.0), Demands(**cells)


def test_without_limits_the_price_is_the_weighted_mean_valuation():
    auction = one_stock(steps=[PER_UNIT // 10, 0, 0, PER_UNIT // 50])
    assert free_prices(*auction)[0] == round(10_000 * np.exp(0.03))
    assert abs(clear(*auction).prices - free_prices(*auction)) <= 1  # whole shares are rounded down


def test_good_news_without_money_does_not_move_the_price_as_far():
    steps = [PER_UNIT // 5, PER_UNIT // 5, 0, 0]
    rich, poor = (clear(*one_stock(steps=steps, budgets=[money] * 4)) for money in (10**9, 50_000))
    assert rich.prices[0] > poor.prices[0]
    assert (poor.trades[:, 0] * poor.prices[0] <= 50_000).all()


def test_ties_in_rationing_go_to_the_lower_rank():
    wanted = np.array([[5], [5], [5], [-14]])
    cut = ration(wanted, np.array([2, 0, 1, 3]))
    assert cut[:, 0].tolist() == [5, 4, 5, -14]


def test_products_beyond_64_bits_are_exact():
    amounts = np.array([[3 * 10**10], [10**10], [1]], dtype=np.int64)
    cut = np.array([2 * 10**10 + 1], dtype=np.int64)
    cuts = proportional_cut(amounts, cut, np.arange(3))
    exact = [amount * int(cut[0]) / (4 * 10**10 + 1) for amount in amounts[:, 0].tolist()]
    assert cuts.sum() == cut[0]
    assert all(abs(one - about) <= 1 for one, about in zip(cuts[:, 0].tolist(), exact, strict=True))


def test_a_stock_that_nobody_can_afford_falls_until_its_holders_keep_it():
    clearing = clear(*one_stock(steps=[-PER_UNIT // 2, 0, 0, 0], budgets=[0] * 4))
    assert (clearing.trades == 0).all()
    assert clearing.prices[0] < 10_000
