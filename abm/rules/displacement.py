"""What a buyer would pay for a chip that it had not planned for: what it would give up for it, one use of money at a time.

The buyer's plan is that by which it orders: chips within its money and within what their sellers can deliver to it. Money
that the plan leaves idle waits for more of them; after it, the worst chips of the plan are given up first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from abm.rules.cloud import Need, Option, chip_value, discount, fill_budget
from abm.units import Fraction, Usd, UsdPerChip, Years


@dataclass(frozen=True)
class Plan:
    """What a buyer plans with: its money and the chips of each kind that it can have, over a time ``span``.

    ``span`` and ``horizon``, how far ahead it plans, in years; ``impatience`` a year.
    """

    money: Usd
    limits: Sequence[float]
    span: Years
    horizon: Years
    impatience: float


def bids_by_use(one: Option, others: Sequence[Option], need: Need, plan: Plan) -> list[tuple[UsdPerChip, Usd]]:
    """Prices that a buyer would pay for a chip asked for ``one.price``, each with the money that it would spend at it.

    The worth of a USD is the dual value of the budget's constraint in each of its uses (Dantzig 1957,
    10.1287/opre.5.2.266). Nobody pays more than is asked, nor for more chips than close its gaps beside what it plans.
    """
    rated = [(chip_value(option, need, plan.impatience), option) for option in others]
    best_use = max((value / option.cost for value, option in rated), default=0.0)
    worth = chip_value(one, need, plan.impatience) - best_use * one.running_cost
    if worth <= 0.0 or plan.money <= 0.0:
        return []
    net = {option.chip: (value - best_use * option.running_cost) / option.price for value, option in rated}
    bought = fill_budget(others, need, plan.money, plan.impatience, limits=plan.limits)
    uses = [(net[option.chip], option.price * units) for option, units in bought]
    spent = math.fsum(paid for _, paid in uses)
    idle = min(plan.money - spent, _lacking(one, need, bought) * one.price)
    if idle > max((option.price for option in others), default=0.0):    # more than the change of whole chips
        later = min(given_up for given_up, _ in uses) if uses else max(net.values(), default=0.0)
        uses.append((later * _until_spent(plan, spent), idle))
    return [(min(worth / given_up, one.price) if given_up > 0.0 else one.price, paid) for given_up, paid in uses]


def _until_spent(plan: Plan, spent: Usd) -> Fraction:
    """Discount until money that lies idle buys what the plan would buy next, at the pace of the plan; its horizon at most."""
    wait = plan.span * (plan.money - spent) / spent if spent > 0.0 else plan.horizon
    return discount(plan.impatience, min(wait, plan.horizon))


def _lacking(one: Option, need: Need, bought: Sequence[tuple[Option, int]]) -> float:
    """How many of a chip would close the gaps that a plan leaves open."""
    serving = need.serving_target - need.serving_planned - math.fsum(option.serving * units for option, units in bought)
    training = need.training_target - need.training_planned - math.fsum(option.training * units for option, units in bought)
    return max(serving / one.serving if one.serving > 0.0 else 0.0, training / one.training if one.training > 0.0 else 0.0)
