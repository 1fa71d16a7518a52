"""The desk that turns what happens in the run into news: rules, launches and reported segments. It knows no sign."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from abm.elementary import exp, log
from abm.news import NewsItem
from abm.policy import RULES_OF_END_2024, Policy
from abm.policy.gate import Gate
from abm.policy.instrument import CN, EMPTY_RECORD, GOVERNMENTS, Instrument
from abm.rules.expectations import chance_within, moving_average
from abm.rules.lab import efficiency_surprise
from abm.rules.valuation import (
    domestic_level,
    level_changes,
    observed_elasticity,
    part_of_the_way,
)
from abm.units import DAYS_PER_YEAR, usd

if TYPE_CHECKING:
    from abm.model import Model
    from abm.picture import LaunchedModel
    from abm.scenario.actors import Product

SEGMENTS = ("frontier_compute", "china_legal", "china_domestic", "cloud_us", "cloud_cn")
QUARTERS = 4
LEAST_FLOW = 0.01
"""Share of its opening flow below which no segment is expected or reported to fall."""
MILLION = 1e6


def known_instruments(policy: Policy, day: date) -> tuple[Instrument, ...]:
    """Acts that are public by a trading day and not known to have ended: what markets reckon with."""
    return tuple(
        one for one in policy.instruments if one.market_day <= day and (one.ends is None or one.ends > day)
    )


class ValuationDesk:
    """Flows of the model's segments in USD a year, what was expected of them, and the items published about them."""

    def __init__(self) -> None:
        self.opening: dict[str, float] = {}
        self.flows: dict[str, float] = {}
        self.expected: dict[str, float] = {}
        self.growth = dict.fromkeys(SEGMENTS, 0.0)
        self.levels = {"china_legal": 1.0, "china_domestic": 1.0}
        self.known_algorithms = 0.0
        self.efficiency_gain = 0.0

    def state(self) -> tuple:
        """All that the desk remembers, for the daily digest."""
        return (self.opening, self.flows, self.expected, self.growth, self.levels, self.known_algorithms, self.efficiency_gain)

    def open(self, model: Model) -> None:
        """Opening flows: a year of what is on order at the opening, and of tokens at the opening price."""
        flows = dict.fromkeys(SEGMENTS, 0.0)
        for _, vendor in sorted(model.vendors.items()):
            for chip, product in sorted(vendor.products.items()):
                price = (product.price_low + product.price_high) / 2
                flows[self._segment(vendor.actor.country, self._sold_home(model, chip))] += (
                    sum(vendor.pipeline[chip]) * price * QUARTERS  # integers
                )
        price = model.world.demand.token_price / MILLION * DAYS_PER_YEAR
        flows["cloud_cn"] = model.users.total[CN] * price
        flows["cloud_us"] = model.users.total["abroad"] * price
        self.opening, self.flows, self.expected = dict(flows), dict(flows), dict(flows)

    def _sold_home(self, model: Model, chip: str) -> bool:
        return any(o.chip == chip and model.is_chinese(o.buyer) for v in model.vendors.values() for o in v.order_book)

    def _segment(self, seller_country: str, home: bool) -> str:
        if seller_country == CN:
            return "china_domestic"
        return "china_legal" if home else "frontier_compute"

    # rules ------------------------------------------------------------------------------------------------

    def publish_rules(self, model: Model) -> None:
        """News of rules: legal sales to China that what became public takes or gives back, against the hazard priced."""
        known, earlier = known_instruments(model.policy, model.today), known_instruments(model.policy, model.day_before)
        if known == earlier:
            return
        lost = self._lost_share(model, earlier, known)
        if lost == 0.0:
            return
        conduct = model.world.conduct
        legal = max(self.levels["china_legal"] - lost, LEAST_FLOW)
        ratio = self.opening["china_legal"] / self.opening["china_domestic"]
        after = {"china_legal": legal, "china_domestic": domestic_level(legal, conduct.domestic_substitution, ratio)}
        expected = self.expected | {
            segment: self._floored(segment, self._moved(segment, level)) for segment, level in after.items()
        }
        feared = chance_within(model.picture.hazard, 1.0) if lost > 0 else 0.0
        reckoned = {one: part_of_the_way(self.expected[one], expected[one], feared) for one in SEGMENTS}
        changes = level_changes(model.world.securities, self._levels(reckoned), self._levels(expected))
        self.levels, self.expected = after, expected
        titles = "; ".join(one.title for one in known if one not in earlier) or "rules end"
        model.news.publish(NewsItem(
            name=f"rules of {model.today.isoformat()}", day=model.day, kind="rule", title=titles, changes=changes,
        ))

    def _moved(self, segment: str, level: float) -> float:
        """Expected flow at a new level: what is taken goes in proportion, what is given back counts at its opening."""
        held, flow = self.levels[segment], self.expected[segment]
        return flow * level / held if level < held else flow + (level - held) * self.opening[segment]

    def _floored(self, segment: str, flow: float) -> float:
        return max(flow, LEAST_FLOW * self.opening[segment])

    def _levels(self, flows: dict[str, float]) -> dict[str, float]:
        """Flows as multiples of the opening ones, to which firms' exposures are declared."""
        return {segment: flows[segment] / self.opening[segment] for segment in SEGMENTS}

    def _lost_share(self, model: Model, before: tuple[Instrument, ...], known: tuple[Instrument, ...]) -> float:
        """Change of what may be sold to China, as a share of what could be at the opening (negative: given back)."""
        opening = known_instruments(RULES_OF_END_2024, model.world.start)
        at_opening = self._access(model, opening, model.world.products)
        made = [one for _, vendor in sorted(model.vendors.items()) for _, one in sorted(vendor.products.items())]
        lost = self._access(model, before, made) - self._access(model, known, made)
        return lost / at_opening if at_opening > 0 else 0.0

    def _access(self, model: Model, instruments: tuple[Instrument, ...], products: Iterable[Product]) -> float:
        """USD a week of foreign chips among some products that China might buy under some rules.

        All of what is made for China, and of other chips the part that China's buyers have in all chip budgets.
        """
        gates = [Gate(government, instruments) for government in GOVERNMENTS]
        budgets = [(cloud.actor.country == CN, cloud.actor.capex_usd_bn) for _, cloud in sorted(model.clouds.items())]
        part = math.fsum(money for home, money in budgets if home) / math.fsum(money for _, money in budgets)
        access = []
        for product in products:
            if model.actors[product.vendor].country != CN:
                price = (product.price_low + product.price_high) / 2
                share = 1.0 if product.ordered_from == CN else part
                access.append(share * price * product.in_progress * self._openness(model, product.chip, gates))
        return math.fsum(access)

    def _openness(self, model: Model, chip: str, gates: list[Gate]) -> float:
        """Chance that China's largest commercial buyer may buy a chip: through both gates, licences at their probability."""
        open_share = 1.0
        transaction = model.gates.transaction(chip, buyer=model.ordinary_buyer, quantity=1)
        for gate in gates:
            ruling = gate.review(transaction, EMPTY_RECORD)
            open_share *= ruling.expectation * (1.0 - ruling.levy)
        return open_share

    # launches ---------------------------------------------------------------------------------------------

    def publish_launch(self, model: Model, launched: LaunchedModel) -> None:
        """News of a launch with open weights: by how much its training was cheaper than its quality led to expect."""
        frontier = model.world.technology.algorithm_growth * model.years
        known = max(frontier, self.known_algorithms)
        news = max(efficiency_surprise(launched.log_effective, launched.training_flop, known), 0.0)
        if not launched.open_weights:
            news = 0.0
        elif news > 0:
            self.known_algorithms = known + news
        self.efficiency_gain += news
        model.news.publish(NewsItem(
            name=f"launch {launched.name}", day=model.day, kind="launch", title=f"{launched.lab} launches {launched.name}",
            institutional=True, surprise=news,
        ))

    # earnings ---------------------------------------------------------------------------------------------

    def report(self, model: Model) -> None:
        """A quarter's flows against what was expected; and their evidence on the elasticity of compute demand."""
        realised = dict.fromkeys(SEGMENTS, 0.0)
        for _, vendor in sorted(model.vendors.items()):
            revenue = vendor.close_quarter()
            for region, amount in revenue.items():
                realised[self._segment(vendor.actor.country, region == "home")] += amount * QUARTERS
        for region, segment in ((CN, "cloud_cn"), ("abroad", "cloud_us")):
            realised[segment] = usd(model.users.revenue[region]) * QUARTERS
            model.users.revenue[region] = 0
        realised = {segment: self._floored(segment, flow) for segment, flow in realised.items()}
        self._publish_report(model, realised)
        conduct = model.world.conduct
        for segment, flow in realised.items():
            change = moving_average(self.growth[segment], log(flow / self.flows[segment]), conduct.growth_memory)
            self.growth[segment] = min(max(change, -conduct.growth_limit), conduct.growth_limit)
        self.flows = realised
        self.expected = {
            segment: self._floored(segment, flow * exp(self.growth[segment])) for segment, flow in realised.items()
        }

    def _publish_report(self, model: Model, realised: dict[str, float]) -> None:
        conduct, frontier = model.world.conduct, "frontier_compute"
        lasting = {one: part_of_the_way(self.expected[one], realised[one], conduct.earnings_persistence) for one in SEGMENTS}
        changes = level_changes(model.world.securities, self._levels(self.expected), self._levels(lasting))
        evidence = None
        if self.efficiency_gain > 0 and realised[frontier] > 0 and self.expected[frontier] > 0:
            evidence = observed_elasticity(log(realised[frontier] / self.expected[frontier]), self.efficiency_gain)
        model.news.publish(NewsItem(
            name=f"reports of {model.today.isoformat()}", day=model.day, kind="earnings", title="quarterly reports",
            changes=changes, surprise=self.efficiency_gain if evidence is not None else 0.0,
            observed_elasticity=evidence, observation_noise=conduct.evidence_noise if evidence is not None else 0.0,
        ))
