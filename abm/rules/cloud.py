"""What a buyer of chips decides: how much to hold, how much to commit, and which chips (section 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from abm.elementary import exp, log
from abm.scenario.actors import Actor
from abm.scenario.conduct import Conduct
from abm.scenario.technology import Technology
from abm.units import DAYS_PER_YEAR, FlopPerDay, Fraction, TokensPerDay, Usd, UsdPerChip, Years

BILLION = 1e9
HOURS_PER_DAY = 24
WATTS_PER_KILOWATT = 1000


@dataclass(frozen=True)
class Need:
    """What a buyer lacks against its targets at the time new chips would arrive."""

    serving_target: TokensPerDay
    serving_planned: TokensPerDay
    training_target: FlopPerDay
    training_planned: FlopPerDay

    @property
    def serving_gap(self) -> Fraction:
        """Share of the serving target that stock and orders leave open."""
        return _gap(self.serving_target, self.serving_planned)

    @property
    def training_gap(self) -> Fraction:
        """Share of the training target that stock and orders leave open."""
        return _gap(self.training_target, self.training_planned)


@dataclass(frozen=True)
class Option:
    """A chip that a buyer may order: its price, what one gives a day, how long it takes to come, its power bill."""

    seller: str
    chip: str
    price: UsdPerChip
    serving: TokensPerDay
    training: FlopPerDay
    delay: Years
    running_cost: UsdPerChip = 0.0

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


def inflated(quantity: float, shortage: Fraction, inflation: float) -> float:
    """Order placed for a wish when shortage is expected (Lee, Padmanabhan, Whang 1997, 10.1287/mnsc.43.4.546)."""
    return quantity * (1.0 + inflation * shortage)


def fill_knapsack(options: Sequence[Option], need: Need, money: Usd, impatience: float) -> list[tuple[Option, int]]:
    """Whole chips bought with money in the order of value per USD, until the gaps are closed (fractional knapsack).

    Value counts over price and power bill together; only the price is paid out of the budget for chips. The greedy
    order is exact for a divisible budget where costs are the prices (Dantzig 1957, 10.1287/opre.5.2.266); ties by name.
    """
    ranked = sorted(options, key=lambda option: (-chip_value(option, need, impatience) / option.cost, option.chip))
    serving_open = max(need.serving_target - need.serving_planned, 0.0)
    training_open = max(need.training_target - need.training_planned, 0.0)
    chosen = []
    for option in ranked:
        wish = max(_units(serving_open, option.serving), _units(training_open, option.training))
        quantity = int(min(wish, money / option.price))
        if quantity <= 0:
            continue
        chosen.append((option, quantity))
        money -= quantity * option.price
        serving_open = max(serving_open - quantity * option.serving, 0.0)
        training_open = max(training_open - quantity * option.training, 0.0)
    return chosen


def _units(missing: float, each: float) -> float:
    return missing / each if each > 0 else 0.0


@lru_cache(maxsize=4096)
def release_share(quality_gain: float, *, months: float, hazard: float, gain_weight: float, cost: float) -> Fraction:
    """Share of a model's customers that leave in a month for a model better by ``quality_gain`` points.

    One in ``months`` contracts ends; of those the share 1 - exp(-h) moves, h = hazard x exp(weight x gain - cost).
    """
    moves = 1.0 - exp(-hazard * exp(gain_weight * quality_gain - cost))
    return moves / months


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
