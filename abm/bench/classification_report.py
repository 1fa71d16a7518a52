"""What ``abm rules classify`` prints: chips with their paragraph, licence policy and distance to the thresholds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict

from abm.bench.aligned import columns
from abm.policy.classification import Classification
from abm.scenario.catalogue import Chip

FREE, UNKNOWN = "free", "?"
SMALLEST_SHOWN, LARGE = 0.01, 100.0
NUMBERS = {
    "TPP": "tpp", "TPP/mm2": "performance_density", "memory GB/s": "bandwidth_gbs", "links GB/s": "interconnect_gbs"}


def classification_report(chips: Sequence[Chip], answers: Sequence[Classification], form: str = "table") -> str:
    """The answers as a table, as csv (one row a chip) or as json (a list of objects).

    The table gives for each chip the threshold that it is nearest to, as a share of the threshold, and its number less
    the threshold; csv and json give the margins to all thresholds.
    """
    if form == "json":
        return json.dumps([_object(*pair) for pair in zip(chips, answers, strict=True)], indent=1)
    if form == "csv":
        return _csv([_flat(*pair) for pair in zip(chips, answers, strict=True)])
    rows = [_cells(*pair) for pair in zip(chips, answers, strict=True)]
    head = ("chip", *NUMBERS, "paragraph", "licence policy", "nearest threshold", "chip less threshold")
    return "\n".join(columns(_numbers_to_the_right([head, *rows]), left=len(head)))


def _object(chip: Chip, answer: Classification) -> dict[str, object]:
    described = {name: getattr(chip, name) for name in NUMBERS.values()}
    told = asdict(answer)
    return {"name": told.pop("name"), "vendor": chip.vendor or None, **described, "datacentre": chip.datacentre, **told}


def _flat(chip: Chip, answer: Classification) -> dict[str, object]:
    row = _object(chip, answer)
    nearest, margins = row.pop("nearest"), row.pop("margins")
    row["caught_by"] = "; ".join(f"{one.instrument}: {one.paragraph} ({one.licence_policy})" for one in answer.caught_by)
    row["nearest"] = nearest["name"] if nearest else None
    return {**row, **{f"margin {name}": margin for name, margin in margins.items()}}


def _csv(rows: Sequence[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def _cells(chip: Chip, answer: Classification) -> tuple[str, ...]:
    numbers = (_number(getattr(chip, name)) for name in NUMBERS.values())
    nearest = answer.nearest
    distance = "" if nearest is None else f"{_number(nearest.margin, sign='+')} {nearest.unit}"
    return (chip.name, *numbers, answer.paragraph or FREE, answer.licence_policy or FREE,
            nearest.name if nearest else "", distance)


def _number(value: float | None, sign: str = "") -> str:
    if value is None:
        return UNKNOWN
    if 0.0 < abs(value) < SMALLEST_SHOWN:
        return f"{value:{sign}.1g}"
    digits = 0 if value == round(value) else 1 if abs(value) >= LARGE else 2
    return f"{value:{sign},.{digits}f}"


def _numbers_to_the_right(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    numeric = range(1, 1 + len(NUMBERS))
    widths = {place: max(len(row[place]) for row in rows) for place in numeric}
    return [tuple(cell.rjust(widths.get(place, 0)) for place, cell in enumerate(row)) for row in rows]
