"""What labs train with: the chips of the clouds where they train, idle hours of serving, and runs that fail (4.6, 4.8)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.leasing import chips_rented_by
from abm.picture import HOME
from abm.rules.long_runs import (
    FOREIGN,
    THOUSAND,
    Compute,
    believed_rate,
    failures_a_day,
    lost_work,
    place_of_run,
)
from abm.units import FlopPerDay, Fraction

WEEK = 7

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.agents.lab import Lab
    from abm.model import Model


def training_compute(model: Model, lab: Lab) -> Compute:
    """A lab's shares of the chips that train for its clouds, foreign and domestic, and of their idle serving hours.

    Domestic chips that a host lends it for a run are added.
    """
    foreign, domestic, chips, idle = [], [], [], []
    for name, share in lab.hosts:
        cloud = model.clouds[name]
        for chip, units in cloud.capacity(model, cloud.training).items():
            if model.rates.is_domestic(chip):
                domestic.append(share * units * model.rates.training(chip))
                chips.append(share * units)
    for name, share in lab.record.trains_at:
        cloud = model.clouds[name]
        rented = chips_rented_by(model, name)
        for chip, units in (*cloud.capacity(model, cloud.training).items(), *rented.items()):
            of_kind = domestic if model.rates.is_domestic(chip) else foreign
            of_kind.append(share * units * model.rates.training(chip))
            chips.append(share * units if of_kind is domestic else 0.0)
        idle.append(share * idle_flop(model, cloud))
    return Compute(math.fsum(foreign), math.fsum(domestic), math.fsum(chips), math.fsum(idle))


def idle_share(model: Model) -> Fraction:
    """Share of node-hours that a fleet sized for its peak load leaves idle on average, at night above all."""
    return 1.0 - 1.0 / model.world.technology.peak_to_mean


def idle_flop(model: Model, cloud: Cloud) -> FlopPerDay:
    """Useful training FLOP a day that the chips reserved for models here could do in the hours in which they lie idle.

    Reserved chips of launched models change once a month, before the rates are refreshed, and when a candidate for
    which chips are held is launched, so the answer is kept until then. Chips held for a candidate do not count.
    """
    kept = model.idle_hours.under((model.rates.version, len(model.picture.models)))
    if cloud.name not in kept:
        whole = math.fsum(
            units * model.rates.training(chip)
            for name in cloud.reserved_models if name in model.picture.models
            for chip, units in cloud.capacity(model, cloud.reserved_for(name)).items()
        )
        kept[cloud.name] = whole * idle_share(model)
    return kept[cloud.name]


def promising_place(model: Model, lab: Lab) -> str:
    """The chips that promise a lab's main run the most useful FLOP, by what the lab believes of failures."""
    conduct = model.world.conduct
    rate = believed_rate(
        lab.failures, lab.exposure, prior=conduct.run_failure_belief, weight=conduct.run_failure_weight
    )
    failures = failures_a_day(rate, _domestic_chips(model, lab), model.rates.maturity())
    return place_of_run(
        lab.compute, failures, model.world.technology.run_failure_days,
        goodwill=conduct.domestic_goodwill if lab.hosts else 1.0, together=not lab.hosts)


def lent_to(model: Model, lab: Lab) -> tuple[tuple[str, float], ...]:
    """Clouds of domestic chip makers that lend a lab chips for the run it begins, with shares; empty: none.

    While there are foreign chips that China's buyers may not have, its authorities encourage the lab with the best Chinese
    model to train the next one on domestic chips, with some chance that it tries.
    """
    best, conduct = model.picture.best(HOME), model.world.conduct
    if lab.region != HOME or best is None or best.lab != lab.name or conduct.lent_share <= 0:
        return ()
    if not _foreign_chips_refused(model):
        return ()
    if not model.chance.chance(conduct.domestic_encouragement, "encouragement", f"{lab.name}/{lab.launches + 1}", 0):
        return ()
    makers = {vendor.actor.parent for _, vendor in sorted(model.vendors.items()) if vendor.actor.country == HOME}
    trains_at = {name for name, _ in lab.record.trains_at}
    lent = {name for other in model.labs.values() for name, _ in other.hosts}
    return tuple(
        (name, conduct.lent_share) for name, cloud in sorted(model.clouds.items())
        if cloud.actor.parent in makers and name not in trains_at | lent
    )


def _foreign_chips_refused(model: Model) -> bool:
    """Whether a government refuses buyers in China a foreign chip that is on sale."""
    foreign = [chip for chip in sorted(model.picture.quotes) if not model.rates.is_domestic(chip)]
    return any(model.gates.refusal(chip, model.ordinary_buyer) != "permitted" for chip in foreign)


def _domestic_chips(model: Model, lab: Lab) -> float:
    """Domestic chips that the main run would be on: its share of those that train."""
    return lab.compute.domestic_chips * lab.main_share


def suffer_failures(model: Model, lab: Lab) -> bool:
    """A week of a run on domestic chips: work is lost to failures, the lab learns, and thinks again where to train.

    Gives whether the run is now taken off domestic chips.
    """
    project, technology, chips = lab.project, model.world.technology, _domestic_chips(model, lab)
    if project.place == FOREIGN or chips <= 0:
        return False
    maturity = model.rates.maturity()
    mean = failures_a_day(technology.run_failure_rate, chips, maturity) * WEEK
    failed = model.chance.poisson(mean, "failure of a run", lab.name, model.day)
    lab.exposure += chips / THOUSAND * max(1.0 - maturity, 0.0) * WEEK
    if failed == 0:
        return False
    lab.failures += failed
    lost = lost_work(failed, technology.run_failure_days, lab.run, project.flop)
    project.flop -= lost
    lab.lost += lost
    model.count("failures of runs on domestic chips", failed)
    times = "once" if failed == 1 else f"{failed} times"
    model.tell(lab.name, "run failure", f"{project.name} fails {times} on domestic chips, {lost:.1e} FLOP are lost")
    project.place = promising_place(model, lab)
    if project.place != FOREIGN:
        return False
    model.count("runs taken off domestic chips", 1)
    model.tell(lab.name, "run moved", f"{project.name} goes on without domestic chips")
    return True
