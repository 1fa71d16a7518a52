"""What an office decides, and when it gets to it: queue, statutory delay, units granted (sections 4.1 and 4.10).

The queue is first come, first served, in the fluid form of cumulative curves (Newell 1982, Applications of Queueing
Theory): work joins at its tail, the office works from its head at a constant rate, and what joined at position p is
done when p units of work are.
"""

from __future__ import annotations

from abm.policy.instrument import APPROVE, CASE_BY_CASE
from abm.units import DAYS_PER_YEAR, Chips, Days, Fraction

CALENDAR_DAYS, TRADING_DAYS = 7, 5
"""Calendar and trading days of a week."""


def application_work(licence: str, chip_work: float) -> float:
    """Work of one filing in ordinary applications: many if decided case by case, one if presumed approved, no notice any.

    ``chip_work`` is that of a case for advanced chips, which several departments review.
    """
    return {CASE_BY_CASE: chip_work, APPROVE: 1.0}.get(licence, 0.0)


def arrears(load: float, capacity: float, days: Days) -> float:
    """Work that an office has left undone after calendar days: (load - capacity) t / 365.25, none if it keeps up.

    ``load`` and ``capacity`` in ordinary applications a year.
    """
    return max((load - capacity) * days / DAYS_PER_YEAR, 0.0)


def work_done(done: float, joined: float, capacity: float, days: Days) -> float:
    """Work done since the queue was opened, after some more calendar days: min(done + capacity t, all that has joined)."""
    return min(done + capacity * days / DAYS_PER_YEAR, joined)


def calendar_days(trading_days: int) -> Days:
    """Calendar days that trading days stand for: seven per five."""
    return trading_days * CALENDAR_DAYS / TRADING_DAYS


def is_ripe(filed: int, today: int, delay_days: int) -> bool:
    """Whether an application filed on a trading day has waited its calendar delay (seven days per five trading days)."""
    return (today - filed) * CALENDAR_DAYS >= delay_days * TRADING_DAYS


def granted_units(wanted: Chips, quota_left: Chips | None) -> Chips:
    """Units a grant covers: what was asked, within what the quota leaves."""
    return wanted if quota_left is None else max(min(wanted, quota_left), 0)


def is_granted(draw: Fraction, probability: Fraction) -> bool:
    """Whether a uniform draw grants an application that is granted with a given probability."""
    return draw < probability
