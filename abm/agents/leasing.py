"""Chips abroad that Chinese clouds have rented and paid for: they train for who pays, whose own chips serve the more.

A lease is so much training throughput until a day. It is filled with chips that lie free at the operator, whose
purchases follow what it has leased out and cannot give; chips go free when the lease ends, and may be rented anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from abm.books import capacity_asset
from abm.units import TRADING_DAYS_PER_YEAR, Chips, FlopPerDay

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.model import Model


def lease(model: Model, operator: Cloud, renter: str, flop: FlopPerDay) -> None:
    """Let an operator owe a renter training throughput, in FLOP a day, for the years that a chip is reckoned to run."""
    ends = model.day + round(model.world.technology.chip_years * TRADING_DAYS_PER_YEAR)
    operator.leases[renter, ends] = operator.leases.get((renter, ends), 0.0) + flop
    operator.rented += flop


def fill_leases(model: Model) -> None:
    """End the leases that are due, and let free chips train for those who still have one, in proportion to what lacks."""
    for _, operator in sorted(model.clouds.items()):
        due = [key for key in operator.leases if key[1] <= model.day]
        for key in due:
            del operator.leases[key]
        if due:
            operator.rented = math.fsum(operator.leases.values())
        for renter in operator.renters:
            _give_back(model, operator, renter)
        operator.renters = sorted({renter for renter, _ in operator.leases})
        lacking = {renter: max(_owed(operator, renter) - _held(model, operator, renter), 0.0) for renter in operator.renters}
        _hand_over(model, operator, {renter: flop for renter, flop in lacking.items() if flop > 0})


def _give_back(model: Model, operator: Cloud, renter: str) -> None:
    """Chips beyond what a renter is owed go free."""
    owed, held, account = _owed(operator, renter), _held(model, operator, renter), operator.leased_to(renter)
    surplus = max(1.0 - owed / held, 0.0) if held > 0 else 0.0
    for chip, units in operator.capacity(model, account).items():
        freed = math.floor(units * surplus) if owed > 0 else units
        model.books.move(capacity_asset(chip), freed, giver=account, taker=operator.free, reason="lease ended")


def _hand_over(model: Model, operator: Cloud, lacking: dict[str, FlopPerDay]) -> None:
    free = operator.capacity(model, operator.free)
    able, whole = flop_of(model, free), math.fsum(lacking.values())
    if able <= 0:
        return
    for renter, flop in sorted(lacking.items()):
        for chip, units in free.items():
            given = math.floor(units * min(flop / able, flop / whole))
            model.books.move(
                capacity_asset(chip), given, giver=operator.free, taker=operator.leased_to(renter), reason="leased")


def flop_of(model: Model, chips: dict[str, Chips]) -> FlopPerDay:
    """What some chips train if all of them do, in useful FLOP a day."""
    return math.fsum(units * model.rates.training(chip) for chip, units in chips.items())


def _owed(operator: Cloud, renter: str) -> FlopPerDay:
    return math.fsum(flop for (name, _), flop in operator.leases.items() if name == renter)


def _held(model: Model, operator: Cloud, renter: str) -> FlopPerDay:
    return flop_of(model, operator.capacity(model, operator.leased_to(renter)))


def leased_chips(model: Model, operator: Cloud) -> dict[str, Chips]:
    """Chips of an operator by kind that train for renters."""
    return _together(operator.capacity(model, operator.leased_to(renter)) for renter in operator.renters)


def leased_flop(model: Model, operator: Cloud) -> FlopPerDay:
    """Useful training FLOP a day of an operator's chips that train for renters."""
    return flop_of(model, leased_chips(model, operator))


def chips_rented_by(model: Model, renter: str) -> dict[str, Chips]:
    """Chips by kind that train for a renter at operators abroad."""
    return _together(
        operator.capacity(model, operator.leased_to(renter))
        for _, operator in sorted((name, one) for name, one in model.clouds.items() if renter in one.renters))


def _together(parts: Iterable[dict[str, Chips]]) -> dict[str, Chips]:
    total: dict[str, Chips] = {}
    for part in parts:
        for chip, units in part.items():
            total[chip] = total.get(chip, 0) + units
    return total


def flop_rented_by(model: Model, renter: str) -> FlopPerDay:
    """Useful training FLOP a day of the chips that train for a renter at operators abroad."""
    return flop_of(model, chips_rented_by(model, renter))


def flop_owed_to(model: Model, renter: str) -> FlopPerDay:
    """Training FLOP a day for which a renter has paid, delivered or not."""
    return math.fsum(_owed(operator, renter) for operator in model.clouds.values() if operator.leases)
