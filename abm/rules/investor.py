"""How investors form a price they would pay, and how many shares they want at a price (section 4.11 of the model).

Two behavioural layers, the market and each stock, follow Franke and Westerhoff (2012, doi:10.1016/j.jedc.2011.10.004):
in each, every investor takes a fundamental or a technical stance. Arrays over layers hold the market first and then
the stocks in the order of the securities; arrays over investors have one row each, in any order: sums over them are
sums of whole numbers, and ties go by permanent id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.elementary import logistic_array

PER_UNIT = 100_000_000
"""Steps of a log valuation in one unit: valuations are whole numbers of these, so that their sums are exact."""

LARGEST_DEVIATION = 2.0
"""Log distance of a valuation from the last price beyond which it is cut off (a factor of 7.4 in one day)."""

BUDGET_PARTS = 4096
"""Parts into which an investor divides its cash among the stocks of a day (at most, rounded down)."""

MOST_CASH = 2**63 // BUDGET_PARTS
"""Cents of one investor from which on its budgets would not fit into 64 bits: 22 trillion USD."""

PRECAUTION = 0.01
"""Share of strategic holdings for which an investor keeps money ready beyond what it means to buy."""


SHARED = ("fundamental_pull", "technical_pull", "leverage_limit", "decline_memory")
"""Parameters of ``Behaviour`` that are the same in every layer."""


@dataclass(frozen=True)
class Behaviour:
    """Parameters of the layers, each an array with one value per layer; see ``Capital`` for their meaning.

    The formulas below take one layer's numbers as well as arrays over layers: they are what the compiled mean-field
    twin runs too.
    """

    reaction: np.ndarray
    fundamental_noise: np.ndarray
    technical_noise: np.ndarray
    predisposition: np.ndarray
    herding: np.ndarray
    misalignment: np.ndarray
    leverage: np.ndarray
    value_speed: np.ndarray
    decline: np.ndarray
    fundamental_pull: float
    technical_pull: float
    leverage_limit: float
    decline_memory: float


@dataclass(frozen=True)
class Layers:
    """What a day's views look back on, one value per layer.

    ``level`` is the log price level q, ``value`` the consensus log value v that has been taken in, ``change`` the last
    change of q, ``trend`` its moving average and ``fundamental`` the share of demand with a fundamental stance.
    """

    level: np.ndarray
    value: np.ndarray
    change: np.ndarray
    trend: np.ndarray
    fundamental: np.ndarray

    def state(self) -> tuple[bytes, ...]:
        """The bits of every number, for the digest."""
        return tuple(one.tobytes() for one in (self.level, self.value, self.change, self.trend, self.fundamental))


def fundamental_probability(behaviour: Behaviour, layers: Layers) -> np.ndarray:
    """Probability of a fundamental stance: the logistic function of ``stance_log_odds``."""
    return logistic_array(stance_log_odds(behaviour, layers))


def stance_log_odds(behaviour: Behaviour, layers: Layers) -> np.ndarray:
    """Log odds of a fundamental stance: a0 + an (n_f - n_c) + ap (q - v)^2 + ad min(trend, 0) / mu.

    The discrete-choice switching of Franke and Westerhoff (2012) with herding and misalignment, and a pull of declines.
    """
    gap = layers.level - layers.value
    majority = 2.0 * layers.fundamental - 1.0
    decline = np.minimum(layers.trend, 0.0) / behaviour.reaction
    return (
        behaviour.predisposition
        + behaviour.herding * majority
        + behaviour.misalignment * (gap * gap)
        + behaviour.decline * decline
    )


def fundamental_view(behaviour: Behaviour, layers: Layers, shock: np.ndarray) -> np.ndarray:
    """Log price change that the fundamental stance expects: mu phi rho (v - q) + mu sigma_f xi."""
    pull = behaviour.fundamental_pull * behaviour.value_speed * (layers.value - layers.level)
    return behaviour.reaction * (pull + behaviour.fundamental_noise * shock)


def technical_view(behaviour: Behaviour, layers: Layers, shock: np.ndarray) -> np.ndarray:
    """Log price change that the technical stance expects: mu chi dq + mu sigma_c [1 + lev clip(-trend / mu, 0, 6)] xi.

    Falls raise the noise for as long as the trend remembers them: in returns the leverage effect is about as strong
    ten days after a fall as on the next (Bouchaud, Matacz and Potters 2001, doi:10.1103/PhysRevLett.87.228701).
    """
    fall = np.minimum(np.maximum(-layers.trend / behaviour.reaction, 0.0), behaviour.leverage_limit)
    noise = behaviour.technical_noise * (1.0 + behaviour.leverage * fall)
    return behaviour.reaction * (behaviour.technical_pull * layers.change + noise * shock)


def trend_after(behaviour: Behaviour, layers: Layers, change: np.ndarray) -> np.ndarray:
    """The moving average of changes with today's taken in, over a span of ``decline_memory`` days."""
    weight = 2.0 / (behaviour.decline_memory + 1.0)
    return layers.trend + weight * (change - layers.trend)


def circle_positions(weights: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Positions in [0, 1) on a circle, each investor an arc in proportion to its weight, in the order of unique keys.

    ``weights`` are whole (int64); a position is the middle of its arc.
    """
    order = np.lexsort((keys,))
    through = np.cumsum(weights[order])
    total = int(through[-1])
    middle = (2 * through - weights[order]).astype(np.float64) / (2.0 * total) if total else np.zeros(len(weights))
    positions = np.empty(len(weights))
    positions[order] = middle
    return positions


def whole_steps(log_change: np.ndarray) -> np.ndarray:
    """Log price changes as whole numbers of steps (int64), cut off at the largest deviation."""
    return np.rint(np.clip(log_change, -LARGEST_DEVIATION, LARGEST_DEVIATION) * PER_UNIT).astype(np.int64)


def weighted_mean(steps: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of each column of whole steps, rounded down to a whole step; zero where nobody has weight.

    Exact for weights that sum to at most 4.6e10, and so the same in any order of the rows.
    """
    return (steps * weights).sum(axis=0) // np.maximum(weights.sum(axis=0), 1)


def divide_whole(total: int, weights: Sequence[int]) -> list[int]:
    """Divide a whole number in proportion to whole weights by largest remainder, ties to the earlier.

    The parts sum to the total exactly. Raises ZeroDivisionError if something is divided among weights of zero.
    """
    whole = sum(weights)  # integers
    if total == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    rest = total - sum(parts)  # integers
    for i in sorted(range(len(parts)), key=lambda i: (-remainders[i], i))[:rest]:
        parts[i] += 1
    return parts
