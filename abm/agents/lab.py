"""Labs: train a project, evaluate the candidate, review its launch every week."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from abm.agents.actor import NamedAgent
from abm.calendar import years_between
from abm.elementary import log
from abm.launches import fair_share, launch, port, withdraw
from abm.memory import Memory
from abm.picture import LaunchedModel, region_of
from abm.projects import Project, start_project, take_off_lent_chips
from abm.rules.lab import (
    Review,
    algorithm_step,
    aspiration,
    experiments_needed,
    innovation_mean,
    learn_from_open_weights,
    log_effective_at_lag,
    points_per_month,
    quality,
    review_launch,
)
from abm.rules.launch_option import review_as_option, waiting_multiple
from abm.rules.long_runs import FOREIGN, Compute
from abm.rules.throughput import model_size
from abm.scenario.actors import Actor, LabRecord
from abm.scenario.conduct import REAL_OPTIONS
from abm.training import suffer_failures, training_compute
from abm.units import DAYS_PER_YEAR, MONTHS_PER_YEAR, FlopPerDay

if TYPE_CHECKING:
    from abm.model import Model

WEEK = 7
WEEK_YEARS = WEEK / DAYS_PER_YEAR
BINDINGS = ("none", "quality", "capacity", "both")


PLAIN = attrgetter(*(one.name for one in fields(Project)))


class Lab(NamedAgent):
    """An AI lab. It has one project at a time; a finished candidate is reviewed until it is launched."""

    REMEMBERS: ClassVar = (
        "algorithms", "experiments", "under_way", "launches", "goal", "reviews", "run", "worked", "lost", "failures",
        "exposure", "porting", "hosts", "main_share",
    )

    def __init__(self, model: Model, actor: Actor, record: LabRecord) -> None:
        super().__init__(model, actor.id)
        self.actor = actor
        self.record = record
        self.region = region_of(actor.country)
        self.project: Project | None = None
        self.launches = 0
        self.reviews = dict.fromkeys(BINDINGS, 0)
        self.experiments = 0.0
        self.compute: Compute | None = None
        self.run = self.worked = self.lost = 0.0
        self.failures, self.exposure = 0, 0.0
        self.porting: dict[str, int] = {}
        self._served_at, self._luck = Memory(), Memory()    # the luck of a project is drawn once: it is one and the same
        self.hosts: tuple[tuple[str, float], ...] = ()
        self.main_share = model.world.conduct.main_run_share
        self.algorithms = self._opening_algorithms(model)
        self.goal = -math.inf

    @property
    def under_way(self) -> tuple | None:
        """The project as plain values."""
        return None if self.project is None else PLAIN(self.project)

    def _opening_algorithms(self, model: Model) -> float:
        """ln A at the opening: backed out of the last model's lag and compute, then caught up to the opening day."""
        world = model.world
        given = [release for release in world.releases if release.lab == self.name]
        if given:
            before = years_between(given[0].released, world.start)
            effective = log_effective_at_lag(given[0].lag_months, before, world.technology)
            return effective - log(given[0].training_flop)
        before = years_between(self.record.released, world.start)
        level = log_effective_at_lag(self.record.lag_months, before, world.technology) - log(self.record.training_flop)
        return algorithm_step(level, 0.0, before, world.technology)

    def opening_model(self, model: Model) -> LaunchedModel:
        """The lab's last model before the run, its quality from its lag behind the frontier on its release day."""
        record, world = self.record, model.world
        before = years_between(record.released, world.start)
        effective = log_effective_at_lag(record.lag_months, before, world.technology)
        return LaunchedModel(
            name=record.last_model, lab=self.name, region=self.region, day=-round(before * DAYS_PER_YEAR),
            quality=quality(effective, 0.0, world.technology), log_effective=effective,
            training_flop=record.training_flop, active_parameters=record.active_parameters,
            open_weights=record.open_weights, served_at=self.served_at(model),
        )

    def served_at(self, model: Model) -> tuple[str, ...]:
        """Clouds that serve the lab's models: those named, or every cloud of a country (``*CN``)."""
        named = self.record.served_at
        if not named[0].startswith("*"):
            return named
        known = self._served_at.under(named, len(model.clouds))    # clouds neither move nor go
        if not known:
            country = named[0][1:]
            known[named] = tuple(sorted(name for name, cloud in model.clouds.items() if cloud.actor.country == country))
        return known[named]

    # one week ---------------------------------------------------------------------------------------------

    def train(self, model: Model) -> None:
        """Add a week of main-run compute to the project and a week of experiments to the algorithms."""
        technology = model.world.technology
        self.compute = training_compute(model, self)
        before = self.compute.training * (1.0 - model.world.conduct.main_run_share)
        self.experiments = self.experiments or before + self.compute.idle
        if self.project is None and model.today >= self.record.project_start:
            start_project(model, self)
        place = self.project.place if self.project else FOREIGN
        self.run = self.compute.run(place) * self.main_share
        experiments = self.experiments_now(model)
        mean = innovation_mean(experiments, self.experiments_needed(model), WEEK_YEARS, technology)
        gains = model.chance.poisson(mean, "innovation", self.name, model.day)
        size = technology.innovation_size * model.chance.exponential("size of innovation", self.name, model.day)
        frontier = technology.algorithm_growth * model.years
        self.algorithms = algorithm_step(self.algorithms, frontier, WEEK_YEARS, technology) + gains * size
        if self.project is not None:
            self.project.flop += self.run * WEEK
            self.worked += self.run * WEEK
            if suffer_failures(model, self):
                take_off_lent_chips(model, self)
            self._distil(model)

    def idle_used(self, model: Model) -> FlopPerDay:
        """FLOP a day of experiments in the hours in which serving nodes lie idle."""
        return self.compute.idle * model.world.conduct.idle_research

    def experiments_now(self, model: Model) -> FlopPerDay:
        """FLOP a day of experiments: what the main run leaves of the chips that train, and idle hours of serving."""
        return self.compute.training - self.run + self.idle_used(model)

    def experiments_needed(self, model: Model) -> FlopPerDay:
        """FLOP a day that bring as many innovations today as the lab's experiments did at the opening."""
        return experiments_needed(self.experiments, model.picture.effort, model.world.technology)

    def _distil(self, model: Model) -> None:
        best = model.picture.best(but=self.name, open_only=True)
        project = self.project
        if best is None or project is None or project.flop <= 0:
            return
        planned = self.run * self.project_length(model)
        before = log(max(project.flop, planned)) + self.algorithms + project.distilled
        after = learn_from_open_weights(before, best.log_effective, WEEK_YEARS, model.world.technology)
        project.distilled += after - before

    def log_effective(self) -> float:
        """ln effective compute of the project: training FLOP x algorithmic level, plus what was distilled."""
        return log(self.project.flop) + self.algorithms + self.project.distilled if self.project else -math.inf

    def candidate_quality(self, model: Model) -> float:
        """Quality of the project if it were finished today, with the project's own luck."""
        known, technology = self._luck.under(self.launches), model.world.technology
        if "shock" not in known:
            known["shock"] = model.chance.normal("project", f"{self.name}/{self.launches + 1}", 0)
        shock = known["shock"]
        return quality(self.log_effective(), technology.project_shock * shock, technology)

    def evaluate(self, model: Model) -> None:
        """Declare the project a candidate once it has trained as long as projects do; move the aspiration."""
        self._aspire(model)
        project = self.project
        if project is None or project.finished is not None or project.flop <= 0:
            return
        if (model.day - project.started) * WEEK >= self.project_length(model) * 5:
            project.finished = model.day
            take_off_lent_chips(model, self)
            model.rates.add_model(project.name, self.size(model))
            port(model, self, project.name)
            told = f"{self.actor.name} finished {project.name}, trained with {project.flop:.2e} FLOP"
            model.tell(self.name, "candidate", told)

    def project_length(self, model: Model) -> float:
        """Calendar days from a project's start to its candidate, with the project's own luck."""
        known, conduct = self._luck.under(self.launches), model.world.conduct
        spread = (conduct.project_days, conduct.project_spread)
        if spread not in known:
            holder = f"{self.name}/{self.launches + 1}"
            known[spread] = model.chance.lognormal("length of a project", holder, 0, median=spread[0], sigma=spread[1])
        return known[spread]

    def _aspire(self, model: Model) -> None:
        own = model.picture.latest(self.name)
        rivals = model.picture.best(but=self.name)
        if own is None or rivals is None:
            return
        conduct = model.world.conduct
        if self.goal == -math.inf:
            self.goal = own.quality + conduct.next_margin
        self.goal = aspiration(self.goal, own.quality, rivals.quality, elapsed=WEEK_YEARS, conduct=conduct)

    def size(self, model: Model) -> float:
        """Active parameters of the candidate."""
        return model_size(self.project.flop, model.reference_flop, model.world.technology) if self.project else 0.0

    def review(self, model: Model) -> Review | None:
        """Review the finished candidate: satisfied, and served? None where there is none."""
        project = self.project
        if project is None or project.finished is None:
            return None
        conduct = model.world.conduct
        model.rates.add_model(project.name, self.size(model))
        candidate = self.candidate_quality(model)
        waited = (model.day - project.finished) * WEEK / 5 / DAYS_PER_YEAR
        own = model.picture.latest(self.name)
        expected, secured = model.users.uptake(model, self, candidate)
        minimum = (own.quality if own else 0.0) + conduct.next_margin
        if conduct.launch_rule == REAL_OPTIONS:
            review = review_as_option(
                candidate, (secured, expected), minimum=minimum, multiple=self._waiting_multiple(model),
                weight=model.world.demand.quality_weight,
            )
        else:
            review = review_launch(
                candidate, self.goal, (secured, expected), minimum=minimum, waited=waited, conduct=conduct
            )
        return replace(review, fair_share=fair_share(model, self, expected)) if review.capacity_failed else review

    def _waiting_multiple(self, model: Model) -> float:
        """The option's multiple at the pace of the candidate's training and of the frontier before the run."""
        technology, conduct = model.world.technology, model.world.conduct
        innovations = innovation_mean(self.experiments_now(model), self.experiments_needed(model), 1.0, technology)
        rise = self.run * DAYS_PER_YEAR / self.project.flop + innovations * technology.innovation_size
        return waiting_multiple(
            technology.quality_per_decade * rise / log(10.0), points_per_month(technology) * MONTHS_PER_YEAR,
            weight=model.world.demand.quality_weight, volatility=conduct.launch_volatility,
            discount=conduct.launch_discount,
        )

    def conclude(self, model: Model, review: Review) -> None:
        """Record the review; launch, or stage the candidate where only chips are missing, or train on."""
        self.reviews[review.binding] += 1
        model.count(f"{self.name} {self.launches + 1} {review.binding}", 1)
        if review.shortage:
            model.count(f"{self.name} {self.launches + 1} short by {review.shortage}", 1)
        project = self.project
        if review.binding == "none":
            launched = self._launched(model)
            self.project, self.launches = None, self.launches + 1
            launch(model, launched)
            return
        project.staged, project.needed = not review.quality_failed, review.needed_share
        if not project.staged:
            withdraw(model, project.name)

    def _launched(self, model: Model) -> LaunchedModel:
        project = self.project
        return LaunchedModel(
            name=project.name, lab=self.name, region=self.region, day=model.day,
            quality=self.candidate_quality(model), log_effective=self.log_effective(), training_flop=project.flop,
            active_parameters=self.size(model), open_weights=self.record.open_weights, served_at=self.served_at(model),
        )
