"""What the README says is true: its commands and its Python are run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source_tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def abm(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    """Run the command of this checkout in a folder."""
    program = "import sys; from abm.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def blocks(language: str, text: str = README) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def steps(word: str) -> list[str]:
    """The steps of the one shell block in which a word stands."""
    (block,) = (one for one in blocks("bash") if word in one)
    return [step.strip() for step in block.split("&&")]


def test_there_are_two_commands_and_each_starts_from_nothing():
    for word in ("abm run", "pytest"):
        assert steps(word)[0] == "python3 -m venv .venv"
        assert all(step.startswith(".venv/bin/") for step in steps(word)[1:])
        assert any("pip install" in step for step in steps(word))


def test_the_test_command_installs_from_the_lock():
    assert any("--require-hashes -r requirements.lock" in step for step in steps("pytest"))


def test_the_main_command_runs_at_small_size(tmp_path):
    program, *arguments = shlex.split(steps("abm run")[-1])
    assert program == ".venv/bin/abm"
    arguments[arguments.index("--seeds") + 1] = "1"
    arguments = [str(ROOT / word) if word.startswith("experiments/") else word for word in arguments]
    answer = abm(*arguments, folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "results" / "export_controls" / "manifest.json").is_file()


def test_the_questions_to_the_law_are_answered():
    for step in steps("abm rules"):
        program, *arguments = shlex.split(step)
        answer = abm(*arguments)
        assert program == ".venv/bin/abm" and answer.returncode == 0, answer.stderr
        assert len(answer.stdout.splitlines()) > 4


def test_the_python_blocks_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "readme"}
    assert any("seeds=range(2)" in block for block in blocks("python"))
    for number, block in enumerate(blocks("python")):
        small = block.replace("seeds=range(2)", "seeds=range(1)")
        exec(compile(small, f"README block {number + 1}", "exec"), names)


def test_every_linked_file_exists():
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    missing = [link for link in links if not (ROOT / link).exists()]
    assert links and not missing, missing


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`(abm [a-z]+)[ `]", README))))
def test_every_named_command_exists(command):
    answer = abm(command.split()[1], "--help")
    assert answer.returncode == 0, answer.stderr


def test_blocks_are_found():
    assert blocks("bash", "x\n```bash\na\n```\n```python\nb\n```\n") == ["a\n"]
