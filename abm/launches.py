"""Launches: models that are given by their dates, models that labs decide on, and candidates that wait for chips."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.calendar import market_day, years_between
from abm.markets.capacity import served
from abm.picture import HOME, LaunchedModel
from abm.rules.lab import log_effective_at_lag, quality
from abm.scenario.reference import DatedRelease
from abm.units import DAYS_PER_YEAR, TRADING_DAYS_PER_YEAR, Fraction, TokensPerDay

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.agents.lab import Lab
    from abm.model import Model


def releases_due(model: Model) -> list[LaunchedModel]:
    """Models whose given release falls on today."""
    return [_given(model, one) for one in model.world.releases if market_day(one.released) == model.today]


def _given(model: Model, release: DatedRelease) -> LaunchedModel:
    technology = model.world.technology
    before = -years_between(model.world.start, release.released)
    effective = log_effective_at_lag(release.lag_months, before, technology)
    lab = model.labs[release.lab]
    return LaunchedModel(
        name=release.model, lab=lab.name, region=lab.region, day=model.day,
        quality=quality(effective, 0.0, technology), log_effective=effective, training_flop=release.training_flop,
        active_parameters=release.active_parameters, open_weights=lab.record.open_weights,
        served_at=lab.served_at(model),
    )


def launch(model: Model, launched: LaunchedModel) -> None:
    """Put a model before users, move the frontier, and make it news."""
    model.picture.models[launched.name] = launched
    model.rates.add_model(launched.name, launched.active_parameters)
    if any(launched.name == release.model for release in model.world.releases):
        port(model, model.labs[launched.lab], launched.name)
    if launched.region != HOME and launched.quality > model.picture.frontier[-1][1]:
        model.picture.frontier.append((model.months, launched.quality))
    if all(launched.name != release.model for release in model.world.releases):
        model.launch_days.setdefault(launched.lab, []).append(model.day)
    model.tell(launched.lab, "launch", f"{model.labs[launched.lab].actor.name} launched {launched.name}: quality "
               f"{launched.quality:.1f} points")
    model.desk.publish_launch(model, launched)


def port(model: Model, lab: Lab, name: str) -> None:
    """Begin to port a finished model to domestic chips, which serve it once that is done; abroad there are none."""
    days = model.world.technology.porting_days
    if days > 0 and lab.region == HOME:
        lab.porting[name] = model.day + round(days * TRADING_DAYS_PER_YEAR / DAYS_PER_YEAR)
        model.rates.set_ported(name, False)


def finish_porting(model: Model, lab: Lab) -> None:
    """Let domestic chips serve a lab's models whose porting is done by today."""
    for name in sorted(name for name, day in lab.porting.items() if day <= model.day):
        del lab.porting[name]
        model.rates.set_ported(name, True)
        model.tell(lab.name, "ported", f"domestic chips can serve {name}")


def fair_share(model: Model, lab: Lab, expected: TokensPerDay) -> Fraction:
    """Part of its expected uptake that a candidate would have if all serving at its clouds were shared out by demand.

    Serving that is free or under contract, over all that is wanted there, each in tokens of the candidate.
    """
    name, held, wanted = lab.project.name, [], []
    for place in lab.served_at(model):
        cloud = model.clouds[place]
        accounts = [cloud.free, *map(cloud.reserved_for, cloud.reserved_models)]
        held += [served(cloud.capacity(model, account), name, model.rates.tokens) for account in accounts]
        here = model.users.at_cloud(model, cloud, model.picture.wanted)
        wanted += [tokens * model.rates.effort(other) for other, tokens in here.items()]
    whole = math.fsum(wanted) / model.rates.effort(name) + expected
    return math.fsum(held) / whole if whole > 0 else math.inf


def staged_uptake(model: Model) -> dict[str, dict[str, float]]:
    """Tokens a day that staged candidates must be able to serve to be launched, by cloud and candidate.

    Of what is expected of each, the share that its last review asked for.
    """
    staged: dict[str, dict[str, float]] = {}
    for _, lab in sorted(model.labs.items()):
        if lab.project is None or not lab.project.staged:
            continue
        expected = model.users.expected(model, lab, lab.candidate_quality(model)) * lab.project.needed
        places = lab.served_at(model)
        for name in places:
            staged.setdefault(name, {})[lab.project.name] = expected * model.users.part(name, places)
    return staged


def held_for_candidates(model: Model) -> list[str]:
    """Names of candidates for which chips are held somewhere."""
    held = {name for _, cloud in sorted(model.clouds.items()) for name in cloud.reserved_models}
    return sorted(name for name in held if name not in model.picture.models)


def withdraw(model: Model, candidate: str) -> None:
    """Let the chips that are held for a candidate go free: it waits for chips no more."""
    for _, cloud in sorted(model.clouds.items()):
        if candidate in cloud.reserved_models:
            cloud.release(model, candidate, 1.0)


def is_own_model(model: Model, cloud: Cloud, name: str) -> bool:
    """Whether a launched or staged model is of a lab of the cloud's own group."""
    launched = model.picture.models.get(name)
    labs = [model.labs[launched.lab]] if launched else [
        lab for _, lab in sorted(model.labs.items()) if lab.project is not None and lab.project.name == name
    ]
    return any(lab.actor.parent == cloud.actor.parent for lab in labs)
