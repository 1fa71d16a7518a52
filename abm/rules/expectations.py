"""What actors expect: of rules (gamma-Poisson hazard), of demand (declining growth), of shortage."""

from __future__ import annotations

from abm.elementary import exp
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
