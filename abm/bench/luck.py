"""What common luck is worth: how many times more seeds arms with luck of their own would need for the same precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from abm.compare import variance_cut
from abm.results import Results

STOCK = "NVDA"
EVENT_RETURN = "return of NVDA in the week in which the arms part"
WEEK = 5
NO_PAIRS = pd.DataFrame({"value": [], "reference": []}, dtype=float)


@dataclass(frozen=True)
class Luck:
    """How many times the variance of an outcome's mean difference is smaller for the luck that both arms share.

    ``times`` is None where it cannot be told: fewer than two pairs, or pairs that all differ alike.
    """

    scenario: str
    policy: str
    outcome: str
    times: float | None
    n: int


def luck(results: Results) -> Iterator[Luck]:
    """The gain by common luck for every outcome and arm, and for the stock's return as the arms part."""
    about = results.manifest["experiment"]
    against = about["against"]
    if against not in results.policies:
        return
    others = [policy for policy in results.policies if policy != against]
    prices, pairs = _prices(results), pairs_of_arms(results, others, about["outcomes"])
    for scenario in results.scenarios:
        for policy in others:
            for outcome in about["outcomes"]:
                both = pairs[policy, outcome].get(scenario, NO_PAIRS)
                yield Luck(scenario, policy, outcome, variance_cut(both["value"], both["reference"]), len(both))
            arms = (prices.get((scenario, policy)), prices.get((scenario, against)))
            mine, theirs = event_returns(*arms) if all(arm is not None for arm in arms) else ((), ())
            if len(mine):
                yield Luck(scenario, policy, EVENT_RETURN, variance_cut(mine, theirs), len(mine))


def pairs_of_arms(
    results: Results, policies: Sequence[str], outcomes: Sequence[str]
) -> dict[tuple[str, str], dict[str, pd.DataFrame]]:
    """The pairs of each policy with the reference policy, by policy and outcome, then by scenario: each found once."""
    against = results.manifest["experiment"]["against"]
    return {
        (policy, outcome): results.pairs_by_scenario(outcome, policy=policy, against=against)
        for policy in policies for outcome in outcomes}


def _prices(results: Results) -> dict[tuple[str, str], pd.DataFrame]:
    """The stock's closes by scenario and policy, a row a trading day and a column a seed; of all runs in one reading."""
    rows = results.series("price", label=STOCK)
    return {
        where: group.pivot_table(index="date", columns="seed", values="value")
        for where, group in rows.groupby(["scenario", "policy"], sort=False)}


def event_returns(prices: pd.DataFrame, reference: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Log returns by seed in two arms over a week from the last close before any pair's prices differ; empty: never.

    Where they differ from the first close on, over the first week. ``prices`` have a row a trading day and a column a seed.
    """
    days, seeds = prices.index.intersection(reference.index), prices.columns.intersection(reference.columns)
    logs = [np.log(one.loc[days, seeds].to_numpy()) for one in (prices, reference)]
    apart = np.flatnonzero((logs[0] != logs[1]).any(axis=1))
    if not len(apart):
        return np.array([]), np.array([])
    before = max(apart[0] - 1, 0)
    after = min(before + WEEK, len(days) - 1)
    return tuple(one[after] - one[before] for one in logs)  # type: ignore[return-value]
