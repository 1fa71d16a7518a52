"""The headline figure of an experiment: launches, computing power and value by policy, as PNG and PDF."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.bench import store
from abm.bench.report import LAUNCH, LAUNCHED, horizon_months
from abm.calendar import months_between
from abm.compare import mean_interval, not_launched, paired_difference
from abm.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COMPUTE = "effective_compute"
VALUE = "nvda_value"
NAME = "figure"
PANEL_INCHES = (3.7, 3.1)
CAPTION_WIDTH = 60
GRID_POINTS = 400
SPREAD = 0.25
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
    """One row of panels a scenario: share not launched, effective compute over time, paired differences in value."""
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
            for letter, axis, panel in zip("abc", row, panels, strict=False):
                panel(axis, results, scenario, styles)
                axis.set_title(letter, loc="left", fontweight="bold")
                sns.despine(ax=axis)
            if len(scenarios) > 1:
                row[-1].set_title(_words(scenario), loc="right")
        handles, names = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
        caption = textwrap.fill(_caption(results, panels), CAPTION_WIDTH * len(panels))
        figure.supxlabel(caption, x=0.01, ha="left", fontsize="small")
        figure.get_layout_engine().set(w_pad=0.1)
    return figure


Panel = Callable[["Axes", Results, str, dict[str, dict[str, Any]]], None]


def _panels(results: Results) -> tuple[Panel, ...]:
    panels: list[Panel] = [_launches]
    if COMPUTE in results.observables:
        panels.append(_compute)
    if len(results.policies) > 1 and results.manifest["experiment"]["against"] in results.policies:
        panels.append(_value)
    return tuple(panels)


def _styles(results: Results) -> dict[str, dict[str, Any]]:
    import seaborn as sns

    colours = sns.color_palette("colorblind", len(results.policies))
    dashes = [DASHES[number % len(DASHES)] for number in range(len(results.policies))]
    return {
        policy: {"color": colour, "linestyle": dash, "label": _words(policy)}
        for policy, colour, dash in zip(results.policies, colours, dashes, strict=True)
    }


def _launches(axis: Axes, results: Results, scenario: str, styles: dict[str, dict[str, Any]]) -> None:
    horizon = horizon_months(results, scenario)
    months = np.linspace(0, horizon, GRID_POINTS)
    for policy, style in styles.items():
        runs = results.runs[(results.runs["policy"] == policy) & (results.runs["scenario"] == scenario)]
        if len(runs):
            share = not_launched(runs[LAUNCH], runs[LAUNCHED] > 0, months)
            axis.step(months, share, where="post", linewidth=1.6, **style)
    axis.set(xlim=(0, horizon), ylim=(0, 1.03), xlabel=f"months from {_start(results, scenario)}")
    axis.set_ylabel("runs without DeepSeek's next model")


def _compute(axis: Axes, results: Results, scenario: str, styles: dict[str, dict[str, Any]]) -> None:
    from matplotlib.ticker import EngFormatter

    series = results.series(COMPUTE, label="China")
    series = series[series["scenario"] == scenario]
    start = _start(results, scenario)
    for policy, style in styles.items():
        one = series[series["policy"] == policy]
        if one.empty:
            continue
        by_date = one.groupby("date")["value"]
        months = [months_between(start, day) for day, _ in by_date]
        bands = [mean_interval(values) for _, values in by_date]
        axis.plot(months, [band.mean for band in bands], linewidth=1.6, **style)
        if len(one["seed"].unique()) > 1:
            low, high = [band.low for band in bands], [band.high for band in bands]
            axis.fill_between(months, low, high, color=style["color"], alpha=0.2, linewidth=0)
    unit = results.observables[COMPUTE]["unit"]
    axis.set(xlim=(0, horizon_months(results, scenario)), xlabel=f"months from {start}")
    axis.set_ylabel(f"China's effective compute\n[{unit}]")
    axis.yaxis.set_major_formatter(EngFormatter(sep=""))


def _value(axis: Axes, results: Results, scenario: str, styles: dict[str, dict[str, Any]]) -> None:
    against = results.manifest["experiment"]["against"]
    others = [policy for policy in styles if policy != against]
    for place, policy in enumerate(others):
        both = results.pairs(VALUE, policy=policy, against=against, scenario=scenario).dropna()
        differences = both["value"] - both["reference"]
        beside = place + np.linspace(-SPREAD, SPREAD, len(both))
        axis.scatter(beside, differences, s=9, alpha=0.5, linewidth=0, color=styles[policy]["color"])
        paired = paired_difference(both["value"], both["reference"])
        if paired.low is not None:
            reach = [[paired.mean - paired.low], [paired.high - paired.mean]]
            axis.errorbar(place, paired.mean, reach, fmt="D", color="black", capsize=4, markersize=4, zorder=5)
    axis.axhline(0, color="0.6", linewidth=0.8, zorder=0)
    axis.set_xticks(range(len(others)), [_words(policy) for policy in others])
    axis.set_xlim(-0.5, len(others) - 0.5)
    unit = results.observables[VALUE]["unit"]
    axis.set_ylabel(f"NVDA at the end, difference\nfrom {_words(against)} [{unit}]")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _start(results: Results, scenario: str) -> date:
    return date.fromisoformat(results.manifest["scenarios"][scenario]["start"])


def _caption(results: Results, panels: tuple[Panel, ...]) -> str:
    counts = results.runs.groupby(["scenario", "policy"])["seed"].nunique()
    seeds = f"{counts.min()}" if counts.min() == counts.max() else f"{counts.min()} to {counts.max()}"
    says = {
        _launches: "Kaplan-Meier share of runs in which DeepSeek has not launched its next model; runs without launch "
        "are censored at the horizon",
        _compute: "mean over runs and 95 % Student t interval",
        _value: "paired differences, a dot a seed; diamond: mean with 95 % Student t interval",
    }
    parts = "; ".join(f"({letter}) {says[panel]}" for letter, panel in zip("abc", panels, strict=False))
    return f"{results.manifest['experiment']['name']}, {seeds} seeds an arm, all arms of a seed with the same luck. {parts}."
