"""Subsidies of a government for the chips made in its own country: power for those who run them, capital for their fabs."""

from __future__ import annotations

from dataclasses import dataclass

from abm.policy.instrument import Instrument
from abm.scenario.declare import number


@dataclass(frozen=True, kw_only=True)
class Subsidy(Instrument):
    """Money for domestic chips while in force: part of their power bill, and growth of the wafers they are made on.

    A number left at zero gives nothing and is not among the policy's parameters.
    """

    power_rebate: float = number(
        0.0, "1", "share of the power bill of domestic chips that the government pays", source="ft-2025-power",
        basis="estimated", low=0.0, high=1.0)
    capacity_growth: float = number(
        0.0, "1/year", "log growth of domestic advanced wafers that the subsidy adds", source="assumption-big-fund",
        basis="assumed", low=0.0, high=0.5)

    @property
    def unused_numbers(self) -> tuple[str, ...]:
        """What the subsidy does not give."""
        return tuple(name for name in ("power_rebate", "capacity_growth") if not getattr(self, name))
