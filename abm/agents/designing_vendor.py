"""Foreign vendors of chips: they review each quarter whether a special version for China pays, and bring it out."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from abm.agents.vendor import DAYS_PER_WEEK, QUARTER_WEEKS, Vendor
from abm.calendar import market_day
from abm.offers import INFINITE, Lot, Quote
from abm.picture import HOME
from abm.policy.classification import relative_margins
from abm.rules.adoption import Appraisal, lead_months, shadow_price
from abm.scenario.actors import Actor, Product
from abm.scenario.redesign import LINE_NAMES
from abm.special_versions import QUARTERS, DesignReview, Position, Sold, rules_seen
from abm.units import DAYS_PER_MONTH, WEEKS_PER_YEAR, UsdPerChip, usd
from abm.valuation_desk import known_instruments

if TYPE_CHECKING:
    from abm.model import Model

DAYS_IN_WEEK = 7


@dataclass(frozen=True)
class SpecialVersion:
    """A special version that was decided: its chip, what is sold a week as planned, when it is made and sold.

    ``booked_units`` a week is the first plan, for which places in packaging were booked; ``weekly_units`` may be raised.
    """

    chip: str
    line: str
    weekly_units: int
    booked_units: int
    dies: int
    cost_usd: float
    begins: int
    launches: int


FIELDS = attrgetter(*(one.name for one in fields(SpecialVersion)))


class DesigningVendor(Vendor):
    """A vendor that makes special versions where the seller's government leaves room, and where they pay."""

    REMEMBERS: ClassVar = (*Vendor.REMEMBERS, "plain_versions", "withdrawn", "good_year", "good_units", "good_share",
                           "home_units", "judged")

    def __init__(self, model: Model, actor: Actor, products: tuple[Product, ...]) -> None:
        super().__init__(model, actor, products)
        self.good_units = sum(one.sold_at_home(HOME) for one in products)  # integers
        self.good_year = 0.0
        for one in products:
            self.good_year += one.sold_at_home(HOME) * (one.price_low + one.price_high) / 2
        self.home_units = 0
        self.good_share: float | None = None
        self.versions: list[SpecialVersion] = []
        self.withdrawn: list[str] = []
        self.judged: list[tuple[str, float, float, bool]] = []
        self.appraisals: list[Appraisal] = []
        self.margins: list[tuple[str, str, float]] = []

    @property
    def plain_versions(self) -> list[tuple]:
        """The versions as plain values, in the order of their fields: the daily digest reads them every day."""
        return list(map(FIELDS, self.versions))

    # deciding ---------------------------------------------------------------------------------------------

    def review_designs(self, model: Model) -> None:
        """Appraise the best free design of each line, and decide to build what pays."""
        if not self.good_units:
            return
        known = known_instruments(model.policy, model.today)
        review = DesignReview(model.world, self.actor, known, self._position(model), model.today)
        self.appraisals = review.appraisals()
        self.judged = [(one.design.line, one.npv, one.hazard, one.would_build) for one in self.appraisals]
        for one in self.appraisals:
            if one.would_build:
                self._adopt(model, review, one)
            elif one.design.binding:
                model.count("special versions refused", 1)
                told = f"{self.actor.name} refused to build a special version ({_described(one)}): {one.reason}"
                model.tell(self.name, "special version refused", told)

    def _revise_plans(self, model: Model) -> None:
        """Raise the weekly plan of special versions on sale towards what is ordered a week and a quarter's part of the book.

        Versions that take no place in packaging are raised as far as there are wafers of graphics dies for all of them.
        """
        room, wafers = model.world.redesign, self._wafers_left(model)
        for place, one in enumerate(self.versions):
            ordered = self.weekly_orders.get(one.chip, 0.0) + self.booked(one.chip) / QUARTER_WEEKS
            ahead = room.plan_response * (ordered - one.weekly_units)
            if one.launches > model.day or one.chip in self.withdrawn or ahead < 1.0:
                continue
            more = int(ahead) if one.dies else min(int(ahead), wafers)
            wafers -= 0 if one.dies else more
            self.versions[place] = replace(one, weekly_units=one.weekly_units + more)

    def _wafers_left(self, model: Model) -> int:
        """Graphics dies a week that the plans of cards on sale leave of the wafers for them."""
        cards = sum(one.weekly_units for one in self.versions if not one.dies and one.chip not in self.withdrawn)  # integers
        return max(int(model.world.redesign.graphics_dies) // QUARTER_WEEKS - cards, 0)

    def _position(self, model: Model) -> Position:
        """Where the vendor stands with China today: its best year, its chips, its queue, and the rules it has seen."""
        quotes = {
            chip: model.picture.quotes[chip] for chip in self.products
            if chip in model.picture.quotes and not self.is_ended(model, chip)
        }
        most = {chip: quote.price / max(self.products[chip].dies, 1) for chip, quote in quotes.items()}
        best = max(most, key=lambda chip: (most[chip], chip), default=None)
        share = model.world.technology.unit_cost_share
        shadow = 0.0    # a vendor with nothing on sale gives nothing up
        if best is not None:
            shadow = shadow_price((1.0 - share) * most[best], quotes[best].delay, model.world.redesign)
        special = {one.chip: one for one in self.versions}
        sold = [
            Sold(model.chip(chip), self.unit_cost(model, chip), self.products[chip].dies)
            for chip in sorted(quotes) if chip not in special
        ]
        sold += [
            Sold(model.chip(one.chip), one.cost_usd, one.dies) for one in self.versions if one.chip not in self.withdrawn
        ]
        rules, watched = rules_seen(model.policy, model.today, tuple(model.chips.values()))
        left = self._left_by_rivals(model)
        return Position(self.good_year * left, self.good_units * left, tuple(sold), shadow, rules, watched)

    def _left_by_rivals(self, model: Model) -> float:
        """Foreign share of the chips installed in China over that of the vendor's best year there."""
        share = model.picture.domestic_share
        if self.good_share is None:
            self.good_share = share
        return min((1.0 - share) / (1.0 - self.good_share), 1.0) if self.good_share < 1.0 else 0.0

    def _adopt(self, model: Model, review: DesignReview, appraisal: Appraisal) -> None:
        design, room = appraisal.design, model.world.redesign
        days = lead_months(design, room) * DAYS_PER_MONTH
        launches = model.day + round(days * DAYS_PER_WEEK / DAYS_IN_WEEK)
        begins = max(launches - model.world.technology.production_weeks * DAYS_PER_WEEK, model.day)
        name = f"{self.actor.name} special version {len(self.versions) + 1} ({model.today:%Y-%m})"
        model.add_chip(review.chip(design, name, market_day(model.today + timedelta(days=round(days)))), self.name)
        weekly = int(appraisal.units / WEEKS_PER_YEAR)
        weekly = weekly if design.packaged_dies else min(weekly, self._wafers_left(model))
        self.versions.append(
            SpecialVersion(name, design.line, weekly, weekly, design.packaged_dies, design.cost_usd, begins, launches))
        limits = relative_margins(model.policy, model.chip(name), model.today)
        self.margins += [(name, limit, margin) for limit, margin in limits]
        model.count("special versions adopted", 1)
        told = (f"{self.actor.name} decided to build {name} ({_described(appraisal)}, limited by "
                f"{', '.join(design.binding)}): {appraisal.reason}")
        model.tell(self.name, "special version adopted", told)

    # making and selling -----------------------------------------------------------------------------------

    def bring_out_versions(self, model: Model) -> None:
        """Begin to make what is due, as planned, so that there is stock on the day of its launch; plan more of what sells."""
        self._revise_plans(model)
        for one in self.versions:
            if one.begins <= model.day and one.chip not in self.products and one.chip not in self.withdrawn:
                self._begin(model, one)

    def _begin(self, model: Model, version: SpecialVersion) -> None:
        """Enter a version among the products, at prices from what is asked elsewhere to what it is worth to buyers."""
        name, chip = version.chip, model.chip(version.chip)
        a_quarter = version.weekly_units * QUARTER_WEEKS
        self.products[name] = Product(
            self.name, name, chip.price_low, chip.price_high, version.dies, a_quarter, in_stock=0, on_order=0,
            ordered_from=HOME, basis="assumed", source="assumption-price-split")
        self.pipeline[name] = [0] * model.world.technology.production_weeks
        self.weekly_orders[name] = float(version.weekly_units)
        self.weekly_finished[name] = self.shortage[name] = 0.0

    def is_ended(self, model: Model, chip: str) -> bool:
        """Whether a chip is made no more: discontinued, or withdrawn."""
        return chip in self.withdrawn or super().is_ended(model, chip)

    def rate(self, model: Model, chip: str) -> float:
        """Chips a week that the vendor can promise: of a special version no more than was planned."""
        planned = {one.chip: float(max(one.weekly_units, 1)) for one in self.versions}
        return min(super().rate(model, chip), planned.get(chip, INFINITE))

    def limited(self, model: Model, wanted: dict[str, int]) -> dict[str, int]:
        """Wanted starts, of a special version at most what was planned: its wafers and boards are booked ahead."""
        planned = {one.chip: 0 if one.chip in self.withdrawn else one.weekly_units for one in self.versions}
        return {chip: min(units, planned.get(chip, units)) for chip, units in wanted.items()}

    def plan_starts(
        self, wanted: dict[str, int], dies: dict[str, int], capacity: int, worth: dict[str, float]
    ) -> dict[str, int]:
        """Special versions first, in the order of the decisions, as far as places in packaging were booked for them.

        What is wanted of them beyond that competes with other chips for the rest, by what a die earns: a chip for one
        market does not stop those that are sold elsewhere at three times its price.
        """
        first: dict[str, int] = {}
        for one in self.versions:
            if one.dies and one.chip in wanted:
                first[one.chip] = min(wanted[one.chip], one.booked_units, capacity // dies[one.chip])
                capacity -= first[one.chip] * dies[one.chip]
        left = {chip: units - first.get(chip, 0) for chip, units in wanted.items() if units > first.get(chip, -1)}
        plan = super().plan_starts(left, dies, capacity, worth)
        return plan | {chip: units + plan.get(chip, 0) for chip, units in first.items()}

    def quote(self, model: Model) -> list[Quote]:
        """List prices and delays of what is on sale: special versions from their launch, withdrawn ones while any are left."""
        hidden = [one.chip for one in self.versions if one.launches > model.day and one.chip not in self.withdrawn]
        return [quote for quote in super().quote(model) if quote.chip not in hidden]

    def cancel_refused(self, model: Model) -> None:
        """Drop refused orders; withdraw special versions that are denied outright, and write down their goods."""
        booked = {one.chip: self.booked(one.chip) for one in self.versions if one.chip in self.products}
        super().cancel_refused(model)
        for one in self.versions:
            if one.chip in self.withdrawn or not model.gates.is_denied(one.chip, model.ordinary_buyer):
                continue
            self.withdrawn.append(one.chip)
            if one.chip in booked and not booked[one.chip]:
                self._strand(model, one.chip, 0.0)
            reason = model.gates.refusal(one.chip, model.ordinary_buyer)
            model.tell(self.name, "special version withdrawn", f"{self.actor.name} withdrew {one.chip}: {reason}")

    def unit_cost(self, model: Model, chip: str) -> UsdPerChip:
        """What it costs to make a chip: a special version what its design says, others a share of their list price."""
        designed = {one.chip: one.cost_usd for one in self.versions}
        return designed[chip] if chip in designed else super().unit_cost(model, chip)

    def ship(self, model: Model, granted: dict[tuple, int]) -> list[Lot]:
        """Deliver what was granted, and count what goes to China: a vendor remembers its best year there."""
        lots = super().ship(model, granted)
        self.home_units += sum(lot.quantity for lot in lots if model.is_chinese(lot.holder))  # integers
        return lots

    def close_quarter(self) -> dict[str, float]:
        """Revenue of the quarter by region; a better year in China than any before is remembered."""
        if QUARTERS * usd(self.revenue["home"]) > self.good_year:
            self.good_year, self.good_units = QUARTERS * usd(self.revenue["home"]), QUARTERS * self.home_units
            self.good_share = None
        self.home_units = 0
        return super().close_quarter()


def _described(appraisal: Appraisal) -> str:
    """A design in words: its line, market and numbers."""
    one = appraisal.design
    market = "" if one.datacentre else ", not for datacentres"
    return (
        f"{LINE_NAMES[one.line]}{market}, {one.tpp:,.0f} TPP on {one.silicon.total_mm2:,.0f} mm2, "
        f"{one.stacks.bandwidth_gbs:,.0f} GB/s, interconnect {one.interconnect_gbs:,.0f} GB/s"
    )
