"""The law as a designer of chips meets it: what would catch a chip that does not exist yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from abm.offers import Transaction
from abm.policy.gate import Gate
from abm.policy.instrument import EMPTY_RECORD, Instrument
from abm.scenario.catalogue import Chip

DESIGNED = ("tpp", "die_mm2", "bandwidth_tbs", "interconnect_gbs", "datacentre")
"""The attributes of a chip among which a designer chooses."""


@dataclass(frozen=True)
class DesignLaw:
    """One restriction as a question about a chip's numbers.

    ``reads`` are the designed attributes on which the answer depends; ``catches`` gives the paragraph under which a
    sale to the destination needs a licence or a notice, or None.
    """

    instrument: Instrument
    reads: tuple[str, ...]
    catches: Callable[[Chip], str | None]


def design_laws(
    instruments: Iterable[Instrument], government: str, day: date, destination: str
) -> tuple[DesignLaw, ...]:
    """The restrictions of a government among some instruments that speak of chips by their numbers or names.

    Raises InputError for a destination that is not a known country, when the law is asked.
    """
    restrictions = Gate(government, instruments).restrictions
    return tuple(_law(one, day, destination) for one in restrictions if callable(getattr(one, "test", None)))


def _law(one: Instrument, day: date, destination: str) -> DesignLaw:
    parties = ("designer", "a buyer there", destination, "a buyer there", destination, "commercial")

    def catches(chip: Chip) -> str | None:
        found = one.catch(Transaction(chip, *parties, quantity=1, date=day), EMPTY_RECORD)
        return found.paragraph if found else None

    read = getattr(one.test, "reads", DESIGNED)  # a user's own function may read anything
    return DesignLaw(one, tuple(name for name in DESIGNED if name in read), catches)
