"""The table of stylised facts: bands and marks, the same code for every panel, errors in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from abm.errors import InputError
from abm.scenario.capital import Capital
from analysis import real_returns, stylized_facts
from analysis.model_returns import resized
from analysis.real_returns import Returns, equal_weight, returns_of_file
from analysis.return_statistics import garch_residual_kurtosis, pair_correlations
from analysis.stylized_facts import MEASURES, Measure, as_json, findings, kurtosis_falls, over_histories, table
from tests.house.source_tree import ROOT

WITHOUT_ARCH = tuple(one for one in MEASURES if "GARCH" not in one.name)


def noise(*, heavy: bool, seed: int = 1) -> Returns:
    """Six series of independent returns on a common factor."""
    luck = np.random.default_rng(seed)
    draw = luck.laplace if heavy else luck.normal
    returns = 0.01 * (draw(size=(4000, 1)) + draw(size=(4000, 6)))
    return Returns(tuple("abcdef"), returns, np.exp(luck.standard_normal((4000, 6))))


def test_independent_normal_returns_have_none_of_the_facts():
    found = {row.measure: row for row in findings(noise(heavy=False), measures=WITHOUT_ARCH)}
    outside = {name for name, row in found.items() if row.inside() is False}
    assert outside == {"excess kurtosis, 1 day", "Hill index, 5 %", "ACF |r|, lag 1", "ACF |r|, lag 10",
                       "ACF |r|, lag 100", "corr r(t), |r(t+k)|, k = 1..10", "mean pair correlation"}  # fmt: skip
    assert found["ACF r, lag 1"].inside() and found["skewness"].inside() is None


def test_every_measure_says_which_fact_it_belongs_to_and_all_twelve_are_there():
    numbers = {one.fact.split()[0] for one in MEASURES} | {stylized_facts.VOLUME[0].split()[0]}
    assert {str(n) for n in range(1, 13)} <= numbers
    assert len({one.name for one in MEASURES}) == len(MEASURES)


def test_an_index_is_held_to_its_own_bands_and_has_no_pairs():
    found = {row.measure: row for row in findings(noise(heavy=True).index(), measures=WITHOUT_ARCH)}
    assert "mean pair correlation" not in found
    assert found["ACF |r|, lag 1"].band == (0.2, np.inf) and found["ACF |r|, lag 10"].inside() is None


def test_an_index_of_one_series_is_that_series():
    returns = noise(heavy=True).returns[:, :1]
    assert equal_weight(returns) == pytest.approx(returns)


def test_several_histories_are_averaged():
    panels = [noise(heavy=True, seed=seed) for seed in (1, 2)]
    measure = (Measure("1", "sd", lambda returns: returns.std(axis=0), (0.0, 1.0)),)
    each = [findings(panel, measures=measure)[0].median for panel in panels]
    assert over_histories(panels, measures=measure)[0].median == pytest.approx(np.mean(each))
    assert over_histories(panels[:1], measures=measure) == findings(panels[0], measures=measure)


def test_the_table_and_the_json_say_the_same():
    columns = {"some stocks": findings(noise(heavy=True), measures=WITHOUT_ARCH)}
    text, rows = table(columns), json.loads(as_json(columns))
    assert kurtosis_falls(columns["some stocks"])
    for row in rows:
        line = next(one for one in text.splitlines() if f" {row['measure']} " in one)
        assert ("nan" if row["median"] is None else f"{row['median']:.3f}") in line
        assert line.rstrip().endswith({True: " in", False: " OUT", None: "]"}[row["inside"]])
    assert {"panel", "fact", "measure", "median", "low", "high", "band", "inside"} == set(rows[0])


def test_a_resized_crowd_keeps_its_classes():
    classes = resized(Capital().shareholders, 40)
    assert [one.name for one in classes] == [one.name for one in Capital().shareholders]
    assert sum(one.members for one in classes) == pytest.approx(40, abs=3)


def price_file(folder: Path, text: str) -> Path:
    """A file of prices."""
    path = folder / "prices.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_prices_of_a_file_become_returns_on_common_days(tmp_path: Path):
    days = np.datetime64("2020-01-01") + np.arange(300)
    rows = [f"{day},{name},{price}" for k, day in enumerate(days) for name, price in (("A", 100 + k), ("B", 50 + k % 7))]
    rows.remove(f"{days[9]},B,52")
    panel = returns_of_file(price_file(tmp_path, "\n".join(["Date,ticker,price", *rows[::-1]])))
    assert panel.names == ("A", "B") and panel.returns.shape == (298, 2)
    assert np.exp(panel.returns[:, 0].sum()) == pytest.approx(399 / 100)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Date,ticker\n2020-01-01,A\n", 'lacks the column "price"'),
        ("Date,ticker,price\n2020-01-01,A,1\n2020-01-02,A,-1\n", 'line 3: price = "-1" of A is not a number above 0'),
        ("Date,ticker,price\n2020-01-01,A,1\nsoon,A,1\n", 'line 3: Date = "soon" is not a date'),
        ("Date,ticker,price\n2020-01-01,A,1\n2020-01-01,A,2\n", 'line 3: ticker = "A" has a price on 2020-01-01 already'),
        ("Date,ticker,price\n2020-01-01,A,1\n2020-01-02,A,2\n", "2 days with every price, more than 250"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str):
    with pytest.raises(InputError, match=sentence):
        returns_of_file(price_file(tmp_path, text))


def test_a_file_of_one_ticker_has_no_pairs_and_one_that_stands_still_is_refused(tmp_path: Path):
    days = np.datetime64("2020-01-01") + np.arange(300)
    moving = [f"{day},A,{100 + k % 7}" for k, day in enumerate(days)]
    panel = returns_of_file(price_file(tmp_path, "\n".join(["Date,ticker,price", *moving])))
    pairs = [one for one in MEASURES if one.estimator is pair_correlations]
    assert len(pairs) == 1 and findings(panel, measures=pairs) == [] and np.isnan(pair_correlations(panel.returns)).all()
    still = [f"{day},B,5" for day in days]
    with pytest.raises(InputError, match='the price of ticker = "B" never moves'):
        returns_of_file(price_file(tmp_path, "\n".join(["Date,ticker,price", *moving, *still])))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch):
    def residuals() -> np.ndarray:
        return garch_residual_kurtosis(np.zeros((300, 1)))

    loads = {"skfolio.datasets": real_returns.real_stocks, "arch.data": real_returns.real_indices, "arch": residuals}
    for package, load in loads.items():
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(InputError, match=f'"{package.split(".")[0]}".*pip install'):
            load()


def test_the_command_ends_with_code_two_on_bad_input():
    words = [sys.executable, "-m", "analysis.stylized_facts", "--prices", "nowhere.csv"]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1 and "nowhere.csv" in run.stderr
