"""Worlds of TOML files in the place of an experiment's own, from the command line to the replay."""

from __future__ import annotations

import json

from abm.results import Results
from tests.small_experiment import command, finish, write_experiment

WORLD = 'name = "short_contracts"\n[demand]\ncontract_months = 1\n'


def told(folder, *arguments: object) -> tuple[int, str, str]:
    """What a command of ``abm`` in a process of its own came to."""
    return finish(command(*arguments, folder=folder))


def test_the_worlds_of_files_take_the_place_of_the_experiments(tmp_path):
    file, worlds = write_experiment(tmp_path / "mine"), [tmp_path / "one.toml", tmp_path / "two.toml"]
    worlds[0].write_text(WORLD)
    worlds[1].write_text("")
    chosen = [part for world in worlds for part in ("--scenario", str(world))]
    for workers in ("1", "2"):
        out = tmp_path / f"out{workers}"
        code, _, err = told(tmp_path, "run", file, "--seeds", 2, "--workers", workers, "--out", out, *chosen)
        assert code == 0, err
        results = Results.load(out)
        assert tuple(results.scenarios) == ("short_contracts", "two") and len(results.runs) == 2 * 2 * 2
        assert results.manifest["scenarios"]["short_contracts"]["parameters"]["demand.contract_months"] == 1
    assert Results.load(tmp_path / "out1").digest() == Results.load(tmp_path / "out2").digest()
    code, out, _ = told(tmp_path, "replay", 3, "--results", tmp_path / "out1")
    assert code == 0 and "the same on every day" in out
    worlds[0].write_text(WORLD.replace("1", "2"))
    code, _, err = told(tmp_path, "replay", 0, "--results", tmp_path / "out1")
    assert code == 2 and "not the one" in err


def test_a_bad_world_stops_before_anything_is_written(tmp_path):
    file, world = write_experiment(tmp_path / "mine"), tmp_path / "bad.toml"
    world.write_text("[demand]\ncontract_month = 1\n")
    code, _, err = told(tmp_path, "run", file, "--scenario", world, "--out", tmp_path / "out")
    assert code == 2 and "contract_months" in err and len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_the_schema_is_printed(tmp_path):
    code, out, _ = told(tmp_path, "schema")
    assert code == 0 and "contract_months" in json.loads(out)["properties"]["demand"]["properties"]
