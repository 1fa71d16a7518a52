"""An R1-like launch in the model: who falls, who rises and why, on the effect paired by seed, and the table of it.

Tolerances are stated beside each claim; three seeds, always the same.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import abm
from abm.calendar import is_trading_day
from abm.errors import InputError
from abm.model import Model
from analysis.event_study.__main__ import event_study
from analysis.event_study.market_model import Design, study
from analysis.launch_reaction import cross_section as section
from analysis.launch_reaction.__main__ import launch_reaction
from analysis.launch_reaction.observed import OBSERVED, SALIENCE_DAY
from analysis.model_prices import MARKET, experiment_of, model_prices, prices_of
from analysis.model_prices import command as print_prices
from analysis.paired_effects import command as paired_effects
from experiments.launch_reaction import EXPERIMENT, LAUNCH, expected_flop
from tests.analysis.price_paths import one_event

SEEDS = 3
UNTIL = date(2025, 2, 26)
PUBLIC = date(2025, 1, 20)
VENDORS = ("NVDA", "AMD", "AVGO", "MU")
FOUNDRY = "TSM"
CLOUDS = ("MSFT", "GOOGL", "BABA", "0700.HK")
CHINESE_MAKERS = ("0981.HK", "688256.SS")
SMALL = 0.25
"""Part of NVIDIA's effect below which another firm is said hardly to move."""


def shortened():
    """The experiment with few seeds up to a month after the day of salience."""
    return replace(EXPERIMENT, until=UNTIL).with_seeds(SEEDS)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return abm.run(shortened(), tmp_path_factory.mktemp("launch") / "out", engine="serial")


@pytest.fixture(scope="module")
def firms(results):
    return {one.ticker: one for one in section.cross_section(results, section.paths_of(results))}


def test_vendors_and_foundry_fall_by_the_day_of_salience(firms):
    for ticker in (*VENDORS, FOUNDRY):
        assert firms[ticker].effect.mean < 0, ticker
        assert firms[ticker].own_day.mean < 0, ticker


def test_clouds_and_chinese_makers_hardly_move_or_rise(firms):
    for ticker in (*CLOUDS, *CHINESE_MAKERS):
        assert firms[ticker].effect.mean > SMALL * firms["NVDA"].effect.mean, ticker


def test_with_jevons_beliefs_vendors_and_foundry_rise(firms):
    for ticker in (*VENDORS, FOUNDRY):
        assert firms[ticker].jevons.mean > 0, ticker
    assert all(abs(firms[ticker].jevons.mean) < SMALL * firms["NVDA"].jevons.mean for ticker in CLOUDS)


def test_the_day_of_salience_brings_news_forward_that_would_come_anyway(firms):
    assert firms["NVDA"].effect.mean < firms["NVDA"].no_salience.mean < 0


def test_a_launch_at_the_expected_cost_moves_no_price_by_a_tenth_of_the_surprise(results, firms):
    assert section.surprise(results) > 1
    for one in firms.values():
        assert abs(one.expected_cost.mean) < 0.1 * abs(firms["NVDA"].effect.mean), one.ticker


def test_at_the_expected_cost_the_desk_sees_no_surprise():
    (release,) = LAUNCH.releases
    scenario = EXPERIMENT.one(section.EXPECTED_COST, "historical", 0).scenario
    assert scenario.releases[0].training_flop == expected_flop(LAUNCH, release) > release.training_flop
    model = Model(scenario, EXPERIMENT.policies[0], seed=0, until=PUBLIC)
    model.run()
    (item,) = (one for one in model.news.published.values() if release.model in one.name)
    assert item.surprise == pytest.approx(0, abs=1e-9)


def test_nothing_moves_before_the_launch_is_public(results):
    for arm, paths in section.paths_of(results).items():
        before = paths[paths.index.get_level_values("date") < PUBLIC]
        assert len(before) == SEEDS * 13 and not before.to_numpy().any(), arm


def test_the_run_done_again_has_the_prices_of_the_results_and_its_burn_in(results):
    row = results.runs[results.runs["scenario"] == section.LAUNCH].iloc[0].to_dict()
    prices = model_prices(row, shortened(), SALIENCE_DAY).pivot(index="Date", columns="ticker", values="price")
    kept = results.series("price")
    kept = kept[(kept["run_id"] == row["run_id"]) & (kept["date"] <= SALIENCE_DAY)]
    again = prices.loc[LAUNCH.start :, [name for name in prices if name != MARKET]].stack()
    recorded = kept.set_index(["date", "label"])["value"]
    assert np.array_equal(again.to_numpy(), recorded.reindex(again.index).to_numpy())
    burn_in = prices.loc[: date(2024, 12, 31)]
    assert len(burn_in) == LAUNCH.capital.burn_in_days and all(is_trading_day(day) for day in prices.index)
    assert burn_in.iloc[-1]["NVDA"] == pytest.approx(134.3) and burn_in.iloc[-1][MARKET] == pytest.approx(100)


