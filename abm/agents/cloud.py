"""Clouds: buyers of chips, and operators of the data centres in which they train and serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from abm.agents.buyer import Buyer
from abm.agents.data_centres import DataCentres
from abm.scenario.actors import Actor

if TYPE_CHECKING:
    from abm.model import Model


class Cloud(DataCentres, Buyer):
    """A buyer and operator of chips. What it orders: buyer.py. What it does with what it has: data_centres.py."""

    REMEMBERS: ClassVar = (
        "origins", "training_opening", "budget", "advanced", "outlook", "reserved_models", "switched_off", "rented",
        "leases", "renters",
    )

    def __init__(self, model: Model, actor: Actor) -> None:
        super().__init__(model, actor)
        self.training_opening = 0.0
        self.budget = 0.0
        self.advanced = 0
        self.outlook = 1.0
        self.switched_off: dict[str, int] = {}
        self.rented = 0.0
        self.leases: dict[tuple[str, int], float] = {}
        self.renters: list[str] = []
