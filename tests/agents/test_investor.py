"""Classes of investors: each item enters once, and what it does to prices is what they believe."""

from __future__ import annotations

import numpy as np
import pytest

from abm.agents.investor import InvestorClass, burn_in, changes_in_value
from abm.news import NewsItem
from abm.scenario.capital import Capital
from tests.markets.stage import Exchange

LAUNCH = NewsItem(name="launch", day=2, kind="launch", title="A launch", institutional=True, surprise=1.5)
RULE = NewsItem(
    name="rule", day=2, kind="rule", title="A rule", changes=(("NVDA", -0.08), ("688256.SS", 0.05))
)  # fmt: skip
FAST = {"institutional_hazard": 0.3}
BY_ITSELF_NEVER = {"salience_hazard": 0.0, "salient_move": 20.0}


def tickers(model: Exchange) -> tuple[str, ...]:
    """Tickers in the order of the columns."""
    return model.equities.tickers


def taken_in(model: Exchange, item: NewsItem, days: int) -> np.ndarray:
    """What every investor adds to its valuations in all, day by day."""
    model.news.publish(item)
    total = np.zeros(model.equities.crowd.strategic.shape)
    for day in range(days):
        for spread in model.news.spread(item.day + day):
            for one in model.investors:
                total[one.rows] += one.take_in(spread, model.world.securities)
    return total


@pytest.mark.parametrize("item", [LAUNCH, RULE])
def test_each_item_enters_each_valuation_exactly_once(item):
    model = Exchange(seed=3, capital=Capital(**FAST))
    beliefs = np.concatenate([one.elasticity - 1.0 for one in model.investors])
    total = taken_in(model, item, days=120)
    assert model.news.state()[1] == ()
    assert (total == changes_in_value(item, beliefs, model.world.securities)).all()
    assert np.abs(total[:, 0]).max() > 0


def effect(item: NewsItem, days: int, **capital: float) -> dict[str, float]:
    """Log change of each price that an item makes by the last day, in a run that is otherwise the same."""
    ends = []
    for items in ((), (item,)):
        world = Capital(**({"elasticity_consensus": 0.0} | FAST | capital))
        model = Exchange(seed=5, capital=world).live(days, items)
        ends.append(np.log(model.equities.prices))
    return dict(zip(tickers(model), (ends[1] - ends[0]).tolist(), strict=True))


def test_vendors_fall_where_demand_is_inelastic_and_rise_where_it_is_elastic():
    low, high = (effect(LAUNCH, days=12, elasticity_mean=mean) for mean in (0.8, 1.2))
    assert low["NVDA"] < -0.1 and high["NVDA"] > 0.1
    assert abs(low["MSFT"]) < 0.03 and abs(high["MSFT"]) < 0.03
    assert low["NVDA"] < low["TSM"] < low["MSFT"]


def test_a_rule_moves_both_sides_at_once_for_those_who_noticed():
    moved = effect(RULE, days=3)
    assert moved["NVDA"] == pytest.approx(0.9 * -0.08, abs=0.03)
    assert moved["688256.SS"] > 0.01
    assert abs(moved["GOOGL"]) < 0.005


def test_a_declared_day_brings_the_reaction():
    days = Exchange(seed=1).dates.index(Capital().salience_dates[0]) + 1
    slow = {"elasticity_mean": 0.8, "institutional_hazard": 0.005, "institutional_growth": 0.0} | BY_ITSELF_NEVER
    eve, day = effect(LAUNCH, days=days - 1, **slow), effect(LAUNCH, days=days, **slow)
    assert abs(eve["NVDA"]) < 0.08
    assert day["NVDA"] - eve["NVDA"] < -0.1


def test_orders_teach_the_elasticity():
    model = Exchange(seed=2)
    before = np.concatenate([one.elasticity for one in model.investors])
    doubts = [one.doubt for one in model.investors]
    evidence = NewsItem(
        name="orders", day=0, kind="order", title="Orders", surprise=1.5, observed_elasticity=1.4, observation_noise=0.3
    )
    total = taken_in(model, evidence, days=60)
    after = np.concatenate([one.elasticity for one in model.investors])
    assert after - 1.4 == pytest.approx((before - 1.4) / 2)
    assert all(one.doubt < doubt for one, doubt in zip(model.investors, doubts, strict=True))
    assert total[:, 0] == pytest.approx((after - before) * 1.5 * model.world.securities[0].efficiency_sensitivity)


def test_news_without_a_belief_leaves_beliefs_alone():
    model = Exchange(seed=2)
    before = [one.state() for one in model.investors]
    model.live(3, (RULE,))
    assert [one.elasticity.tobytes() for one in model.investors] == [state[1] for state in before]


def test_a_class_is_one_agent_whose_members_are_rows():
    model = Exchange(seed=1)
    assert all(isinstance(one, InvestorClass) for one in model.investors)
    held = np.concatenate([one.shares() for one in model.investors])
    assert (held == model.books.crowd_shares).all()


def test_the_burn_in_ends_at_the_opening_and_knows_no_news():
    model = Exchange(seed=1, capital=Capital(burn_in_days=30))
    burn_in(model)
    assert [day.day for day in model.equities.history] == list(range(-30, 0))
    assert (model.equities.prices == model.equities.opening).all()
    assert model.news.state() == ((), ())


def test_arms_agree_to_the_bit_until_the_news_that_differs():
    plain, other = Exchange(seed=6).live(2), Exchange(seed=6).live(2, (RULE,))
    states = [[one.state() for one in model.investors] for model in (plain, other)]
    assert plain.equities.state() == other.equities.state() and states[0] == states[1]
    plain.live(1), other.live(1, (RULE,))
    assert plain.equities.state() != other.equities.state()
