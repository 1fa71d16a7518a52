"""Customs at work: what leaves a transit country this week, whom its officers inspect, and what they find."""

from __future__ import annotations

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


def lots_leave(model: Model) -> None:
    """Shells send their whole lots on; each office inspects what looks most suspicious, among much that is lawful.

    Where nothing that is sent on is restricted, there is nothing to find.
    """
    leaving = [
        (broker, chip, units) for _, broker in sorted(model.brokers.items()) for chip, units in broker.sends(model)
    ]
    for country in sorted({broker.country for broker, _, _ in leaving}):
        lots = [one for one in leaving if one[0].country == country]
        office, restricted = model.customs(country), model.restricted_chips()
        inspected = office.inspects(model, [*lawful(model, country), *(_seen(model, *lot) for lot in lots)])
        for broker, chip, units in lots:
            sender = f"{broker.name}/{chip}"
            if restricted and office.finds(model, sender, inspected=sender in inspected):
                broker.is_seized(model, chip, units)
            else:
                broker.passes(model, chip, units)


def _seen(model: Model, broker: Broker, chip: str, units: int) -> Shipment:
    """A broker's lot as officers see it: not what it is, nor how many shells its owner had before."""
    sender = f"{broker.name}/{chip}"
    young = model.day - broker.founded < TRADING_DAYS_PER_YEAR
    impression, lot = (model.chance.uniform("inspection", sender, model.day, word) for word in (1, 2))
    return Shipment(sender, units, young, impression, lot)


@lru_cache(maxsize=64)
def _lawful_senders(country: str, shipments: int) -> tuple[list[str], np.ndarray]:
    """Names of lawful shipments from a country and their slots, the same every week; to be read only."""
    names = [f"lawful/{country}/{place}" for place in range(shipments)]
    return names, slots(names)


def lawful(model: Model, country: str) -> list[Shipment]:
    """The week's lawful shipments from a country that look like a broker's: as large, from firms mostly older."""
    names, where = _lawful_senders(country, model.world.diversion.lawful_shipments)
    day, conduct = model.day, model.world.conduct
    sizes = model.chance.normals("size of a lawful shipment", where, day).tolist()
    ages, impressions, lots = (model.chance.uniforms("lawful shipment", where, day, word).tolist() for word in range(3))
    median = lot_size(1.0, conduct)
    return [
        Shipment(name, max(int(median * exp(conduct.broker_spread * size)), 1), age < model.world.diversion.young_lawful,
                 impression, lot)
        for name, size, age, impression, lot in zip(names, sizes, ages, impressions, lots, strict=True)
    ]
