"""Special versions of a vendor's chips for one market: the best free design of each line, and whether it pays.

One class decides, in a run and for a question asked outside of one. What differs is where the vendor's ``Position``
comes from: ``opening_position`` reads it off the scenario, a run off its own state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from abm.calendar import years_between
from abm.errors import InputError
from abm.policy.design_law import chip_rules
from abm.policy.gate import Gate
from abm.policy.instrument import CN, EMPTY_RECORD, GOVERNMENTS, US, Instrument
from abm.policy.policy import Policy
from abm.policy.tightening import Tightening, commercial_sale, tightenings
from abm.rates import REFERENCE_CHIP
from abm.rules.adoption import Appraisal, Outlook, appraise, sales, shadow_price
from abm.rules.design import DesignSpace, design_space
from abm.rules.expectations import perceived_hazard
from abm.rules.redesign import Design, Setting, Worth, as_chip, best_design, free_designs
from abm.rules.throughput import serving_rate, training_flop_per_day
from abm.scenario.actors import Actor
from abm.scenario.catalogue import Chip
from abm.scenario.redesign import LINES
from abm.scenario.reference import Scenario
from abm.units import WEEKS_PER_YEAR, Usd, UsdPerChip, UsdPerYear

CLASSES = {"hbm": ("hbm",), "pcie": ("pcie", "consumer")}
"""Product lines of the catalogue that belong to each line of designs: a rule that caught one is a sign for the other."""

QUARTERS = 4


@dataclass(frozen=True)
class Sold:
    """A chip that the vendor makes already: what one costs it, and the places in packaging that it takes."""

    chip: Chip
    cost_usd: UsdPerChip
    packaged_dies: int


@dataclass(frozen=True)
class Position:
    """Where a vendor stands with a market: its good year there, its chips, its queue, and the rules it has seen.

    ``revenue`` in USD a year and ``units`` in chips a year are those of a good year, less what domestic makers have taken
    since; ``shadow_usd`` the shadow price of a place in packaging; ``rules`` are the tightenings of both governments,
    ``watched`` the years since the first.
    """

    revenue: UsdPerYear
    units: float
    sold: tuple[Sold, ...]
    shadow_usd: Usd
    rules: tuple[tuple[str, Tightening], ...]
    watched: float


@dataclass(frozen=True)
class DesignReview:
    """A vendor's review of what it could make for a market under the instruments known on a day.

    Raises InputError for a destination that is not a known country.
    """

    world: Scenario
    vendor: Actor
    instruments: tuple[Instrument, ...]
    position: Position
    day: date
    destination: str = CN

    def appraisals(self) -> list[Appraisal]:
        """The best free design of each line, the most valuable first; the next is judged by what it would add to it.

        A line is left out before its first technology, where nothing is free, or where the vendor makes no such chips.
        """
        designs = [(line, self.best(line)) for line in LINES if self.offers(line)]
        views = [(one, self.outlook(line, one)) for line, one in designs if one is not None]
        room, other, judged = self.world.redesign, 0.0, []
        for design, view in sorted(views, key=lambda pair: (-appraise(*pair, room).npv, pair[0].line)):
            present = max(view.present_margin, room.line_substitution * other)
            found = appraise(design, replace(view, present_margin=present), room)
            other = found.added_margin + present if found.would_build else other
            judged.append(found)
        return judged

    def best(self, line: str) -> Design | None:
        """The best design of a line that the seller's government leaves free."""
        found = self._free(line)
        return best_design(found, self.position.shadow_usd)

    def most_tpp(self, line: str) -> float:
        """The highest performance of any free design of a line: far above the best one's, it shows a gap in the rule."""
        return max((one.most_tpp for one in self._free(line)), default=0.0)

    def offers(self, line: str) -> bool:
        """Whether the vendor makes chips of a line, and the line has a technology by the day."""
        makes = any(one.vendor == self.vendor.name and one.product_line in CLASSES[line] for one in self.world.chips)
        return makes and self._space(line) is not None

    def _space(self, line: str) -> DesignSpace | None:
        return self._spaces[line]

    @cached_property
    def _spaces(self) -> dict[str, DesignSpace | None]:
        world = self.world
        return {
            line: design_space(line, self.day, generations=world.generations, memories=world.memories, room=world.redesign)
            for line in LINES
        }

    def _free(self, line: str) -> tuple[Design, ...]:
        space = self._space(line)
        if space is None:
            return ()
        setting = Setting(space, self._rules, self.destination, self.blank(line), self.worth, self.world.redesign)
        return free_designs(setting)

    @cached_property
    def _rules(self) -> tuple[Instrument, ...]:
        return chip_rules(self.instruments, US)

    def blank(self, line: str) -> Chip:
        """A chip of the vendor and line without numbers of its own, dated by the newest rule that it is made under."""
        day = max((one.binds_from for one in self._rules), default=self._reference.released)
        return replace(
            self._reference, name=f"{self.vendor.name} design", vendor=self.vendor.name, product_line=line, released=day,
            vendor_country=self.vendor.country, sold_from=day, made_for=self.destination, fp4_tops=None, power_w=None)

    @cached_property
    def _reference(self) -> Chip:
        return next(chip for chip in self.world.chips if chip.name == REFERENCE_CHIP)

    @cached_property
    def _gates(self) -> dict[str, Gate]:
        return {government: Gate(government, self.instruments) for government in GOVERNMENTS}

    @cached_property
    def worth(self) -> Worth:
        """What throughput is worth: to buyers the reference chip's list price, where it is restricted the grey one.

        The premium falls with the odds of a licence. At home, the lowest price for it among the vendor's datacentre chips
        on sale, and no more than buyers there would pay.
        """
        premium = self.world.conduct.opening_grey_premium * (1.0 - self.openness(self._reference, US))
        leads = self.vendor.name == self._reference.vendor
        ecosystem = 1.0 if leads else self.world.technology.second_source_factor
        buyers = self._reference.price_usd * (1.0 + premium)
        whole = Worth(self.world.technology, self._reference, buyers, buyers, self.world.redesign.price_split, ecosystem)
        asked = (one.price_usd * buyers / chip_worth(one, whole) for one in self._sold_at_home())
        return replace(whole, home_usd=min(buyers, min(asked, default=buyers)))

    def _sold_at_home(self) -> list[Chip]:
        """The vendor's chips for datacentres on sale on the day that were not made for one country."""
        return [
            one for one in self.world.chips
            if one.vendor == self.vendor.name and one.product_line == "hbm" and one.on_sale(self.day) and one.price_usd
            and not one.made_for
        ]

    def openness(self, chip: Chip, government: str) -> float:
        """Part of a sale's value that a government lets a buyer without licences have: its odds, less its levy."""
        sale = replace(commercial_sale(chip, self.day), destination=self.destination, parent_country=self.destination)
        ruling = self._gates[government].review(sale, EMPTY_RECORD)
        return ruling.expectation * (1.0 - ruling.levy)

    def outlook(self, line: str, design: Design) -> Outlook:
        """What the vendor expects for a design of a line."""
        world, position = self.world, self.position
        chip = self.chip(design, "a design", self.day)
        committed = world.technology.production_weeks / WEEKS_PER_YEAR + world.conduct.purchase_commitments / QUARTERS
        return Outlook(
            revenue=position.revenue, units=position.units, open_share=self.openness(chip, CN),
            seller_hazard=self.hazard(US, line), buyer_hazard=self.hazard(CN, line),
            present_margin=max((self._earns(one, line) for one in position.sold), default=0.0),
            shadow_usd=position.shadow_usd, committed=committed, salvage=world.conduct.salvage)

    def _earns(self, sold: Sold, line: str) -> UsdPerYear:
        """Margin a year, from the demand for a line, that a chip made already is expected to earn at its price there."""
        price = chip_worth(sold.chip, self.worth) * self.worth.price_share
        margin = price - sold.cost_usd - self.position.shadow_usd * sold.packaged_dies
        part = 1.0 if sold.chip.product_line in CLASSES[line] else self.world.redesign.line_substitution
        part *= self.openness(sold.chip, US) * self.openness(sold.chip, CN)
        return part * sales(self.position.revenue, self.position.units, price) * max(margin, 0.0)

    def chip(self, design: Design, name: str, released: date) -> Chip:
        """A design as a chip under a name, released on a day and offered from the day of this review.

        It draws as much power as the vendor's chips do on average for the area of their dies; None if none is published.
        """
        built = [one for one in self.world.chips if one.vendor == self.vendor.name and one.power_w and one.die_mm2]
        watts = None
        if built:
            watts = math.fsum(one.power_w / one.die_mm2 for one in built) / len(built) * design.silicon.total_mm2
        return replace(
            as_chip(design, self.blank(design.line), name), released=released, sold_from=self.day, power_w=watts)

    def hazard(self, government: str, line: str) -> float:
        """Perceived hazard a year of a government's rules on a line: gamma-Poisson on those that caught its class."""
        caught = sum(
            1 for by, one in self.position.rules
            if by == government and any(kind in one.product_lines for kind in CLASSES[line])
        )
        conduct = self.world.conduct
        return perceived_hazard(caught, self.position.watched, conduct.hazard_shape, conduct.hazard_years)


