"""What determines a run is told by content: values, functions and the source of the model."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date

import pytest

from abm.bench.identity import SHOWS_ONLY, code_version, describe, fingerprint
from abm.errors import InputError
from tests.small_experiment import REPOSITORY


def test_a_description_does_not_depend_on_order_but_on_content():
    assert describe({"b": 1, "a": (2.5, None)}) == {"a": [2.5, None], "b": 1}
    assert describe(frozenset({"b", "a"})) == ["a", "b"]
    assert describe(date(2025, 1, 20)) == "2025-01-20"
    assert describe(describe) == "abm.bench.identity.describe"
    with pytest.raises(InputError, match="of type object"):
        describe({"deep": [object()]})


def test_a_function_from_elsewhere_is_identified_by_its_text(tmp_path):
    marks = []
    for number, text in enumerate(("return None", "return 'a'", "return None")):
        path = tmp_path / f"rule_{number}.py"
        path.write_text(f"def caught(chip):\n    {text}\n")
        names = {}
        exec(compile(path.read_text(), str(path), "exec"), names)
        names["caught"].__module__ = "elsewhere"
        marks.append(fingerprint(describe(names["caught"])))
    assert marks[0] == marks[2] != marks[1]


def test_the_model_imports_nothing_that_its_version_leaves_out():
    assert all((REPOSITORY / "abm" / name).is_file() for name in SHOWS_ONLY)
    names = sorted(f"abm.{name.removesuffix('.py').replace('/', '.')}" for name in SHOWS_ONLY)
    text = f"import sys, abm.model, abm.experiment; print([n for n in {names} if n in sys.modules])"
    told = subprocess.run([sys.executable, "-c", text], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_version_of_the_code_is_the_same_in_another_process():
    text = "from abm.bench.identity import code_version; print(code_version())"
    told = subprocess.run([sys.executable, "-c", text], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == code_version()


def test_the_version_of_the_code_covers_the_model_and_not_the_printed_table(tmp_path):
    package = shutil.copytree(REPOSITORY / "abm", tmp_path / "abm", ignore=shutil.ignore_patterns("__pycache__"))

    def version_after(name: str) -> str:
        with (package / name).open("a") as file:
            file.write("\n# one more line\n")
        return code_version.__wrapped__(package)

    assert code_version.__wrapped__(package) == code_version()
    assert version_after("bench/report.py") == version_after("figure.py") == code_version()
    assert version_after("model.py") != code_version()
    before = code_version.__wrapped__(package)
    assert version_after("scenario/chips.csv") != before
