"""What both governments answer a buyer as long as their rules stand, worked out from what each gate settles."""

from __future__ import annotations

from dataclasses import dataclass

from abm.policy.gate import Case
from abm.policy.instrument import LICENSED, Ruling


@dataclass(frozen=True, slots=True)
class Standing:
    """Answers of both governments that hold for every quantity, day and record while their rules stand.

    ``uncovered`` to a buyer without licences; ``covered`` to one whose licences cover the sale (None: no matter).
    """

    uncovered: tuple[Ruling, Ruling]
    covered: tuple[Ruling | None, Ruling | None]
    is_final: bool
    frees: bool
    denies: bool


def settled(*cases: Case) -> Standing | None:
    """What the cases of both governments settle between them, if each settles its own."""
    uncovered = tuple(case.ruling for case in cases)
    if None in uncovered:
        return None
    covered = tuple(case.licensed for case in cases)
    if any(ruling.free_units is not None for ruling in uncovered):
        return None
    return Standing(
        uncovered, covered, is_final=covered == (None, None), frees=all(map(needs_nothing, uncovered)),
        denies=any(not ruling.permitted and ruling.licence not in LICENSED for ruling in uncovered))


def needs_nothing(ruling: Ruling) -> bool:
    """Whether a government lets any number of chips through without asking."""
    return ruling.licence is None and ruling.free_units is None
