"""The same digests on every Python of this machine that has the libraries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.runs import lines_of_a_fresh_process, lines_of_this_process

OTHERS = "OTHER_PYTHONS"
"""Environment variable: further interpreters to ask, separated as in PATH (those of virtual environments, say)."""

PROBE = """import sys, mesa, networkx, numpy
assert (3, 11) <= sys.version_info[:2] < (3, 15)
print(*sys.version_info[:2], sep=".")"""


def candidates() -> list[str]:
    """Interpreters that may exist: those named, those on the path, and those that pyenv keeps."""
    named = [one for one in os.environ.get(OTHERS, "").split(os.pathsep) if one]
    on_path = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13, 14)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = [str(one) for one in sorted(pyenv.glob("3.1[1-4].*/bin/python"))]
    return [*named, *(one for one in on_path if one), *kept]


def others() -> dict[str, str]:
    """One interpreter for each minor version but this one that the project supports and that has the libraries."""
    found: dict[str, str] = {}
    for python in candidates():
        try:
            answer = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=60)
        except OSError:
            continue
        if answer.returncode == 0:
            found.setdefault(answer.stdout.strip(), python)
    found.pop(f"{sys.version_info[0]}.{sys.version_info[1]}", None)
    return found


def test_pythons_agree():
    found = others()
    if not found:
        pytest.skip(f"no other Python with the libraries was found (name some in {OTHERS})")
    here = lines_of_this_process()
    for version, python in found.items():
        assert lines_of_a_fresh_process(python) == here, f"Python {version} computes another run"
