"""The commands of the bench: ``abm run``, ``show``, ``status``, ``merge`` and ``replay``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from abm.bench.supervisor import Outcome
    from abm.experiment import Experiment
    from abm.results import Results

FAILED = 1
INTERRUPTED = 130
SHOWN_FAILURES = 5

PATH = click.Path(path_type=Path)
SCENARIOS = click.option(
    "--scenario", "scenario_files", type=PATH, multiple=True,
    help="A scenario in a TOML file, in the place of the experiment's own; may be given several times.")
FORM = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)


@click.command()
@click.argument("file", type=PATH)
@click.option("--seeds", type=int, help="Run the first N seeds of the experiment, or more than it has.")
@click.option("--workers", type=int, help="Processes to run in. [default: one per processor]")
@click.option("--out", type=PATH, help="Results folder. [default: results/NAME]")
@click.option("--engine", default="local", show_default=True, help="local (processes), serial (in this one), or dask.")
@click.option("--scheduler", metavar="ADDRESS", help="The Dask scheduler, for --engine dask.")
@SCENARIOS
@click.option("--shard", metavar="I/N", help="Only the I-th of N parts; several may share a folder, or be merged.")
@click.option("--interval", type=click.Choice(["t", "bca"]), default="t", show_default=True,
              help="Of mean differences: Student's, or the BCa bootstrap's.")
@click.option("--quiet", is_flag=True, help="No progress.")
@FORM
def run(  # the options of a command arrive as keyword arguments
    *, file: Path, seeds: int | None, out: Path | None, scenario_files: tuple[Path, ...], shard: str | None,
    interval: str, quiet: bool, form: str, **how: Any,
) -> int:
    """Run the experiment in FILE, or what its results folder lacks of it; compare the policies; save a figure.

    Ctrl-C once finishes the runs under way and keeps them; the same command goes on where it stopped. A shard compares
    nothing: when all are done, and merged if they have folders of their own, the command without --shard does.
    """
    from abm.bench.claims import Shard
    from abm.bench.progress import Progress
    from abm.bench.running import run_experiment
    from abm.results import Results

    experiment, folder = _asked(file, seeds, out, scenario_files)
    chosen = None if shard is None else Shard.parse(shard)
    part = experiment if chosen is None else chosen.part(experiment)
    with Progress(len(part), quiet=quiet) as progress:
        outcome = run_experiment(
            experiment, folder, file=file, scenario_files=scenario_files, shard=chosen, report=progress.received,
            opened=progress.opened, **how,
        )
    results = Results.load(folder).of(part)
    told = _told(outcome, results)
    if outcome.interrupted:
        return INTERRUPTED
    told["digest"] = results.digest()
    click.echo(f"Digest of the tables of {len(results.runs)} runs: {told['digest']}", err=True)
    if chosen is None:
        _compare(results, told, form, interval)
    elif form == "json":
        click.echo(json.dumps(told, indent=1))
    return FAILED if outcome.failures else 0


def _asked(file: Path, seeds: int | None, out: Path | None, scenario_files: tuple[Path, ...]) -> tuple[Experiment, Path]:
    """The experiment in a file, in its own worlds or in those of other files, and the folder of its results."""
    from abm.bench.experiment_file import load_experiment
    from abm.bench.running import default_folder

    experiment = load_experiment(file, scenario_files=scenario_files)
    experiment = experiment if seeds is None else experiment.with_seeds(seeds)
    return experiment, out or default_folder(experiment)


def _told(outcome: Outcome, results: Results) -> dict[str, Any]:
    """What was done, as plain data; and in a line on standard error, with the first failures."""
    folder, failures = results.folder, outcome.failures
    told = {"finished": outcome.finished, "failed": len(failures), "already": outcome.already, "folder": str(folder)}
    click.echo(
        f"{outcome.finished} runs finished, {len(failures)} failed, {outcome.already} were there already; "
        f"results in {folder}",
        err=True,
    )
    for receipt in failures[:SHOWN_FAILURES]:
        order = receipt.order
        click.echo(f"  run {order.run_id} ({order.scenario}, {order.policy}, seed {order.seed}): {receipt.error}", err=True)
    if failures:
        click.echo(f"Tracebacks are in {folder / 'failures'}; abm replay RUN_ID --results {folder} runs one again.", err=True)
    return told


def _compare(results: Results, told: dict[str, Any], form: str, interval: str) -> None:
    from abm.bench.report import report

    comparison = report(results, method=interval)
    click.echo(json.dumps(json.loads(comparison.as_json()) | told, indent=1) if form == "json" else comparison.as_text())
    if len(results.runs):
        from abm.figure import save

        paths = save(results, results.folder)
        click.echo(f"Figure: {' and '.join(str(path) for path in paths)}", err=True)


@click.command()
@click.argument("file", type=PATH)
@click.option("--seeds", type=int, help="Count the first N seeds, or more than the experiment has.")
@click.option("--out", type=PATH, help="Results folder. [default: results/NAME]")
@SCENARIOS
@FORM
def show(*, file: Path, seeds: int | None, out: Path | None, scenario_files: tuple[Path, ...], form: str) -> None:
    """Say how many runs the experiment in FILE has and how long they take, before anyone waits."""
    from abm.bench.plan import plan

    planned = plan(*_asked(file, seeds, out, scenario_files))
    click.echo(planned.as_json() if form == "json" else planned.as_text())


@click.command()
@click.argument("folder", type=PATH)
@FORM
def status(*, folder: Path, form: str) -> None:
    """Say how far the results folder FOLDER is: finished, failed and missing runs, rate, time left, digest of the tables."""
    from abm.bench.status import status as looked_up

    found = looked_up(folder)
    click.echo(found.as_json() if form == "json" else found.as_text())


@click.command()
@click.argument("folders", type=PATH, nargs=-1, required=True)
@click.option("--out", type=PATH, required=True, help="Results folder that takes all runs; it may have some already.")
@FORM
def merge(*, folders: tuple[Path, ...], out: Path, form: str) -> None:
    """Bring the runs of several results FOLDERS of an experiment together, such as those of shards."""
    from abm.bench.merging import merge as merged

    done = merged(folders, out)
    click.echo(done.as_json() if form == "json" else done.as_text())


@click.command()
@click.argument("run")
@click.option("--results", "folder", type=PATH, required=True, help="Results folder of the run.")
@FORM
def replay(*, run: str, folder: Path, form: str) -> int:
    """Do one run again and compare its state day by day; RUN is its id, which may be shortened, or its row from 0 on."""
    from abm.results import Results

    results = Results.load(folder)
    known = results.identify(run)
    matches, day = results.replay(known)
    if form == "json":
        first = None if day is None else day.isoformat()
        click.echo(json.dumps({**known, "matches": matches, "first_difference": first}, indent=1, default=int))
    else:
        name = f"run {known['run_id']} ({known['scenario']}, {known['policy']}, seed {known['seed']})"
        click.echo(f"{name}: the same on every day" if matches else f"{name}: differs, first on {day}")
    return 0 if matches else FAILED


BENCH = (run, show, status, merge, replay)
