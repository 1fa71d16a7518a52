"""What news is worth: changes of log value from cash flows by segment (section 4.12 of the model).

A firm's value is the present value of cash flows from the model's segments and from outside; exposures are the shares
of each segment. No function here knows the sign of an event's effect on a firm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from abm.elementary import exp, log
from abm.scenario.securities import Security

SMALLEST_VALUE = 0.01
"""Share of a firm's value that always remains: no single event is priced below it."""

LARGEST_LOSS = 0.9
"""Share of their opening sales that domestic makers can lose to foreign chips."""


def value_change(exposures: Mapping[str, float], growth: Mapping[str, float]) -> float:
    """Change of log value when expected segment cash flows change by the given log growth: ln sum w exp(g).

    The share that belongs to no segment of the model stays as it is; segments without an entry do too.
    """
    inside = math.fsum(exposures.values())
    parts = [share * exp(growth.get(segment, 0.0)) for segment, share in exposures.items()]
    return log(max(math.fsum([1.0 - inside, *parts]), SMALLEST_VALUE))


def level_changes(
    securities: Iterable[Security], before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[tuple[str, float], ...]:
    """Changes of log value, by ticker, when segments move between levels given as multiples of their opening flow.

    What was expected is part of ``before``, so a rule that was certain to come moves nothing; and a move that is
    undone gives back what it took.
    """
    old, new = ({segment: log(level) for segment, level in levels.items()} for levels in (before, after))
    changes = ((one.ticker, value_change(one.exposures, new) - value_change(one.exposures, old)) for one in securities)
    return tuple((ticker, change) for ticker, change in changes if change)


def part_of_the_way(today: float, after: float, part: float) -> float:
    """What investors reckon with between two values: a feared move by its probability, a surprise by what lasts of it."""
    return today + part * (after - today)


def domestic_level(legal: float, substitution: float, legal_over_domestic: float) -> float:
    """Level of domestic makers' sales when legal foreign ones stand at a level: part of the difference moves to them.

    ``substitution`` is the part, in USD, and ``legal_over_domestic`` the ratio of the two flows at the opening; a gain
    is a doubling at most.
    """
    return 1.0 + min(max(substitution * legal_over_domestic * (1.0 - legal), -LARGEST_LOSS), 1.0)


def observed_elasticity(order_growth: float, efficiency_gain: float) -> float:
    """The elasticity that orders reveal: compute demand changes by (eta - 1) x gain, so eta = 1 + growth / gain.

    ``order_growth`` is ln realised - ln expected demand for compute since the gain.

    Raises ZeroDivisionError without a gain.
    """
    return 1.0 + order_growth / efficiency_gain


def posterior_weight(doubt: float, noise: float) -> float:
    """Weight of an observation in a normal-normal update: prior variance over prior plus noise variance (both sds)."""
    prior, error = doubt * doubt, noise * noise
    return prior / (prior + error) if prior else 0.0
