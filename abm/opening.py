"""The opening: what history left on the first free day, put into the books and into the agents' hands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.cloud import Cloud
from abm.agents.lab import Lab
from abm.agents.population import TRANSIT, found_broker
from abm.agents.regulator import Regulator
from abm.agents.vendor import FOUNDRY, DomesticVendor, Vendor
from abm.books import chip_asset, split
from abm.elementary import log
from abm.offers import Lot, Order
from abm.picture import HOME, region_of
from abm.policy import EMPTY_RECORD, RULES_OF_END_2024
from abm.policy.instrument import GOVERNMENTS
from abm.rules.broker import lot_size
from abm.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from abm.model import Model
    from abm.scenario.actors import Product


def open_actors(model: Model) -> None:
    """Make every named actor of the roster, and the first shell companies."""
    world = model.world
    for actor in sorted(world.actors, key=lambda one: one.id):
        products = tuple(product for product in world.products if product.vendor == actor.id)
        if actor.kind == "regulator":
            model.regulators[actor.id] = Regulator(model, actor)
        elif actor.kind == "vendor":
            made = DomesticVendor if actor.country == HOME else Vendor
            model.vendors[actor.id] = made(model, actor, products)
        elif actor.kind == "cloud":
            model.clouds[actor.id] = Cloud(model, actor)
    records = {record.id: record for record in world.labs}
    for actor in sorted(world.actors, key=lambda one: one.id):
        if actor.kind == "lab" and actor.id in records:
            model.labs[actor.id] = Lab(model, actor, records[actor.id])
    for place in range(world.conduct.opening_brokers):
        name = f"shell-opening-{place}"
        model.brokers[name] = found_broker(model, name)


def open_fleets(model: Model) -> None:
    """Install the opening fleets, put chips to training by comparative advantage, and note the opening throughput."""
    for fleet in model.world.fleets:
        cloud = model.clouds[fleet.owner]
        model.books.move(chip_asset(fleet.chip), fleet.units, giver=FOUNDRY, taker=fleet.owner, reason="opening fleet")
        cloud.add_capacity(model, fleet.chip, fleet.units, fleet.origin)
    model.measure_domestic_share()
    model.rates.opening_share = model.picture.domestic_share
    for _, cloud in sorted(model.clouds.items()):
        cloud.assign_training(model)
        cloud.training_opening = cloud.training_flop(model)


def open_order_books(model: Model) -> None:
    """Share each product's opening orders among those who could and did order it, in proportion to their budgets."""
    for product in model.world.products:
        buyers = [cloud for _, cloud in sorted(model.clouds.items()) if _ordered(model, product, cloud)]
        names = [cloud.name for cloud in buyers]
        units = split(product.on_order, [cloud.actor.capex_usd_bn for cloud in buyers], names)
        price = (product.price_low + product.price_high) / 2
        vendor = model.vendors[product.vendor]
        vendor.order_book += [
            Order(name, product.vendor, product.chip, quantity, price, 0)
            for name, quantity in zip(names, units, strict=True) if quantity
        ]
        vendor.order_book.sort(key=lambda order: order.key)


def _ordered(model: Model, product: Product, cloud: Cloud) -> bool:
    if region_of(cloud.actor.country) != product.ordered_from:
        return False
    transaction = model.gates.transaction(product.chip, buyer=cloud.name, quantity=1)
    return all(RULES_OF_END_2024.review(transaction, EMPTY_RECORD, one).permitted for one in GOVERNMENTS)


def open_models(model: Model) -> None:
    """Put each lab's last model before its users, and the frontier where it stood."""
    for _, lab in sorted(model.labs.items()):
        launched = lab.opening_model(model)
        model.picture.models[launched.name] = launched
        model.rates.add_model(launched.name, launched.active_parameters)
    best = model.picture.best("abroad")
    model.picture.frontier = [(0.0, best.quality if best else model.world.technology.quality_reference)]
    model.users.open(model)
    model.picture.wanted = dict(model.users.by_model)


def open_grey_market(model: Model) -> None:
    """Start the grey price at list price plus the opening premium, on the chips restricted at the opening."""
    conduct = model.world.conduct
    restricted = model.restricted_chips()
    if not restricted:
        return
    listed = math.fsum(model.picture.quotes[chip].price for chip in restricted)
    worth = 0.0
    for chip in restricted:
        worth += model.rates.worth(chip)
    model.picture.grey_worth = {chip: model.rates.worth(chip) for chip in restricted}
    model.picture.log_grey_price = log(listed * (1.0 + conduct.opening_grey_premium) / worth)
    model.picture.log_grey_trend = model.picture.log_grey_price
    model.picture.grey_supply = conduct.opening_brokers * conduct.broker_chips / WEEKS_PER_YEAR


def open_lots(model: Model) -> None:
    """Put on their way the lots that brokers ordered before the opening, as often as in the run, of what came soonest."""
    conduct = model.world.conduct
    quotes = model.picture.quotes
    chip = min(model.restricted_chips(), key=lambda kind: (quotes[kind].delay, kind), default=None)
    if chip is None:
        return
    weeks = model.world.technology.transit_weeks + model.world.technology.production_weeks
    for name, broker in sorted(model.brokers.items()):
        for week in range(weeks):
            if model.chance.chance(conduct.broker_lots_per_year / WEEKS_PER_YEAR, "lot", name, -5 * (week + 1)):
                units = lot_size(broker.scale, conduct)
                model.books.move(chip_asset(chip), units, giver=FOUNDRY, taker=f"{name}|in transit", reason="made")
                model.lots.append(Lot(model.sellers[chip], name, chip, units, 5 * (weeks - week), "direct"))


def open_customs(model: Model) -> dict[str, Regulator]:
    """The customs office of each transit country."""
    by_country = {regulator.actor.country: regulator for _, regulator in sorted(model.regulators.items())}
    return {country: by_country[country] for country in TRANSIT}
