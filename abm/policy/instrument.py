"""An instrument of policy: frozen, dated, cited data that answers questions about a transaction and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple, Protocol

from abm.calendar import market_day
from abm.errors import InputError
from abm.scenario.declare import Declared, Section

US = "US"
CN = "CN"
GOVERNMENTS = (US, CN)

DENY = "deny"
CASE_BY_CASE = "case_by_case"
APPROVE = "approve"
NOTIFY = "notify"
SEVERITY = {None: 0, NOTIFY: 1, APPROVE: 2, CASE_BY_CASE: 3, DENY: 4}
LICENSED = (NOTIFY, APPROVE, CASE_BY_CASE)
"""Policies under which a sale waits for the office: for its answer, or for a notice to ripen."""

UNDECIDED = "?"
"""The paragraph of a chip whose missing die area, bandwidth or interconnect leaves the classification open."""


@dataclass(frozen=True)
class Ruling:
    """What one government answers about one transaction, and the paragraph and instrument that made it answer so.

    ``licence`` is the licence policy (deny, case_by_case, approve, notify) or None where none is needed. ``permitted``
    says whether the goods may leave today: where a licence or a notice is needed, only units already licensed to the
    buyer may. Under case_by_case and approve the buyer applies, and the office answers after ``delay_days`` and its
    queue, with ``approval_probability``; under notify the buyer files a notice, which ripens after ``delay_days``.
    ``quota_left`` counts chips that may still be licensed (None without a quota); ``free_units`` those that the buyer
    may have without a licence because they are few (None where quantity does not matter); ``levy`` is a share of the
    sale's value; ``reason`` is a sentence.
    """

    permitted: bool
    licence: str | None
    approval_probability: float
    delay_days: int
    quota_left: int | None
    levy: float
    paragraph: str | None
    instrument: str | None
    gate: str
    reason: str
    free_units: int | None = None

    @property
    def restricts(self) -> bool:
        """Whether the buyer may be refused: denied, or decided case by case and not yet licensed.

        A notice and a presumption of approval take time and refuse nobody.
        """
        return not self.permitted and self.licence in (CASE_BY_CASE, DENY)

    @property
    def expectation(self) -> float:
        """Chance that the goods may leave in the end: 1 where they may today, else that of a grant (0 if denied)."""
        return 1.0 if self.permitted else self.approval_probability


class Catch(NamedTuple):
    """A restriction that applies to a transaction: by which paragraph, under which licence policy.

    ``free_units`` chips need no licence because they are few (None where quantity does not matter).
    """

    instrument: Instrument
    paragraph: str
    licence: str
    approval_probability: float
    delay_days: int
    quota_left: int | None = None
    free_units: int | None = None


class LicenceRecord(Protocol):
    """What a regulator has already granted, as its instruments may read it."""

    def licensed(self, chip: str, buyer: str) -> int:
        """Chips of this kind still open on licences granted to the buyer."""

    def approved_units(self, instrument: str, chip: str, buyer: str | None = None) -> int:
        """Chips approved so far under an instrument, to all buyers or to one of them."""

    def sold_in_home_market(self, chip: str) -> int:
        """Chips of this kind that the vendor has sold in the regulator's own country."""

    def approved_processing(self, instrument: str, country: str) -> float:
        """Total processing performance (TPP) licensed under an instrument to all buyers of a country."""

    def free_processing(self, instrument: str, buyer: str, year: int) -> float:
        """TPP delivered to a buyer in a calendar year without a licence, because an instrument frees small orders."""


@dataclass(frozen=True)
class LicenceSnapshot:
    """A licence record frozen at one moment; empty by default.

    ``open_units`` is keyed by (chip, buyer), ``approved`` by (instrument, chip, buyer), ``home_sales`` by chip,
    ``processing`` by (instrument, country), ``small`` by (instrument, buyer, calendar year).
    """

    open_units: Mapping[tuple[str, str], int] = field(default_factory=dict)
    approved: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    home_sales: Mapping[str, int] = field(default_factory=dict)
    processing: Mapping[tuple[str, str], float] = field(default_factory=dict)
    small: Mapping[tuple[str, str, int], float] = field(default_factory=dict)

    def licensed(self, chip: str, buyer: str) -> int:
        """Chips still open on the buyer's licences."""
        return self.open_units.get((chip, buyer), 0)

    def approved_units(self, instrument: str, chip: str, buyer: str | None = None) -> int:
        """Chips approved under an instrument, to all buyers or to one."""
        return sum(
            units
            for (under, kind, to), units in self.approved.items()
            if under == instrument and kind == chip and buyer in (None, to)
        )  # integers

    def sold_in_home_market(self, chip: str) -> int:
        """Chips sold in the regulator's own country."""
        return self.home_sales.get(chip, 0)

    def approved_processing(self, instrument: str, country: str) -> float:
        """TPP licensed under an instrument to all buyers of a country."""
        return self.processing.get((instrument, country), 0.0)

    def free_processing(self, instrument: str, buyer: str, year: int) -> float:
        """TPP delivered to a buyer in a year without a licence."""
        return self.small.get((instrument, buyer, year), 0.0)


EMPTY_RECORD = LicenceSnapshot()


@dataclass(frozen=True, kw_only=True)
class Instrument(Section):
    """A dated, cited act of a government. Kinds of instruments add the questions that they answer.

    ``public`` is the calendar day of publication (``after_close``: after the market has closed); ``effective`` the day
    from which it is law, which may lie before publication for letters sent in private; ``ends`` the first day on which
    it is no longer in force. ``responds_to`` names the instrument without which this one would not exist;
    ``superseded_by`` the one whose coming ends it.
    Raises InputError for a government that does not exist or dates that contradict each other.
    """

    name: str
    title: str
    government: str
    public: date
    effective: date
    cites: str
    after_close: bool = False
    ends: date | None = None
    responds_to: str | None = None
    superseded_by: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.government not in GOVERNMENTS:
            raise InputError(f'{self.name}: government = "{self.government}" is not one of {", ".join(GOVERNMENTS)}')
        if self.ends is not None and self.ends <= self.public:
            raise InputError(f"{self.name}: ends = {self.ends} is not after it was public on {self.public}")

    @cached_property
    def market_day(self) -> date:
        """The first trading day on which anybody can react to the publication."""
        return market_day(self.public, after_close=self.after_close)

    @cached_property
    def binds_from(self) -> date:
        """The first day in force: law, and public. What only its addressee knows binds nobody in the model."""
        return max(self.effective, self.market_day)

    def in_force(self, today: date) -> bool:
        """Whether the instrument binds on a day."""
        return self.binds_from <= today and (self.ends is None or today < self.ends)

    @property
    def unused_numbers(self) -> tuple[str, ...]:
        """Declared numbers that cannot matter for this instrument, because it never asks for them."""
        return ()

    def declared(self, prefix: str) -> tuple[Declared, ...]:
        """The numbers of this instrument that can matter, their paths starting with the prefix."""
        unused = {f"{prefix}.{name}" for name in self.unused_numbers}
        return tuple(one for one in super().declared(prefix) if one.path not in unused)

    @property
    def kind(self) -> str:
        """The kind of instrument, as tables print it."""
        return type(self).__name__


@dataclass(frozen=True, kw_only=True)
class Notice(Instrument):
    """A public act that permits and forbids nothing by itself: an inquiry, a summons, a rescission. It is news."""


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """A name reduced to its letters and digits, so that "Moore Threads" and "moore_threads" are one party."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())
