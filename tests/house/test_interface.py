"""The public face: few names, all of them there, and a command that answers at once."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

from tests.house.source_tree import ROOT, Source, report, sources

MOST_NAMES = 15
SLOW = ("mesa", "pandas", "seaborn", "matplotlib", "pyarrow", "numba", "scipy")


def exported(source: Source) -> list[str]:
    """The names in __all__."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [ast.literal_eval(one) for one in node.value.elts]
    return []


def face() -> Source:
    """The package's own file."""
    (source,) = (one for one in sources("abm") if one.path == "abm/__init__.py")
    return source


def loaded_by(code: str) -> set[str]:
    """Top-level modules in memory after a fresh interpreter has run some code."""
    program = f"import sys, json\ntry:\n    {code}\nexcept SystemExit:\n    pass\n"
    program += "print('\\n' + json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(answer.stdout.splitlines()[-1]))


def test_few_names_and_each_is_there():
    import abm

    names = exported(face())
    assert 0 < len(names) <= MOST_NAMES and len(set(names)) == len(names)
    missing = [name for name in names if not hasattr(abm, name)]
    assert not missing, report(missing)


def test_the_names_are_documented():
    import abm

    silent = [name for name in exported(face()) if callable(getattr(abm, name)) and not getattr(abm, name).__doc__]
    assert not silent, report(silent)


@pytest.mark.smoke
@pytest.mark.parametrize("arguments", ["--help", "run --help", "show --help"])
def test_help_loads_nothing_heavy(arguments):
    words = ["abm", *arguments.split()]
    heavy = loaded_by(f"sys.argv = {words!r}; from abm.cli import main; main()") & set(SLOW)
    assert not heavy, f"abm {arguments} loads {sorted(heavy)}"


def test_a_heavy_import_is_noticed():
    assert "scipy" in loaded_by("import scipy") and "scipy" not in loaded_by("import json")


def test_too_many_names_are_counted():
    assert len(exported(Source("abm/__init__.py", '"""Says."""\n__all__ = ["a", "b"]'))) == 2
