"""The cross-section of an R1-like launch: ``python -m analysis.launch_reaction DIR``, DIR the results of
``abm run experiments/launch_reaction.py``.

Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

from pathlib import Path

import click

from abm.results import Results
from analysis.command_line import checked_figure, run
from analysis.launch_reaction.cross_section import abnormal_returns, cross_section, paths_of
from analysis.launch_reaction.figure import save
from analysis.launch_reaction.report import as_json, as_text
from analysis.model_prices import experiment_of

NAME = "analysis.launch_reaction"
FIGURE = "launch_reaction.png"


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--figure", type=click.Path(path_type=Path), help=f"Where to save the figure. [default: DIR/{FIGURE}]")
@click.option("--abnormal/--no-abnormal", default=True, show_default=True,
              help="Abnormal returns of the model; each run is done again up to the day (a second or two).")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def launch_reaction(*, folder: Path, figure: Path | None, abnormal: bool, form: str) -> None:
    """Compare the model's firms on the day of salience with what was observed, and say what becomes of their moves."""
    path = folder / FIGURE if figure is None else checked_figure(figure)
    results = Results.load(folder)
    paths = paths_of(results)
    reactions = abnormal_returns(results, experiment_of(results)) if abnormal else None
    firms = cross_section(results, paths, reactions)
    click.echo(as_json(firms) if form == "json" else as_text(firms, results))
    save(firms, paths, path)
    click.echo(f"Figure: {path}", err=True)


if __name__ == "__main__":
    run(launch_reaction, NAME)
