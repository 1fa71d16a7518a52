"""Values listen to the model: every change of state is priced once, certainty moves nothing, repetition is learned."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from click.testing import CliRunner

from abm import HISTORICAL, RULES_OF_END_2024, Model
from abm.china_access import size_of
from abm.policy import tightenings
from abm.policy.policy import Policy
from abm.scenario.reference import Scenario
from abm.schedule import SCHEDULE
from experiments.repeated_rules import REPEATED, SHOCKS, TICKER, WITHDRAWALS, main, priced, valued
from tests.laws.runs import QUICK, model_of

UNTIL = date(2025, 9, 5)
LETTER = HISTORICAL.instrument("us_letter_2025_04")
EQUITIES = ("governments_publish", "investors_take_in_news", "equities_clear")
NO_EARNINGS = {"conduct.earnings_persistence": 0.0}


@pytest.fixture(scope="module")
def historical() -> Model:
    return model_of(UNTIL)


@pytest.fixture(scope="module")
def start(historical) -> dict[str, float]:
    """Values at the opening of the run, which has then ended."""
    opening = dict(historical.desk.values)
    historical.run()
    return opening


def news_only(policy: Policy, until: date, *, world: Scenario = QUICK, trades: bool = False) -> Model:
    """A model in which only rules become public, and are traded on: nothing is produced, sold, launched or reported."""
    model = model_of(until, world=world, policy=policy)
    phases = [one for one in SCHEDULE if one.name in (EQUITIES if trades else EQUITIES[:1])]
    for day, today in enumerate(model.calendar):
        model.day, model.today = day, today
        for phase in phases:
            phase.run(model)
        model.yesterday = today
    return model


def agreed(model: Model, kind: str = "") -> dict[str, float]:
    """Sum of the changes on which all agree, by ticker, of all items or of one kind."""
    found: dict[str, list[float]] = {}
    for item in model.news.published.values():
        if item.kind == kind or not kind:
            for ticker, change in item.changes:
                found.setdefault(ticker, []).append(change)
    return {ticker: math.fsum(changes) for ticker, changes in found.items()}


def test_all_news_of_a_run_sums_to_the_change_in_value(historical, start):
    total = agreed(historical)
    assert set(total) == set(start)
    for ticker, value in historical.desk.values.items():
        assert total[ticker] == pytest.approx(value - start[ticker], abs=1e-12)


def test_nothing_is_left_unpriced_but_the_quiet_since_the_last_news(historical, start):
    worth = historical.desk.worth(historical)
    assert worth == pytest.approx(historical.desk.values, abs=2e-3)


def test_a_letter_costs_vendors_less_where_others_wait_for_their_chips():
    until = date(2025, 4, 17)
    lost = [
        agreed(news_only(HISTORICAL, until, world=QUICK.vary({"conduct.redirected_supply": part})), "rule")
        for part in (0.0, 0.5, 1.0)
    ]
    assert lost[0]["NVDA"] < lost[1]["NVDA"] < lost[2]["NVDA"] < 0
    assert lost[0]["688256.SS"] == lost[2]["688256.SS"] > 0


def test_every_kind_of_news_came(historical, start):
    kinds = {item.kind for item in historical.news.published.values()}
    assert kinds == {"launch", "rule", "quiet", "earnings", "orders"}


def test_every_firm_reports_once_a_quarter_on_a_day_of_its_own(historical, start):
    reports = [item for item in historical.news.published.values() if item.kind == "earnings"]
    by_quarter = {}
    for item in reports:
        day = historical.calendar[item.day]
        by_quarter.setdefault((day.year, (day.month - 1) // 3), []).append(item.name.split()[0])
    tickers = sorted(one.ticker for one in historical.world.securities)
    assert sorted(by_quarter[2025, 1]) == tickers
    assert len({item.day for item in reports}) > len(tickers)
    assert all(ticker == item.name.split()[0] for item in reports for ticker, _ in item.changes)


def test_a_quarter_as_expected_is_no_news():
    model = model_of(UNTIL)
    desk, world = model.desk, model.world.conduct
    realised = {line: desk.ledger.expected(line, model) for line in desk.ledger.forecasts}
    desk.ledger.close(model, realised, levels=dict.fromkeys(desk.flows, 1.0), openness={})
    model.day += world.season_opens + world.season_days
    desk.report(model)
    assert desk.values == pytest.approx({one.ticker: model.desk.worth(model)[one.ticker] for one in model.world.securities})
    assert all(abs(change) < 1e-12 for item in model.news.published.values() for _, change in item.changes)


@pytest.mark.parametrize(("factor", "sign"), [(1.3, 1), (0.7, -1)])
def test_a_vendor_is_worth_more_when_it_sells_more_than_was_expected_and_less_when_less(factor, sign):
    model = model_of(UNTIL)
    desk, world = model.desk, model.world.conduct
    realised = {line: factor * desk.ledger.expected(line, model) for line in desk.ledger.forecasts if line[0] == "nvidia"}
    others = {line: desk.ledger.expected(line, model) for line in desk.ledger.forecasts if line[0] != "nvidia"}
    desk.ledger.close(model, realised | others, levels=dict.fromkeys(desk.flows, 1.0), openness={})
    model.day += world.season_opens + world.season_days
    desk.report(model)
    changes = agreed(model, "earnings")
    assert sign * changes["NVDA"] > 0.03
    assert all(abs(change) < 1e-12 for ticker, change in changes.items() if ticker != "NVDA")


def certain(policy: Policy, **conduct: float) -> float:
    """What the letter does to the vendor's value, by what was believed before."""
    world = QUICK.vary({f"conduct.{name}": value for name, value in conduct.items()})
    return agreed(news_only(policy, date(2025, 4, 30), world=world), "rule").get(TICKER, 0.0)


