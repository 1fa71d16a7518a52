"""The opening: what history left on the first free day, put into the books and into the agents' hands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.cloud import Cloud
from abm.agents.designing_vendor import DesigningVendor
from abm.agents.domestic_vendor import DomesticVendor
from abm.agents.government import Government
from abm.agents.lab import Lab
from abm.agents.population import found_broker
from abm.agents.regulator import Regulator
from abm.agents.vendor import FOUNDRY
from abm.books import chip_asset, split
from abm.elementary import log
from abm.offers import Lot, Order
from abm.picture import HOME, region_of
from abm.policy import EMPTY_RECORD, rules_before
from abm.policy.instrument import APPROVE, GOVERNMENTS, US
from abm.rules.broker import lot_size
from abm.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from abm.agents.broker import Broker
    from abm.model import Model
    from abm.scenario.actors import Product

DAYS = 5
"""Trading days in a week."""


def open_actors(model: Model) -> None:
    """Make every named actor of the roster, and the first shell companies."""
    world = model.world
    for actor in sorted(world.actors, key=lambda one: one.id):
        products = tuple(product for product in world.products if product.vendor == actor.id)
        if actor.kind == "regulator":
            model.regulators[actor.id] = Regulator(model, actor)
        elif actor.kind == "vendor":
            made = DomesticVendor if actor.country == HOME else DesigningVendor
            model.vendors[actor.id] = made(model, actor, products)
        elif actor.kind == "cloud":
            model.clouds[actor.id] = Cloud(model, actor)
    records = {record.id: record for record in world.labs}
    for actor in sorted(world.actors, key=lambda one: one.id):
        if actor.kind == "lab" and actor.id in records:
            model.labs[actor.id] = Lab(model, actor, records[actor.id])
    for reaction in model.policy.reactions:
        model.governments[reaction.government] = Government(model, reaction)
    for place in range(world.conduct.opening_brokers):
        name = f"shell-opening-{place}"
        model.brokers[name] = found_broker(model, name, before=True)


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
        if not model.chip(product.chip).is_out(model.today):
            continue
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
    rules = rules_before(model.world.start)
    return not any(rules.review(transaction, EMPTY_RECORD, one).restricts for one in GOVERNMENTS)


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


def opening_restricted(model: Model) -> list[str]:
    """Foreign chips that China's buyers could not have under the rules of the opening, whatever the policy of the run."""
    rules = rules_before(model.world.start)
    return [
        product.chip
        for product in sorted(model.world.products, key=lambda one: one.chip)
        if model.actors[product.vendor].country != HOME and model.chip(product.chip).is_out(model.today)
        and any(
            rules.review(
                model.gates.transaction(product.chip, buyer=model.ordinary_buyer, quantity=1), EMPTY_RECORD, one
            ).restricts
            for one in GOVERNMENTS
        )
    ]


def open_grey_market(model: Model) -> None:
    """Start the grey price at list price plus the opening premium, and purses where weekly saving and spending meet."""
    conduct = model.world.conduct
    restricted = opening_restricted(model)
    if not restricted:
        return
    listed = math.fsum(model.picture.quotes[chip].price for chip in restricted)
    worth = math.fsum(model.rates.worth(chip) for chip in restricted)
    model.picture.grey_worth = {chip: model.rates.worth(chip) for chip in restricted}
    model.picture.log_grey_price = log(listed * (1.0 + conduct.opening_grey_premium) / worth)
    model.picture.log_grey_trend = model.picture.log_grey_price
    for _, cloud in sorted(model.clouds.items()):
        cloud.open_purse(model)


def open_lots(model: Model) -> None:
    """Give brokers what they had ordered before the opening, as often as in the run, of what came soonest.

    Older lots are in their hands and sell from the first week, newer ones are on their way. Where they need licences,
    they have the rest of the one under which they bought.
    """
    conduct, quotes = model.world.conduct, model.picture.quotes
    chip = min(opening_restricted(model), key=lambda kind: (quotes[kind].delay, kind), default=None)
    if chip is None:
        return
    coming = model.world.technology.transit_weeks + model.world.technology.production_weeks
    in_hand = round(1 / conduct.grey_release)
    ordered = 0
    for name, broker in sorted(model.brokers.items()):
        _open_licence(model, broker, chip)
        for week in range(coming + in_hand):
            if not model.chance.chance(conduct.broker_lots_per_year / WEEKS_PER_YEAR, "lot", name, -DAYS * (week + 1)):
                continue
            units = lot_size(broker.scale, conduct)
            ordered += units
            arrived = week >= coming
            holder = name if arrived else f"{name}|in transit"
            model.books.move(chip_asset(chip), units, giver=FOUNDRY, taker=holder, reason="made")
            if not arrived:
                model.lots.append(Lot(model.sellers[chip], name, chip, units, DAYS * (coming - week), "direct"))
    model.picture.grey_supply = ordered / (coming + in_hand) * model.rates.worth(chip)


def _open_licence(model: Model, broker: Broker, chip: str) -> None:
    """What is left of the licence under which a shell bought, a part of what it files for, whatever the run's policy."""
    transaction = model.gates.transaction(chip, buyer=broker.name, quantity=1)
    if rules_before(model.world.start).review(transaction, EMPTY_RECORD, US).licence == APPROVE:
        lots = int(model.world.conduct.broker_open_lots * model.world.diversion.opening_licences)
        units = lots * lot_size(broker.scale, model.world.conduct)
        model.gates.office(US).open_licences[chip, broker.name] = units


def open_customs(model: Model) -> dict[str, Regulator]:
    """The customs office of each transit country."""
    by_country = {regulator.actor.country: regulator for _, regulator in sorted(model.regulators.items())}
    return {country: by_country[country] for country in model.world.diversion.transit()}
