"""What a shell company decides: whether a lot pays, given what it believes about detection (section 4.4)."""

from __future__ import annotations

from abm.scenario.conduct import Conduct
from abm.units import Chips, Fraction, UsdPerChip


def expected_margin(
    grey: UsdPerChip, price: UsdPerChip, believed: Fraction, conduct: Conduct, *, cost: UsdPerChip
) -> UsdPerChip:
    """Expected profit per chip of a lot that costs something to move (Becker 1968, 10.1086/259394).

    (1 - p)(grey - list - cost) - p (fine + forfeited lot), the fine being a multiple of the lot's value.
    """
    gain = (1.0 - believed) * (grey - price - cost)
    return gain - believed * (conduct.fine_share + 1.0) * price


def believed_detection(detections: float, passages: float) -> Fraction:
    """Mean of a beta belief after weighted detections and passages."""
    return detections / (detections + passages)


def entry_mean(margin: UsdPerChip, price: UsdPerChip, conduct: Conduct) -> float:
    """Expected entrants this week: proportional to the margin over the outside option, per unit of list price."""
    return conduct.entry_rate * max(margin - conduct.broker_outside, 0.0) / price if price > 0 else 0.0


def lot_size(scale: float, conduct: Conduct) -> Chips:
    """Chips in one lot of a broker whose scale multiplies the median seller's yearly volume."""
    return max(int(conduct.broker_chips * scale / conduct.broker_lots_per_year), 1)
