"""The market for tokens of one region: the price answers what is wanted and what can be served, both ways."""

from __future__ import annotations

from abm.elementary import log
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
