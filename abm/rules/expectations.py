"""What actors expect: of rules (gamma-Poisson hazard, learned sizes), of demand and flows (damped growth), of shortage."""

from __future__ import annotations

from dataclasses import dataclass, replace

from abm.elementary import exp, log
from abm.units import Fraction, Years


def perceived_hazard(tightenings: int, observed: Years, shape: float, prior_years: Years) -> float:
    """Posterior mean of tightenings a year under a gamma prior and Poisson events: (shape + n) / (prior + t)."""
    return (shape + tightenings) / (prior_years + observed)


def chance_within(hazard: float, horizon: Years) -> Fraction:
    """Probability of at least one event within a horizon at a constant hazard a year: 1 - exp(-hazard x horizon)."""
    return 1.0 - exp(-hazard * horizon)


def demand_growth_factor(start: Years, horizon: Years, growth: float, decay: Years) -> float:
    """Factor by which demand grows from ``start`` to ``start + horizon`` when its log growth decays exponentially.

    d ln D / dt = growth x exp(-t / decay), so ln of the factor is growth x decay x (e^(-t0/decay) - e^(-t1/decay)).
    """
    return exp(growth * decay * (exp(-start / decay) - exp(-(start + horizon) / decay)))


def moving_average(average: float, value: float, periods: float) -> float:
    """Exponential moving average with the weight of a simple one over so many periods: 2 / (n + 1)."""
    return average + (value - average) * 2.0 / (periods + 1.0)


# how open a gate will be ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Acts:
    """What a government's acts have done to what its gate lets through: their counts, and the sums of their sizes.

    The size of a tightening is the part of the level that it takes, that of an easing the part that it gives back of
    what is missing to the ceiling. So one act undone has the size one, and sizes lie between 0 and 1.
    """

    tightenings: int = 0
    taken: float = 0.0
    easings: int = 0
    given: float = 0.0

    def then(self, before: float, after: float, ceiling: float) -> Acts:
        """With one more act, which moved the level; the same where nothing moved."""
        if after < before:
            return replace(self, tightenings=self.tightenings + 1, taken=self.taken + (before - after) / before)
        if after > before:
            part = (after - before) / (max(ceiling, after) - before)
            return replace(self, easings=self.easings + 1, given=self.given + part)
        return self


@dataclass(frozen=True)
class Prior:
    """Beliefs about acts before any was seen: a gamma prior of their rate (shape, years), and their mean size, which
    weighs as much as ``size_weight`` acts. ``learning`` is the weight of experience: 0 keeps the prior for ever.
    """

    shape: float
    years: Years
    size: Fraction
    size_weight: float
    learning: Fraction = 1.0

    def rate_of_loss(self, count: int, sizes: float, observed: Years) -> float:
        """Expected part moved a year by acts of a kind: their perceived hazard times their expected size."""
        seen = self.learning * count
        hazard = perceived_hazard(seen, self.learning * observed, self.shape, self.years)
        return hazard * (self.size_weight * self.size + self.learning * sizes) / (self.size_weight + seen)


@dataclass(frozen=True)
class Path:
    """An expected level over time: long_run + gap x exp(-speed x years)."""

    long_run: float
    gap: float
    speed: float


def expected_path(level: float, ceiling: float, *, down: float, up: float) -> Path:
    """The mean of a level that Poisson acts move: each tightening takes a part of it, each easing gives back a part.

    With acts of given rates and mean sizes the mean obeys d E / dt = -down x E + up x (ceiling - E), exactly; ``down``
    and ``up`` are rates times sizes a year. Rates are taken as they are believed today (no learning ahead).
    """
    speed = down + up
    long_run = ceiling * up / speed if speed > 0 else level
    return Path(long_run, level - long_run, speed)


def annuity(rate: float, horizon: Years) -> Years:
    """Present value of one a year for so many years at a continuous rate."""
    return (1.0 - exp(-rate * horizon)) / rate if rate > 0 else horizon


def discounted_mean(one: Path, other: Path, *, discount: float, horizon: Years) -> float:
    """Mean of the product of two independent paths over a horizon, weighted by discount factors."""
    whole = annuity(discount, horizon)

    def weight(speed: float) -> float:
        return annuity(discount + speed, horizon) / whole

    return (
        one.long_run * other.long_run
        + one.long_run * other.gap * weight(other.speed)
        + other.long_run * one.gap * weight(one.speed)
        + one.gap * other.gap * weight(one.speed + other.speed)
    )


# what a flow will be --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forecast:
    """A forecast of a flow: log level of the last quarter, and log growth a quarter, of which a part dies out each quarter.

    Exponential smoothing with a damped trend (Gardner and McKenzie 1985, doi:10.1287/mnsc.31.10.1237). While nothing
    surprises, the long-run level stays where it is: the passing of time is no news.
    """

    level: float
    trend: float

    def next_quarter(self, damping: Fraction) -> float:
        """Log flow expected for the quarter after the last one."""
        return self.level + damping * self.trend

    def long_run(self, damping: Fraction) -> float:
        """Log flow in the end, when growth has died out: level + trend (damping + damping^2 + ...)."""
        return self.level + self.trend * damping / (1.0 - damping)

    def revised(self, surprise: float, *, damping: Fraction, trend_gain: float) -> Forecast:
        """The forecast one quarter later, after a lasting surprise in the log level."""
        return Forecast(self.next_quarter(damping) + surprise, damping * self.trend + trend_gain * surprise)


def quarterly_damping(decay: Years) -> Fraction:
    """Part of growth that is left after a quarter, when it falls by the factor e in ``decay`` years."""
    return exp(-0.25 / decay)


def lasting_surprise(realised: float, potential: float, level: float, persistence: Fraction) -> float:
    """Change of log potential after a quarter in which ``realised`` was seen of it at a level of openness.

    Least mean squares in the potential, realised = potential x level: the part ``persistence`` of the error counts if
    the gate was open, less where it was nearly shut and little could be seen, nothing where it was shut. One is open.
    """
    gain = persistence * level / max(level * level, 1.0)
    return log(1.0 + gain * (realised / potential - level))
