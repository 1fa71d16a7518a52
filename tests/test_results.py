"""What can be read from a results folder, and what is refused."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abm.bench import store
from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.errors import InputError
from abm.results import Results
from tests.small_experiment import modules_kept, write_experiment
from tests.small_world import BITES, DAYS, RAISES

OTHER = {"policy": "historical", "against": "no_controls"}


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


@pytest.fixture
def folder(small_folder, tmp_path) -> Path:
    shutil.copytree(small_folder, tmp_path, dirs_exist_ok=True)
    return tmp_path / "out"


@pytest.fixture
def results(folder) -> Results:
    return Results.load(folder)


def test_runs_come_in_the_order_of_the_experiment(results):
    assert results.runs["policy"].tolist() == ["no_controls"] * 4 + ["historical"] * 4
    assert results.runs["seed"].tolist() == [0, 1, 2, 3] * 2
    assert (results.policies, results.scenarios) == (("no_controls", "historical"), ("history_2025",))
    assert results.runs["run_id"].is_unique and results.failures.empty


def test_the_manifest_says_what_was_run_with_what(results):
    manifest = results.manifest
    assert manifest["experiment"]["seeds"] == [0, 1, 2, 3]
    assert manifest["policies"]["historical"]["content"]["name"] == "historical"
    parameters = manifest["scenarios"]["history_2025"]["parameters"]
    assert len(parameters) > 20 and all(isinstance(value, (int, float)) for value in parameters.values())
    assert set(manifest["provenance"]) >= {"version", "git", "python", "libraries", "processor", "command"}
    assert manifest["timing"]["runs"] == 8 and manifest["timing"]["seconds_per_run"] >= 0


def test_series_events_and_digests_carry_the_run(results):
    digests = results.digests()
    assert len(digests) == 8 * DAYS and digests["date"].iloc[0] == date(2025, 1, 1)
    name = next(name for name, one in results.observables.items() if one["cadence"] != "run")
    series = results.series(name, policy="historical")
    assert len(series) == 4 * DAYS and set(series["observable"]) == {name} and set(series["policy"]) == {"historical"}
    assert results.series(name, label="mars").empty
    events = results.events(kind="rule", policy="no_controls")
    assert events["sentence"].tolist() == ["no_controls is public"] * 4 and events["seed"].tolist() == [0, 1, 2, 3]


def test_arms_share_their_luck_until_a_policy_bites(results):
    one, other = (results.digests(policy=policy) for policy in OTHER.values())
    differs = one["digest"] != other["digest"]
    assert set(one["date"][differs]) == {day for day in one["date"] if day >= BITES}


def test_pairs_are_runs_of_the_same_seed(results):
    both = results.pairs("gap_months", **OTHER)
    assert both.index.get_level_values("seed").tolist() == [0, 1, 2, 3]
    paired = results.paired("gap_months", **OTHER)
    assert paired.n == 4 and paired.low < paired.mean < paired.high
    assert paired.mean == pytest.approx((both["value"] - both["reference"]).mean())
    assert results.paired("gap_months", **OTHER, method="bca").mean == paired.mean


def test_only_what_an_experiment_asks_for(results, tmp_path):
    two = results.of(load_experiment(tmp_path / "mine" / "experiment_file.py").with_seeds(2))
    assert set(two.runs["seed"]) == {0, 1} and len(two.digests()) == 4 * DAYS
    assert two.paired("gap_months", **OTHER).n == 2


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda r: r.paired("gap_month", **OTHER), 'unknown outcome "gap_month" .*did you mean "gap_months"'),
        (lambda r: r.paired("gap_months", policy="historic", against="no_controls"), 'did you mean "historical"'),
        (lambda r: r.paired("gap_months", **OTHER, scenario="history"), 'unknown scenario "history"'),
        (lambda r: r.series("gap_months"), "unknown observable"),
        (lambda r: r.events(policy="none"), 'unknown policy "none"'),
        (lambda r: r.replay("zzz"), 'unknown run "zzz"'),
        (lambda r: r.replay(""), 'unknown run ""'),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(results, call, says):
    with pytest.raises(InputError, match=says):
        call(results)


def test_a_run_can_be_replayed_by_its_row_or_the_beginning_of_its_id(results):
    row = results.runs.iloc[5]
    assert results.replay(row) == results.replay(row["run_id"][:12]) == (True, None)


def test_a_replay_tells_the_first_day_that_differs(results, folder):
    run_id = results.runs["run_id"][0]
    part = next(path for path in store.parts(folder, "digests") if path.name.startswith(run_id))
    table = pq.read_table(part)
    changed = [
        text if day < date(2025, 1, 9) else "0"
        for day, text in zip(table["date"].to_pylist(), table["digest"].to_pylist(), strict=True)
    ]
    pq.write_table(table.set_column(2, "digest", pa.array(changed)), part)
    assert results.replay(run_id) == (False, date(2025, 1, 9))


def test_a_replay_refuses_another_experiment(results, folder, tmp_path):
    run_id = results.runs["run_id"][0]
    (folder / "experiment.py").unlink()
    with pytest.raises(InputError, match="has no experiment.py: pass the experiment"):
        results.replay(run_id)
    experiment = load_experiment(tmp_path / "mine" / "experiment_file.py")
    assert results.replay(run_id, experiment=experiment).matches


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="is not a results folder"):
        Results.load(tmp_path / "nowhere")
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="is not a readable manifest"):
        Results.load(tmp_path)


def test_results_of_another_contract_are_refused(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"contract": 99}))
    with pytest.raises(InputError, match="has results contract 99, this version reads"):
        Results.load(folder)


@pytest.mark.parametrize(("column", "value", "says"), [("code", "0" * 20, "mixes runs of"), ("contract", 99, "contract 99")])
def test_mixed_results_are_refused(folder, column, value, says):
    part = store.parts(folder, "runs")[0]
    table = pq.read_table(part)
    place = table.schema.get_field_index(column)
    kind = table.schema.field(column)
    pq.write_table(table.set_column(place, kind, pa.array([value] * len(table), kind.type)), part)
    with pytest.raises(InputError, match=says):
        Results.load(folder)


def test_a_part_without_its_commit_record_does_not_count(results, folder):
    runs = store.parts(folder, "runs")
    runs[0].unlink()
    rest = Results.load(folder)
    assert len(rest.runs) == 7 and len(rest.digests()) == 7 * DAYS


def test_a_run_in_two_parts_counts_once(results, folder):
    for table in store.TABLES:
        part = store.parts(folder, table)[0]
        shutil.copy(part, part.with_name("zzz-again.parquet"))
    twice = Results.load(folder)
    assert len(twice.runs) == 8 and len(twice.digests()) == 8 * DAYS and len(twice.events()) == len(results.events())


def test_other_tools_read_the_same_files(folder):
    table = pq.read_table(folder / "runs")
    assert len(table) == 8 and "gap_months" in table.column_names


def test_a_folder_without_finished_runs_is_empty_and_not_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv(RAISES, "0 1 2 3")
    file = write_experiment(tmp_path / "mine")
    run_experiment(load_experiment(file), tmp_path / "out", file=file, engine="serial")
    results = Results.load(tmp_path / "out")
    assert results.runs.empty and len(results.failures) == 8 and results.digests().empty
