"""What a buyer of chips decides: how much to hold, how much to commit, and which chips (section 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import sqrt

from abm.elementary import exp, log
from abm.rules.budget import INFINITE, Mix, best_mix
from abm.scenario.actors import Actor
from abm.scenario.conduct import Conduct
from abm.scenario.technology import Technology
from abm.units import DAYS_PER_YEAR, FlopPerDay, Fraction, TokensPerDay, Usd, UsdPerChip, Years

BILLION = 1e9
HOURS_PER_DAY = 24
QUARTER_YEARS = 0.25
WATTS_PER_KILOWATT = 1000


@dataclass(frozen=True)
class Need:
    """What a buyer lacks against its targets at the time new chips would arrive."""

    serving_target: TokensPerDay
    serving_planned: TokensPerDay
    training_target: FlopPerDay
    training_planned: FlopPerDay

    @cached_property
    def serving_gap(self) -> Fraction:
        """Share of the serving target that stock and orders leave open."""
        return _gap(self.serving_target, self.serving_planned)

    @cached_property
    def training_gap(self) -> Fraction:
        """Share of the training target that stock and orders leave open."""
        return _gap(self.training_target, self.training_planned)


@dataclass(frozen=True)
class Option:
    """A chip that a buyer may order: its price, what one gives a day, how long it takes to come, its power bill.

    ``rate`` in chips a year and ``spare`` in chips are what its seller can finish, and has left above its order book.
    """

    seller: str
    chip: str
    price: UsdPerChip
    serving: TokensPerDay
    training: FlopPerDay
    delay: Years
    running_cost: UsdPerChip = 0.0
    rate: float = INFINITE
    spare: float = 0.0

    @property
    def cost(self) -> UsdPerChip:
        """What owning the chip costs: its price and the power it will draw."""
        return self.price + self.running_cost


def running_cost(power_w: float, technology: Technology, rebate: Fraction) -> UsdPerChip:
    """Power bill of a chip over the years that a buyer reckons to run it, less the share that a government pays.

    Power x overhead of the data centre x hours x price of electricity, at full load and undiscounted.
    """
    hours = technology.chip_years * DAYS_PER_YEAR * HOURS_PER_DAY
    return power_w / WATTS_PER_KILOWATT * technology.power_usage * hours * technology.electricity_price * (1.0 - rebate)


def _gap(target: float, planned: float) -> Fraction:
    return max(1.0 - planned / target, 0.0) if target > 0 else 0.0


def chip_value(option: Option, need: Need, impatience: float) -> float:
    """Worth of one chip: the shares of both targets it closes, weighted by the gaps, discounted by its delay."""
    serving = option.serving / need.serving_target * need.serving_gap if need.serving_target > 0 else 0.0
    training = option.training / need.training_target * need.training_gap if need.training_target > 0 else 0.0
    return (serving + training) * discount(impatience, option.delay)


def training_part(option: Option, need: Need) -> Fraction:
    """Part of a chip's worth to a buyer that is for training; 0 for a chip that is worth nothing to it."""
    if need.training_gap <= 0.0:
        return 0.0
    return option.training / need.training_target * need.training_gap / chip_value(option, need, impatience=0.0)


@lru_cache(maxsize=1024)
def discount(impatience: float, delay: Years) -> Fraction:
    """Worth today of one after a delay, at a rate of impatience a year (asked again and again by every buyer)."""
    return exp(-impatience * delay)


def quarterly_budget(actor: Actor, conduct: Conduct, *, since_roster: Years, since_opening: Years) -> Usd:
    """What an owner gives for accelerators in a quarter: capital spending times their share, each grown since its day.

    ``since_roster`` is the time since the middle of the year whose spending the roster gives, at least 0.
    """
    growth = conduct.capex_growth if actor.capex_growth is None else actor.capex_growth
    grown = conduct.accelerator_share * exp(conduct.accelerator_share_growth * since_opening)
    share = min(grown, max(conduct.accelerator_share, conduct.accelerator_share_most))
    return actor.capex_usd_bn * BILLION * share * exp(growth * since_roster) / 4


def commitment_limit(cash: Usd, budget: Usd, delay: Years, conduct: Conduct) -> Usd:
    """Open orders a buyer can pay when they arrive: its cash and the quarterly budgets until then, within a horizon."""
    return cash + 4 * budget * min(delay, conduct.order_horizon)


def advance_limit(budget: Usd, restriction: Fraction, conduct: Conduct) -> Usd:
    """Budgets of later quarters that owners advance when a restriction is likely (front-loading).

    Stocking up before a supply may stop is the mitigation of Tomlin (2006), 10.1287/mnsc.1060.0515.
    """
    return budget * conduct.front_loading * restriction


def advanced_horizon(restriction: Fraction, conduct: Conduct) -> Years:
    """How much further ahead a buyer orders when a restriction is likely: as far as its owners advance budgets."""
    return conduct.front_loading * restriction * QUARTER_YEARS


