"""Classes of investors: they take in news and trade. Each class is one agent, each of its members a row of the crowd."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import mesa
import numpy as np

from abm.calendar import market_day
from abm.elementary import normal_quantile_array
from abm.markets.crowd import Crowd, gather_crowd
from abm.markets.dealer import DEALER_ACCOUNTS, open_dealer
from abm.markets.equities import EquityMarket
from abm.news import Attention, NewsDesk, NewsItem, Spread
from abm.rules.valuation import bellwether, efficiency_loading, posterior_weight
from abm.scenario.capital import DEALER_MARKET, Capital
from abm.scenario.securities import Security
from abm.scenario.shareholders import Shareholders

if TYPE_CHECKING:
    from abm.model import Model

LAST_BURN_IN: dict[str, object] = {}
"""The last burn-in of this process: what it depends on, and the market and the crowd that came of it."""

LOWEST_ELASTICITY = 0.05
"""A technical bound of the spread of opening beliefs: a normal tail must not begin with demand that rises with cost."""


class InvestorClass(mesa.Agent):
    """One class of investors: what its members believe, and how far each has taken in the news.

    ``elasticity`` holds each member's belief (eta), ``doubt`` the standard deviation they all attach to theirs.
    """

    def __init__(self, model: Model, traits: Shareholders, *, index: int) -> None:
        super().__init__(model)
        crowd: Crowd = model.equities.crowd
        self.name = traits.name
        self.traits = traits
        self.index = index
        self.rows = crowd.rows[index]
        self.elasticity = _fixed(opening_elasticities(model, traits, crowd.reading[self.rows]))
        self.doubt = model.world.capital.elasticity_doubt
        self._reading = crowd.reading[self.rows]
        self._loadings = efficiency_loadings(model.world.securities, model.world.capital)
        self._beliefs: dict[str, np.ndarray] = {}

    def take_in(self, spread: Spread, securities: Sequence[Security]) -> np.ndarray:
        """What the members who notice an item today add to their valuations: log changes, members x stocks.

        Each member takes in an item whole, on the one day on which its share of the class that knows passes the
        member's place on the circle of readers.
        """
        item = spread.item
        if spread.before[self.index] >= 1.0 or not (item.changes or item.surprise):
            return np.zeros((len(self.elasticity), len(securities)))
        if item.name not in self._beliefs:
            self._beliefs[item.name] = _fixed(self._belief_on(item))
        changes = changes_in_value(item, self._beliefs[item.name], securities, self._loadings)
        if spread.now[self.index] >= 1.0:
            del self._beliefs[item.name]
        return np.where(self._noticing(spread)[:, None], changes, 0.0)

    def shares(self) -> np.ndarray:
        """Shares held by the members (rows) of each security (columns), a view of the books."""
        return self.model.books.crowd_shares[self.rows]

    def state(self) -> tuple:
        """Everything that the future depends on besides the books, as plain values."""
        items, beliefs = self.beliefs()
        told = tuple((item, belief.tobytes()) for item, belief in zip(items, beliefs, strict=True))
        return self.name, self.elasticity.tobytes(), self.doubt, told

    def beliefs(self) -> tuple[list[str], list[np.ndarray]]:
        """The items that members are taking in, by name, and what multiplies the surprise of each for every member."""
        items = sorted(self._beliefs)
        return items, [self._beliefs[item] for item in items]

    def _noticing(self, spread: Spread) -> np.ndarray:
        turned = self._reading + self.model.chance.uniform("attention", spread.item.name, spread.item.day)
        place = turned - np.floor(turned)
        return (place >= spread.before[self.index]) & (place < spread.now[self.index])

    def _belief_on(self, item: NewsItem) -> np.ndarray:
        """What multiplies the surprise of an item for each member: eta - 1, or the change of eta by evidence."""
        if item.observed_elasticity is None:
            return self.elasticity - 1.0
        weight = posterior_weight(self.doubt, item.observation_noise)
        revised = self.elasticity + weight * (item.observed_elasticity - self.elasticity)
        revision = revised - self.elasticity
        self.elasticity = _fixed(revised)
        self.doubt = float(self.doubt * np.sqrt(1.0 - weight))
        return revision


def _fixed(array: np.ndarray) -> np.ndarray:
    """The array, which nobody may write to any more, so that its hash can be kept."""
    array.flags.writeable = False
    return array


def efficiency_loadings(securities: Sequence[Security], capital: Capital) -> np.ndarray:
    """Change of each stock's log value per unit of belief x surprise."""
    return np.array([efficiency_loading(one, capital) for one in securities])


