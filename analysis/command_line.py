"""How the commands of the analysis end: as those of ``abm`` do."""

from __future__ import annotations

import click

from abm.cli import BAD_INPUT, end_with

__all__ = ["BAD_INPUT", "run"]


def run(command: click.Command, name: str) -> None:
    """Run a command of the module of that name and end the process, with the exit codes of ``abm.cli.end_with``."""
    end_with(command, f"python -m {name}", name)
