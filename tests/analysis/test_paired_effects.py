"""Paired effects: arithmetic over seeds of the difference of log prices, and the days it is read on."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from abm.calendar import trading_days
from abm.errors import InputError
from analysis.paired_effects import as_table, at_horizon, effect_paths, paired_effects

DAYS = trading_days(date(2025, 1, 1), date(2025, 3, 31))
EVENT = date(2025, 1, 25)    # a Saturday: counts on the Monday
MONDAY = date(2025, 1, 27)


def arm(effects: dict[int, float], *, seeds: range = range(4)) -> pd.DataFrame:
    """Log prices of two stocks by seed and day: common luck, and from the event's day on an effect on A by seed."""
    rows = []
    for seed in seeds:
        luck = np.random.default_rng(seed).normal(size=(len(DAYS), 2)).cumsum(axis=0)
        luck[:, 0] += np.where(np.array(DAYS) >= MONDAY, effects.get(seed, 0.0), 0.0)
        rows.append(pd.DataFrame(luck, index=pd.MultiIndex.from_product([[seed], DAYS], names=["seed", "date"])))
    return pd.concat(rows).set_axis(["A", "B"], axis="columns")


WITH = {0: -0.1, 1: -0.2, 2: -0.3, 3: 0.2}
PATHS = effect_paths(arm(WITH), arm({}))


def test_the_effect_is_the_difference_alone_and_nil_before():
    before, on_day = at_horizon(PATHS, EVENT, -1), at_horizon(PATHS, EVENT, 0)
    assert before.to_numpy() == pytest.approx(0, abs=1e-12)
    assert on_day["A"].tolist() == pytest.approx(list(WITH.values())) and on_day["B"].tolist() == pytest.approx([0] * 4)


def test_mean_spread_and_t_are_those_of_the_seeds():
    a, *_ = paired_effects(PATHS, EVENT, [0])
    values = np.array(list(WITH.values()))
    assert (a.ticker, a.day, a.n, a.fallen) == ("A", MONDAY, 4, 0.75)
    assert a.mean == pytest.approx(values.mean()) and a.sd == pytest.approx(values.std(ddof=1))
    assert a.t == pytest.approx(values.mean() / (values.std(ddof=1) / 2))


def test_horizons_are_trading_days_and_come_in_order():
    found = paired_effects(PATHS, EVENT, [5, 0])
    assert [(one.ticker, one.horizon) for one in found] == [("A", 0), ("A", 5), ("B", 0), ("B", 5)]
    assert found[1].day == date(2025, 2, 3)


def test_only_seeds_of_both_arms_count():
    a, _ = paired_effects(effect_paths(arm(WITH), arm({}, seeds=range(2, 6))), EVENT, [0])
    assert (a.n, a.mean) == (2, pytest.approx(-0.05))


def test_one_seed_has_a_mean_and_no_spread():
    a, _ = paired_effects(effect_paths(arm(WITH, seeds=range(1)), arm({}, seeds=range(1))), EVENT, [0])
    assert (a.n, a.sd, a.t) == (1, None, None) and a.mean == pytest.approx(-0.1)
    assert as_table([a], "x", "y").splitlines()[2].split() == ["A", "0", "2025-01-27", "-10.00", "-", "-", "100", "1"]


def test_arms_without_a_common_seed_and_days_outside_are_refused():
    with pytest.raises(InputError, match="no seed and day in common"):
        effect_paths(arm(WITH, seeds=range(2)), arm({}, seeds=range(2, 4)))
    for horizon in (-30, 60):
        with pytest.raises(InputError, match=f"horizon = {horizon} lies outside the runs, 2025-01-01 to 2025-03-31"):
            at_horizon(PATHS, EVENT, horizon)
