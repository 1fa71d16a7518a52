"""Does the same rule shock, repeated, move NVIDIA less and less, and is it what investors learn that makes it fade?

The letter of April 2025 on chips for China is published and withdrawn again and again, every four months, over rules
that otherwise stay those of the end of 2024. In two worlds reports do not revise what China would buy, so that every letter
takes the same: one learns from acts how often they come and how much they take, in the other beliefs stay those
before any act was seen. In the third, history_2025, sales that were lost are lost for the next letter too.
``python experiments/repeated_rules.py [SEEDS]`` prints the response by the order of the shock, in paired runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from statistics import fmean, stdev

import click

from abm import HISTORICAL, HISTORY_2025, RULES_OF_END_2024, Experiment, Model

LETTER = HISTORICAL.instrument("us_letter_2025_04")
TIMES, MONTHS_APART, MONTHS_KEPT, TICKER = 6, 4, 2, "NVDA"
UNTIL = date(2027, 3, 31)


def first_of_month(months: int) -> date:
    """The first day of a month so many months after January 2025, or the Monday after a weekend."""
    day = date(2025 + months // 12, months % 12 + 1, 1)
    return day if day.weekday() < 5 else day + timedelta(days=7 - day.weekday())


SHOCKS = tuple(first_of_month(2 + MONTHS_APART * n) for n in range(TIMES))
WITHDRAWALS = tuple(first_of_month(2 + MONTHS_APART * n + MONTHS_KEPT) for n in range(TIMES))

REPEATED = replace(
    RULES_OF_END_2024.amended("letter_repeated", *(
        replace(LETTER, name=f"letter_{n}", title=f"the letter of April 2025, for the {n}. time", public=shock,
                after_close=False, effective=shock, ends=end, cites="counterfactual arm: the same letter again and again")
        for n, (shock, end) in enumerate(zip(SHOCKS, WITHDRAWALS, strict=True), start=1)
    )),
    description="the rules of the end of 2024, and the letter of April 2025 published and withdrawn every four months")

SAME_SHOCKS = replace(HISTORY_2025.vary({"conduct.earnings_persistence": 0.0}), name="same_shocks")
UNLEARNED = replace(SAME_SHOCKS.vary({"conduct.hazard_learning": 0.0}), name="same_shocks_unlearned")

EXPERIMENT = Experiment(
    name="repeated_rules",
    question="Does the same rule shock, repeated, move NVIDIA less and less, and is it learning that makes it fade?",
    scenarios=(SAME_SHOCKS, UNLEARNED, HISTORY_2025),
    policies=(RULES_OF_END_2024, REPEATED),
    seeds=range(4),
    until=UNTIL,
    against="rules_of_end_2024",
    outcomes=("nvda_value", "h20_shipped_units", "domestic_share"),
)


def valued(model: Model, days: Iterable[date]) -> list[float]:
    """Change of the stock's log value on which all agree, by the rules published on each of some days."""
    rules = {one.day: dict(one.changes).get(TICKER, 0.0) for one in model.news.published.values() if one.kind == "rule"}
    return [rules.get(model.calendar.index(day), 0.0) for day in days]


def priced(model: Model, other: Model, days: Iterable[date]) -> list[float]:
    """Difference between two runs in the stock's log return on each of some days, when most investors notice the news.

    On the days after, traders who follow the last move answer to it, by luck more or less; their answers are left out.
    """
    column = model.equities.tickers.index(TICKER)
    closes = [{day.day: day.prices[column] for day in one.equities.history} for one in (model, other)]
    positions = [model.calendar.index(day) for day in days]
    returns = [[math.log(of[at] / of[at - 1]) for at in positions] for of in closes]
    return [mine - theirs for mine, theirs in zip(*returns, strict=True)]


def described(changes: tuple[float, ...]) -> str:
    """Mean over seeds in per cent, and its standard error where there are several."""
    mean = fmean(changes)
    error = stdev(changes) / math.sqrt(len(changes)) if len(changes) > 1 else math.nan
    return f"{100 * mean:8.2f} ({100 * error:.2f})"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("seeds", type=click.IntRange(1), default=4)
def main(*, seeds: int) -> None:
    """Run the arms of some SEEDS (4 unless said) in every world and print what each shock does."""
    for world in EXPERIMENT.scenarios:
        rows: dict[str, list[list[float]]] = {"value, letter": [], "value, withdrawal": [], "price, letter": []}
        for seed in range(seeds):
            plain, repeated = (Model(world, policy, seed=seed, until=UNTIL) for policy in EXPERIMENT.policies)
            plain.run(), repeated.run()
            rows["value, letter"].append(valued(repeated, SHOCKS))
            rows["value, withdrawal"].append(valued(repeated, WITHDRAWALS))
            rows["price, letter"].append(priced(repeated, plain, SHOCKS))
        print(f"{world.name}, {seeds} seeds: mean change of {TICKER} in per cent (standard error) by order of the shock")
        for what, found in rows.items():
            print(f"  {what:18}" + "".join(described(one) for one in zip(*found, strict=True)))


if __name__ == "__main__":
    main()
