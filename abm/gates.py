"""The two gates a sale passes: what the seller's and the buyer's government answer, and how many chips that allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from abm.offers import Order, Transaction
from abm.policy.instrument import CASE_BY_CASE, CN, DENY, EMPTY_RECORD, US, Ruling
from abm.scenario.actors import Actor

if TYPE_CHECKING:
    from abm.agents.regulator import Regulator
    from abm.model import Model

DENIED = "denied: "
"""How the running totals of refused purchases are named, before paragraph and instrument."""

OFFICES = {US: "us_commerce", CN: "prc_authorities"}


class Gates:
    """Asks both governments about a sale. Reads records and policy; writes when a delivery uses a licence, and to count."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._day = model.day - 1
        self._answers: dict[tuple[str, str], dict[int, tuple[Ruling, Ruling]]] = {}

    def office(self, government: str) -> Regulator:
        """The office of a government."""
        return self.model.regulators[OFFICES[government]]

    def transaction(self, chip: str, *, buyer: str, quantity: int) -> Transaction:
        """The sale as governments see it: a shell company shows its own name and country, not who stands behind it."""
        model = self.model
        actor = model.actors.get(buyer)
        seller = model.sellers[chip]
        if actor is None:
            country = model.brokers[buyer].country
            return Transaction(model.chip(chip), seller, buyer, country, buyer, country, "commercial", quantity,
                               model.today)
        return Transaction(model.chip(chip), seller, buyer, actor.country, actor.parent, actor.parent_country,
                           actor.end_use, quantity, model.today, actor.parent_share)

    def review(self, transaction: Transaction, office: str) -> Ruling:
        """The answer of one office."""
        government = US if office == OFFICES[US] else CN
        return self.model.policy.review(transaction, self.office(government), government)

    def rulings(self, chip: str, buyer: str, quantity: int) -> tuple[Ruling, Ruling]:
        """The answers of the seller's and the buyer's government; the same all day until the buyer's licences change."""
        if self._day != self.model.day:
            self._day, self._answers = self.model.day, {}
        answers = self._answers.setdefault((chip, buyer), {})
        if quantity not in answers:
            transaction = self.transaction(chip, buyer=buyer, quantity=quantity)
            answers[quantity] = tuple(self.model.policy.review(transaction, self.office(g), g) for g in (US, CN))
        return answers[quantity]

    def forget(self, chip: str, buyer: str) -> None:
        """Ask again from now on: a buyer's licences for a chip have changed."""
        self._answers.pop((chip, buyer), None)

    def forget_all(self) -> None:
        """Ask everything again from now on: a government has published."""
        self._answers = {}

    def rulings_on(self, chip: str, buyer: str, day: date) -> tuple[Ruling, ...]:
        """What both governments would answer on another day, to a buyer without licences."""
        transaction = replace(self.transaction(chip, buyer=buyer, quantity=1), date=day)
        return tuple(self.model.policy.review(transaction, EMPTY_RECORD, g) for g in (US, CN))

    def allowed_units(self, chip: str, buyer: str, quantity: int) -> int:
        """How many of the chips both governments let through now: all, those licensed, or none."""
        if quantity <= 0:
            return 0
        if all(ruling.licence is None and ruling.permitted for ruling in self.rulings(chip, buyer, 1)):
            return quantity
        allowed = quantity
        for government, ruling in zip((US, CN), self.rulings(chip, buyer, quantity), strict=True):
            if ruling.permitted:
                continue
            if ruling.licence != CASE_BY_CASE:
                return 0
            allowed = min(allowed, self.office(government).licensed(chip, buyer))
        return allowed

    def headroom(self, chip: str, buyer: str, quantity: int) -> int:
        """How many more chips a buyer may order: under a licence, what it covers less what is already on order."""
        allowed = self.allowed_units(chip, buyer, quantity)
        offices = [self.office(g) for g in (US, CN) if self.office(g).licensed(chip, buyer)]
        covered = min((office.licensed(chip, buyer) for office in offices), default=None)
        return allowed if covered is None else max(min(allowed, covered - self.model.open_orders.on_order(buyer, chip)), 0)

    def may_order(self, chip: str, buyer: str) -> bool:
        """Whether at least one chip may be bought."""
        return self.allowed_units(chip, buyer, 1) > 0

    def may_stay(self, order: Order) -> bool:
        """Whether an order in the book survives the rules of today: permitted, or licensed at least in part."""
        return self.allowed_units(order.chip, order.buyer, order.quantity) > 0

    def offices_to_ask(self, chip: str, buyer: str, quantity: int) -> list[tuple[Regulator, str]]:
        """Offices that would have to license the sale, with the instrument; empty where one of them denies."""
        asked = []
        for government, ruling in zip((US, CN), self.rulings(chip, buyer, quantity), strict=True):
            if ruling.permitted:
                continue
            if ruling.licence != CASE_BY_CASE:
                return []
            office = self.office(government)
            if not office.licensed(chip, buyer) and not office.is_waiting(chip, buyer):
                asked.append((office, ruling.instrument or ""))
        return asked

    def levy(self, chip: str, buyer: str, total: int) -> int:
        """Cents of a sale that go to the seller's treasury."""
        ruling, _ = self.rulings(chip, buyer, 1)
        return round(total * ruling.levy)

    def refusal(self, chip: str, buyer: str) -> str:
        """Why a sale is refused: paragraph and instrument of the first gate that refuses."""
        for ruling in self.rulings(chip, buyer, 1):
            if not ruling.permitted:
                return _cause(ruling)
        return "permitted"

    def count_denial(self, chip: str, buyer: str) -> None:
        """Count a purchase that a buyer wants, under the first of its denials; nothing where no government denies it."""
        denial = next((ruling for ruling in self.rulings(chip, buyer, 1) if ruling.licence == DENY), None)
        if denial is not None:
            self.count_refusal(denial)

    def count_refusal(self, ruling: Ruling) -> None:
        """Count a purchase that was wanted and refused, under the paragraph and instrument of the refusal."""
        self.model.count(f"{DENIED}{_cause(ruling)}", 1)

    def origin(self, seller: Actor, chip: str, buyer: str) -> str:
        """By which route chips come: domestic, abroad, licensed or direct (a broker's lot is diverted later)."""
        if seller.country == CN:
            return "domestic"
        if any(ruling.licence == CASE_BY_CASE for ruling in self.rulings(chip, buyer, 1)):
            return "licensed"
        actor = self.model.actors.get(buyer)
        return "abroad" if actor is not None and actor.country not in (CN, US) else "direct"

    def record_delivery(self, seller: Actor, order: Order, units: int) -> None:
        """Use up licences for what has been shipped, and keep the count of home sales and of licensed deliveries."""
        model = self.model
        if model.is_chinese(order.buyer):
            model.count(f"to China {order.chip}", units)
        if seller.country != US:
            return
        rulings = zip((US, CN), self.rulings(order.chip, order.buyer, units), strict=True)
        licensed = [self.office(government) for government, ruling in rulings if ruling.licence == CASE_BY_CASE]
        for office in licensed:
            office.use_licence(order.chip, order.buyer, units)
        if licensed:
            model.count("delivered_licensed_units", units)
        actor = model.actors.get(order.buyer)
        if actor is not None and actor.country == US:
            sales = self.office(US).home_sales
            sales[order.chip] = sales.get(order.chip, 0) + units


def _cause(ruling: Ruling) -> str:
    return f"{ruling.paragraph} ({ruling.instrument})"
