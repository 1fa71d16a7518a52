"""Governments that make rules in the run: they watch an indicator, hear their industry, and publish, answer and enforce.

One class, every government: what differs is its reaction, its own law, and what it watches and hears.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.monthly_observables import capability_gap, tokens_served
from abm.policy import drafting
from abm.policy.drafting import Act, Draft
from abm.policy.instrument import CN, US, Instrument
from abm.policy.reaction import INQUIRY, LISTING, RESTRICTION, SUBSIDY, Reaction
from abm.policy.tightening import commercial_sale, tightening_by
from abm.rules.government import (
    Choice,
    is_moved,
    lag_in_days,
    largest_flow,
    lobbying,
    mildest,
    months_in_a_row,
    pressure,
    remembered_stake,
    wanted_effort,
    wants_easing,
)

if TYPE_CHECKING:
    from abm.model import Model

QUARTER_MONTHS = 3
TIGHTENING, EASING, ENFORCEMENT, ANSWER = "tightening", "easing", "enforcement", "answer"
DELIVERED, EVIDENCE = "to China ", "evidence "
"""What counts of the run's tally begin with: chips delivered to buyers in China, and proof of diversion against a buyer."""


def _capability_gap(model: Model) -> float:
    return capability_gap(model)["China"]


def _domestic_share(model: Model) -> float:
    return model.picture.domestic_share


def _share_of_revenue(model: Model) -> float:
    """Share of their revenue that vendors outside China earned there in the last quarter reported."""
    flows = model.desk.flows
    return flows["china_legal"] / (flows["china_legal"] + flows["frontier_compute"])


def _unserved_share(model: Model) -> float:
    """Share of the tokens wanted in China that its clouds have no chips to serve."""
    return 1.0 - tokens_served(model)["China, share of wanted"]


INDICATORS: dict[str, Callable[[Model], float]] = {US: _capability_gap, CN: _domestic_share}
STAKES: dict[str, Callable[[Model], float]] = {US: _share_of_revenue, CN: _unserved_share}


@dataclass(frozen=True)
class Intention:
    """An act that a government has decided on: what it is for, the trading day on which it is due, why, and the trigger."""

    kind: str
    due: int
    why: str
    answers: str | None = None


