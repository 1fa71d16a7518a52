"""Estimators of the stylised facts of returns (Cont 2001, doi:10.1080/713665670), the same for model and real returns.

``returns`` are log returns of equal spacing, days in rows and series in columns; every function gives one number a
column and looks at nothing but its arguments. A fraction is a fraction, a lag is in rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from abm.errors import InputError

LEVERAGE_DAYS = 10
"""Days ahead over which the leverage effect is averaged."""

DECAY_BINS = ((1, 2), (3, 5), (6, 10), (11, 20), (21, 40), (41, 70), (71, 100))
"""Bins of lags, about evenly spaced in logs, whose mean autocorrelations the decay exponent is fitted through."""

WEEK, MONTH, YEAR = 5, 20, 252


def excess_kurtosis(returns: np.ndarray) -> np.ndarray:
    """Fourth moment about the mean over the squared variance, less three."""
    squared = _centred(returns) ** 2
    return (squared * squared).mean(axis=0) / squared.mean(axis=0) ** 2 - 3.0


def skewness(returns: np.ndarray) -> np.ndarray:
    """Third moment about the mean over the variance to the power 3/2."""
    centred = _centred(returns)
    return (centred**3).mean(axis=0) / (centred**2).mean(axis=0) ** 1.5


def hill(returns: np.ndarray, share: float) -> np.ndarray:
    """Hill's (1975, doi:10.1214/aos/1176343247) tail index of |returns| from the largest ``share`` of them."""
    largest = max(int(share * len(returns)), 2)
    first = len(returns) - largest - 1
    sizes = np.partition(np.abs(_centred(returns)), first, axis=0)
    return 1.0 / np.log(sizes[first + 1 :] / sizes[first]).mean(axis=0)


def autocorrelation(series: np.ndarray, lag: int) -> np.ndarray:
    """Sample autocorrelation at a lag."""
    return autocorrelations(series, (lag,))[0]


def autocorrelations(series: np.ndarray, lags: Sequence[int]) -> np.ndarray:
    """Sample autocorrelations, lags in rows."""
    centred = _centred(series)
    variance = np.einsum("ij,ij->j", centred, centred)
    return np.array([np.einsum("ij,ij->j", centred[lag:], centred[:-lag]) for lag in lags]) / variance


def robust_band(returns: np.ndarray, lag: int) -> np.ndarray:
    """Half width of the 95 % band of ``autocorrelation`` where returns are uncorrelated but their size changes.

    Taylor's (1984, doi:10.2307/2347707) variance, sum r(t)^2 r(t-lag)^2 / (sum r^2)^2, the heteroskedasticity-robust
    one of Lo and MacKinlay (1988, doi:10.1093/rfs/1.1.41). The plain 1.96 / sqrt(T) is far too narrow for returns.
    """
    squared = _centred(returns) ** 2
    return 1.96 * np.sqrt((squared[lag:] * squared[:-lag]).sum(axis=0)) / squared.sum(axis=0)


def outside_bands(returns: np.ndarray, lags: int = MONTH) -> np.ndarray:
    """Share of the first lags at which returns are autocorrelated beyond the robust band (0.05 if they are not)."""
    over = range(1, lags + 1)
    return np.mean(np.abs(autocorrelations(returns, over)) > [robust_band(returns, k) for k in over], axis=0)


def decay_exponent(returns: np.ndarray) -> np.ndarray:
    """b in ACF of |r| ~ lag^-b: least squares in logs over bins of lags 1 to 100; NaN where a bin's mean is not positive."""
    sizes = np.abs(_centred(returns))
    bins = [autocorrelations(sizes, range(a, b + 1)).mean(axis=0) for a, b in DECAY_BINS]
    places = np.log([np.sqrt(a * b) for a, b in DECAY_BINS])
    heights = np.log(np.where(np.array(bins) > 0.0, bins, np.nan))
    centred = places - places.mean()
    return -(centred @ (heights - heights.mean(axis=0))) / (centred @ centred)


def leverage(returns: np.ndarray) -> np.ndarray:
    """Correlation of r(t) with |r(t + k)|, mean over k = 1 to 10: below zero where falls are followed by turbulence.

    Bouchaud, Matacz and Potters (2001, doi:10.1103/PhysRevLett.87.228701) relate r(t) to r(t + k)^2; with |r| the
    measure is not ruled by a few days.
    """
    moves = _centred(returns)
    through = np.cumsum(_centred(np.abs(moves)), axis=0)
    ahead = (through[LEVERAGE_DAYS:] - through[:-LEVERAGE_DAYS]) / LEVERAGE_DAYS
    products = (moves[:-LEVERAGE_DAYS] * ahead).mean(axis=0)
    return products / (moves.std(axis=0) * np.abs(moves).std(axis=0))


