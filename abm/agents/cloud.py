"""Clouds: plan capacity, budget, order chips and apply for licences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from abm.agents.data_centres import DataCentres
from abm.agents.offshore import best_alternative, unmet
from abm.books import OUTSIDE, USD
from abm.calendar import years_between
from abm.elementary import exp
from abm.markets.grey import GreyBuyer
from abm.offers import Order
from abm.picture import HOME
from abm.rules.cloud import (
    Need,
    Option,
    advance_limit,
    chip_value,
    commitment_limit,
    fill_knapsack,
    inflated,
    quarterly_budget,
)
from abm.rules.expectations import chance_within, demand_growth_factor
from abm.scenario.actors import Actor
from abm.units import WEEKS_PER_YEAR, Usd, cents, usd

if TYPE_CHECKING:
    from abm.model import Model

OWNERS = f"{OUTSIDE}owners"
QUARTER_WEEKS = WEEKS_PER_YEAR // 4
BILLION = 1e9


class Cloud(DataCentres):
    """A buyer and operator of chips: what it budgets, orders and applies for. What it does with them: data_centres.py."""

    REMEMBERS: ClassVar = ("origins", "training_opening", "budget", "advanced", "reserved_models", "switched_off", "rented")

    def __init__(self, model: Model, actor: Actor) -> None:
        super().__init__(model, actor)
        self.training_opening = 0.0
        self.budget = 0.0
        self.advanced = 0
        self.switched_off: dict[str, int] = {}
        self.rented = 0.0

    # ordering ---------------------------------------------------------------------------------------------

    def fund(self, model: Model) -> None:
        """Receive the quarter's budget for accelerators; owners take back what lay unspent too long."""
        conduct = model.world.conduct
        since_roster = max(years_between(model.world.capital_year, model.today), 0.0)
        self.budget = quarterly_budget(self.actor, conduct, since_roster=since_roster, since_opening=model.years)
        repaid = min(self.advanced, cents(self.budget) // 2)
        self.advanced -= repaid
        model.books.move(USD, cents(self.budget) - repaid, giver=OWNERS, taker=self.name, reason="budget")
        own, grey = 1 - self.actor.grey_share, self.actor.grey_share
        quarters = ((self.name, 1 + own * conduct.carry_over), (self.grey_purse, grey * (1 + conduct.carry_over)))
        for purse, kept in quarters:  # the quarter's own budget has just come in, what is set aside of it included
            excess = model.books.balance(purse, USD) - cents(self.budget * kept)
            model.books.move(USD, max(excess, 0), giver=purse, taker=OWNERS, reason="unspent budget")

    @property
    def grey_purse(self) -> str:
        """The account of money set aside for diverted chips."""
        return f"{self.name}|grey purse"

    def open_purse(self, model: Model) -> None:
        """Open the grey purse where a week's saving is a week's spending."""
        conduct = model.world.conduct
        weekly = self.actor.grey_share * self.actor.capex_usd_bn * BILLION * conduct.accelerator_share / WEEKS_PER_YEAR
        amount = cents(weekly * conduct.grey_spending_weeks)
        model.books.move(USD, amount, giver=OWNERS, taker=self.grey_purse, reason="opening purse")

    def set_aside(self, model: Model) -> None:
        """Set a week's money aside for diverted chips while any chip is restricted, otherwise take all of it back."""
        if model.restricted_chips():
            part = min(cents(self.actor.grey_share * self.budget / QUARTER_WEEKS), model.books.balance(self.name, USD))
            model.books.move(USD, part, giver=self.name, taker=self.grey_purse, reason="set aside")
        else:
            left = model.books.balance(self.grey_purse, USD)
            model.books.move(USD, left, giver=self.grey_purse, taker=self.name, reason="set aside no more")

    def unmet(self, model: Model) -> float:
        """Part of what the cloud would have that stock and orders leave open; 0 for one that never buys from brokers."""
        if self.actor.grey_share <= 0:
            return 0.0
        delays = [option.delay for option in model.options_for(self) if option.price > 0]
        return unmet(self.need(model, min(delays))) if delays else 0.0

    def need(self, model: Model, delay: float) -> Need:
        """Targets a planning horizon beyond the day orders placed now arrive, against stock, transit and orders."""
        conduct = model.world.conduct
        delay += conduct.order_horizon
        wanted = model.users.at_cloud(model, self, model.picture.wanted)
        own = math.fsum(tokens * model.rates.effort(name) for name, tokens in wanted.items())
        growth = demand_growth_factor(
            model.years, delay, model.users.growth(self.region), model.world.demand.growth_decay
        )
        planned = self._planned(model)
        serving = math.fsum(units * model.rates.reference(chip) for chip, units in planned.items())
        share, coming = conduct.training_share, model.open_orders.coming_to(self.name)
        training = math.fsum(units * model.rates.training(chip) for chip, units in coming.items())
        rise = exp(conduct.training_growth * (model.years + delay))
        return Need(
            serving_target=own * growth * (1 + conduct.capacity_buffer),
            serving_planned=serving * (1 - share),
            training_target=self.training_opening * rise + self.rented,
            training_planned=self.training_flop(model) + training * share,
        )

    def _planned(self, model: Model) -> dict[str, int]:
        planned = dict(model.open_orders.coming_to(self.name))
        for (chip, _), units in sorted(self.origins.items()):
            planned[chip] = planned.get(chip, 0) + units
        return planned

    def order(self, model: Model) -> list[Order]:
        """Order the legal chips of highest worth per USD, within what may be committed; apply where a licence is due.

        Uses the policy, this cloud's own accounts and the picture alone, so the order of clouds does not matter.
        """
        options = [option for option in model.options_for(self) if option.price > 0]
        if not options or self.budget <= 0:
            return []
        need = self.need(model, min(option.delay for option in options))
        open_options = [option for option in options if model.gates.may_order(option.chip, self.name)]
        self._apply(model, options, open_options, need)
        money = self._money(model, math.fsum(o.delay for o in open_options) / max(len(open_options), 1))
        model.chronicle.note_plan(self.name, open_options, need, money * model.world.conduct.order_smoothing)
        impatience = model.world.conduct.impatience
        orders = []
        for option, quantity in fill_knapsack(open_options, need, money, impatience):
            shortage = model.picture.quotes[option.chip].shortage
            units = int(inflated(quantity, shortage, model.world.conduct.order_inflation))
            units = model.gates.headroom(option.chip, self.name, units)
            if units > 0:
                orders.append(Order(self.name, option.seller, option.chip, units, option.price, model.day))
        return orders

    def _money(self, model: Model, delay: float) -> Usd:
        conduct = model.world.conduct
        cash = usd(model.books.balance(self.name, USD))
        grey_part = self.actor.grey_share if model.restricted_chips() else 0.0
        limit = commitment_limit(cash, self.budget * (1 - grey_part), delay, conduct) + self.advance_left(model)
        return max(limit - model.open_orders.committed(self.name), 0.0) / conduct.order_smoothing

    def advance_left(self, model: Model) -> Usd:
        """What owners would still advance of later budgets, in USD; nothing abroad, where no restriction threatens."""
        if self.region != HOME:
            return 0.0
        restriction = chance_within(model.picture.hazard, 1.0)
        return max(advance_limit(self.budget, restriction, model.world.conduct) - usd(self.advanced), 0.0)

    def draw_advance(self, model: Model, total: int) -> None:
        """Have owners advance the cents by which cash falls short of a payment."""
        short = max(total - model.books.balance(self.name, USD), 0)
        model.books.move(USD, short, giver=OWNERS, taker=self.name, reason="budget advanced")
        self.advanced += short

    def _apply(self, model: Model, options: list[Option], open_options: list[Option], need: Need) -> None:
        """Apply for what is on order, and for a quarter's budget of a chip worth more per USD than others to be had."""
        impatience = model.world.conduct.impatience
        worth = {option.chip: chip_value(option, need, impatience) / option.cost for option in options}
        legal = {option.chip: worth[option.chip] for option in open_options}
        for option in options:
            others = (value for chip, value in legal.items() if chip != option.chip)
            ordered = model.open_orders.on_order(self.name, option.chip)
            better = worth[option.chip] > max(others, default=0.0)
            if better and option.chip not in legal:
                model.gates.count_denial(option.chip, self.name)
            if ordered or better:
                model.gates.apply(option.chip, self.name, max(int(self.budget / option.price), ordered))

    def purse_for_brokers(self, model: Model) -> str:
        """The account that pays brokers: what was set aside, or where nothing is restricted the cloud's own."""
        return self.grey_purse if model.restricted_chips() else self.name

    def grey_bid(self, model: Model) -> GreyBuyer | None:
        """Money for diverted chips as far as need is unmet, and the best worth per USD that is legal."""
        if self.actor.grey_share <= 0 or self.budget <= 0:
            return None
        money = usd(model.books.balance(self.purse_for_brokers(model), USD))
        money *= 1.0 if model.restricted_chips() else self.actor.grey_share
        return GreyBuyer(self.name, money * self.unmet(model), best_alternative(model, self))
