"""What a government decides about its rules: pressure against lobbying, how strict, how hard to enforce (section 4.10).

A government has an indicator that it wants at a target at least. It weighs how far the indicator falls short against
what its own industry has at stake in the trade that a rule would stop (Grossman and Helpman 1994, "Protection for
Sale", AER 84(4), 833-850: policy maximises contributions and welfare, weighted), and acts on what lasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from abm.units import MONTHS_PER_YEAR, TRADING_DAYS_PER_YEAR, Fraction, Months


def pressure(indicator: float, target: float) -> Fraction:
    """How far an indicator falls short of its target, as a share of it: max(target - indicator, 0) / target.

    0 where there is no target.
    """
    return max(target - indicator, 0.0) / target if target > 0 else 0.0


def lobbying(weight: float, stake: Fraction) -> float:
    """What the industry's stake counts against a rule, in units of pressure: weight x stake.

    Grossman and Helpman (1994): what an industry offers rises with what a policy would take from it, and the weight is
    the government's taste for contributions over welfare.
    """
    return weight * stake


def remembered_stake(before: Fraction, now: Fraction, memory: Fraction) -> Fraction:
    """The stake with which an industry argues: today's, or what it had, fading by ``memory`` a month.

    Trade that a rule has stopped is argued for until it is written off.
    """
    return max(now, memory * before)


def months_in_a_row(before: int, holds: bool) -> int:
    """Months for which something has held without a break, this one included."""
    return before + 1 if holds else 0


def wants_easing(pressed: Fraction, lobbied: float, margin: float) -> bool:
    """Whether lobbying outweighs pressure by more than a margin: lobbying > pressure + margin."""
    return lobbied > pressed + margin


def wanted_effort(detected_lots: int, per_lot: float, ceiling: float) -> float:
    """Enforcement effort that detections ask for, within the budget: min(1 + per_lot x lots, max(ceiling, 1)).

    Becker (1968, doi:10.1086/259394): the effort worth making rises with the offences known; the budget bounds it.
    """
    return min(1.0 + per_lot * detected_lots, max(ceiling, 1.0))


def is_moved(wanted: float, held: float, step: float) -> bool:
    """Whether wanted effort is so far from the effort in force that a change is worth an act: |wanted - held| >= step."""
    return abs(wanted - held) >= step


def lag_in_days(mean: Months, draw: float) -> int:
    """Trading days from a decision to its publication: mean x a standard exponential draw, at least the next day."""
    return max(ceil(mean * draw * TRADING_DAYS_PER_YEAR / MONTHS_PER_YEAR), 1)


def largest_flow(flows: Mapping[str, float]) -> str | None:
    """The chip with the largest flow, ties by name; None where nothing flows."""
    return max((name for name in flows if flows[name] > 0), key=lambda name: (flows[name], name), default=None)


@dataclass(frozen=True)
class Choice:
    """One rule that could be published: its name, steps from what is in force, trade lost in USD, whether it suffices."""

    name: str
    steps: int
    lost: float
    suffices: bool


def mildest(choices: Sequence[Choice]) -> Choice | None:
    """The rule with the fewest steps among those that suffice; ties by less trade lost, then by name. None if none does."""
    enough = [one for one in choices if one.suffices]
    return min(enough, key=lambda one: (one.steps, one.lost, one.name), default=None)
