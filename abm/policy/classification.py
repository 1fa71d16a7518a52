"""Which paragraph of US law a chip falls under on a day, for a destination: the answer that trade lawyers ask for.

Missing numbers are handled by asking the law about everything that the chip could be: what is the answer whatever
the missing number is, is the answer; otherwise the classification is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from abm.offers import Transaction
from abm.policy.completion import completions
from abm.policy.countries import group_of
from abm.policy.gate import Gate, strictness
from abm.policy.instrument import CN, EMPTY_RECORD, NOTIFY, UNDECIDED, US, Catch, Instrument
from abm.policy.licence import Licensing, under_review
from abm.policy.paragraphs import ChipTest, Threshold
from abm.scenario.catalogue import Chip

if TYPE_CHECKING:
    from abm.policy.policy import Policy

UNKNOWN = "unknown"
NOTICE = "NAC"
SOMEBODY = "an unlisted commercial buyer"
Answers = tuple[Catch | None, ...]
"""What could equally be called the strictest answer: catches of the same strictness, or None alone where free."""


@dataclass(frozen=True)
class CaughtBy:
    """An instrument that catches a chip before licences ease it; paragraph "?" where a missing number leaves it open."""

    instrument: str
    paragraph: str
    licence_policy: str


@dataclass(frozen=True)
class NearestThreshold:
    """The threshold that the chip is closest to, as a share of it, and the chip's number less the threshold."""

    name: str
    margin: float
    unit: str


@dataclass(frozen=True)
class Classification:
    """How US law treats a chip on a day, sold to an unlisted commercial buyer.

    ``paragraph`` is that of the strictest answer to an application, after easing by licences, None where the chip is
    free and "?" where a missing number leaves it open; ``exception`` is "NAC" where a notice is enough and no licence
    has to be applied for; ``licence_policy`` deny, case_by_case, approve, notify, None where free, "unknown"
    where open; ``instrument`` and ``cites`` where that is written; ``controlled_under`` the paragraph before easing;
    ``levy`` the share of the sale's value that is due, None where open; ``margins`` the chip's number less each
    threshold of the instruments in force and in scope, by "instrument.threshold", None where the number is unknown.
    """

    name: str
    paragraph: str | None
    licence_policy: str | None
    exception: str | None
    instrument: str | None
    cites: str | None
    controlled_under: str | None
    caught_by: tuple[CaughtBy, ...]
    levy: float | None
    nearest: NearestThreshold | None
    margins: dict[str, float | None]


@dataclass(frozen=True)
class _World:
    """What the law says of the chip that the missing numbers could make."""

    caught: Sequence[Catch]
    before: Answers
    after: Answers
    levy: float
    notice: bool


def classify(
    policy: Policy, chip: Chip, day: date, *, destination: str = CN, parent_country: str | None = None
) -> Classification:
    """The class of a chip under what a policy has in force on a day.

    Chips of Chinese and all other vendors are classified as if US rules reached them. ``parent_country`` is where the
    buyer's ultimate parent sits, the destination by default. Raises InputError for an unknown country.
    """
    parent = destination if parent_country is None else parent_country
    for country in (destination, parent):
        group_of(country)
    gate = Gate(US, () if destination == US else policy.in_force(day))
    sale = Transaction(chip, chip.vendor, SOMEBODY, destination, SOMEBODY, parent, "commercial", 1, day)
    thresholds = _thresholds(gate, destination, parent)
    worlds = [
        world for one in completions(chip, (threshold for _, threshold in thresholds))
        for world in _worlds(gate, replace(sale, chip=one))
    ]
    answer = _common([world.after for world in worlds])
    under = _common([world.before for world in worlds])
    levies = {world.levy for world in worlds}
    return Classification(
        name=chip.name, **_decided(answer), exception=NOTICE if all(world.notice for world in worlds) else None,
        controlled_under=_paragraph(under), caught_by=_caught_by(gate, worlds),
        levy=levies.pop() if len(levies) == 1 else None, nearest=_nearest(thresholds, chip),
        margins={f"{name}.{one.name}": one.margin(chip) for name, one in thresholds})


def _thresholds(gate: Gate, destination: str, parent: str) -> list[tuple[str, Threshold]]:
    """The thresholds of every instrument in scope, in the order of publication, each with the instrument's name."""
    concerned: list[Instrument] = [
        one for one in (*gate.restrictions, *gate.levies)
        if hasattr(one, "concerns") and one.concerns(destination, parent)]
    names = {one.name for one in concerned}
    concerned += [one for one in gate.licences if not names.isdisjoint(one.eases) and one.reaches(destination, parent)]
    tests = ((one, getattr(one, "test", None)) for one in sorted(concerned, key=lambda one: (one.market_day, one.name)))
    return [(one.name, limit) for one, test in tests if isinstance(test, ChipTest) for limit in test.thresholds()]


