"""Who holds the shares at the opening: the members of every class of investors as rows of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.chance import slot, slots
from abm.elementary import power
from abm.errors import InputError
from abm.rules.investor import MOST_CASH, circle_positions, divide_whole, whole_steps
from abm.scenario.securities import MOST_SHARES, Security
from abm.scenario.shareholders import Shareholders

MARKET = "market"
"""Name of the layer that all stocks share."""

CIRCLE = 2**32
"""Parts of a circle in which positions and turns are counted."""

FINEST_SHARE = 1_000_000_000
"""Whole parts in which shares of ownership and sizes of members are counted."""


MOST_WORTH = 2.0**60
"""Cents that one investor's opening shares may be worth: an eighth of what fits into 64 bits."""


@dataclass(frozen=True)
class Crowd:
    """What only a buy-back changes about the investors; one row each, one column per stock (layer in ``positions``).

    ``ids`` are permanent; ``rank`` is the place of a row's id among them all; ``classes`` are the classes' names, ``rows``
    their slices, ``kinds`` the class of each row and ``members`` its place in it, by which its luck is named;
    ``strategic`` the shares each means to hold; ``weights`` those times participation, and ``market_weights`` their
    opening value in USD; ``positions`` its places on the circles by which stances are taken, in 2^-32 of a circle
    (uint32), and ``reading`` on the one by which news is noticed in its class; ``spread`` the standard deviation of its
    valuations in whole steps; ``cash`` its opening cash in cents.
    """

    ids: tuple[str, ...]
    rank: np.ndarray
    classes: tuple[str, ...]
    rows: tuple[slice, ...]
    kinds: np.ndarray
    members: np.ndarray
    strategic: np.ndarray
    weights: np.ndarray
    market_weights: np.ndarray
    positions: np.ndarray
    reading: np.ndarray
    spread: np.ndarray
    cash: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def disagreement_slots(self, tickers: Sequence[str]) -> np.ndarray:
        """A slot for every class (rows) and stock."""
        return np.array([slots(f"{name} in {ticker}" for ticker in tickers) for name in self.classes])

    def runs(self) -> np.ndarray:
        """Runs of rows that follow each other in a class: first row, row after the last, class, first place in it."""
        breaks = (np.diff(self.kinds) != 0) | (np.diff(self.members) != 1)
        first = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        end = np.append(first[1:], len(self))
        return np.stack([first, end, self.kinds[first], self.members[first]], axis=1).astype(np.int64)


def gather_crowd(
    classes: Sequence[Shareholders], securities: Sequence[Security], *, disagreement: float
) -> Crowd:
    """The crowd of the classes of investors at the opening prices.

    Raises InputError where the participating shares of a stock, or an investor's cash, are too many for exact sums.
    """
    ids = tuple(f"{one.name}-{k:07d}" for one in classes for k in range(one.members))
    rows = _rows(classes)
    named = slots(ids)
    strategic = _strategic_holdings(classes, securities)
    prices = np.array([one.price_cents for one in securities], dtype=np.int64)
    participation = _each_member(classes, [one.participation for one in classes])
    weights = np.rint(strategic * participation[:, None]).astype(np.int64)
    _check_weights(weights, securities)
    market_weights = (weights * prices // 100).sum(axis=1)
    cash_shares = _each_member(classes, [one.cash_share for one in classes])
    _check_cash(strategic.astype(np.float64) * prices, cash_shares)
    value = (strategic * prices).sum(axis=1)
    return Crowd(
        ids=ids, rank=_ranks(ids), classes=tuple(one.name for one in classes), rows=rows,
        kinds=np.repeat(np.arange(len(classes)), [one.members for one in classes]),
        members=np.concatenate([np.arange(one.members) for one in classes]),
        strategic=strategic, weights=weights, market_weights=market_weights,
        positions=_stance_positions(named, market_weights, weights, [one.ticker for one in securities]),
        reading=np.concatenate([circle_positions(market_weights[one], named[one]) for one in rows]),
        spread=whole_steps(disagreement * _each_member(classes, [one.disagreement for one in classes])),
        cash=np.rint(value * cash_shares).astype(np.int64),
    )  # fmt: skip


def _rows(classes: Sequence[Shareholders]) -> tuple[slice, ...]:
    ends = np.cumsum([one.members for one in classes]).tolist()
    return tuple(slice(end - one.members, end) for one, end in zip(classes, ends, strict=True))


def _each_member(classes: Sequence[Shareholders], values: Sequence[float]) -> np.ndarray:
    return np.repeat(np.array(values, dtype=np.float64), [one.members for one in classes])


def _ranks(ids: Sequence[str]) -> np.ndarray:
    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[sorted(range(len(ids)), key=lambda i: ids[i])] = np.arange(len(ids))
    return ranks


def _strategic_holdings(classes: Sequence[Shareholders], securities: Sequence[Security]) -> np.ndarray:
    """Whole shares by largest remainder: first among classes by home market, then among members by falling size."""
    sizes = [[round(FINEST_SHARE * power(k + 1, -one.concentration)) for k in range(one.members)] for one in classes]
    columns = []
    for security in securities:
        parts = [round(FINEST_SHARE * one.share_of(security.home_market)) for one in classes]
        of_class = divide_whole(security.shares_outstanding, parts)
        columns.append([n for total, size in zip(of_class, sizes, strict=True) for n in divide_whole(total, size)])
    return np.array(columns, dtype=np.int64).T


def _check_weights(weights: np.ndarray, securities: Sequence[Security]) -> None:
    for security, whole in zip(securities, weights.sum(axis=0).tolist(), strict=True):
        if not 1 <= whole <= MOST_SHARES:
            raise InputError(f"participating shares of {security.ticker} = {whole} is outside 1 to {MOST_SHARES}")


def _check_cash(worth: np.ndarray, cash_shares: np.ndarray) -> None:
    """Shares are to be worth what fits into 64 bits; of the bound on cash half is left, since cash changes in a run."""
    value = worth.sum(axis=1)
    for what, cents, most in (("shares", value, MOST_WORTH), ("cash", value * cash_shares, MOST_CASH / 2)):
        if cents.max() > most:
            raise InputError(f"{what} of an investor = {cents.max():.3g} cents is above its upper bound {most:.3g}")


def _stance_positions(
    named: np.ndarray, market_weights: np.ndarray, weights: np.ndarray, tickers: Sequence[str]
) -> np.ndarray:
    layers = [(MARKET, market_weights), *((ticker, weights[:, j]) for j, ticker in enumerate(tickers))]
    circles = [circle_positions(weight, named ^ np.uint64(slot(f"circle of {name}"))) for name, weight in layers]
    return (np.array(circles) * CIRCLE).astype(np.uint64).astype(np.uint32).T    # the end of a circle is its beginning
