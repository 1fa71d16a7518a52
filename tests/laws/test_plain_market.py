"""The whole model with one Mesa agent an investor gives the bits that it gives with the compiled crowd."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import HISTORICAL, HISTORY_2025, Model
from abm.agents import investor
from abm.scenario.reference import Scenario
from analysis.model_returns import resized
from tests.benchmarks.plain_market import MarketOfAgents


def few_investors() -> Scenario:
    """The historical world with sixty investors and a short burn-in."""
    capital = replace(HISTORY_2025.capital, shareholders=resized(HISTORY_2025.capital.shareholders, 60), burn_in_days=31)
    return replace(HISTORY_2025, capital=capital)


def digests(monkeypatch: pytest.MonkeyPatch, market: type | None = None) -> list:
    """The digest of each day to the launch's day of salience and past a quarter's first payouts."""
    monkeypatch.setattr(investor, "LAST_BURN_IN", {})
    if market is not None:
        monkeypatch.setattr(investor, "EquityMarket", market)
    return Model(few_investors(), HISTORICAL, seed=2, until=date(2025, 3, 7)).run().digests


def test_the_compiled_crowd_is_the_market_of_agents(monkeypatch):
    compiled = digests(monkeypatch)
    assert digests(monkeypatch, MarketOfAgents) == compiled
