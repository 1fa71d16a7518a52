"""The linter has nothing to say."""

from __future__ import annotations

import subprocess
import sys

from tests.house.source_tree import ROOT


def lint(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess:
    """Run the linter with the project's own settings."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--quiet", *arguments]
    return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True)


def test_the_linter_is_content():
    answer = lint("--output-format=concise", ".")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_an_unused_import_is_noticed():
    assert lint("-", text="import os\n").returncode == 1
