"""Classes of investors: each item enters once, and what it does to prices is what they believe."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.agents.investor import InvestorClass, burn_in, changes_in_value, efficiency_loadings
from abm.earnings import OrderEvidence
from abm.news import NewsItem
from abm.rules.valuation import efficiency_loading, posterior_weight
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


def loadings_of(model: Exchange) -> np.ndarray:
    """What a unit of belief x surprise does to each stock."""
    return efficiency_loadings(model.world.securities, model.world.capital)


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
    assert (total == changes_in_value(item, beliefs, model.world.securities, loadings_of(model))).all()
    assert np.abs(total[:, 0]).max() > 0


@st.composite
def stories(draw) -> list[NewsItem]:
    """Items of random kinds on random days: agreed changes, surprises, evidence; ordinary and institutional."""
    change = st.floats(-0.5, 0.5)
    return [
        NewsItem(
            name=f"item {n}", day=draw(st.integers(0, 6)), kind="rule", title="An item", institutional=draw(st.booleans()),
            changes=tuple((ticker, draw(change)) for ticker in draw(st.sets(st.sampled_from(["NVDA", "TSM", "BABA"])))),
            surprise=draw(st.floats(0.0, 2.0)), observed_elasticity=draw(st.none() | st.floats(0.2, 2.0)),
            observation_noise=draw(st.floats(0.1, 2.0)),
        )
        for n in range(draw(st.integers(1, 3)))
    ]


def worth_to(one: InvestorClass, item: NewsItem) -> np.ndarray:
    """Change in value that an item makes for each member of a class by what it believes now: members x stocks."""
    belief = one.elasticity - 1.0
    if item.observed_elasticity is not None:
        belief = posterior_weight(one.doubt, item.observation_noise) * (item.observed_elasticity - one.elasticity)
    return changes_in_value(item, belief, one.model.world.securities, loadings_of(one.model))


@settings(max_examples=25, deadline=None)
@given(stories(), st.sets(st.integers(0, 15)), st.integers(0, 50), st.floats(0.0, 1.0))
def test_the_days_of_every_item_sum_to_its_change_in_value_for_every_investor(items, salient_days, seed, share):
    model = Exchange(seed, capital=Capital(institutional_hazard=0.2, institutional_growth=0.1, salient_share=share))
    total = {item.name: np.zeros(model.equities.crowd.strategic.shape) for item in items}
    worth: dict[tuple[str, str], np.ndarray] = {}
    for day in range(60):
        for item in items:
            if item.day == day:
                model.news.publish(item)
        salient = model.news.salience(day, declared=day in salient_days, moved=())
        for spread in model.news.spread(day, salient):
            for one in model.investors:
                if (one.name, spread.item.name) not in worth:
                    worth[one.name, spread.item.name] = worth_to(one, spread.item)
                total[spread.item.name][one.rows] += one.take_in(spread, model.world.securities)
    assert model.news.state()[1] == ()
    for item in items:
        for one in model.investors:
            assert total[item.name][one.rows] == pytest.approx(worth[one.name, item.name], abs=1e-12)


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
        name="orders", day=0, kind="order", title="Orders", surprise=1.5, observed_elasticity=1.4,
        observation_noise=model.world.capital.elasticity_doubt,
    )
    total = taken_in(model, evidence, days=60)
    after = np.concatenate([one.elasticity for one in model.investors])
    assert after - 1.4 == pytest.approx((before - 1.4) / 2)
    assert all(one.doubt < doubt for one, doubt in zip(model.investors, doubts, strict=True))
    loading = efficiency_loading(model.world.securities[0], model.world.capital)
    assert total[:, 0] == pytest.approx((after - before) * 1.5 * loading)


@pytest.mark.parametrize(("placed", "recovers"), [(1.6, True), (0.5, False)])
def test_the_drop_recovers_where_orders_come_in_and_falls_further_where_they_do_not(placed, recovers):
    evidence, items = OrderEvidence(), [LAUNCH]
    for quarter in range(4):
        for _ in range(13):
            evidence.week(placed, expected=1.0, gain=LAUNCH.surprise)
        told, noise = evidence.told(noise=0.8)
        items.append(NewsItem(
            name=f"orders {quarter}", day=20 + 5 * quarter, kind="orders", title="Orders", surprise=LAUNCH.surprise,
            observed_elasticity=told, observation_noise=noise,
        ))  # fmt: skip
    world = Capital(elasticity_consensus=0.0, **FAST)
    plain, launched, informed = (
        Exchange(seed=5, capital=world).live(40, tuple(news)) for news in ((), items[:1], items)
    )
    drop, later = (np.log(one.equities.prices / plain.equities.prices)[0] for one in (launched, informed))
    assert drop < -0.05
    assert later > drop + 0.05 if recovers else later < drop - 0.05


def test_orders_are_told_once():
    evidence = OrderEvidence()
    assert evidence.told(noise=1.0) is None  # nothing has been launched
    for gain in (0.0, 1.5, 1.5):
        evidence.week(3.0, expected=2.0, gain=gain)
    assert evidence.told(noise=1.0)[0] == pytest.approx(1 + np.log(1.5) / 1.5)
    assert evidence.told(noise=1.0) is None


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
