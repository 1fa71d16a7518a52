"""The estimators of the stylised facts give known answers on series whose facts are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import return_statistics as statistics

LONG = 60_000


def luck(seed: int = 1) -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(seed)


def garch(days: int, series: int = 1, *, degrees: float = np.inf, seed: int = 1) -> np.ndarray:
    """GARCH(1,1) returns with alpha 0.1, beta 0.85 and variance 1; innovations normal, or Student t of variance 1."""
    draw = luck(seed)
    shape = (days, series)
    normal = draw.standard_normal(shape)
    scale = np.sqrt((degrees - 2.0) / draw.chisquare(degrees, shape)) if np.isfinite(degrees) else 1.0
    shocks = normal * scale
    variance, returns = np.ones(series), np.empty(shape)
    for day in range(days):
        returns[day] = np.sqrt(variance) * shocks[day]
        variance = 0.05 + 0.1 * returns[day] ** 2 + 0.85 * variance
    return returns


def autoregressive(days: int, coefficient: float) -> np.ndarray:
    """An AR(1) in one column."""
    shocks, series = luck().standard_normal(days), np.empty(days)
    last = 0.0
    for day in range(days):
        last = series[day] = coefficient * last + shocks[day]
    return series[:, None]


def fractional_noise(days: int, d: float) -> np.ndarray:
    """An ARFIMA(0, d, 0): its autocorrelation falls like lag^(2d - 1)."""
    weights = np.cumprod(np.concatenate([[1.0], (np.arange(1, days) - 1 + d) / np.arange(1, days)]))
    spectrum = np.fft.rfft(weights, 2 * days) * np.fft.rfft(luck().standard_normal(2 * days), 2 * days)
    return np.fft.irfft(spectrum, 2 * days)[:days]


def test_the_tail_index_of_known_tails():
    pareto = luck().pareto(3.0, (LONG, 1)) + 1.0
    signs = np.where(luck(2).random((LONG, 1)) < 0.5, -1.0, 1.0)
    for share in (0.025, 0.05, 0.1):
        assert statistics.hill(signs * pareto, share) == pytest.approx(3.0, abs=0.15)
    assert statistics.hill(luck().standard_t(3.0, (LONG, 1)), 0.005) == pytest.approx(3.0, abs=0.3)
    assert statistics.hill(luck().standard_normal((LONG, 1)), 0.025) > 5.0


def test_kurtosis_and_skewness_of_known_distributions():
    assert statistics.excess_kurtosis(luck().standard_normal((LONG, 1))) == pytest.approx(0.0, abs=0.06)
    assert statistics.excess_kurtosis(luck().standard_t(10.0, (LONG, 1))) == pytest.approx(1.0, abs=0.25)
    assert statistics.excess_kurtosis(luck().laplace(size=(LONG, 1))) == pytest.approx(3.0, abs=0.3)
    assert statistics.skewness(luck().exponential(size=(LONG, 1))) == pytest.approx(2.0, abs=0.1)


def test_kurtosis_falls_as_independent_returns_are_added():
    returns = luck().laplace(size=(LONG, 1))
    assert statistics.excess_kurtosis(statistics.aggregated(returns, 5)) == pytest.approx(3.0 / 5, abs=0.15)
    assert statistics.aggregated(np.arange(11.0)[:, None], 5).ravel().tolist() == [10.0, 35.0]


def test_the_autocorrelation_of_an_autoregression():
    series = autoregressive(LONG, 0.3)
    assert statistics.autocorrelation(series, 1) == pytest.approx(0.3, abs=0.01)
    assert statistics.autocorrelation(series, 2) == pytest.approx(0.09, abs=0.015)
    assert np.abs(statistics.autocorrelation(series, 1)) > statistics.robust_band(series, 1)


def test_noise_lies_inside_its_bands_nineteen_times_in_twenty():
    noise = luck().standard_normal((2000, 200))
    assert statistics.outside_bands(noise).mean() == pytest.approx(0.05, abs=0.01)
    assert statistics.robust_band(noise, 1).mean() == pytest.approx(1.96 / np.sqrt(2000), rel=0.02)


def test_bands_hold_where_the_size_of_returns_changes_and_plain_ones_do_not():
    returns = garch(2000, 200, degrees=6.0)
    assert statistics.outside_bands(returns).mean() == pytest.approx(0.05, abs=0.015)
    plain = [np.abs(statistics.autocorrelation(returns, lag)) > 1.96 / np.sqrt(2000) for lag in range(1, 6)]
    assert np.mean(plain) > 0.08


def test_the_decay_of_the_memory_of_size():
    sizes = 8.0 + fractional_noise(LONG, 0.3)
    returns = (sizes * np.where(luck(3).random(LONG) < 0.5, -1.0, 1.0))[:, None]
    assert sizes.min() > 0.0
    assert statistics.decay_exponent(returns) == pytest.approx(0.4, abs=0.08)
    short = garch(LONG)
    assert not statistics.decay_exponent(short) < 0.6


def test_leverage_is_negative_where_falls_raise_volatility():
    shocks, returns, trend = luck().standard_normal(LONG), np.empty(LONG), 0.0
    for day in range(LONG):
        returns[day] = (1.0 + max(-trend, 0.0)) * shocks[day]
        trend += 0.2 * (returns[day] - trend)
    falling = returns[:, None]
    assert statistics.leverage(falling) < -0.05
    assert statistics.leverage(-falling) == pytest.approx(-statistics.leverage(falling))
    assert statistics.leverage(luck().standard_normal((LONG, 1))) == pytest.approx(0.0, abs=0.005)


def test_leverage_is_the_mean_of_the_ten_correlations():
    returns = garch(5000, 3)
    sizes = np.abs(returns - returns.mean(axis=0))
    lags = [statistics.column_correlation(returns[:-k], sizes[k:]) for k in range(1, 11)]
    assert statistics.leverage(returns) == pytest.approx(np.mean(lags, axis=0), abs=1e-3)


def test_bursts_are_those_of_chance_only_where_returns_are_independent():
    assert statistics.burstiness(luck().standard_normal((LONG, 1))) == pytest.approx(0.95, abs=0.06)
    assert statistics.burstiness(garch(LONG)) > 1.3


@given(st.integers(0, 2**32))
def test_time_run_backwards_turns_the_asymmetry_of_time_scales(seed: int):
    returns = garch(500, 2, seed=seed)
    there, back = statistics.time_scale_asymmetry(returns), statistics.time_scale_asymmetry(returns[::-1])
    assert there == pytest.approx(-back)


def test_the_variance_ratio_of_walks_and_of_reversals():
    assert statistics.variance_ratio(luck().standard_normal((LONG, 1)), 50) == pytest.approx(1.0, abs=0.08)
    known = 1.0 + 2.0 * sum((1.0 - k / 50) * (-0.4) ** k for k in range(1, 50))
    assert statistics.variance_ratio(autoregressive(LONG, -0.4), 50) == pytest.approx(known, abs=0.04)


def test_the_variance_ratio_counts_every_span():
    unitroot = pytest.importorskip("arch.unitroot")
    returns = autoregressive(120, 0.3)
    prices = np.concatenate([[0.0], np.cumsum(returns)])
    for days in (2, 10, 60):
        theirs = unitroot.VarianceRatio(prices, lags=days, overlap=True, debiased=True).vr
        assert statistics.variance_ratio(returns, days)[0] == pytest.approx(theirs)


def test_pairs_of_stocks_on_one_factor():
    returns = luck().standard_normal((20_000, 1)) + luck(2).standard_normal((20_000, 8))
    assert statistics.pair_correlations(returns) == pytest.approx(np.full(8, 0.5), abs=0.02)


def test_volume_that_follows_size_is_seen_whatever_its_trend():
    returns = garch(4000, 2)
    trend = np.exp(np.linspace(0.0, 5.0, 4000))[:, None]
    following, chance = trend * (1.0 + np.abs(returns)), trend * luck().uniform(1.0, 2.0, returns.shape)
    assert (statistics.volume_correlation(returns, following) > 0.8).all()
    assert np.abs(statistics.volume_correlation(returns, chance)).max() < 0.06


def test_residuals_of_a_known_garch():
    pytest.importorskip("arch")
    normal, heavy = garch(8000, seed=3), garch(8000, degrees=6.0, seed=3)
    assert statistics.garch_residual_kurtosis(normal) == pytest.approx(0.0, abs=0.2)
    assert 1.5 < statistics.garch_residual_kurtosis(heavy)[0] < 6.0
    assert statistics.excess_kurtosis(normal) > 0.3


@given(st.floats(1e-3, 1e3))
def test_the_unit_of_returns_matters_to_volatility_alone(factor: float):
    returns = garch(600, 3)
    assert statistics.annual_volatility(factor * returns) == pytest.approx(factor * statistics.annual_volatility(returns))
    for estimator in (statistics.excess_kurtosis, statistics.skewness, statistics.leverage, statistics.burstiness,
                      statistics.outside_bands, statistics.time_scale_asymmetry):  # fmt: skip
        assert estimator(factor * returns) == pytest.approx(estimator(returns), rel=1e-6, abs=1e-9)
