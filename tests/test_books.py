"""The books: double entry in whole numbers, for named holders and for the crowd."""

from __future__ import annotations

import pickle
from copy import deepcopy
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from abm.accounts import Account
from abm.books import OUTSIDE, USD, Books, BooksError, chip_asset, share_asset, split

HOLDERS = ("alibaba", "nvidia", "nvidia|in progress", f"{OUTSIDE}foundry", f"{OUTSIDE}nature")
ASSETS = (USD, chip_asset("H20 SXM"))
LARGEST = 10**15
weights = st.lists(st.floats(0.0, 1e12, allow_subnormal=False), min_size=1, max_size=12)


class Ledger(RuleBasedStateMachine):
    """Books beside the plainest ledger there is."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.plain = {(asset, holder): 0 for asset in ASSETS for holder in HOLDERS}
        self.handed = 0

    @rule(
        asset=st.sampled_from(ASSETS), amount=st.integers(-3, 50), giver=st.sampled_from(HOLDERS),
        taker=st.sampled_from(HOLDERS),
    )  # fmt: skip
    def move(self, asset, amount, giver, taker):
        """Hand something over, or be refused."""
        short = giver != taker and not giver.startswith(OUTSIDE) and self.plain[asset, giver] < amount
        if amount < 0 or short:
            with pytest.raises(BooksError, match="^trade: "):
                self.books.move(asset, amount, giver=giver, taker=taker, reason="trade")
            return
        self.books.move(asset, amount, giver=giver, taker=taker, reason="trade")
        self.plain[asset, giver] -= amount
        self.plain[asset, taker] += amount
        self.handed += amount if giver != taker else 0

    @invariant()
    def agrees(self):
        """Balances are those of the plain ledger."""
        for (asset, holder), amount in self.plain.items():
            assert self.books.balance(holder, asset) == amount
        for asset in ASSETS:
            held = [(holder, self.plain[asset, holder]) for holder in sorted(HOLDERS) if self.plain[asset, holder]]
            assert self.books.holders(asset) == held
            assert sum(amount for _, amount in held) == 0
        self.books.check(after="a move")
        assert sum(self.books.flows.values()) == self.handed


TestLedger = Ledger.TestCase


@pytest.mark.parametrize("amount", [-1, 1.0, 0.5, "1", None, np.int64(3)])
def test_amounts_are_whole_and_not_negative(amount):
    with pytest.raises(BooksError, match="gift: amount = .* of USD is not a whole number of at least 0"):
        Books().move(USD, amount, giver=f"{OUTSIDE}owners", taker="alibaba", reason="gift")


def test_the_refusal_names_holder_asset_and_amounts():
    books = Books()
    books.move(USD, 5, giver=f"{OUTSIDE}owners", taker="alibaba", reason="budget")
    with pytest.raises(BooksError, match="chips paid: alibaba has 5 of USD and cannot give 6"):
        books.move(USD, 6, giver="alibaba", taker="nvidia", reason="chips paid")
    assert books.balance("alibaba", USD) == 5 and books.balance("nvidia", USD) == 0


# split ------------------------------------------------------------------------------------------------------


def names_of(parts: list) -> list[str]:
    """A permanent name for each part."""
    return [f"part-{place:02d}" for place in range(len(parts))]


@given(st.integers(0, LARGEST), weights)
def test_parts_sum_to_the_whole(total, parts):
    whole = sum(map(Fraction, parts))
    given_out = split(total, parts, names_of(parts))
    assert sum(given_out) == (total if whole > 0 else 0)
    assert all(isinstance(part, int) and part >= 0 for part in given_out)


@given(st.integers(0, 10**9), weights)
def test_each_part_is_its_share_rounded_up_or_down(total, parts):
    whole = sum(map(Fraction, parts))
    for part, weight in zip(split(total, parts, names_of(parts)), parts, strict=True):
        exact = total * Fraction(weight) / whole if whole else 0
        assert abs(part - exact) < Fraction(10**6 + 1, 10**6)


@given(st.integers(0, LARGEST), weights, st.randoms(use_true_random=False))
def test_the_order_of_parts_does_not_matter(total, parts, mixer):
    named = list(zip(parts, names_of(parts), strict=True))
    mixed = named.copy()
    mixer.shuffle(mixed)
    straight = dict(zip(names_of(parts), split(total, *map(list, zip(*named, strict=True))), strict=True))
    crooked = split(total, [weight for weight, _ in mixed], [name for _, name in mixed])
    assert {name: part for (_, name), part in zip(mixed, crooked, strict=True)} == straight


def test_equal_parts_get_the_rest_by_name():
    assert split(5, [1.0, 1.0, 1.0], ["c", "a", "b"]) == [1, 2, 2]
    assert split(7, [0.0, 0.0], ["a", "b"]) == [0, 0]
    assert split(0, [1.0, 2.0], ["a", "b"]) == [0, 0]


@pytest.mark.parametrize("total", [2**53 + 1, 10**18 + 7, 10**24 + 1])
def test_huge_totals_are_given_out_to_the_unit(total):
    for parts in ([1.0, 1.0, 1.0], [1e-9, 1.0, 3.0, 0.7], [1.0], [0.0, 0.1, 0.2, 0.3, 0.4]):
        given_out = split(total, parts, names_of(parts))
        assert sum(given_out) == total
        assert all((part == 0) == (weight == 0.0) for part, weight in zip(given_out, parts, strict=True))


# the crowd --------------------------------------------------------------------------------------------------


def crowd_books(cash: list[int], shares: list[int]) -> Books:
    """Books of a crowd that holds one stock."""
    books = Books()
    books.open_crowd(["NVDA"], np.array(cash), np.array(shares).reshape(-1, 1))
    books.check(after="opening")
    return books


MEMBERS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 10), st.integers(-5, 5)), min_size=1, max_size=8)


@given(MEMBERS, st.integers(1, 300))
def test_an_auction_settles_exactly_or_not_at_all(members, price):
    cash, shares, changes = (list(column) for column in zip(*members, strict=True))
    books = crowd_books(cash, shares)
    before = books.crowd_cash.copy(), books.crowd_shares.copy()
    fits = sum(changes) == 0 and all(s + c >= 0 and m - c * price >= 0 for m, s, c in members)
    if not fits:
        with pytest.raises(BooksError, match="auction of NVDA"):
            books.settle_auction(0, np.array(changes), price)
        assert (books.crowd_cash == before[0]).all() and (books.crowd_shares == before[1]).all()
        return
    books.settle_auction(0, np.array(changes), price)
    books.check(after="auction")
    assert books.crowd_shares[:, 0].tolist() == [s + c for _, s, c in members]
    assert books.crowd_cash.tolist() == [m - c * price for m, _, c in members]
    assert int(books.crowd_cash.sum()) == sum(cash) and int(books.crowd_shares.sum()) == sum(shares)


def test_a_crowd_that_is_overdrawn_is_noticed():
    books = crowd_books([5, 5], [1, 1])
    books.crowd_cash[:] = (11, -1)
    with pytest.raises(BooksError, match="after a raid: an investor is overdrawn"):
        books.check(after="a raid")


def test_a_share_from_nowhere_is_noticed():
    books = crowd_books([5, 5], [1, 1])
    books.crowd_shares[0, 0] += 2
    with pytest.raises(BooksError, match=r"after a raid: \+2 of share:NVDA came from nowhere"):
        books.check(after="a raid")
    assert books.holders(share_asset("NVDA")) == [(f"{OUTSIDE}issuers", -2)]


def test_the_state_tells_every_balance():
    books = crowd_books([5], [1])
    before = books.state()
    books.move(USD, 1, giver=f"{OUTSIDE}owners", taker="alibaba", reason="budget")
    assert books.state() != before
    books.move(USD, 1, giver="alibaba", taker=f"{OUTSIDE}owners", reason="budget back")
    assert books.state() == before


# what is kept until it changes ------------------------------------------------------------------------------

CHANGES = {
    "set": lambda account: account.__setitem__("baidu", 2), "delete": lambda account: account.__delitem__("alibaba"),
    "merge": lambda account: account.__ior__({"baidu": 2}), "clear": lambda account: account.clear(),
    "pop": lambda account: account.pop("alibaba"), "popitem": lambda account: account.popitem(),
    "setdefault": lambda account: account.setdefault("baidu", 2), "update": lambda account: account.update(baidu=2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_an_account_escapes_the_check_or_the_state(change):
    books = Books()
    books.move(USD, 5, giver=f"{OUTSIDE}owners", taker="alibaba", reason="budget")
    books.check(after="budget")
    before = books.state()
    CHANGES[change](books.accounts[USD])
    assert books.state() != before
    for _ in range(2):
        with pytest.raises(BooksError, match="after a raid: .* of USD came from nowhere"):
            books.check(after="a raid")


def test_those_who_hold_something_are_listed_in_the_order_asked():
    books = Books()
    for holder, units in (("a", 3), ("b", 4)):
        books.move(USD, units, giver=f"{OUTSIDE}owners", taker=holder, reason="budget")
    assert books.held(USD, ["b", "c", "a"]) == [("b", 4), ("a", 3)] and books.held("chip:none", ["a"]) == []


def test_books_survive_being_put_away_and_taken_out():
    books = Books()
    books.open_crowd(["NVDA"], np.array([100, 100]), np.array([[5], [5]]))
    books.move(USD, 30, giver=f"{OUTSIDE}customers", taker="nvidia", reason="chips paid")
    for again in (pickle.loads(pickle.dumps(books)), deepcopy(books)):
        assert again.state() == books.state()
        again.move(USD, 10, giver="nvidia", taker="tsmc", reason="wafers")
        again.check(after="wafers")
        assert again.state() != books.state() and again.balance("nvidia", USD) == 20


def test_accounts_put_in_by_hand_are_checked_like_others():
    books = Books()
    books.check(after="nothing")
    books.accounts["chip:none"] = account = Account({"alibaba": 0})
    books.check(after="an account without chips")
    account["alibaba"] += 3
    with pytest.raises(BooksError, match="after a raid: .3 of chip:none came from nowhere"):
        books.check(after="a raid")
