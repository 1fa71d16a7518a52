"""How far a folder is, and the one digest of its tables."""

from __future__ import annotations

import json
import shutil
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abm.bench import claims, store
from abm.bench.experiment_file import load_experiment
from abm.bench.plan import plan
from abm.bench.progress import Progress
from abm.bench.running import run_experiment
from abm.bench.status import status
from abm.bench.workers import Order, Receipt
from abm.errors import InputError
from abm.results import Results
from tests.small_experiment import command, finish, modules_kept, started, wait_until, write_experiment
from tests.small_world import LOG, NAP, RAISES


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


@pytest.fixture
def folder(small_folder, tmp_path):
    return shutil.copytree(small_folder / "out", tmp_path / "out")


def test_a_finished_folder(folder):
    found = status(folder)
    assert (found.runs, found.finished, found.failed, found.missing, found.at_work) == (8, 8, 0, 0, ())
    assert found.seconds_left == 0 and found.runs_per_minute is None
    assert found.digest == Results.load(folder).digest() and len(found.digest) == 32
    assert "finished:  8" in found.as_text() and "at work:   nobody" in found.as_text()


def test_runs_that_the_last_call_did_not_ask_for_are_counted_apart(folder, small_folder):
    experiment = load_experiment(small_folder / "mine" / "experiment_file.py").with_seeds(3)
    run_experiment(experiment, folder, engine="serial")
    found = status(folder)
    assert (found.runs, found.finished, found.missing, found.others) == (6, 6, 0, 2)
    assert found.digest == Results.load(folder).of(experiment).digest()
    assert "others:    2" in found.as_text()


def test_failed_and_missing_runs_are_told_apart_and_the_time_for_both(folder, tmp_path, monkeypatch):
    monkeypatch.setenv(RAISES, "5")
    experiment = load_experiment(write_experiment(tmp_path / "mine"))
    run_experiment(experiment.with_seeds(6), folder, engine="serial")
    for path in store.parts(folder, "runs")[:3]:
        path.unlink()
    manifest = json.loads((folder / store.MANIFEST).read_text())
    manifest["timing"] |= {"seconds_per_run": 10.0, "workers": 2}
    (folder / store.MANIFEST).write_text(json.dumps(manifest))
    found = status(folder)
    assert (found.runs, found.finished, found.failed, found.missing) == (12, 7, 2, 3)
    assert found.seconds_left == 25.0


def test_a_folder_at_work_has_a_rate(tmp_path):
    file, log = write_experiment(tmp_path / "mine"), tmp_path / "log"
    process = command("run", file, "--out", "out", "--engine", "serial", folder=tmp_path, **{LOG: str(log), NAP: "0.4"})
    wait_until(lambda: len(started(log)) >= 4, process)
    code, out, err = finish(command("status", "out", "--format", "json", folder=tmp_path))
    found = json.loads(out)
    assert (code, err) == (0, "") and found["at_work"] == ["all"]
    assert 3 <= found["finished"] < 8 and found["missing"] == 8 - found["finished"]
    assert 0 < found["runs_per_minute"] < 150 and found["seconds_left"] > 0
    assert finish(process)[0] == 0


def test_looking_does_not_get_in_the_way(folder):
    for _ in range(20):
        assert claims.at_work(folder) == {}
        with claims.claimed(folder):
            assert list(claims.at_work(folder)) == ["all"]


def test_a_digest_sees_any_row_and_no_time(folder):
    def changed(table: str, column: str, value: object) -> str:
        path = store.parts(folder, table)[-1]
        before = pq.read_table(path)
        cells = before[column].to_pylist()
        cells[-1] = value
        place = before.column_names.index(column)
        pq.write_table(before.set_column(place, before.schema.field(column), pa.array(cells, before[column].type)), path)
        found = Results.load(folder).digest()
        pq.write_table(before, path)
        return found

    whole = Results.load(folder).digest()
    changes = (("series", "value", 1.5), ("series", "label", "Mars"), ("events", "sentence", "x"), ("digests", "digest", "0"))
    assert len({whole, *(changed(*one) for one in changes), changed("runs", "gap_months", None)}) == 6
    assert changed("runs", "seconds", 99.0) == whole == Results.load(folder).digest()


def test_a_digest_is_of_the_runs_asked_for(folder, small_folder):
    experiment = load_experiment(small_folder / "mine" / "experiment_file.py")
    results = Results.load(folder)
    two = results.of(experiment.with_seeds(2)).digest()
    assert results.of(experiment).digest() == results.digest() != two
    for path in store.parts(folder, "runs"):
        if pq.read_table(path)["seed"][0].as_py() > 1:
            path.unlink()
    assert Results.load(folder).digest() == two


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="is not a results folder"):
        status(tmp_path)


def test_a_plan_is_data_too(folder, small_folder):
    experiment = load_experiment(small_folder / "mine" / "experiment_file.py")
    found = json.loads(plan(experiment.with_seeds(5), folder).as_json())
    assert (found["runs"], found["finished"], found["missing"], found["seeds"]) == (10, 8, 2, [0, 1, 2, 3, 4])
    assert found["seconds_left"] >= 0 and found["workers"] >= 1


def test_where_nobody_watches_a_line_comes_now_and_then(capsys, monkeypatch):
    clock = iter([0.0, 0.0, 30.0, 59.0, 61.0, 62.0, 130.0])    # when entered, opened, and at each receipt
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    receipt = Receipt(Order("a", "b", "c", 1), 1.0)
    with Progress(12, quiet=False) as progress:
        progress.opened(2)
        for one in (receipt, receipt, Receipt(receipt.order, 1.0, "it failed"), receipt, receipt):
            progress.received(one)
    lines = [line for line in capsys.readouterr().err.splitlines() if line]
    assert lines == [
        "5 of 12 runs, 1 failed, 2.95 runs a minute, 2 min left", "7 of 12 runs, 1 failed, 2.31 runs a minute, 2 min left",
    ]
