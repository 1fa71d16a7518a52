"""What is measured: how observables are declared, and the record that a run leaves. The list: observables.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from abm.calendar import Cadence

if TYPE_CHECKING:
    from abm.model import Model

DAILY_COLUMNS = ("price", "volume")


@dataclass
class Record:
    """What one run has left: one value per run, series by date, dated sentences, and a digest a day."""

    summary: dict[str, float | int | str | bool | None] = field(default_factory=dict)
    series: list[tuple[date, str, str, float]] = field(default_factory=list)
    events: list[tuple[date, str, str, str]] = field(default_factory=list)
    digests: list[tuple[date, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Observable:
    """Something measured: unit, meaning, formula, how often (daily, monthly or once a run), and the function.

    Daily ones and those without a function are read off the stock market.
    """

    name: str
    unit: str
    meaning: str
    formula: str
    cadence: str
    measure: Callable[[Model], object] | None = None


OBSERVABLES: dict[str, Observable] = {
    one.name: one
    for one in (
        Observable("price", "USD", "Closing price of each stock.", "call auction", "daily"),
        Observable("volume", "share", "Shares traded of each stock.", "sum of purchases", "daily"),
        Observable("value", "USD", "Consensus value of each stock that is taken in.", "exp(v)", "monthly"),
        Observable("turnover", "1/day", "Shares traded over shares outstanding.", "volume / outstanding", "monthly"),
        Observable("fundamental_share", "1", "Share of demand with the fundamental stance, by layer.", "n_f", "monthly"),
        Observable("market_level", "1", "Log level of the market layer.", "q of layer M", "monthly"),
    )
}


def observable(unit: str, formula: str, cadence: str) -> Callable[[Callable], Callable]:
    """Declare a function of the model as an observable; its name and docstring are the observable's."""

    def register(measure: Callable[[Model], object]) -> Callable[[Model], object]:
        name, meaning = measure.__name__, " ".join((measure.__doc__ or "").split())
        OBSERVABLES[name] = Observable(name, unit, meaning, formula, cadence, measure)
        return measure

    return register


def measure(model: Model, observables: Mapping[str, Observable]) -> None:
    """Append today's daily rows, and on the first trading day of a month the monthly ones, to the record."""
    today, series = model.today, model.record.series
    first_of_month = Cadence.MONTHLY.is_due(today, model.yesterday)
    observed = model.equities.observations() if first_of_month else model.equities.observations(DAILY_COLUMNS)
    series.extend([(today, name, label, value) for name, label, value in observed])
    if not first_of_month:
        return
    for one in observables.values():
        if one.cadence == "monthly" and one.measure is not None:
            series.extend((today, one.name, label, float(value)) for label, value in sorted(one.measure(model).items()))


def summarise(model: Model, observables: Mapping[str, Observable]) -> dict[str, float | int | str | bool | None]:
    """One value per run of every observable of that cadence."""
    return {name: one.measure(model) for name, one in observables.items() if one.cadence == "run" and one.measure}
