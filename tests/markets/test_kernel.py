"""The compiled crowd is the plain one to the bit, and draws by permanent names."""

from __future__ import annotations

import ast
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm import elementary
from abm.books import BooksError
from abm.chance import Chance, slots
from abm.errors import InputError
from abm.markets import kernel_build, kernel_elementary
from abm.markets.auction import clear
from abm.markets.crowd import gather_crowd
from abm.markets.kernel import DAYS, TradingFloor
from abm.markets.kernel_draws import Names, disagree, layer_luck, normal_table
from abm.markets.reference import normal_of, trade_plainly
from abm.rules.investor import MOST_CASH, whole_steps
from abm.scenario.capital import Capital, load_securities
from tests.markets.stage import open_market, plain_investors, plain_today

SECURITIES = load_securities()
WORLD = Capital()
DRAWN = ("seed", "sizes", "stocks", "cash", "with_news", "elasticity")
NUMBERS = st.floats(-700, 700)


def classes(*members: int):
    """The first classes of investors with other numbers of members, and all that the rest would hold."""
    chosen = WORLD.shareholders[: len(members)]
    return [replace(one, members=count) for one, count in zip(chosen, members, strict=True)]


@given(NUMBERS)
def test_exponentials_and_logarithms_have_the_same_bits(x):
    assert kernel_elementary.exp(x) == elementary.plain_exp(x)
    assert kernel_elementary.expm1(x) == elementary.expm1(x)
    size = elementary.exp(x)
    assert kernel_elementary.log(size) == elementary.plain_log(size)


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_normal_quantiles_have_the_same_bits(p):
    assert kernel_elementary.normal_quantile(p) == elementary.normal_quantile(p)


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 10**6), st.floats(2.01, 1000.0))
def test_the_luck_of_the_layers_is_that_of_chance(day, seed, degrees):
    chance, names, purposes = Chance(seed), ("market", "NVDA", "TSM"), ("a", "b", "c", "d")
    keys = np.array([chance.key(purpose) for purpose in purposes], dtype=np.uint64)
    luck = layer_luck(slots(names), np.uint64(day % DAYS), keys, np.full(3, degrees))
    assert luck[0].tolist() == [chance.uniform("a", name, day) for name in names]
    assert luck[1].tolist() == [chance.normal("b", name, day) for name in names]
    for row, purpose in ((2, "c"), (3, "d")):
        assert luck[row].tolist() == [chance.student_t(purpose, name, day, degrees=degrees) for name in names]


def drawn(sizes: tuple[int, ...], tickers: tuple[str, ...], day: int = 3, order: np.ndarray | None = None) -> np.ndarray:
    """Disagreement of classes of such sizes, stocks x investors, in 2^-24 standard deviations, cut off at 12."""
    securities = tuple(one for one in SECURITIES if one.ticker in tickers)
    crowd = gather_crowd(_whole(classes(*sizes)), securities, disagreement=0.02)
    order = np.arange(len(crowd)) if order is None else order
    crowd = replace(crowd, kinds=crowd.kinds[order], members=crowd.members[order])
    names = Names(crowd.runs(), crowd.disagreement_slots(tickers), np.full(len(crowd), 2**24), normal_table())
    steps, luck = np.empty((len(tickers), len(crowd)), np.int32), (day, *Chance(5).key("disagreement"))
    disagree(steps, names, np.array(luck, dtype=np.uint64), (0, len(crowd)))
    return steps


def _whole(kinds: list) -> list:
    """Classes that hold all shares between them."""
    rest = {name: 1.0 - sum(getattr(one, name) for one in kinds[1:]) for name in ("us_share", "hk_share", "cn_share")}
    return [replace(kinds[0], **rest), *kinds[1:]]


def test_disagreement_is_drawn_by_class_place_and_ticker():
    sizes, tickers = (21, 700, 8), ("NVDA", "TSM")
    steps = drawn(sizes, tickers)
    for j, ticker in enumerate(tickers):
        for k, name in enumerate(one.name for one in classes(*sizes)):
            first = sum(sizes[:k])
            plain = [normal_of((name, member), ticker, 3, Chance(5)) for member in range(sizes[k])]
            assert steps[j, first : first + sizes[k]].tolist() == plain


@pytest.mark.parametrize("more", [(22, 700, 8), (21, 1400, 8), (21, 700, 600)])
def test_members_added_at_the_end_of_a_class_change_nobody_else(more):
    few, many = drawn((21, 700, 8), ("NVDA", "TSM")), drawn(more, ("NVDA", "TSM"))
    starts = np.cumsum((0, *more))[:3]
    kept = np.concatenate([np.arange(size) + start for start, size in zip(starts, (21, 700, 8), strict=True)])
    assert (many[:, kept] == few).all()


def test_a_stock_anywhere_changes_nobodys_draws():
    one, two = drawn((21, 700), ("TSM",)), drawn((21, 700), ("NVDA", "TSM"))
    assert (two[1] == one[0]).all()


def test_rows_in_any_order_draw_the_same():
    order = np.random.default_rng(3).permutation(721)
    assert (drawn((21, 700), ("NVDA",), order=order) == drawn((21, 700), ("NVDA",))[:, order]).all()


