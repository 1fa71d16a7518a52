"""Printed lists: the schedule of a day, and every number of the historical scenario with its source."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict

from abm.report import columns


def schedule_table() -> str:
    """The phases in the order in which they run, each with its cadence and meaning."""
    from abm.schedule import SCHEDULE

    rows = [(str(place), phase.name, _word(phase.cadence), phase.meaning) for place, phase in enumerate(SCHEDULE, start=1)]
    return "\n".join(columns([("", "phase", "cadence", "meaning"), *rows], left=4))


def parameter_table(form: str = "table") -> str:
    """Every declared number: path, value, unit, meaning, source, basis and range; as table, csv or json."""
    from abm.scenario.reference import HISTORY_2025

    rows = [asdict(declared) for declared in HISTORY_2025.parameters()]
    if form == "json":
        return json.dumps(rows, indent=1)
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().rstrip("\n")
    head = ("parameter", "value", "unit", "basis", "range", "source", "meaning")
    body = [
        (
            row["path"], f"{row['value']:g}", row["unit"], f"{row['basis']}{', fit' if row['fit'] else ''}",
            f"{row['low']:g} to {row['high']:g}", row["source"], row["meaning"],
        )
        for row in rows
    ]
    return "\n".join(columns([head, *body], left=len(head)))


def _word(cadence: object) -> str:
    return str(getattr(cadence, "value", cadence))
