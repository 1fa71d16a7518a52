"""What buyers of chips decide: needs, values, the knapsack, commitments, and how users choose and leave."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from abm.rules.cloud import (
    Need,
    Option,
    advance_limit,
    advanced_horizon,
    bid,
    chip_value,
    choice_shares,
    commitment_limit,
    fill_budget,
    forecast_factor,
    inflated,
    release_share,
    running_cost,
    utility,
    within_reach,
)
from abm.scenario.conduct import Conduct
from abm.scenario.technology import Technology

CONDUCT = Conduct()
positive = st.floats(1.0, 1e9)
amounts = st.just(0.0) | positive
needs = st.builds(
    Need, serving_target=amounts, serving_planned=amounts, training_target=amounts, training_planned=amounts
)


def options_of(rows: list[tuple[float, float, float, float]]) -> list[Option]:
    """Options with names of their own, from prices, serving, training and delays."""
    return [Option("vendor", f"chip-{place}", *row) for place, row in enumerate(rows)]


options = st.lists(
    st.tuples(st.floats(1e3, 5e4), st.floats(0.0, 1e6), st.floats(0.0, 1e6), st.floats(0.0, 2.0)), max_size=6
).map(options_of)


@given(needs)
def test_gaps_are_shares(need):
    assert 0.0 <= need.serving_gap <= 1.0 and 0.0 <= need.training_gap <= 1.0


def test_a_known_need():
    need = Need(serving_target=100.0, serving_planned=75.0, training_target=0.0, training_planned=5.0)
    assert need.serving_gap == 0.25 and need.training_gap == 0.0
    chip = Option("vendor", "chip", 1e4, serving=10.0, training=1e9, delay=0.0)
    assert chip_value(chip, need, 0.8) == pytest.approx(0.1 * 0.25)


@given(needs, options, st.floats(0.0, 2.0))
def test_a_later_chip_is_worth_less(need, offers, impatience):
    for offer in offers:
        later = Option(offer.seller, offer.chip, offer.price, offer.serving, offer.training, offer.delay + 1.0)
        assert 0.0 <= chip_value(later, need, impatience) <= chip_value(offer, need, impatience)


@given(options, needs, st.floats(0.0, 1e11), st.floats(0.0, 2.0))
def test_the_budget_is_never_overspent_and_buys_whole_chips(offers, need, money, impatience):
    chosen = fill_budget(offers, need, money, impatience)
    assert math.fsum(quantity * option.price for option, quantity in chosen) <= money * (1 + 1e-12)
    assert all(isinstance(quantity, int) and quantity > 0 for _, quantity in chosen)
    assert len({option.chip for option, _ in chosen}) == len(chosen)
    assert fill_budget(offers[::-1], need, money, impatience) == chosen


@given(options, needs, st.floats(0.0, 1e11), st.floats(0.0, 1e4))
def test_a_power_bill_that_all_share_is_never_paid_from_the_budget(offers, need, money, bill):
    billed = [replace(option, running_cost=bill) for option in offers]
    chosen = fill_budget(billed, need, money, 0.5)
    assert math.fsum(quantity * option.price for option, quantity in chosen) <= money * (1 + 1e-12)


def test_a_power_bill_can_turn_the_ranking_and_a_rebate_turn_it_back():
    need, money = Need(serving_target=1e9, serving_planned=0.0, training_target=0.0, training_planned=0.0), 1e6
    frugal = Option("vendor", "frugal", 1.05e4, serving=10.0, training=0.0, delay=0.0, running_cost=1000.0)
    thirsty = Option("vendor", "thirsty", 1e4, serving=10.0, training=0.0, delay=0.0, running_cost=3000.0)
    helped = replace(thirsty, running_cost=1500.0 / 2)
    assert fill_budget([frugal, thirsty], need, money, 0.4)[0][0] == frugal
    assert fill_budget([frugal, helped], need, money, 0.4)[0][0] == helped
    assert fill_budget([frugal, replace(thirsty, running_cost=0.0)], need, money, 0.4)[0][0].chip == "thirsty"


def test_a_power_bill_is_power_times_hours_times_price():
    technology = Technology(power_usage=1.5, electricity_price=0.1, chip_years=4.0)
    assert running_cost(700.0, technology, 0.0) == pytest.approx(0.7 * 1.5 * 4 * 8766 * 0.1)
    assert running_cost(700.0, technology, 0.5) == pytest.approx(running_cost(700.0, technology, 0.0) / 2)
    assert running_cost(700.0, technology, 1.0) == 0.0


@given(options, needs, st.floats(0.0, 1e11))
def test_the_budget_stops_at_the_targets(offers, need, money):
    """Where no chip comes too late to count in full, one chip less leaves a gap open."""
    chosen = fill_budget(offers, need, money, 0.0)
    without_last = [(option, quantity - 1) for option, quantity in chosen[-1:]]
    bought = [*chosen[:-1], *without_last]
    serving = need.serving_planned + math.fsum(q * option.serving for option, q in bought)
    training = need.training_planned + math.fsum(q * option.training for option, q in bought)
    if chosen:
        assert serving <= need.serving_target * (1 + 1e-9) or training <= need.training_target * (1 + 1e-9)


@given(options, needs, st.floats(0.0, 1e11), st.floats(0.0, 1e6))
def test_no_more_is_ordered_than_can_be_had(offers, need, money, most):
    chosen = fill_budget(offers, need, money, 0.5, limits=[most] * len(offers))
    assert all(quantity <= most for _, quantity in chosen)
    assert fill_budget(offers, need, money, 0.5, limits=[math.inf] * len(offers)) == fill_budget(offers, need, money, 0.5)


def test_a_mix_beats_taking_the_best_first():
    """Half and half closes both gaps; the chip that is best on its own would spend all on one gap, then too little is left."""
    need = Need(serving_target=100.0, serving_planned=0.0, training_target=100.0, training_planned=0.0)
    both = Option("vendor", "both", 1.0, serving=0.6, training=0.6, delay=0.0)
    serves = Option("vendor", "serves", 1.0, serving=1.15, training=0.0, delay=0.0)
    trains = Option("vendor", "trains", 1.0, serving=0.0, training=1.15, delay=0.0)
    chosen = dict((option.chip, units) for option, units in fill_budget([both, serves, trains], need, 174.0, 0.0))
    served = chosen.get("both", 0) * 0.6 + chosen.get("serves", 0) * 1.15
    trained = chosen.get("both", 0) * 0.6 + chosen.get("trains", 0) * 1.15
    assert sum(chosen.values()) <= 174 and min(served, trained) >= 98.0
    greedy = 166 * 0.6 + 166 * 0.6
    assert served + trained >= greedy


@given(st.floats(0.0, 1e6), st.floats(-1e6, 1e6), st.floats(0.0, 3.0))
def test_reach_grows_with_the_horizon_and_is_never_negative(rate, spare, horizon):
    option = Option("vendor", "chip", 1e4, 1.0, 1.0, 0.1, rate=rate, spare=spare)
    near, far = (within_reach(option, one, 0.1) for one in (horizon, horizon + 1.0))
    assert 0.0 <= near <= far
    assert within_reach(option, 0.0, 0.1) == max(spare, 0.0)


def test_known_bids():
    assert bid(2e-6, 1e-10, 0.0, most=1e6) == pytest.approx(2e4)
    assert bid(2e-6, 1e-10, 5e3, most=1e6) == pytest.approx(1.5e4)
    assert bid(2e-6, 1e-10, 3e4, most=1e6) == 0.0
    assert bid(2e-6, 0.0, 0.0, most=1e6) == 1e6 == bid(1.0, 1e-10, 0.0, most=1e6)


def test_a_feared_restriction_reaches_as_far_as_owners_advance():
    assert advanced_horizon(0.0, CONDUCT) == 0.0
    assert advanced_horizon(1.0, CONDUCT) == pytest.approx(CONDUCT.front_loading / 4)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.0, 1.0))
def test_forecasts_without_spread_are_right(own, common, shared):
    assert forecast_factor(own, common, sd=0.0, shared=shared) == 1.0
    assert forecast_factor(own, common, sd=0.4, shared=1.0) == forecast_factor(0.0, common, sd=0.4, shared=1.0)
    assert forecast_factor(own, common, sd=0.4, shared=0.0) == forecast_factor(own, 0.0, sd=0.4, shared=0.0)


def test_forecasts_have_the_mean_one():
    """Over a grid of normal quantiles, to a thousandth."""
    grid = [NormalDist().inv_cdf((place + 0.5) / 400) for place in range(400)]
    mean = math.fsum(forecast_factor(z, 0.0, sd=0.4, shared=0.0) for z in grid) / 400
    assert mean == pytest.approx(1.0, abs=2e-3)


@given(options, st.floats(1e3, 1e8))
def test_scarce_money_goes_to_the_best_value(offers, money):
    """Where the gaps are far from closed, the best chip per USD takes all that its price divides."""
    need = Need(1e18, 0.0, 1e18, 0.0)
    assume(any(chip_value(offer, need, 0.5) > 0 for offer in offers))
    best = min(offers, key=lambda offer: (-chip_value(offer, need, 0.5) / offer.price, offer.chip))
    assume(money >= best.price)
    option, quantity = fill_budget(offers, need, money, 0.5)[0]
    assert option == best and quantity == int(money / best.price)


def test_equally_good_chips_are_bought_by_name_whatever_their_order():
    offers = options_of([(1e4, 1e5, 1e5, 0.1)] * 3)
    for turned in (offers, offers[::-1], offers[1:] + offers[:1]):
        assert fill_budget(turned, Need(1e18, 0.0, 1e18, 0.0), 2.5e4, 0.5) == [(offers[0], 2)]


def test_nothing_is_bought_without_need_or_money():
    offers = options_of([(1e4, 1e5, 1e5, 0.1)])
    assert fill_budget(offers, Need(1.0, 2.0, 1.0, 2.0), 1e9, 0.5) == []
    assert fill_budget(offers, Need(1e9, 0.0, 1e9, 0.0), 9e3, 0.5) == []


@given(amounts, amounts, st.floats(0.0, 5.0))
def test_commitments_lie_between_cash_and_the_budgets_of_the_horizon(cash, budget, delay):
    limit = commitment_limit(cash, budget, delay, CONDUCT)
    assert cash <= limit <= cash + 4 * budget * CONDUCT.order_horizon * (1 + 1e-12)
    assert commitment_limit(cash, budget, delay + 1, CONDUCT) >= limit


@given(amounts, st.floats(0.0, 1.0))
def test_a_feared_restriction_brings_orders_forward(budget, restriction):
    assert advance_limit(budget, 0.0, CONDUCT) == 0.0
    assert 0.0 <= advance_limit(budget, restriction, CONDUCT) <= advance_limit(budget, 1.0, CONDUCT)


@given(amounts, st.floats(0.0, 1.0), st.floats(0.0, 2.0))
def test_orders_inflate_in_a_shortage(quantity, shortage, inflation):
    assert inflated(quantity, shortage, inflation) >= quantity
    assert inflated(quantity, 0.0, inflation) == quantity == inflated(quantity, shortage, 0.0)


# users ------------------------------------------------------------------------------------------------------

utilities = st.lists(st.floats(-300.0, 300.0), min_size=1, max_size=9)


@given(utilities, st.randoms(use_true_random=False))
def test_choices_sum_to_one_and_permute_with_their_utilities(levels, mixer):
    shares = choice_shares(levels)
    assert math.fsum(shares) == pytest.approx(1.0)
    assert all(0.0 <= share <= 1.0 for share in shares)
    order = list(range(len(levels)))
    mixer.shuffle(order)
    assert choice_shares([levels[i] for i in order]) == [shares[i] for i in order]


@given(utilities, st.integers(0, 8), st.floats(0.1, 5.0))
def test_a_better_offer_is_chosen_more_often_and_no_other_is(levels, which, gain):
    which %= len(levels)
    better = [level + (gain if place == which else 0.0) for place, level in enumerate(levels)]
    before, after = choice_shares(levels), choice_shares(better)
    assert after[which] >= before[which]
    assert all(after[i] <= before[i] + 1e-12 for i in range(len(levels)) if i != which)


def test_known_choices():
    assert choice_shares([]) == [] and choice_shares([7.0]) == [1.0]
    assert choice_shares([3.0, 3.0]) == [0.5, 0.5]
    assert choice_shares([math.log(3.0), 0.0]) == pytest.approx([0.75, 0.25])


def released(gain: float, **traits: float) -> float:
    """Share of customers that leave in a month."""
    return release_share(gain, **({"months": 6, "hazard": 0.5, "gain_weight": 0.05, "cost": 0.5} | traits))


@given(st.floats(-50.0, 50.0), st.floats(0.1, 20.0))
def test_more_leave_for_a_better_model_and_fewer_where_moving_costs(gain, more):
    share = released(gain)
    assert 0.0 <= share <= 1 / 6
    assert released(gain + more) >= share >= released(gain, cost=0.5 + more)
    assert released(gain, months=12) == pytest.approx(share / 2)


def test_nobody_leaves_without_a_hazard():
    assert released(20.0, hazard=0.0) == 0.0


def test_utility_weighs_quality_price_and_congestion():
    weights = (0.25, 0.5, 1.0)
    level = utility(100.0, 1.0, 0.0, weights=weights)
    assert level == 25.0
    assert utility(104.0, 1.0, 0.0, weights=weights) == level + 1.0
    assert utility(100.0, math.e, 0.0, weights=weights) == pytest.approx(level - 0.5)
    assert utility(100.0, 1.0, 0.3, weights=weights) == pytest.approx(level - 0.3)
