"""Customs at work: what leaves a transit country this week, whom its officers inspect, and what they find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from abm.chance import slots
from abm.elementary import exp
from abm.rules.broker import lot_size
from abm.rules.customs import Shipment
from abm.units import TRADING_DAYS_PER_YEAR

if TYPE_CHECKING:
    import numpy as np

    from abm.agents.broker import Broker
    from abm.model import Model


@dataclass(frozen=True)
class Leaving:
    """A broker's lot that leaves: the shipment by a permanent name, who sends it in which name, and which chip it holds."""

    sender: str
    firm: str
    broker: Broker
    chip: str
    units: int


def lots_leave(model: Model) -> None:
    """Shells send their lots on; each office inspects what looks most suspicious, among much that is lawful.

    Where nothing that is sent on is restricted, there is nothing to find.
    """
    _files_fade(model)
    leaving = _leaving(model)
    for country in sorted(model.world.diversion.transit()):
        _inspect(model, country, [one for one in leaving if one.broker.country == country])


def _inspect(model: Model, country: str, lots: list[Leaving]) -> None:
    """One office's week: choose, look, seize or let pass, and write down what was seen of the firms."""
    office, ordinary = model.customs(country), lawful(model, country)
    inspected = office.inspects(model, [*ordinary, *(_seen(model, one) for one in lots)])
    seen = {one.firm: False for one in ordinary if one.sender in inspected}
    for lot in lots:
        looked_at = lot.sender in inspected
        found = model.is_restricted(lot.chip) and office.finds(model, lot.sender, inspected=looked_at)
        if looked_at or found:
            seen[lot.firm] = found or seen.get(lot.firm, False)
        if looked_at:
            model.count("inspected diverted lots", 1)
        if found:
            lot.broker.is_seized(model, lot.chip, lot.units)
        else:
            lot.broker.passes(model, lot.chip, lot.units)
    for firm, found in seen.items():
        office.notes(firm, found=found)


def _files_fade(model: Model) -> None:
    """A week passes at every office: what it has on file about firms fades."""
    for country in sorted(model.world.diversion.transit()):
        model.customs(country).files_fade(model.world.diversion.record_memory)


def firm_of(broker: Broker) -> str:
    """The firm in whose name a broker sends: its owner's shell of the day, of which nothing is on file at first."""
    return f"{broker.name}#{broker.shells}"


def _leaving(model: Model) -> list[Leaving]:
    """Lots of all shells that leave this week, after what pays better there has been sold in the transit country."""
    leaving: list[Leaving] = []
    for name, broker in sorted(model.brokers.items()):
        broker.comes_back(model)
        broker.sell_openly(model)
        places: Counter[str] = Counter()
        for chip, units in broker.sends(model):
            leaving.append(Leaving(f"{name}/{chip}/{places[chip]}", firm_of(broker), broker, chip, units))
            places[chip] += 1
    return leaving


def _seen(model: Model, leaving: Leaving) -> Shipment:
    """A broker's lot as officers see it: not what it is, nor how many shells its owner had before."""
    young = model.day - leaving.broker.founded < TRADING_DAYS_PER_YEAR
    impression, lot = (model.chance.uniform("inspection", leaving.sender, model.day, word) for word in (1, 2))
    return Shipment(leaving.sender, leaving.units, young, impression, lot, firm=leaving.firm)


@lru_cache(maxsize=64)
def _lawful_senders(countries: tuple[str, ...], shipments: int) -> tuple[list[str], np.ndarray]:
    """Names of so many lawful shipments from each country and their slots, the same every week; to be read only."""
    names = [f"lawful/{country}/{place}" for country in countries for place in range(shipments)]
    return names, slots(names)


def lawful(model: Model, country: str) -> list[Shipment]:
    """The week's lawful shipments from a country that look like a broker's: as large, from firms mostly older.

    Who sends is the same firm every week, on which officers keep a file. The luck of all countries' is drawn together
    when the first of them is asked for: it depends on names and day alone.
    """
    week = model.lawful_trade.under(model.day, model.world)
    if not week:
        countries, number = sorted(model.world.diversion.transit()), model.world.diversion.lawful_shipments
        shipments = _lawful(model, *_lawful_senders(tuple(countries), number))
        week |= {one: shipments[place * number: (place + 1) * number] for place, one in enumerate(countries)}
    return week[country]


def _lawful(model: Model, names: list[str], where: np.ndarray) -> list[Shipment]:
    day, conduct, youngest = model.day, model.world.conduct, model.world.diversion.young_lawful
    sizes = model.chance.normals("size of a lawful shipment", where, day).tolist()
    ages, impressions, lots = (model.chance.uniforms("lawful shipment", where, day, word).tolist() for word in range(3))
    median = lot_size(1.0, conduct)
    return [
        Shipment(name, max(int(median * exp(conduct.broker_spread * size)), 1), age < youngest, impression, lot, name)
        for name, size, age, impression, lot in zip(names, sizes, ages, impressions, lots, strict=True)
    ]
