"""A policy: the bundle of instruments that one arm of an experiment lives under, and the arms that ship."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cached_property
from math import fsum, prod

from abm.errors import InputError, unknown
from abm.offers import Transaction
from abm.policy.classification import classify
from abm.policy.enforcement import Enforcement
from abm.policy.export_control import ComponentControl
from abm.policy.gate import Gate
from abm.policy.instrument import CN, GOVERNMENTS, Instrument, LicenceRecord, Ruling
from abm.policy.licence import Licensing
from abm.policy.reaction import Reaction
from abm.policy.subsidy import Subsidy
from abm.policy.verification import LocationVerification
from abm.scenario.catalogue import Chip
from abm.scenario.declare import Declared, Section


@dataclass(frozen=True)
class Policy:
    """A frozen bundle of instruments, kept in the order in which they became public, and of governments that react.

    Raises InputError if two instruments share a name, one answers or gives way to an instrument that is absent, or a
    government has two reactions.
    """

    name: str
    description: str
    instruments: tuple[Instrument, ...]
    reactions: tuple[Reaction, ...] = ()

    def __post_init__(self) -> None:
        ordered = sorted(self.instruments, key=lambda one: (one.market_day, one.name))
        object.__setattr__(self, "instruments", tuple(ordered))
        names = [one.name for one in ordered]
        for one in ordered:
            if names.count(one.name) > 1:
                raise InputError(f'policy {self.name} has the instrument "{one.name}" twice')
            for other in (one.responds_to, one.superseded_by):
                if other is not None and other not in names:
                    raise unknown(f"instrument, to which {one.name} of policy {self.name} refers,", other, names)
        self._order_reactions()

    def _order_reactions(self) -> None:
        governments = [one.government for one in self.reactions]
        for one in governments:
            if governments.count(one) > 1:
                raise InputError(f'policy {self.name} has two reactions of government "{one}"')
        object.__setattr__(self, "reactions", tuple(sorted(self.reactions, key=lambda one: one.government)))

    def __getstate__(self) -> dict[str, object]:
        """What travels between processes: the policy, and nothing of what it has been asked."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def in_force(self, today: date) -> tuple[Instrument, ...]:
        """The instruments that bind on a day."""
        return self._spells[self._spell(today)]

    def newly_public(self, market_day: date, previous_market_day: date) -> tuple[Instrument, ...]:
        """The instruments to which markets can react on a trading day and could not on the one before."""
        days = self._market_days  # in which order instruments stand
        return self.instruments[bisect_right(days, previous_market_day) : bisect_right(days, market_day)]

    def review(self, transaction: Transaction, record: LicenceRecord, government: str) -> Ruling:
        """What a government ("US" the seller's, "CN" the buyer's) answers about a transaction on its date.

        Reads the record and changes nothing. Raises InputError for an unknown government or country.
        """
        return self.gate(government, transaction.date).review(transaction, record)

    def gate(self, government: str, today: date) -> Gate:
        """All that a government has in force on a day, ready to be asked; one and the same while nothing of it changes.

        Raises InputError for an unknown government.
        """
        gates = self._gates.get(government)
        if gates is None:
            raise unknown("government", government, GOVERNMENTS)
        return gates[bisect_right(self._changes, today)]

    def classify(self, chip: Chip, today: date, destination: str = CN) -> str | None:
        """The paragraph of the strictest US chip control that catches a sale of the chip to a destination.

        None where it is free, "?" where an unpublished number leaves that open. Chinese chips are classified as if
        the rules reached them; licences do not change the class. ``abm.policy.classification`` says more.
        """
        return classify(self, chip, today, destination=destination).controlled_under

    def enforcement_effort(self, today: date) -> float:
        """The factor on enforcement effort, 1 where nothing in force changes it."""
        return prod(one.effort for one in self.in_force(today) if isinstance(one, Enforcement))

    def controls_component(self, component: str, today: date, country: str = CN) -> bool:
        """Whether a component of chips ("hbm", "foundry_tools") may not be sold to a country."""
        controls = (one for one in self.in_force(today) if isinstance(one, ComponentControl))
        return any(one.controls(component, country) for one in controls)

    def power_rebate(self, today: date, country: str) -> float:
        """The share of the power bill of a country's own chips that its government pays, at most all of it."""
        return min(fsum(one.power_rebate for one in self._subsidies(today, country)), 1.0)

    def capacity_growth(self, today: date, country: str) -> float:
        """The log growth a year of a country's own advanced wafers that its subsidies add."""
        return fsum(one.capacity_growth for one in self._subsidies(today, country))

    def _subsidies(self, today: date, country: str) -> tuple[Subsidy, ...]:
        mine = (one for one in self.in_force(today) if isinstance(one, Subsidy))
        return tuple(one for one in mine if one.government == country)

    def location_verification(self, chip: Chip, today: date) -> LocationVerification | None:
        """What makes chips of a kind report where they are, the latest where several do; None where nothing does."""
        found = (one for one in self._verifications[self._spell(today)] if one.covers(chip))
        return max(found, key=lambda one: (one.binds_from, one.name), default=None)

    def instrument(self, name: str) -> Instrument:
        """The instrument of that name. Raises InputError with the nearest name if there is none."""
        found = {one.name: one for one in self.instruments}
        if name not in found:
            raise unknown(f"instrument of policy {self.name}", name, found)
        return found[name]

    def without(self, name: str) -> Policy:
        """The policy without an instrument and without all that answers it; what it had ended goes on.

        Raises InputError with the nearest name if the policy has no such instrument.
        """
        self.instrument(name)
        kept = remaining(self.instruments, {name})
        return Policy(f"{self.name}_without_{name}", f"{self.description}; without {name}", kept, self.reactions)

    def amended(self, name: str, *instruments: Instrument) -> Policy:
        """The policy under a new name with instruments added, or put in the place of those of the same name."""
        return replace(self.with_published(*instruments), name=name, description=f"{self.description}; amended")

    def with_published(self, *instruments: Instrument) -> Policy:
        """The policy grown by what a government publishes; an instrument of the same name takes the other's place.

        Raises InputError as a new policy does.
        """
        replaced = {one.name for one in instruments}
        kept = (one for one in self.instruments if one.name not in replaced)
        return replace(self, instruments=(*kept, *instruments))

    def as_data(self) -> dict[str, object]:
        """All that determines the policy as plain JSON values, the same for equal policies."""
        return {
            "name": self.name,
            "description": self.description,
            "instruments": [plain(one) for one in self.instruments],
            "reactions": [plain(one) for one in self.reactions],
        }

    def table(self) -> tuple[dict[str, str], ...]:
        """One dated, cited row for each instrument, in the order of publication, then one for each reaction."""
        return (*(_row(one) for one in self.instruments), *(_row_of_reaction(one) for one in self.reactions))

    def parameters(self) -> tuple[Declared, ...]:
        """Every declared number of the policy's instruments, their tests and their quotas, and of its reactions."""
        parts = (*self.instruments, *self.reactions)
        return tuple(number for one in parts for number in _numbers(one, f"policy.{one.name}"))

    @cached_property
    def _market_days(self) -> tuple[date, ...]:
        return tuple(one.market_day for one in self.instruments)

    @cached_property
    def _changes(self) -> tuple[date, ...]:
        starts = {one.binds_from for one in self.instruments}
        ends = {one.ends for one in self.instruments if one.ends is not None}
        return tuple(sorted(starts | ends))

    @cached_property
    def _spells(self) -> tuple[tuple[Instrument, ...], ...]:
        bound = (tuple(one for one in self.instruments if one.in_force(day)) for day in self._changes)
        return ((), *bound)

    @cached_property
    def _gates(self) -> dict[str, tuple[Gate, ...]]:
        return {government: self._gates_of(government) for government in GOVERNMENTS}

    def _gates_of(self, government: str) -> tuple[Gate, ...]:
        """The gate of each spell; spells in which nothing of the government's differs share one."""
        own = [tuple(one for one in spell if one.government == government) for spell in self._spells]
        names = [tuple(one.name for one in mine) for mine in own]
        gates = {name: Gate(government, mine) for name, mine in zip(names, own, strict=True)}
        return tuple(gates[name] for name in names)

    @cached_property
    def _verifications(self) -> tuple[tuple[LocationVerification, ...], ...]:
        return tuple(tuple(one for one in spell if isinstance(one, LocationVerification)) for spell in self._spells)

    def _spell(self, today: date) -> int:
        return bisect_right(self._changes, today)