def aggregated(returns: np.ndarray, days: int) -> np.ndarray:
    """Returns over non-overlapping spans of so many days; an incomplete last span is left out."""
    whole = len(returns) // days * days
    return returns[:whole].reshape(-1, days, *returns.shape[1:]).sum(axis=1)


def burstiness(returns: np.ndarray) -> np.ndarray:
    """Intermittency: variance over mean of the number of moves beyond two standard deviations in 20 days (1 if chance)."""
    large = (np.abs(_centred(returns)) > 2.0 * returns.std(axis=0)).astype(float)
    counts = aggregated(large, MONTH)
    return counts.var(axis=0) / counts.mean(axis=0)


def time_scale_asymmetry(returns: np.ndarray) -> np.ndarray:
    """How much better the size of a week's return foretells next week's daily sizes than these foretell it.

    Correlation of |weekly return| with the next week's mean |daily return|, less that of the mean |daily return| with
    the next week's |weekly return| (Mueller et al. 1997, doi:10.1016/S0927-5398(97)00007-8).
    """
    coarse, fine = np.abs(aggregated(returns, WEEK)), aggregated(np.abs(returns), WEEK)
    return column_correlation(coarse[:-1], fine[1:]) - column_correlation(fine[:-1], coarse[1:])


def garch_residual_kurtosis(returns: np.ndarray) -> np.ndarray:
    """Excess kurtosis of the standardised residuals of a GARCH(1,1) with normal likelihood.

    Bollerslev (1986, doi:10.1016/0304-4076(86)90063-1), fitted by the package ``arch``; raises InputError without it.
    """
    try:
        from arch import arch_model
    except ImportError:
        raise InputError('GARCH residuals need the package "arch": pip install "geomarket-abm[test]"') from None

    residuals = []
    for series in np.atleast_2d(returns.T):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = arch_model(100.0 * series, vol="GARCH", p=1, q=1).fit(disp="off", show_warning=False)
        residuals.append(fitted.std_resid)
    return np.array([excess_kurtosis(one) for one in residuals])


def volume_correlation(returns: np.ndarray, volumes: np.ndarray) -> np.ndarray:
    """Correlation of |r| with the logarithm of volume, less its mean over the 250 days around."""
    logs = np.log(np.maximum(volumes, 1.0)).reshape(len(volumes), -1)
    window = np.ones(250)
    around = [np.convolve(one, window, "same") / np.convolve(np.ones(len(one)), window, "same") for one in logs.T]
    return column_correlation(np.abs(returns).reshape(logs.shape), logs - np.array(around).T)


def pair_correlations(returns: np.ndarray) -> np.ndarray:
    """Each series' mean correlation with the others; NaN where there are none."""
    if returns.shape[1] < 2:
        return np.full(returns.shape[1], np.nan)
    matrix = np.corrcoef(returns.T)
    return (matrix.sum(axis=0) - 1.0) / (len(matrix) - 1)


def annual_volatility(returns: np.ndarray) -> np.ndarray:
    """Standard deviation of a year's log return, from the daily one."""
    return returns.std(axis=0) * np.sqrt(YEAR)


def variance_ratio(returns: np.ndarray, days: int) -> np.ndarray:
    """Variance of overlapping returns over so many days, over that of daily returns times the days.

    One for a random walk, below where prices revert: Lo and MacKinlay (1988), Poterba and Summers (1988,
    doi:10.1016/0304-405X(88)90021-9), with their correction for the loss of degrees of freedom. NaN where
    there are no more returns than days.
    """
    if len(returns) <= days:
        return np.full(returns.shape[1:], np.nan)
    moves = _centred(returns)
    levels = np.concatenate([np.zeros_like(moves[:1]), np.cumsum(moves, axis=0)])
    spans = levels[days:] - levels[:-days]
    observations = len(returns)
    unbiased = days * (observations - days + 1) * (1.0 - days / observations)
    return (spans * spans).sum(axis=0) / unbiased / returns.var(axis=0, ddof=1)


def column_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlation of each column with the same column of another array."""
    a, b = _centred(first), _centred(second)
    return (a * b).sum(axis=0) / np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))


def _centred(series: np.ndarray) -> np.ndarray:
    return series - series.mean(axis=0)
