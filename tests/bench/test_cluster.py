"""The Dask engine against a real scheduler and worker processes on this machine, which the tests start and stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from abm.bench import store
from abm.bench.cluster import DaskPool, run_once
from abm.bench.experiment_file import load_experiment
from abm.bench.identity import code_version
from abm.bench.running import run_experiment
from abm.bench.workers import Desk, Order
from abm.errors import InputError
from abm.results import Results
from tests.small_experiment import REPOSITORY, command, finish, modules_kept, started, wait_until, write_experiment
from tests.small_world import LOG, NAP, RAISES

pytest.importorskip("distributed", reason="the extra dask is not installed")
SCHEDULER = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
WORKER = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard", "--no-nanny"]
QUIET = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


@contextmanager
def cluster(folder: Path, *, workers: int, **faults: str) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """The address of a scheduler and its worker processes, all of them ended afterwards."""
    folder.mkdir()
    paths = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **QUIET, "PYTHONPATH": paths, **faults}
    about = folder / "scheduler.json"
    processes: list[subprocess.Popen] = []

    def start(*arguments: object) -> subprocess.Popen:
        told = (folder / f"{len(processes)}.txt").open("w")
        with told:
            processes.append(subprocess.Popen(
                [*map(str, arguments)], cwd=folder, env=environment, stdout=told, stderr=told, start_new_session=True))
        return processes[-1]

    try:
        start(*SCHEDULER, "--scheduler-file", about)
        ends = time.monotonic() + 60
        while not about.exists() or not about.read_text().strip():
            assert time.monotonic() < ends and processes[0].poll() is None, (folder / "0.txt").read_text()
            time.sleep(0.05)
        address = json.loads(about.read_text())["address"]
        yield address, [start(*WORKER, "--local-directory", folder, address) for _ in range(workers)]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_killed_worker_of_three_costs_nothing_and_the_tables_are_those_of_a_serial_run(small_folder, tmp_path):
    file, log = write_experiment(tmp_path / "mine", seeds="range(5)"), tmp_path / "log"
    arguments = ("run", file, "--out", "out", "--engine", "dask", "--scheduler")
    with cluster(tmp_path / "cluster", workers=3, **{LOG: str(log), NAP: "0.7", RAISES: "4"}) as (address, workers):
        process = command(*arguments, address, folder=tmp_path)
        wait_until(lambda: len({one for _, _, one in started(log)}) >= 2 and len(started(log)) >= 3, process)
        policy, seed, victim = started(log)[-1]
        assert victim in {worker.pid for worker in workers}
        os.kill(victim, signal.SIGKILL)
        code, out, err = finish(process)
    assert code == 1 and "8 runs finished, 2 failed" in err and "RuntimeError: this world ends here" in err, err
    assert "historical - no_controls" in out
    assert [one[:2] for one in started(log)].count((policy, seed)) == 2, "the run that was killed ran again"
    results, expected = Results.load(tmp_path / "out"), Results.load(small_folder / "out")
    assert results.digest() == expected.digest() and set(results.failures["seed"]) == {4}
    assert results.manifest["timing"]["engine"] == "dask"
    code, _, err = finish(command(*arguments, address, folder=tmp_path))
    assert code == 2 and err.startswith("abm: no Dask scheduler answers at") and err.count("\n") == 1, err
    assert len(store.finished_ids(tmp_path / "out")) == 8


def test_a_batch_that_was_committed_is_not_run_again(tmp_path, monkeypatch):
    monkeypatch.setenv(LOG, str(tmp_path / "log"))
    file = write_experiment(tmp_path / "mine")
    desk = Desk((file, ()), tmp_path / "out", tmp_path / "stop", "one")
    runs = [*load_experiment(file).runs()][:2]
    orders = [Order(run.run_id, run.scenario.name, run.policy.name, run.seed) for run in runs]
    for _ in range(2):
        assert [receipt.error for receipt in run_once(desk, orders)] == [None, None]
        assert len(started(tmp_path / "log")) == len(store.finished_ids(desk.folder)) == 2


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (("0" * 20, True), "has code 00000000000000000000, this is code .*: start it anew"),
        ((code_version(), False), "does not see .*out: it must lie on a shared disk"),
        (ModuleNotFoundError("No module named 'abm'"), "cannot run this version of abm .ModuleNotFoundError: No module"),
    ],
)
def test_a_worker_that_cannot_do_the_runs_is_named(tmp_path, answer, says):
    pool = object.__new__(DaskPool)    # without a scheduler
    pool.desk = Desk(b"", tmp_path / "out", tmp_path / "stop", "one")
    with pytest.raises(InputError, match=f"the Dask worker tcp://x:1 {says}"):
        pool.check("tcp://x:1", answer)
    pool.check("tcp://x:1", OSError("it died since"))
    pool.check("tcp://x:1", (code_version(), True))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"engine": "dask"}, "needs the address of its scheduler"),
        ({"engine": "serial", "scheduler": "tcp://127.0.0.1:1"}, 'is for the engine "dask", this one is "serial"'),
        ({"engine": "dask", "scheduler": "nonsense://x"}, 'no Dask scheduler answers at "nonsense://x"'),
    ],
)
def test_bad_arguments_leave_no_folder(tmp_path, arguments, says):
    experiment = load_experiment(write_experiment(tmp_path / "mine"))
    with pytest.raises(InputError, match=says):
        run_experiment(experiment, tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()
