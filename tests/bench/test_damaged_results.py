"""Results folders that are not as they were written: whatever reads them says so in a sentence, or is not concerned."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.bench.manifest_shape import wrong_place
from tests.bench.commands_in_process import called, emptied, working_folder

Cut = tuple[int, float] | None
Flip = tuple[int, float, int] | None

DAMAGE = (None, 7, -1.5, True, "x", [], {}, [[]], {"x": 1}, "9" * 5000, [None])
FILE = "mine/experiment_file.py"
READERS = (
    ("status", "out"), ("status", "out", "--format", "json"), ("replay", "0", "--results", "out"),
    ("replay", "zz", "--results", "out"), ("replay", "9" * 5000, "--results", "out"),
    ("story", "1", "--results", "out", "--chip", "H20"), ("merge", "out", "--out", "all"),
    ("run", FILE, "--out", "out", "--engine", "serial"), ("show", FILE, "--out", "out"))
places = st.lists(st.integers(0, 60), min_size=1, max_size=4)
damages = st.lists(st.tuples(places, st.sampled_from((*DAMAGE, "gone"))), max_size=2)
cuts = st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 60), st.floats(0, 1)))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Path]:
    """The working folder of the commands."""
    with working_folder(tmp_path_factory.mktemp("damaged") / "place") as made:
        yield made


def damaged(manifest: dict, damage: Sequence[tuple[list[int], object]]) -> dict:
    """The manifest with some values at some depth replaced or taken away."""
    for places, value in damage:
        inside: dict | list = manifest
        for place in places:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = keys[place % len(keys)]
            if place == places[-1] or not isinstance(inside[key], (dict, list)):
                inside.pop(key) if value == "gone" else inside.__setitem__(key, copy.deepcopy(value))
                break
            inside = inside[key]
    return manifest


def copied(small_folder: Path, place: Path) -> None:
    """Put the small experiment and its results in the place of what was there."""
    emptied(place)
    for name in ("out", "mine"):
        shutil.copytree(small_folder / name, place / name)


def check_damage(place: Path, damage: Sequence, cut: Cut, reader: Sequence[str]) -> None:
    """Read a results folder of which the manifest, or one file, is not as it was written."""
    manifest = place / "out" / "manifest.json"
    manifest.write_text(json.dumps(damaged(json.loads(manifest.read_text()), damage)))
    if cut is not None:
        files = sorted(path for path in (place / "out").rglob("*") if path.is_file())
        chosen = files[cut[0] % len(files)]
        chosen.write_bytes(chosen.read_bytes()[: int(cut[1] * chosen.stat().st_size)])
    code, out, err = told = called(*reader)
    check_told(told, reader)


def check_told(told: tuple[int, str, str], reader: Sequence[str]) -> None:
    """Bad input is told in a sentence; 1 is for a run that failed, and a replay that was read and differs."""
    code, out, err = told
    assert code in (0, 1, 2) and "Traceback" not in out + err, told
    assert code != 1 or reader[0] == "run" or (reader[0] == "replay" and "differs, first on" in out), told
    assert code != 2 or [line.startswith("abm: ") for line in err.splitlines()].count(True) == 1, told


def check_flip(place: Path, flip: Flip, reader: Sequence[str]) -> None:
    """Read a results folder of which a part has some other bytes, or (no flip of bits) is gone."""
    parts = sorted(path for path in (place / "out").rglob("*.parquet"))
    chosen = parts[flip[0] % len(parts)]
    content = bytearray(chosen.read_bytes())
    where = int(flip[1] * (len(content) - 1))
    content[where : where + 4] = bytes(one ^ flip[2] for one in content[where : where + 4])
    chosen.write_bytes(bytes(content)) if flip[2] else chosen.unlink()
    check_told(called(*reader), reader)


flipped = given(st.tuples(
    st.tuples(st.integers(0, 60), st.floats(0, 1), st.integers(0, 255)), st.sampled_from(READERS)))


@settings(max_examples=60, deadline=None, derandomize=True)
@flipped
def test_parts_damaged_within_are_told_in_a_sentence(place, small_folder, example):
    copied(small_folder, place)
    check_flip(place, *example)


@pytest.mark.full
@settings(max_examples=1000, deadline=None, derandomize=True)
@flipped
def test_parts_damaged_within_in_many_ways_are_told_in_a_sentence(place, small_folder, example):
    copied(small_folder, place)
    check_flip(place, *example)


@pytest.mark.parametrize("table", ["series", "runs", "digests"])
@pytest.mark.parametrize("command", [("status", "out"), ("merge", "out", "--out", "all"), ("replay", "0", "--results", "out")])
def test_a_damaged_part_is_named(place, small_folder, table, command):
    copied(small_folder, place)
    for part in (place / "out" / table).glob("*.parquet"):
        content = bytearray(part.read_bytes())
        content[60:64] = bytes(one ^ 255 for one in content[60:64])
        part.write_bytes(bytes(content))
    code, _, err = called(*command)
    if command[0] == "replay" and table == "series":
        assert code == 0    # which reads no series
    else:
        assert code == 2 and re.fullmatch(rf"abm: \S*{table}/\S+\.parquet cannot be read \(.+\)\n", err), err


broken = given(st.tuples(damages, cuts, st.sampled_from(READERS)))


@settings(max_examples=60, deadline=None, derandomize=True)
@broken
def test_damaged_results_are_told_in_a_sentence(place, small_folder, example):
    copied(small_folder, place)
    check_damage(place, *example)


@pytest.mark.full
@settings(max_examples=1000, deadline=None, derandomize=True)
@broken
def test_results_damaged_in_many_ways_are_told_in_a_sentence(place, small_folder, example):
    copied(small_folder, place)
    check_damage(place, *example)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("experiment", "seeds"), "gone", "experiment.seeds is missing"),
        (("experiment", "seeds"), ["1"], r"experiment.seeds\[0\] is of the wrong type"),
        (("policies",), [], "policies is not an object"),
        (("experiment", "policies"), ["none"], 'experiment.policies names "none", which policies does not describe'),
        (("timing",), {"runs": 1}, "timing.seconds_per_run is missing"),
    ],
)
def test_the_first_wrong_place_of_a_manifest_is_named(place, small_folder, *, path, value, says):
    copied(small_folder, place)
    file = place / "out" / "manifest.json"
    manifest = json.loads(file.read_text())
    assert wrong_place(manifest) is None
    inside = manifest
    for name in path[:-1]:
        inside = inside[name]
    inside.pop(path[-1]) if value == "gone" else inside.__setitem__(path[-1], value)
    file.write_text(json.dumps(manifest))
    code, out, err = called("status", "out")
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"abm: out/manifest.json is not a readable manifest \({says}\)\n", err)


def test_runs_that_the_manifest_does_not_describe_are_told(place, small_folder):
    copied(small_folder, place)
    file = place / "out" / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["policies"] = {"historical": manifest["policies"]["historical"]}
    manifest["experiment"]["policies"] = ["historical"]
    file.write_text(json.dumps(manifest))
    code, _, err = called("story", "0", "--results", "out")
    assert code == 2 and 'holds runs of the policies "no_controls", which its manifest does not describe' in err
