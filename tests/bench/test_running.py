"""Running an experiment: equal results whatever ran it, and faults that cost nothing that had finished."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import abm
from abm.bench import claims, store
from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.bench.supervisor import Outcome, Supervisor
from abm.bench.workers import Desk, Order
from abm.errors import InputError
from abm.results import Results
from tests.small_experiment import command, finish, modules_kept, started, wait_until, write_experiment
from tests.small_world import DIES, LOG, NAP, RAISES


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


def tables(folder: Path) -> list[pd.DataFrame]:
    results = Results.load(folder)
    return [results.runs.drop(columns="seconds"), results.series(), results.events(), results.digests()]


def assert_same(folder: Path, other: Path) -> None:
    for mine, theirs in zip(tables(folder), tables(other), strict=True):
        assert len(mine)
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    assert Results.load(folder).digest() == Results.load(other).digest()


@pytest.fixture
def whole(small_folder, tmp_path) -> Path:
    """A results folder of the small experiment, made in this process, with the experiment's file in ``whole``."""
    shutil.copytree(small_folder / "mine", tmp_path / "whole")
    return shutil.copytree(small_folder / "out", tmp_path / "expected")


def test_results_are_equal_whatever_ran_them(whole, tmp_path):
    file = tmp_path / "whole" / "experiment_file.py"
    for workers in (1, 2):
        outcome = run_experiment(load_experiment(file), tmp_path / f"out{workers}", file=file, workers=workers)
        assert (outcome.finished, outcome.failures, outcome.interrupted) == (8, [], False)
        assert_same(tmp_path / f"out{workers}", whole)


def test_the_same_call_runs_nothing_twice(whole, tmp_path, monkeypatch):
    monkeypatch.setenv(LOG, str(tmp_path / "log"))
    experiment = load_experiment(tmp_path / "whole" / "experiment_file.py")
    again = run_experiment(experiment, whole, engine="serial")
    assert (again.already, again.finished, started(tmp_path / "log")) == (8, 0, [])
    more = run_experiment(experiment.with_seeds(5), whole, engine="serial")
    assert (more.already, more.finished) == (8, 2)
    assert {seed for _, seed, _ in started(tmp_path / "log")} == {4}


def test_ctrl_c_keeps_what_finished_and_the_same_command_goes_on(whole, tmp_path):
    file, log = write_experiment(tmp_path / "mine"), tmp_path / "log"
    arguments = ("run", file, "--out", "out", "--workers", "2")
    process = command(*arguments, folder=tmp_path, **{LOG: str(log), NAP: "1"})
    wait_until(lambda: len(started(log)) >= 3, process)
    os.killpg(process.pid, signal.SIGINT)    # a terminal sends it to the workers too
    code, out, err = finish(process)
    assert code == 130 and "Stopping after the runs under way" in err and "Traceback" not in err
    before = started(log)
    kept = store.finished_ids(tmp_path / "out")
    assert 0 < len(kept) == len(before) < 8
    code, out, err = finish(command(*arguments, folder=tmp_path, **{LOG: str(log)}))
    assert code == 0 and f"{8 - len(kept)} runs finished, 0 failed, {len(kept)} were there already" in err
    assert len({(policy, seed) for policy, seed, _ in started(log)}) == len(started(log)) == 8
    assert_same(tmp_path / "out", whole)


@pytest.mark.parametrize("engine", ["local", "serial"])
def test_a_second_ctrl_c_drops_what_runs(tmp_path, engine):
    file, log = write_experiment(tmp_path / "mine"), tmp_path / "log"
    arguments = ("run", file, "--out", "out", "--engine", engine)
    process = command(*arguments, folder=tmp_path, **{LOG: str(log), NAP: "100"})
    wait_until(lambda: started(log), process)
    os.killpg(process.pid, signal.SIGINT)
    wait_until((tmp_path / "out" / claims.STOP).exists, process)
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = finish(process, seconds=30)
    assert code == 130 and "Traceback" not in err
    assert store.finished_ids(tmp_path / "out") == set()


