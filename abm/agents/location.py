"""Location verification at work: diverted chips are found in the clouds that run them, and switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.books import OUTSIDE, capacity_asset, chip_asset, split
from abm.picture import HOME
from abm.policy.verification import LocationVerification
from abm.rules.verification import expected_life_factor, found_units, still_reporting
from abm.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.model import Model

DISABLED = f"{OUTSIDE}disabled"
DIVERTED = "diverted"


def grey_worth(model: Model, chip: str) -> float:
    """Worth of a diverted chip to its buyer, in reference chips: less where it may be found and switched off."""
    return model.rates.worth(chip) * expected_life(model, chip)


def expected_life(model: Model, chip: str) -> float:
    """Worth that the chance of being switched off leaves a diverted chip, over that without it."""
    rule = model.policy.location_verification(model.chip(chip), model.today)
    if rule is None:
        return 1.0
    return expected_life_factor(rule.reporting_share, rule.location_hazard, model.world.conduct.impatience)


def switch_off_found(model: Model) -> None:
    """Look for a month's diverted chips in China, under each rule that covers them, and switch off what is found."""
    for _, cloud in sorted(model.clouds.items()):
        if cloud.actor.country != HOME:
            continue
        caught = False
        for chip in sorted(kind for kind, origin in cloud.origins if origin == DIVERTED):
            rule = model.policy.location_verification(model.chip(chip), model.today)
            found = 0 if rule is None else _found(model, cloud, chip, rule)
            if found:
                _switch_off(model, cloud, chip, found)
                model.tell(model.gates.office(rule.government).name, "chips switched off",
                           f"{found:,} diverted {chip} were located at {cloud.actor.name} and switched off")
                caught = True
        if caught:
            model.count(f"evidence {cloud.name}", 1)


def _found(model: Model, cloud: Cloud, chip: str, rule: LocationVerification) -> int:
    installed, gone = cloud.origins[chip, DIVERTED], cloud.switched_off.get(chip, 0)
    reporting = still_reporting(installed, gone, rule.reporting_share)
    draw = model.chance.uniform("location verification", f"{cloud.name}/{chip}", model.day)
    return found_units(reporting, rule.location_hazard, 1 / MONTHS_PER_YEAR, draw)


def _switch_off(model: Model, cloud: Cloud, chip: str, units: int) -> None:
    """Take chips out of a cloud, and their capacity out of its uses in proportion: a chip's use does not tell its route."""
    accounts = cloud.uses()
    asset = capacity_asset(chip)
    held = [float(model.books.balance(account, asset)) for account in accounts]
    for account, part in zip(accounts, split(units, held, accounts), strict=True):
        model.books.move(asset, part, giver=account, taker=DISABLED, reason="switched off")
    model.books.move(chip_asset(chip), units, giver=cloud.name, taker=DISABLED, reason="switched off")
    cloud.origins[chip, DIVERTED] -= units
    cloud.switched_off[chip] = cloud.switched_off.get(chip, 0) + units
    model.count("disabled_units", units)
