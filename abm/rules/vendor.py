"""What a vendor decides: what to start, what to ask, what to write down; and what a domestic foundry can give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from abm.books import split
from abm.elementary import exp, log
from abm.units import Chips, Fraction, Usd, UsdPerChip, Years


def wanted_starts(order_book: Chips, pipeline: Chips, weekly_orders: float, *, weeks: int, discount: float) -> Chips:
    """Chips to start: what is under way is filled up to the share ``discount`` of the book and the orders expected meanwhile.

    Vendors do not believe the whole book in a shortage (Lee, Padmanabhan, Whang 1997, 10.1287/mnsc.43.4.546). The share is
    of the book, not of what the pipeline leaves of it: taken of that week after week it would come to the whole book.
    """
    return max(int(discount * order_book + weekly_orders * weeks - pipeline), 0)


def production_plan(
    wanted: Mapping[str, Chips], dies: Mapping[str, int], capacity: Chips, worth: Mapping[str, float]
) -> dict[str, Chips]:
    """Starts by chip within a capacity in dies a week: all that is wanted where it fits, else shares of the dies.

    A chip's share is in proportion to the dies wanted for it times ``worth``, what a die of it earns; what one chip
    does not need goes to the others. Largest remainders, ties by name.
    """
    plan: dict[str, Chips] = {}
    open_names, left = sorted(wanted), capacity
    while open_names:
        weights = [wanted[name] * dies[name] * worth[name] for name in open_names]
        granted = dict(zip(open_names, split(left, weights, open_names), strict=True))
        full = [name for name in open_names if granted[name] >= wanted[name] * dies[name]]
        if not full:
            return plan | {name: granted[name] // dies[name] for name in open_names}
        for name in full:
            plan[name] = wanted[name]
            left -= wanted[name] * dies[name]
        open_names = [name for name in open_names if name not in full]
    return plan


def quoted_price(  # three observed quantities and the list range
    order_book: float, quarterly_supply: float, response: float, *, low: UsdPerChip, high: UsdPerChip
) -> UsdPerChip:
    """List price within its range: the middle, moved by the log of order book over a quarter's supply."""
    middle = (low + high) / 2
    pressure = log(max(order_book, 1.0) / max(quarterly_supply, 1.0))
    return min(max(middle * (1.0 + response * pressure), low), high)


def write_down(
    stranded: Chips, commitments: float, unit_cost: UsdPerChip, salvage: Fraction, *, fetched: UsdPerChip = 0.0
) -> Usd:
    """Loss on stranded goods and firm purchases: their cost less what can be realised of it, and no less than nothing.

    Goods realise what they fetch from buyers whom no rule stops, or as scrap where that is more; purchases the salvage
    (inventory at the lower of cost and net realisable value: FASB ASC 330-10-35).
    """
    most = unit_cost * (1.0 - salvage)
    if unit_cost - fetched >= most:
        return (stranded + commitments) * unit_cost * (1.0 - salvage)
    return stranded * max(unit_cost - fetched, 0.0) + commitments * most


def clearance_price(price: UsdPerChip, weeks: int, *, markdown: float) -> UsdPerChip:
    """What a vendor asks for stranded goods after some weeks: this week's price, lowered at a rate.

    A descending offer, as by one who does not know what goods fetch and starts high (Lazear 1986).
    """
    return price * exp(-markdown * weeks)


def clearing_value(bids: Iterable[tuple[UsdPerChip, Usd]], units: Chips) -> UsdPerChip:
    """The highest price at which buyers take so many chips, each of them up to its bid and with its money; else 0."""
    best = money = 0.0
    for bid, has in sorted(bids, reverse=True):
        money += has
        best = max(best, min(bid, money / max(units, 1)))
    return best


def attainable_rate(finished: float, pipeline: Chips, *, weeks: int, equal_part: float) -> float:
    """Chips a week that a vendor can promise: what it finishes, what is in progress, or an equal part of its foundry."""
    return max(finished, pipeline / weeks, equal_part, 1.0)


def within_memory(
    plan: Mapping[str, Chips], gigabytes: Mapping[str, int], supply: int, price: Mapping[str, UsdPerChip]
) -> dict[str, Chips]:
    """Starts by chip within the memory that may be had this week (GB): shared as dies are, by what a GB of it earns."""
    needing = {chip: units for chip, units in plan.items() if gigabytes[chip]}
    worth = {chip: price[chip] / gigabytes[chip] for chip in needing}
    return {**plan, **production_plan(needing, gigabytes, supply, worth)}


def frontier_dies(week: int, per_quarter: float, growth: float, weeks_per_year: int) -> Chips:
    """Large dies packaged a week, growing exponentially from an opening quarterly figure (13 weeks a quarter)."""
    weeks_per_quarter = weeks_per_year / 4
    return int(per_quarter / weeks_per_quarter * exp(growth * week / weeks_per_year))


def wafer_share(share: Fraction, order_book: Chips, quarterly_supply: Chips, *, response: float, elapsed: Years) -> Fraction:
    """Share of advanced wafers given to AI chips: grows with the log of order book over supply, at most all of them."""
    pressure = log(max(order_book, 1) / max(quarterly_supply, 1))
    return min(share * exp(response * pressure * elapsed), 1.0)