def test_disagreement_is_normal_and_independent():
    steps = drawn((20_000, 20_000), ("NVDA", "TSM")) / 2.0**24
    assert np.abs(steps.mean(axis=1)).max() < 4 / np.sqrt(40_000)
    assert steps.std(axis=1) == pytest.approx(1.0, abs=4 / np.sqrt(80_000))
    assert (steps**4).mean() == pytest.approx(3.0, abs=4 * np.sqrt(96 / 80_000))
    assert abs(np.corrcoef(steps)[0, 1]) < 4 / np.sqrt(40_000)
    lagged = [np.corrcoef(row[lag:], row[:-lag])[0, 1] for row in steps for lag in (1, 2, 8)]
    assert np.abs(lagged).max() < 4.5 / np.sqrt(40_000)
    later = drawn((20_000, 20_000), ("NVDA", "TSM"), day=4) / 2.0**24
    assert abs(np.corrcoef(steps[0], later[0])[0, 1]) < 4 / np.sqrt(40_000)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 1000), sizes=st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12)),
    stocks=st.integers(1, 5), cash=st.sampled_from([0.0, 0.02, 1.0]), with_news=st.booleans(),
    elasticity=st.sampled_from([0.3, 1.0, 6.0]),
)  # fmt: skip
def test_whole_days_are_those_of_the_plain_market(**drawn):
    seed, sizes, stocks, cash, with_news, elasticity = (drawn[name] for name in DRAWN)
    kinds = tuple(replace(one, cash_share=cash * one.cash_share) for one in _whole(classes(*sizes)))
    stage = open_market(seed, SECURITIES[:stocks], shareholders=kinds, demand_elasticity=elasticity)
    plain = plain_investors(stage)
    luck = np.random.default_rng(seed)
    for day in range(8):
        news = luck.normal(0.0, 0.1, stage.market.crowd.strategic.shape) if with_news and day % 3 == 1 else None
        stage.market.taken_in = news
        check_day(stage, plain, day, news)


def check_day(stage, plain, day, news):
    """Trade one day in both markets and compare every price, share, cent and stance."""
    today = plain_today(stage, day)
    luck = [one.disagree(today, stage.chance) for one in plain]
    prices, shares, trades = trade_plainly(plain, today, luck, None if news is None else whole_steps(news).tolist())
    stage.trade(day, 1)
    assert stage.market.prices.tolist() == prices
    assert stage.market.layers.fundamental.tolist() == shares
    assert stage.books.crowd_shares.tolist() == [one.held for one in plain]
    assert stage.books.crowd_cash.tolist() == [one.cash for one in plain]
    volumes = [sum(max(change, 0) for change in changes) for changes in trades]
    assert list(stage.market.history[-1].volumes) == volumes


def test_a_thousand_investors_trade_as_the_plain_market_does():
    kinds = tuple(_whole(classes(700, 300, 24)))
    stage = open_market(3, SECURITIES[:2], shareholders=kinds)
    plain = plain_investors(stage)
    for day in range(3):
        check_day(stage, plain, day, None)


def test_another_mechanism_gets_the_demands_of_the_same_day():
    auction, other = (open_market(seed=4).trade(0, 3) for _ in range(2))
    auction.trade(3, 1)
    market, books, chance = other.market, other.books, other.chance
    market.floor.value(3, chance, market.outlook(3, chance).stances, None)
    clearing = clear(market.terms(), market.floor.demands(market.terms(), books))
    for j, price in enumerate(clearing.prices.tolist()):
        books.settle_auction(j, clearing.trades[:, j], price)
    assert (clearing.prices == auction.market.prices).all()
    assert (books.crowd_shares == auction.books.crowd_shares).all()
    assert (books.crowd_cash == auction.books.crowd_cash).all()


def test_money_beyond_exact_sums_is_refused():
    stage = open_market(1, SECURITIES[:2])
    stage.books.crowd_cash[3] = MOST_CASH - 1
    stage.trade(0, 1)
    stage.books.crowd_cash[3] = MOST_CASH
    with pytest.raises(BooksError, match=f"an investor has {MOST_CASH} cents"):
        stage.trade(1, 1)
    kinds = [replace(one, cash_share=1e4) for one in WORLD.shareholders]
    with pytest.raises(InputError, match=r"^cash of an investor = .* is above its upper bound 1.13e\+15$"):
        gather_crowd(kinds, SECURITIES, disagreement=0.02)
    dear = [replace(one, price_usd=1e9) for one in SECURITIES]
    with pytest.raises(InputError, match="^shares of an investor"):
        gather_crowd(WORLD.shareholders, dear, disagreement=0.02)


def test_compiled_code_is_kept_under_all_the_sources_that_go_into_it():
    taken = {one.__name__ for one in kernel_build.TAKEN_FROM}
    folder = Path(kernel_build.__file__).parent
    for file in (folder / f"kernel_{part}.py" for part in ("auction", "demand", "draws", "elementary")):
        lines = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
        named = {one.module for one in lines if one.module.startswith("abm.")} | {
            f"abm.{name.name}" for one in lines if one.module == "abm" for name in one.names}
        assert {one for one in named if not one.startswith("abm.markets.kernel")} <= taken


def test_a_copy_of_a_market_trades_on_its_own():
    stage = open_market(seed=2).trade(0, 2)
    copied = replace(stage, market=deepcopy(stage.market), books=deepcopy(stage.books))
    stage.trade(2, 3), copied.trade(2, 3)
    assert stage.market.state() == copied.market.state() and stage.books.state() == copied.books.state()
    assert isinstance(stage.market.floor, TradingFloor)
