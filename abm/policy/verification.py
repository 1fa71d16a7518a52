"""Location verification: chips report where they are after installation, and those found in the wrong country go dark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from abm.policy.instrument import Instrument
from abm.scenario.catalogue import Chip
from abm.scenario.declare import number


@dataclass(frozen=True, kw_only=True)
class LocationVerification(Instrument):
    """Chips of the kinds that ``test`` catches report their location; a diverted one that is found is switched off.

    All installed chips of these kinds are in scope, whenever they were made: the identity and the attestation on which
    delay-based verification rests are in chips sold already, and a firmware update can switch it on. ``reporting_share``
    is the part of diverted chips on which it is on and not evaded (owners may refuse the update or cut the network);
    the rest is never found. A chip whose class is undecided is covered: the exporter must know.
    Source: S. 1705 of the 119th Congress, a proposal, for the duty to report; that a found chip is switched off is
    more than the proposal asks for.
    """

    test: Callable[[Chip], str | None]
    reporting_share: float = number(
        0.4, "1", "share of diverted chips of the kinds in scope that report where they are",
        source="assumption-location-verification", basis="assumed", low=0.0, high=1.0)
    location_hazard: float = number(
        1.0, "1/year", "hazard with which a reporting chip in the wrong country is found and switched off",
        source="assumption-location-verification", basis="assumed", low=0.0, high=12.0)

    def covers(self, chip: Chip) -> bool:
        """Whether chips of a kind are in scope."""
        return self.test(chip) is not None
