"""Returns of the model's stocks have the stylised facts of real ones, and their clusters come from changing stances.

The bands are those of ``analysis.stylized_facts``, for 20 years and six seeds. In short form they are asked of the
mean-field twin over the whole 20 years, and of the crowd over fewer, where they are wider by what a shorter sample leaves
open: the autocorrelations of |r| of a few years are biased down by about their own standard error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from abm.scenario.capital import Capital
from analysis.layer_moments import Twin
from analysis.model_returns import model_returns, twin_paths
from analysis.real_returns import Returns
from analysis.return_statistics import YEAR, autocorrelation
from analysis.stylized_facts import MEASURES, Finding, kurtosis_falls, over_histories

WITHOUT_ARCH = tuple(one for one in MEASURES if "GARCH" not in one.name)

SHORT = {
    "ACF r, lag 1": (-0.1, 0.1),
    "excess kurtosis, 1 day": (3.0, 40.0),
    "Hill index, 5 %": (2.2, 4.5),
    "ACF |r|, lag 1": (0.08, 0.4),
    "ACF |r|, lag 10": (0.03, 0.3),
    "ACF |r|, lag 100": (-0.03, 0.15),
    "corr r(t), |r(t+k)|, k = 1..10": (-0.08, -0.005),
    "mean pair correlation": (0.15, 0.55),
}
"""Bands for the median stock over two seeds of five years."""


def medians(found: list[Finding]) -> dict[str, float]:
    """The medians by measure."""
    return {row.measure: row.median for row in found}


def outside(found: list[Finding]) -> dict[str, float]:
    """The measures that are out of their bands."""
    return {row.measure: row.median for row in found if row.inside() is False}


def beyond(found: Mapping[str, float], bands: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """The measures that are out of other bands."""
    return {name: found[name] for name, (low, high) in bands.items() if not low <= found[name] <= high}


@cache
def short_histories() -> tuple[Returns, ...]:
    """Two seeds of the crowd, five years each."""
    return tuple(model_returns(seed, years=5) for seed in (1, 2))


def average_stock(histories: int) -> Twin:
    """The twin of stocks with beta 1 and scale 1 over 20 years."""
    return Twin(histories=histories, years=20, seed=11)


def test_the_twin_of_an_average_stock_is_inside_the_real_cross_section():
    panels = average_stock(6).panels(Capital())
    stocks = over_histories(panels, measures=WITHOUT_ARCH)
    index = over_histories([one.index() for one in panels], measures=WITHOUT_ARCH)
    assert outside(stocks) == {} and outside(index) == {}
    assert kurtosis_falls(stocks)


def test_the_crowd_has_the_facts_in_a_few_years():
    found = over_histories(short_histories(), measures=WITHOUT_ARCH)
    assert beyond(medians(found), SHORT) == {}
    index = medians(over_histories([one.index() for one in short_histories()], measures=WITHOUT_ARCH))
    assert index["excess kurtosis, 1 day"] > 1.5 and index["ACF |r|, lag 1"] > 0.1
    assert index["corr r(t), |r(t+k)|, k = 1..10"] < -0.03


def without_switching(capital: Capital) -> Capital:
    """Stances taken with the mean probability of each layer, whatever prices and others do."""
    paths = twin_paths(capital, seed=1, days=2000)
    market, stock = float(paths.fundamental[:, 0].mean()), float(paths.fundamental[:, 1:].mean())
    fixed = {f"{layer}_{name}": 0.0 for layer in ("market", "stock") for name in ("herding", "misalignment", "decline")}
    odds = {"market_predisposition": math.log(market / (1.0 - market)),
            "stock_predisposition": math.log(stock / (1.0 - stock))}  # fmt: skip
    return replace(capital, **fixed, **odds)


def clustering(returns: np.ndarray) -> float:
    """Mean autocorrelation of |r| over lags 10, 20 and 50, of the median stock: what lasts beyond the leverage term."""
    sizes = np.abs(returns - returns.mean(axis=0))
    return float(np.median([autocorrelation(sizes, lag) for lag in (10, 20, 50)]))


def test_without_switching_of_stances_the_crowd_has_no_clusters():
    frozen = model_returns(1, years=5, capital=without_switching(Capital()))
    assert clustering(frozen.returns) < 0.3 * clustering(short_histories()[0].returns)
    assert abs(clustering(frozen.returns)) < 0.03


def test_without_switching_of_stances_the_twin_has_no_clusters():
    twin = average_stock(2)
    switching, frozen = (twin.panels(capital) for capital in (Capital(), without_switching(Capital())))
    for ours, fixed in zip(switching, frozen, strict=True):
        assert clustering(fixed.returns) < 0.25 * clustering(ours.returns)


def test_prices_stay_near_their_values_and_do_not_run_away():
    """Of stocks with beta 1: within a factor of two of value on 95 % of days, and a moderate spread over two years."""
    twin = average_stock(3)
    assert np.quantile(np.abs(twin.gaps(Capital())), 0.95) < math.log(2.0)
    levels = [np.cumsum(panel.returns, axis=0) for panel in twin.panels(Capital())]
    spread = np.median([(one[2 * YEAR :] - one[: -2 * YEAR]).std(axis=0) for one in levels])
    assert 0.25 < spread < 0.6


@pytest.mark.full
def test_the_crowd_has_the_facts_over_twenty_years_and_six_seeds():
    panels = [model_returns(seed, years=20, investors=2000) for seed in range(1, 7)]
    stocks = over_histories(panels)
    assert outside(stocks) == {} and kurtosis_falls(stocks)
    assert outside(over_histories([one.index() for one in panels])) == {}