def remaining(instruments: Iterable[Instrument], dropped: set[str]) -> tuple[Instrument, ...]:
    """The instruments without the named ones, those that answer them, and licences that ease only dropped ones.

    Instruments that a dropped one had superseded no longer end.
    """
    kept, falling, dropped = tuple(instruments), set(dropped), set()
    while falling:
        dropped |= falling
        kept = tuple(one for one in kept if one.name not in dropped)
        present = {one.name for one in kept}
        falling = {one.name for one in kept if not _is_grounded(one, present)}
    return tuple(replace(one, ends=None, superseded_by=None) if one.superseded_by in dropped else one for one in kept)


def _is_grounded(one: Instrument, present: set[str]) -> bool:
    """Whether what the instrument answers exists, and for a licence something that it could ease."""
    if one.responds_to is not None and one.responds_to not in present:
        return False
    return not isinstance(one, Licensing) or any(name in present for name in one.eases)


def plain(value: object) -> object:
    """A frozen value as plain JSON data: dataclasses by type and field, dates as ISO strings."""
    if is_dataclass(value):
        content = {one.name: plain(getattr(value, one.name)) for one in fields(value)}
        return {"kind": type(value).__name__, **content}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else _described(value)


def _described(value: object) -> object:
    """A function, which a user may write in place of a test, stands for itself by its full name."""
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return value


def _row(one: Instrument) -> dict[str, str]:
    return {
        "public": f"{one.public}{' after close' if one.after_close else ''}",
        "binds from": str(one.binds_from) if one.ends is None or one.binds_from < one.ends else "never",
        "ends": str(one.ends or ""),
        "government": one.government,
        "kind": one.kind,
        "name": one.name,
        "title": one.title,
        "responds to": one.responds_to or "",
        "cites": one.cites,
    }


def _row_of_reaction(one: Reaction) -> dict[str, str]:
    return {
        "public": str(one.since), "binds from": str(one.since), "ends": "", "government": one.government,
        "kind": type(one).__name__, "name": one.name, "title": one.title, "responds to": "", "cites": "endogenous",
    }


def _numbers(value: object, path: str) -> Iterator[Declared]:
    if isinstance(value, Section):
        yield from value.declared(path)
        for one in fields(value):
            yield from _numbers(getattr(value, one.name), f"{path}.{one.name}")
    elif isinstance(value, tuple):
        for place, one in enumerate(value):
            yield from _numbers(one, f"{path}.{place}")
