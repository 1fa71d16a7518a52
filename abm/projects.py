"""A lab's next model in the making: when it begins, on which chips, and with which part of what trains (4.7)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.rules.lab import best_main_share
from abm.rules.long_runs import BOTH, DOMESTIC, FOREIGN
from abm.scenario.conduct import FIXED
from abm.training import lent_to, promising_place, training_compute
from abm.units import Fraction

if TYPE_CHECKING:
    from abm.agents.lab import Lab
    from abm.model import Model

WEEK, TRADING_DAYS = 7, 5
CHIPS_OF = {FOREIGN: "foreign", DOMESTIC: "domestic", BOTH: "foreign and domestic"}


@dataclass
class Project:
    """A model in the making: training FLOP so far, what was learnt from open weights, since when it is finished.

    ``place`` says which chips its main run is on: foreign ones, domestic ones or both. ``needed`` is the share of its
    expected uptake for which the last review asked that serving be secured.
    """

    name: str
    started: int
    flop: float = 0.0
    distilled: float = 0.0
    finished: int | None = None
    staged: bool = False
    place: str = FOREIGN
    needed: float = 0.0


def start_project(model: Model, lab: Lab) -> None:
    """Begin the lab's next model, on the chips that promise most; what was trained before the opening is credited."""
    place, started, backlog = _take_chips(model, lab), model.day, 0.0
    if lab.launches == 0 and lab.record.project_start < model.world.start:
        days = min((model.world.start - lab.record.project_start).days, lab.project_length(model))
        started -= round(days * TRADING_DAYS / WEEK)
        backlog = lab.compute.run(place) * lab.main_share * days
    lab.project = Project(f"{lab.name} next {lab.launches + 1}", started, flop=backlog, place=place)
    if place != FOREIGN:
        model.tell(lab.name, "run", f"{lab.project.name} starts on {CHIPS_OF[place]} chips")


def _take_chips(model: Model, lab: Lab) -> str:
    """Choose the chips of the run which begins, with those that are lent for it if it is put on them; gives the place."""
    own = lab.compute.domestic_chips
    lab.hosts = lent_to(model, lab)
    place = _choose(model, lab)
    if not lab.hosts:
        return place
    if place == FOREIGN:    # chips are lent for the run: who keeps it on its own does not get them
        lab.hosts = ()
        return _choose(model, lab)
    hosts = " and ".join(model.clouds[name].actor.name for name, _ in lab.hosts)
    model.count("runs encouraged on domestic chips", 1)
    model.tell(lab.name, "encouraged", f"{lab.actor.name} is encouraged to train on domestic chips: {hosts} lends "
               f"it {lab.compute.domestic_chips - own:,.0f}")
    return place


def _choose(model: Model, lab: Lab) -> str:
    lab.compute = training_compute(model, lab)
    place = promising_place(model, lab)
    lab.main_share = best_split(model, lab, place)
    return place


def best_split(model: Model, lab: Lab, place: str) -> Fraction:
    """Share of the chips of a place that a lab gives its main run; the rest and all other chips are for experiments."""
    conduct, technology = model.world.conduct, model.world.technology
    if conduct.compute_split == FIXED or lab.experiments <= 0:
        return conduct.main_run_share
    run = lab.compute.run(place)
    besides = lab.compute.training - run + lab.idle_used(model)
    needed = lab.experiments_needed(model)
    return best_main_share(
        run / needed, besides / needed,
        gain=technology.algorithm_growth * conduct.research_horizon, returns=technology.research_returns)


def note_compute(model: Model) -> None:
    """Take down the chips that trained for all labs in the last week, from which it follows how hard ideas are to find."""
    compute = [lab.compute.training for _, lab in sorted(model.labs.items()) if lab.compute is not None]
    model.picture.note_compute(math.fsum(compute))


def take_off_lent_chips(model: Model, lab: Lab) -> None:
    """Give chips that were lent for a run back; what is trained on goes on where it now promises most."""
    if lab.hosts:
        lab.hosts = ()
        lab.project.place = _choose(model, lab)