def changes_in_value(
    item: NewsItem, belief: np.ndarray, securities: Sequence[Security], loadings: np.ndarray
) -> np.ndarray:
    """Log change of each stock's value (columns) for each investor (rows): the agreed part, and belief x surprise."""
    agreed = dict(item.changes)
    common = np.array([agreed.get(one.ticker, 0.0) for one in securities])
    return common + (belief * item.surprise)[:, None] * loadings


def opening_elasticities(model: Model, traits: Shareholders, places: np.ndarray) -> np.ndarray:
    """The members' beliefs at the opening: normal about the class's mean, spread evenly over the class by weight."""
    capital: Capital = model.world.capital
    consensus = capital.elasticity_consensus * model.chance.normal("consensus on elasticity", "investors", 0)
    turned = places + model.chance.uniform("beliefs", traits.name, 0)
    quantiles = normal_quantile_array(np.clip(turned - np.floor(turned), 0.001, 0.999))
    mean = capital.elasticity_mean + traits.elasticity_offset + consensus
    return np.maximum(mean + capital.elasticity_dispersion * quantiles, LOWEST_ELASTICITY)


def create_investors(model: Model) -> list[InvestorClass]:
    """Open the crowd's books, the stock market (``model.equities``) and the news (``model.news``); the classes."""
    capital: Capital = model.world.capital
    securities = model.world.securities
    crowd = gather_crowd(capital.shareholders, securities, disagreement=capital.disagreement)
    model.books.open_crowd([one.ticker for one in securities], crowd.cash, crowd.strategic)
    if capital.mechanism == DEALER_MARKET:
        listed = sum(one.price_cents * one.shares_outstanding for one in securities)  # integers
        open_dealer(model.books, capital, listed)
    model.equities = EquityMarket(capital, securities, crowd)
    model.news = NewsDesk(
        attention_of(capital),
        [one.attention_speed for one in capital.shareholders],
        model.chance,
        bellwether=bellwether(securities, capital),
    )
    return [InvestorClass(model, traits, index=index) for index, traits in enumerate(capital.shareholders)]


def attention_of(capital: Capital) -> Attention:
    """How news spreads, by the scenario."""
    return Attention(
        ordinary=capital.ordinary_attention, hazard=capital.institutional_hazard, growth=capital.institutional_growth,
        salient_share=capital.salient_share, salience_hazard=capital.salience_hazard,
    )  # fmt: skip


def burn_in(model: Model) -> None:
    """Let equities trade without news before the first free day, then restate prices to the scenario's opening.

    The same in every arm of a seed: nothing here depends on the policy. So the last one is kept, and the next arm of
    the same seed starts from a copy of it. What flows in it does not count among the flows of the run.
    """
    key = (model.world.capital, model.world.securities, model.chance.seed)
    if LAST_BURN_IN.get("key") != key:
        flows = dict(model.books.flows)
        for day in range(-model.world.capital.burn_in_days, 0):
            model.equities.trade(day, model.books, model.chance)
        model.equities.rebase()
        model.books.flows = flows
        crowd = (model.books.crowd_cash.copy(), model.books.crowd_shares.copy())
        LAST_BURN_IN.update(key=key, kept=(deepcopy(model.equities), *crowd, model.books.accounts_of(DEALER_ACCOUNTS)))
        return
    market, cash, shares, dealer = LAST_BURN_IN["kept"]
    model.equities = deepcopy(market)
    model.books.crowd_cash, model.books.crowd_shares = cash.copy(), shares.copy()
    model.books.restore(DEALER_ACCOUNTS, dealer)


def investors_take_in_news(model: Model) -> None:
    """Every class takes in what has newly reached it; each item enters each member's valuation once."""
    dates = model.world.capital.salience_dates
    declared = any(market_day(one) == model.today for one in dates)
    salient = model.news.salience(model.day, declared=declared, moved=model.equities.moved)
    spreads = model.news.spread(model.day, salient)
    if not spreads:
        return
    taken_in = np.zeros(model.equities.crowd.strategic.shape)
    for one in model.investors:
        for spread in spreads:
            taken_in[one.rows] += one.take_in(spread, model.world.securities)
    model.equities.taken_in = taken_in


def equities_clear(model: Model) -> None:
    """Hold the day's call auctions and settle them in the books."""
    model.equities.trade(model.day, model.books, model.chance)
