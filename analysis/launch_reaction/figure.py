"""The figure of a launch: the cross-section on the day of salience, and how long the effect lasts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from abm.compare import mean_interval
from analysis.command_line import save_figure
from analysis.launch_reaction.cross_section import JEVONS, LAUNCH, NO_SALIENCE, FirmReaction, Paths
from analysis.launch_reaction.observed import SALIENCE_DAY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (10.5, 4.6)
CAPTION_WIDTH = 165
BEFORE, AFTER = 10, 120
"""Trading days around the day of salience that the paths show."""

SHOWN_FIRMS = ("NVDA", "TSM", "MSFT", "0981.HK")
ARMS = {LAUNCH: "declared beliefs", JEVONS: "Jevons beliefs", NO_SALIENCE: "no day of salience"}
DASHES = ("-", (0, (5, 2)), (0, (1, 1)), (0, (5, 1, 1, 1)))


def save(firms: Sequence[FirmReaction], paths: Paths, path: Path) -> None:
    """Draw the figure and save it in the form that its suffix says."""
    save_figure(draw(firms, paths), path)


def draw(firms: Sequence[FirmReaction], paths: Paths) -> Figure:
    """Three panels: firms on the day, four firms over time, and one firm under each arm over time."""
    with sns.plotting_context("paper"), sns.axes_style("ticks"):
        figure = Figure(figsize=INCHES, layout="constrained")
        firm_axis, time_axis, arm_axis = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
        _firms(firm_axis, firms)
        shown = [name for name in SHOWN_FIRMS if name in paths[LAUNCH]]
        _paths(time_axis, {name: paths[LAUNCH][name] for name in shown})
        _paths(arm_axis, {name: paths[arm][shown[0]] for arm, name in ARMS.items()})
        titles = ("On the day of salience", "What the launch does to prices", f"{shown[0]} by beliefs and salience")
        for letter, axis, title in zip("abc", (firm_axis, time_axis, arm_axis), titles, strict=True):
            axis.set_title(rf"$\bf{{{letter}}}$  {title}", loc="left")
            sns.despine(ax=axis)
        figure.supxlabel(textwrap.fill(_caption(firms), CAPTION_WIDTH), x=0.01, ha="left", fontsize="small")
    return figure


def _firms(axis: Axes, firms: Sequence[FirmReaction]) -> None:
    places = np.arange(len(firms))[::-1]
    sign, declared, jevons = "black", *sns.color_palette("colorblind", 2)
    known = [(place, one) for place, one in zip(places, firms, strict=True) if one.observed is not None]
    axis.scatter([100 * one.observed.raw_return for _, one in known], [place for place, _ in known], marker="D", s=26,
                 color=sign, label="observed", zorder=3)  # fmt: skip
    for name, shift, colour, label in (
        ("effect", 0.16, declared, "declared beliefs"), ("jevons", -0.16, jevons, "Jevons beliefs"),
    ):  # fmt: skip
        parts = [getattr(one, name) for one in firms]
        axis.errorbar([100 * one.mean for one in parts], places + shift, xerr=[100 * (one.sd or 0) for one in parts],
                      fmt="o", markersize=4, linewidth=1, color=colour, label=label)  # fmt: skip
    axis.set_yticks(places, [one.ticker for one in firms])
    axis.axvline(0, color="0.6", linewidth=0.8, zorder=0)
    axis.set_xlabel("%, or 100 x log price")
    axis.legend(frameon=False, fontsize="small", ncols=3, loc="upper center", bbox_to_anchor=(0.42, -0.16),
                columnspacing=1.0, handletextpad=0.2)  # fmt: skip


def _paths(axis: Axes, by_name: dict[str, pd.Series]) -> None:
    """Mean over seeds with its 95 % band, by trading days from the day of salience."""
    colours = sns.color_palette("colorblind", len(by_name))
    for (name, effect), colour, dash in zip(by_name.items(), colours, DASHES, strict=False):
        by_seed = 100 * effect.unstack("seed").sort_index()
        zero = int(by_seed.index.searchsorted(SALIENCE_DAY))
        by_seed = by_seed.iloc[max(zero - BEFORE, 0) : zero + AFTER + 1]
        days = np.arange(len(by_seed)) - min(zero, BEFORE)
        axis.plot(days, by_seed.mean(axis="columns"), color=colour, linestyle=dash, linewidth=1.5, label=name)
        bands = [mean_interval(values) for values in by_seed.to_numpy()]
        if all(band.low is not None for band in bands):
            axis.fill_between(days, [band.low for band in bands], [band.high for band in bands], color=colour, alpha=0.2,
                              linewidth=0)  # fmt: skip
    axis.axhline(0, color="0.6", linewidth=0.8, zorder=0)
    axis.axvline(0, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
    axis.set(xlabel="trading days from the day of salience", ylabel="100 x log price")
    axis.legend(frameon=False, fontsize="small", ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.16))


def _caption(firms: Sequence[FirmReaction]) -> str:
    return (
        f"launch_reaction: {firms[0].effect.n} seeds. Effects are log prices less those of the same seed without the launch. "
        f"(a) By the close of {SALIENCE_DAY}; bar: one standard deviation over seeds; the observed return is one day's and "
        "holds all of its news. (b), (c) Mean over seeds; band: 95 % Student t interval for the mean. Surprise, day of "
        "salience, exposures and beliefs are inputs."
    )
