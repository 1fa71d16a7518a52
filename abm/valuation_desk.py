"""The desk that turns what happens in the run into news: rules, launches and reported segments. It knows no sign."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from abm.elementary import log
from abm.news import NewsItem
from abm.policy import Policy
from abm.policy.gate import Gate
from abm.policy.instrument import CASE_BY_CASE, CN, EMPTY_RECORD, GOVERNMENTS, Instrument
from abm.rules.expectations import chance_within, moving_average
from abm.rules.lab import efficiency_surprise
from abm.rules.valuation import earnings_changes, moved_demand, observed_elasticity, rule_changes
from abm.units import DAYS_PER_YEAR, usd

if TYPE_CHECKING:
    from abm.model import Model
    from abm.picture import LaunchedModel

SEGMENTS = ("frontier_compute", "china_legal", "china_domestic", "cloud_us", "cloud_cn")
QUARTERS = 4
MILLION = 1e6


@lru_cache(maxsize=4096)
def known_instruments(policy: Policy, day: date) -> tuple[Instrument, ...]:
    """Acts that are public by a trading day and not known to have ended: what markets reckon with."""
    return tuple(
        one for one in policy.instruments if one.market_day <= day and (one.ends is None or one.ends > day)
    )


class ValuationDesk:
    """Flows of the model's segments in USD a year, what was expected of them, and the items published about them."""

    def __init__(self) -> None:
        self.flows: dict[str, float] = {}
        self.expected: dict[str, float] = {}
        self.growth = dict.fromkeys(SEGMENTS, 0.0)
        self.efficiency_gain = 0.0

    def state(self) -> tuple:
        """All that the desk remembers, for the daily digest."""
        return (self.flows, self.expected, self.growth, self.efficiency_gain)

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
        self.flows = flows

    def _sold_home(self, model: Model, chip: str) -> bool:
        return any(o.chip == chip and model.is_chinese(o.buyer) for v in model.vendors.values() for o in v.order_book)

    def _segment(self, seller_country: str, home: bool) -> str:
        if seller_country == CN:
            return "china_domestic"
        return "china_legal" if home else "frontier_compute"

    # rules ------------------------------------------------------------------------------------------------

    def publish_rules(self, model: Model) -> None:
        """News of rules: legal sales to China that what became public takes or gives back, against the hazard priced."""
        known, before = known_instruments(model.policy, model.today), known_instruments(model.policy, model.day_before)
        if known == before:
            return
        lost = self._lost_share(model, before, known)
        if lost == 0.0:
            return
        conduct = model.world.conduct
        losses = moved_demand(self.flows, lost, conduct.domestic_substitution)
        feared = chance_within(model.picture.hazard, 1.0) if lost > 0 else 0.0
        changes = rule_changes(model.world.securities, losses, probability=1.0, already_expected=feared)
        titles = "; ".join(one.title for one in known if one not in before) or "rules end"
        model.news.publish(NewsItem(
            name=f"rules of {model.today.isoformat()}", day=model.day, kind="rule", title=titles, changes=changes,
        ))

    def _lost_share(self, model: Model, before: tuple[Instrument, ...], known: tuple[Instrument, ...]) -> float:
        """Share of legal sales to China that new rules take away (a negative share is given back), by value finished."""
        old = [Gate(government, before) for government in GOVERNMENTS]
        new = [Gate(government, known) for government in GOVERNMENTS]
        lost, total = [], []
        for chip in model.opening_china_chips:
            quote = model.picture.quotes[chip]
            weight = quote.price * (model.vendors[quote.seller].weekly_finished[chip] + 1.0)
            total.append(weight)
            lost.append(weight * (self._openness(model, chip, old) - self._openness(model, chip, new)))
        whole = math.fsum(total)
        return math.fsum(lost) / whole if whole > 0 else 0.0

    def _openness(self, model: Model, chip: str, gates: list[Gate]) -> float:
        """Chance that China's largest commercial buyer may buy a chip: through both gates, licences at their probability."""
        open_share = 1.0
        transaction = model.gates.transaction(chip, buyer=model.ordinary_buyer, quantity=1)
        for gate in gates:
            ruling = gate.review(transaction, EMPTY_RECORD)
            if ruling.licence == CASE_BY_CASE:
                open_share *= ruling.approval_probability
            elif not ruling.permitted:
                open_share = 0.0
            open_share *= 1.0 - ruling.levy
        return open_share

    # launches ---------------------------------------------------------------------------------------------

    def publish_launch(self, model: Model, launched: LaunchedModel) -> None:
        """News of a launch with open weights: by how much its training was cheaper than its quality led to expect."""
        frontier = model.world.technology.algorithm_growth * model.years
        surprise = efficiency_surprise(launched.log_effective, launched.training_flop, frontier)
        if not launched.open_weights or surprise <= self.efficiency_gain:
            surprise = 0.0
        news = surprise - self.efficiency_gain if surprise > 0 else 0.0
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
        if self.expected:
            self._publish_report(model, realised)
        memory = model.world.conduct.growth_memory
        for segment in SEGMENTS:
            if self.flows[segment] > 0 and realised[segment] > 0 and self.expected:
                change = log(realised[segment] / self.flows[segment])
                self.growth[segment] = moving_average(self.growth[segment], change, memory)
        self.flows = realised
        self.expected = {segment: flow * (1.0 + self.growth[segment]) for segment, flow in realised.items()}

    def _publish_report(self, model: Model, realised: dict[str, float]) -> None:
        conduct, frontier = model.world.conduct, "frontier_compute"
        changes = earnings_changes(
            model.world.securities, realised, self.expected, conduct.earnings_persistence
        )
        evidence = None
        if self.efficiency_gain > 0 and realised[frontier] > 0 and self.expected[frontier] > 0:
            evidence = observed_elasticity(log(realised[frontier] / self.expected[frontier]), self.efficiency_gain)
        model.news.publish(NewsItem(
            name=f"reports of {model.today.isoformat()}", day=model.day, kind="earnings", title="quarterly reports",
            changes=changes, surprise=self.efficiency_gain if evidence is not None else 0.0,
            observed_elasticity=evidence, observation_noise=conduct.evidence_noise if evidence is not None else 0.0,
        ))
