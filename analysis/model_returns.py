"""Histories of the model's equity market on its own: the whole crowd without the rest of the model, or its twin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from abm.books import Books
from abm.chance import Chance
from abm.markets.crowd import gather_crowd
from abm.markets.equities import EquityMarket, behaviour_of
from abm.markets.layer_luck import LayerLuck
from abm.markets.mean_field import LayerPaths, keyed_draws, layer_paths
from abm.scenario.capital import Capital, Shareholders, load_securities
from analysis.real_returns import Returns
from analysis.return_statistics import YEAR


def resized(classes: Sequence[Shareholders], investors: int) -> tuple[Shareholders, ...]:
    """The same classes with about so many members in all, each at least one."""
    whole = sum(one.members for one in classes)
    return tuple(replace(one, members=max(round(one.members * investors / whole), 1)) for one in classes)


def model_market(capital: Capital, *, seed: int, days: int, investors: int | None = None) -> EquityMarket:
    """The crowd after the burn-in and so many days on its own, without news from within the model."""
    classes = capital.shareholders if investors is None else resized(capital.shareholders, investors)
    securities = load_securities()
    crowd = gather_crowd(classes, securities, disagreement=capital.disagreement)
    books, chance = Books(), Chance(seed)
    books.open_crowd([one.ticker for one in securities], crowd.cash, crowd.strategic)
    market = EquityMarket(capital, securities, crowd)
    for day in range(-capital.burn_in_days, days):
        market.trade(day, books, chance)
        if day == -1:
            market.rebase()
    return market


def model_returns(
    seed: int, *, years: int, investors: int | None = None, capital: Capital | None = None
) -> Returns:
    """Daily log returns and volumes of the crowd's stocks over so many years after the burn-in."""
    days = years * YEAR
    market = model_market(capital or Capital(), seed=seed, days=days, investors=investors)
    last = market.history[-days - 1 :]
    prices, volumes = (np.array([getattr(day, name) for day in last], dtype=float) for name in ("prices", "volumes"))
    return Returns(market.tickers, np.diff(np.log(prices), axis=0), volumes[1:])


def twin_paths(capital: Capital, *, seed: int, days: int) -> LayerPaths:
    """The layers of the mean-field twin on the crowd's luck of a seed, from the start of the burn-in."""
    luck = LayerLuck(capital, [one.ticker for one in load_securities()])
    first = -capital.burn_in_days
    draws = keyed_draws(luck, Chance(seed), first=first, days=days - first)
    return layer_paths(behaviour_of(capital, len(luck.names) - 1), draws)
