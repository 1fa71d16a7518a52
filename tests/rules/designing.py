"""Settings of the redesign for tests: the historical world, any rules."""

from __future__ import annotations

from datetime import date

from abm.policy import HISTORICAL, Policy
from abm.scenario.reference import HISTORY_2025, Scenario
from abm.special_versions import DesignReview, Position, opening_position
from abm.valuation_desk import known_instruments

ACTORS = {actor.id: actor for actor in HISTORY_2025.actors}
OCTOBER_2022, OCTOBER_2023, LETTER = date(2022, 10, 10), date(2023, 12, 1), date(2025, 5, 1)


def review_of(
    day: date, *, policy: Policy = HISTORICAL, vendor: str = "nvidia", world: Scenario = HISTORY_2025,
    position: Position | None = None,
) -> DesignReview:
    """A vendor's review of designs for China on a day, from the position of the scenario's opening."""
    actor = ACTORS[vendor]
    found = opening_position(world, policy, actor, day) if position is None else position
    return DesignReview(world, actor, known_instruments(policy, day), found, day)
