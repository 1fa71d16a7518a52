"""Regulators: offices that publish, keep records, decide on licences and inspect lots. One class, every government."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.offers import Transaction
from abm.rules.broker import detection_probability
from abm.rules.regulator import granted_units, is_granted, is_ripe
from abm.scenario.actors import Actor
from abm.units import MONTHS_PER_YEAR, TRADING_DAYS_PER_YEAR

if TYPE_CHECKING:
    from abm.model import Model


@dataclass(frozen=True)
class Application:
    """A buyer's request to be allowed a number of chips, filed on a trading day."""

    chip: str
    buyer: str
    quantity: int
    day: int
    instrument: str


class Regulator(NamedAgent):
    """A government's office. Its record of grants is what instruments read; it changes only by grants and uses."""

    REMEMBERS: ClassVar = ("pending", "open_licences", "granted", "home_sales", "detected_lots", "refused_until")

    def __init__(self, model: Model, actor: Actor) -> None:
        super().__init__(model, actor.id)
        self.actor = actor
        self.pending: dict[tuple[str, str], tuple[int, int, str]] = {}
        self.open_licences: dict[tuple[str, str], int] = {}
        self.granted: dict[tuple[str, str, str], int] = {}
        self.home_sales: dict[str, int] = {}
        self.detected_lots = 0
        self.refused_until: dict[tuple[str, str], int] = {}

    def licensed(self, chip: str, buyer: str) -> int:
        """Chips of a kind still open on licences granted to a buyer."""
        return self.open_licences.get((chip, buyer), 0)

    def approved_units(self, instrument: str, chip: str, buyer: str | None = None) -> int:
        """Chips approved so far under an instrument, to all buyers or to one of them."""
        granted = [
            units
            for (under, kind, to), units in self.granted.items()
            if under == instrument and kind == chip and buyer in (None, to)
        ]
        return sum(granted)  # integers

    def sold_in_home_market(self, chip: str) -> int:
        """Chips of a kind sold in the office's own country."""
        return self.home_sales.get(chip, 0)

    def approved_processing(self, instrument: str, holder: str) -> float:
        """TPP approved under an instrument to a buyer."""
        total = 0.0
        for (under, chip, to), units in sorted(self.granted.items()):
            if under == instrument and to == holder:
                total += units * self.model.chip(chip).tpp
        return total

    def receive(self, application: Application) -> None:
        """File an application; a buyer has one at a time for a chip, and a later one does not jump the queue."""
        key = (application.chip, application.buyer)
        if key not in self.pending:
            self.pending[key] = (application.quantity, application.day, application.instrument)

    def decide(self, model: Model) -> None:
        """Grant or refuse every ripe application, in the order of filing, within what each quota leaves."""
        queue = sorted(self.pending.items(), key=lambda item: (item[1][1], item[0]))
        for (chip, buyer), (quantity, filed, _instrument) in queue:
            transaction = model.gates.transaction(chip, buyer=buyer, quantity=quantity)
            ruling = model.gates.review(transaction, self.name)
            if ruling.licence is not None and not is_ripe(filed, model.day, ruling.delay_days):
                continue
            del self.pending[chip, buyer]
            if ruling.licence is None:
                continue
            self._answer(model, transaction, ruling)

    def _answer(self, model: Model, transaction: Transaction, ruling) -> None:
        chip, buyer = transaction.chip.name, transaction.buyer
        draw = model.chance.uniform(f"licence of {self.name}", f"{buyer}/{chip}", model.day)
        units = granted_units(transaction.quantity, ruling.quota_left)
        if units <= 0 or not is_granted(draw, ruling.approval_probability):
            wait = model.world.conduct.reapply_months * TRADING_DAYS_PER_YEAR / MONTHS_PER_YEAR
            self.refused_until[chip, buyer] = model.day + round(wait)
            model.gates.count_refusal(ruling)
            model.tell(self.name, "licence refused", f"{chip} for {buyer}: {ruling.paragraph} ({ruling.instrument})")
            return
        self.open_licences[chip, buyer] = self.licensed(chip, buyer) + units
        model.gates.forget(chip, buyer)
        key = (ruling.instrument or "", chip, buyer)
        self.granted[key] = self.granted.get(key, 0) + units
        model.count("licensed_units" if self.actor.country == "US" else "approved_units", units)
        model.tell(self.name, "licence granted", f"{units:,} {chip} for {buyer} ({ruling.instrument})")

    def is_waiting(self, chip: str, buyer: str) -> bool:
        """Whether a buyer has applied, or was refused so lately that it does not apply again."""
        return (chip, buyer) in self.pending or self.model.day < self.refused_until.get((chip, buyer), self.model.day)

    def use_licence(self, chip: str, buyer: str, units: int) -> None:
        """Take delivered chips off the buyer's open licence."""
        left = self.licensed(chip, buyer)
        if left:
            self.open_licences[chip, buyer] = max(left - units, 0)
            self.model.gates.forget(chip, buyer)

    def detects(self, model: Model, broker: str, *, chip: str, units: int) -> bool:
        """Whether customs find that a lot leaving this country is diverted (with false negatives)."""
        probability = detection_probability(units, model.enforcement_effort(), model.world.conduct)
        found = model.chance.chance(probability, "inspection", f"{broker}/{chip}", model.day)
        self.detected_lots += found
        return found
