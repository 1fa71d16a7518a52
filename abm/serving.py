"""The month's market for serving: contracts end, customers find room, clouds are paid, and the price of tokens moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.leasing import fill_leases
from abm.books import OUTSIDE, USD
from abm.elementary import exp, log
from abm.launches import held_for_candidates, is_own_model, staged_uptake, withdraw
from abm.markets.capacity import Wish, clear, hand_out
from abm.markets.tokens import cost_of_tokens, next_log_price, supply_price
from abm.monthly_chronicle import called
from abm.offers import INFINITE
from abm.picture import ABROAD, HOME, REGIONS
from abm.units import DAYS_PER_MONTH, DAYS_PER_YEAR, Fraction, TokensPerDay, UsdPerMillionTokens, cents

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.model import Model

CUSTOMERS = f"{OUTSIDE}customers"
MILLION = 1e6
PLACES = {HOME: "In China", ABROAD: "Elsewhere"}
NAMED = 3
"""Models that a sentence about unserved demand names."""


def serve_the_month(model: Model) -> None:
    """Let go what contracts no longer hold, let customers find room, reserve it for them, and settle the month."""
    _release(model)
    fill_leases(model)
    for _, cloud in sorted(model.clouds.items()):
        cloud.assign_training(model)
    _reserve(model)
    _settle(model)
    for region in REGIONS:
        _tell_unserved(model, region)
        _reprice(model, region)


def reserved_tokens(model: Model, launched: str) -> dict[str, TokensPerDay]:
    """Tokens a day that chips reserved for a model serve, by cloud that has any."""
    holding = sorted((name, cloud) for name, cloud in model.clouds.items() if launched in cloud.reserved_models)
    tokens = {name: cloud.served_tokens(model, launched) for name, cloud in holding}
    return {name: amount for name, amount in tokens.items() if amount > 0}


def _release(model: Model) -> None:
    """Where contracts roll, chips whose customers have given notice, or no longer want what they serve, go free.

    Chips held for a candidate go free in any month, where its launch has been given up or it needs fewer.
    """
    _release_candidates(model)
    if not model.users.contracts_roll(model):
        return
    held = {name for _, cloud in sorted(model.clouds.items()) for name in cloud.reserved_models}
    for launched in sorted(held & set(model.picture.models)):
        serves = math.fsum(reserved_tokens(model, launched).values())
        wanted = model.picture.wanted.get(launched, 0.0)
        surplus = max(1.0 - wanted / serves, 0.0) if serves > 0 else 0.0
        for _, cloud in sorted(model.clouds.items()):
            cloud.release(model, launched, max(model.users.notice.get(launched, 0.0), surplus))
    model.users.notice = {}


def _release_candidates(model: Model) -> None:
    needed = _candidates(model)
    for name in held_for_candidates(model):
        if name not in needed:
            withdraw(model, name)
            continue
        serves, wanted = math.fsum(reserved_tokens(model, name).values()), math.fsum(needed[name].values())
        for _, cloud in sorted(model.clouds.items()):
            cloud.release(model, name, max(1.0 - wanted / serves, 0.0) if serves > 0 else 0.0)


def _reserve(model: Model) -> None:
    """Wishes and free chips of all clouds meet; what is found is reserved, for candidates that wait for chips as well."""
    foreign, domestic = _room(model, of_home=False), _room(model, of_home=True)
    placed = clear(_wishes(model), foreign, model.world.demand.moving, domestic=domestic)
    for name, cloud in sorted(model.clouds.items()):
        tokens = {
            launched: work / model.rates.effort(launched)
            for (launched, place), work in sorted(placed.items()) if place == name and work > 0
        }
        grants = hand_out(cloud.capacity(model, cloud.free), tokens, model.rates.tokens)
        cloud.reserve(model, grants)


def _room(model: Model, *, of_home: bool) -> dict[str, int]:
    """Work that each cloud's free chips of foreign or of domestic makes can serve."""
    return {
        name: _work(model, {
            chip: units for chip, units in cloud.capacity(model, cloud.free).items()
            if model.rates.is_domestic(chip) == of_home
        })
        for name, cloud in sorted(model.clouds.items())
    }


