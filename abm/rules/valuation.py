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


def value_change(exposures: Mapping[str, float], growth: Mapping[str, float]) -> float:
    """Change of log value when expected segment cash flows change by the given log growth: ln sum w exp(g).

    The share that belongs to no segment of the model stays as it is; segments without an entry do too.
    """
    inside = math.fsum(exposures.values())
    parts = [share * exp(growth.get(segment, 0.0)) for segment, share in exposures.items()]
    return log(max(math.fsum([1.0 - inside, *parts]), SMALLEST_VALUE))


def loss_share(exposures: Mapping[str, float], losses: Mapping[str, float]) -> float:
    """Share of a firm's cash flow lost when each segment loses the given share of its own (a gain is negative)."""
    return math.fsum(exposures.get(segment, 0.0) * loss for segment, loss in losses.items())


def rule_surprise(loss: float, probability: float, already_expected: float) -> float:
    """Change of log value when a loss of this share of value becomes more, or less, probable than it was taken to be.

    ln(1 - P(loss | the news) L) - ln(1 - P(loss | before) L): what was expected is in the price, so a rule that was
    certain to come moves nothing. A negative loss is a gain, for example of a domestic rival.
    """
    before = max(1.0 - already_expected * loss, SMALLEST_VALUE)
    after = max(1.0 - probability * loss, SMALLEST_VALUE)
    return log(after) - log(before)


def rule_changes(
    securities: Iterable[Security], losses: Mapping[str, float], *, probability: float, already_expected: float
) -> tuple[tuple[str, float], ...]:
    """Changes of log value, by ticker, when segments lose shares of their cash flow with some probability.

    ``losses`` maps a segment to the share it loses if the rule bites (negative where demand moves to it).
    """
    lost = {one.ticker: loss_share(one.exposures, losses) for one in securities}
    return tuple(
        (ticker, rule_surprise(loss, probability, already_expected)) for ticker, loss in lost.items() if loss
    )


def earnings_changes(
    securities: Iterable[Security], realised: Mapping[str, float], expected: Mapping[str, float], persistence: float
) -> tuple[tuple[str, float], ...]:
    """Changes of log value, by ticker, when segment flows (USD/year) differ from what was expected.

    A log surprise in flow counts by ``persistence``, the share of it that investors take to be lasting. Segments
    without positive flows on both sides say nothing.
    """
    growth = {
        segment: persistence * log(flow / expected[segment])
        for segment, flow in realised.items()
        if flow > 0.0 and expected.get(segment, 0.0) > 0.0
    }
    changes = ((one.ticker, value_change(one.exposures, growth)) for one in securities)
    return tuple((ticker, change) for ticker, change in changes if change)


def moved_demand(segments: Mapping[str, float], lost: float, substitution: float) -> dict[str, float]:
    """Losses by segment when legal sales to China lose a share: part of that demand moves to domestic chips.

    ``segments`` are flows in USD/year, ``substitution`` the part of the lost demand, in USD, that goes to domestic
    makers; their gain is negative loss, as a share of their own flow, at most all of it either way.
    """
    domestic = segments["china_domestic"]
    gain = lost * substitution * segments["china_legal"] / domestic if domestic > 0.0 else 0.0
    return {"china_legal": lost, "china_domestic": -min(max(gain, -1.0), 1.0)}


def efficiency_change(elasticity: float, surprise: float, sensitivity: float) -> float:
    """Change of log value after a launch reveals that capability costs less: (eta - 1) x surprise x sensitivity.

    ``surprise`` is ln expected cost - ln revealed cost. Below an elasticity of one the demand for compute falls; above
    one (Jevons) it rises.
    """
    return (elasticity - 1.0) * surprise * sensitivity


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
