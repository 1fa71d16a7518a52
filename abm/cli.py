"""The command ``abm``: reads arguments, calls, prints. Exit codes: 0 done, 1 a run failed, 2 bad input, 130 Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm.errors import InputError
from abm.rules_command import rules

if TYPE_CHECKING:
    from abm.bench.running import Outcome
    from abm.experiment import Experiment

FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130
SHOWN_FAILURES = 5


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
        click.echo(f"{speaker}: {problem}", err=True)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:    # whoever read the output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as problem:
        click.echo(f"{speaker}: {problem}", err=True)
        sys.exit(FAILED)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"abm {version('geomarket-abm')}")
        except PackageNotFoundError:
            click.echo("abm (not installed)")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def abm() -> None:
    """How export-control rules change who gets which chips, when laboratories launch models, and what firms are worth."""


@abm.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seeds", type=int, help="Run the first N seeds of the experiment, or more than it has.")
@click.option("--workers", type=int, help="Processes to run in. [default: one per processor]")
@click.option("--out", type=click.Path(path_type=Path), help="Results folder. [default: results/NAME]")
@click.option("--engine", default="local", show_default=True, help="local (processes) or serial (in this one).")
@click.option("--quiet", is_flag=True, help="No progress line.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def run(  # the options of a command arrive as keyword arguments
    *, file: Path, seeds: int | None, workers: int | None, out: Path | None, engine: str, quiet: bool, form: str
) -> int:
    """Run the experiment in FILE, or what its results folder lacks of it; compare the policies; save a figure.

    Ctrl-C once finishes the runs under way and keeps them; the same command goes on where it stopped.
    """
    from abm.bench.experiment_file import load_experiment
    from abm.bench.progress import Progress
    from abm.bench.running import default_folder, run_experiment

    experiment = load_experiment(file)
    experiment = experiment if seeds is None else experiment.with_seeds(seeds)
    folder = out or default_folder(experiment)
    with Progress(len(experiment), quiet=quiet) as progress:
        outcome = run_experiment(
            experiment, folder, file=file, workers=workers, engine=engine,
            report=progress.received, opened=progress.opened,
        )
    _tell(outcome, folder)
    if outcome.interrupted:
        return INTERRUPTED
    _compare(experiment, folder, form)
    return FAILED if outcome.failures else 0


def _tell(outcome: Outcome, folder: Path) -> None:
    """One line on standard error about what was done, and the first failures."""
    click.echo(
        f"{outcome.finished} runs finished, {len(outcome.failures)} failed, {outcome.already} were there already; "
        f"results in {folder}",
        err=True,
    )
    for receipt in outcome.failures[:SHOWN_FAILURES]:
        order = receipt.order
        click.echo(f"  run {order.run_id} ({order.scenario}, {order.policy}, seed {order.seed}): {receipt.error}", err=True)
    if outcome.failures:
        click.echo(f"Tracebacks are in {folder / 'failures'}; abm replay RUN_ID --results {folder} runs one again.", err=True)


def _compare(experiment: Experiment, folder: Path, form: str) -> None:
    from abm.bench.report import report
    from abm.results import Results

    results = Results.load(folder).of(experiment)
    comparison = report(results)
    click.echo(comparison.as_json() if form == "json" else comparison.as_text())
    if len(results.runs):
        from abm.figure import save

        paths = save(results, folder)
        click.echo(f"Figure: {' and '.join(str(path) for path in paths)}", err=True)


@abm.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seeds", type=int, help="Count the first N seeds, or more than the experiment has.")
@click.option("--out", type=click.Path(path_type=Path), help="Results folder. [default: results/NAME]")
def show(*, file: Path, seeds: int | None, out: Path | None) -> None:
    """Say how many runs the experiment in FILE has and how long they take, before anyone waits."""
    from abm.bench.experiment_file import load_experiment
    from abm.bench.plan import plan
    from abm.bench.running import default_folder

    experiment = load_experiment(file)
    experiment = experiment if seeds is None else experiment.with_seeds(seeds)
    click.echo(plan(experiment, out or default_folder(experiment)))


@abm.command()
def schedule() -> None:
    """Print the phases of a day in their order, with their cadence."""
    from abm.bench.listing import schedule_table

    click.echo(schedule_table())


@abm.command()
@click.option("--scenario", metavar="NAME", help="Only this scenario, whole. [default: all; of each what is new]")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def sources(*, scenario: str | None, form: str) -> None:
    """Print every number of the scenarios and of all policies with unit, meaning, source, basis and range."""
    from abm.bench.listing import parameter_table

    click.echo(parameter_table(form, scenario))


@abm.command()
@click.argument("run_id")
@click.option("--results", "folder", type=click.Path(path_type=Path), required=True, help="Results folder of the run.")
def replay(*, run_id: str, folder: Path) -> int:
    """Run one run again and compare its state day by day; RUN_ID may be shortened."""
    from abm.results import Results

    results = Results.load(folder)
    known = results.identify(run_id)
    matches, day = results.replay(known)
    name = f"run {known['run_id']} ({known['scenario']}, {known['policy']}, seed {known['seed']})"
    click.echo(f"{name}: the same on every day" if matches else f"{name}: differs, first on {day}")
    return 0 if matches else FAILED


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


abm.add_command(rules)


if __name__ == "__main__":
    main()
