"""Whom customs inspect: a few officers rank what leaves by suspicion, and an inspection may still miss (section 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from abm.elementary import exp, log
from abm.rules.routes import exposure
from abm.scenario.conduct import Conduct
from abm.scenario.diversion import Diversion
from abm.units import WEEKS_PER_YEAR, Chips, Fraction

FORGOTTEN = 0.01  # inspections: a record of less weighs nothing, and is dropped so that files do not grow


@dataclass(frozen=True)
class Shipment:
    """What officers see of a shipment: who sends it (a permanent name), how many chips, whether the firm is young.

    ``impression`` and ``lot`` are luck, two uniform draws: what else officers see, and a place in random inspections.
    ``firm`` is the name in which it is sent, ``standing`` the weight of that firm's record, 1 for one without any.
    """

    sender: str
    units: Chips
    young: bool
    impression: Fraction
    lot: Fraction
    firm: str = ""
    standing: float = 1.0

    def weighed(self, standing: float) -> Shipment:
        """The shipment with another standing of its firm."""
        return Shipment(self.sender, self.units, self.young, self.impression, self.lot, self.firm, standing)


def weekly_inspections(effort: float, offices: int, diversion: Diversion) -> float:
    """Inspections a week of one of a number of offices that share the officers, on average."""
    return effort * diversion.officers * diversion.officer_inspections / WEEKS_PER_YEAR / max(offices, 1)


def suspicion(units: Chips, young: bool, conduct: Conduct, diversion: Diversion) -> float:
    """Weight of a shipment in officers' eyes: its size to the power of detection, more for a young firm."""
    return exposure(units, conduct) * (exp(diversion.young_suspicion) if young else 1.0)


def score(shipment: Shipment, conduct: Conduct, diversion: Diversion) -> float:
    """Log suspicion of a shipment with officers' impression of it, a Gumbel draw.

    The highest scores are then inspected in proportion to suspicion without replacement (Gumbel, 1954; Yellott 1977,
    10.1016/0022-2496(77)90026-8), the more exactly to size and age the smaller the noise.
    """
    noise = -log(-log(shipment.impression)) * diversion.suspicion_noise
    return log(suspicion(shipment.units, shipment.young, conduct, diversion) * shipment.standing) + noise


def choose_inspections(
    shipments: Sequence[Shipment], inspections: int, conduct: Conduct, diversion: Diversion, *, luck: Fraction
) -> set[str]:
    """Senders of the shipments inspected: some at random, otherwise the highest scores; ties by permanent name.

    ``luck``, a uniform draw, rounds the number at random so that its mean is the declared share of all inspections.
    """
    at_random = sorted(shipments, key=lambda one: (one.lot, one.sender))
    drawn = at_random[: int(inspections * diversion.random_inspections + luck)]
    chosen = {one.sender for one in drawn}
    by_rank = inspections - len(drawn)
    if by_rank <= 0:  # the scores would decide nothing
        return chosen
    ranked = sorted(shipments, key=lambda one: (-score(one, conduct, diversion), one.sender))
    others = [one.sender for one in ranked if one.sender not in chosen]
    return chosen | set(others[:by_rank])


def found_probability(inspected: bool, effort: float, conduct: Conduct, diversion: Diversion) -> Fraction:
    """Chance that a diverted lot is found: by a tip, or by an inspection that does not miss; nothing without effort."""
    if effort <= 0:
        return 0.0
    missed = diversion.inspection_misses if inspected else 1.0
    return 1.0 - (1.0 - conduct.detection_floor) * missed


@dataclass(frozen=True)
class FirmRecord:
    """What an office remembers of a firm: inspections that found nothing."""

    clean: float = 0.0

    def after(self, found: bool) -> FirmRecord:
        """The record after one more inspection, or a tip; with what was found, the firm of that name is gone."""
        return FirmRecord() if found else FirmRecord(self.clean + 1.0)

    def faded(self, memory: Fraction) -> FirmRecord:
        """The record a week later."""
        return FirmRecord(self.clean * memory)

    @property
    def is_forgotten(self) -> bool:
        """Whether less is left of it than a hundredth of an inspection."""
        return self.clean < FORGOTTEN


def standing(record: FirmRecord, diversion: Diversion) -> float:
    """Weight of a firm's record in officers' eyes: 1 for a firm without any, less after clean inspections.

    The mean of a beta belief about the firm, over that about an unknown one whose belief weighs ``record_weight``
    inspections: officers go where they expect to find most. A firm with a hit is named and ships no more, so that hits
    need not be kept. Always 1 where records are off.
    """
    if not diversion.records:
        return 1.0
    return diversion.record_weight / (diversion.record_weight + record.clean)
