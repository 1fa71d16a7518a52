"""Whatever the files and arguments say, a command does it whole, or refuses it in one sentence with exit code 2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.results import Results
from tests.bench.commands_in_process import Told, called, emptied, working_folder
from tests.bench.fuzzed_files import contents, experiment_text, fields, scenario_text, tails, values_within, within
from tests.small_experiment import command, finish

ODD_NAMES = (
    "", ".", "fuzzed.py", "fuzzed.py/in", "x" * 300, "two\nlines", "café", "-", "~", "a b", "/dev/null", "/proc/nowhere")
OPTIONS = {
    "--seeds": ("1", "2", "1", "2", "0", "-1", "1.5", "many", "9" * 12, "9" * 30, "", "1_0"),
    "--shard": ("1/1", "1/2", "2/2", "9/8", "0/0", "x", "1/2/3", "-1/2", "1/" + "9" * 30, "٣/٤", "1/2\n"),
    "--workers": ("1", "2", "0", "-3", "9" * 30),
    "--engine": ("serial", "lokal", "dask", ""),
    "--interval": ("t", "bca", "bcaa"),
    "--format": ("json", "table", "xml"),
    "--scheduler": ("tcp://127.0.0.1:1",),
}
AFTERWARDS = (
    [("status", "OUT")], [("replay", "0", "--results", "OUT")], [("story", "0", "--results", "OUT")],
    [("merge", "OUT", "--out", "merged"), ("status", "merged", "--format", "json")])
"""Commands that must do what they are asked for after a run that did."""

options = st.fixed_dictionaries({}, optional={
    name: st.one_of(st.sampled_from(words[:2]), st.sampled_from(words)) for name, words in OPTIONS.items()})
worlds = st.lists(st.one_of(
    within.map(lambda shares: scenario_text(_sections(values_within(shares)))),
    contents.map(scenario_text), st.binary(max_size=40)), max_size=2)
outs = st.one_of(st.just("out"), st.just("out"), st.just("deep/er/out"), st.sampled_from(ODD_NAMES))
codings = st.sampled_from(("utf-8", "utf-8", "utf-8", "latin-1"))


def _sections(flat: dict[str, float | int]) -> dict[str, dict[str, float | int]]:
    nested: dict[str, dict[str, float | int]] = {}
    for path, value in flat.items():
        nested.setdefault(path.partition(".")[0], {})[path.partition(".")[2]] = value
    return nested


def check_answer(told: Told) -> bool:
    """Whether a command did what it was asked for; where it did not, that it said why in one sentence."""
    code, out, err = told
    assert code in (0, 2), told
    assert "Traceback" not in out + err, told
    if code == 2:
        *usage, sentence = err.rstrip("\n").split("\n")
        assert sentence.startswith("Error: " if usage else "abm: "), told
        assert not usage or usage[0].startswith("Usage: "), told
    return code == 0


def left(folder: Path) -> set[str]:
    """What lies in a folder, without what Python compiled there."""
    paths = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return {path for path in paths if "__pycache__" not in path}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Path]:
    """The working folder of the commands."""
    with working_folder(tmp_path_factory.mktemp("fuzzed") / "place") as made:
        yield made


def prepared(place: Path, text: str, coding: str, tomls: Sequence[str | bytes]) -> list[str]:
    """Write the files of an example into the empty folder; the options that name its scenario files."""
    emptied(place)
    head = "" if coding == "utf-8" else f"# -*- coding: {coding} -*-\n# na\u00efve\n"
    errors = "surrogatepass" if coding == "utf-8" else "replace"
    (place / "fuzzed.py").write_bytes((head + text).encode(coding, errors))
    chosen = []
    for number, one in enumerate(tomls):
        path = place / f"world{number}.toml"
        path.write_bytes(one if isinstance(one, bytes) else one.encode())
        chosen += ["--scenario", path.name]
    return chosen


def check_run(place: Path, chosen: list[str], given_options: dict[str, str], out: str) -> None:
    """Show and run an experiment, and look at what is left."""
    asked = [word for option, value in ({"--engine": "serial"} | given_options).items() for word in (option, value)]
    both = [word for option in ("--seeds", "--format") if option in given_options for word in (option, given_options[option])]
    before = left(place)
    check_answer(called("show", "fuzzed.py", *chosen, *both, "--out", out))
    assert left(place) == before, "show wrote something"
    told = called("run", "fuzzed.py", *chosen, *asked, "--out", out)
    if not check_answer(told):
        assert left(place) == before, (told, left(place) - before)
        return
    results = Results.load(out)
    assert len(results.runs) and not [path for path in left(place) if path.endswith(".tmp")]
    if given_options.get("--format") == "json":
        assert json.loads(told[1])["finished"] == len(results.runs)
    for words in AFTERWARDS[len(given_options) % len(AFTERWARDS)]:
        assert check_answer(called(*(out if word == "OUT" else word for word in words))), words


def check_example(place: Path, example: tuple) -> None:
    """Write the files of an example and run it."""
    given_fields, tail, coding, tomls, given_options, out = example
    check_run(place, prepared(place, experiment_text(given_fields, tail), coding, tomls), given_options, out)


everything = given(st.tuples(fields, tails, codings, worlds, options, outs))


@settings(max_examples=200, deadline=None, derandomize=True)
@everything
def test_a_fuzzed_command_does_it_whole_or_says_why_not(place, example):
    check_example(place, example)


@pytest.mark.full
@settings(max_examples=2000, deadline=None, derandomize=True)
@everything
def test_many_fuzzed_commands_do_it_whole_or_say_why_not(place, example):
    check_example(place, example)



@pytest.mark.parametrize(
    ("changes", "arguments", "expected"),
    [
        ({}, (), 0),
        ({"seeds": "[7]"}, ("--workers", "1", "--format", "json"), 0),
        ({"policies": "()"}, (), 2),
        ({}, ("--scenario", "world0.toml"), 2),
        ({}, ("--interval", "bcaa"), 2),
    ],
)
def test_a_process_of_its_own_says_the_same(tmp_path, changes, arguments, expected):
    place = tmp_path / "place"
    place.mkdir()
    emptied(place)
    prepared(place, experiment_text(changes, ""), "utf-8", ["[demand]\ncontract_month = 1\n"])
    before = left(place)
    told = finish(command("run", "fuzzed.py", "--out", "out", *arguments, folder=place))
    assert check_answer(told) == (expected == 0), told
    if expected:
        assert left(place) == before
    else:
        assert len(Results.load(place / "out").runs) and not [path for path in left(place) if path.endswith(".tmp")]
