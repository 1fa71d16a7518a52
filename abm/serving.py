"""The month's market for serving: contracts end, customers find room, clouds are paid, and the price of tokens moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.books import OUTSIDE, USD
from abm.elementary import exp, log
from abm.launches import is_own_model, staged_uptake
from abm.markets.capacity import Wish, Work, clear, hand_out
from abm.markets.tokens import cost_of_tokens, next_log_price
from abm.monthly_chronicle import called
from abm.picture import ABROAD, HOME, REGIONS
from abm.units import DAYS_PER_MONTH, DAYS_PER_YEAR, Fraction, TokensPerDay, UsdPerMillionTokens, cents

if TYPE_CHECKING:
    from abm.model import Model

CUSTOMERS = f"{OUTSIDE}customers"
MILLION = 1e6
PLACES = {HOME: "In China", ABROAD: "Elsewhere"}
NAMED = 3
"""Models that a sentence about unserved demand names."""


def serve_the_month(model: Model) -> None:
    """Let go what contracts no longer hold, let customers find room, reserve it for them, and settle the month."""
    _release(model)
    for _, cloud in sorted(model.clouds.items()):
        cloud.assign_training(model)
    _reserve(model)
    _settle(model)
    for region in REGIONS:
        _tell_unserved(model, region)
        _reprice(model, region)


def reserved_tokens(model: Model, launched: str) -> dict[str, TokensPerDay]:
    """Tokens a day that chips reserved for a model serve, by cloud that has any."""
    tokens = {name: cloud.served_tokens(model, launched) for name, cloud in sorted(model.clouds.items())}
    return {name: amount for name, amount in tokens.items() if amount > 0}


def _release(model: Model) -> None:
    """Where contracts roll, chips whose customers have given notice, or no longer want what they serve, go free."""
    if not model.users.contracts_roll(model):
        return
    held = sorted({name for _, cloud in sorted(model.clouds.items()) for name in cloud.reserved_models})
    for launched in held:
        serves = math.fsum(reserved_tokens(model, launched).values())
        wanted = model.picture.wanted.get(launched, 0.0)
        surplus = max(1.0 - wanted / serves, 0.0) if serves > 0 else 0.0
        for _, cloud in sorted(model.clouds.items()):
            cloud.release(model, launched, max(model.users.notice.get(launched, 0.0), surplus))
    model.users.notice = {}


def _reserve(model: Model) -> None:
    """Wishes and free chips of all clouds meet; what is found is reserved, what a staged model is due stays free."""
    room = {name: _work(model, cloud.capacity(model, cloud.free)) for name, cloud in sorted(model.clouds.items())}
    placed = _placed(model, room)
    for name, cloud in sorted(model.clouds.items()):
        tokens = {
            launched: work / model.rates.effort(launched)
            for (launched, place), work in sorted(placed.items()) if place == name and work > 0
        }
        grants = hand_out(cloud.capacity(model, cloud.free), tokens, model.rates.serving)
        cloud.reserve(model, {key: units for key, units in grants.items() if key[0] in model.picture.models})


def _placed(model: Model, room: dict[str, int]) -> Work:
    """Work placed beyond contracts; clouds hold chips for a staged candidate only if with them it could be launched."""
    wishes, moving = _wishes(model), model.world.demand.moving
    placed = clear(wishes, room, moving)
    found: dict[str, int] = {}
    for (name, _), units in sorted(placed.items()):
        found[name] = found.get(name, 0) + units
    in_vain = {
        wish.model for wish in wishes
        if wish.model not in model.picture.models and found.get(wish.model, 0) < wish.work
    }
    if not in_vain:
        return placed
    return clear([wish for wish in wishes if wish.model not in in_vain], room, moving)


def _work(model: Model, chips: dict[str, int]) -> int:
    """Whole tokens of the reference model a day that chips serve."""
    return int(math.fsum([units * model.rates.reference(chip) for chip, units in chips.items() if units]))


def _wishes(model: Model) -> list[Wish]:
    """What is wanted of launched models beyond contracts, and of candidates that wait for chips."""
    wishes = []
    for name, tokens in sorted(model.picture.wanted.items()):
        places, held = model.picture.models[name].served_at, reserved_tokens(model, name)
        parts = {place: tokens * model.users.part(place, places) - held.get(place, 0.0) for place in places}
        lacking = max(tokens - math.fsum(held.values()), 0.0)
        open_parts = {place: max(part, 0.0) for place, part in parts.items()}
        whole = math.fsum(open_parts.values())
        asked = {place: lacking * part / whole if whole > 0 else 0.0 for place, part in open_parts.items()}
        wishes.append(_wish(model, name, asked, places))
    staged: dict[str, dict[str, TokensPerDay]] = {}
    for place, candidates in sorted(staged_uptake(model).items()):
        for name, tokens in sorted(candidates.items()):
            staged.setdefault(name, {})[place] = tokens
    return wishes + [_wish(model, name, asked, tuple(sorted(asked))) for name, asked in sorted(staged.items())]


def _wish(model: Model, name: str, asked: dict[str, TokensPerDay], places: tuple[str, ...]) -> Wish:
    effort = model.rates.effort(name)
    own = tuple(place for place in places if is_own_model(model, model.clouds[place], name))
    work = {place: int(tokens * effort) for place, tokens in asked.items()}
    return Wish(name, work, places, own, anywhere=name not in model.picture.models)


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
    """Least cost of a million tokens at clouds that serve a region: price and power of a chip over its life.

    Of the chips that run there, at their price of today, or that may be ordered; kinds that are sold no more have no
    price and do not count.
    """
    technology = model.world.technology
    days = technology.chip_years * DAYS_PER_YEAR
    costs = [
        cost_of_tokens(option.cost, option.serving, days)
        for _, cloud in sorted(model.clouds.items()) if cloud.region == region and cloud.reserved_models
        for option in model.options_for(cloud)
        if option.serving > 0 and (option.chip in cloud.chips() or model.gates.may_order(option.chip, cloud.name))
    ]
    return min(costs, default=None)


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

