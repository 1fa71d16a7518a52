"""The model's levels against public facts: ``python -m analysis.validation [DIR ...]``, DIRs the results of
``abm run experiments/validation.py`` and ``abm run experiments/validation_2022.py``.

Exit codes: 0 done, 2 bad input. A missed target is no error: the table says it.
"""

from __future__ import annotations

from pathlib import Path

import click

from abm.errors import InputError
from abm.results import Results
from analysis.command_line import checked_figure, run
from analysis.validation.arms import Arm
from analysis.validation.figure import save
from analysis.validation.paired import differences
from analysis.validation.report import as_json, as_text, how_to_make_results
from analysis.validation.scoring import HISTORICAL, score_all
from analysis.validation.targets import TARGETS

NAME = "analysis.validation"


def historical_arms(folders: tuple[Path, ...]) -> list[Arm]:
    """The runs under the rules as they came, of every scenario in some results folders.

    Raises InputError for a folder that holds no such runs, or no results at all.
    """
    arms = []
    for folder in folders:
        results = Results.load(folder)
        if HISTORICAL not in results.policies:
            raise InputError(f'results folder {folder} has no runs of the policy "{HISTORICAL}"')
        found = [Arm(results, scenario, HISTORICAL) for scenario in results.scenarios]
        arms += [arm for arm in found if not arm.runs.empty]
    return arms


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[DIR]...")
@click.option("--figure", type=click.Path(path_type=Path), metavar="PATH",
              help="Also draw bands and model: PDF, PNG or SVG by the suffix.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def validation(*, folders: tuple[Path, ...], figure: Path | None, form: str) -> None:
    """Score the levels of the runs in results folders against public facts; without a folder say how to make some."""
    if figure is not None:
        checked_figure(figure)
    if not folders:
        click.echo(how_to_make_results())
        return
    arms = historical_arms(folders)
    scores, unscored = score_all(TARGETS, arms)
    effects = differences(arms)
    click.echo(as_json(scores, unscored, effects) if form == "json" else as_text(scores, unscored, effects))
    if figure is not None:
        save(scores, figure)
        click.echo(f"Figure: {figure}", err=True)


if __name__ == "__main__":
    run(validation, NAME)
