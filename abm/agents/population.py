"""The population of shell companies: entry, exit, and the grey market where they meet Chinese buyers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.broker import Broker
from abm.agents.location import expected_life, grey_worth
from abm.agents.offshore import spend_otherwise
from abm.books import USD, chip_asset, split
from abm.markets.grey import Patience, clearing_log_price, offered_part, spent_on_diverted, spent_part
from abm.offers import Transaction
from abm.policy.instrument import DENY, EMPTY_RECORD, GOVERNMENTS
from abm.rules.broker import entry_mean
from abm.rules.expectations import moving_average
from abm.rules.routes import contacts_of
from abm.units import TRADING_DAYS_PER_YEAR, cents

if TYPE_CHECKING:
    from abm.markets.grey import GreyBuyer
    from abm.model import Model


def found_broker(model: Model, name: str, *, before: bool = False) -> Broker:
    """Found a shell company: its country, scale, outside option and suppliers are the luck of its name.

    A shell founded before the opening is of any age up to the declared longest.
    """
    transit = model.world.diversion.transit()
    country = list(transit)[model.chance.choice(list(transit.values()), "transit country", name, 0)]
    scale = model.chance.lognormal("scale of a broker", name, 0, median=1.0, sigma=model.world.conduct.broker_spread)
    outside = model.world.conduct.broker_outside * model.chance.exponential("outside option of a broker", name, 0)
    founded = model.day
    if before:
        longest = model.world.diversion.longest_record * TRADING_DAYS_PER_YEAR
        founded -= int(longest * model.chance.uniform("founding of a shell", name, 0))
    contacts = contacts_of(model.chance.uniform("contacts of a broker", name, 0), model.world.diversion)
    return Broker(model, name, country, (scale, outside), founded=founded, contacts=contacts)


def brokers_enter_and_leave(model: Model) -> None:
    """Shell companies enter in proportion to the expected margin, and leave after a time without a lot."""
    for name, broker in sorted(model.brokers.items()):
        idle = broker.idle_weeks > model.world.diversion.patience
        if idle and not broker.is_named(model) and not _has_business(model, broker):
            model.remove_broker(name)
    margin, price = best_prospect(model)
    entrants = model.chance.poisson(entry_mean(margin, price, model.world.conduct), "entry", "brokers", model.day)
    for place in range(entrants):
        broker = found_broker(model, f"shell-{model.day}-{place}")
        model.brokers[broker.name] = broker


def _has_business(model: Model, broker: Broker) -> bool:
    """Whether a broker holds chips, or has some on order or on the way to it."""
    accounts = (broker.name, broker.store)
    if any(model.books.balance(account, chip_asset(chip)) for chip in model.sellers for account in accounts):
        return True
    return any(lot.holder == broker.name for lot in model.lots) or bool(model.open_orders.coming_to(broker.name))


def best_prospect(model: Model) -> tuple[float, float]:
    """Expected margin and price of the restricted chip that pays best, as an entrant with prior beliefs sees it.

    Among the chips that a shell in its country may have at all: neither government denies it one outright.
    """
    newcomer = model.newcomer
    prospects = [
        (newcomer.margin(model, chip), newcomer.price(model, chip))
        for chip in newcomer.offered(model) if _may_ever_have(model, chip, newcomer)
    ] if model.restricted_chips() else []
    return max(prospects, key=lambda one: one[0] / one[1], default=(0.0, 0.0))


def _may_ever_have(model: Model, chip: str, broker: Broker) -> bool:
    country, name = broker.country, broker.name
    sale = Transaction(
        model.chip(chip), model.sellers[chip], name, country, name, country, "commercial", 1, model.today)
    return all(model.policy.review(sale, EMPTY_RECORD, government).licence != DENY for government in GOVERNMENTS)


def grey_market_clears(model: Model) -> None:
    """Diverted chips meet Chinese buyers at one price per unit of worth; what is sold is on its way to them."""
    picture = model.picture
    restricted = model.restricted_chips()
    picture.grey_worth = {chip: grey_worth(model, chip) for chip in restricted}
    stock = {chip: model.books.held(chip_asset(chip), sorted(model.brokers)) for chip in _traded(model)}
    held = sum_worth(model, stock)
    picture.grey_training = _training(model, stock) / held if held > 0 else picture.grey_training
    offered = held * model.world.conduct.grey_release
    picture.grey_supply = moving_average(picture.grey_supply, offered, model.world.diversion.supply_weeks)
    for _, cloud in sorted(model.clouds.items()):
        cloud.set_aside(model)
    bids = [cloud.grey_bid(model) for _, cloud in sorted(model.clouds.items())]
    buyers = [bid for bid in bids if bid is not None]
    picture.log_rent = None    # buyers have reckoned with it: what is not rented out this week has none
    waiting = patience(model)
    usual = picture.grey_supply / waiting.release
    log_price = clearing_log_price(usual, buyers, model.world.conduct.grey_taste, waiting)
    if log_price is None:
        return
    picture.log_grey_price = log_price
    before = log_price if picture.log_grey_trend is None else picture.log_grey_trend
    picture.log_grey_trend = moving_average(before, log_price, model.world.conduct.grey_memory)
    spent = dict.fromkeys((buyer.name for buyer in buyers), 0)
    for chip, holdings in stock.items():
        _sell(model, chip, holdings, buyers=buyers, waiting=waiting, spent=spent)
    if model.restricted_chips():
        spend_otherwise(model, buyers, spent_part(log_price, waiting))


def patience(model: Model) -> Patience:
    """How sellers and buyers wait this week: they expect the trend of the grey price, and nothing before there is one."""
    conduct, diversion = model.world.conduct, model.world.diversion
    trend = model.picture.log_grey_trend
    return Patience(
        expected=0.0 if trend is None else trend, release=conduct.grey_release, spending=1.0 / conduct.grey_spending_weeks,
        storage=0.0 if trend is None else diversion.storage, waiting=0.0 if trend is None else diversion.waiting)


def _traded(model: Model) -> list[str]:
    """Chips on sale, and those that their vendors sell no more and brokers may still hold."""
    ended = (chip for chip, vendor in model.sellers.items() if model.vendors[vendor].is_ended(model, chip))
    return sorted({*model.picture.quotes, *ended})


def sum_worth(model: Model, stock: dict[str, list[tuple[str, int]]]) -> float:
    """Worth of the chips that brokers hold; only those who have some of a chip are listed."""
    total = 0.0
    for chip, holdings in sorted(stock.items()):
        total += grey_worth(model, chip) * sum(units for _, units in holdings)  # integers
    return total


def _training(model: Model, stock: dict[str, list[tuple[str, int]]]) -> float:
    """Training of the chips that brokers hold, in reference chips, less where they may be found and switched off."""
    return math.fsum(
        model.rates.equivalents(chip) * expected_life(model, chip) * sum(units for _, units in holdings)  # integers
        for chip, holdings in sorted(stock.items()))


def _sell(
    model: Model, chip: str, holdings: list[tuple[str, int]], *, buyers: list[GreyBuyer], waiting: Patience,
    spent: dict[str, int],
) -> None:
    """Sell a chip's stock to buyers in proportion to what they would spend, each within its cash and its week's money.

    ``spent`` counts what each has paid this week, in cents, for all kinds of chips together.
    """
    if not holdings:
        return
    free, log_price = not model.restricted_chips(), model.picture.log_grey_price
    price = max(cents(model.list_price(chip) if free else model.grey_price(chip)), 1)
    taste, part = model.world.conduct.grey_taste, spent_part(log_price, waiting)
    shares = [buyer.money * part * spent_on_diverted(buyer, log_price, taste) for buyer in buyers]
    names = [buyer.name for buyer in buyers]
    offered = math.ceil(sum(units for _, units in holdings) * offered_part(log_price, waiting))  # integers
    wants = split(offered, shares, names)
    affordable = [
        min(want, model.books.balance(model.clouds[buyer.name].purse_for_brokers(model), USD) // price,
            max(cents(share) - spent[buyer.name], 0) // price)
        for want, buyer, share in zip(wants, buyers, shares, strict=True)
    ]
    left = dict(zip(names, affordable, strict=True))
    sellers = [name for name, _ in holdings]
    owned = [float(units) for _, units in holdings]
    for seller, to_sell in zip(sellers, split(sum(affordable), owned, sellers), strict=True):  # integers
        for buyer in names:
            units = min(to_sell, left[buyer])
            if units:
                model.brokers[seller].sell(model, chip, buyer=buyer, units=units, total=units * price)
                left[buyer] -= units
                to_sell -= units
                spent[buyer] += units * price


def premium(model: Model) -> float | None:
    """Grey over list price, less one, of the restricted chips, weighted by what was diverted; None without a market."""
    restricted = sorted(model.picture.grey_worth)
    if model.picture.log_grey_price is None or not restricted:
        return None
    weights = [model.tally.get(f"diverted {chip}", 0) for chip in restricted]
    if not sum(weights):  # integers
        weights = [1] * len(restricted)
    listed = math.fsum(w * model.picture.quotes[chip].price for w, chip in zip(weights, restricted, strict=True))
    grey = math.fsum(w * model.grey_price(chip) for w, chip in zip(weights, restricted, strict=True))
    return grey / listed - 1.0
