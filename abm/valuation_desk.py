"""The desk that turns what happens in the run into news: rules, launches and reports. It knows no sign.

The value of a firm is a function of the desk's state: what is open and expected to be open of sales to China, what firms
have reported, and what launches let expect. Whatever moves the state is published as the change of value that it makes,
once; so the sum of all news on which everybody agrees is the change of value over the run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.china_access import AccessOutlook, known_instruments
from abm.earnings import Ledger, OrderEvidence, close_quarter, frontier_orders
from abm.elementary import exp
from abm.news import NewsItem
from abm.rules.lab import efficiency_surprise
from abm.rules.valuation import (
    bellwether,
    changes_between,
    domestic_level,
    efficiency_parts,
    elsewhere_level,
    launch_uplift,
    log_value,
)
from abm.scenario.securities import SEGMENTS, Security
from abm.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from abm.model import Model
    from abm.picture import LaunchedModel
    from abm.policy.instrument import Instrument

__all__ = ["SEGMENTS", "ValuationDesk", "known_instruments"]


class ValuationDesk:
    """What is expected of the model's segments, what firms are worth by it, and the items published about it.

    ``flows`` are last quarter's flows by segment in USD a year, ``values`` log values by ticker that news has priced,
    ``uplift`` changes of log flow by segment that launches let expect, ``efficiency_gain`` the sum of surprises.
    """

    def __init__(self) -> None:
        self.access, self.ledger, self.orders = AccessOutlook(), Ledger(), OrderEvidence()
        self.flows: dict[str, float] = {}
        self.values: dict[str, float] = {}
        self.uplift = dict.fromkeys(SEGMENTS, 0.0)
        self.known_algorithms = 0.0
        self.efficiency_gain = 0.0
        self.evidence: tuple[int, float, float] | None = None
        self._levels: list[float] = []
        self._gains: tuple[float, ...] = ()

    def state(self) -> tuple:
        """All that the desk remembers, for the daily digest."""
        orders = (self.orders.placed, self.orders.expected, self.orders.weighted_gain, self.orders.weeks,
                  self.orders.mean, self.orders.precision)
        return (self.access.state(), self.ledger.state(), orders, self.flows, self.values, self.uplift,
                self.known_algorithms, self.efficiency_gain, self.evidence, tuple(self._levels), self._gains)

    def open(self, model: Model) -> None:
        """The state of the opening, and what firms are worth by it."""
        self.access.open(model)
        self.ledger.open(model)
        self.flows = {segment: self.ledger.opening["", segment] for segment in SEGMENTS}
        self.values = self.worth(model)

    # value ------------------------------------------------------------------------------------------------

    def worth(self, model: Model) -> dict[str, float]:
        """Log value of every firm by the state of today, zero where all flows are those of the opening and go on."""
        gates = self._through_expected_gates(model)
        return {one.ticker: self._worth_of(one, gates) for one in model.world.securities}

    def _worth_of(self, firm: Security, gates: dict[str, float]) -> float:
        lasting = self.ledger.reported[firm.ticker]
        return log_value(firm.exposures, {one: exp(change + self.uplift[one]) * gates[one] for one, change in lasting.items()})

    def _through_expected_gates(self, model: Model) -> dict[str, float]:
        return self._through_gates(model, self.access.expected_level(model.today, model.world.conduct))

    def _through_gates(self, model: Model, level: float) -> dict[str, float]:
        """Flows of segments over those of the opening where both gates let a level through."""
        opening, conduct = self.ledger.opening, model.world.conduct
        legal, domestic, frontier = (opening["", one] for one in ("china_legal", "china_domestic", "frontier_compute"))
        contested = conduct.domestic_substitution * legal / domestic if domestic > 0 else 0.0
        freed = conduct.redirected_supply * legal / frontier if frontier > 0 else 0.0
        return dict.fromkeys(SEGMENTS, 1.0) | {
            "china_legal": level,
            "china_domestic": domestic_level(level, contested, model.world.capital.domestic_sensitivity),
            "frontier_compute": elsewhere_level(level, freed),
        }

    def _publish(self, model: Model, values: dict[str, float], *, about: str, title: str) -> None:
        """Publish how values have changed since the last news about rules, products or quiet; nothing where they have not."""
        changes = changes_between(self.values, values)
        self.values = values
        if changes:
            model.news.publish(NewsItem(
                name=f"{about} of {model.today.isoformat()}", day=model.day, kind=about.removesuffix("s"), title=title,
                changes=changes,
            ))

    # rules ------------------------------------------------------------------------------------------------

    def publish_rules(self, model: Model) -> None:
        """News of what both gates let through and are expected to: acts, new chips, and every month the quiet between.

        Quiet is priced before an act, so that the act's news is what the act alone changes: what is open, and what is
        believed of the acts to come.
        """
        changed, new_month = self.access.has_changed(model), model.today.month != model.day_before.month
        if changed or new_month:
            quiet, earlier, open_before = self.worth(model), self.access.known, self.access.now
            self.access.review(model)
            moved = self.access.now != open_before
            if moved or new_month:
                self._publish(model, quiet, about="quiet", title="no further rule until now")
            if moved:
                self._publish_acts(model, earlier)
        self._levels.append(self.access.now.level)

    def _publish_acts(self, model: Model, earlier: tuple[Instrument, ...]) -> None:
        titles = "; ".join(one.title for one in self.access.known if one not in earlier)
        about = "rules" if self.access.known != earlier else "products"
        told = titles or ("rules end" if about == "rules" else "other chips are on sale to China")
        self._publish(model, self.worth(model), about=about, title=told)

    # launches ---------------------------------------------------------------------------------------------

    def publish_launch(self, model: Model, launched: LaunchedModel) -> None:
        """News of a launch with open weights: by how much its training was cheaper than its quality led to expect."""
        frontier = model.world.technology.algorithm_growth * model.years
        known = max(frontier, self.known_algorithms)
        news = max(efficiency_surprise(launched.log_effective, launched.training_flop, known), 0.0)
        news = news if launched.open_weights else 0.0
        before = self.worth(model)
        if news > 0:
            self.known_algorithms = known + news
            self.efficiency_gain += news
            self._lift(model, news, launched.region)
        changes = changes_between(before, self.worth(model))
        self.values |= {ticker: self.values[ticker] + change for ticker, change in changes}
        model.news.publish(NewsItem(
            name=f"launch {launched.name}", day=model.day, kind="launch", title=f"{launched.lab} launches {launched.name}",
            institutional=True, changes=changes, surprise=news,
            concerns=bellwether(model.world.securities, model.world.capital),
        ))

    def _lift(self, model: Model, news: float, region: str) -> None:
        conduct, capital = model.world.conduct, model.world.capital
        ceiling = max(self.access.now.ceiling, self.access.now.level)
        closed = 1.0 - min(self.access.expected_level(model.today, conduct) / ceiling, 1.0) if ceiling > 0 else 1.0
        served = capital.open_uptake * news
        for segment, change in launch_uplift(served, closed * capital.domestic_sensitivity, region).items():
            self.uplift[segment] += change

    # earnings ---------------------------------------------------------------------------------------------

    def note_orders(self, model: Model) -> None:
        """Count the week's orders for frontier compute as evidence on how its demand answers to cheaper capability."""
        expected = self.ledger.expected(("", "frontier_compute"), model) / WEEKS_PER_YEAR
        self.orders.week(frontier_orders(model.vendors, model.new_orders, model), expected, self.efficiency_gain)

    def close_quarter(self, model: Model) -> None:
        """Take in what a quarter brought; each firm's value follows on the day on which it reports."""
        realised = close_quarter(model)
        self.flows = {segment: realised["", segment] for segment in SEGMENTS}
        self._gains = (*self._gains, self.efficiency_gain)[-model.world.conduct.shipment_lag - 1:]
        shipped_gain = self._gains[0] if len(self._gains) > model.world.conduct.shipment_lag else 0.0
        demanded = (self.consensus(model) - 1.0) * shipped_gain
        parts = efficiency_parts(model.world.capital)
        mean = math.fsum(self._levels) / len(self._levels)
        gates = self._through_gates(model, mean) | {"china_legal": 1.0}
        levels = {one: gates[one] * exp(self.uplift[one] + parts[one] * demanded) for one in SEGMENTS}
        self._levels = []
        self.ledger.close(model, realised, levels=levels, openness={"china_legal": mean})
        told = self.orders.told(model.world.conduct.order_noise)
        if told is not None:
            self.evidence = (self.ledger.due[bellwether(model.world.securities, model.world.capital)][0], *told)

    def consensus(self, model: Model) -> float:
        """The elasticity of compute demand that investors believe in, weighted by what they hold."""
        weights = model.equities.crowd.market_weights
        believed = [
            (float(eta), int(weight)) for one in model.investors
            for eta, weight in zip(one.elasticity.tolist(), weights[one.rows].tolist(), strict=True)
        ]
        whole = sum(weight for _, weight in believed)  # integers
        return math.fsum(eta * weight for eta, weight in believed) / whole

    def report(self, model: Model) -> None:
        """Publish the reports of the day, and with the first chip vendor's what orders tell about demand."""
        for ticker in sorted(self.ledger.due):
            day, lasting, told = self.ledger.due[ticker]
            if day <= model.day:
                del self.ledger.due[ticker]
                self._report(model, ticker, lasting, told)
        if self.evidence is not None and self.evidence[0] <= model.day:
            _, elasticity, noise = self.evidence
            self.evidence = None
            model.news.publish(NewsItem(
                name=f"orders told on {model.today.isoformat()}", day=model.day, kind="orders", title="orders for compute",
                surprise=self.efficiency_gain, observed_elasticity=elasticity, observation_noise=noise,
                concerns=bellwether(model.world.securities, model.world.capital),
            ))

    def _report(self, model: Model, ticker: str, lasting: dict[str, float], told: str) -> None:
        gates, firm = self._through_expected_gates(model), next(one for one in model.world.securities if one.ticker == ticker)
        before = self._worth_of(firm, gates)
        self.ledger.reported[ticker] = lasting
        change = self._worth_of(firm, gates) - before
        self.values[ticker] += change
        model.news.publish(NewsItem(
            name=f"{ticker} reports on {model.today.isoformat()}", day=model.day, kind="earnings", title=told,
            changes=((ticker, change),) if change else (),
        ))
