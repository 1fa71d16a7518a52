"""What firms sell by segment of the model, what was expected of it, and what reports tell about it, quarter by quarter.

A line is the flow of a segment, in USD a year, of all who sell in it or of one listed vendor (its reports tell its own
revenue by region). Each has a forecast, which is revised when a quarter closes; what a firm's line is worth follows
on the day on which the firm reports.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from abm.chance import slot
from abm.digest import fields_of
from abm.elementary import exp, log
from abm.picture import ABROAD, HOME
from abm.rules.expectations import Forecast, lasting_surprise, quarterly_damping
from abm.rules.valuation import new_evidence, observed_elasticity
from abm.scenario.securities import SEGMENTS, Security
from abm.serving import region_work
from abm.units import DAYS_PER_YEAR, WEEKS_PER_YEAR, usd

if TYPE_CHECKING:
    from abm.agents.vendor import Vendor
    from abm.model import Model
    from abm.offers import Order
    from abm.scenario.reference import Scenario

Line = tuple[str, str]
"""Who sells ("" for all) and in which segment."""

QUARTERS = 4
QUARTER_WEEKS = WEEKS_PER_YEAR // QUARTERS
MILLION, BILLION = 1e6, 1e9

FIGURES = fields_of(Forecast)
NO_ORDERS = 0.01
"""A technical bound: orders count as this part of what was expected at least, since the log of none does not exist."""


def segment_of(seller_country: str, buyer_is_chinese: bool) -> str:
    """The segment of a sale of chips."""
    if seller_country == HOME:
        return "china_domestic"
    return "china_legal" if buyer_is_chinese else "frontier_compute"


def opening_flows(model: Model) -> dict[Line, float]:
    """A year of what vendors finish at the opening, at the prices they quote, and of tokens at the opening price, by line.

    Tokens of a model cost in proportion to the work they take.
    """
    flows = {("", segment): 0.0 for segment in SEGMENTS}
    chinese = {
        (order.seller, order.chip)
        for _, vendor in sorted(model.vendors.items()) for order in vendor.order_book if model.is_chinese(order.buyer)
    }
    for name, vendor in sorted(model.vendors.items()):
        for chip in sorted(chip for chip in vendor.products if chip in model.picture.quotes):
            weekly = sum(vendor.pipeline[chip]) / vendor.making_weeks(model)  # integers
            flow = weekly * WEEKS_PER_YEAR * model.picture.quotes[chip].price
            _add(flows, name, segment_of(vendor.actor.country, (name, chip) in chinese), flow)
    price = model.world.demand.token_price / MILLION * DAYS_PER_YEAR
    for region, segment in ((HOME, "cloud_cn"), (ABROAD, "cloud_us")):
        flows["", segment] = region_work(model, region, model.users.by_model) * price
    return flows


def _add(flows: dict[Line, float], vendor: str, segment: str, flow: float) -> None:
    for line in (("", segment), (vendor, segment)):
        flows[line] = flows.get(line, 0.0) + flow


def opening_forecast(world: Scenario, segment: str, flow: float) -> Forecast:
    """The forecast of a line at the opening, with the growth that the scenario declares of its demand or its supply.

    What vendors have in progress is what they will sell in the first quarter. Tokens are those of its first day, half
    a quarter's growth from its mean, and their growth slows down as demand's does.
    """
    decay = world.demand.growth_decay
    damping = quarterly_damping(decay)
    supply = {
        "frontier_compute": world.technology.packaging_growth, "china_legal": world.conduct.capex_growth,
        "china_domestic": world.technology.domestic_wafer_growth,
    }
    if segment in supply:
        growth = supply[segment] / QUARTERS
        return Forecast(log(flow) - growth, growth / damping)
    rate = world.demand.abroad_growth if segment == "cloud_us" else world.demand.china_growth
    growth = rate * decay * (1.0 - damping)
    return Forecast(log(flow) - growth / 2, growth / damping)


def close_quarter(model: Model) -> dict[Line, float]:
    """What the quarter that ends brought, as flows of a year; the next one is counted from nothing."""
    flows: dict[Line, float] = {("", segment): 0.0 for segment in SEGMENTS}
    for name, vendor in sorted(model.vendors.items()):
        for region, amount in vendor.close_quarter().items():
            _add(flows, name, segment_of(vendor.actor.country, region == "home"), amount * QUARTERS)
    for region, segment in ((HOME, "cloud_cn"), (ABROAD, "cloud_us")):
        flows["", segment] = usd(model.users.revenue[region]) * QUARTERS
        model.users.revenue[region] = 0
    return flows


@dataclass
class Ledger:
    """Forecasts by line, the flows at the opening and of the last quarter, and what each firm has reported.

    ``reported`` holds, by ticker and segment, the log of the long-run flow over that of the opening, as of the firm's
    last report; ``due`` what it will report, and the day.
    """

    opening: dict[Line, float] = field(default_factory=dict)
    forecasts: dict[Line, Forecast] = field(default_factory=dict)
    reported: dict[str, dict[str, float]] = field(default_factory=dict)
    due: dict[str, tuple[int, dict[str, float], str]] = field(default_factory=dict)
    long_run: dict[Line, float] = field(default_factory=dict)

    def state(self) -> tuple:
        """What the digest sees of it, as plain values."""
        forecasts = [(line, FIGURES(one)) for line, one in sorted(self.forecasts.items())]
        return forecasts, self.reported, self.due

    def open(self, model: Model) -> None:
        """Forecasts of the opening; every firm has reported as much."""
        self.opening = opening_flows(model)
        damping = quarterly_damping(model.world.demand.growth_decay)
        for line, flow in self.opening.items():
            if flow > 0:
                self.forecasts[line] = opening_forecast(model.world, line[1], flow)
                self.long_run[line] = self.forecasts[line].long_run(damping)
        self.reported = {one.ticker: self._lasting(one, damping) for one in model.world.securities}

    def expected(self, line: Line, model: Model) -> float:
        """Flow of a year that is expected of a line this quarter if the gates stand as at the opening; none of an unknown."""
        forecast = self.forecasts.get(line)
        damping = quarterly_damping(model.world.demand.growth_decay)
        return 0.0 if forecast is None else exp(forecast.next_quarter(damping))

    def close(
        self, model: Model, realised: Mapping[Line, float], *, levels: Mapping[str, float], openness: Mapping[str, float]
    ) -> None:
        """Revise every forecast by a quarter's flows and set the days on which firms report.

        ``levels`` are what was expected of each segment over its forecast; ``openness`` the part of it that gates let be
        seen, one for segments without an entry.
        """
        damping, conduct = quarterly_damping(model.world.demand.growth_decay), model.world.conduct
        hoped = {line: self.expected(line, model) * levels[line[1]] for line in self.forecasts}
        seen = {line: (realised.get(line, 0.0), flow * openness.get(line[1], 1.0)) for line, flow in hoped.items()}
        told = {one.ticker: self._told(one, seen) for one in model.world.securities}
        for line, forecast in self.forecasts.items():
            surprise = lasting_surprise(
                realised.get(line, 0.0), hoped[line], openness.get(line[1], 1.0), conduct.earnings_persistence)
            self.forecasts[line] = forecast.revised(surprise, damping=damping, trend_gain=conduct.trend_gain)
        for one in model.world.securities:
            day = model.day + conduct.season_opens + slot(f"season of {one.ticker}") % conduct.season_days
            self.due[one.ticker] = (day, self._lasting(one, damping), told[one.ticker])

    def line_of(self, security: Security, segment: str) -> Line:
        """The line that a firm's flow in a segment follows: its own where its books are in the model, or all of it."""
        line = (security.actor, segment)
        return line if line in self.forecasts else ("", segment)

    def _lasting(self, security: Security, damping: float) -> dict[str, float]:
        """Log of the long-run flow over the opening's, by segment, that a firm's value rests on."""
        lines = {segment: self.line_of(security, segment) for segment in SEGMENTS}
        return {
            segment: self.forecasts[line].long_run(damping) - self.long_run[line]
            for segment, line in lines.items() if line in self.forecasts
        }

    def _told(self, security: Security, seen: Mapping[Line, tuple[float, float]]) -> str:
        """A report in words: flows of the firm's segments in bn USD a year, and what was expected."""
        parts = []
        for segment, share in security.exposures.items():
            line = self.line_of(security, segment)
            if share > 0 and line in seen:
                flow, wish = (amount / BILLION for amount in seen[line])
                parts.append(f"{segment} {flow:.2f} bn USD a year ({wish:.2f} expected)")
        return f"{security.ticker} reports: {', '.join(parts)}"


