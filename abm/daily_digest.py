"""The digest of a day: what of a model counts as its state, and in which order it is hashed.

Equal to hashing the whole state anew; parts that have not changed since they were last written are not written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from abm.agents.broker import Broker
from abm.digest import PLAIN, Writings, hashed, joined, packed, written, written_bytes
from abm.picture import Picture

if TYPE_CHECKING:
    from abm.agents.actor import NamedAgent
    from abm.agents.investor import InvestorClass
    from abm.model import Model
    from abm.offers import Lot

GROUPS = ("regulators", "vendors", "clouds", "labs")
PICTURE = tuple(one.name for one in fields(Picture))
OF_RECORDS = ("quotes", "models")
"""The parts of the picture that map names to records that cannot change."""
LOT = attrgetter("holder", "chip", "seller", "arrives", "quantity", "origin")


class DailyDigest:
    """Hashes the state of one run day by day."""

    def __init__(self) -> None:
        self._writings = Writings()

    def today(self, model: Model) -> str:
        """The hexadecimal hash of the state of a model."""
        keep = self._writings
        investors = joined(list(map(self._investor, model.investors)))
        market = joined([
            written(model.equities.state()), self._news(model), self._by_part("desk", model.desk.state()),
            keep.of("users", model.users.state())])
        return hashed(joined([
            written(model.day), _books(model), joined(self._agents(model)), investors, market, self._picture(model),
            keep.of_frozen("lots", model.lots, _lots), keep.of("tally", model.tally), written(_events_today(model))]))

    def _news(self, model: Model) -> bytes:
        """The news written; the names of what has been published, which cannot change, while no other joins them."""
        names = self._writings.of_frozen("published", list(model.news.published), lambda those: written(sorted(those)))
        return joined([names, written(model.news.under_way())])

    def _agents(self, model: Model) -> list[bytes]:
        """Every agent written, in the order of GROUPS and by name, then governments.

        Most decide once a week, on the same day, so that they are kept together, and the many brokers likewise.
        """
        keep = self._writings
        states = [one.state() for one in chain(*(_by_name(getattr(model, group)) for group in GROUPS))]
        told = Broker.memories(_by_name(model.brokers))
        brokers = keep.of("brokers", told, lambda memories: [written_bytes(packed(one)) for one in memories])
        moved = [written(one.state()) for one in _by_name(model.governments) if one.has_moved]
        return [*keep.of("agents", states, lambda those: list(map(written, those))), *brokers, *moved]

    def _investor(self, one: InvestorClass) -> bytes:
        items, beliefs = one.beliefs()
        elasticity, *of_beliefs = self._writings.of_arrays(f"investors: {one.name}", [one.elasticity, *beliefs])
        told = [joined(list(pair)) for pair in zip(map(packed, items), of_beliefs, strict=True)]
        return joined([packed(one.name), elasticity, packed(one.doubt), joined(told)])

    def _by_part(self, name: str, state: tuple) -> bytes:
        """A state of which most parts stay as they were when one changes; plain values are written as they are."""
        keep = self._writings
        return joined([
            packed(part) if type(part) in PLAIN else keep.of((name, place), part) for place, part in enumerate(state)])

    def _picture(self, model: Model) -> bytes:
        return joined([self._of_picture(name, getattr(model.picture, name)) for name in PICTURE])

    def _of_picture(self, name: str, value: object) -> bytes:
        if type(value) in PLAIN:
            return packed(value)
        name_of_part = f"picture: {name}"
        if name in OF_RECORDS:
            return self._writings.of_frozen(name_of_part, [*value, *value.values()], lambda _: written(value))
        return self._writings.of(name_of_part, value)


def _by_name(agents: dict[str, NamedAgent]) -> list[NamedAgent]:
    return [agents[name] for name in sorted(agents)]


def _books(model: Model) -> bytes:
    """The books written: some money moves every day, so that nothing of them is kept beyond what they keep themselves."""
    return joined(list(map(written_bytes, model.books.state())))


def _lots(lots: Sequence[Lot]) -> bytes:
    return written_bytes(packed(sorted(map(LOT, lots))))


def _events_today(model: Model) -> list[tuple[str, str, str]]:
    today = []
    for day, *event in reversed(model.record.events):
        if day != model.today:
            break
        today.append(tuple(event))
    return today