def chip_worth(chip: Chip, worth: Worth) -> UsdPerChip:
    """What buyers would pay for a chip: half for its training and half for its serving, over the reference chip's."""
    technology, size = worth.technology, worth.technology.reference_active_parameters
    serving = serving_rate(chip, technology, size) / serving_rate(worth.reference, technology, size)
    training = training_flop_per_day(chip, technology, 1.0) / training_flop_per_day(worth.reference, technology, 1.0)
    return worth.buyers_usd * worth.ecosystem * (serving + training) / 2


def rules_seen(policy: Policy, day: date, chips: tuple[Chip, ...]) -> tuple[tuple[tuple[str, Tightening], ...], float]:
    """The tightenings of both governments public by a day, and the years since the first of them."""
    seen = tuple((by, one) for by in GOVERNMENTS for one in tightenings(policy, day, government=by, chips=chips))
    first = min((one.market_day for _, one in seen), default=day)
    return seen, years_between(first, day)


def opening_position(world: Scenario, policy: Policy, vendor: Actor, day: date) -> Position:
    """A vendor's position as the scenario's opening tables have it: a year of its pipeline for China, its list prices.

    The queue is that of the opening: what is on order of the chip that earns most a die, over what is made a year.
    Raises InputError where the vendor makes no products for sale.
    """
    products = [one for one in world.products if one.vendor == vendor.id]
    if not products:
        raise InputError(f'vendor = "{vendor.id}" makes no products in the scenario "{world.name}"')
    share = world.technology.unit_cost_share
    price = {one.chip: (one.price_low + one.price_high) / 2 for one in products}
    best = max(products, key=lambda one: (price[one.chip] / max(one.dies, 1), one.chip))
    queue = best.on_order / (QUARTERS * best.in_progress) + world.technology.transit_weeks / WEEKS_PER_YEAR
    shadow = shadow_price((1.0 - share) * price[best.chip] / max(best.dies, 1), queue, world.redesign)
    chips = {chip.name: chip for chip in world.chips}
    sold = tuple(
        Sold(chips[one.chip], share * price[one.chip], one.dies) for one in products if chips[one.chip].on_sale(day))
    rules, watched = rules_seen(policy, day, world.chips)
    revenue = math.fsum(one.sold_at_home(CN) * price[one.chip] for one in products)
    units = sum(one.sold_at_home(CN) for one in products)  # integers
    return Position(revenue, units, sold, shadow, rules, watched)
