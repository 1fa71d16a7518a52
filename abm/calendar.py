"""Trading days and cadences.

One step is one trading day, Monday to Friday. Public holidays trade; an event on a day without prices counts on the
next trading day. Days are numbered from the first free day, which is day 0; the burn-in has negative numbers.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum

from abm.errors import InputError
from abm.units import DAYS_PER_MONTH, DAYS_PER_YEAR

SATURDAY = 5


class Cadence(Enum):
    """How often a phase runs: on the first trading day of each period, and on the first day of a run."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"

    def is_due(self, today: date, yesterday: date | None) -> bool:
        """Whether a new period has begun since the trading day before (None on the first day of a run)."""
        return yesterday is None or _period(self, today) != _period(self, yesterday)


def _period(cadence: Cadence, day: date) -> tuple[int, ...]:
    if cadence is Cadence.DAILY:
        return (day.toordinal(),)
    if cadence is Cadence.WEEKLY:
        return day.isocalendar()[:2]
    if cadence is Cadence.MONTHLY:
        return (day.year, day.month)
    return (day.year, (day.month - 1) // 3)


def is_trading_day(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < SATURDAY


def market_day(event: date, *, after_close: bool = False) -> date:
    """The trading day on which the market can first react to an event: the same day, or the next one with prices."""
    day = event + timedelta(days=1) if after_close else event
    while not is_trading_day(day):
        day += timedelta(days=1)
    return day


def trading_days(first: date, last: date) -> tuple[date, ...]:
    """All trading days from first to last, both included.

    Raises InputError if last lies before first.
    """
    if last < first:
        raise InputError(f"until = {last} is before the first day {first}")
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(day for day in days if is_trading_day(day))


def years_between(first: date, last: date) -> float:
    """Calendar time from first to last in years of 365.25 days."""
    return (last - first).days / DAYS_PER_YEAR


def months_between(first: date, last: date) -> float:
    """Calendar time from first to last in months of 30.4375 days."""
    return (last - first).days / DAYS_PER_MONTH
