"""How clouds buy chips: budgets and plans, what they lack, order and apply for, and what they bid for diverted ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.leasing import flop_of, flop_owed_to, leased_flop
from abm.agents.offshore import bid_for_diverted, unmet
from abm.agents.purses import OWNERS, Purses
from abm.books import USD
from abm.calendar import years_between
from abm.elementary import exp
from abm.markets.grey import GreyBuyer
from abm.offers import INFINITE, Order
from abm.picture import HOME
from abm.rules.cloud import (
    Need,
    Option,
    advance_limit,
    advanced_horizon,
    bid,
    chip_value,
    commitment_limit,
    fill_budget,
    forecast_factor,
    inflated,
    quarterly_budget,
    within_reach,
)
from abm.rules.displacement import Plan, bids_by_use
from abm.rules.expectations import chance_within, demand_growth_factor
from abm.rules.throughput import serving_progress
from abm.scenario.conduct import AUCTION
from abm.units import WEEKS_PER_YEAR, FlopPerDay, Fraction, Usd, UsdPerChip, Years, cents, usd

if TYPE_CHECKING:
    from abm.model import Model


class Buyer(Purses):
    """A cloud as a buyer of chips. ``budget`` in USD a quarter, ``outlook`` its forecasts over what comes on average."""

    region: str
    origins: dict[tuple[str, str], int]
    training_opening: FlopPerDay
    advanced: int
    outlook: float
    rented: FlopPerDay

    def training_flop(self, model: Model) -> FlopPerDay:
        """Useful training FLOP a day of the chips that train here."""
        raise NotImplementedError

    def share_to_train(self, model: Model) -> Fraction:
        """Share of the cloud's own chips that is to train."""
        raise NotImplementedError

    def fund(self, model: Model) -> None:
        """Receive the quarter's budget for accelerators; owners take back what lay unspent too long."""
        conduct = model.world.conduct
        since_roster = max(years_between(model.world.capital_year, model.today), 0.0)
        trend = quarterly_budget(self.actor, conduct, since_roster=since_roster, since_opening=model.years)
        self.budget = trend * self._foresee(model)
        repaid = min(self.advanced, cents(self.budget * conduct.advance_repayment))
        self.advanced -= repaid
        model.books.move(USD, cents(self.budget) - repaid, giver=OWNERS, taker=self.name, reason="budget")
        own, grey = 1 - self.actor.grey_share, self.actor.grey_share
        quarters = ((self.name, 1 + own * conduct.carry_over), (self.grey_purse, grey * (1 + conduct.carry_over)))
        for purse, kept in quarters:  # the quarter's own budget has just come in, what is set aside of it included
            excess = model.books.balance(purse, USD) - cents(self.budget * kept)
            model.books.move(USD, max(excess, 0), giver=purse, taker=OWNERS, reason="unspent budget")

    def _foresee(self, model: Model) -> float:
        """Plan the year: what a cloud expects of demand, and spends, over what the world's trend would have it."""
        conduct, year = model.world.conduct, model.today.year
        own, common = (model.chance.normal("plan of the year", who, year) for who in (self.name, "all clouds"))
        self.outlook = forecast_factor(own, common, sd=conduct.forecast_error, shared=conduct.forecast_common)
        return self.outlook

    def unmet(self, model: Model) -> float:
        """Part of what the cloud would have that stock and orders leave open; 0 for one that never buys from brokers."""
        need = self._need_now(model)
        return 0.0 if self.actor.grey_share <= 0 or need is None else unmet(need)

    def _need_now(self, model: Model) -> Need | None:
        """What the cloud lacks when the first chip that it may order comes; None where nothing is quoted."""
        options = [option for option in model.options_for(self) if option.price > 0]
        legal = [option for option in options if model.gates.may_order(option.chip, self.name)]
        return self.need(model, soonest(legal or options)) if options else None

    def need(self, model: Model, delay: float) -> Need:
        """Targets a planning horizon beyond the day orders placed now arrive, against stock, transit and orders.

        Chips that serving will not need by then count for training as well, in the part ``conduct.spare_training``.
        """
        conduct = model.world.conduct
        delay += conduct.order_horizon
        wanted = model.users.at_cloud(model, self, model.picture.wanted)
        own = math.fsum(tokens * model.rates.effort(name) for name, tokens in wanted.items())
        growth = demand_growth_factor(
            model.years, delay, model.users.growth(self.region), model.world.demand.growth_decay
        )
        target = own * growth * (1 + conduct.capacity_buffer) * self.outlook / serving_progress(
            model.world.technology, delay)    # in what chips serve today
        planned = self._planned(model)
        serving = math.fsum(units * model.rates.reference(chip) for chip, units in planned.items())
        share, coming = self.share_to_train(model), model.open_orders.coming_to(self.name)
        training = flop_of(model, coming)
        rise = exp(conduct.training_growth * (model.years + delay))
        spare = max(1 - share - target / serving, 0.0) if serving > 0 and conduct.spare_training > 0 else 0.0
        return Need(
            serving_target=target,
            serving_planned=serving * (1 - share),
            training_target=self.training_opening * rise * self.outlook + self.rented,
            training_planned=self.training_flop(model) + flop_owed_to(model, self.name) + self._for_training(
                model, training, share) + (conduct.spare_training * spare * flop_of(model, planned) if spare else 0.0),
        )

    def _for_training(self, model: Model, coming: FlopPerDay, share: Fraction) -> FlopPerDay:
        """What trains for renters, and the part of what is coming that will train: all that they are owed, then a share."""
        leased = leased_flop(model, self)
        first = min(coming, max(self.rented - leased, 0.0))
        return leased + first + (coming - first) * share

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
        open_options = [option for option in options if model.gates.may_order(option.chip, self.name)]
        need, impatience = self.need(model, soonest(open_options or options)), model.world.conduct.impatience
        worth = {option.chip: chip_value(option, need, impatience) for option in options}
        self._apply(model, options, open_options, worth)
        money = self._money(model, math.fsum(o.delay for o in open_options) / max(len(open_options), 1))
        model.chronicle.note_plan(self.name, open_options, need, money * model.world.conduct.order_smoothing)
        values, limits = [worth[option.chip] for option in open_options], self.limits(model, open_options)
        wishes = fill_budget(open_options, need, money, impatience, limits=limits, values=values)
        bids = self._bids(model, open_options, worth) if wishes and model.world.conduct.allocation == AUCTION else {}
        orders = []
        for option, quantity in wishes:
            shortage = model.picture.quotes[option.chip].shortage
            units = int(inflated(quantity, shortage, model.world.conduct.order_inflation))
            units = model.gates.headroom(option.chip, self.name, units)
            if units > 0:
                price, limit = option.price, bids.get(option.chip, 0.0)
                orders.append(Order(self.name, option.seller, option.chip, units, price, model.day, limit))
        return orders

    def limits(self, model: Model, options: list[Option]) -> list[float]:
        """Chips of each kind to order this week at most: its part of what can come within the horizon of commitments.

        Its part is by budgets among all clouds that may have the chip, wherever they are. Where a restriction is feared
        the horizon reaches as far as owners would advance budgets.
        """
        conduct = model.world.conduct
        ahead = conduct.order_horizon + advanced_horizon(self._restriction(model), conduct)
        transit = model.world.technology.transit_weeks / WEEKS_PER_YEAR
        mine = self.to_spend(model) / conduct.order_smoothing
        return [within_reach(option, ahead, transit) * mine / budgets_for(model, option.chip) for option in options]

    def _bids(self, model: Model, options: list[Option], worth: dict[str, float]) -> dict[str, float]:
        """What the cloud would pay for one chip of each kind at most, by what the same worth costs otherwise."""
        per_usd = {option.chip: worth[option.chip] / option.cost for option in options}
        return {
            option.chip: bid(
                worth[option.chip], max((value for chip, value in per_usd.items() if chip != option.chip), default=0.0),
                option.running_cost, most=usd(model.purse(self.name)))
            for option in options
        }

    def value_in_use(self, model: Model, chip: str) -> list[tuple[UsdPerChip, Usd]]:
        """Prices that the cloud would pay for a chip from stock, each with the money that it could commit at it.

        By the rule by which it spends its budget: within its money, and within what it can have of other chips.
        """
        others = [
            option for option in model.options_for(self)
            if option.price > 0 and option.chip != chip and model.gates.may_order(option.chip, self.name)
        ]
        if self.budget <= 0:
            return []
        conduct, delay = model.world.conduct, model.world.technology.transit_weeks / WEEKS_PER_YEAR
        one = Option(
            model.sellers[chip], chip, model.list_price(chip), model.rates.reference(chip), model.rates.training(chip), delay,
            model.running_cost(model.chip(chip), self.actor.country))
        mean_delay = math.fsum(option.delay for option in others) / len(others) if others else delay
        weeks = conduct.order_smoothing
        limits = [
            limit * weeks if conduct.limited_alternatives else INFINITE for limit in self.limits(model, others)]
        plan = Plan(
            self._money(model, mean_delay) * weeks, limits, weeks / WEEKS_PER_YEAR, conduct.order_horizon, conduct.impatience)
        return bids_by_use(one, others, self.need(model, delay), plan)

    def _money(self, model: Model, delay: float) -> Usd:
        conduct = model.world.conduct
        cash = usd(model.books.balance(self.name, USD) + self.rent_left(model))
        grey_part = self.actor.grey_share if model.restricted_chips() else 0.0
        limit = commitment_limit(cash, self.budget * (1 - grey_part), delay, conduct) + self.advance_left(model)
        return max(limit - model.open_orders.committed(self.name), 0.0) / conduct.order_smoothing

    def advance_left(self, model: Model) -> Usd:
        """What owners would still advance of later budgets, in USD; nothing abroad, where no restriction threatens."""
        return max(
            advance_limit(self.budget, self._restriction(model), model.world.conduct) - usd(self.advanced), 0.0)

    def _restriction(self, model: Model) -> float:
        """Chance that a further rule comes within a year; none abroad, where no restriction threatens."""
        return chance_within(model.picture.hazard, 1.0) if self.region == HOME else 0.0

    def draw_advance(self, model: Model, total: int) -> None:
        """Bring the cents for a payment: first rent that was paid ahead for chips; owners advance what cash then lacks."""
        rent = min(total, self.rent_left(model))
        model.books.move(USD, rent, giver=self.rent_purse, taker=self.name, reason="rent spent")
        short = max(total - model.books.balance(self.name, USD), 0)
        model.books.move(USD, short, giver=OWNERS, taker=self.name, reason="budget advanced")
        self.advanced += short

    def _apply(
        self, model: Model, options: list[Option], open_options: list[Option], values: dict[str, float]
    ) -> None:
        """Apply for what is on order, and for a quarter's budget of a chip worth more per USD than others to be had."""
        worth = {option.chip: values[option.chip] / option.cost for option in options}
        legal = {option.chip: worth[option.chip] for option in open_options}
        first, second = [*sorted(legal.values(), reverse=True), 0.0, 0.0][:2]
        for option in options:
            ordered = model.open_orders.on_order(self.name, option.chip)
            better = worth[option.chip] > (second if legal.get(option.chip) == first else first)
            if better and option.chip not in legal:
                model.gates.count_denial(option.chip, self.name)
            if ordered or better:
                model.gates.apply(option.chip, self.name, max(int(self.budget / option.price), ordered))

    def grey_bid(self, model: Model) -> GreyBuyer | None:
        """Money for diverted chips as far as need is unmet, and what else it may buy with it."""
        need = None if self.actor.grey_share <= 0 or self.budget <= 0 else self._need_now(model)
        if need is None:
            return None
        money = usd(model.books.balance(self.purse_for_brokers(model), USD))
        money *= 1.0 if model.restricted_chips() else self.actor.grey_share
        return bid_for_diverted(model, self, money * unmet(need), need)


def soonest(options: list[Option]) -> Years:
    """How long the first of some chips takes to come: what a buyer may not have says nothing of when orders arrive."""
    return min(option.delay for option in options)


def budgets_for(model: Model, chip: str) -> Usd:
    """Quarterly budgets of all clouds, at home and abroad, that are offered a chip and may order it.

    Kept while no money moves, since what renters have paid ahead is part of them; while the same is quoted, and worth the
    same; and while governments answer the same.
    """
    gates = model.gates
    known = model.contests.under(
        model.day, model.books.accounts[USD].writes, gates.changes, model.rates.version, model.policy, model.picture.quotes)
    if chip not in known:
        known |= _contests(model)
    return known.get(chip, 0.0)


def _contests(model: Model) -> dict[str, Usd]:
    """Those budgets by chip, for every chip that some cloud may order."""
    budgets: dict[str, list[Usd]] = {}
    for name, cloud in sorted(model.clouds.items()):
        to_spend = cloud.to_spend(model)
        for option in model.options_for(cloud):
            if model.gates.may_order(option.chip, name):
                budgets.setdefault(option.chip, []).append(to_spend)
    return {chip: math.fsum(parts) for chip, parts in budgets.items()}
