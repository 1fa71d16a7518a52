"""Launching as the exercise of a perpetual option: a lab compares launching now with waiting (4.9, the arm of real options).

A launch is irreversible: users see one model of a lab at a time, and the next must beat it. Worth of the candidate over
that of a bare next model is exp(weight x points above it), by the weight of quality in users' choice. While the lab
waits, the candidate grows and its growth is uncertain; rivals erode what both are worth. This is the option to exchange
one risky asset for another (McDonald and Siegel 1986, 10.2307/1884175; Dixit and Pindyck 1994, chapters 5 and 6): launch
once the ratio of the two reaches beta / (beta - 1).
"""

from __future__ import annotations

import math

from abm.elementary import exp, log
from abm.rules.lab import Review
from abm.units import Fraction, TokensPerDay


def option_root(drift: float, volatility: float, discount: float) -> float:
    """The root beta above 1 of volatility^2 / 2 x beta (beta - 1) + drift x beta - discount = 0; inf without either.

    ``drift`` below ``discount``, both a year; ``volatility`` a square root of a year.
    """
    half = volatility * volatility / 2.0
    slope = drift - half
    root = math.sqrt(slope * slope + 4.0 * half * discount)
    if slope > 0:
        return 2.0 * discount / (slope + root)
    return (root - slope) / (2.0 * half) if half > 0 else math.inf


def option_multiple(drift: float, volatility: float, discount: float) -> float:
    """Worth over cost from which exercise beats waiting: 1 is the rule of net present value, inf never to exercise."""
    if drift >= discount:
        return math.inf
    beta = option_root(drift, volatility, discount)
    return 1.0 if math.isinf(beta) else beta / (beta - 1.0)


def waiting_multiple(
    growth: float, erosion: float, *, weight: float, volatility: float, discount: float
) -> float:
    """The same for a candidate that grows by ``growth`` points a year while rivals rise by ``erosion``.

    ``weight`` turns points into logs of worth; ``volatility`` is in points a square root of a year, ``discount`` a year.
    Rivals take weight x erosion a year of the worth of either, so they add to the rate at which waiting is discounted.
    """
    spread = weight * volatility
    return option_multiple(weight * growth + spread * spread / 2.0, spread, discount + weight * erosion)


def review_as_option(
    candidate: float, served: tuple[TokensPerDay, TokensPerDay], *, minimum: float, multiple: float, weight: float
) -> Review:
    """Launch where the part of its worth that can be served, over a bare next model's, reaches the option's multiple.

    ``candidate`` and ``minimum`` in points, ``served`` the secured and the expected tokens a day. Quality fails where
    the candidate would not reach the multiple with all of its serving, capacity where a good enough one would not.
    """
    secured, expected = served
    share = min(secured / expected, 1.0) if expected > 0 else 1.0
    worth = exp(weight * (candidate - minimum))
    needed: Fraction = multiple / worth if worth > multiple else 1.0
    premium = log(multiple) / weight if weight > 0 and multiple < math.inf else math.inf
    if multiple == 1.0:
        premium = 0.0
    quality_failed, capacity_failed = worth < multiple, share < needed
    return Review(
        not (quality_failed or capacity_failed), quality_failed, capacity_failed, minimum + premium - candidate, share,
        needed_share=needed,
    )
