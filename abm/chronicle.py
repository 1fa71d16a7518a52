"""The chronicle of a run: who was refused what, which shell companies came and went, what bound a launch, told in sentences.

It is fed by the phases of a day and decides nothing: no rule reads it, and it draws no luck, so that without it a run
would be the same. What is told is told in the order of names, so that the order of actors does not matter; of its
memory only the sentences are in the daily digest. The sums of each month are in monthly_chronicle.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from abm.monthly_chronicle import SHELLS, MonthlyChronicle, called, land, ways

if TYPE_CHECKING:
    from abm.agents.lab import Lab
    from abm.model import Model
    from abm.offers import Order
    from abm.rules.lab import Review

BINDS = {
    "quality": "its quality fell {short:.1f} points short, while {secured:.0%} of the serving that users would ask for was "
               "secured",
    "capacity": "only {secured:.0%} of the serving that users would ask for was secured, while its quality would do",
    "both": "its quality fell {short:.1f} points short and only {secured:.0%} of the serving that users would ask for was "
            "secured",
}
CAUSES = {"contracts": "; contracts tie up the chips", "chips": "; there are too few chips for all"}

GOES_ON = "; training goes on"
"""What a lab does after every review that brings no launch, whatever bound."""


def by_buyer(model: Model, orders: Iterable[Order]) -> str:
    """Who ordered how much, in words: buyers by the size of their orders, shell companies together."""
    units: Counter[str] = Counter()
    for order in orders:
        units[called(model, order.buyer) if order.buyer in model.actors else "shell companies"] += order.quantity
    return ", ".join(f"{name} {n:,}" for name, n in sorted(units.items(), key=lambda one: (-one[1], one[0])))


class Chronicle(MonthlyChronicle):
    """What has happened since it was last told, and what was told already."""

    def __init__(self) -> None:
        super().__init__()
        self._known_refusals: set[tuple[str, str, str]] = set()
        self._first_refusals: list[tuple[str, str, str]] = []
        self._bindings: dict[str, str] = {}
        self._shells: dict[str, bool] = {}

    def note_denial(self, model: Model, buyer: str, chip: str, cause: str) -> None:
        """A purchase that a buyer wanted and a government denies, with paragraph and instrument."""
        party = self.party(model, buyer)
        self.note_refusal(party, chip, cause)
        if (party, chip, cause) not in self._known_refusals:
            self._known_refusals.add((party, chip, cause))
            self._first_refusals.append((party, chip, cause))

    def note_review(self, model: Model, lab: Lab, review: Review) -> None:
        """A launch review: what binds is told where it is not what bound the week before."""
        before = self._bindings.pop(lab.name, "none")
        if review.binding == "none":
            return
        self._bindings[lab.name] = review.binding
        if review.binding != before:
            why = BINDS[review.binding].format(short=review.shortfall_points, secured=review.secured_share)
            why += CAUSES.get(review.shortage, "") + GOES_ON
            model.tell(lab.name, "review", f"{lab.actor.name} kept {lab.project.name} back: {why}")

    def tell_week(self, model: Model) -> None:
        """Tell the first refusals of the week, and which shell companies came, left or are back."""
        for party, chip, cause in sorted(self._first_refusals):
            text = f"{self.who(model, party)} wanted {chip} and might not buy it, for the first time: {cause}"
            model.tell(self.actor(party), "refused", text[0].upper() + text[1:])
        self._first_refusals = []
        now = {name: broker.is_named(model) for name, broker in sorted(model.brokers.items())}
        for name, kind, text in self._changes(model, now):
            model.tell(name, kind, text)
        self._shells = now

    def _changes(self, model: Model, now: dict[str, bool]) -> Iterator[tuple[str, str, str]]:
        """Which shell companies came, are back or left since they were last looked at: name, kind of event, sentence."""
        for name, named in now.items():
            if name not in self._shells:
                yield name, "shell enters", f"Shell company {name} was founded in {land(model, model.brokers[name].country)}"
            elif self._shells[name] and not named:
                number = model.brokers[name].shells
                told = f"The owner of shell company {name} is back under a new name: it is the owner's company number {number}"
                yield name, "shell is back", told
        for name in sorted(self._shells.keys() - now.keys()):
            yield name, "shell leaves", f"Shell company {name} gave up after half a year without a lot"

    def tell_month(self, model: Model) -> None:
        """Tell the month that has ended; on the first day of a run what everybody begins with."""
        if model.yesterday is not None:
            self.tell(model)
            return
        self._shells = {name: broker.is_named(model) for name, broker in model.brokers.items()}
        _tell_fleets(model, "opening", "began with")
        places = Counter(land(model, broker.country) for broker in model.brokers.values())
        if places:
            text = ", ".join(f"{n} in {place}" for place, n in sorted(places.items()))
            model.tell(SHELLS, "opening", f"{len(model.brokers)} shell companies were at work: {text}")

    def close(self, model: Model) -> None:
        """Tell what everybody has at the end of a run, after its last digest: a shorter run is the start of a longer."""
        _tell_fleets(model, "close", "ended with")


def _tell_fleets(model: Model, kind: str, verb: str) -> None:
    for name, cloud in sorted(model.clouds.items()):
        for chip in cloud.chips():
            routes = {origin: n for (installed, origin), n in sorted(cloud.origins.items()) if installed == chip and n}
            units = sum(routes.values())  # integers
            if units:
                model.tell(name, kind, f"{cloud.actor.name} {verb} {units:,} {chip} installed{ways(routes)}")
