"""The cross-section of a launch: each firm's move on the day of salience, what the launch did to it, what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from abm.errors import InputError
from abm.experiment import Experiment
from abm.results import Results
from analysis.event_study.market_model import Design, Reaction, study
from analysis.launch_reaction.observed import OBSERVED, SALIENCE_DAY, Observed
from analysis.model_prices import MARKET, model_prices
from analysis.paired_effects import at_horizon, effect_paths, log_prices

LAUNCH, NO_LAUNCH = "launch", "no_launch"
JEVONS, JEVONS_NO_LAUNCH = "jevons_launch", "jevons_no_launch"
NO_SALIENCE, EXPECTED_COST = "no_salience", "expected_cost"
ARMS = (LAUNCH, NO_LAUNCH, JEVONS, JEVONS_NO_LAUNCH, NO_SALIENCE, EXPECTED_COST)
PAIRS = {
    LAUNCH: NO_LAUNCH, JEVONS: JEVONS_NO_LAUNCH, NO_SALIENCE: NO_LAUNCH, EXPECTED_COST: NO_LAUNCH,
}  # fmt: skip
"""Each arm with the launch, and the one without it that it is compared with, seed by seed."""

HORIZONS = (20, 60, 120)
"""Trading days after the day of salience on which it is asked what has become of the effect."""

CLEAR, LARGE = 2.0, 0.01
"""Sizes of the t value and of the effect on the day from which on it makes sense to ask what part of it has gone."""

Paths = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Estimate:
    """Mean over seeds with standard deviation and t value (None where the seeds do not tell), and share below zero."""

    mean: float
    sd: float | None
    t: float | None
    fallen: float
    n: int


@dataclass(frozen=True, kw_only=True)
class FirmReaction:
    """One firm. Returns are simple, fractions; effects are differences of log prices to the arm without the launch.

    ``own_day`` is the part of the effect that came on the day itself, ``effect`` all of it by that day's close and
    ``later`` all of it after each horizon that the runs reach; ``recovered`` is the share of the effect that is gone by
    then (None where the effect is small or not clear) with the t value of the change since the day.
    """

    ticker: str
    observed: Observed | None
    raw: Estimate
    abnormal: Estimate | None
    own_day: Estimate
    effect: Estimate
    later: Mapping[int, Estimate]
    recovered: Mapping[int, tuple[float, float | None] | None]
    jevons: Estimate
    jevons_later: Mapping[int, Estimate]
    no_salience: Estimate
    expected_cost: Estimate


def estimate(values: pd.Series | np.ndarray) -> Estimate:
    """Mean, standard deviation and t value over seeds of the values that are there."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    n, mean = len(known), float(known.mean())
    sd = float(known.std(ddof=1)) if n > 1 else None
    return Estimate(mean, sd, mean / (sd / math.sqrt(n)) if sd else None, float((known < 0).mean()), n)


def paths_of(results: Results) -> Paths:
    """The paired effect of every arm with the launch, by seed and day.

    Raises InputError where the results lack an arm of the experiment.
    """
    lacking = [arm for arm in ARMS if arm not in results.scenarios]
    if lacking:
        raise InputError(f'results folder {results.folder} lacks the scenario "{lacking[0]}" of experiments/launch_reaction.py')
    prices = {arm: log_prices(results, arm, results.policies[0]) for arm in ARMS}
    return {arm: effect_paths(prices[arm], prices[against]) for arm, against in PAIRS.items()}


def abnormal_returns(results: Results, experiment: Experiment, day: date = SALIENCE_DAY) -> dict[str, list[Reaction]]:
    """The reaction of every stock in every run of the arm with the launch, by ticker, against the model's market level."""
    runs = results.runs[results.runs["scenario"] == LAUNCH]
    events = pd.DataFrame({"date": [day], "event": ["launch becomes salient"]})
    found: dict[str, list[Reaction]] = {}
    for row in runs.to_dict("records"):
        for one in study(model_prices(row, experiment, day), events, Design(market=MARKET)):
            found.setdefault(one.ticker, []).append(one)
    return found


def cross_section(
    results: Results, paths: Paths, reactions: Mapping[str, Sequence[Reaction]] | None = None, day: date = SALIENCE_DAY
) -> list[FirmReaction]:
    """Every firm of the model in its order, with abnormal returns where they are given.

    Raises InputError where the runs do not reach the day.
    """
    moves = log_prices(results, LAUNCH, results.policies[0]).groupby("seed").diff()
    raw = np.exp(at_horizon(moves, day, 0)) - 1
    return [_firm(raw[ticker], paths, None if reactions is None else reactions[ticker], day) for ticker in raw]


def _firm(raw: pd.Series, paths: Paths, reactions: Sequence[Reaction] | None, day: date) -> FirmReaction:
    """The firm whose raw returns by seed are given, under its ticker as their name."""
    ticker = str(raw.name)

    def effect(arm: str, horizon: int) -> pd.Series:
        return at_horizon(paths[arm], day, horizon)[ticker]

    on_day, horizons = effect(LAUNCH, 0), reached(paths[LAUNCH], day)
    abnormal = None
    if reactions is not None:
        abnormal = estimate([np.nan if one.refused else one.abnormal_return for one in reactions])
    return FirmReaction(
        ticker=ticker, observed=OBSERVED.get(ticker), raw=estimate(raw), abnormal=abnormal,
        own_day=estimate(on_day - effect(LAUNCH, -1)), effect=estimate(on_day),
        later={h: estimate(effect(LAUNCH, h)) for h in horizons},
        recovered={h: recovered(on_day, effect(LAUNCH, h)) for h in horizons},
        jevons=estimate(effect(JEVONS, 0)), jevons_later={h: estimate(effect(JEVONS, h)) for h in horizons},
        no_salience=estimate(effect(NO_SALIENCE, 0)), expected_cost=estimate(effect(EXPECTED_COST, 0)),
    )  # fmt: skip


def reached(paths: pd.DataFrame, day: date) -> list[int]:
    """The horizons that lie within the runs."""
    days = paths.index.unique("date")
    return [horizon for horizon in HORIZONS if int((days > day).sum()) >= horizon]


def recovered(on_day: pd.Series, later: pd.Series) -> tuple[float, float | None] | None:
    """Share of the mean effect on the day that is gone later, and the t value of the change; None for a small effect."""
    first = estimate(on_day)
    if first.t is None or abs(first.t) < CLEAR or abs(first.mean) < LARGE:
        return None
    change = estimate(later - on_day)
    return -change.mean / first.mean, change.t


def rank_agreement(firms: Sequence[FirmReaction]) -> tuple[float, float, int]:
    """Spearman's rank correlation of the mean effect on the day with the observed raw return, its p value, and the firms."""
    known = [one for one in firms if one.observed is not None]
    found = stats.spearmanr([one.effect.mean for one in known], [one.observed.raw_return for one in known])
    return float(found.statistic), float(found.pvalue), len(known)


def surprise(results: Results) -> float:
    """Size of the surprise, an input: ln of the training FLOP that the quality led to expect over the revealed ones."""
    flop = {
        arm: results.manifest["scenarios"][arm]["content"]["releases"][0]["training_flop"] for arm in (LAUNCH, EXPECTED_COST)
    }
    return math.log(flop[EXPECTED_COST] / flop[LAUNCH])
