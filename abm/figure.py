"""The headline figure of an experiment: launches, computing power and the gap by policy, as PNG and PDF."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.bench import store
from abm.bench.report import LAUNCH, LAUNCHED, horizon_months
from abm.compare import mean_interval, not_launched
from abm.results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COMPUTE = "effective_compute"
GAP = "capability_gap"
TITLES = {
    LAUNCH: "DeepSeek's next model not yet launched",
    COMPUTE: "China's effective compute",
    GAP: "China's lag behind the frontier",
}
NAME = "figure"
PANEL_INCHES = (3.7, 3.0)
CAPTION_WIDTH = 62
GRID_POINTS = 400
FEW_SEEDS = 5
"""With fewer, the interval of a mean says less than the runs themselves, and these are drawn."""

DOTS_PER_INCH = 200
DASHES = ("-", (0, (5, 2)), (0, (1, 1)), (0, (5, 1, 1, 1)))
"""Arms differ by dashes as well as by colour, so that a print without colour can be read."""


def save(results: Results, folder: Path) -> tuple[Path, Path]:
    """Draw the figure of some results and save it in a folder as PNG and PDF; gives both paths."""
    drawn = draw(results)
    paths = (folder / f"{NAME}.png", folder / f"{NAME}.pdf")
    for path in paths:
        with store.replacing(path) as temporary:
            drawn.savefig(temporary, dpi=DOTS_PER_INCH, format=path.suffix[1:])
    return paths


def draw(results: Results) -> Figure:
    """One row of panels a scenario: share not launched, effective compute and capability gap over time."""
    import seaborn as sns
    from matplotlib.figure import Figure

    panels = _panels(results)
    scenarios = results.scenarios
    width, height = PANEL_INCHES
    with sns.plotting_context("paper"), sns.axes_style("ticks"):
        figure = Figure(figsize=(width * len(panels), height * len(scenarios) + 0.9), layout="constrained")
        axes = figure.subplots(len(scenarios), len(panels), squeeze=False)
        styles = _styles(results)
        for row, scenario in zip(axes, scenarios, strict=True):
            for letter, axis, (shown, panel) in zip("abc", row, panels.items(), strict=False):
                panel(axis, results, scenario, styles)
                axis.set_title(rf"$\bf{{{letter}}}$  {TITLES[shown]}", loc="left")
                sns.despine(ax=axis)
            if len(scenarios) > 1:
                row[0].set_ylabel(f"{_words(scenario)}\n{row[0].get_ylabel()}")
        handles, names = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
        caption = textwrap.fill(_caption(results, len(panels)), CAPTION_WIDTH * len(panels))
        figure.supxlabel(caption, x=0.01, ha="left", fontsize="small")
        figure.get_layout_engine().set(w_pad=0.1)
    return figure


Styles = dict[str, dict[str, Any]]
Panel = Callable[["Axes", Results, str, Styles], None]


def _panels(results: Results) -> dict[str, Panel]:
    """The panels by what they show; series that the results do not have are left out."""
    over_time = {name: partial(_over_time, observable=name) for name in (COMPUTE, GAP) if name in results.observables}
    return {LAUNCH: _launches, **over_time}


def _styles(results: Results) -> Styles:
    import seaborn as sns

    colours = sns.color_palette("colorblind", len(results.policies))
    dashes = [DASHES[number % len(DASHES)] for number in range(len(results.policies))]
    return {
        policy: {"color": colour, "linestyle": dash, "label": _words(policy)}
        for policy, colour, dash in zip(results.policies, colours, dashes, strict=True)
    }


def _launches(axis: Axes, results: Results, scenario: str, styles: Styles) -> None:
    from matplotlib.ticker import PercentFormatter

    here = results.runs[results.runs["scenario"] == scenario]
    horizon = horizon_months(results, scenario)
    everywhere = bool((here[LAUNCHED] > 0).all())
    end = min(horizon, np.ceil(here[LAUNCH].max()) + 1) if everywhere else horizon    # no axis without events
    months = np.linspace(0, end, GRID_POINTS)
    for policy, style in styles.items():
        runs = here[here["policy"] == policy]
        if len(runs):
            share = not_launched(runs[LAUNCH], runs[LAUNCHED] > 0, months)
            axis.step(months, share, where="post", linewidth=1.6, **style)
    axis.set(xlim=(0, end), ylim=(0, 1.03), xlabel=f"months from {_day(results, scenario, 'start')}", ylabel="share of runs")
    axis.yaxis.set_major_formatter(PercentFormatter(1))


def _over_time(axis: Axes, results: Results, scenario: str, styles: Styles, *, observable: str) -> None:
    from matplotlib.dates import MONTHLY, AutoDateLocator, ConciseDateFormatter

    series = results.series(observable, label="China")
    series = series[series["scenario"] == scenario]
    prefix, scale = _scaled(series["value"].max())
    for policy, style in styles.items():
        by_seed = series[series["policy"] == policy].pivot(index="date", columns="seed", values="value") * scale
        if len(by_seed):
            axis.plot(by_seed.index, by_seed.mean(axis="columns"), linewidth=1.6, **style)
            _spread(axis, by_seed, style)
    locator = AutoDateLocator(minticks=3, maxticks=6)
    locator.intervald[MONTHLY] = [1, 2, 3, 4, 6, 12]  # without a year among them, three years have no interval
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axis.set(xlim=tuple(_day(results, scenario, end) for end in ("start", "until")))
    axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]) if series["value"].min() < 0 else 0.0)
    axis.set_ylabel(f"{prefix}{results.observables[observable]['unit']}s")
    if series["value"].min() < 0:
        axis.axhline(0, color="0.6", linewidth=0.8, zorder=0)


def _spread(axis: Axes, by_seed: pd.DataFrame, style: dict[str, Any]) -> None:
    """The 95 % band of the mean, or every run where they are few."""
    if len(by_seed.columns) < FEW_SEEDS:
        axis.plot(by_seed.index, by_seed, color=style["color"], linewidth=0.6, alpha=0.6)
        return
    bands = [mean_interval(values) for values in by_seed.to_numpy()]
    low, high = [band.low for band in bands], [band.high for band in bands]
    axis.fill_between(by_seed.index, low, high, color=style["color"], alpha=0.2, linewidth=0)


def _scaled(largest: float) -> tuple[str, float]:
    """How large numbers are called, and what they are multiplied with."""
    if largest >= 1e6:
        return "million ", 1e-6
    return ("thousand ", 1e-3) if largest >= 1e4 else ("", 1.0)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _day(results: Results, scenario: str, end: str) -> date:
    return date.fromisoformat(results.manifest["scenarios"][scenario][end])


def _caption(results: Results, panels: int) -> str:
    counts = results.runs.groupby(["scenario", "policy"])["seed"].nunique()
    seeds = f"{counts.min()}" if counts.min() == counts.max() else f"{counts.min()} to {counts.max()}"
    letters = ", ".join("bc"[: panels - 1])
    band = "band: 95 % Student t interval for the mean" if counts.max() >= FEW_SEEDS else (
        f"thin lines: single runs, of which fewer than {FEW_SEEDS} give no useful interval"
    )
    over_time = f" ({letters}) Line: mean over runs; {band}." if letters else ""
    over_time += " (c) Months since the frontier reached the quality of China's best model." if panels > 2 else ""
    return (
        f"{results.manifest['experiment']['name']}: {seeds} runs a policy, all policies of a seed with the same luck. "
        f"(a) Kaplan-Meier estimate; runs without launch are censored at the horizon.{over_time}"
    )
