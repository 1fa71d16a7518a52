"""What an office decides: which applications are ripe, and how many units a grant covers (sections 4.1 and 4.10)."""

from __future__ import annotations

from abm.units import Chips, Fraction


def is_ripe(filed: int, today: int, delay_days: int) -> bool:
    """Whether an application filed on a trading day has waited its calendar delay (seven days per five trading days)."""
    return (today - filed) * 7 >= delay_days * 5


def granted_units(wanted: Chips, quota_left: Chips | None) -> Chips:
    """Units a grant covers: what was asked, within what the quota leaves."""
    return wanted if quota_left is None else max(min(wanted, quota_left), 0)


def is_granted(draw: Fraction, probability: Fraction) -> bool:
    """Whether a uniform draw grants an application that is granted with a given probability."""
    return draw < probability
