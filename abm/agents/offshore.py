"""What buyers of diverted chips may do instead: buy what is legal at home, or rent an offshore operator's chips.

Renting is legal as long as both governments let the operator have the chips: its orders pass the same gates as all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.leasing import lease, leased_flop
from abm.books import OUTSIDE, USD
from abm.markets.grey import GreyBuyer, wanted_share
from abm.picture import HOME
from abm.rules.cloud import Need, Option, discount
from abm.units import cents, usd

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.model import Model

OWNERS = f"{OUTSIDE}owners"


def unmet(need: Need) -> float:
    """Part of what a cloud would have that stock and orders leave open: the larger of its two gaps."""
    return max(need.serving_gap, need.training_gap)


def operators(model: Model) -> list[Cloud]:
    """Clouds abroad at which China's labs train, by name."""
    rented = {name for lab in model.world.labs if model.actors[lab.id].country == HOME for name, _ in lab.trains_at}
    return [model.clouds[name] for name in sorted(rented) if model.clouds[name].actor.country != HOME]


def worth_per_usd(model: Model, option: Option) -> float:
    """Worth of a chip for a USD of its price, in reference chips, discounted for the wait."""
    return model.rates.worth(option.chip) * discount(model.world.conduct.impatience, option.delay) / option.price


def rental(model: Model) -> tuple[float, Cloud, Option] | None:
    """The best that can be rented: worth per USD, from whom, and on which chip; None where nobody may have a chip."""
    diversion = model.world.diversion
    offers = [
        (worth_per_usd(model, option) / (1.0 + diversion.rental_margin), operator, option)
        for operator in (operators(model) if diversion.rental_open else [])
        for option in model.options_for(operator)
        if option.price > 0 and model.gates.may_order(option.chip, operator.name)
    ]
    return max(offers, key=lambda one: (one[0], one[1].name, one[2].chip), default=None)


def best_alternative(model: Model, cloud: Cloud) -> float:
    """Best worth per USD that a buyer may have without a broker: of its own legal chips, or rented abroad."""
    own = [worth_per_usd(model, o) for o in model.options_for(cloud) if model.gates.may_order(o.chip, cloud.name)]
    rented = rental(model)
    return max([*own, *([] if rented is None else [rented[0]])], default=0.0)


def spend_otherwise(model: Model, buyers: list[GreyBuyer], part: float) -> None:
    """What buyers would spend this week and not on diverted chips: on renting where that is best, else on legal chips.

    Rent for the life of a chip is paid ahead; the operator buys the chips with it and its owners keep the margin.
    """
    taste, offer = model.world.conduct.grey_taste, rental(model)
    payers: dict[tuple[str, str], int] = {}
    for buyer in buyers:
        cloud = model.clouds[buyer.name]
        share = 1.0 - wanted_share(model.picture.log_grey_price, buyer.legal_worth, taste)
        purse = cloud.purse_for_brokers(model)
        amount = min(cents(buyer.money * part * share), model.books.balance(purse, USD))
        if offer is not None and offer[0] >= buyer.legal_worth:
            payers[buyer.name, purse] = amount
        elif purse != cloud.name:
            model.books.move(USD, amount, giver=purse, taker=cloud.name, reason="legal chips instead")
    if offer is not None and sum(payers.values()):  # integers
        _rent(model, payers, operator=offer[1], option=offer[2])


def _rent(model: Model, payers: dict[tuple[str, str], int], *, operator: Cloud, option: Option) -> None:
    """Pay rent ahead, all in proportion, for no more chips than both governments still let the operator order.

    Chips that are paid for and not yet ordered count against what it may order: a cap may be nearly used up.
    """
    whole = sum(payers.values())  # integers
    wanted = max(int(usd(whole) / (1.0 + model.world.diversion.rental_margin) / option.price), 1)
    lacking = max(operator.rented - leased_flop(model, operator), 0.0)
    owed = max(math.ceil(lacking / option.training) - model.open_orders.on_order(operator.name, option.chip), 0)
    allowed = max(model.gates.headroom(option.chip, operator.name, wanted + owed) - owed, 0)
    for payer, amount in sorted(payers.items()):
        if part := amount * min(allowed, wanted) // wanted:
            _pay_rent(model, payer, part, operator=operator, option=option)


def _pay_rent(model: Model, payer: tuple[str, str], amount: int, *, operator: Cloud, option: Option) -> None:
    renter, purse = payer
    cost = cents(usd(amount) / (1.0 + model.world.diversion.rental_margin))
    model.books.move(USD, cost, giver=purse, taker=operator.rent_purse, reason="rent abroad")
    model.books.move(USD, amount - cost, giver=purse, taker=OWNERS, reason="rent abroad")
    lease(model, operator, renter, usd(cost) / option.price * option.training)
    model.count("rent_cents", amount)
