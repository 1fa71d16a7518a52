"""The twelve stylised facts of returns, of the model beside real stocks: ``python -m analysis.stylized_facts``.

Eleven of Cont (2001, doi:10.1080/713665670) and the correlation of stocks, each by the same estimator
(``analysis.return_statistics``) for the model's prices, for real ones (--real) and for those of a file (--prices).
Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from analysis import return_statistics as statistics
from analysis.command_line import run
from analysis.model_returns import model_returns
from analysis.real_returns import Returns, real_indices, real_stocks, returns_of_file

NAME = "analysis.stylized_facts"
ANYWHERE = (-math.inf, math.inf)

Band = tuple[float, float]
Estimator = Callable[[np.ndarray], np.ndarray]


def _of_sizes(lag: int) -> Estimator:
    return lambda returns: statistics.autocorrelation(np.abs(returns - returns.mean(axis=0)), lag)


def _kurtosis_over(days: int) -> Estimator:
    return lambda returns: statistics.excess_kurtosis(statistics.aggregated(returns, days))


def _hill(share: float) -> Estimator:
    return lambda returns: statistics.hill(returns, share)


@dataclass(frozen=True)
class Measure:
    """One number that a fact is read from: which of the twelve, its estimator, and the bands that are asked for.

    ``stock`` and ``index`` are bands for the median stock and the equal-weight index: from the cross-section of 20
    large US stocks 1990-2022, widened to round numbers; a measure without a band is reported only.
    """

    fact: str
    name: str
    estimator: Estimator
    stock: Band = ANYWHERE
    index: Band = ANYWHERE

    def band(self, is_index: bool) -> Band:
        """The band for the kind of series."""
        return self.index if is_index else self.stock


MEASURES = (
    Measure("1 no autocorrelation", "ACF r, lag 1", lambda r: statistics.autocorrelation(r, 1), (-0.08, 0.08)),
    Measure("1 no autocorrelation", "lags 1-20 outside robust band", statistics.outside_bands),
    Measure("2 heavy tails", "excess kurtosis, 1 day", statistics.excess_kurtosis, (4, 30), (4, math.inf)),
    Measure("2 heavy tails", "Hill index, 2.5 %", _hill(0.025)),
    Measure("2 heavy tails", "Hill index, 5 %", _hill(0.05), (2.3, 4.0)),
    Measure("2 heavy tails", "Hill index, 10 %", _hill(0.1)),
    Measure("3 gain/loss asymmetry", "skewness", statistics.skewness),
    Measure("4 aggregational Gaussianity", "excess kurtosis, 5 days", _kurtosis_over(5)),
    Measure("4 aggregational Gaussianity", "excess kurtosis, 20 days", _kurtosis_over(20)),
    Measure("5 intermittency", "variance/mean of large moves in 20 days", statistics.burstiness),
    Measure("6 volatility clustering", "ACF |r|, lag 1", _of_sizes(1), (0.1, 0.4), (0.2, math.inf)),
    Measure("6 volatility clustering", "ACF |r|, lag 10", _of_sizes(10), (0.05, 0.3)),
    Measure("7 conditional heavy tails", "excess kurtosis of GARCH residuals", statistics.garch_residual_kurtosis),
    Measure("8 slow decay", "ACF |r|, lag 100", _of_sizes(100), (0.02, 0.15)),
    Measure("8 slow decay", "decay exponent, lags 1-100", statistics.decay_exponent),
    Measure("9 leverage effect", "corr r(t), |r(t+k)|, k = 1..10", statistics.leverage,
            (-0.056, -0.015), (-math.inf, -0.05)),
    Measure("11 asymmetry in time scales", "coarse-to-fine less fine-to-coarse", statistics.time_scale_asymmetry),
    Measure("12 stocks move together", "mean pair correlation", statistics.pair_correlations, (0.2, 0.45)),
    Measure("- size", "annual volatility", statistics.annual_volatility),
    Measure("- size", "variance ratio, 504 days", lambda r: statistics.variance_ratio(r, 504)),
)
"""What is measured, in the order of the facts; fact 10, which needs volumes, is added where there are any."""

VOLUME = ("10 volume follows volatility", "corr |r|, log volume")
FALLING = ("4 aggregational Gaussianity", "kurtosis falls with aggregation")


@dataclass(frozen=True)
class Finding:
    """A measure of one panel: the median and the 5 and 95 % quantiles over its series, and the band asked for."""

    fact: str
    measure: str
    median: float
    low: float
    high: float
    band: Band = ANYWHERE

    def inside(self) -> bool | None:
        """Whether the median lies in the band; None where none is asked for."""
        return None if self.band == ANYWHERE else self.band[0] <= self.median <= self.band[1]


def findings(panel: Returns, *, measures: Sequence[Measure] = MEASURES) -> list[Finding]:
    """The facts of a panel, each held to the bands of stocks or of an index."""
    found = []
    for one in measures:
        if one.estimator is statistics.pair_correlations and (panel.of_market or len(panel.names) < 2):
            continue
        found.append(_finding((one.fact, one.name), one.estimator(panel.returns), one.band(panel.of_market)))
    if panel.volumes is not None:
        found.append(_finding(VOLUME, statistics.volume_correlation(panel.returns, panel.volumes), ANYWHERE))
    return found


def _finding(name: tuple[str, str], values: np.ndarray, band: Band) -> Finding:
    known = values[np.isfinite(values)]
    low, median, high = np.quantile(known, (0.05, 0.5, 0.95)).tolist() if len(known) else [math.nan] * 3
    return Finding(*name, median, low, high, band)


def over_histories(panels: Sequence[Returns], *, measures: Sequence[Measure] = MEASURES) -> list[Finding]:
    """The findings of several histories of the same series (seeds): means of their medians and of their quantiles."""
    each = [findings(panel, measures=measures) for panel in panels]
    return [_mean(rows) for rows in zip(*each, strict=True)]


def _mean(rows: Sequence[Finding]) -> Finding:
    means = [float(np.mean([getattr(row, name) for row in rows])) for name in ("median", "low", "high")]
    return Finding(rows[0].fact, rows[0].measure, *means, rows[0].band)


def kurtosis_falls(found: Iterable[Finding]) -> bool:
    """Whether excess kurtosis falls from 1 to 5 to 20 days."""
    medians = {row.measure: row.median for row in found}
    daily, weekly, monthly = (medians[f"excess kurtosis, {days}"] for days in ("1 day", "5 days", "20 days"))
    return daily > weekly > monthly


def table(columns: dict[str, list[Finding]]) -> str:
    """Panels side by side, one measure a line: median [5 %, 95 %], and in or OUT where a band is asked for."""
    names = list(dict.fromkeys((row.fact, row.measure) for rows in columns.values() for row in rows))
    head = f"{'fact':<29}{'measure':<41}" + "".join(f"{title:<32}" for title in columns)
    lines = [head.rstrip()]
    for fact, measure in names:
        cells = [_cell([row for row in rows if row.measure == measure]) for rows in columns.values()]
        lines.append(f"{fact:<29}{measure:<41}{''.join(f'{cell:<32}' for cell in cells)}".rstrip())
    falls = "".join(f"{'yes' if kurtosis_falls(rows) else 'NO':<32}" for rows in columns.values())
    lines.append(f"{FALLING[0]:<29}{FALLING[1]:<41}{falls}".rstrip())
    return "\n".join([*lines, "", _bands(columns)])


def _cell(rows: list[Finding]) -> str:
    if not rows:
        return "-"
    row = rows[0]
    mark = {None: "", True: " in", False: " OUT"}[row.inside()]
    return f"{row.median:8.3f} [{row.low:.3f}, {row.high:.3f}]{mark}"


def _bands(columns: dict[str, list[Finding]]) -> str:
    asked = {
        (title.rpartition(" ")[2], row.measure, row.band)
        for title, rows in columns.items()
        for row in rows
        if row.inside() is not None
    }
    return "Bands: " + "; ".join(f"{kind} {name} {low:g} to {high:g}" for kind, name, (low, high) in sorted(asked))


def as_json(columns: dict[str, list[Finding]]) -> str:
    """A list of objects with panel, fact, measure, median, low, high, band (null where open) and inside."""
    rows = [
        {"panel": title, "fact": row.fact, "measure": row.measure, "median": _finite(row.median),
         "low": _finite(row.low), "high": _finite(row.high), "band": [_finite(end) for end in row.band], "inside": row.inside()}
        for title, found in columns.items() for row in found
    ]  # fmt: skip
    return json.dumps(rows, indent=1)


def _finite(end: float) -> float | None:
    return end if math.isfinite(end) else None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seeds", type=click.IntRange(1), default=2, show_default=True, help="Histories of the model.")
@click.option("--years", type=click.IntRange(2), default=8, show_default=True, help="Length of each, after a burn-in.")
@click.option("--investors", type=click.IntRange(6), help="Investors in all. [default: as in the scenario]")
@click.option("--real", is_flag=True, help="Beside 20 US stocks (1990-2022), S&P 500 and Nasdaq (1999-2018).")
@click.option("--prices", type=click.Path(path_type=Path), help="Beside a CSV file with Date, ticker, price.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(
    *, seeds: int, years: int, investors: int | None, real: bool, prices: Path | None, form: str
) -> None:
    """Measure the stylised facts on the model's equity market, and on real prices beside it.

    A year of the model's 13 stocks with the scenario's investors takes about a second.
    """
    others = ([real_stocks(), real_stocks().index(), real_indices()] if real else [])
    titles = ["real stocks", "real equal-weight index", "S&P 500, Nasdaq index"][: len(others)]
    columns = {title: findings(panel) for title, panel in zip(titles, others, strict=True)}
    if prices is not None:
        columns["file's stocks"] = findings(returns_of_file(prices))
    histories = [model_returns(seed, years=years, investors=investors) for seed in range(1, seeds + 1)]
    ours = {"model stocks": over_histories(histories),
            "model equal-weight index": over_histories([one.index() for one in histories])}
    columns = ours | columns
    click.echo(table(columns) if form == "table" else as_json(columns))


if __name__ == "__main__":
    run(command, NAME)
