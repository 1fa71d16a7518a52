"""The command ``abm`` in this process, in a folder of its own, for tests that call it hundreds of times."""

from __future__ import annotations

import contextlib
import io
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from abm.cli import main
from tests.small_experiment import modules_kept

Told = tuple[int, str, str]


def called(*arguments: str) -> Told:
    """What the command comes to in this process: exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    with modules_kept(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            main(arguments)
        except SystemExit as ended:
            return ended.code or 0, out.getvalue(), err.getvalue()
    raise AssertionError("the command did not end its process")


@contextmanager
def working_folder(made: Path) -> Iterator[Path]:
    """A new working folder, without the figures of ``abm run`` and the questions to git, which take most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("abm.figure.save", lambda results, folder: ())
        patch.setattr("abm.bench.provenance.git_state", lambda package: None)
        made.mkdir()
        patch.chdir(made)
        yield made


def emptied(place: Path) -> Path:
    """The folder with nothing in it but the small world, which experiment files find there."""
    for one in place.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()
    shutil.copy(Path(__file__).parents[1] / "small_world.py", place)
    return place