class Government(NamedAgent):
    """A government that reacts: what it has decided and what it has answered.

    What it has seen (deliveries, detections, its industry's stake) follows from the days before, whose digests hold it.
    """

    REMEMBERS: ClassVar = ("months_of_pressure", "months_of_lobbying", "intentions", "decided", "considered")

    def __init__(self, model: Model, reaction: Reaction) -> None:
        super().__init__(model, f"government of {reaction.government}")
        self.reaction = reaction
        self.months_of_pressure = 0
        self.months_of_lobbying = 0
        self.intentions: list[Intention] = []
        self.decided: dict[str, int] = {}
        self.considered: list[str] = []
        self.stake = 0.0
        self._seen: list[tuple[dict[str, int], int]] = []

    @property
    def government(self) -> str:
        """"US" or "CN"."""
        return self.reaction.government

    @property
    def has_moved(self) -> bool:
        """Whether the government has decided or counted anything: one that has not is as if it were not there."""
        return bool(self.months_of_pressure or self.months_of_lobbying or self.intentions or self.decided or self.considered)

    # what it sees -----------------------------------------------------------------------------------------

    def known(self, model: Model) -> tuple[Instrument, ...]:
        """The instruments of all governments that are public today and have not ended."""
        return tuple(
            one for one in model.policy.instruments
            if one.market_day <= model.today and (one.ends is None or one.ends > model.today))

    def flows(self, model: Model) -> dict[str, int]:
        """Foreign chips delivered to buyers in China in about the last quarter, of kinds that no government denies."""
        before, _ = self._past(QUARTER_MONTHS)
        known = self.known(model)
        flows = {
            name.removeprefix(DELIVERED): units - before.get(name, 0)
            for name, units in sorted(model.tally.items()) if name.startswith(DELIVERED)
        }
        return {
            name: units for name, units in flows.items()
            if units > 0 and model.chip(name).foreign_to_china
            and drafting.is_open(known, commercial_sale(model.chip(name), model.today))
        }

    def detections(self, model: Model) -> int:
        """Lots that customs detected in the months that count for enforcement."""
        _, before = self._past(self.reaction.detection_months)
        return _detected(model) - before

    def _past(self, months: int) -> tuple[dict[str, int], int]:
        """Deliveries and detections up to the review so many months ago, or up to the first one."""
        return self._seen[-months:][0] if self._seen else ({}, 0)

    def evidence(self, model: Model, least: int) -> list[str]:
        """Buyers against whom there are so many pieces of evidence at least and who are not listed, the largest first."""
        known = self.known(model)
        proven = {name.removeprefix(EVIDENCE): count for name, count in model.tally.items() if name.startswith(EVIDENCE)}
        parties = (name for name, count in proven.items() if count >= least)
        open_ones = [name for name in parties if not drafting.is_listed(name, known, self.government)]
        return sorted(open_ones, key=lambda name: (-_budget(model, name), name))

    # reviewing --------------------------------------------------------------------------------------------

    def review(self, model: Model) -> None:
        """The month's review: weigh, decide on rules, on answers to the other government, on effort and on listings."""
        self.stake = remembered_stake(self.stake, STAKES[self.government](model), self.reaction.stake_memory)
        if model.today >= self.reaction.since:
            self._weigh(model)
            self._consider_answers(model)
            self._consider_enforcement(model)
            self._consider_listings(model)
        deliveries = {name: units for name, units in model.tally.items() if name.startswith(DELIVERED)}
        kept = max(QUARTER_MONTHS, self.reaction.detection_months)
        self._seen = [*self._seen, (deliveries, _detected(model))][-kept:]

    def _weigh(self, model: Model) -> None:
        reaction, indicator = self.reaction, INDICATORS[self.government](model)
        pressed = pressure(indicator, reaction.aim.target)
        lobbied = lobbying(reaction.lobbying_weight, self.stake)
        can_ease = bool(drafting.uneased(self.government, self.known(model)))
        eases = can_ease and wants_easing(pressed, lobbied, reaction.easing_margin)
        self.months_of_pressure = months_in_a_row(self.months_of_pressure, pressed > lobbied)
        self.months_of_lobbying = months_in_a_row(self.months_of_lobbying, eases)
        why = f"pressure {pressed:.2f}, lobbying {lobbied:.2f} on {model.today}"
        if self.months_of_pressure >= reaction.review_months and self._may_draft(model):
            self.months_of_pressure = 0
            self._decide(model, TIGHTENING, f"{reaction.aim.words} {indicator:.2f}, wanted {reaction.aim.target:g}; {why}")
        elif self.months_of_lobbying >= reaction.review_months and not self._intends(EASING):
            self.months_of_lobbying = 0
            self._decide(model, EASING, why)

    def _may_draft(self, model: Model) -> bool:
        """Whether no rule is under way and there is a flow that a rule could stop."""
        return not self._intends(TIGHTENING) and bool(self._restriction(model, self._draft(model, "")))

    def _intends(self, kind: str) -> bool:
        return any(one.kind == kind for one in self.intentions)

    def _decide(self, model: Model, kind: str, why: str) -> None:
        """Decide on a rule; the luck of its lag is that of the government's first, second, ... act of the kind."""
        self.decided[kind] = self.decided.get(kind, 0) + 1
        draw = model.chance.exponential("publication lag", f"{self.government} {kind} {self.decided[kind]}", 0)
        days = lag_in_days(self.reaction.publication_lag, draw)
        self.intentions.append(Intention(kind, model.day + days, why))
        model.tell(self.name, f"{kind} decided", why)

    def _consider_answers(self, model: Model) -> None:
        """Whether each new tightening of the other government is answered, and when: its own luck, by its name."""
        first, chips = max(self.reaction.since, model.calendar[0]), tuple(model.chips.values())
        for act in model.policy.instruments:
            if act.government == self.government or not first <= act.market_day <= model.today:
                continue
            if act.name in self.considered or tightening_by(model.policy, act.name, chips=chips) is None:
                continue
            self.considered.append(act.name)
            holder = f"{self.government} to {act.name}"
            if model.chance.chance(self.reaction.retaliation_probability, "retaliation", holder, 0):
                draw = model.chance.exponential("retaliation lag", holder, 0)
                since = model.calendar.index(act.market_day) + lag_in_days(self.reaction.retaliation_lag, draw)
                why = f"answer to {act.name}"
                self.intentions.append(Intention(ANSWER, max(since, model.day + 1), why, act.name))
                model.tell(self.name, "answer decided", why)

    def _consider_enforcement(self, model: Model) -> None:
        lots, held = self.detections(model), drafting.effort_in_force(self.government, self.known(model))
        if is_moved(self._wanted_effort(model), held, self.reaction.effort_step):
            self.intentions.append(Intention(ENFORCEMENT, model.day + 1, f"{lots} lots detected to {model.today}"))

    def _consider_listings(self, model: Model) -> None:
        least = self.reaction.listing_evidence
        if least and self.evidence(model, least):
            self.intentions.append(Intention(LISTING, model.day + 1, f"evidence of diversion to {model.today}"))

    # publishing -------------------------------------------------------------------------------------------

    def acts_due(self, model: Model) -> list[Instrument]:
        """The instruments of all that is due today, drafted on what is known today; what has lost its object lapses."""
        due = [one for one in self.intentions if one.due <= model.day]
        if due:
            self.intentions = [one for one in self.intentions if one.due > model.day]
        acts = [(one, self._draft_act(model, one)) for one in due]
        for intention in (one for one, instruments in acts if not instruments):
            model.tell(self.name, f"{intention.kind} lapsed", intention.why)
        return [instrument for _, instruments in acts for instrument in instruments]

    def _draft(self, model: Model, why: str, answers: str | None = None) -> Draft:
        return Draft(self.government, model.today, why, answers)

    def _draft_act(self, model: Model, intention: Intention) -> tuple[Instrument, ...]:
        draft = self._draft(model, intention.why, intention.answers)
        if intention.kind == ANSWER:
            return self._answer(model, draft)
        if intention.kind == TIGHTENING:
            return self._restriction(model, draft)
        if intention.kind == EASING:
            return drafting.easing(self.known(model), draft)
        if intention.kind == LISTING:
            return drafting.listing(self.evidence(model, self.reaction.listing_evidence), draft)
        return drafting.enforcement(self.known(model), self._wanted_effort(model), draft)

    def _wanted_effort(self, model: Model) -> float:
        return wanted_effort(self.detections(model), self.reaction.effort_per_lot, self.reaction.effort_ceiling)

    def _restriction(self, model: Model, draft: Draft) -> tuple[Instrument, ...]:
        """The mildest act that stops the largest flow of processing power; nothing where none flows or none stops it."""
        flows = self.flows(model)
        target = largest_flow({name: model.chip(name).tpp * units for name, units in flows.items()})
        if target is None:
            return ()
        acts = drafting.restrictions(self.reaction, self.known(model), model.chip(target), draft)
        choices = {act.label: self._weighed(model, act, flows, target) for act in acts}
        chosen = mildest(list(choices.values()))
        return () if chosen is None else next(act.instruments for act in acts if act.label == chosen.name)

    def _weighed(self, model: Model, act: Act, flows: dict[str, int], target: str) -> Choice:
        sales = [commercial_sale(model.chip(name), model.today) for name in sorted(flows)]
        lost = drafting.stopped(self.government, self.known(model), act, sales)
        quotes = model.picture.quotes
        trade = fsum(flows[name] * quotes[name].price for name in lost if name in quotes)
        return Choice(act.label, act.steps, trade, target in lost)

    def _answer(self, model: Model, draft: Draft) -> tuple[Instrument, ...]:
        """One of the government's kinds of answer that it could give, with equal odds, by the luck of what it answers."""
        possible = {
            RESTRICTION: lambda: self._restriction(model, draft),
            LISTING: lambda: drafting.listing(self.evidence(model, 1)[:1], draft),
            INQUIRY: lambda: drafting.inquiry(draft),
            SUBSIDY: lambda: drafting.subsidy(self.reaction.subsidy_growth, draft),
        }
        acts = [act for kind in self.reaction.answers if (act := possible[kind]())]
        if not acts:
            return ()
        holder = f"{self.government} to {draft.responds_to}"
        return acts[model.chance.choice([1.0] * len(acts), "kind of retaliation", holder, 0)]


def _detected(model: Model) -> int:
    return sum(office.detected_lots for office in model.regulators.values())  # integers


def _budget(model: Model, party: str) -> float:
    actor = model.actors.get(party)
    return actor.capex_usd_bn if actor is not None else 0.0
