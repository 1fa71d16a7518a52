"""What firms are worth, given what is expected of the model's segments (section 4.12 of the model).

A firm's value is the present value of cash flows from the model's segments and from outside; exposures are the shares
of each segment in cash flow at the opening. The value is a function of a state, and news is a difference of two values,
so whatever is expected beforehand is in the price, and nothing is priced twice. No function here knows the sign of an
event's effect on a firm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from abm.elementary import log, power
from abm.scenario.capital import Capital
from abm.scenario.securities import Security
from abm.units import Fraction

TINY = 1e-9
"""A technical bound, no number of the world: a firm without cash flow from anywhere has a finite log value."""


def log_value(exposures: Mapping[str, float], multiples: Mapping[str, float]) -> float:
    """Log value when expected flows of segments are multiples of the opening ones: ln(outside + sum of w x multiple).

    The share that belongs to no segment of the model stays as it is; segments without a multiple do too.
    """
    inside = math.fsum(exposures.values())
    parts = [share * multiples.get(segment, 1.0) for segment, share in exposures.items()]
    return log(max(math.fsum([1.0 - inside, *parts]), TINY))


def changes_between(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Changes of log value by ticker from one state to another; those that stay as they were are left out."""
    changes = ((ticker, value - before[ticker]) for ticker, value in after.items())
    return tuple((ticker, change) for ticker, change in changes if change)


def domestic_level(legal: float, contested: float, supplied: Fraction) -> float:
    """Level of domestic makers' sales, one at the opening, when legal foreign ones stand at a level.

    Some foreign sales are ``contested``, so many times domestic sales at the opening. Buyers divide that money and what
    they spend on domestic chips in proportion to what either side may offer, so that the demand for domestic chips is
    (1 + c) / (1 + c x legal). Makers have what they can make: only the part ``supplied`` of a change of log demand
    reaches their sales, the rest their queues.
    """
    return power((1.0 + contested) / (1.0 + contested * legal), supplied)


def elsewhere_level(legal: float, freed: float) -> float:
    """Level of foreign makers' sales outside China, one at the opening, when legal ones to China stand at a level.

    What is kept from China frees production that others wait for: ``freed`` of it at the opening, as a multiple of sales
    elsewhere. All that is made is divided in proportion to what either side may buy, so sales elsewhere are
    (1 + f) / (1 + f x legal): more where the gate is shut, less where it opens.
    """
    return (1.0 + freed) / (1.0 + freed * legal)


def efficiency_parts(capital: Capital) -> dict[str, Fraction]:
    """Change of each segment's log flow per unit of (eta - 1) x efficiency surprise.

    Cheaper capability changes the compute that is wanted by (eta - 1) x surprise, the same for chips sold anywhere. It
    reaches sales of chips in full where they follow demand. Domestic makers sell what they can make, so that less demand
    shortens their queues first: a part. Of what clouds sell, a part is rent of compute; the rest is capability, of which
    more is sold as it costs less.
    """
    return {
        "frontier_compute": 1.0, "china_legal": 1.0, "china_domestic": capital.domestic_sensitivity,
        "cloud_us": capital.cloud_sensitivity, "cloud_cn": capital.cloud_sensitivity,
    }


def efficiency_loading(security: Security, capital: Capital) -> float:
    """Change of log value per unit of (eta - 1) x efficiency surprise, at the opening's exposures."""
    parts = efficiency_parts(capital)
    return math.fsum(share * parts[segment] for segment, share in security.exposures.items())


def bellwether(securities: Iterable[Security], capital: Capital) -> str:
    """The ticker that a surprise in efficiency concerns most; ties by name."""
    return max((efficiency_loading(one, capital), one.ticker) for one in securities)[1]


def launch_uplift(served: float, on_domestic_chips: Fraction, region: str) -> dict[str, float]:
    """Changes of log expected flows on which all agree when a lab of a region launches with open weights.

    Anybody there may serve it, so that clouds of the region are expected to serve more (``served``, in logs); in China
    a part of that needs domestic chips, as far as foreign ones are closed to it and domestic ones can be made.
    """
    if region != "CN":
        return {"cloud_us": served}
    return {"cloud_cn": served, "china_domestic": served * on_domestic_chips}


def observed_elasticity(log_orders: float, gain: float) -> float:
    """The elasticity that orders reveal: compute demand changes by (eta - 1) x gain, so eta = 1 + log orders / gain.

    ``log_orders`` is ln(orders placed / orders expected without the gain).

    Raises ZeroDivisionError without a gain.
    """
    return 1.0 + log_orders / gain


def posterior_weight(doubt: float, noise: float) -> float:
    """Weight of an observation in a normal-normal update: prior variance over prior plus noise variance (both sds)."""
    prior, error = doubt * doubt, noise * noise
    return prior / (prior + error) if prior else 0.0


def new_evidence(
    mean: float, precision: float, *, told: float, told_precision: float
) -> tuple[float, float]:
    """What evidence gathered so far adds to the part of it that is known: an observation and its standard deviation.

    ``mean`` and ``precision`` are of all of it, ``told`` and ``told_precision`` of the part. Beliefs updated with each
    addition in turn are those of one update with the whole: no order is counted twice.

    Raises ZeroDivisionError where nothing has been added.
    """
    added = precision - told_precision
    return (mean * precision - told * told_precision) / added, math.sqrt(1.0 / added)
