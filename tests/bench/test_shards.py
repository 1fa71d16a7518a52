"""Shards of an experiment: a split that is always the same, folders shared or merged, and one digest for all of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from abm.bench import claims, store
from abm.bench.claims import Shard
from abm.bench.experiment_file import load_experiment
from abm.bench.merging import merge
from abm.bench.running import run_experiment
from abm.bench.status import status
from abm.errors import InputError
from abm.experiment import Experiment
from abm.results import Results
from tests.small_experiment import command, finish, modules_kept, started, wait_until, write_experiment
from tests.small_world import LOG, NAP, RAISES


@pytest.fixture(autouse=True)
def model_as_before():
    with modules_kept():
        yield


@pytest.fixture
def experiment(small_folder) -> Experiment:
    return load_experiment(small_folder / "mine" / "experiment_file.py")


@pytest.fixture
def shards(experiment, tmp_path) -> list[Path]:
    """The folders of three shards of the small experiment."""
    folders = [tmp_path / f"shard{number}" for number in (1, 2, 3)]
    for number, folder in enumerate(folders, start=1):
        run_experiment(experiment, folder, engine="serial", shard=Shard(number, 3))
    return folders


def test_shards_split_the_seeds_and_keep_the_arms_of_a_seed_together(experiment):
    for of in (1, 2, 3, 4):
        parts = [Shard(number, of).part(experiment) for number in range(1, of + 1)]
        runs = [run.run_id for part in parts for run in part.runs()]
        assert sorted(runs) == sorted(run.run_id for run in experiment.runs())
        assert all({run.seed for run in part.runs()} == set(part.seeds) for part in parts)
    first = Shard(1, 3).part(experiment)
    assert tuple(first.seeds) == (0, 3) and tuple(Shard(1, 3).part(experiment.with_seeds(7)).seeds) == (0, 3, 6)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3", "must be a number and a count such as 1/8"), ("a/b", "must be"), ("0/2", "not among 1/2 to 2/2"),
        ("3/2", "not among 1/2 to 2/2"), ("0/0", "splits in none"), ("5/5", "is empty, the experiment has 4 seeds"),
    ],
)
def test_a_shard_that_there_is_not_is_one_sentence(experiment, text, says):
    with pytest.raises(InputError, match=says):
        Shard.parse(text).part(experiment)


def test_merged_shards_are_the_whole_experiment_and_a_second_merge_copies_nothing(small_folder, shards, tmp_path):
    whole = Results.load(small_folder / "out")
    first = merge(shards[:2], tmp_path / "all")
    assert first.new == first.runs == 6 and first.digest != whole.digest()
    done = merge([*shards, shards[0]], tmp_path / "all")
    assert (done.new, done.runs, done.digest) == (2, 8, whole.digest())
    again = merge(shards, tmp_path / "all")
    assert (again.new, again.runs, again.digest) == (0, 8, whole.digest())
    manifest = Results.load(tmp_path / "all").manifest
    assert len(manifest["merged"]) == 1 and manifest["experiment"]["seeds"] == [0, 1, 2, 3]    # one process ran all three
    assert merge([tmp_path / "all"], tmp_path / "copy").digest == whole.digest()


def test_overlapping_folders_count_a_run_once(experiment, small_folder, shards, tmp_path):
    done = merge([small_folder / "out", *shards], tmp_path / "all")
    assert (done.runs, done.digest) == (8, Results.load(small_folder / "out").digest())
    run_experiment(experiment.with_seeds(2), tmp_path / "two", engine="serial")
    assert merge([shards[0], tmp_path / "two"], tmp_path / "three").runs == 6


def test_a_cut_merge_leaves_whole_runs_and_goes_on(shards, tmp_path, monkeypatch):
    copy, copied = shutil.copyfile, []

    def cut(source, target):
        copied.append(source)
        if len(copied) == 7:    # in the middle of a part
            raise KeyboardInterrupt
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", cut)
    with pytest.raises(KeyboardInterrupt):
        merge(shards, tmp_path / "all")
    found = Results.load(tmp_path / "all")
    assert len(found.runs) == 1 and len(found.digests()) == 15
    assert merge(shards, tmp_path / "all").runs == 8


def test_a_failed_run_is_merged_as_failed_until_it_finishes(experiment, shards, tmp_path, monkeypatch):
    monkeypatch.setenv(RAISES, "1")
    run_experiment(experiment, tmp_path / "bad", engine="serial", shard=Shard(2, 3))
    merge([tmp_path / "bad", shards[0], shards[2]], tmp_path / "all")
    assert (status(tmp_path / "all").failed, status(tmp_path / "all").missing) == (2, 0)
    merge(shards, tmp_path / "all")
    assert (status(tmp_path / "all").failed, status(tmp_path / "all").finished) == (0, 8)


def test_what_does_not_belong_together_is_refused_and_nothing_copied(experiment, shards, tmp_path):
    run_experiment(replace(experiment, name="other"), tmp_path / "other", engine="serial", shard=Shard(1, 4))
    changed = replace(experiment, policies=(experiment.policies[0], replace(experiment.policies[1], description="x")))
    run_experiment(changed, tmp_path / "changed", engine="serial", shard=Shard(1, 4))
    (tmp_path / "empty").mkdir()
    for name, change in (("code", {"code": "0" * 20}), ("contract", {"contract": 99})):
        shutil.copytree(shards[1], tmp_path / name)
        manifest = json.loads((tmp_path / name / store.MANIFEST).read_text())
        (tmp_path / name / store.MANIFEST).write_text(json.dumps(manifest | change))
    run_experiment(experiment.with_seeds(1), tmp_path / "none", engine="serial")
    shutil.rmtree(tmp_path / "none" / "runs")
    manifest = json.loads((tmp_path / "none" / store.MANIFEST).read_text())
    (tmp_path / "none" / store.MANIFEST).write_text(json.dumps(manifest | {"code": "0" * 20}))
    refused = {
        "other": 'of the experiment "other"', "changed": "other policies content", "empty": "not a results folder",
        "code": "mixes runs of the code versions", "contract": "has results contract 99, this version reads",
        "none": "the other is code 00000000000000000000: .*none cannot join it",
    }
    for name, says in refused.items():
        with pytest.raises(InputError, match=says):
            merge([shards[0], tmp_path / name], tmp_path / "all")
    with pytest.raises(InputError, match="no results folder but"):
        merge([shards[0]], shards[0])
    assert not (tmp_path / "all").exists()


def test_shards_share_a_folder_by_claims(experiment, small_folder, tmp_path):
    folder = tmp_path / "out"
    with claims.claimed(folder, Shard(1, 2)), claims.claimed(folder, Shard(2, 2)):
        left = store.parts(folder, "runs") or folder / "runs" / ".half.tmp"
        left.parent.mkdir()
        left.touch()
        assert list(claims.at_work(folder)) == ["1/2", "2/2"]
        with pytest.raises(InputError, match="shard 1/2 of results folder .* is in use by another abm run"):
            run_experiment(experiment, folder, engine="serial", shard=Shard(1, 2))
        with pytest.raises(InputError, match="is in use by another abm run: wait"):
            run_experiment(experiment, folder, engine="serial")
        run_experiment(experiment, folder, engine="serial", shard=Shard(1, 4))
        assert left.exists(), "it may be what another shard is writing"
    assert claims.at_work(folder) == {}
    for number in (1, 2):
        run_experiment(experiment, folder, engine="serial", shard=Shard(number, 2))
    assert not left.exists()
    assert Results.load(folder).digest() == Results.load(small_folder / "out").digest()


def test_two_commands_share_a_folder_and_ctrl_c_stops_one(small_folder, tmp_path):
    file, log = write_experiment(tmp_path / "mine"), tmp_path / "log"
    arguments = ("run", file, "--out", "out", "--engine", "serial", "--shard")
    slow = command(*arguments, "1/2", folder=tmp_path, **{LOG: str(log), NAP: "0.5"})
    wait_until(lambda: started(log), slow)
    claims.request_stop(claims.stop_file(tmp_path / "out", Shard(1, 2)))    # what Ctrl-C does
    code, out, err = finish(command(*arguments, "2/2", "--format", "json", folder=tmp_path))
    assert code == 0 and json.loads(out)["finished"] == 4 and "4 runs finished, 0 failed" in err
    code, _, err = finish(slow)
    assert len(started(log)) < 4
    code, _, err = finish(command(*arguments, "1/2", folder=tmp_path))
    assert code == 0
    assert Results.load(tmp_path / "out").digest() == Results.load(small_folder / "out").digest()
