"""What location verification finds, and what the fear of it takes off the worth of a diverted chip."""

from __future__ import annotations

import math

from abm.rules.expectations import chance_within
from abm.units import Chips, Fraction, Years


def expected_life_factor(reporting: Fraction, hazard: float, impatience: float) -> Fraction:
    """Worth of a diverted chip that may be switched off, over that of one that cannot.

    A buyer who discounts the use of a chip at the rate r values it at the integral of exp(-r t), 1 / r. If it reports,
    it lives to t with probability exp(-hazard x t) and is worth 1 / (r + hazard). The buyer does not know which chips
    report, so that the factor is 1 - share + share x r / (r + hazard) = 1 - share x hazard / (r + hazard). Patient
    buyers lose most: with r = 0 all that reports is lost.
    """
    return 1.0 - reporting * hazard / (impatience + hazard) if hazard > 0 else 1.0


def still_reporting(installed: Chips, switched_off: Chips, reporting: Fraction) -> Chips:
    """Installed chips that report: their share of all that ever came, less those found already.

    Which chips report is settled when they come, so that the silent rest is never found, however long the search.
    """
    return min(max(round(reporting * (installed + switched_off)) - switched_off, 0), installed)


def found_units(reporting: Chips, hazard: float, elapsed: Years, draw: Fraction) -> Chips:
    """Chips found in a time: reporting x (1 - exp(-hazard x elapsed)), rounded up or down by a uniform draw.

    The mean is exact; chips of one owner are found apart from one another, which understates the spread.
    """
    return min(math.floor(reporting * chance_within(hazard, elapsed) + draw), reporting)
