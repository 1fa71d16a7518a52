"""Enforcement: how hard a government looks for what its rules forbid."""

from __future__ import annotations

from dataclasses import dataclass

from abm.policy.instrument import Instrument
from abm.scenario.declare import number


@dataclass(frozen=True, kw_only=True)
class Enforcement(Instrument):
    """A change of enforcement effort: while in force it multiplies the effort of the office that screens and inspects."""

    effort: float = number(
        1.0, "1", "factor on enforcement effort while in force", source="assumption-enforcement", basis="assumed",
        low=0.0, high=20.0)