ONLY_LETTER = RULES_OF_END_2024.amended("letter_alone", LETTER)


def test_what_is_feared_more_moves_less_and_what_is_certain_moves_nothing():
    unlearned = {
        "hazard_learning": 0.0, "act_size": 1.0, "value_horizon": 30.0, "value_discount": 0.0, "redirected_supply": 0.0,
    }  # fmt: skip
    moves = [
        certain(ONLY_LETTER, hazard_shape=shape, hazard_years=years, **unlearned)
        for shape, years in ((0.1, 20.0), (1.0, 2.0), (10.0, 0.1))
    ]
    assert moves[0] < moves[1] < moves[2] <= 0
    assert moves[0] < -0.1 and moves[2] > -0.001


def test_a_rule_that_is_undone_gives_back_what_it_took_where_nothing_is_learned():
    undone = RULES_OF_END_2024.amended("undone", replace(LETTER, ends=date(2025, 6, 2)))
    model = news_only(undone, date(2025, 6, 6), world=QUICK.vary({"conduct.hazard_learning": 0.0}))
    rules = [dict(item.changes) for item in model.news.published.values() if item.kind == "rule"]
    assert len(rules) == 2 and rules[0]["NVDA"] < 0 < rules[0]["688256.SS"]
    assert rules[1] == pytest.approx({ticker: -change for ticker, change in rules[0].items()})


def test_quiet_takes_fear_out_of_prices():
    model = news_only(RULES_OF_END_2024, date(2026, 6, 30))
    changes = agreed(model, "quiet")
    assert 0.001 < changes["NVDA"] < 0.05 and changes["688256.SS"] < 0
    assert len(model.news.published) <= 18


def test_past_acts_are_as_large_as_what_they_caught():
    first, second = (size_of(one, QUICK.chips) for one in tightenings(HISTORICAL, date(2024, 12, 31)))
    assert first == 1.0 and 0.5 < second < 1.0


@pytest.fixture(scope="module")
def repeated() -> dict[bool, tuple[list[float], list[float], list[float]]]:
    """Value changes by letter and by withdrawal, and paired returns by letter, with learning and without."""
    found = {}
    for learning in (True, False):
        world = QUICK.vary({"conduct.hazard_learning": float(learning)})
        with_letters, without = (
            news_only(policy, date(2027, 3, 31), world=world, trades=True) for policy in (REPEATED, RULES_OF_END_2024)
        )
        found[learning] = (
            valued(with_letters, SHOCKS), valued(with_letters, WITHDRAWALS), priced(with_letters, without, SHOCKS)
        )
    return found


def test_the_same_shock_fades_from_the_second_on_by_learning(repeated):
    letters, withdrawals, _ = repeated[True]
    assert all(change < 0 for change in letters) and letters == sorted(letters)
    assert withdrawals == sorted(withdrawals, reverse=True)
    assert letters[-1] > 0.6 * letters[0]


def test_without_learning_the_same_shock_is_the_same_for_ever(repeated):
    letters, withdrawals, _ = repeated[False]
    assert letters == pytest.approx([letters[0]] * len(letters))
    assert withdrawals == pytest.approx([-letters[0]] * len(letters))


def test_the_first_shock_is_larger_where_it_also_teaches_to_fear_the_next(repeated):
    assert repeated[True][0][0] < repeated[False][0][0]


def test_prices_follow(repeated):
    learned, unlearned = (np.array(repeated[learning][2]) for learning in (True, False))  # the same luck
    assert learned[0] < unlearned[0] < 0
    assert learned[3:].sum() > 0.75 * unlearned[3:].sum()
    assert learned[3:].mean() > 0.75 * learned[0]
    assert unlearned[3:].mean() < 0.9 * unlearned[0]


@pytest.mark.parametrize("seeds", ["none", "0"])
def test_a_number_of_seeds_that_is_none_ends_the_experiment_with_code_two(seeds: str):
    run = CliRunner().invoke(main, [seeds])
    assert run.exit_code == 2 and "SEEDS" in run.output
