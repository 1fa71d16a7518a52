"""Tests of several abnormal returns at once hold their size, and see an effect."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analysis.event_study.__main__ import event_study
from analysis.event_study.joint_tests import joint_test, joint_tests, mean_correlation
from analysis.event_study.market_model import FEWEST, Design, reaction, study
from tests.analysis.price_paths import DAYS, EVENT, EVENT_PLACE, market_returns, one_event, prices_from, written

SHARES = 8
DESIGN = Design(market="M")
TRIALS, FEWER = 240, 60
CRITICAL = 1.96


def returns(seed: int, *, common: float = 0.0, effect: float = 0.0, loud: float = 1.0) -> list[np.ndarray]:
    """Returns of shares whose residuals have a common part, an effect on the event's day, and more noise on it."""
    luck = np.random.default_rng([seed, 1])
    market = market_returns(seed)
    shared = luck.normal(size=len(market))
    found = []
    for place in range(SHARES):
        noise = 0.02 * (np.sqrt(common) * shared + np.sqrt(1 - common) * luck.normal(size=len(market)))
        noise[EVENT_PLACE - 1] = noise[EVENT_PLACE - 1] * loud + effect
        found.append(0.0003 + (0.5 + place / 10) * market + noise)
    return found


def tables(seed: int) -> pd.DataFrame:
    """The market and the shares as prices."""
    shares = [prices_from(one, f"S{place}") for place, one in enumerate(returns(seed))]
    return pd.concat([prices_from(market_returns(seed), "M"), *shares], ignore_index=True)


def over_shares(seed: int, **kinds: float):
    market = market_returns(seed)
    reactions = [
        reaction(pd.DataFrame({"own": own, "market": market}, index=DAYS[1:]), EVENT, DESIGN, event="launch", ticker="S")
        for own in returns(seed, **kinds)
    ]
    return joint_test(reactions, day=EVENT, event="launch")


@pytest.fixture(scope="module")
def quiet():
    return [over_shares(seed) for seed in range(TRIALS)]


def rejections(tests, name: str) -> float:
    return float(np.mean([abs(getattr(one, name)) > CRITICAL for one in tests]))


def test_where_nothing_happened_tests_reject_as_often_as_they_say(quiet):
    for name, level in (("patell", 0.05), ("boehmer", 0.091), ("kolari", 0.091)):    # t with 7 degrees beyond 1.96
        assert rejections(quiet, name) == pytest.approx(level, abs=0.05)    # 3 standard errors


def test_a_day_that_is_loud_alone_fools_patell_and_not_boehmer():
    loud = [over_shares(seed, loud=2.5) for seed in range(FEWER)]
    assert rejections(loud, "patell") > 0.3 and rejections(loud, "boehmer") < 0.15


def test_shares_that_move_together_fool_boehmer_and_not_kolari():
    together = [over_shares(seed, common=0.5) for seed in range(FEWER)]
    assert rejections(together, "boehmer") > 0.3 and rejections(together, "kolari") < 0.15
    assert np.mean([one.correlation for one in together]) == pytest.approx(0.5, abs=0.05)


def test_an_effect_is_seen_by_all():
    found = over_shares(1, effect=-0.05)
    assert max(found.patell, found.boehmer, found.kolari) < -3 and found.mean == pytest.approx(-0.05, abs=0.02)


def test_one_reaction_has_no_cross_section():
    one = study(tables(1)[lambda table: table["ticker"].isin(["M", "S0"])], one_event(), DESIGN)
    alone = joint_test(one, day=EVENT, event="launch")
    assert alone.boehmer is None and alone.kolari is None and mean_correlation([one[0].residuals]) is None


def test_both_directions_are_tested_without_what_was_refused():
    events = pd.concat([one_event(DAYS[20], "early"), one_event(), one_event(DAYS[EVENT_PLACE + 40], "later")])
    tests = joint_tests(study(tables(1), events, DESIGN))
    assert [one.count for one in tests] == [2] * SHARES + [SHARES] * 2
    assert all(one.kolari is None for one in tests[:SHARES])


def test_the_command_prints_the_tests(tmp_path, capsys):
    prices, events = written(tmp_path, tables(1), one_event())
    arguments = ["--prices", prices, "--events", events, "--market", "M", "--tests"]
    event_study.main(arguments, standalone_mode=False)
    assert "Patell z" in capsys.readouterr().out
    event_study.main([*arguments, "--format", "json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)[-1]["count"] == SHARES


def test_the_shortest_estimation_allowed_can_be_tested():
    design = Design(market="M", window=(-FEWEST, -1), minimum=FEWEST)
    tests = joint_tests(study(tables(1), one_event(), design))
    assert len(tests) == SHARES + 1 and all(np.isfinite(one.patell) for one in tests)
