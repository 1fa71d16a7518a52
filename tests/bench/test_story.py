"""The story of a run: whose sentence is whose, which chip is meant, and one sentence for what there is not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from abm.bench.story import Cast, story
from abm.errors import InputError
from abm.results import Results
from tests.small_experiment import small_results

WORLD = {
    "actors": [
        {"id": name, "name": called, "parent": parent} for name, called, parent in (
            ("us_commerce", "US Department of Commerce", "us_commerce"), ("nvidia", "NVIDIA", "NVIDIA"),
            ("deepseek", "DeepSeek", "High-Flyer"), ("high_flyer", "High-Flyer and DeepSeek data centres", "High-Flyer"))],
    "chips": [{"name": name} for name in ("H20 SXM", "H200 SXM", "H20 SXM 141GB", "B200", "MI300 (A)")],
}
TOLD = (
    ("deepseek", "DeepSeek launched R2"),
    ("high_flyer", "High-Flyer and DeepSeek data centres ordered 7 H20 SXM"),
    ("us_commerce", "US Department of Commerce refused High-Flyer and DeepSeek data centres a licence for H200 SXM"),
    ("us_commerce", "letters on H20 and MI300"),
    ("nvidia", "NVIDIA wrote down 1.00 bn USD on NVIDIA special version 12 (2025-07)"),
    ("shell-1-0", "UAE customs found 3 H20 SXM 141GB of shell company shell-1-0"),
    ("shells", "In May 2025 shell companies in UAE ordered 9 MI300 (A)"),
    ("nvidia", "NVIDIA withdrew NVIDIA special version 1 (2025-01)"),
)


def events() -> pd.DataFrame:
    """The sentences of a made-up log."""
    rows = [
        (date(2025, 1, 1 + place), actor, "published" if text.startswith("letters") else "told", text)
        for place, (actor, text) in enumerate(TOLD)]
    return pd.DataFrame(rows, columns=["date", "actor", "kind", "sentence"])


def chosen(actor: str | None = None, chip: str | None = None) -> list[int]:
    """The places of the sentences that are told of an actor and a chip."""
    days = [one["date"] for one in Cast(WORLD, events()).choose(events(), actor, chip)]
    return [date.fromisoformat(day).day - 1 for day in days]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"chip": "H20 SXM"}, [1, 3]), ({"chip": "H200 SXM"}, [2]), ({"chip": "H20 SXM 141GB"}, [3, 5]), ({"chip": "B200"}, []),
        ({"chip": "MI300 (A)"}, [3, 6]), ({"chip": "NVIDIA special version 1 (2025-01)"}, [7]),
        ({"chip": "NVIDIA special version 12 (2025-07)"}, [4]), ({"actor": "deepseek"}, [0]), ({"actor": "DeepSeek"}, [0]),
        ({"actor": "high_flyer"}, [1, 2]), ({"actor": "High-Flyer"}, [0, 1, 2]), ({"actor": "nvidia"}, [4, 7]),
        ({"actor": "shell-1-0"}, [5]), ({"actor": "shells"}, [5, 6]), ({"actor": "us_commerce"}, [2, 3]),
        ({"actor": "high_flyer", "chip": "H200 SXM"}, [2]), ({}, list(range(8))),
    ],
)
def test_a_name_within_another_is_not_meant(asked, places):
    assert chosen(**asked) == places


def test_a_sentence_that_does_not_name_its_actor_begins_with_it():
    told = [one["sentence"] for one in Cast(WORLD, events()).choose(events(), "us_commerce", None)]
    assert told[1] == "US Department of Commerce: letters on H20 and MI300." and told[0].startswith("US Department of C")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"actor": "deepsek"}, 'unknown actor "deepsek" (did you mean "deepseek"?)'),
        ({"actor": "H20 SXM"}, 'unknown actor "H20 SXM"'), ({"chip": "H20"}, 'unknown chip "H20" (did you mean "H20 SXM"?)'),
        ({"chip": "nvidia"}, 'unknown chip "nvidia"'),
    ],
)
def test_who_or_what_there_is_not_is_one_sentence(asked, says):
    with pytest.raises(InputError) as raised:
        chosen(**asked)
    assert str(raised.value).startswith(says) and "\n" not in str(raised.value)


# a folder of results ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return small_results(tmp_path_factory.mktemp("story"), seeds=2) / "out"


def test_a_run_is_told_by_its_row_its_id_or_the_beginning_of_it(folder):
    run = Results.load(folder).runs.iloc[1]["run_id"]
    told = story("1", folder)
    assert story(run, folder) == story(run[:8], folder) == told != story("0", folder)
    assert told.splitlines()[0].startswith(f"Run {run}: history_2025, ")
    assert told.splitlines()[-1] == "2025-01-08  DeepSeek: a model."
    assert story("1", folder, actor="deepseek").splitlines()[1:] == told.splitlines()[-1:]


def test_days_choose_and_json_is_a_list_of_rows(folder):
    assert json.loads(story("0", folder, since="2025-01-07", form="json")) == [
        {"date": "2025-01-08", "actor": "deepseek", "kind": "launch", "sentence": "DeepSeek: a model."}]
    assert json.loads(story("0", folder, until="2025-01-05", form="json")) == []
    assert len(json.loads(story("0", folder, since="2025-01-06", until="2025-01-08", form="json"))) == 2


@pytest.mark.parametrize(
    ("run", "asked", "says"),
    [
        ("99", {}, 'unknown run "99"'), ("0", {"since": "1 May"}, 'from = "1 May" is not a date of the form 2026-02-01'),
        ("0", {"until": "2025-13-01"}, 'until = "2025-13-01" is not a date'),
    ],
)
def test_a_run_or_day_that_there_is_not_is_one_sentence(folder, run, asked, says):
    with pytest.raises(InputError, match=says):
        story(run, folder, **asked)


def test_the_only_folder_of_results_is_found(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="choose a results folder with --results, results/ holds none"):
        story("0")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "one").symlink_to(folder)
    assert story("0") == story("0", folder)
    (tmp_path / "results" / "two").symlink_to(folder)
    with pytest.raises(InputError, match="holds 2: results/one, results/two"):
        story("0")
