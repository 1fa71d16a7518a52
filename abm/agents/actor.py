"""What all named agents share: a permanent name, and a state that the daily digest can read."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

import mesa

if TYPE_CHECKING:
    from abm.model import Model


class NamedAgent(mesa.Agent):
    """A mesa agent with a permanent name; ``REMEMBERS`` lists the attributes that make up its state."""

    REMEMBERS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, model: Model, name: str) -> None:
        super().__init__(model)
        self.name = name

    def state(self) -> tuple:
        """The agent's memory as (name, values in the order of REMEMBERS)."""
        return self._recall(self)

    def __init_subclass__(cls) -> None:
        """Prepare the look-up of what a kind of agent remembers: it is read every day."""
        super().__init_subclass__()
        cls._recall = staticmethod(attrgetter("name", *cls.REMEMBERS))
