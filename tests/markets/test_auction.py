"""The call auction: exact, at the right tick, fair, and the same in any order and in plain Python."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abm.elementary import log
from abm.markets.auction import HIGHEST_PRICE, clear
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


def wanted(market: Market, demands: Demands, j: int, price: int) -> np.ndarray:
    """Changes of holdings that everyone wants at a price of one stock."""
    rise = (log(price) - log(int(market.previous[j]))) * PER_UNIT
    return np.array([one.change(market.elasticity, rise, price) for one in column(market, demands, j)])


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
    for j, price in enumerate(clear(market, demands).prices.tolist()):
        below, here, above = (wanted(market, demands, j, max(tick, 1)).sum() for tick in (price - 1, price, price + 1))
        cleared = here == 0 or (here > 0 and above < 0) or (here < 0 and (below >= 0 or price == 1))
        assert cleared or price == HIGHEST_PRICE


@given(auctions())
def test_the_long_side_is_cut_in_proportion(auction):
    market, demands = auction
    clearing = clear(market, demands)
    for j, price in enumerate(clearing.prices.tolist()):
        changes = wanted(market, demands, j, price)
        bought, sold = changes[changes > 0].sum(), -changes[changes < 0].sum()
        assert clearing.volumes[j] == min(bought, sold)
        kept = clearing.volumes[j] / max(bought, sold, 1)
        long_side = changes > 0 if bought >= sold else changes < 0
        short_of = np.abs(clearing.trades[:, j] - changes * np.where(long_side, kept, 1.0))
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
    assert abs(clear(*auction).prices[0] - round(10_000 * np.exp(0.03))) <= 1  # whole shares are rounded down


def test_good_news_without_money_does_not_move_the_price_as_far():
    steps = [PER_UNIT // 5, PER_UNIT // 5, 0, 0]
    rich, poor = (clear(*one_stock(steps=steps, budgets=[money] * 4)) for money in (10**9, 50_000))
    assert rich.prices[0] > poor.prices[0]
    assert (poor.trades[:, 0] * poor.prices[0] <= 50_000).all()


def glut(offered: list[int], wanted: int, ranks: range | tuple[int, ...]) -> tuple[Market, Demands]:
    """Sellers of so many shares at any price, and one buyer of fewer."""
    sellers = len(offered)
    return one_stock(
        held=[*offered, 0], strategic=[0] * sellers + [wanted], weights=[0] * (sellers + 1), steps=[0] * (sellers + 1),
        budgets=[2**50] * (sellers + 1), rank=ranks,
    )  # fmt: skip


def test_ties_in_rationing_go_to_the_lower_rank():
    clearing = clear(*glut([5, 5, 5], 14, ranks=(2, 0, 1, 3)))
    assert clearing.trades[:, 0].tolist() == [-5, -4, -5, 14]


def test_large_amounts_are_cut_in_proportion():
    offered = (3 * 10**10, 10**10, 1)
    clearing = clear(*glut(list(offered), 2 * 10**10, ranks=range(4)))
    assert clearing.trades.sum() == 0 and clearing.volumes[0] == 2 * 10**10
    kept = 2 * 10**10 / (4 * 10**10 + 1)
    for sold, amount in zip((-clearing.trades[:3, 0]).tolist(), offered, strict=True):
        assert abs(sold - amount * kept) <= 1


def test_many_equal_remainders_are_cut_by_rank():
    sellers = 3000
    ranks = np.random.default_rng(5).permutation(sellers + 1)
    clearing = clear(*glut([7] * sellers, 7 * sellers - 1000, ranks=tuple(ranks.tolist())))
    is_cut = clearing.trades[:-1, 0] == -6
    assert is_cut.sum() == 1000 and set(ranks[:-1][is_cut]) == set(sorted(ranks[:-1])[:1000])


def test_a_stock_that_nobody_can_afford_falls_until_its_holders_keep_it():
    clearing = clear(*one_stock(steps=[-PER_UNIT // 2, 0, 0, 0], budgets=[0] * 4))
    assert (clearing.trades == 0).all()
    assert clearing.prices[0] < 10_000
