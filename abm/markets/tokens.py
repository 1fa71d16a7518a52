"""The market for tokens of one region: the price answers what is wanted and what can be served, both ways."""

from __future__ import annotations

from collections.abc import Iterable

from abm.elementary import log, power
from abm.units import TokensPerDay, UsdPerMillionTokens


def next_log_price(
    log_price: float, wanted: TokensPerDay, capacity: TokensPerDay, *, floor: float, speed: float
) -> float:
    """Log price a month on: it moves by ``speed`` times the log of what is wanted over what can be served.

    The adjustment of price to excess demand (Samuelson 1947, Foundations of Economic Analysis, chapter 9), in logs: where
    demand has a constant elasticity e the distance to the price that clears the market falls by the part speed x e a
    month. Down it goes to ``floor`` only, the log of the least cost at which a token can be served; a floor that rises
    above today's price lifts it at the same speed. All logs are of the same unit of money; without anything wanted, or
    anything to serve it, the price stays.
    """
    if wanted <= 0 or capacity <= 0:
        return log_price
    moved = log_price + speed * log(wanted / capacity)
    if moved >= floor:
        return moved
    return floor if log_price >= floor else max(moved, log_price + min(speed, 1.0) * (floor - log_price))


def cost_of_tokens(chip_cost: float, tokens_a_day: TokensPerDay, days: float) -> UsdPerMillionTokens:
    """Cost of serving a million tokens on a chip: what it costs with its power over its life, over what it then serves."""
    return chip_cost / (tokens_a_day * days) * 1_000_000


def supply_price(
    supplies: Iterable[tuple[UsdPerMillionTokens, TokensPerDay]], wanted: TokensPerDay, price: UsdPerMillionTokens,
    *, elasticity: float,
) -> UsdPerMillionTokens | None:
    """The price at which all that is then wanted is served, where the cheapest serve first; None without supplies.

    ``supplies`` are costs and what can be served at each of them, the order of merit by which power is dispatched; ``wanted``
    is what is wanted at today's price, and ``elasticity`` how log tokens wanted fall in the log price. So the cost of what
    serves little of what is wanted is not the price of all of it, however low. Between the costs of two kinds the price is
    the one at which the cheaper serve all that is wanted; where all together do not suffice it is the highest cost.
    """
    last, served = None, 0.0
    for cost, more in sorted(supplies):
        then = wanted * power(price / cost, elasticity)
        if last is not None and 0.0 < then <= served:
            return min(max(price * power(wanted / served, 1.0 / elasticity), last), cost)
        last, served = cost, served + more
        if then <= served:
            break
    return last
