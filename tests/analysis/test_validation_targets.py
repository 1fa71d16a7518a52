"""What every target of the level checks must say, and that it reads what is measured."""

from __future__ import annotations

import tomllib
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from abm.observables import OBSERVABLES
from abm.scenario.reference import HISTORY_2025
from analysis.validation.scoring import SOURCES, known_sources
from analysis.validation.targets import TARGETS
from analysis.validation.trade_targets import fiscal_quarter

SINCE = date(2025, 1, 1)
ASKED = {
    "H20 class to China, 2024": (737, 1250), "China's share of NVIDIA's chips (fact: of all sales), FY2024": (0.127, 0.212),
    "China's share of NVIDIA's chips (fact: of all sales), FY2025": (0.098, 0.164),
    "NVIDIA compute installed in China, 2024-12": (262, 395), "diverted compute, 2024": (64, 417),
    "grey premium over list, 2024": (0.28, 0.50), "lag of China's best model, 2023 to mid-2025": (4, 14),
    "no R2 by 2025-06-30": (0.5, 1.0), "another Chinese lab has launched, where R2 has not": (0.5, 1.0),
}
"""Levels that must be scored, with their bands."""

OF_2022 = date(2022, 10, 1)


def test_there_is_a_target_for_the_patterns_that_are_levels():
    assert {one.pattern for one in TARGETS} >= {"P1", "P2", "P3", "P5", "P6", "P10", "P11"}
    assert len({one.what for one in TARGETS}) == len(TARGETS)


@pytest.mark.parametrize("what", ASKED)
def test_a_level_that_must_be_scored_has_its_band_and_is_free_in_a_world_without_it_at_the_opening(what):
    (one,) = (target for target in TARGETS if target.what == what)
    assert (one.low, one.high) == pytest.approx(ASKED[what], rel=0.01)
    fitted = set(one.fitted_by(OF_2022))
    assert fitted <= {"tolerance", "broker_chips"} and fitted <= set(one.fitted_by(SINCE))


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.what)
def test_a_target_has_a_source_a_unit_and_says_where_its_band_comes_from(target):
    assert target.source in known_sources()
    assert target.unit and target.band and target.since <= target.until


def test_every_citation_is_used_and_says_what_where_and_when():
    cited = {one.source for one in TARGETS}
    own = known_sources().keys() - known_sources_of_the_world()
    assert own <= cited, own - cited
    assert all(entry[field] for entry in known_sources().values() for field in ("title", "where", "date"))


def known_sources_of_the_world() -> set[str]:
    """Keys of sources.toml."""
    return set(tomllib.loads(SOURCES[0].read_text(encoding="utf-8")))


@pytest.mark.parametrize("target", [one for one in TARGETS if one.fits], ids=lambda one: one.what)
def test_what_fitted_a_target_is_there_and_was_fitted(target):
    tables = HISTORY_2025.table_rows()
    for fit in target.fits:
        number = fit.number(HISTORY_2025)
        if number is None:
            assert fit.name in tables, f"{fit.name} is neither a declared number nor a table of the opening"
        else:
            from_the_fact = number.source == target.source
            assert number.fit or from_the_fact, f"{number.path} is not marked as fitted and cites {number.source}"


def test_every_number_that_calibration_may_move_is_one_of_a_target_or_of_equities():
    named = {fit.name for one in TARGETS for fit in one.fits}
    moved = {one.path for one in HISTORY_2025.parameters() if one.fit}
    elsewhere = {path for path in moved if path.startswith("capital.")}
    assert {path for path in moved - elsewhere if path.rpartition(".")[2] not in named} == set()


def test_targets_read_observables_that_are_there():
    read: set[str] = set()

    class Recording:
        scenario, policy, start = "world", "historical", SINCE
        runs = pd.DataFrame({name: [1.0] for name in ("next_launch_months", "other_chinese_launch_months", "quality_bound",
                                                       "capacity_bound")})
        about = {"parameters": {one.path: one.value for one in HISTORY_2025.parameters()}}

        def _noted(self, name: str) -> pd.Series:
            read.add(name)
            return pd.Series([1.0])

        def at(self, day, observable, *labels):
            return self._noted(observable)

        def change(self, since, until, observable, *labels):
            return self._noted(observable)

        def mean(self, since, until, observable, label):
            return self._noted(observable)

        def count(self, until, kind, actor, *, saying=""):
            return pd.Series([0])

        def months(self, day):
            return 6.0

        def under(self, policy):
            return self

    for target in TARGETS:
        assert len(np.atleast_1d(np.asarray(target.measure(Recording()), dtype=float))) == 1
    assert read and read <= OBSERVABLES.keys()


def target(what: str):
    """The target of that name."""
    return next(one for one in TARGETS if one.what == what)


def test_other_labs_count_where_deepseek_waits():
    runs = pd.DataFrame({"next_launch_months": [5.0, 9.0, 24.0], "other_chinese_launch_months": [2.0, 8.0, 3.0]})
    arm = SimpleNamespace(runs=runs, months=lambda day: 5.95)
    assert target("no R2 by 2025-06-30").measure(arm).tolist() == [False, True, True]
    others = target("another Chinese lab has launched, where R2 has not").measure(arm).tolist()
    assert np.isnan(others[0]) and others[1:] == [0.0, 1.0]


def test_the_serving_day_is_computed_from_the_scenarios_own_numbers():
    parameters = {one.path: one.value for one in HISTORY_2025.parameters()} | {"technology.of_another_scenario": 1.0}
    whole, halved = (
        target("decoding of an H800 on the published day").measure(SimpleNamespace(about={"parameters": numbers}))[0]
        for numbers in (parameters, parameters | {"technology.decode_bandwidth_use": 0.13}))
    assert whole == pytest.approx(1850, rel=0.01) and halved == pytest.approx(whole / 2)


def test_what_could_not_ship_is_the_difference_of_the_two_arms_of_a_seed():
    sold = {"historical": pd.Series([1.0, 2.0]), "historical_without_us_letter_2025_04": pd.Series([1.5, 4.0, 9.0])}
    without = SimpleNamespace(change=lambda *period: sold["historical_without_us_letter_2025_04"])
    arm = SimpleNamespace(change=lambda *period: sold["historical"], under=lambda policy: without)
    paired = target("sales to China kept back in that quarter (without the letter less with it)")
    assert paired.measure(arm).tolist() == [0.5, 2.0]    # a seed without a pair is left out


def test_fiscal_quarters_are_the_nearest_calendar_months():
    assert fiscal_quarter(2025, 1) == (date(2024, 2, 1), date(2024, 5, 1))
    assert fiscal_quarter(2023, 4) == (date(2022, 11, 1), date(2023, 2, 1))
    assert fiscal_quarter(2025, 3) == (date(2024, 8, 1), date(2024, 11, 1))
