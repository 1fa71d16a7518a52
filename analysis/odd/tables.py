"""The tables of the ODD protocol that the code itself holds: schedule, instruments of every policy, declared numbers.

ODD: Overview, Design concepts, Details (Grimm et al. 2020, 10.18564/jasss.4259). Nothing here is written by hand, so
that the protocol cannot say what the code does not do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from abm.policy import HISTORICAL, POLICIES, Policy
from abm.scenario.declare import Declared
from abm.schedule import SCHEDULE

COMMAND = "python -m analysis.odd --out analysis/odd/policies.md"
PROTOCOL = "[Grimm et al. (2020)](https://doi.org/10.18564/jasss.4259)"
SPECIAL = re.compile(r"[&\\|*<>`\[\]]")
NUMBER_COLUMNS = ("path", "value", "unit", "basis", "range", "source", "meaning")


def generated_part() -> str:
    """The generated part of the protocol as Markdown, with a line break at its end."""
    blocks = (
        "# ODD protocol: what the code itself says",
        f"The part of the model's ODD protocol ({PROTOCOL}) that is generated from its code: do not edit it, renew it with "
        f"`{COMMAND}`. Sources are keys of `abm/scenario/sources.toml`; `abm sources` prints them in full.",
        "## Process overview and scheduling",
        "One step is one trading day. Its phases, in their order; the books are checked after each.",
        schedule_table(),
        "## Input data: the policies",
        "A policy is a bundle of dated, cited instruments. It binds from the first trading day on which it is both law and "
        "public; (m) marks a citation from memory.",
        *(block for policy in POLICIES.values() for block in policy_blocks(policy)),
        f"## Submodels: the numbers of the policy `{HISTORICAL.name}`",
        "Every number that the instruments declare and ask for. Basis: measured (read off the source), estimated or assumed; "
        "range: what a sensitivity design samples.",
        number_table(HISTORICAL.parameters()),
    )
    return "\n\n".join(blocks) + "\n"


def schedule_table() -> str:
    """The phases of a day in their order: cadence, name, and meaning as the phase itself states it."""
    rows = [(str(place), one.cadence.value, f"`{one.name}`", escaped(one.meaning)) for place, one in enumerate(SCHEDULE, 1)]
    return markdown(("", "cadence", "phase", "meaning"), rows)


def policy_blocks(policy: Policy) -> Iterator[str]:
    """A heading, the description and the table of instruments of a policy."""
    yield f"### `{policy.name}`"
    yield f"{escaped(policy.description[:1].upper() + policy.description[1:])}."
    rows = policy.table()
    if rows:
        yield markdown(tuple(rows[0]), [[escaped(cell) for cell in row.values()] for row in rows])


def number_table(numbers: Iterable[Declared]) -> str:
    """Declared numbers: path, value, unit, basis, range, source and meaning."""
    rows = [
        (f"`{one.path}`", _plain(one.value), escaped(one.unit), f"{one.basis}{', fit' if one.fit else ''}",
         f"{_plain(one.low)} to {_plain(one.high)}", escaped(one.source), escaped(one.meaning))
        for one in numbers]
    return markdown(NUMBER_COLUMNS, rows)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; cells must be escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def escaped(text: str) -> str:
    """Plain text for a cell of a table: on one line, with what Markdown would read as its own marked as text."""
    return SPECIAL.sub(lambda sign: f"\\{sign.group()}", " ".join(text.split()))


def _plain(value: float) -> str:
    return f"{value:,.12g}"
