"""How the commands of the analysis end: as those of ``abm`` do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm.bench import store
from abm.cli import BAD_INPUT, end_with
from abm.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["BAD_INPUT", "checked_figure", "run", "save_figure"]
FIGURE_SUFFIXES = (".pdf", ".png", ".svg")
DOTS_PER_INCH = 200


def run(command: click.Command, name: str) -> None:
    """Run a command of the module of that name and end the process, with the exit codes of ``abm.cli.end_with``."""
    end_with(command, f"python -m {name}", name)


def checked_figure(path: Path) -> Path:
    """The path of a figure. Raises InputError where its folder does not exist or its suffix says no known form."""
    if not path.absolute().parent.is_dir():
        raise InputError(f'figure = "{path}" lies in no folder that exists')
    if path.suffix.lower() not in FIGURE_SUFFIXES:
        raise InputError(f'figure = "{path}" ends in no known form (valid: {", ".join(FIGURE_SUFFIXES)})')
    return path


def save_figure(drawn: Figure, path: Path) -> None:
    """Save a figure in the form that its suffix says: PDF, PNG or SVG."""
    form = checked_figure(path).suffix.lower().removeprefix(".")
    with store.replacing(path) as temporary:
        drawn.savefig(temporary, dpi=DOTS_PER_INCH, format=form)
