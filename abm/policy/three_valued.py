"""Truth in three values: True, False, and None where a number that nobody has published leaves a question open."""

from __future__ import annotations

from abm.policy.instrument import UNDECIDED

Truth = bool | None


def at_least(value: float | None, bound: float) -> Truth:
    """Whether a value reaches a bound; None where the value is unknown."""
    return None if value is None else value >= bound


def within(value: float | None, low: float, high: float) -> Truth:
    """Whether low <= value < high; None where the value is unknown."""
    return None if value is None else low <= value < high


def both(first: Truth, second: Truth) -> Truth:
    """True if both are, False if either is, None otherwise."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def either(first: Truth, second: Truth) -> Truth:
    """True if either is, False if both are, None otherwise."""
    if first or second:
        return True
    return None if first is None or second is None else False


def answer(caught: Truth, paragraph: str) -> str | None:
    """What a test of the law answers: the paragraph where a chip is caught, None where not, UNDECIDED where open."""
    if caught is None:
        return UNDECIDED
    return paragraph if caught else None
