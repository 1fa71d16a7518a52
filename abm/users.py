"""Users of models, a demand system: how many tokens they want, which models they choose, who stays under contract."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from abm.elementary import exp
from abm.launches import is_own_model
from abm.markets.capacity import served
from abm.memory import Memory
from abm.picture import HOME, REGIONS, LaunchedModel
from abm.rules.cloud import choice_shares, release_share, released_within, utility
from abm.rules.expectations import demand_growth_factor
from abm.scenario.demand import Demand
from abm.units import MONTHS_PER_YEAR, Fraction, TokensPerDay

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.agents.lab import Lab
    from abm.model import Model
    from abm.offers import Lot

MONTHS_PER_QUARTER = 3


class Users:
    """Demand by model, and the share of each model's contracts that left in the month."""

    def __init__(self, demand: Demand) -> None:
        self.declared = demand
        self.total: dict[str, TokensPerDay] = {HOME: demand.china_tokens, "abroad": demand.abroad_tokens}
        self.by_model: dict[str, TokensPerDay] = {}
        self.left: dict[str, Fraction] = {}
        self.notice: dict[str, Fraction] = {}
        self._offers, self._wholes, self._on_the_way = Memory(), Memory(), Memory()
        self.revenue: dict[str, int] = dict.fromkeys(REGIONS, 0)
        self.throughput: dict[str, TokensPerDay] = {}
        self.log_price: dict[str, float] = dict.fromkeys(REGIONS, 0.0)

    def state(self) -> tuple:
        """All that users remember, for the daily digest."""
        return (self.total, self.by_model, self.left, self.notice, self.revenue, self.throughput, self.log_price)

    def growth(self, region: str) -> float:
        """Log growth of tokens wanted in a region at the opening, a year."""
        return self.declared.china_growth if region == HOME else self.declared.abroad_growth

    def open(self, model: Model) -> None:
        """Give the opening tokens to the opening models by choice."""
        self._look_at_clouds(model)
        for region in REGIONS:
            names, shares = self._choice(model, region)
            for name, share in zip(names, shares, strict=True):
                self.by_model[name] = self.total[region] * share

    def _models(self, model: Model, region: str) -> list[LaunchedModel]:
        """Models on offer in a region: each lab's latest."""
        picture, latest = model.picture, {}
        for one in picture.models.values():
            held = latest.get(one.lab)
            if held is None or (one.day, one.name) > (held.day, held.name):
                latest[one.lab] = one
        return [latest[lab] for lab in sorted(model.labs) if lab in latest and latest[lab].region == region]

    def _utility(self, model: Model, quality: float, size: float, unserved: Fraction) -> float:
        weights = (self.declared.quality_weight, self.declared.price_weight, self.declared.congestion_weight)
        cost = size / model.world.technology.reference_active_parameters
        return utility(quality, cost, unserved, weights=weights)

    def _choice(self, model: Model, region: str, extra: tuple[float, ...] = ()) -> tuple[list[str], list[Fraction]]:
        """Names of the models on offer and their shares of new choices; extra utilities come last."""
        picture = model.picture
        offers = self._offers.under(tuple(picture.models.values()), tuple(picture.unserved.items()))
        if region not in offers:
            models = self._models(model, region)
            offers[region] = [m.name for m in models], [
                self._utility(model, m.quality, m.active_parameters, picture.unserved.get(m.name, 0.0)) for m in models]
        names, utilities = offers[region]
        return list(names), choice_shares([*utilities, *extra])

    def _release_to(self, gain: float) -> Fraction:
        """Share of customers who leave in a month for a model better by so many points; none for a worse one."""
        declared = self.declared
        return 0.0 if gain <= 0 else release_share(
            gain, months=declared.contract_months, hazard=declared.release_hazard,
            gain_weight=declared.release_quality, cost=declared.switching_cost,
        )

    # monthly ----------------------------------------------------------------------------------------------

    def choose(self, model: Model) -> None:
        """A month's growth and switching: new tokens, those that leave and those turned away choose among latest models."""
        self._look_at_clouds(model)
        for region in REGIONS:
            months = 1 / MONTHS_PER_YEAR
            factor = demand_growth_factor(
                max(model.years - months, 0.0), months, self.growth(region), self.declared.growth_decay
            )
            if model.day == 0:
                factor = 1.0
            names, shares = self._choice(model, region)
            grown = self.total[region] * (factor - 1.0)
            for name in self._held_in(model, region):
                self.by_model[name] *= 1.0 + self.declared.growth_by_existing * (factor - 1.0)
            roomy = self._with_room(model, names, shares)
            refused = self._turned_away(model, region) if roomy else 0.0
            free = self._leave(model, region) + grown * (1.0 - self.declared.growth_by_existing)
            for name, share in zip(names, shares, strict=True):
                chosen = free * share + (refused * roomy[name] if roomy else 0.0)
                self.by_model[name] = self.by_model.get(name, 0.0) + chosen
            self.total[region] *= factor
        model.picture.wanted = self.priced(model)

    def contracts_roll(self, model: Model) -> bool:
        """Whether contracts end today, and the chips of customers who gave notice go free: each quarter, or sooner."""
        every = min(self.declared.contract_months, MONTHS_PER_QUARTER)
        return (MONTHS_PER_YEAR * model.today.year + model.today.month - 1) % every == 0

    def priced(self, model: Model) -> dict[str, TokensPerDay]:
        """Tokens wanted by model at today's price: what would be wanted at the opening price, less by elasticity."""
        factors = {region: self._price_factor(region) for region in REGIONS}
        return {name: tokens * factors[model.picture.models[name].region] for name, tokens in self.by_model.items()}

    def _price_factor(self, region: str) -> float:
        return exp(-self.declared.price_elasticity * self.log_price[region])

    def _leave(self, model: Model, region: str) -> TokensPerDay:
        """Tokens of customers who leave their model at the end of a contract; their chips go free when contracts roll."""
        best = model.picture.best(region)
        leaving = []
        for name in self._held_in(model, region):
            gain = best.quality - model.picture.models[name].quality if best and best.name != name else 0.0
            self.left[name] = self._release_to(gain)
            self.notice[name] = 1.0 - (1.0 - self.notice.get(name, 0.0)) * (1.0 - self.left[name])
            leaving.append(self.by_model[name] * self.left[name])
            self.by_model[name] *= 1.0 - self.left[name]
        return math.fsum(leaving)

    def _held_in(self, model: Model, region: str) -> list[str]:
        return [name for name in sorted(self.by_model) if model.picture.models[name].region == region]

    def _turned_away(self, model: Model, region: str) -> TokensPerDay:
        """Tokens of customers whom no cloud served last month, and who now choose a model anew."""
        refused = []
        for name in self._held_in(model, region):
            share = model.picture.unserved.get(name, 0.0) * self.declared.choosing_again
            refused.append(self.by_model[name] * share)
            self.by_model[name] *= 1.0 - share
        return math.fsum(refused)

    @staticmethod
    def _with_room(model: Model, names: list[str], shares: list[Fraction]) -> dict[str, Fraction]:
        """Shares of those who choose for the second time: of who asks for a model, the part it has room for stays."""
        weights = {
            name: share * (1.0 - model.picture.unserved.get(name, 0.0)) for name, share in zip(names, shares, strict=True)
        }
        whole = math.fsum(weights.values())
        return {name: weight / whole for name, weight in weights.items()} if whole > 0 else {}

    def at_cloud(self, model: Model, cloud: Cloud, wanted: Mapping[str, TokensPerDay]) -> dict[str, TokensPerDay]:
        """Tokens a day wanted at one cloud by model: its part of the customers of the clouds that serve the model."""
        return {
            name: tokens * self.part(cloud.name, model.picture.models[name].served_at)
            for name, tokens in sorted(wanted.items())
            if cloud.name in model.picture.models[name].served_at
        }

    def _look_at_clouds(self, model: Model) -> None:
        """Note what each cloud can serve beyond models only it serves: customers spread over clouds in proportion."""
        self.throughput = {name: cloud.open_throughput(model) for name, cloud in sorted(model.clouds.items())}

    def part(self, cloud: str, served_at: tuple[str, ...]) -> Fraction:
        """A cloud's part of the customers of a model that several clouds serve, by what each can serve."""
        wholes = self._wholes.under(tuple(self.throughput.values()))
        if served_at not in wholes:
            wholes[served_at] = math.fsum(self.throughput[name] for name in served_at)
        whole = wholes[served_at]
        return self.throughput[cloud] / whole if whole > 0 else 0.0

    # launch -----------------------------------------------------------------------------------------------

    def uptake(self, model: Model, lab: Lab, quality: float) -> tuple[TokensPerDay, TokensPerDay]:
        """Expected uptake of a candidate and the serving that can be secured for it, both in tokens a day.

        Uptake over the planning months: customers that would leave, and new tokens, times the candidate's share of
        choices and the interest of a launch. Secured: what is held for it, and its part of what is free, on its way or
        released by leavers, beside other candidates and customers who wait for chips, by the work of each beyond what
        they hold; a cloud's own group comes first.
        """
        expected = self.expected(model, lab, quality)
        places = lab.served_at(model)
        effort = model.rates.effort(lab.project.name)
        rivals = [
            (other.project.name, self.expected(model, other, other.candidate_quality(model)), other.served_at(model))
            for name, other in sorted(model.labs.items())
            if name != lab.name and other.region == lab.region and other.project and other.project.staged
        ]
        waiting = self._waiting(model, lab.region)
        secured, leaving = [], {}
        for name in places:
            cloud, candidate = model.clouds[name], lab.project.name
            mine = max(expected * self.part(name, places) - cloud.served_tokens(model, candidate), 0.0)
            own = is_own_model(model, cloud, candidate)
            claims = [
                max(wish * self.part(name, where) - cloud.served_tokens(model, other), 0.0)
                * model.rates.effort(other) / effort
                for other, wish, where in rivals if name in where and not own
            ]
            claims += [
                work / effort * self.part(name, model.picture.models[one].served_at) for one, work in waiting.items()
                if name in model.picture.models[one].served_at and (not own or is_own_model(model, cloud, one))
            ]
            part = mine / math.fsum([mine, *claims]) if mine > 0 else 0.0
            secured.append(self._secured(model, cloud, candidate=candidate, quality=quality, part=part, leaving=leaving))
        return expected, math.fsum(secured)

    def _waiting(self, model: Model, region: str) -> dict[str, TokensPerDay]:
        """Work by launched model that waits for chips: what is unserved, and what its customers will want in addition."""
        picture, growing = model.picture, self.declared.growth_by_existing * (self._growth_factor(model, region) - 1.0)
        return {
            name: tokens * (picture.unserved.get(name, 0.0) + growing) * model.rates.effort(name)
            for name, tokens in sorted(picture.wanted.items()) if picture.models[name].region == region
        }

    def _growth_factor(self, model: Model, region: str) -> float:
        """Growth of tokens wanted in a region over the planning months, at one price."""
        months = self.declared.uptake_months / MONTHS_PER_YEAR
        return demand_growth_factor(model.years, months, self.growth(region), self.declared.growth_decay)

    def expected(self, model: Model, lab: Lab, quality: float) -> TokensPerDay:
        """Tokens a day a candidate would be asked for after the planning months."""
        rivals = [
            self._utility(model, other.candidate_quality(model), other.size(model), 0.0)
            for name, other in sorted(model.labs.items())
            if name != lab.name and other.region == lab.region and other.project and other.project.staged
        ]
        own = self._utility(model, quality, lab.size(model), 0.0)
        names, shares = self._choice(model, lab.region, (own, *rivals))
        leaving = []
        for name in sorted(self.by_model):
            held = model.picture.models[name]
            if held.region == lab.region:
                leaving.append(self.by_model[name] * self._released(quality - held.quality))
        factor = self._growth_factor(model, lab.region)
        grown = self.total[lab.region] * (factor - 1.0) * (1.0 - self.declared.growth_by_existing)
        taken = (math.fsum(leaving) + grown) * shares[len(names)] * self._price_factor(lab.region)
        return taken * self.declared.launch_interest

    def _secured(
        self, model: Model, cloud: Cloud, *, candidate: str, quality: float, part: Fraction, leaving: dict[str, Fraction]
    ) -> TokensPerDay:
        """What is held for a candidate, and its part of what is free, on its way, or released by those who leave for it.

        ``leaving`` keeps the share of a model's customers who leave for this quality: the same at every cloud.
        """
        rates, training = model.rates.tokens, cloud.share_to_train(model)
        secured = [
            cloud.served_tokens(model, candidate),
            served(cloud.capacity(model, cloud.free), candidate, rates) * part,
            *(units * rates[candidate, chip] * (1.0 - training) * part
              for chip, units in self.arriving(model, cloud).items()),
        ]
        for name in (one for one in cloud.reserved_models if one in model.picture.models):
            if name not in leaving:
                leaving[name] = self._released(quality - model.picture.models[name].quality)
            reserved = cloud.capacity(model, cloud.reserved_for(name))
            secured.append(served(reserved, candidate, rates) * leaving[name] * part)
        return math.fsum(secured)

    def arriving(self, model: Model, cloud: Cloud) -> dict[str, float]:
        """Chips by kind that come to a cloud within the planning months, over which uptake is expected as well.

        What is on its way, and of what is on order and legal today the part that a new order's delay would bring by then.
        """
        chips: dict[str, float] = {}
        for lot in self._coming(model).get(cloud.name, ()):
            chips[lot.chip] = chips.get(lot.chip, 0.0) + lot.quantity
        years = self.declared.uptake_months / MONTHS_PER_YEAR
        for option in model.options_for(cloud):
            ordered = model.open_orders.on_order(cloud.name, option.chip)
            if ordered and model.gates.may_order(option.chip, cloud.name):
                soon = min(years / option.delay, 1.0) if option.delay > 0 else 1.0
                chips[option.chip] = chips.get(option.chip, 0.0) + ordered * soon
        return chips

    def _coming(self, model: Model) -> dict[str, list[Lot]]:
        """Goods on the way by holder, looked through once for all candidates of a week."""
        coming = self._on_the_way.under(*model.lots)
        if not coming:
            for lot in model.lots:
                coming.setdefault(lot.holder, []).append(lot)
        return coming

    def _released(self, gain: float) -> Fraction:
        """Share of customers who leave within the planning months for a model better by so many points."""
        return released_within(self._release_to(gain), self.declared.uptake_months)
