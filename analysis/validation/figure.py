"""The figure of the level checks: the model's interval beside the band of each target, all over the middle of the band."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.command_line import save_figure
from analysis.validation.report import is_fitted
from analysis.validation.scoring import SHARE, Score

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_INCHES, WIDTH_INCHES, MARGIN_INCHES = 0.21, 8.5, 1.9
CAPTION_WIDTH = 128
FACTOR = 8.0
"""The axis goes from one over to so many times a band's middle; what lies beyond is drawn at the edge with an arrow."""


def save(scores: Sequence[Score], path: Path) -> None:
    """Draw the figure and save it in the form that its suffix says."""
    save_figure(draw(scores), path)


def middle(score: Score) -> float:
    """What a target's numbers are drawn over: the geometric middle of its band, or its only bound."""
    low, high = score.target.low, score.target.high
    if low is not None and high is not None:
        return (low * high) ** 0.5
    return low if low is not None else high  # type: ignore[return-value]


def draw(scores: Sequence[Score]) -> Figure:
    """Free targets above fitted ones, levels over the middle of their bands on a log scale; shares of runs beside."""
    drawn = [one for one in scores if one.mean is not None and (one.target.unit == SHARE or middle(one) > 0)]
    levels = [one for one in drawn if one.target.unit != SHARE]
    shares = [one for one in drawn if one.target.unit == SHARE]
    rows = (max(len(levels), 1), max(len(shares), 1))
    with sns.plotting_context("paper"), sns.axes_style("ticks"):
        figure = Figure(figsize=(WIDTH_INCHES, ROW_INCHES * sum(rows) + MARGIN_INCHES), layout="constrained")
        level_axis, share_axis = figure.subplots(2, 1, height_ratios=rows)
        _levels(level_axis, sorted(levels, key=is_fitted))
        _shares(share_axis, sorted(shares, key=is_fitted))
        for letter, axis, title in (("a", level_axis, "Levels over their bands"), ("b", share_axis, "Shares of runs")):
            axis.set_title(rf"$\bf{{{letter}}}$  {title}", loc="left")
            sns.despine(ax=axis)
        figure.supxlabel(textwrap.fill(_caption(drawn), CAPTION_WIDTH), x=0.01, ha="left", fontsize="small")
    return figure


def _levels(axis: Axes, scores: Sequence[Score]) -> None:
    axis.set_xscale("log", base=2)
    axis.set_xlim(1 / FACTOR, FACTOR)
    for place, one in enumerate(scores):
        over = middle(one)
        low, high = (None if bound is None else bound / over for bound in (one.target.low, one.target.high))
        _band(axis, place, low or 1 / FACTOR, high or FACTOR)
        _model(axis, place, one, over)
    axis.set_xlabel("over the middle of the band (log scale), or over the bound")
    axis.set_xticks([0.125, 0.25, 0.5, 1, 2, 4, 8], ["1/8", "1/4", "1/2", "1", "2", "4", "8"])
    _names(axis, scores)


def _shares(axis: Axes, scores: Sequence[Score]) -> None:
    axis.set_xlim(-0.02, 1.02)
    for place, one in enumerate(scores):
        _band(axis, place, one.target.low or 0.0, one.target.high or 1.0)
        _model(axis, place, one, 1.0)
    axis.set_xlabel("share of runs")
    _names(axis, scores)


def _band(axis: Axes, place: int, low: float, high: float) -> None:
    axis.add_patch(Rectangle((low, place - 0.36), high - low, 0.72, color="0.85", linewidth=0, zorder=0))


def _model(axis: Axes, place: int, score: Score, over: float) -> None:
    """The interval and the mean, in one colour inside and another outside; an arrow where they lie beyond the axis."""
    inside, outside = sns.color_palette("colorblind")[0], sns.color_palette("colorblind")[3]
    colour, marker = (inside, "o") if score.inside else (outside, "D")
    left, right = axis.get_xlim()
    low, mean, high = (min(max((value or 0.0) / over, left), right) for value in (score.low, score.mean, score.high))
    axis.plot([low, high], [place, place], color=colour, linewidth=1.4, solid_capstyle="butt")
    beyond = {left: "<", right: ">"}.get(mean, marker) if score.target.unit != SHARE else marker
    axis.plot([mean], [place], marker=beyond, markersize=4.5, color=colour, linestyle="none", clip_on=False,
              markerfacecolor="white" if is_fitted(score) else colour)  # fmt: skip


def _names(axis: Axes, scores: Sequence[Score]) -> None:
    several = len({one.scenario for one in scores}) > 1
    names = [
        f"{one.target.pattern} {one.target.what}" + (f" [{one.scenario}]" if several else "") for one in scores]
    axis.set_yticks(range(len(scores)), names, fontsize="x-small")
    axis.set_ylim(len(scores) - 0.4, -0.6)
    free = sum(not is_fitted(one) for one in scores)
    if 0 < free < len(scores):
        axis.axhline(free - 0.5, color="0.5", linewidth=0.6, linestyle=":")


def _caption(scores: Sequence[Score]) -> str:
    runs = sorted({one.n + one.lacking for one in scores if one.n + one.lacking > 1})
    seeds = f"{runs[0]}" if len(runs) == 1 else f"{runs[0]} to {runs[-1]}" if runs else "no"
    scenarios = ", ".join(dict.fromkeys(one.scenario for one in scores))
    free, fitted = ([one for one in scores if is_fitted(one) is kind] for kind in (False, True))
    inside = [sum(bool(one.inside) for one in of) for of in (free, fitted)]
    return (
        f"{scenarios}: {seeds} runs. Grey: the public fact's band. Line: 5th to 95th percentile over runs, of shares the 95 % "
        "Wilson interval; mark: mean, a disc inside and a diamond outside its band, filled where free "
        f"({inside[0]} of {len(free)} inside), open where fitted ({inside[1]} of {len(fitted)}, below the dotted line). "
        "Arrows lie beyond the axis. Targets of a value of nothing are left out."
    )
