"""How the commands of the analysis end: one sentence instead of a traceback for what the user can mend."""

from __future__ import annotations

import sys

import click

from abm.errors import InputError

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def run(command: click.Command, name: str) -> None:
    """Run a command of the module of that name and end the process.

    Exit codes: what the command gives, or 0; 1 where a file cannot be written, 2 for bad input, 130 for Ctrl-C.
    """
    try:
        sys.exit(command.main(prog_name=f"python -m {name}", standalone_mode=False) or 0)
    except InputError as problem:
        click.echo(f"{name}: {problem}", err=True)
        sys.exit(BAD_INPUT)
    except OSError as problem:
        click.echo(f"{name}: {problem}", err=True)
        sys.exit(FAILED)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