def test_the_prices_of_a_run_are_a_table_that_the_event_study_reads(results, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("analysis.model_prices.experiment_of", lambda _: shortened())
    run_id = results.runs["run_id"].iloc[0]
    print_prices.main([str(results.folder), run_id, "--until", "2025-01-31"], standalone_mode=False)
    prices, events = tmp_path / "prices.csv", tmp_path / "events.csv"
    prices.write_text(capsys.readouterr().out)
    one_event(SALIENCE_DAY).to_csv(events, index=False)
    arguments = ["--prices", str(prices), "--events", str(events), "--market", MARKET, "--format", "json"]
    assert event_study.main(arguments, standalone_mode=False) == 0
    assert [row["ticker"] for row in json.loads(capsys.readouterr().out)] == [one.ticker for one in LAUNCH.securities]


def test_results_without_a_copy_of_the_experiment_are_refused(results):
    with pytest.raises(InputError, match="has no experiment.py: its runs cannot be done again"):
        experiment_of(results)


def test_a_run_of_another_experiment_is_not_done_again(results):
    row = results.runs.iloc[0].to_dict()
    with pytest.raises(InputError, match="of other code or of another experiment"):
        model_prices(row, EXPERIMENT, SALIENCE_DAY)


def test_the_market_model_finds_the_betas_of_the_scenario():
    model = Model(LAUNCH, EXPERIMENT.policies[0], seed=1, until=SALIENCE_DAY)
    model.run()
    prices = prices_of(model)
    found = study(prices, one_event(SALIENCE_DAY), Design(market=MARKET))
    betas = np.array([one.beta for one in LAUNCH.securities])
    misses = np.array([one.beta for one in found]) - betas
    market = prices[prices["ticker"] == MARKET]["price"].pct_change().std()
    errors = np.array([one.residual_sd for one in found]) / (market * np.sqrt(220))
    assert {one.n for one in found} == {220}
    assert np.median(np.abs(misses / errors)) < 2    # by the median: residuals have fat tails
    assert np.corrcoef(betas, betas + misses)[0, 1] > 0.8


def test_recovery_is_the_share_of_the_effect_that_is_gone():
    on_day, later = np.array([-0.1, -0.2, -0.15]), np.array([-0.05, -0.1, -0.075])
    share, t = section.recovered(on_day, later)
    assert share == pytest.approx(0.5) and t > section.CLEAR
    assert section.recovered(on_day / 100, later) is None
    assert section.recovered(np.array([-0.5, 0.5, -0.01]), later) is None


def test_agreement_is_of_ranks(firms):
    ordered = [
        replace(one, effect=replace(one.effect, mean=one.observed.raw_return / 2)) for one in firms.values() if one.observed
    ]
    assert section.rank_agreement(ordered) == (pytest.approx(1), pytest.approx(0, abs=1e-6), len(OBSERVED))


def test_the_commands_print_the_cross_section_and_save_a_figure(results, tmp_path, capsys):
    figure = tmp_path / "figure.png"
    launch_reaction.main([str(results.folder), "--no-abnormal", "--figure", str(figure)], standalone_mode=False)
    text = capsys.readouterr().out
    assert figure.read_bytes().startswith(b"\x89PNG") and "Not inputs: sign and size" in text
    assert sum(line.strip().startswith("NVDA") for line in text.splitlines()) == 3
    launch_reaction.main(
        [str(results.folder), "--no-abnormal", "--figure", str(figure), "--format", "json"], standalone_mode=False
    )
    rows = json.loads(capsys.readouterr().out)
    assert [row["ticker"] for row in rows] == [one.ticker for one in LAUNCH.securities]
    paired_effects.main(
        [str(results.folder), "--arm", "launch", "--against", "no_launch", "--day", "2025-01-27", "--horizon", "0",
         "--format", "json"], standalone_mode=False,
    )  # fmt: skip
    again = {row["ticker"]: row for row in json.loads(capsys.readouterr().out)}
    assert again["NVDA"]["mean"] == pytest.approx(rows[0]["effect"]["mean"])


def test_a_figure_for_a_folder_that_is_not_there_is_refused_before_anything_is_done(tmp_path):
    with pytest.raises(InputError, match="lies in no folder that exists"):
        launch_reaction.main([str(tmp_path), "--figure", str(tmp_path / "none" / "x.png")], standalone_mode=False)
    with pytest.raises(InputError, match="is not a results folder"):
        launch_reaction.main([str(tmp_path / "none")], standalone_mode=False)


def test_results_of_another_experiment_are_refused(small_folder):
    with pytest.raises(InputError, match='lacks the scenario "launch"'):
        section.paths_of(abm.Results.load(small_folder / "out"))


@pytest.mark.full
def test_the_fall_recovers_as_orders_come_in(tmp_path):
    arms = [one for one in EXPERIMENT.scenarios if one.name in (section.LAUNCH, section.NO_LAUNCH)]
    results = abm.run(replace(EXPERIMENT, scenarios=tuple(arms)).with_seeds(20), tmp_path / "out", engine="serial")
    prices = [section.log_prices(results, arm.name, "historical") for arm in arms]
    paths = section.effect_paths(*prices)
    share, t = section.recovered(*(section.at_horizon(paths, SALIENCE_DAY, days)["NVDA"] for days in (0, 120)))
    assert share > 0 and t > section.CLEAR
