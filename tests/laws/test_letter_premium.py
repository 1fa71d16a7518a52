"""The letter on the H20 and the grey market: diverted chips grow dearer where none can be rented abroad in their place."""

from __future__ import annotations

from datetime import date
from statistics import fmean

from abm import HISTORICAL, Model
from abm.agents.offshore import _rent, rental
from abm.books import USD
from abm.scenario.reference import Scenario
from tests.laws.runs import QUICK, finished, model_of

JUNE, LETTER = date(2025, 7, 2), date(2025, 4, 16)
SEEDS = (1, 2, 3)
WITHOUT = HISTORICAL.without("us_letter_2025_04")
CLOSED = QUICK.vary({"diversion.rental_open": 0})


def premia(model: Model) -> list[tuple[date, float]]:
    """The premium on the first day of each month."""
    return [(day, value) for day, what, label, value in model.record.series if (what, label) == ("grey_premium", "premium")]


def gain(world: Scenario) -> float:
    """What the letter adds to the premium of June and July, on average over seeds; before it nothing may differ."""
    gains = []
    for seed in SEEDS:
        ours, theirs = (premia(finished(JUNE, world=world, policy=policy, seed=seed)) for policy in (HISTORICAL, WITHOUT))
        assert [one for one in ours if one[0] < LETTER] == [one for one in theirs if one[0] < LETTER] != []
        late = [[value for day, value in paid if day >= date(2025, 6, 1)] for paid in (ours, theirs)]
        gains.append(fmean(late[0]) - fmean(late[1]))
    return fmean(gains)


def test_the_letter_makes_diverted_chips_dearer_where_none_can_be_rented():
    """By a quarter of the list price in June and July; chips for rent abroad take that much of it away at least."""
    closed = gain(CLOSED)
    assert closed >= 0.25
    assert closed - gain(QUICK) >= 0.25


def test_rent_is_paid_for_no_more_chips_than_the_operator_may_still_order(monkeypatch):
    model = model_of(date(2025, 1, 2), world=QUICK)
    model.step()
    _, operator, option = rental(model)
    payer = ("other_china", model.clouds["other_china"].grey_purse)
    purse = payer[1]
    amount = model.books.balance(purse, USD) // 2
    rented, paid = operator.rented, model.tally["rent_cents"]
    monkeypatch.setattr(model.gates, "headroom", lambda *_: 0)
    _rent(model, {payer: amount}, operator=operator, option=option)
    assert (operator.rented, model.tally["rent_cents"]) == (rented, paid)
    monkeypatch.setattr(model.gates, "headroom", lambda _chip, _buyer, wanted: wanted // 2)
    _rent(model, {payer: amount}, operator=operator, option=option)
    assert operator.rented > rented and 0 < model.tally["rent_cents"] - paid <= 0.5 * amount