def test_a_killed_worker_loses_nothing(whole, tmp_path):
    file, log = write_experiment(tmp_path / "mine"), tmp_path / "log"
    process = command("run", file, "--out", "out", "--workers", "2", folder=tmp_path, **{LOG: str(log), NAP: "0.7"})
    wait_until(lambda: len(started(log)) >= 3, process)
    policy, seed, worker = started(log)[-1]
    os.kill(worker, signal.SIGKILL)
    code, _, err = finish(process)
    assert code == 0 and "8 runs finished, 0 failed" in err
    assert_same(tmp_path / "out", whole)
    assert len(started(log)) == 9 and [one[:2] for one in started(log)].count((policy, seed)) == 2


def test_a_killed_parent_loses_nothing_that_was_committed(whole, tmp_path):
    file, log = write_experiment(tmp_path / "mine"), tmp_path / "log"
    process = command("run", file, "--out", "out", "--workers", "2", folder=tmp_path, **{LOG: str(log), NAP: "0.7"})
    wait_until(lambda: len(store.finished_ids(tmp_path / "out")) >= 2, process)
    process.kill()
    process.wait()
    code, _, err = finish(command("run", file, "--out", "out", "--workers", "2", folder=tmp_path))
    assert code == 0 and " 0 were there already" not in err
    assert_same(tmp_path / "out", whole)


def test_a_run_that_kills_its_process_is_given_up_after_three_strikes_and_the_others_finish(tmp_path):
    file, log = write_experiment(tmp_path / "mine"), tmp_path / "log"
    faults = {LOG: str(log), DIES: "2"}
    code, _, err = finish(command("run", file, "--out", "out", "--workers", "2", folder=tmp_path, **faults))
    assert code == 1 and "6 runs finished, 2 failed" in err
    assert "died 3 times, the last time with exit code -9" in err
    assert set(Results.load(tmp_path / "out").runs["seed"]) == {0, 1, 3}
    assert sorted(Results.load(tmp_path / "out").failures["seed"]) == [2, 2]
    assert [one[:2] for one in started(log)].count(("historical", 2)) in (3, 4)    # once more if first in a batch


def test_short_runs_go_in_batches_of_which_a_death_costs_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv(DIES, "17")
    file = write_experiment(tmp_path / "mine", seeds="range(24)")
    outcome = run_experiment(load_experiment(file), tmp_path / "out", file=file, workers=2)
    assert [receipt.order.seed for receipt in outcome.failures] == [17, 17] and outcome.finished == 46
    assert len(store.parts(tmp_path / "out", "runs")) < 24
    assert len(Results.load(tmp_path / "out").runs) == 46


class DeadPool:
    """A pool whose workers never come to life."""

    capacity = 2
    largest_batch = 4
    starts = 0

    def start(self) -> None:
        self.starts += 1

    def stop(self) -> None:
        """There is nothing to stop."""

    def submit(self, orders: object) -> Future:
        future: Future = Future()
        future.set_exception(BrokenProcessPool("All workers expired"))
        return future


def test_a_pool_that_never_lives_is_given_up_with_a_sentence(tmp_path):
    experiment, pool = load_experiment(write_experiment(tmp_path / "mine")), DeadPool()
    orders = [Order(run.run_id, run.scenario.name, run.policy.name, run.seed) for run in experiment.runs()]
    desk = Desk(b"", tmp_path, tmp_path / claims.STOP, "one")
    with pytest.raises(InputError, match="worker processes die before their first run"):
        Supervisor(pool, desk, Outcome(), lambda receipt: None).work_through(iter(orders), len(orders))
    assert pool.starts == 4


def test_a_run_that_raises_is_recorded_and_can_be_replayed_and_made_good(whole, tmp_path):
    file = write_experiment(tmp_path / "mine")
    code, out, err = finish(command("run", file, "--out", "out", "--workers", "1", folder=tmp_path, **{RAISES: "1 3"}))
    assert code == 1 and "4 runs finished, 4 failed" in err and "RuntimeError: this world ends here" in err
    assert "historical - no_controls" in out
    failures = Results.load(tmp_path / "out").failures
    assert set(failures["seed"]) == {1, 3} and all("small_world.py" in text for text in failures["traceback"])
    run_id = failures["run_id"][0]
    code, out, err = finish(command("replay", run_id[:9], "--results", "out", folder=tmp_path, **{RAISES: "1 3"}))
    assert code == 1 and "RuntimeError: this world" in err
    code, _, err = finish(command("run", file, "--out", "out", folder=tmp_path))
    assert code == 0 and "4 runs finished, 0 failed, 4 were there already" in err
    assert Results.load(tmp_path / "out").failures.empty
    assert_same(tmp_path / "out", whole)


