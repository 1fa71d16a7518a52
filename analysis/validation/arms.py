"""One arm of an experiment as targets see it: what each run had by a day, between two days, or in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.calendar import months_between
from abm.errors import InputError

if TYPE_CHECKING:
    from abm.results import Results

SLACK = timedelta(days=10)
"""Days by which a run may begin after a window does and still cover it: months are measured on their first trading day."""


@dataclass
class Arm:
    """The runs of one scenario under one policy: series by seed, indexed by the seed.

    Series are measured on the first trading day of a month; a day stands for the first of these on or after it.
    """

    results: Results
    scenario: str
    policy: str
    _series: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def about(self) -> dict[str, Any]:
        """What the manifest says of the scenario."""
        return self.results.manifest["scenarios"][self.scenario]

    @property
    def start(self) -> date:
        """The first day of the runs."""
        return date.fromisoformat(self.about["start"])

    @property
    def until(self) -> date:
        """The last day of the runs."""
        return date.fromisoformat(self.about["until"])

    @property
    def runs(self) -> pd.DataFrame:
        """The finished runs, indexed by seed."""
        runs = self.results.runs
        return runs[(runs["scenario"] == self.scenario) & (runs["policy"] == self.policy)].set_index("seed")

    def covers(self, since: date, until: date) -> bool:
        """Whether the runs begin by a day, or just after it, and reach another."""
        return self.start <= since + SLACK and until <= self.until

    def under(self, policy: str) -> Arm | None:
        """The same scenario under another policy; None where the results have no such runs."""
        other = Arm(self.results, self.scenario, policy)
        return None if other.runs.empty else other

    def releases(self) -> list[str]:
        """Models whose release is given by its date."""
        return [one["model"] for one in self.about["content"]["releases"]]

    def parameter(self, path: str) -> float:
        """A declared number of the scenario."""
        return self.about["parameters"][path]

    def months(self, day: date) -> float:
        """Months from the first day of the runs to a day."""
        return months_between(self.start, day)

    def _rows(self, observable: str, labels: Sequence[str]) -> pd.DataFrame:
        """A column a run and a row a day, the sum of some labels; without the label 0, without a run of the label NaN."""
        if observable not in self._series:
            rows = self.results.series(observable, policy=self.policy)
            self._series[observable] = rows[rows["scenario"] == self.scenario]
        rows = self._series[observable]
        every = rows.pivot_table(index="date", columns="seed", values="value", aggfunc="size").notna()
        chosen = rows[rows["label"].isin(labels)].pivot_table(index="date", columns="seed", values="value", aggfunc="sum")
        return chosen.reindex_like(every)

    def at(self, day: date, observable: str, *labels: str, missing: float = 0.0) -> pd.Series:
        """The sum of some labels on a day, for each run; ``missing`` where none of them was measured.

        Raises InputError where the runs end before anything was measured from that day on.
        """
        rows = self._rows(observable, labels)
        later = rows[rows.index >= day]
        if later.empty:
            raise InputError(f"{observable} on {day}: the runs of {self.scenario} were last measured on {rows.index[-1]}")
        return later.iloc[0].fillna(missing)

    def change(self, since: date, until: date, observable: str, *labels: str) -> pd.Series:
        """By how much a running total grew between two days; it was nothing when the runs began."""
        end = self.at(until, observable, *labels)
        return end if since - SLACK <= self.start else end - self.at(since, observable, *labels)

    def mean(self, since: date, until: date, observable: str, label: str) -> pd.Series:
        """The mean over the months from one day up to, not including, another; NaN for a run that has none of them."""
        rows = self._rows(observable, [label])
        return rows[(rows.index >= since) & (rows.index < until)].mean()

    def count(self, until: date, kind: str, actor: str, *, saying: str = "") -> pd.Series:
        """Events of a kind by an actor before a day, for each run: those whose sentence says something."""
        events = self.results.events(kind=kind, actor=actor, policy=self.policy)
        events = events[(events["scenario"] == self.scenario) & (events["date"] < until)]
        events = events[events["sentence"].str.contains(saying, regex=False)]
        return events.groupby("seed").size().reindex(self.runs.index, fill_value=0)