def forecast_factor(own: float, common: float, *, sd: float, shared: Fraction) -> float:
    """A forecast over what comes on average, of mean 1: a lognormal error of which a part of the variance is common.

    ``own`` and ``common`` are standard normal draws. Without spread it is 1 exactly.
    """
    error = sqrt(shared) * common + sqrt(1.0 - shared) * own
    return exp(sd * error - sd * sd / 2)


def inflated(quantity: float, shortage: Fraction, inflation: float) -> float:
    """Order placed for a wish when shortage is expected (Lee, Padmanabhan, Whang 1997, 10.1287/mnsc.43.4.546)."""
    return quantity * (1.0 + inflation * shortage)


def within_reach(option: Option, horizon: Years, transit: Years) -> float:
    """Chips that a seller can deliver within a buyer's horizon beyond what it has sold: output by then and spare stock."""
    return max(option.rate * max(horizon - transit, 0.0) + option.spare, 0.0)


def bid(value: float, best_other: float, running: UsdPerChip, *, most: UsdPerChip) -> UsdPerChip:
    """What a buyer would pay for one chip: what the same worth costs as another chip, less the power bill, at most.

    ``value`` is the worth of the chip and ``best_other`` the highest worth per USD among the other chips it could have.
    """
    if best_other <= 0.0:
        return most
    return min(max(value / best_other - running, 0.0), most)


def fill_budget(
    options: Sequence[Option], need: Need, money: Usd, impatience: float, *,
    limits: Sequence[float] | None = None, values: Sequence[float] | None = None,
) -> list[tuple[Option, int]]:
    """Whole chips that close most of the gaps, by worth, within money and what can be had (``limits``, in chips).

    ``values`` are what the options are worth by ``chip_value``, where that is known already.

    The exact optimum of the linear programme of ``abm.rules.budget``, rounded down to whole chips; ties by name. A chip
    that comes later than the soonest counts for less of a gap. A USD of power bill counts as much as a USD buys at best,
    and is not paid out of the budget.
    """
    serving_open = max(need.serving_target - need.serving_planned, 0.0)
    training_open = max(need.training_target - need.training_planned, 0.0)
    if money <= 0.0 or not options or (serving_open <= 0.0 and training_open <= 0.0):
        return []
    values = values or [chip_value(option, need, impatience) for option in options]
    best_use = max(value / option.cost for value, option in zip(values, options, strict=True))
    known = zip(options, values, limits or [INFINITE] * len(options), strict=True)
    rated = sorted(
        ((-(value - best_use * option.running_cost) / option.price, option.chip, option, limit)
         for option, value, limit in known if value > 0.0 and limit > 0.0),
        key=lambda one: one[:2])
    if not rated:
        return []
    soonest = max(discount(impatience, option.delay) for _, _, option, _ in rated)
    gains: tuple[list[float], list[float]] = ([], [])
    for _, _, option, _ in rated:
        counted = money / option.price * discount(impatience, option.delay) / soonest
        gains[0].append(counted * option.serving / serving_open if serving_open > 0.0 else 0.0)
        gains[1].append(counted * option.training / training_open if training_open > 0.0 else 0.0)
    worth = (soonest * need.serving_gap * need.serving_gap, soonest * need.training_gap * need.training_gap)
    shares = best_mix(Mix(
        gains, [best_use * money / option.price * option.running_cost for _, _, option, _ in rated],
        [min(limit * option.price / money, 1.0) for _, _, option, limit in rated], worth))
    bought = ((option, int(share * (money / option.price))) for (_, _, option, _), share in zip(rated, shares, strict=True))
    return [(option, units) for option, units in bought if units > 0]


@lru_cache(maxsize=4096)
def release_share(quality_gain: float, *, months: float, hazard: float, gain_weight: float, cost: float) -> Fraction:
    """Share of a model's customers that leave in a month for a model better by ``quality_gain`` points.

    One in ``months`` contracts ends; of those the share 1 - exp(-h) moves, h = hazard x exp(weight x gain - cost).
    """
    moves = 1.0 - exp(-hazard * exp(gain_weight * quality_gain - cost))
    return moves / months


def released_within(monthly: Fraction, months: int) -> Fraction:
    """Share of customers that leave within some months, of whom a share leaves in each."""
    stay, kept = 1.0 - monthly, 1.0
    for _ in range(months):
        kept *= stay
    return 1.0 - kept


def choice_shares(utilities: Sequence[float]) -> list[Fraction]:
    """Logit shares of alternatives, in their order (McFadden 1974); an empty sequence gives an empty list."""
    if not utilities:
        return []
    top = max(utilities)
    weights = [exp(utility - top) for utility in utilities]
    total = 0.0
    for weight in sorted(weights):  # a fixed order of summation, whatever the order of alternatives
        total += weight
    return [weight / total for weight in weights]


def utility(quality: float, cost: float, unserved: Fraction, *, weights: tuple[float, float, float]) -> float:
    """Utility of a model: weights of quality (points), log serving cost and the unserved share of demand."""
    for_quality, for_price, for_congestion = weights
    return for_quality * quality - for_price * log(cost) - for_congestion * unserved
