"""Which tightenings of the seller's rules everybody has seen, and the hazard of further ones that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from abm.calendar import years_between
from abm.policy import HISTORICAL, Policy, tightenings
from abm.policy.instrument import US, Instrument
from abm.policy.tightening import tightening_by
from abm.rules.expectations import perceived_hazard
from abm.scenario.catalogue import Chip
from abm.scenario.conduct import Conduct


class FearedRules:
    """The common past of all policies up to the opening, and what the policy of the run has published since."""

    def __init__(self, policy: Policy, *, start: date, until: date) -> None:
        before = start - timedelta(days=1)
        self._past = tightenings(HISTORICAL, before)
        self._own = [one for one in tightenings(policy, until) if one.market_day > before]

    def learn(self, policy: Policy, published: Iterable[Instrument], chips: Sequence[Chip], today: date) -> None:
        """Count what instruments of the seller's government, published today, tighten for any of the chips."""
        new = {one.name for one in published if one.government == US and one.market_day == today}
        found = (tightening_by(policy, name, chips=tuple(chips)) for name in sorted(new))
        self._own += [one for one in found if one is not None]

    def hazard(self, today: date, conduct: Conduct) -> float:
        """Perceived hazard of a tightening, a year, from all that was seen by today."""
        seen = len(self._past) + sum(one.market_day <= today for one in self._own)  # integers
        observed = years_between(self._past[0].market_day, today) if self._past else 0.0
        return perceived_hazard(seen, observed, conduct.hazard_shape, conduct.hazard_years)
