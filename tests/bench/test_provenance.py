"""Results say where they come from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from abm.bench.provenance import git_state, provenance


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path) -> Path:
    (tmp_path / "abm").mkdir()
    (tmp_path / "abm" / "model.py").write_text("x = 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "abm")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_a_checkout_tells_its_commit_and_whether_it_was_changed(checkout):
    state = git_state(checkout / "abm")
    assert state == {"commit": git(checkout, "rev-parse", "HEAD"), "dirty": False}
    (checkout / "abm" / "model.py").write_text("x = 2\n")
    assert git_state(checkout / "abm")["dirty"]


def test_an_installed_package_is_not_told_the_commit_of_whatever_lies_around_it(checkout, tmp_path_factory):
    inside = checkout / "environment" / "abm"
    inside.mkdir(parents=True)
    assert git_state(inside) is None
    assert git_state(tmp_path_factory.mktemp("outside")) is None


def test_versions_machine_and_command_are_recorded():
    told = provenance()
    assert told["python"] and told["processor"] and told["processors"] >= 1 and told["command"]
    assert all(told["libraries"][name] for name in ("mesa", "numpy", "scipy", "pandas", "pyarrow", "pebble"))