def relative_margins(policy: Policy, chip: Chip, day: date, destination: str = CN) -> list[tuple[str, float]]:
    """The chip's distance to each threshold in force and in scope, as a share of it: below zero where it stays under.

    By "instrument.threshold"; thresholds on numbers that are unknown are left out.
    """
    found = _thresholds(Gate(US, policy.in_force(day)), destination, destination)
    margins = ((f"{name}.{one.name}", one.margin(chip), one.value) for name, one in found)
    return [(name, margin / value) for name, margin, value in margins if margin is not None and value]


def _worlds(gate: Gate, sale: Transaction) -> Iterable[_World]:
    """What the law says of a completed chip; twice where a test of the user's own is still undecided."""
    caught = [found for one in gate.restrictions if (found := one.catch(sale, EMPTY_RECORD))]
    decided = [one for one in caught if one.paragraph != UNDECIDED]
    for possible in [caught] if len(decided) == len(caught) else [caught, decided]:
        about = (sale, EMPTY_RECORD)
        ruled = _strictest(under_review(gate.licences, possible, about))[0]
        after = _strictest(under_review(gate.licences, possible, about, notices=True))
        notice = ruled is not None and ruled.licence == NOTIFY
        open_ = _is_open(gate.licences, possible, sale)
        yield _World(possible, _strictest(possible), () if open_ else after, gate.levy_on(sale, ruled), notice)


def _is_open(licences: Iterable[Licensing], caught: Iterable[Catch], sale: Transaction) -> bool:
    """Whether a licence that could ease what catches the chip does not say if it does."""
    names = {one.instrument.name for one in caught}
    concerned = (
        one for one in licences
        if not names.isdisjoint(one.eases) and one.reaches(sale.destination, sale.parent_country))
    return any(one.test(sale.chip) == UNDECIDED for one in concerned)


def _strictest(caught: Sequence[Catch]) -> Answers:
    if not caught:
        return (None,)
    most = max(strictness(one) for one in caught)
    return tuple(one for one in caught if strictness(one) == most)


def _common(answers: Sequence[Answers]) -> Catch | str | None:
    """The first answer that is among the strictest whatever the missing numbers are, UNDECIDED if there is none."""
    for one in answers[0]:
        if all(_key(one) in map(_key, others) for others in answers):
            return one if _paragraph(one) != UNDECIDED else UNDECIDED
    return UNDECIDED


def _key(answer: Catch | None) -> tuple[str, str] | None:
    return None if answer is None else (answer.paragraph, answer.licence)


def _paragraph(answer: Catch | str | None) -> str | None:
    return answer.paragraph if isinstance(answer, Catch) else answer


def _decided(answer: Catch | str | None) -> dict[str, str | None]:
    if isinstance(answer, Catch):
        return {
            "paragraph": answer.paragraph, "licence_policy": answer.licence, "instrument": answer.instrument.name,
            "cites": answer.instrument.cites}
    policy = None if answer is None else UNKNOWN
    return {"paragraph": answer, "licence_policy": policy, "instrument": None, "cites": None}


def _caught_by(gate: Gate, worlds: Sequence[_World]) -> tuple[CaughtBy, ...]:
    found = []
    for one in gate.restrictions:
        catches = [next((catch for catch in world.caught if catch.instrument is one), None) for world in worlds]
        keys = {_key(catch) for catch in catches}
        if keys == {None}:
            continue
        open_ = len(keys) > 1 or catches[0].paragraph == UNDECIDED
        found.append(CaughtBy(one.name, UNDECIDED, UNKNOWN) if open_ else CaughtBy(one.name, *_key(catches[0])))
    return tuple(found)


def _nearest(thresholds: Iterable[tuple[str, Threshold]], chip: Chip) -> NearestThreshold | None:
    known = [(f"{name}.{one.name}", one, one.margin(chip)) for name, one in thresholds]
    known = [(name, one, margin) for name, one, margin in known if margin is not None]
    if not known:
        return None
    name, one, margin = min(known, key=lambda entry: (abs(entry[2]) / (entry[1].value or 1.0), entry[0]))
    return NearestThreshold(name, margin, one.unit)
