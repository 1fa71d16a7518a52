"""The crowd's arrays change only where the books are asked for them, so that the check need not compare them elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm.books import Books, BooksError
from abm.scenario.capital import DEALER_MARKET
from tests.laws.runs import QUICK, model_of

DEALER = replace(QUICK, capital=replace(QUICK.capital, mechanism=DEALER_MARKET))
WORLDS = {"auctions": QUICK, "dealer": DEALER}


def arrays(books: Books) -> tuple[bytes, bytes]:
    """The crowd's cash and shares, read without asking the books for them."""
    return books._crowd_cash.tobytes(), books._crowd_shares.tobytes()


@pytest.mark.parametrize("world", WORLDS)
def test_a_crowd_that_nobody_asked_for_has_not_changed(world, monkeypatch):
    model, check, seen = model_of(date(2025, 2, 28), world=WORLDS[world]), Books.check, {}
    model.books.check(after="opening")
    seen["then"], seen["lent"], seen["kept"] = arrays(model.books), 0, 0

    def checked(books: Books, *, after: str) -> None:
        now = arrays(books)
        assert books._is_lent or now == seen["then"], after
        seen["then"] = now
        seen["lent" if books._is_lent else "kept"] += 1
        check(books, after=after)

    monkeypatch.setattr(Books, "check", checked)
    model.run()
    assert seen["lent"] >= len(model.calendar) and seen["kept"] > 3 * seen["lent"]


def test_a_check_that_failed_fails_again_while_nobody_mends_the_books():
    model = model_of(date(2025, 1, 3))
    model.books.crowd_cash[0] += 1
    for _ in range(2):
        with pytest.raises(BooksError, match="after a raid: .1 of USD came from nowhere"):
            model.books.check(after="a raid")
    model.books.crowd_cash[0] -= 1
    model.books.check(after="mending")
