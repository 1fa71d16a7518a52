"""What buyers of diverted chips may do instead: buy what is legal at home, or rent an offshore operator's chips.

Renting is legal as long as both governments let the operator have the chips: its orders pass the same gates as all.
Chips that are rented train; what serves users at home, and what must not leave the country, needs chips at home.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.agents.leasing import flop_of, lease, leased_flop
from abm.agents.purses import OWNERS
from abm.books import USD
from abm.elementary import exp, log
from abm.markets.grey import GreyBuyer, diverted_to_train, spent_on_diverted
from abm.markets.renting import Offer, Renter, clearing_log_rent, rented_share, together
from abm.picture import HOME
from abm.rates import REFERENCE_CHIP
from abm.rules.cloud import Need, Option, discount, training_part
from abm.units import Fraction, Usd, cents, usd

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.model import Model

STATE_FUNDED = "state_funded"


@dataclass(frozen=True)
class Rental:
    """Chips of one kind that an operator abroad may rent out this week, and what their training costs a renter."""

    operator: str
    option: Option
    chips: float
    offer: Offer


def unmet(need: Need) -> float:
    """Part of what a cloud would have that stock and orders leave open: the larger of its two gaps."""
    return max(need.serving_gap, need.training_gap)


def operators(model: Model) -> list[Cloud]:
    """Clouds abroad at which China's labs train, by name."""
    rented = {name for lab in model.world.labs if model.actors[lab.id].country == HOME for name, _ in lab.trains_at}
    return [model.clouds[name] for name in sorted(rented) if model.clouds[name].actor.country != HOME]


def best_per_usd(model: Model, options: list[Option], worth: Callable[[str], float]) -> float:
    """Most that a chip gives for a USD of its price, by its ``worth`` in reference chips, after the wait; 0 without chips."""
    impatience = model.world.conduct.impatience
    return max((worth(o.chip) * discount(impatience, o.delay) / o.price for o in options), default=0.0)


def rentals(model: Model, money: Usd) -> list[Rental]:
    """What operators abroad rent out for so much rent this week, the cheapest training first; ties by name.

    All that they may order in a week by their own rule is for renters, as far as both governments let them, but what they
    owe and have not on order. An allowance may be one for several kinds: the first that it cuts is the last on offer.
    """
    if not model.world.diversion.rental_open:
        return []
    return [one for operator in operators(model) for one in _orderable(model, operator, money)]


def _orderable(model: Model, operator: Cloud, money: Usd) -> list[Rental]:
    margin, impatience = model.world.diversion.rental_margin, model.world.conduct.impatience
    options = [o for o in model.options_for(operator) if o.price > 0 and model.gates.may_order(o.chip, operator.name)]
    coming = flop_of(model, model.open_orders.coming_to(operator.name))
    owed = max(operator.rented - leased_flop(model, operator) - coming, 0.0)
    found = []
    for option, limit in zip(options, operator.limits(model, options), strict=True):
        worth = model.rates.equivalents(option.chip) * discount(impatience, option.delay)
        cost = log(option.price * (1.0 + margin) / worth)
        most = money / (option.price * (1.0 + margin)) + owed / option.training
        found.append((cost, option, worth, min(limit, most) if model.world.diversion.rental_limited else most))
    offers = []
    for cost, option, worth, most in sorted(found, key=lambda one: (one[0], one[1].chip)):
        chips = float(min(model.gates.headroom(option.chip, operator.name, math.ceil(most)), most))
        taken = min(owed / option.training, chips)
        owed -= taken * option.training
        if chips - taken >= 1.0:
            offers.append(Rental(operator.name, option, chips - taken, Offer(cost, (chips - taken) * worth)))
        if chips < most:
            break
    return offers


def bid_for_diverted(model: Model, cloud: Cloud, money: Usd, need: Need) -> GreyBuyer:
    """A buyer of diverted chips with what else its money may buy: its own legal chips, or chips rented abroad.

    Buyers reckon with the rent of the week before, and no less than what chips for rent cost their operators today. For
    what may be done abroad they compare chips by the training that they give, which is all that a lease gives.
    """
    options = [o for o in model.options_for(cloud) if o.price > 0 and model.gates.may_order(o.chip, cloud.name)]
    legal = best_per_usd(model, options, model.rates.worth)
    mobile, offers = mobile_part(model, cloud, need), rentals(model, money)
    if not offers or mobile <= 0.0:
        return GreyBuyer(cloud.name, money, legal)
    log_rent = min(one.offer.log_cost for one in offers)
    if model.picture.log_rent is not None:
        log_rent = max(log_rent, model.picture.log_rent)
    training = best_per_usd(model, options, model.rates.equivalents)
    both = together((training, exp(-log_rent)), rental_taste(model))
    return GreyBuyer(
        cloud.name, money, legal, mobile=mobile, legal_training=training, open_training=both,
        diverted_training=model.picture.grey_training)


