"""Observables of the licence offices: what waits, how long answers took, what was asked for elsewhere than in China."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from abm.gates import OFFICES
from abm.observe import observable

if TYPE_CHECKING:
    from abm.agents.regulator import Regulator
    from abm.model import Model


def _offices(model: Model) -> list[tuple[str, Regulator]]:
    return sorted((name, model.regulators[name]) for name in OFFICES.values())


@observable("application", "filed, neither granted, refused nor returned", "monthly")
def applications_pending(model: Model) -> dict[str, float]:
    """Applications and notices that wait for an answer, by office."""
    return {name: float(len(office.pending)) for name, office in _offices(model)}


@observable("day", "calendar days from filing to answer, mean over those answered in the month before", "monthly")
def licence_wait(model: Model) -> dict[str, float]:
    """Mean time that the applications answered in the month before had waited, by office; none where none was."""
    last = model.today.replace(day=1) - timedelta(days=1)
    waits = {name: office.waits.get((last.year, last.month)) for name, office in _offices(model)}
    return {name: wait[1] / wait[0] for name, wait in waits.items() if wait}


@observable("chip", "cumulative", "monthly")
def licence_flows(model: Model) -> dict[str, float]:
    """Units asked for at each office by buyers in China, and asked for, licensed and delivered elsewhere."""
    names = ("applied_units", "submitted_units", "applied_units elsewhere", "licensed_units elsewhere",
             "delivered_licensed_units elsewhere")
    return {name: float(model.tally.get(name, 0)) for name in names}
