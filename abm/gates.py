"""The two gates a sale passes: what the seller's and the buyer's government answer, and how many chips that allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from abm.agents.regulator import Application
from abm.memory import Memory
from abm.offers import Order, Transaction
from abm.policy.instrument import CASE_BY_CASE, CN, DENY, EMPTY_RECORD, LICENSED, US, Ruling
from abm.scenario.actors import Actor
from abm.standing import Standing, needs_nothing, settled
from abm.trade_counts import count_sold

if TYPE_CHECKING:
    from abm.agents.regulator import Regulator
    from abm.model import Model
    from abm.policy.policy import Policy

DENIED = "denied: "
"""How the running totals of refused purchases are named, before paragraph and instrument."""

OFFICES = {US: "us_commerce", CN: "prc_authorities"}


class Gates:
    """Asks both governments about a sale. Reads records and policy; writes when a delivery uses a licence, and to count.

    ``changes`` counts how often some answer of the day may have become another.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.changes = 0
        self._answers, self._standing, self._free = Memory(), Memory(), Memory()
        self._asked_under: tuple[object, object] = (None, None)
        self._standing_now: dict[tuple[str, str], Standing | None] = {}

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
        standing = self.standing(chip, buyer)
        if standing is None:
            return self._rulings_today(chip, buyer, quantity)
        return standing.uncovered if standing.is_final else self._covered(standing, chip, buyer, quantity)

    def standing(self, chip: str, buyer: str) -> Standing | None:
        """What both governments answer a buyer as long as the rules stand; None where quantity, day or records count.

        Depends on the gates of the two governments, which are others when rules change, and on chip and buyer, whose
        traits never change.
        """
        model = self.model
        if self._asked_under[0] is not model.policy or self._asked_under[1] is not model.today:
            self._look_up_standing(model.policy, model.today)
        try:
            return self._standing_now[chip, buyer]
        except KeyError:
            sale = self.transaction(chip, buyer=buyer, quantity=1)
            cases = (model.policy.gate(government, model.today).case(sale) for government in (US, CN))
            found = self._standing_now[chip, buyer] = settled(*cases)
            return found

    def _look_up_standing(self, policy: Policy, today: date) -> None:
        """Keep at hand what was answered under the rules of a day."""
        self._asked_under = (policy, today)
        self._standing_now = self._standing.under(policy.gate(US, today), policy.gate(CN, today))

    def _covered(self, standing: Standing, chip: str, buyer: str, quantity: int) -> tuple[Ruling, Ruling]:
        """Standing answers, those of a government that has licensed as many chips taking the place of its others."""
        return tuple(
            covered if covered is not None and self.office(government).licensed(chip, buyer) >= quantity else uncovered
            for government, covered, uncovered in zip((US, CN), standing.covered, standing.uncovered, strict=True))

    def _rulings_today(self, chip: str, buyer: str, quantity: int) -> tuple[Ruling, Ruling]:
        """Answers that depend on records: worked out once a day, until a record is said to have changed."""
        answers = self._answers.under(self.model.day).setdefault((chip, buyer), {})
        if quantity not in answers:
            transaction = self.transaction(chip, buyer=buyer, quantity=quantity)
            answers[quantity] = tuple(self.model.policy.review(transaction, self.office(g), g) for g in (US, CN))
        return answers[quantity]

    def forget(self, chip: str, buyer: str) -> None:
        """Ask again from now on: a buyer's licences for a chip have changed."""
        self.changes += 1
        self._answers.under(self.model.day).pop((chip, buyer), None)

    def forget_answers(self) -> None:
        """Ask about everything again: a record that quotas read has changed, or a government has published."""
        self.changes += 1
        self._answers.forget()

    def rulings_on(self, chip: str, buyer: str, day: date) -> tuple[Ruling, ...]:
        """What both governments would answer on another day, to a buyer without licences."""
        transaction = self.transaction(chip, buyer=buyer, quantity=1)
        if day != transaction.date:
            transaction = replace(transaction, date=day)
        return tuple(self.model.policy.review(transaction, EMPTY_RECORD, g) for g in (US, CN))

    def is_denied(self, chip: str, buyer: str) -> bool:
        """Whether a government denies a buyer without licences a chip outright today."""
        return any(ruling.licence == DENY for ruling in self.rulings_on(chip, buyer, self.model.today))

    def is_free_abroad(self, chip: str, broker: str) -> bool:
        """Whether shell companies of a broker's country buy a chip without asking anybody; found once a day for all."""
        where, free = (chip, self.model.brokers[broker].country), self._free.under(self.model.day)
        if where not in free:
            free[where] = all(map(needs_nothing, self.rulings_on(chip, broker, self.model.today)))
        return free[where]

    def guarded_abroad(self, chips: list[str], broker: str) -> list[str]:
        """Those of some chips that shell companies of a broker's country must ask for; found once a day for all."""
        where, kept = (tuple(chips), self.model.brokers[broker].country), self._free.under(self.model.day)
        if where not in kept:
            kept[where] = [chip for chip in chips if not self.is_free_abroad(chip, broker)]
        return kept[where]

    def allowed_units(self, chip: str, buyer: str, quantity: int) -> int:
        """How many of the chips both governments let through now: all, those licensed or too few to need one, or none."""
        if quantity <= 0:
            return 0
        standing = self.standing(chip, buyer)
        if standing is not None:
            if standing.frees:
                return quantity
            return 0 if standing.denies else self._licensed(standing, chip, buyer, quantity)
        if all(map(needs_nothing, self.rulings(chip, buyer, 1))):
            return quantity
        allowed = quantity
        for government, ruling in zip((US, CN), self.rulings(chip, buyer, quantity), strict=True):
            if ruling.permitted:
                continue
            if ruling.licence not in LICENSED:
                return 0
            allowed = min(allowed, self.office(government).licensed(chip, buyer) + (ruling.free_units or 0))
        return allowed

    def _licensed(self, standing: Standing, chip: str, buyer: str, most: int) -> int:
        """As many chips as the licences cover, up to a number, where some government wants one and none denies."""
        for government, needed in zip((US, CN), standing.covered, strict=True):
            if needed is not None:
                most = min(most, self.office(government).licensed(chip, buyer))
        return most

    def headroom(self, chip: str, buyer: str, quantity: int) -> int:
        """How many more chips a buyer may order: what it may have in all, less what is already on order."""
        ordered = self.model.open_orders.on_order(buyer, chip)
        return max(min(self.allowed_units(chip, buyer, quantity + ordered) - ordered, quantity), 0)

    def may_order(self, chip: str, buyer: str) -> bool:
        """Whether at least one chip may be bought."""
        standing = self.standing(chip, buyer)
        return (standing is not None and standing.frees) or self.allowed_units(chip, buyer, 1) > 0

    def may_stay(self, order: Order) -> bool:
        """Whether an order in the book survives the rules of today: allowed at least in part, or waiting for what is sure.

        A presumption of approval and a notice delay an order; a review that may refuse it cancels it.
        """
        if self.allowed_units(order.chip, order.buyer, order.quantity) > 0:
            return True
        rulings = self.rulings(order.chip, order.buyer, order.quantity)
        return all(not ruling.restricts and ruling.expectation > 0.0 for ruling in rulings)

    def is_hopeless(self, order: Order) -> bool:
        """Whether part of an order may not leave and will not be licensed: denied, refused lately, or beyond a quota."""
        chip, buyer, units = order.chip, order.buyer, order.quantity
        if self.allowed_units(chip, buyer, units) >= units:
            return False
        asked = zip((US, CN), self.rulings(chip, buyer, units), strict=True)
        return any(
            not ruling.permitted and (ruling.expectation <= 0.0 or self.office(government).has_refused(chip, buyer))
            for government, ruling in asked)

    def offices_to_ask(self, chip: str, buyer: str, quantity: int) -> list[tuple[Regulator, Ruling]]:
        """Offices with which the sale would have to be filed, and why; empty where one denies or has nothing to grant."""
        asked, standing = [], self.standing(chip, buyer)
        if standing is not None and (standing.frees or standing.denies):
            return asked
        for government, ruling in zip((US, CN), self.rulings(chip, buyer, quantity), strict=True):
            if ruling.permitted:
                continue
            if ruling.licence not in LICENSED or ruling.expectation <= 0.0:
                return []
            office = self.office(government)
            if not office.licensed(chip, buyer) and not office.is_waiting(chip, buyer):
                asked.append((office, ruling))
        return asked

    def apply(self, chip: str, buyer: str, quantity: int) -> None:
        """File an application, or a notice, with every office that has to be asked and has not been."""
        for office, ruling in self.offices_to_ask(chip, buyer, quantity):
            office.receive(Application(
                chip, buyer, quantity, self.model.day, ruling.instrument or "", ruling.licence or CASE_BY_CASE))

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
            self.model.chronicle.note_denial(self.model, buyer, chip, _cause(denial))

    def count_refusal(self, ruling: Ruling) -> None:
        """Count a purchase that was wanted and refused, under the paragraph and instrument of the refusal."""
        self.model.count(f"{DENIED}{_cause(ruling)}", 1)

    def origin(self, seller: Actor, chip: str, buyer: str) -> str:
        """By which route chips come: domestic, abroad, licensed or direct (a broker's lot is diverted later)."""
        if seller.country == CN:
            return "domestic"
        actor = self.model.actors.get(buyer)
        if actor is not None and actor.country == CN:
            return "licensed" if any(r.licence in LICENSED for r in self.rulings(chip, buyer, 1)) else "direct"
        return "abroad" if actor is not None and actor.country != US else "direct"

    def record_delivery(self, seller: Actor, order: Order, units: int) -> None:
        """Use up licences for what has been shipped, and keep the counts of home sales and of licensed deliveries."""
        model = self.model
        if model.is_chinese(order.buyer):
            model.count(f"to China {order.chip}", units)
        count_sold(model, order, units)
        if seller.country != US:
            return
        standing = self.standing(order.chip, order.buyer)
        licensed = 0 if standing is not None and standing.frees else self._use_licences(order, units)
        if licensed:
            suffix = "" if model.is_chinese(order.buyer) else " elsewhere"
            model.count(f"delivered_licensed_units{suffix}", licensed)
        actor = model.actors.get(order.buyer)
        if actor is not None and actor.country == US:
            sales = self.office(US).home_sales
            sales[order.chip] = sales.get(order.chip, 0) + units
            self.forget_answers()    # a quota may be a part of them

    def _use_licences(self, order: Order, units: int) -> int:
        rulings = zip((US, CN), self.rulings(order.chip, order.buyer, units), strict=True)
        return max(self._use_licence(self.office(g), ruling, order, units) for g, ruling in rulings)

    def _use_licence(self, office: Regulator, ruling: Ruling, order: Order, units: int) -> int:
        """Units of a delivery that an office's licence covers; the others are few enough to need none."""
        covered = min(units, office.licensed(order.chip, order.buyer)) if ruling.licence in LICENSED else 0
        office.use_licence(order.chip, order.buyer, covered)
        if ruling.free_units is not None and covered < units:
            processing = (units - covered) * self.model.chip(order.chip).tpp
            office.note_small(ruling.instrument or "", order.buyer, processing)
        return covered


def _cause(ruling: Ruling) -> str:
    return f"{ruling.paragraph} ({ruling.instrument})"
