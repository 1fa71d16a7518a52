"""The crowd at the opening."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abm.errors import InputError
from abm.markets.crowd import gather_crowd
from abm.scenario.capital import Capital, load_securities

WORLD, SECURITIES = Capital(), load_securities()
CROWD = gather_crowd(WORLD.shareholders, SECURITIES, disagreement=WORLD.disagreement)


def test_opening_shares_sum_to_the_shares_outstanding():
    assert CROWD.strategic.sum(axis=0).tolist() == [one.shares_outstanding for one in SECURITIES]


def test_classes_hold_their_part_of_each_home_market():
    for security, column in zip(SECURITIES, CROWD.strategic.T, strict=True):
        for traits, rows in zip(WORLD.shareholders, CROWD.rows, strict=True):
            part = column[rows].sum() / security.shares_outstanding
            assert part == pytest.approx(traits.share_of(security.home_market), abs=1e-6)


def test_members_are_named_once_and_ranked_by_name():
    assert len(set(CROWD.ids)) == len(CROWD) == sum(one.members for one in WORLD.shareholders)
    assert [CROWD.ids[i] for i in CROWD.rank.argsort()] == sorted(CROWD.ids)


def test_cash_is_in_proportion_to_shares():
    rows = CROWD.rows[2]
    value = (CROWD.strategic * [one.price_cents for one in SECURITIES]).sum(axis=1)
    assert CROWD.cash[rows] == pytest.approx(WORLD.shareholders[2].cash_share * value[rows], abs=1)


def test_too_many_participating_shares_are_refused():
    eager = [replace(one, participation=9.0) for one in WORLD.shareholders]
    with pytest.raises(InputError, match="participating shares of NVDA"):
        gather_crowd(eager, SECURITIES, disagreement=0.02)