def rental_taste(model: Model) -> float:
    """Spread of needs between renting and legal chips, on the log scale of training per USD."""
    return model.world.diversion.rental_spread * model.world.conduct.grey_taste


def mobile_part(model: Model, cloud: Cloud, need: Need) -> Fraction:
    """Part of what a buyer wants chips for that may be done abroad: of its training, by its own need.

    Nothing of serving, and nothing for users whom the state pays.
    """
    if cloud.actor.end_use == STATE_FUNDED:
        return 0.0
    one = Option("", REFERENCE_CHIP, 1.0, model.rates.reference(REFERENCE_CHIP), model.rates.training(REFERENCE_CHIP), 0.0)
    return training_part(one, need) * model.world.diversion.rented_training


def spend_otherwise(model: Model, buyers: list[GreyBuyer], part: float) -> None:
    """What buyers would spend this week and not on diverted chips: on chips rented abroad, or on legal ones.

    The rent clears at what they would spend on needs that may go abroad. It is paid ahead for the life of a chip; the
    operator buys the chips with it and its owners keep the rest.
    """
    taste, price = model.world.conduct.grey_taste, model.picture.log_grey_price
    renters = [
        Renter(one.name, one.money * part * one.mobile * (1.0 - diverted_to_train(one, price, taste)), one.legal_training)
        for one in buyers if one.mobile > 0.0]
    left = {one.name: one.money * part * (1.0 - spent_on_diverted(one, price, taste)) for one in buyers}
    rented = rent_chips(model, renters)
    for buyer in buyers:
        purse = model.clouds[buyer.name].purse_for_brokers(model)
        if purse != buyer.name:
            amount = max(cents(left[buyer.name]) - rented.get(buyer.name, 0), 0)
            amount = min(amount, model.books.balance(purse, USD))
            model.books.move(USD, amount, giver=purse, taker=buyer.name, reason="legal chips instead")


def rent_chips(model: Model, renters: list[Renter]) -> dict[str, int]:
    """Let the rent clear and settle it: cents paid by renter."""
    taste = rental_taste(model)
    offers = rentals(model, math.fsum(one.money for one in renters))
    log_rent = clearing_log_rent([one.offer for one in offers], renters, taste)
    model.picture.log_rent = log_rent
    if log_rent is None:
        return {}
    paid = {}
    for one in renters:
        purse = model.clouds[one.name].purse_for_brokers(model)
        wanted = cents(one.money * rented_share(log_rent, one.legal_training, taste))
        paid[one.name] = min(wanted, model.books.balance(purse, USD))
    whole = sum(paid.values())  # integers
    if whole:
        bought = _cheapest(offers, usd(whole) / exp(log_rent))
        for renter, amount in sorted(paid.items()):
            _pay_rent(model, renter, amount, part=amount / whole, bought=bought)
    return paid


def _cheapest(offers: list[Rental], worth: float) -> list[tuple[Rental, float]]:
    """The chips with which operators give so much worth, the cheapest first, and how many of each."""
    bought, left = [], worth
    for one in sorted(offers, key=lambda rental: (rental.offer.log_cost, rental.operator, rental.option.chip)):
        taken = min(one.offer.worth, left)
        left -= taken
        if taken > 0.0:
            bought.append((one, one.chips * (taken / one.offer.worth)))
    return bought


def _pay_rent(model: Model, renter: str, amount: int, *, part: Fraction, bought: list[tuple[Rental, float]]) -> None:
    """Pay an amount of rent for a part of what operators buy: they get what it costs them, and their owners the rest."""
    purse, left = model.clouds[renter].purse_for_brokers(model), amount
    for rental, chips in bought:
        operator = model.clouds[rental.operator]
        cost = min(cents(rental.option.price * chips * part), left)
        left -= cost
        model.books.move(USD, cost, giver=purse, taker=operator.rent_purse, reason="rent abroad")
        lease(model, operator, renter, usd(cost) / rental.option.price * rental.option.training)
    model.books.move(USD, left, giver=purse, taker=OWNERS, reason="rent abroad")
    model.count("rent_cents", amount)
