"""What ``abm rules show`` prints: the instruments of a policy, dated and cited."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from abm.bench.aligned import columns
from abm.policy import Policy


def policy_report(policy: Policy, form: str = "table") -> str:
    """The table of a policy, one row an instrument in the order of publication: as table, csv, json or markdown."""
    rows = policy.table()
    head = list(rows[0]) if rows else ["name"]
    if form == "json":
        return json.dumps(rows, indent=1)
    if form == "markdown":
        lines = [head, ["---"] * len(head), *(list(row.values()) for row in rows)]
        return "\n".join(_markdown(line) for line in lines)
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=head, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().rstrip("\n")
    cells = [tuple(head), *(tuple(row.values()) for row in rows)]
    return "\n".join(columns(cells, left=len(head)))


def _markdown(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
