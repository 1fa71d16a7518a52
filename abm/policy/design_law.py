"""The law as a designer of chips meets it: what would catch a chip that does not exist yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

from abm.offers import Transaction
from abm.policy.export_control import ExportControl
from abm.policy.gate import Gate
from abm.policy.instrument import EMPTY_RECORD, Instrument
from abm.policy.paragraphs import BandwidthLetter, RuleOfOctober2022, RuleOfOctober2023, Threshold
from abm.policy.quota import DiffusionQuota
from abm.scenario.catalogue import DECIMALS, GB_PER_TB, Chip

Record = TypeVar("Record")
DESIGNED = ("tpp", "die_mm2", "bandwidth_tbs", "interconnect_gbs", "datacentre")
"""The attributes of a chip among which a designer chooses."""

COMPARING = (RuleOfOctober2022, RuleOfOctober2023, BandwidthLetter)
"""Tests that do nothing with a chip's numbers but hold them against their thresholds, each by "at least"."""

BY_TEST = (ExportControl, DiffusionQuota)
"""Rules that catch a chip, or do not, by the paragraph that their test answers and where it goes."""


@dataclass(frozen=True)
class DesignLaw:
    """One rule on chips, asked about designs that are to be sold to a destination."""

    rule: Instrument
    destination: str

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The designed attributes on which the answer depends; a user's own function may read any."""
        return tuple(name for name in DESIGNED if name in getattr(self.rule.test, "reads", DESIGNED))

    @cached_property
    def reads_numbers_alone(self) -> bool:
        """Whether nothing but designed attributes counts: neither vendor, nor name, nor day."""
        return all(name in DESIGNED for name in getattr(self.rule.test, "reads", ("?",)))

    def catches(self, chip: Chip) -> str | None:
        """The paragraph under which a sale of the chip needs a licence or a notice, or None where it is free."""
        found = self.rule.catch(self._sales.of(chip=chip, date=chip.released), EMPTY_RECORD)
        return found.paragraph if found else None

    def sides(self, numbers: Mapping[str, float | np.ndarray]) -> np.ndarray | None:
        """One whole number for each design: the same for designs that the law catches or leaves free alike.

        ``numbers`` are those of many designs, by attribute, as arrays that broadcast (float64). Designs that lie on the
        same side of every threshold are alike to a rule that makes nothing but such comparisons; None for any other.
        """
        if self._thresholds is None:
            return None
        side = np.zeros((), dtype=np.int64)
        for one in self._thresholds:
            side = 2 * side + (_compared(one.attribute, numbers) >= one.value)
        return side

    @cached_property
    def _thresholds(self) -> tuple[Threshold, ...] | None:
        test = getattr(self.rule, "test", None)
        return test.thresholds() if type(self.rule) in BY_TEST and type(test) in COMPARING else None

    @cached_property
    def _sales(self) -> Variants[Transaction]:
        there, nothing = self.destination, None
        return Variants(Transaction(nothing, "designer", "a buyer", there, "a buyer", there, "commercial", 1, nothing))


def chip_rules(instruments: Iterable[Instrument], government: str) -> tuple[Instrument, ...]:
    """The restrictions of a government among some instruments that speak of chips, by their numbers or names."""
    return tuple(one for one in Gate(government, instruments).restrictions if callable(getattr(one, "test", None)))


def anonymous(blank: Chip) -> Chip:
    """A blank chip without vendor, name or day, for laws that read numbers alone."""
    return replace(blank, name="a design", vendor="a vendor", released=date.min, sold_from=date.min, made_for=None)


def _compared(attribute: str, numbers: Mapping[str, float | np.ndarray]) -> float | np.ndarray:
    """What is held against a threshold: a number of the design, or one that ``Chip`` makes of its numbers, to the bit."""
    if attribute == "performance_density":
        return numbers["tpp"] / numbers["die_mm2"]
    if attribute not in ("bandwidth_gbs", "traffic_gbs"):
        return numbers[attribute]
    gbs = np.array([round(one * GB_PER_TB, DECIMALS) for one in np.ravel(numbers["bandwidth_tbs"]).tolist()])
    return gbs if attribute == "bandwidth_gbs" else gbs + numbers["interconnect_gbs"]


class Variants(Generic[Record]):
    """Records that differ from a blank one in some fields: as ``dataclasses.replace`` makes them, in a fifth of the time."""

    def __init__(self, blank: Record) -> None:
        self._kind, self._plain = type(blank), {one.name: getattr(blank, one.name) for one in fields(blank)}

    def of(self, **values: object) -> Record:
        """The record with other values (by its fields, each known to it)."""
        one = object.__new__(self._kind)
        one.__dict__.update(self._plain, **values)
        return one