def test_a_full_disk_is_a_failed_run_and_leaves_nothing_half_written(whole, tmp_path, monkeypatch):
    write_table, written = store._write_table, []

    def full(table, path):
        written.append(path)
        if path.parent.name == "digests" and len(written) < 8:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_table(table, path)

    monkeypatch.setattr(store, "_write_table", full)
    experiment = load_experiment(tmp_path / "whole" / "experiment_file.py")
    outcome = run_experiment(experiment, tmp_path / "out", engine="serial")
    assert len(outcome.failures) == 2 and outcome.finished == 6
    assert "No space left on device (the results could not be written" in outcome.failures[0].error
    for table in store.TABLES:
        assert len(list((tmp_path / "out" / table).iterdir())) == 6
    assert run_experiment(experiment, tmp_path / "out", engine="serial").finished == 2
    assert_same(tmp_path / "out", whole)


def test_a_second_parent_is_refused(tmp_path):
    file = write_experiment(tmp_path / "mine")
    with claims.claimed(tmp_path / "out"):
        code, _, err = finish(command("run", file, "--out", "out", folder=tmp_path))
    assert code == 2 and err.startswith("abm: results folder out is in use") and err.count("\n") == 1
    assert not (tmp_path / "out" / store.MANIFEST).exists()


def test_an_experiment_without_a_file_runs_in_processes(tmp_path, monkeypatch):
    experiment = load_experiment(write_experiment(tmp_path / "mine")).with_seeds(1)
    monkeypatch.delitem(sys.modules, "abm.model")
    outcome = run_experiment(replace(experiment, until=experiment.scenarios[0].start), tmp_path / "out", workers=1)
    assert (outcome.finished, outcome.failures) == (2, [])
    assert not (tmp_path / "out" / "experiment.py").exists()


def test_failed_runs_come_with_a_warning(tmp_path, monkeypatch):
    monkeypatch.setenv(RAISES, "0")
    experiment = load_experiment(write_experiment(tmp_path / "mine"))
    with pytest.warns(RuntimeWarning, match="2 of 8 runs failed, the first with RuntimeError"):
        results = abm.run(experiment, tmp_path / "out", engine="serial")
    assert len(results.runs) == 6


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"workers": 0}, "workers = 0 is below its lower bound 1"),
        ({"workers": True}, "workers = True"),
        ({"engine": "lokal"}, 'unknown engine "lokal" .did you mean "local"'),
    ],
)
def test_bad_arguments_leave_no_folder(tmp_path, arguments, says):
    experiment = load_experiment(write_experiment(tmp_path / "mine"))
    with pytest.raises(InputError, match=says):
        run_experiment(experiment, tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_folder_takes_no_runs_of_other_code_content_or_horizon(whole, tmp_path):
    experiment = load_experiment(tmp_path / "whole" / "experiment_file.py")
    world = experiment.scenarios[0]
    changes = {
        "of other scenarios content": replace(experiment, scenarios=(replace(world, releases=()),)),
        "of other policies content": replace(
            experiment, policies=(experiment.policies[0], replace(experiment.policies[1], description="x"))
        ),
        "until 2026-12-31, this experiment has 2025-12-31": replace(experiment, until=world.until.replace(year=2025)),
    }
    for says, changed in changes.items():
        with pytest.raises(InputError, match=says):
            run_experiment(changed, whole, engine="serial")
    manifest = json.loads((whole / "manifest.json").read_text())
    (whole / "manifest.json").write_text(json.dumps(manifest | {"code": "0" * 20}))
    with pytest.raises(InputError, match="holds runs of code 00000000000000000000, this is code"):
        run_experiment(experiment, whole, engine="serial")
