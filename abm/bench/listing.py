"""Printed lists: the schedule of a day, and every declared number with its source."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import resources

from abm.bench.aligned import columns
from abm.scenario.declare import Declared


def schedule_table(form: str = "table") -> str:
    """The phases in the order in which they run, each with its cadence and meaning; as a table or as json."""
    from abm.schedule import SCHEDULE

    if form == "json":
        phases = [{"phase": one.name, "cadence": _word(one.cadence), "meaning": one.meaning} for one in SCHEDULE]
        return json.dumps(phases, indent=1)
    rows = [(str(place), phase.name, _word(phase.cadence), phase.meaning) for place, phase in enumerate(SCHEDULE, start=1)]
    return "\n".join(columns([("", "phase", "cadence", "meaning"), *rows], left=4))


def parameter_table(form: str = "table") -> str:
    """Every declared number of the historical scenario and of the policies that ship, and their sources.

    A number that the historical policy has too is listed once, with its historical value.

    A table has path, value, unit, basis, range, source and meaning, with the cited sources listed below it; csv and
    json have one row a number, with title and place of its source.
    """
    from abm.policy import HISTORICAL, POLICIES
    from abm.scenario.reference import HISTORY_2025

    of_policies: dict[str, Declared] = {}
    for policy in (HISTORICAL, *POLICIES.values()):
        for one in policy.parameters():
            of_policies.setdefault(one.path, one)
    declared = (*HISTORY_2025.parameters(), *of_policies.values())
    cited = cited_sources({one.source for one in declared})
    if form == "table":
        return "\n".join([*_number_lines(declared), "", *_source_lines(cited)])
    rows = [
        {**asdict(one), "title": cited[one.source]["title"], "where": cited[one.source]["where"]} for one in declared
    ]
    if form == "json":
        return json.dumps(rows, indent=1)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def cited_sources(keys: set[str]) -> dict[str, dict[str, str]]:
    """Title, place, date and note of the sources under some keys, in the order of the list of sources."""
    listed = tomllib.loads(resources.files("abm.scenario").joinpath("sources.toml").read_text(encoding="utf-8"))
    return {key: about for key, about in listed.items() if key in keys}


def _number_lines(declared: Sequence[Declared]) -> Iterator[str]:
    head = ("parameter", "value", "unit", "basis", "range", "source", "meaning")
    body = [
        (
            one.path, f"{one.value:g}", one.unit, f"{one.basis}{', fit' if one.fit else ''}",
            f"{one.low:g} to {one.high:g}", one.source, one.meaning,
        )
        for one in declared
    ]
    return columns([head, *body], left=len(head))


def _source_lines(cited: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    return columns(
        [("source", "date", "title and place"), *(
            (key, about["date"], f"{about['title']}; {about['where']}") for key, about in cited.items()
        )],
        left=3,
    )


def _word(cadence: object) -> str:
    return str(getattr(cadence, "value", cadence))
