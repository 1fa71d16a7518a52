"""The grey market: diverted chips of several kinds meet buyers who compare them with what they may buy legally.

Chips trade at a common price per unit of worth, so that one number clears the market and each chip's price is that
number times its worth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from abm.elementary import exp, log, logistic
from abm.units import Fraction, Usd

LOWEST, HIGHEST = -20.0, 30.0  # bracket of the log price per unit of worth, in log USD
HALVINGS = 44
MOST_KEEN = 20.0  # bound of the log of keenness: all is put on the market long before


@dataclass(frozen=True)
class GreyBuyer:
    """A buyer of diverted chips: the money it has set aside for them and its best legal worth per USD (0 if none).

    The part ``mobile`` of its needs is training that may be done abroad. A USD of legal chips trains ``legal_training`` of it,
    one of these and rented chips together ``open_training``, a unit of worth of diverted ones ``diverted_training``, all in
    reference chips.
    """

    name: str
    money: Usd
    legal_worth: float
    mobile: Fraction = 0.0
    legal_training: float = 0.0
    open_training: float = 0.0
    diverted_training: float = 1.0


@dataclass(frozen=True)
class Patience:
    """How buyers and sellers of diverted chips wait for a better price than ``expected``, in log USD a unit of worth.

    ``release`` is the part of stock that sellers offer at the expected price, ``spending`` the part of what they have
    set aside that buyers then spend; ``storage`` and ``waiting`` say how strongly either responds (0: not at all).
    """

    expected: float
    release: Fraction
    spending: Fraction
    storage: float
    waiting: float


def part_moved(usual: Fraction, better: float, response: float) -> Fraction:
    """Part of what one has that is put on the market at a price ``better`` in logs than the one expected.

    1 - (1 - usual)^exp(response x better): the usual part at the expected price, all in the limit of a far better one,
    nothing in that of a far worse one: a reservation price that differs between holders (Deaton and Laroque 1992,
    10.2307/2297923, on holding stock for a better price).
    """
    if usual >= 1.0:
        return 1.0
    return 1.0 - exp(log(1.0 - usual) * exp(min(response * better, MOST_KEEN)))


def offered_part(log_price: float, patience: Patience) -> Fraction:
    """Part of their stock that sellers offer at a price."""
    return part_moved(patience.release, log_price - patience.expected, patience.storage)


def spent_part(log_price: float, patience: Patience) -> Fraction:
    """Part of what they have set aside that buyers would spend at a price."""
    return part_moved(patience.spending, patience.expected - log_price, patience.waiting)


def wanted_share(log_price: float, legal_worth: float, taste: float) -> Fraction:
    """Share of a buyer's money that goes to diverted chips: logit in the log of worth per USD against legal chips."""
    if legal_worth <= 0:
        return 1.0
    return logistic((-log_price - log(legal_worth)) / taste)


def spent_on_diverted(buyer: GreyBuyer, log_price: float, taste: float) -> Fraction:
    """Share of a buyer's money that goes to diverted chips, over its needs that must stay and those that may go abroad."""
    share = wanted_share(log_price, buyer.legal_worth, taste)
    if buyer.mobile <= 0.0:
        return share
    return (1.0 - buyer.mobile) * share + buyer.mobile * diverted_to_train(buyer, log_price, taste)


def diverted_to_train(buyer: GreyBuyer, log_price: float, taste: float) -> Fraction:
    """Share of the money for training that may be done abroad which goes to diverted chips, by the training they give."""
    return wanted_share(log_price - log(buyer.diverted_training), buyer.open_training, taste)


def demanded_worth(log_price: float, buyers: Sequence[GreyBuyer], taste: float, patience: Patience) -> float:
    """Worth that buyers want at a log price per unit of worth."""
    money = math.fsum(buyer.money * spent_on_diverted(buyer, log_price, taste) for buyer in buyers)
    return money * spent_part(log_price, patience) / exp(log_price)


def clearing_log_price(
    stock: float, buyers: Sequence[GreyBuyer], taste: float, patience: Patience
) -> float | None:
    """Log USD per unit of worth at which demand equals what is offered of a stock of worth.

    None where nobody wants anything or there is no stock. Demand falls in the price and supply does not, so bisection
    with a fixed number of halvings finds the same bits everywhere.
    """
    if stock <= 0 or not any(buyer.money > 0 for buyer in buyers):
        return None
    low, high = LOWEST, HIGHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if demanded_worth(middle, buyers, taste, patience) > stock * offered_part(middle, patience):
            low = middle
        else:
            high = middle
    return (low + high) / 2
