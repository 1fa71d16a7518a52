"""What a domestic foundry and its memory suppliers allow: wafers that grow with subsidies and tools, imported stacks."""

from __future__ import annotations

from abm.elementary import exp
from abm.units import MONTHS_PER_YEAR, WEEKS_PER_YEAR, Chips, Fraction


def wafers_per_week(per_month: float, log_growth: float) -> int:
    """Advanced wafers a week, from the monthly figure of the opening and the log growth since."""
    return int(per_month * MONTHS_PER_YEAR / WEEKS_PER_YEAR * exp(log_growth))


def wafer_growth(declared: float, subsidised: float, uncontrolled: float, *, tools_controlled: bool) -> float:
    """Log growth of advanced wafers a year: without help, by subsidies, and by foreign tools where they may be bought."""
    return declared + subsidised + (0.0 if tools_controlled else uncontrolled)


def importable_stacks(world_output: int, share: Fraction, part: Fraction, payable: int) -> int:
    """Stacks of memory that a vendor may import this week: its part of a share of world output, within its cash.

    ``world_output`` is in stacks a year; ``payable`` is what its cash buys.
    """
    return max(min(int(world_output * share * part / WEEKS_PER_YEAR), payable), 0)


def imported_stacks(used: int, stock: int) -> int:
    """Stacks bought because what is started needs more than there is in stock."""
    return max(used - stock, 0)


def stacks_per_chip(memory_gb: float, gb_per_stack: float) -> Chips:
    """Stacks of memory on one chip, at least one."""
    return max(int(memory_gb / gb_per_stack), 1)
