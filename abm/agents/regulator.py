"""Regulators: offices that publish, keep records, work off applications and inspect lots. One class, every government."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.monthly_chronicle import called
from abm.offers import Transaction
from abm.policy.instrument import CASE_BY_CASE, NOTIFY, Ruling
from abm.rules.customs import FirmRecord, Shipment, choose_inspections, found_probability, standing, weekly_inspections
from abm.rules.regulator import (
    application_work,
    arrears,
    calendar_days,
    granted_units,
    is_granted,
    is_ripe,
    work_done,
)
from abm.scenario.actors import Actor
from abm.scenario.offices import Desk
from abm.units import DAYS_PER_YEAR, MONTHS_PER_YEAR, TRADING_DAYS_PER_YEAR

if TYPE_CHECKING:
    from abm.model import Model


COUNTS = {"US": ("applied_units", "licensed_units"), "CN": ("submitted_units", "approved_units")}
"""Running totals of units asked for and granted, by the office's country; those of other destinations are kept apart."""


@dataclass(frozen=True)
class Application:
    """A buyer's request to be allowed a number of chips, or its notice (by ``licence``), filed on a trading day."""

    chip: str
    buyer: str
    quantity: int
    day: int
    instrument: str
    licence: str = CASE_BY_CASE


class Regulator(NamedAgent):
    """A government's office: a queue of applications, and a record of grants that instruments read.

    ``queue`` is (day, work that had joined by then, work done), in ordinary applications, from the first application
    of the run on; ``places`` the position at which the applications of a day joined; ``answers`` counts how they ended.
    """

    REMEMBERS: ClassVar = (
        "pending", "places", "queue", "answers", "waits", "open_licences", "granted", "processing", "small", "home_sales",
        "detected_lots", "inspections", "refused_until", "files")

    def __init__(self, model: Model, actor: Actor) -> None:
        super().__init__(model, actor.id)
        self.actor = actor
        self.pending: dict[tuple[str, str], tuple[int, int, str, str]] = {}
        self.places: dict[int, float] = {}
        self.queue: tuple[int, float, float] | None = None
        self.answers = dict.fromkeys(("filed", "granted", "refused", "returned"), 0)
        self.waits: dict[tuple[int, int], tuple[int, float]] = {}
        self.open_licences: dict[tuple[str, str], int] = {}
        self.granted: dict[tuple[str, str, str], int] = {}
        self._counted_in: dict | None = None
        self._approved: dict[tuple[str, str], int] = {}
        self.processing: dict[tuple[str, str], float] = {}
        self.small: dict[tuple[str, str, int], float] = {}
        self.home_sales: dict[str, int] = {}
        self.detected_lots = 0
        self.inspections = 0
        self.refused_until: dict[tuple[str, str], int] = {}
        self.files: dict[str, float] = {}

    # record -----------------------------------------------------------------------------------------------

    def licensed(self, chip: str, buyer: str) -> int:
        """Chips of a kind still open on licences granted to a buyer."""
        return self.open_licences.get((chip, buyer), 0)

    def approved_units(self, instrument: str, chip: str, buyer: str | None = None) -> int:
        """Chips approved so far under an instrument, to all buyers or to one of them."""
        if buyer is not None:
            return self.granted.get((instrument, chip, buyer), 0)
        if self._counted_in is not self.granted:
            self._counted_in, self._approved = self.granted, {}
            for (under, kind, _), units in self.granted.items():
                self._approved[under, kind] = self._approved.get((under, kind), 0) + units
        return self._approved.get((instrument, chip), 0)

    def sold_in_home_market(self, chip: str) -> int:
        """Chips of a kind sold in the office's own country."""
        return self.home_sales.get(chip, 0)

    def approved_processing(self, instrument: str, country: str) -> float:
        """TPP licensed under an instrument to all buyers of a country."""
        return self.processing.get((instrument, country), 0.0)

    def free_processing(self, instrument: str, buyer: str, year: int) -> float:
        """TPP delivered to a buyer in a calendar year without a licence, as small orders."""
        return self.small.get((instrument, buyer, year), 0.0)

    # queue ------------------------------------------------------------------------------------------------

    def receive(self, application: Application) -> None:
        """File an application; a buyer has one at a time for a chip, and a later one does not jump the queue.

        What is filed on one day joins together, so that nobody's name decides who comes first.
        """
        key, day = (application.chip, application.buyer), application.day
        if key in self.pending:
            return
        work = application_work(application.licence, self._desk.chip_work)
        joined, done = self._work_off(day)
        self.queue = (day, joined + work, done)
        self.places[day] = joined + work
        self.pending[key] = (application.quantity, day, application.instrument, application.licence)
        self.answers["filed"] += 1
        self._count(0, application.buyer, application.quantity)

    @property
    def _desk(self) -> Desk:
        return self.model.world.offices.desk(self.actor.country)

    def _work_off(self, today: int) -> tuple[float, float]:
        """Work that has joined the queue by today, and work done; before the first application of the run, the arrears."""
        desk = self._desk
        if self.queue is None:
            return arrears(desk.load, desk.capacity, calendar_days(max(today, 0))), 0.0
        since, joined, done = self.queue
        days = calendar_days(today - since)
        joined += desk.load * days / DAYS_PER_YEAR
        return joined, work_done(done, joined, desk.capacity, days)

    def decide(self, model: Model) -> None:
        """Answer every application that has waited its delay and that the office has got to, within each quota.

        Notices ripen without the office. What has come to need no licence is returned without action.
        """
        if not self.pending:
            return
        self.queue = (model.day, *self._work_off(model.day))
        for (chip, buyer), (quantity, filed, _, _) in sorted(self.pending.items(), key=self._turn):
            transaction = model.gates.transaction(chip, buyer=buyer, quantity=quantity)
            ruling = model.gates.review(transaction, self.name)
            if ruling.licence is None:
                self._close(chip, buyer, "returned")
            elif is_ripe(filed, model.day, ruling.delay_days) and (ruling.licence == NOTIFY or self._has_reached(filed)):
                self._answer(model, transaction, ruling)
        waiting = {filed for _, filed, _, _ in self.pending.values()}
        self.places = {day: place for day, place in self.places.items() if day in waiting}

    def _turn(self, item: tuple[tuple[str, str], tuple[int, int, str, str]]) -> tuple[int, float, tuple[str, str]]:
        """When an application is taken up: by the day of filing, and by lot among those of a day; a quota may run out."""
        (chip, buyer), (_, filed, _, _) = item
        lot = self.model.chance.uniform(f"turn at {self.name}", f"{buyer}/{chip}", filed)
        return filed, lot, (chip, buyer)

    def _has_reached(self, filed: int) -> bool:
        return self.queue[2] >= self.places[filed]

    def _close(self, chip: str, buyer: str, outcome: str) -> int:
        """Take an application off the queue; gives the calendar days that it waited."""
        _, filed, _, _ = self.pending.pop((chip, buyer))
        self.answers[outcome] += 1
        return int(calendar_days(self.model.day - filed))

    def _answer(self, model: Model, transaction: Transaction, ruling: Ruling) -> None:
        """Grant or refuse; the luck is that of the day of filing, so that a slower office decides alike, only later."""
        chip, buyer = transaction.chip.name, transaction.buyer
        draw = model.chance.uniform(f"licence of {self.name}", f"{buyer}/{chip}", self.pending[chip, buyer][1])
        units = granted_units(transaction.quantity, ruling.quota_left)
        granted = units > 0 and is_granted(draw, ruling.approval_probability)
        waited = self._close(chip, buyer, "granted" if granted else "refused")
        month = (model.today.year, model.today.month)
        number, days = self.waits.get(month, (0, 0.0))
        self.waits[month] = (number + 1, days + waited)
        if granted:
            self._grant(transaction, ruling, units)
            kind = "notice ripened" if ruling.licence == NOTIFY else "licence granted"
            does = "let ripen the notice of" if ruling.licence == NOTIFY else "granted a licence to"
            model.tell(self.name, kind, f"{self.actor.name} {does} {called(model, buyer)} for {units:,} {chip} after {waited} "
                       f"days ({ruling.instrument})")
            return
        wait = model.world.conduct.reapply_months * TRADING_DAYS_PER_YEAR / MONTHS_PER_YEAR
        self.refused_until[chip, buyer] = model.day + round(wait)
        model.gates.count_refusal(ruling)
        why = f"{ruling.paragraph} ({ruling.instrument})"
        model.tell(self.name, "licence refused", f"{self.actor.name} refused {called(model, buyer)} a licence for {chip} after "
                   f"{waited} days: {why}")

    def _grant(self, transaction: Transaction, ruling: Ruling, units: int) -> None:
        chip, buyer, instrument = transaction.chip.name, transaction.buyer, ruling.instrument or ""
        self.open_licences[chip, buyer] = self.licensed(chip, buyer) + units
        self.granted[instrument, chip, buyer] = self.granted.get((instrument, chip, buyer), 0) + units
        self._counted_in = None
        where = (instrument, transaction.destination)
        self.processing[where] = self.processing.get(where, 0.0) + units * transaction.chip.tpp
        self.model.gates.forget_answers()
        self._count(1, buyer, units)

    def _count(self, which: int, buyer: str, units: int) -> None:
        what = COUNTS[self.actor.country][which]
        self.model.count(what if self.model.is_chinese(buyer) else f"{what} elsewhere", units)

    def is_waiting(self, chip: str, buyer: str) -> bool:
        """Whether a buyer has applied, or was refused so lately that it does not apply again."""
        return (chip, buyer) in self.pending or self.has_refused(chip, buyer)

    def has_refused(self, chip: str, buyer: str) -> bool:
        """Whether a buyer was refused so lately that it does not apply again."""
        return self.model.day < self.refused_until.get((chip, buyer), self.model.day)

    def strike(self, buyer: str) -> None:
        """Return the applications of a buyer that is no more, and void its licences."""
        for chip, applicant in sorted(self.pending):
            if applicant == buyer:
                self._close(chip, buyer, "returned")
        self.open_licences = {key: units for key, units in self.open_licences.items() if key[1] != buyer}

    # deliveries and inspections ---------------------------------------------------------------------------

    def note_small(self, instrument: str, buyer: str, processing: float) -> None:
        """Count what was delivered without a licence against a buyer's allowance of the year, in TPP."""
        key = (instrument, buyer, self.model.today.year)
        self.small[key] = self.small.get(key, 0.0) + processing
        self.model.gates.forget_answers()

    def use_licence(self, chip: str, buyer: str, units: int) -> None:
        """Take delivered chips off the buyer's open licence."""
        left = self.licensed(chip, buyer)
        if left and units:
            self.open_licences[chip, buyer] = max(left - units, 0)
            self.model.gates.forget(chip, buyer)

    def inspects(self, model: Model, shipments: list[Shipment]) -> set[str]:
        """Senders, among those whose shipments leave this country this week, that its officers choose to inspect.

        The officers are shared by all transit offices; what is left of an inspection is made with that probability.
        """
        diversion, effort = model.world.diversion, model.enforcement_effort()
        mean = weekly_inspections(effort, model.transit_offices(), diversion)
        whole = int(min(mean, len(shipments)))
        luck = model.chance.uniform("inspections", self.name, model.day)
        number = min(whole + (luck < mean - whole), len(shipments))
        self.inspections += number
        at_random = model.chance.uniform("random inspections", self.name, model.day)
        known = [
            one.weighed(standing(self._file(one.firm), diversion)) if one.firm in self.files else one
            for one in shipments]
        return choose_inspections(known, number, model.world.conduct, diversion, luck=at_random)

    def _file(self, firm: str) -> FirmRecord:
        return FirmRecord(self.files.get(firm, 0.0))

    def files_fade(self, memory: float) -> None:
        """Forget a week's part of what is on file about firms."""
        faded = {firm: FirmRecord(clean).faded(memory) for firm, clean in self.files.items()}
        self.files = {firm: one.clean for firm, one in faded.items() if not one.is_forgotten}

    def notes(self, firm: str, *, found: bool) -> None:
        """Write down what an inspection, or a tip, showed of a firm: a lot that is missed looks clean."""
        self.files[firm] = self._file(firm).after(found).clean

    def finds(self, model: Model, sender: str, *, inspected: bool) -> bool:
        """Whether a diverted lot is found, by a tip or by the inspection (with false negatives)."""
        probability = found_probability(inspected, model.enforcement_effort(), model.world.conduct, model.world.diversion)
        found = model.chance.chance(probability, "inspection", sender, model.day)
        self.detected_lots += found
        return found
