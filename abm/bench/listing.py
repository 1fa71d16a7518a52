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
from abm.errors import unknown
from abm.scenario.declare import Declared


def schedule_table(form: str = "table") -> str:
    """The phases in the order in which they run, each with its cadence and meaning; as a table or as json."""
    from abm.schedule import SCHEDULE

    if form == "json":
        phases = [{"phase": one.name, "cadence": _word(one.cadence), "meaning": one.meaning} for one in SCHEDULE]
        return json.dumps(phases, indent=1)
    rows = [(str(place), phase.name, _word(phase.cadence), phase.meaning) for place, phase in enumerate(SCHEDULE, start=1)]
    return "\n".join(columns([("", "phase", "cadence", "meaning"), *rows], left=4))


def parameter_table(form: str = "table", scenario: str | None = None) -> str:
    """Every declared number of a scenario, or of all that ship, and of the policies that ship, and their sources.

    Of all scenarios the first is listed whole, then of each other what it declares otherwise. A number that the
    historical policy has too is listed once, with its historical value. A table has scenario ("-" for policies), path,
    value, unit, basis, range, source and meaning, with the cited sources listed below it; csv and json have one row a
    number, with title and place of its source. Raises InputError for an unknown scenario.
    """
    declared = [*_of_scenarios(scenario), *(("-", one) for one in _of_policies())]
    cited = cited_sources({one.source for _, one in declared})
    if form == "table":
        return "\n".join([*_number_lines(declared), "", *_source_lines(cited)])
    rows = [
        {"scenario": whose, **asdict(one), "title": cited[one.source]["title"], "where": cited[one.source]["where"]}
        for whose, one in declared
    ]
    if form == "json":
        return json.dumps(rows, indent=1)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def _of_scenarios(scenario: str | None) -> Iterator[tuple[str, Declared]]:
    """Numbers with the name of their scenario: of one, or of all what is not as in the first."""
    from abm.scenario.reference import SCENARIOS

    if scenario is not None and scenario not in SCENARIOS:
        raise unknown("scenario", scenario, SCENARIOS)
    listed: set[Declared] = set()
    for name in SCENARIOS if scenario is None else (scenario,):
        for one in SCENARIOS[name].parameters():
            if one not in listed:
                listed.add(one)
                yield name, one


def _of_policies() -> Iterator[Declared]:
    """Numbers of the historical policy, then those that only others have."""
    from abm.policy import HISTORICAL, POLICIES

    of_policies: dict[str, Declared] = {}
    for policy in (HISTORICAL, *POLICIES.values()):
        for one in policy.parameters():
            of_policies.setdefault(one.path, one)
    yield from of_policies.values()


def cited_sources(keys: set[str]) -> dict[str, dict[str, str]]:
    """Title, place, date and note of the sources under some keys, in the order of the list of sources."""
    listed = tomllib.loads(resources.files("abm.scenario").joinpath("sources.toml").read_text(encoding="utf-8"))
    return {key: about for key, about in listed.items() if key in keys}


def _number_lines(declared: Sequence[tuple[str, Declared]]) -> Iterator[str]:
    head = ("scenario", "parameter", "value", "unit", "basis", "range", "source", "meaning")
    body = [
        (
            whose, one.path, f"{one.value:g}", one.unit, f"{one.basis}{', fit' if one.fit else ''}",
            f"{one.low:g} to {one.high:g}", one.source, one.meaning,
        )
        for whose, one in declared
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
