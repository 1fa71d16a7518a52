"""The command ``abm``: reads arguments, calls, prints. Exit codes: 0 done, 1 a run failed or differs, 2 bad input,
130 Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from abm.bench_commands import BENCH, FAILED, INTERRUPTED
from abm.errors import InputError, printable
from abm.rules_command import rules

BAD_INPUT = 2
PARQUET_READER = "pyarrow.lib"
"""Whose errors tell of damaged files; it is not imported before it is needed."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of ``abm``."""
    end_with(abm, "abm", "abm", arguments)


def end_with(command: click.Command, program: str, speaker: str, arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process: one sentence, said by the speaker, for what the user can mend, no traceback.

    Exit codes: what the command gives, or 0; 1 where a file cannot be written, 2 for bad input, 130 for Ctrl-C.
    """
    try:
        sys.exit(command.main(args=arguments, prog_name=program, standalone_mode=False) or 0)
    except InputError as problem:
        click.echo(f"{speaker}: {printable(str(problem), longest=sys.maxsize)}", err=True)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:    # whoever read the output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as problem:
        click.echo(f"{speaker}: {problem}", err=True)
        sys.exit(BAD_INPUT if problem.errno == errno.ENAMETOOLONG else FAILED)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Exception as problem:
        if type(problem).__module__ != PARQUET_READER:
            raise
        click.echo(f"{speaker}: a part of the results cannot be read ({' '.join(str(problem).split())})", err=True)
        sys.exit(BAD_INPUT)


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"abm {version('geomarket-abm')}")
        except PackageNotFoundError:
            click.echo("abm (not installed)")
        context.exit()


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done; 1 a run failed, a replay differs or a file cannot be written; 2 bad input; 130 Ctrl-C.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def abm() -> None:
    """How export-control rules change who gets which chips, when laboratories launch models, and what firms are worth."""


@abm.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def schedule(*, form: str) -> None:
    """Print the phases of a day in their order, with their cadence."""
    from abm.bench.listing import schedule_table

    click.echo(schedule_table(form))


@abm.command()
def schema() -> None:
    """Print the JSON schema of scenario files (TOML): what they may change, with unit, meaning and range."""
    from abm.bench.scenario_file import scenario_schema

    click.echo(json.dumps(scenario_schema(), indent=1))


@abm.command()
@click.option("--scenario", metavar="NAME", help="Only this scenario, whole. [default: all; of each what is new]")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def sources(*, scenario: str | None, form: str) -> None:
    """Print every number of the scenarios and of all policies with unit, meaning, source, basis and range."""
    from abm.bench.listing import parameter_table

    click.echo(parameter_table(form, scenario))


@abm.command()
@click.argument("run")
@click.option("--results", "folder", type=click.Path(path_type=Path), help="Results folder. [default: the one in results/]")
@click.option("--actor", metavar="NAME", help="Only what names an actor (id or name), the actors of a parent, or shells.")
@click.option("--chip", metavar="NAME", help="Only what names a chip.")
@click.option("--from", "since", metavar="DATE", help="First day.")
@click.option("--until", metavar="DATE", help="Last day.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def story(  # the options of a command arrive as keyword arguments
    *, run: str, folder: Path | None, actor: str | None, chip: str | None, since: str | None, until: str | None, form: str
) -> None:
    """Tell what happened in one run, in dated sentences; RUN is its id, which may be shortened, or its row from 0 on."""
    from abm.bench.story import story as told

    click.echo(told(run, folder, actor=actor, chip=chip, since=since, until=until, form=form))


for command in (rules, *BENCH):
    abm.add_command(command)


if __name__ == "__main__":
    main()
