"""The golden numbers: the digests of a few runs, and the one command that renews them.

``python -m tests.reference.refresh`` computes them again and writes ``golden.json``. Golden numbers move only together
with a line in CHANGELOG.md that begins with "Changes results:" and gives the reason; the file keeps that line.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path

from abm import HISTORY_2025, Model
from abm.errors import InputError
from abm.policy import POLICIES

GOLDEN = Path(__file__).parent / "golden.json"
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
COMMAND = "python -m tests.reference.refresh"
MARK = "- Changes results:"
UNRELEASED = "## Unreleased"
WORLDS = {
    "history_2025": HISTORY_2025,
    "few customers move": HISTORY_2025.vary({"demand.contract_months": 12, "demand.switching_cost": 2.0}),
}


@dataclass(frozen=True)
class Case:
    """One run whose results are kept."""

    world: str
    policy: str
    seed: int
    until: date

    @property
    def name(self) -> str:
        """The case as one reads it."""
        return f"{self.world}, {self.policy}, seed {self.seed}, until {self.until}"

    def digest(self) -> str:
        """One hash of the digests of all days of the run."""
        run = Model(WORLDS[self.world], POLICIES[self.policy], seed=self.seed, until=self.until).run()
        lines = "\n".join(f"{day} {text}" for day, text in run.digests)
        return blake2b(lines.encode(), digest_size=16).hexdigest()


CASES = (
    Case("history_2025", "historical", 1, date(2025, 5, 30)),
    Case("history_2025", "historical", 2, date(2025, 2, 14)),
    Case("history_2025", "no_controls", 1, date(2025, 2, 14)),
    Case("history_2025", "rules_of_end_2024", 1, date(2025, 2, 14)),
    Case("few customers move", "historical", 1, date(2025, 2, 14)),
)


def reasons(changelog: str) -> list[str]:
    """The lines of a changelog that own up to changed results, whole items on one line each."""
    items = changelog.replace("\n  ", " ").splitlines()
    return [item for item in items if item.startswith(MARK)]


def newest_reason(changelog: str) -> str:
    """The last such line of what is not yet released; raises InputError where there is none."""
    unreleased = changelog.partition(UNRELEASED)[2].partition("\n## ")[0]
    found = reasons(unreleased)
    if not found:
        raise InputError(f'CHANGELOG.md has no line "{MARK} ..." under "{UNRELEASED}", so golden numbers may not move')
    return found[-1]


def stored() -> dict:
    """What golden.json holds."""
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


def complaint(case: str, expected: str | None, found: str) -> str:
    """What a reader has to do where a run has changed."""
    return (
        f"{case} gives {found} and not {expected}: if this change of results is meant, run `{COMMAND}` and say why in "
        f'CHANGELOG.md, in a line that begins with "{MARK}"'
    )


def refresh() -> str:
    """Compute every case, write the file, and tell what moved."""
    before = stored()["digests"] if GOLDEN.exists() else {}
    digests = {case.name: case.digest() for case in CASES}
    kept = {"because": newest_reason(CHANGELOG.read_text(encoding="utf-8")), "digests": digests}
    GOLDEN.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    moved = [name for name, found in digests.items() if before.get(name) != found]
    told = "\n".join(f"  {name}" for name in moved) if moved else "  nothing"
    return f"moved:\n{told}\nbecause:\n  {kept['because']}"


if __name__ == "__main__":
    try:
        print(refresh())
    except InputError as problem:
        sys.exit(str(problem))
