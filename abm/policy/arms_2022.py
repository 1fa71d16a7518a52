"""Arms for a world that starts in October 2022: the deeper counterfactuals, in which the controls never came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from abm.policy.arms import HISTORICAL, lifted_on
from abm.policy.instrument import US
from abm.policy.policy import Policy, remaining

FIRST_DAY_OF_2022 = date(2022, 10, 3)
"""The first trading day of the scenario of October 2022."""

RULE_DAY = date(2022, 10, 7)

NO_CONTROLS_FROM_2022 = lifted_on(
    HISTORICAL, FIRST_DAY_OF_2022, name="no_controls_from_2022",
    description="US chip controls lifted on the first trading day of October 2022, the letters of August included")


def us_frozen_after(policy: Policy, day: date, *, name: str, description: str) -> Policy:
    """The policy without US acts that the market learns after a day, and without later ends of earlier ones.

    What the other government did in answer to the missing ones is gone as well.
    """
    later = {one.name for one in policy.instruments if one.government == US and one.market_day > day}
    kept = tuple(
        replace(one, ends=None, superseded_by=None) if one.government == US and one.ends and one.ends > day else one
        for one in remaining(policy.instruments, later)
    )
    return Policy(name, description, kept, tuple(one for one in policy.reactions if one.government != US))


OCTOBER_2022_KEPT = us_frozen_after(
    HISTORICAL, RULE_DAY, name="october_2022_kept",
    description="the US rules of October 2022 for ever: no later rule, letter or listing")

POLICIES_2022 = {policy.name: policy for policy in (NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT)}