def _work(model: Model, chips: dict[str, int]) -> int:
    """Whole tokens of the reference model a day that chips serve."""
    return int(math.fsum([units * model.rates.reference(chip) for chip, units in chips.items() if units]))


def _candidates(model: Model) -> dict[str, dict[str, TokensPerDay]]:
    """Tokens a day for which candidates that wait for chips need serving before launch, by candidate and cloud."""
    needed: dict[str, dict[str, TokensPerDay]] = {}
    for place, candidates in sorted(staged_uptake(model).items()):
        for name, tokens in sorted(candidates.items()):
            needed.setdefault(name, {})[place] = tokens
    return needed


def _wishes(model: Model) -> list[Wish]:
    """What is wanted of launched models beyond contracts, and of candidates beyond the chips held for them so far."""
    wanted = {}
    for name, tokens in sorted(model.picture.wanted.items()):
        places = model.picture.models[name].served_at
        wanted[name] = {place: tokens * model.users.part(place, places) for place in places}
    return [_wish(model, name, parts) for name, parts in (wanted | _candidates(model)).items()]


def _wish(model: Model, name: str, parts: dict[str, TokensPerDay]) -> Wish:
    """What is lacking of the tokens wanted of a model, asked first where less than its part is reserved."""
    effort, held = model.rates.effort(name), reserved_tokens(model, name)
    lacking = max(math.fsum(parts.values()) - math.fsum(held.values()), 0.0)
    open_parts = {place: max(part - held.get(place, 0.0), 0.0) for place, part in parts.items()}
    whole = math.fsum(open_parts.values())
    work = {place: int(lacking * part / whole * effort) if whole > 0 else 0 for place, part in open_parts.items()}
    places = tuple(parts)
    own = tuple(place for place in places if is_own_model(model, model.clouds[place], name))
    return Wish(
        name, work, places, own, anywhere=name not in model.picture.models, ported=name not in model.rates.unported)


def _settle(model: Model) -> None:
    """Count what is served and unserved, and have customers pay a month of it at the price of the work it takes."""
    for name, wanted in sorted(model.picture.wanted.items()):
        launched, held = model.picture.models[name], reserved_tokens(model, name)
        able = math.fsum(held.values())
        part = min(wanted / able, 1.0) if able > 0 else 0.0
        price = token_price(model, launched.region) * model.rates.effort(name)
        for cloud, tokens in held.items():
            _pay(model, cloud, launched.region, cents(tokens * part * DAYS_PER_MONTH / MILLION * price))
        model.picture.demand[name] = able * part
        model.picture.unserved[name] = 1.0 - min(able / wanted, 1.0) if wanted > 0 else 0.0


def _pay(model: Model, cloud: str, region: str, amount: int) -> None:
    model.books.move(USD, amount, giver=CUSTOMERS, taker=cloud, reason="tokens sold")
    model.books.move(USD, amount, giver=cloud, taker=f"{OUTSIDE}owners", reason="operating cash")
    model.users.revenue[region] += amount


# price ----------------------------------------------------------------------------------------------------


def token_price(model: Model, region: str) -> UsdPerMillionTokens:
    """Price of a million tokens of the reference model in a region; of others in proportion to the work they take."""
    return model.world.demand.token_price * exp(model.users.log_price[region])


def serving_capacity(model: Model, region: str) -> tuple[TokensPerDay, TokensPerDay]:
    """Work that chips serve, free and in all, at the clouds that serve models of a region; training does not count."""
    places = {place for one in model.picture.models.values() if one.region == region for place in one.served_at}
    free, reserved = [], []
    for name in sorted(places):
        cloud = model.clouds[name]
        free.append(float(_work(model, cloud.capacity(model, cloud.free))))
        reserved += [float(_work(model, cloud.capacity(model, cloud.reserved_for(one)))) for one in cloud.reserved_models]
    return math.fsum(free), math.fsum([*free, *reserved])


def region_work(model: Model, region: str, tokens: dict[str, TokensPerDay]) -> TokensPerDay:
    """Tokens by model as work, in tokens of the reference model, of the models of a region."""
    return math.fsum(
        amount * model.rates.effort(name) for name, amount in sorted(tokens.items())
        if model.picture.models[name].region == region
    )


