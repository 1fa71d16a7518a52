"""The policies that ship: arms of an experiment, and the ways to make further ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from abm.policy.instrument import US, Instrument, Notice
from abm.policy.listings import LISTINGS
from abm.policy.measures import CHINESE
from abm.policy.policy import Policy, remaining
from abm.policy.statutes import AMERICAN
from abm.scenario.declare import Declared

FIRST_FREE_DAY = date(2025, 1, 1)
END_OF_2024 = date(2024, 12, 31)

HISTORICAL = Policy(
    name="historical", description="the rules of both governments as they came, to mid-2026",
    instruments=AMERICAN + LISTINGS + CHINESE)


def frozen_after(policy: Policy, day: date, *, name: str, description: str) -> Policy:
    """The policy as it stood at the end of a day: what was public then stays, nothing comes, nothing ends later.

    Governments no longer react either.
    """
    later = {one.name for one in policy.instruments if one.public > day}
    kept = remaining(policy.instruments, later)
    return Policy(name, description, tuple(_endless(one) if one.ends and one.ends > day else one for one in kept))


def lifted_on(policy: Policy, day: date, *, name: str, description: str) -> Policy:
    """The policy with all instruments of the US government ended on a day and none later.

    What the other government did in answer to the missing ones is gone as well; what the world knew before is not.
    """
    never = {one.name for one in policy.instruments if one.government == US and one.market_day >= day}
    kept = (_lifted(one, day) for one in remaining(policy.instruments, never))
    lifting = Notice(
        name=f"us_controls_lifted_{day:%Y_%m}", title="US chip controls lifted", government=US, public=day,
        effective=day, cites="counterfactual arm")
    reacting = tuple(one for one in policy.reactions if one.government != US)
    return Policy(name, description, (*kept, lifting), reacting)


def _lifted(one: Instrument, day: date) -> Instrument:
    if one.government != US or (one.ends is not None and one.ends <= day):
        return one
    return replace(one, ends=day, superseded_by=None)


def _endless(one: Instrument) -> Instrument:
    return replace(one, ends=None, superseded_by=None)


NO_CONTROLS = lifted_on(
    HISTORICAL, FIRST_FREE_DAY, name="no_controls", description="US chip controls lifted on the first free day")

RULES_OF_END_2024 = frozen_after(
    HISTORICAL, END_OF_2024, name="rules_of_end_2024",
    description="the rules public at the end of 2024 for ever: no letter on the H20")

POLICIES = {policy.name: policy for policy in (NO_CONTROLS, RULES_OF_END_2024, HISTORICAL)}


def policy_parameters(policy: Policy = HISTORICAL) -> tuple[Declared, ...]:
    """Every declared number of a policy that can matter: path, value, unit, meaning, source, basis and range."""
    return policy.parameters()


def first_difference(one: Policy, other: Policy) -> date | None:
    """The first day on which two policies differ in what is public, in force or may react, None if they never do."""
    days = {day for policy in (one, other) for day in _days(policy)}
    return next((day for day in sorted(days) if _seen(one, day) != _seen(other, day)), None)


def _days(policy: Policy) -> tuple[date, ...]:
    dated = ((one.market_day, one.binds_from, one.ends) for one in policy.instruments)
    days = tuple(day for three in dated for day in three if day is not None)
    return (*days, *(one.since for one in policy.reactions))


def _seen(policy: Policy, day: date) -> tuple[object, ...]:
    """What can be known on a day: instruments public by then and whether they bind, their later ends left out.

    And the reactions that may act by then.
    """
    public = ((replace(one, ends=None, superseded_by=None), one.in_force(day))
              for one in policy.instruments if one.market_day <= day)
    return (*public, *(one for one in policy.reactions if one.since <= day))
