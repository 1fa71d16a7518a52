"""By which route a broker moves chips: larger lots are cheaper to move and easier to see (section 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from abm.elementary import exp, power
from abm.rules.broker import expected_margin, lot_size
from abm.scenario.conduct import Conduct
from abm.scenario.diversion import Diversion
from abm.units import Chips, Fraction, UsdPerChip, Years

SERVERS, RESALE = "servers", "resale"
ROUTES = (SERVERS, RESALE)


@dataclass(frozen=True)
class Route:
    """A way to move chips: its name, a lot over the seller's lot of cards, and the cost of moving a chip in USD."""

    name: str
    lot_factor: float
    cost: UsdPerChip


def open_routes(conduct: Conduct, diversion: Diversion, contacts: Sequence[str] = ROUTES) -> tuple[Route, ...]:
    """Routes that are open to an owner with suppliers for some: cards resold through shells, and whole servers."""
    resale = Route(RESALE, 1.0, conduct.broker_cost)
    servers = Route(SERVERS, diversion.server_lot, conduct.broker_cost * diversion.server_cost)
    possible = (resale,) * diversion.resale_open + (servers,) * diversion.servers_open
    return tuple(one for one in possible if one.name in contacts)


def contacts_of(luck: Fraction, diversion: Diversion) -> tuple[str, ...]:
    """Routes for which an owner has suppliers, by a uniform draw: both, or one of the two as likely as the other."""
    if luck < diversion.both_routes:
        return ROUTES
    return (SERVERS,) if luck < (1.0 + diversion.both_routes) / 2 else (RESALE,)


def route_lot(scale: float, route: Route, conduct: Conduct) -> Chips:
    """Chips in one lot of a broker by a route."""
    return max(int(lot_size(scale, conduct) * route.lot_factor), 1)


def exposure(lot: Chips, conduct: Conduct) -> float:
    """How visible a lot is, in median sellers' lots of cards: (lot / median lot)^a, the size effect of detection."""
    return power(lot / lot_size(1.0, conduct), conduct.detection_lot_power)


def believed_for(believed: Fraction, visible: float) -> Fraction:
    """Chance that a lot is detected, of an owner who believes in a chance for a median lot of cards.

    Detection is taken to be p = 1 - (1 - p0) exp(-k e q^a): in logs, a lot is as likely to pass as ``visible`` median
    lots together, 1 - (1 - believed)^visible.
    """
    return 1.0 - power(1.0 - believed, visible) if believed < 1.0 else 1.0


def chances_seen(believed: Fraction, conduct: Conduct, *, scale: float, routes: Sequence[Route]) -> tuple[Fraction, ...]:
    """Chances that a lot of a broker with a scale is detected by each route, given its belief about a median lot."""
    return tuple(believed_for(believed, exposure(route_lot(scale, one, conduct), conduct)) for one in routes)


def route_margin(  # two prices and a belief, each for one chip and a route
    grey: UsdPerChip, price: UsdPerChip, believed: Fraction, conduct: Conduct, *, scale: float, route: Route
) -> UsdPerChip:
    """Expected profit a chip by a route, of a broker with a scale and a belief about a median lot."""
    seen, = chances_seen(believed, conduct, scale=scale, routes=(route,))
    return expected_margin(grey, price, seen, conduct, cost=route.cost)


def best_route(  # two prices and a belief, each for one chip
    grey: UsdPerChip, price: UsdPerChip, believed: Fraction, conduct: Conduct, *, scale: float, routes: Sequence[Route]
) -> tuple[UsdPerChip, Route | None]:
    """The route of the highest expected margin and that margin; the cheaper to hide on a tie; none where none is open."""
    seen = chances_seen(believed, conduct, scale=scale, routes=routes)
    return best_of(grey, price, conduct, tuple(zip(routes, seen, strict=True)))


def best_of(
    grey: UsdPerChip, price: UsdPerChip, conduct: Conduct, known: Sequence[tuple[Route, Fraction]]
) -> tuple[UsdPerChip, Route | None]:
    """``best_route`` of routes by each of which a lot is known to be detected with some chance."""
    best, chosen = -price, None
    for route, seen in known:
        margin = expected_margin(grey, price, seen, conduct, cost=route.cost)
        if chosen is None or (margin, route.name) > (best, chosen.name):
            best, chosen = margin, route
    return best, chosen


def sent_on_worth(  # two prices and a belief, each for one chip
    grey: UsdPerChip, price: UsdPerChip, believed: Fraction, conduct: Conduct, *, lot: Chips, cost: UsdPerChip
) -> UsdPerChip:
    """What a chip that a broker already has is expected to bring if it is sent on: what was paid for it is past.

    (1 - p)(grey - cost) - p x fine, the fine being a multiple of the chip's price.
    """
    seen = believed_for(believed, exposure(lot, conduct))
    return (1.0 - seen) * (grey - cost) - seen * conduct.fine_share * price


def whole_lots(units: Chips, whole: Chips, *, rest: bool) -> list[Chips]:
    """Lots into which chips are parted: as many whole ones as there are, and a smaller one where the rest goes too."""
    return [whole] * (units // whole) + ([units % whole] if rest and units % whole else [])


def waited_for(margin: UsdPerChip, delay: Years, impatience: float) -> UsdPerChip:
    """A margin discounted for the wait until the chips are delivered."""
    return margin * exp(-impatience * delay)


def lots_to_order(lot: Chips, on_order: Chips, *, sold_meanwhile: float, most: Chips) -> Chips:
    """Chips a broker orders when it is ready for a lot: the lot, and more to keep its trade going over the wait.

    A base stock: what it sells while an order takes to come, within what its lenders let it have on order.
    """
    target = max(int(sold_meanwhile), lot)
    return max(min(max(target - on_order, lot), most - on_order), 0)
