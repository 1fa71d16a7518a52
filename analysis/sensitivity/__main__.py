"""Which numbers move an outcome: ``python -m analysis.sensitivity DIR --outcome NAME``, DIR the results of a design.

A Morris design gives elementary effects, a Saltelli design shares of variance (``abm.bench.designs.sampled``). With
``--against`` what is explained is the difference between two policies, run by run of the same seed. All points have the
same seeds, so that their luck is common. Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from abm.bench.aligned import columns
from abm.compare import BOOTSTRAP_SEED, interval_used
from abm.results import Results
from analysis.command_line import run
from analysis.sensitivity.designed_runs import Design, Outcome, common_means, design_of, outcome_of
from analysis.sensitivity.elementary_effects import Estimate, Screened, elementary_effects, screened
from analysis.sensitivity.variance_shares import RESAMPLES, VarianceShare, variance_shares

NAME = "analysis.sensitivity"
WIDTH = 118
SHARES_NOTE = (
    "first: share of the variance over the design's worlds that is due to the number alone; total: with its interactions "
    "(Sobol' indices, scipy.stats.sobol_indices); 95 % percentile bootstrap intervals over rows ({resamples} resamples, "
    "seed {seed}). Few rows give shares below 0 or above 1."
)
EFFECTS_NOTE = (
    "An effect is the change of the outcome when the number goes over its whole range in the design, the others standing "
    "still; mu is their mean over trajectories, mu* the mean of their sizes, sigma their standard deviation (bent or "
    "interacting numbers have one). luck: the standard error that the seeds leave in one effect, a part of sigma; a mu* no "
    "larger than it says nothing. Intervals in brackets are {interval}, over trajectories, "
    "from five on."
)


def explain(design: Design, outcome: Outcome) -> list[Screened] | list[VarianceShare]:
    """What a design says about an outcome, the strongest number first. Raises InputError where it cannot."""
    if design.method == "saltelli":
        shares = variance_shares(list(design.paths), design.points, common_means(outcome)[0])
        return sorted(shares, key=lambda one: -one.total)
    effects = elementary_effects(design.points, outcome.values)
    told = [screened(path, one) for path, one in zip(design.paths, effects, strict=True)]
    return sorted(told, key=lambda one: -one.mu_star.value)


def as_json(design: Design, outcome: Outcome, told: Sequence[Screened | VarianceShare]) -> str:
    """What is explained, how, and the numbers, as one JSON object."""
    about = {"scenario": design.scenario, "method": design.method, "points": len(design.names), "outcome": outcome.name,
             "unit": outcome.unit, "policy": outcome.policy, "against": outcome.against,
             "seeds": list(outcome.seeds), "seeds_left_out": list(outcome.left_out),
             "runs_without_value": outcome.lacking}  # fmt: skip
    interval = asdict(interval_used("bca"))
    if design.method == "saltelli":
        interval |= {"method": "percentile", "resamples": RESAMPLES}
    return json.dumps({**about, "interval": interval, "numbers": [asdict(one) for one in told]}, indent=1)


def as_text(design: Design, outcome: Outcome, told: Sequence[Screened | VarianceShare]) -> str:
    """Aligned rows with a heading and what their columns mean."""
    what = outcome.policy if outcome.against is None else f"{outcome.policy} - {outcome.against}"
    heading = (
        f"{outcome.name} [{outcome.unit}], {what}: {len(design.names)} worlds around {design.scenario}, "
        f"{len(outcome.seeds)} seeds each")
    body, note = _shares(told) if design.method == "saltelli" else _effects(told, dict(_ranges(design)))
    notes = [note, *_lacking(outcome)]
    wrapped = (line for one in notes for line in textwrap.wrap(one, WIDTH, subsequent_indent="  "))
    return "\n".join([heading, *columns(body, left=1), *wrapped])


def _lacking(outcome: Outcome) -> Iterator[str]:
    """What failed runs, or runs without a value, cost."""
    if outcome.left_out:
        seeds = ", ".join(map(str, outcome.left_out))
        yield f"{len(outcome.left_out)} seeds are left out, since some point has no value with them: {seeds}."
    if outcome.lacking:
        yield f"{outcome.lacking} of {outcome.values.size} runs have no value: the effects beside them are left out."


def _ranges(design: Design) -> Iterator[tuple[str, str]]:
    for path, values in zip(design.paths, design.points.T, strict=True):
        yield path, f"{values.min():g} to {values.max():g}"


def _effects(told: Sequence[Screened], ranges: dict[str, str]) -> tuple[list[tuple[str, ...]], str]:
    rows = [
        (one.path, ranges[one.path], f"{one.mu.value:.3g}", _estimate(one.mu_star), _estimate(one.sigma),
         "-" if one.luck is None else f"{one.luck:.3g}", str(one.n))
        for one in told]
    return [("number", "range", "mu", "mu*", "sigma", "luck", "n"), *rows], EFFECTS_NOTE.format(interval=interval_used("bca"))


def _shares(told: Sequence[VarianceShare]) -> tuple[list[tuple[str, ...]], str]:
    rows = [
        (one.path, _estimate(Estimate(one.first, one.first_low, one.first_high)),
         _estimate(Estimate(one.total, one.total_low, one.total_high)), str(one.n))
        for one in told]
    return [("number", "first", "total", "n"), *rows], SHARES_NOTE.format(resamples=RESAMPLES, seed=BOOTSTRAP_SEED)


def _estimate(one: Estimate) -> str:
    return f"{one.value:.3g}" + ("" if one.low is None else f" [{one.low:.3g}, {one.high:.3g}]")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--outcome", required=True, metavar="NAME", help="An observable of a run.")
@click.option("--policy", metavar="NAME", help="The arm that is looked at. [default: the last one]")
@click.option("--against", metavar="NAME", help="Explain the difference from this arm. [default: the level]")
@click.option("--scenario", metavar="NAME", help="The world around which the design lies, if there are several.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def sensitivity(  # the options of a command arrive as keyword arguments
    *, folder: Path, outcome: str, policy: str | None, against: str | None, scenario: str | None, form: str
) -> None:
    """Say which numbers of the world move an outcome, from the results folder DIR of a Morris or Saltelli design."""
    results = Results.load(folder)
    design = design_of(results, scenario)
    looked_at = outcome_of(results, design, outcome, policy=policy, against=against)
    told = explain(design, looked_at)
    click.echo(as_json(design, looked_at, told) if form == "json" else as_text(design, looked_at, told))


if __name__ == "__main__":
    run(sensitivity, NAME)