def serving_cost(model: Model, region: str) -> UsdPerMillionTokens | None:
    """What the last million tokens wanted at clouds that serve a region cost: price and power of a chip over its life.

    The cheapest kinds serve first, each as much as the chips do that run there and those that may be had at its price of
    today: any number of a kind that is made, and what is left of one that is sold off. Chips that run there and are sold
    no more have no price: they serve at the least cost of the others.
    """
    days = model.world.technology.chip_years * DAYS_PER_YEAR
    costs: dict[str, UsdPerMillionTokens] = {}
    served: dict[str, TokensPerDay] = {}
    to_be_had: dict[str, TokensPerDay] = {}
    for name, cloud in sorted(model.clouds.items()):
        if cloud.region != region or not cloud.reserved_models:
            continue
        units = _serving_chips(model, cloud)
        for chip, running in units.items():
            served[chip] = served.get(chip, 0.0) + running * model.rates.reference(chip)
        for option in model.options_for(cloud):
            chip, may_order = option.chip, model.gates.may_order(option.chip, name)
            if option.serving > 0 and (may_order or chip in units):
                cost = cost_of_tokens(option.cost, option.serving, days)
                costs[chip] = min(costs.get(chip, cost), cost)
            if may_order:
                to_be_had[chip] = INFINITE if option.rate > 0 else max(option.spare, 0.0) * option.serving
    if not costs:
        return None
    least = min(costs.values())
    supplies = [(costs.get(chip, least), work) for served_by in (served, to_be_had) for chip, work in served_by.items()]
    wanted, price = region_work(model, region, model.picture.wanted), token_price(model, region)
    return supply_price(supplies, wanted, price, elasticity=model.world.demand.price_elasticity)


def _serving_chips(model: Model, cloud: Cloud) -> dict[str, int]:
    """Chips of a cloud by kind that serve or are free to, not those that train."""
    accounts = [cloud.capacity(model, cloud.free)]
    accounts += [cloud.capacity(model, cloud.reserved_for(one)) for one in cloud.reserved_models]
    return {chip: sum(account[chip] for account in accounts) for chip in accounts[0]}  # integers


def _reprice(model: Model, region: str) -> None:
    """Clouds ask more where more is wanted than they can serve, and less, down to their cost, where chips lie free."""
    declared, users = model.world.demand, model.users
    _, capacity = serving_capacity(model, region)
    cost = serving_cost(model, region)
    floor = log(cost / declared.token_price) if cost is not None else users.log_price[region]
    users.log_price[region] = next_log_price(
        users.log_price[region], region_work(model, region, model.picture.wanted), capacity,
        floor=floor, speed=declared.price_speed,
    )


# event log ------------------------------------------------------------------------------------------------


def unserved_share(model: Model, region: str) -> Fraction:
    """Share of the work wanted in a region that is not served."""
    wanted = region_work(model, region, model.picture.wanted)
    return max(1.0 - region_work(model, region, model.picture.demand) / wanted, 0.0) if wanted > 0 else 0.0


def _tell_unserved(model: Model, region: str) -> None:
    """Say why demand goes unserved: which models lack chips most, and what lies free at clouds that serve others."""
    share = unserved_share(model, region)
    if share <= model.world.demand.shortage_told:
        return
    picture = model.picture
    lacking = {
        name: picture.unserved[name] * picture.wanted[name] * model.rates.effort(name)
        for name in sorted(picture.wanted) if picture.models[name].region == region
    }
    worst = sorted(lacking, key=lambda name: (-lacking[name], name))[:NAMED]
    free, whole = serving_capacity(model, region)
    places = {name: ", ".join(called(model, place) for place in picture.models[name].served_at) for name in worst}
    named = "; ".join(
        f"{picture.unserved[name]:.0%} of {name} (served at {places[name]})" for name in worst if lacking[name] > 0)
    model.tell("users", "unserved", f"{PLACES[region]}, {share:.0%} of the work wanted was not served: {named};"
               f" {free / whole if whole > 0 else 0.0:.0%} of serving chips lay free")

