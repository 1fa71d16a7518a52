"""The market model of one share around one event: fit, abnormal return, cumulative abnormal returns.

All returns are simple returns, fractions. Days are trading days on which both the share and the market have a price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from abm.errors import InputError, nearest

LONGEST_WAIT = 14
"""Calendar days after which an event is no longer carried to the next day with prices: longer than any exchange rests."""

FITTED = 2
"""Parameters of the market model, which its residuals' standard deviation accounts for."""

FEWEST = 5
"""Days of estimation below which a standardised abnormal return, a Student t of n - 2 degrees, has no variance."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """What an event study measures against: the market's ticker, the estimation window and the fewest days in it.

    ``window`` is the first and the last day of estimation and ``cumulative`` the windows that abnormal returns are
    summed over, in trading days from the event's day. Raises InputError naming the field, the value and the bound.
    """

    market: str = "^GSPC"
    window: tuple[int, int] = (-250, -31)
    minimum: int = 120
    cumulative: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        first, last = self.window
        if first > last:
            raise InputError(f"window = {first} {last} ends before it begins")
        if last > -1:
            raise InputError(f"window = {first} {last} ends above its upper bound -1, the day before the event")
        if self.minimum < FEWEST:
            raise InputError(f"minimum = {self.minimum} is below its lower bound {FEWEST}")
        if last - first + 1 < self.minimum:
            raise InputError(f"window = {first} {last} has {last - first + 1} days, below its lower bound {self.minimum}")
        for start, end in self.cumulative:
            if start > end:
                raise InputError(f"car = {start} {end} ends before it begins")
            if start <= last:
                raise InputError(f"car = {start} {end} begins within the estimation window, which ends on day {last}")


@dataclass(frozen=True)
class Fit:
    """A market model: return = alpha + beta x market return + residual; ``residual_sd`` with n - 2 degrees of freedom."""

    alpha: float
    beta: float
    residual_sd: float
    n: int
    market_mean: float
    market_squares: float
    residuals: np.ndarray = field(repr=False)

    def abnormal(self, own: np.ndarray, market: np.ndarray) -> np.ndarray:
        """Returns beyond what the market's returns lead to expect."""
        return own - (self.alpha + self.beta * market)

    def standardised(self, abnormal: float, market: float) -> float:
        """An abnormal return over the standard deviation of its prediction (Patell 1976, doi:10.2307/2490543)."""
        distance = market - self.market_mean
        return abnormal / (self.residual_sd * math.sqrt(1 + 1 / self.n + distance * distance / self.market_squares))


@dataclass(frozen=True)
class Cumulative:
    """An abnormal return summed over a window of days from the event, and its t value; None where prices are lacking."""

    window: tuple[int, int]
    abnormal_return: float | None
    t: float | None


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """What one share did on one event, or why that is not said (``refused``; all numbers are then None).

    ``day`` is the event's date as given and ``trading_day`` the one that counted; ``n`` days from ``window_start`` to
    ``window_end`` were used. ``t`` is the abnormal return over the residuals' standard deviation.
    """

    day: date
    event: str
    ticker: str
    trading_day: date | None = None
    raw_return: float | None = None
    market_return: float | None = None
    abnormal_return: float | None = None
    t: float | None = None
    standardised: float | None = None
    alpha: float | None = None
    beta: float | None = None
    residual_sd: float | None = None
    n: int | None = None
    window_start: date | None = None
    window_end: date | None = None
    cumulative: tuple[Cumulative, ...] = ()
    residuals: pd.Series | None = field(default=None, repr=False)
    refused: str | None = None


class Refused(Exception):
    """An event that a share cannot be studied on; the message says why."""


def fit_market_model(own: np.ndarray, market: np.ndarray) -> Fit:
    """Least squares of a share's returns on the market's, both of shape (n,).

    Raises Refused where the market did not move.
    """
    if np.ptp(market) == 0:
        raise Refused("the market does not move in the estimation window")
    line = stats.linregress(market, own)
    residuals = own - (line.intercept + line.slope * market)
    return Fit(
        alpha=float(line.intercept), beta=float(line.slope),
        residual_sd=float(np.sqrt(np.sum(residuals**2) / (len(own) - FITTED))), n=len(own),
        market_mean=float(market.mean()), market_squares=float(np.sum((market - market.mean()) ** 2)), residuals=residuals,
    )  # fmt: skip


