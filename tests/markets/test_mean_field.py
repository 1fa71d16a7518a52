"""The mean-field twin: the investors' own formulas to the bit, the published model as a special case, the crowd's limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.chance import Chance
from abm.markets.crowd import gather_crowd
from abm.markets.equities import behaviour_of
from abm.markets.layer_luck import LayerLuck
from abm.markets.mean_field import Draws, keyed_draws, layer_paths
from abm.rules.investor import Layers, fundamental_probability, fundamental_view, technical_view, trend_after
from abm.scenario.capital import FRANKE_WESTERHOFF_2012, Capital, load_securities
from tests.markets.stage import open_market, returns

STOCKS = 3
PUBLISHED = Capital(**{name.removeprefix("capital."): value for name, value in FRANKE_WESTERHOFF_2012.items()})


def some_draws(days: int, layers: int, *, seed: int = 1, news: float = 0.005) -> Draws:
    """Shocks and news of no particular day."""
    luck = np.random.default_rng(seed)
    shocks = [luck.standard_t(4.0, (days, layers)) / np.sqrt(2.0) for _ in range(2)]
    return Draws(*shocks, news * luck.standard_normal((days, layers)))


def by_the_rules(capital: Capital, draws: Draws) -> list[Layers]:
    """The layers of every day, by the investors' rules on arrays."""
    behaviour = behaviour_of(capital, draws.news.shape[1] - 1)
    nothing = np.zeros(draws.news.shape[1])
    layers, days = Layers(nothing, nothing, nothing, nothing, nothing + 0.5), []
    for fundamental, technical, news in zip(draws.fundamental, draws.technical, draws.news, strict=True):
        share = fundamental_probability(behaviour, layers)
        views = fundamental_view(behaviour, layers, fundamental), technical_view(behaviour, layers, technical)
        change = share * views[0] + (1.0 - share) * views[1] + news
        trend = trend_after(behaviour, layers, change)
        layers = Layers(layers.level + change, layers.value + news, change, trend, share)
        days.append(layers)
    return days


@pytest.mark.parametrize("capital", [Capital(), PUBLISHED], ids=["ours", "published"])
def test_the_twin_is_the_investors_rules_to_the_bit(capital: Capital):
    draws = some_draws(400, STOCKS + 1)
    paths = layer_paths(behaviour_of(capital, STOCKS), draws)
    days = by_the_rules(capital, draws)
    assert (paths.changes == [one.change for one in days]).all()
    assert (paths.gaps == [one.level - one.value for one in days]).all()
    assert (paths.fundamental == [one.fundamental for one in days]).all()


def test_the_published_preset_is_the_published_model():
    """Franke and Westerhoff (2012), equations (1) to (6) and table 1: written out once more, in their own letters."""
    mu, phi, chi, sigma_f, sigma_c, alpha_0, alpha_n, alpha_p = 0.01, 0.12, 1.5, 0.758, 2.087, -0.327, 1.79, 18.43
    draws = some_draws(1000, 2, news=0.0)
    p = before = n = 0.0
    prices = []
    for xi_f, xi_c in zip(draws.fundamental[:, 0], draws.technical[:, 0], strict=True):
        attraction = alpha_0 + alpha_n * n + alpha_p * p**2
        share_f = 1.0 / (1.0 + np.exp(-attraction))
        n = 2.0 * share_f - 1.0
        demand_f, demand_c = -phi * p + sigma_f * xi_f, chi * (p - before) + sigma_c * xi_c
        before, p = p, p + mu / 2.0 * ((1.0 + n) * demand_f + (1.0 - n) * demand_c)
        prices.append(p)
    ours = layer_paths(behaviour_of(PUBLISHED, 1), draws)
    assert ours.gaps[:, 0] == pytest.approx(np.array(prices), abs=1e-9)


@given(st.integers(0, 2**32), st.floats(0.001, 0.02))
def test_news_enters_price_and_value_at_once_and_whole(seed: int, size: float):
    draws = some_draws(60, 2, seed=seed)
    later = replace(draws, news=draws.news + np.where(np.arange(60)[:, None] == 59, size, 0.0))
    behaviour = behaviour_of(Capital(), 1)
    plain, told = layer_paths(behaviour, draws), layer_paths(behaviour, later)
    assert told.changes[-1] - plain.changes[-1] == pytest.approx(size)
    assert told.gaps == pytest.approx(plain.gaps)


def test_a_mispricing_shrinks_when_shocks_cease():
    noisy = some_draws(2500, 2)
    noise = np.arange(2500)[:, None] < 300
    draws = Draws(*(np.where(noise, one, 0.0) for one in (noisy.fundamental, noisy.technical, noisy.news)))
    gaps = np.abs(layer_paths(behaviour_of(Capital(), 1), draws).gaps)
    assert (gaps[320] > 0.01).all()
    assert (np.diff(gaps[320:], axis=0) < 0.0).all()


def test_stocks_are_made_of_the_market_and_of_themselves():
    paths = layer_paths(behaviour_of(Capital(), 2), some_draws(50, 3))
    returns_of_stocks = paths.stock_returns(np.array([2.0, 0.5]), np.array([1.0, 3.0]))
    assert (returns_of_stocks[:, 1] == 0.5 * paths.changes[:, 0] + 3.0 * paths.changes[:, 2]).all()


def test_a_stock_more_leaves_the_layers_of_the_others_alone_to_the_bit():
    tickers = [one.ticker for one in load_securities()]
    few, more = (
        layer_paths(behaviour_of(Capital(), n), keyed_draws(LayerLuck(Capital(), tickers[:n]), Chance(1), first=0, days=80))
        for n in (2, 3)
    )
    assert (few.changes == more.changes[:, :3]).all()


def distance_to_the_twin(members: int, *, days: int, seed: int) -> float:
    """Mean absolute distance of log prices between a crowd of so many equal investors and the twin on its luck.

    They have cash for any purchase, and shares cost so much that a cent is nothing: the twin knows no limits and ticks.
    """
    capital = Capital()
    securities = [replace(one, price_usd=100.0 * one.price_usd) for one in load_securities()[:STOCKS]]
    one_class = next(one for one in capital.shareholders if one.name == "active_us")
    everybody = replace(one_class, members=members, us_share=1.0, hk_share=1.0, cn_share=1.0, concentration=0.0, cash_share=0.5)
    crowd = gather_crowd([everybody], securities, disagreement=0.0)
    stage = open_market(seed=seed, securities=securities, crowd=crowd).trade(0, days)
    crowd_returns = returns(np.array([[one.price_usd for one in securities]] + [d.prices for d in stage.market.history]))
    luck = LayerLuck(capital, [one.ticker for one in securities])
    paths = layer_paths(behaviour_of(capital, STOCKS), keyed_draws(luck, Chance(seed), first=0, days=days))
    ours = paths.stock_returns(stage.market.betas, stage.market.scales)
    return float(np.abs(np.cumsum(crowd_returns - ours, axis=0)).mean())


def test_a_crowd_of_ever_smaller_investors_comes_to_the_twin():
    """Three stocks over half a year: ten times the investors at a third of the distance or less (two seeds each)."""
    distances = [
        np.mean([distance_to_the_twin(members, days=125, seed=seed) for seed in (1, 2)]) for members in (40, 400, 4000)
    ]
    assert distances[1] < distances[0] / 3.0 and distances[2] < distances[1] / 3.0 < 0.0005, distances
