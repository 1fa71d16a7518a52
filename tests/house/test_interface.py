"""The public face: few names, all of them there, and a command that answers at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import abm
from tests.house.source_tree import ROOT, report

MOST_NAMES = 15
SLOW = ("mesa", "pandas", "seaborn", "matplotlib", "pyarrow", "numba", "scipy")


def loaded_by(code: str) -> set[str]:
    """Top-level modules in memory after a fresh interpreter has run some code."""
    program = f"import sys, json\ntry:\n    {code}\nexcept SystemExit:\n    pass\n"
    program += "print('\\n' + json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(answer.stdout.splitlines()[-1]))


def test_few_names_and_each_is_there():
    assert 0 < len(abm.__all__) <= MOST_NAMES and len(set(abm.__all__)) == len(abm.__all__)
    missing = [name for name in abm.__all__ if not hasattr(abm, name)]
    assert not missing, report(missing)


def test_the_names_are_documented():
    silent = [name for name in abm.__all__ if callable(getattr(abm, name)) and not getattr(abm, name).__doc__]
    assert not silent, report(silent)


def test_a_wrong_name_says_so():
    with pytest.raises(AttributeError, match="Modell"):
        _ = abm.Modell


@pytest.mark.smoke
@pytest.mark.parametrize("arguments", ["--help", "run --help", "show --help", "rules classify --help", "rules classify"])
def test_help_and_the_law_load_nothing_heavy(arguments):
    words = ["abm", *arguments.split()]
    heavy = loaded_by(f"sys.argv = {words!r}; from abm.cli import main; main()") & set(SLOW)
    assert not heavy, f"abm {arguments} loads {sorted(heavy)}"


def test_a_heavy_import_is_noticed():
    assert "scipy" in loaded_by("import scipy") and "scipy" not in loaded_by("import json")