def study(prices: pd.DataFrame, events: pd.DataFrame, design: Design) -> list[Reaction]:
    """The reaction of every share to every event, in the order of the events, then of the tickers.

    ``prices`` has the columns Date, ticker and price, ``events`` date and event. Raises InputError where the market has
    no prices.
    """
    by_ticker = prices.pivot(index="Date", columns="ticker", values="price").sort_index()
    tickers = list(dict.fromkeys(prices["ticker"]))
    if design.market not in tickers:
        hint = nearest(design.market, tickers) or f" (tickers: {', '.join(tickers[:12])})"
        raise InputError(f'market = "{design.market}" has no prices{hint}')
    shares = [one for one in tickers if one != design.market]
    returns = {one: common_returns(by_ticker, one, design.market) for one in shares}
    return [
        reaction(returns[ticker], row.date, design, event=row.event, ticker=ticker)
        for row in events.itertuples() for ticker in shares
    ]


def common_returns(by_ticker: pd.DataFrame, ticker: str, market: str) -> pd.DataFrame:
    """Simple returns ``own`` and ``market`` from each day on which both have prices to the next, by day."""
    both = by_ticker[[ticker, market]].dropna().set_axis(["own", "market"], axis="columns")
    return both.pct_change().iloc[1:]


def reaction(returns: pd.DataFrame, day: date, design: Design, *, event: str, ticker: str) -> Reaction:
    """What a share did on an event, by its returns and the market's on common days."""
    try:
        return _reaction(returns, day, design, event=event, ticker=ticker)
    except Refused as reason:
        return Reaction(day=day, event=event, ticker=ticker, refused=str(reason))


def _reaction(returns: pd.DataFrame, day: date, design: Design, *, event: str, ticker: str) -> Reaction:
    place = _place(returns, day)
    first, last = design.window
    window = returns.iloc[max(place + first, 0) : max(place + last + 1, 0)]
    if len(window) < design.minimum:
        raise Refused(f"{len(window)} days in the estimation window, below its lower bound {design.minimum}")
    fit = fit_market_model(window["own"].to_numpy(), window["market"].to_numpy())
    own, market = (float(value) for value in returns.iloc[place][["own", "market"]])
    beyond = float(fit.abnormal(own, market))
    scattered = fit.residual_sd > 0
    return Reaction(
        day=day, event=event, ticker=ticker, trading_day=returns.index[place], raw_return=own, market_return=market,
        abnormal_return=beyond, t=beyond / fit.residual_sd if scattered else None,
        standardised=fit.standardised(beyond, market) if scattered else None, alpha=fit.alpha, beta=fit.beta,
        residual_sd=fit.residual_sd, n=fit.n, window_start=window.index[0], window_end=window.index[-1],
        cumulative=tuple(_cumulative(returns, place, fit, one) for one in design.cumulative),
        residuals=pd.Series(fit.residuals, window.index),
    )  # fmt: skip


def _place(returns: pd.DataFrame, day: date) -> int:
    """The position of the first day from an event on."""
    place = int(returns.index.searchsorted(day))
    if place == len(returns):
        last = f"the last common day is {returns.index[-1]}" if len(returns) else "there are no two common days"
        raise Refused(f"no prices from the event on, {last}")
    wait = (returns.index[place] - day).days
    if wait > LONGEST_WAIT:
        raise Refused(f"the next day with prices is {returns.index[place]}, {wait} days later, above {LONGEST_WAIT}")
    return place


def _cumulative(returns: pd.DataFrame, place: int, fit: Fit, window: tuple[int, int]) -> Cumulative:
    start, end = window
    if place + start < 0 or place + end >= len(returns):
        return Cumulative(window, None, None)
    days = returns.iloc[place + start : place + end + 1]
    total = float(fit.abnormal(days["own"].to_numpy(), days["market"].to_numpy()).sum())
    t = total / (fit.residual_sd * math.sqrt(len(days))) if fit.residual_sd > 0 else None
    return Cumulative(window, total, t)