@dataclass
class OrderEvidence:
    """Orders for frontier compute since a gain in efficiency, and what they tell about the elasticity of demand."""

    placed: float = 0.0
    expected: float = 0.0
    weighted_gain: float = 0.0
    weeks: int = 0
    mean: float = 0.0
    precision: float = 0.0

    def week(self, orders: float, expected: float, gain: float) -> None:
        """Count a week's orders in USD beside what was expected of it without the gain."""
        if gain > 0:
            self.placed += orders
            self.expected += expected
            self.weighted_gain += gain * expected
            self.weeks += 1

    def told(self, noise: float) -> tuple[float, float] | None:
        """What the quarter adds to the evidence: an observed elasticity and its noise; None where there is nothing.

        ``noise`` is the standard deviation of the log of a quarter's orders. All orders since the gain are one
        observation, whose precision grows with time; what is told is what it says beyond what was told before.
        """
        if not self.weeks or self.expected <= 0:
            return None
        gain = self.weighted_gain / self.expected
        ratio = log(max(self.placed / self.expected, NO_ORDERS))
        mean, precision = observed_elasticity(ratio, gain), self.weeks / QUARTER_WEEKS * gain * gain / (noise * noise)
        if precision <= self.precision:
            return None
        evidence = new_evidence(mean, precision, told=self.mean, told_precision=self.precision)
        self.mean, self.precision = mean, precision
        return evidence


def frontier_orders(vendors: Mapping[str, Vendor], orders: list[Order], model: Model) -> float:
    """USD of a week's orders for frontier compute."""
    return math.fsum(
        one.quantity * one.price for one in orders
        if segment_of(vendors[one.seller].actor.country, model.is_chinese(one.buyer)) == "frontier_compute"
    )
