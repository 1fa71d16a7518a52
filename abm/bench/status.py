"""How far a results folder is: what ``abm status`` prints, while it is worked on or afterwards, by whoever may read it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from abm.bench import store
from abm.bench.claims import at_work
from abm.bench.identity import run_identity
from abm.bench.plan import duration
from abm.bench.table_digest import table_digest
from abm.results import Results

MINUTE = 60.0


@dataclass(frozen=True)
class Status:
    """Counts of the runs that the experiment of a folder has, and what is known about the rest of them.

    ``at_work`` names who runs it ("all", or shards such as "3/8"); ``runs_per_minute`` is measured since the first of
    them began and is None where nobody works or nothing has finished since; ``seconds_left`` is by that rate, or else by
    the seconds a run took and the workers there were, None where that is not known; ``digest`` is of its finished runs.
    The experiment is that of the last call: ``others`` counts runs that an earlier one finished, such as with more seeds.
    """

    experiment: str
    folder: str
    runs: int
    finished: int
    failed: int
    missing: int
    others: int
    at_work: tuple[str, ...]
    runs_per_minute: float | None
    seconds_left: float | None
    digest: str

    def as_json(self) -> str:
        """The status as one JSON object."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """The status in lines for a terminal."""
        return "\n".join(_lines(self))


def status(folder: Path) -> Status:
    """Look into a results folder, without touching it.

    Raises InputError if it is not one, or mixes what does not belong together.
    """
    manifest = Results.load(folder).manifest
    asked = set(_asked_for(manifest))
    finished = store.finished_ids(folder)
    failed = asked & {one["run_id"] for one in store.failures(folder)}
    missing = len(asked - finished - failed)
    holders = at_work(folder)
    rate = _runs_a_second(folder, min(holders.values())) if holders else None
    return Status(
        experiment=manifest["experiment"]["name"],
        folder=str(folder),
        runs=len(asked),
        finished=len(asked & finished),
        failed=len(failed),
        missing=missing,
        others=len(finished - asked),
        at_work=tuple(holders),
        runs_per_minute=rate * MINUTE if rate else None,
        seconds_left=missing / rate if rate else _by_the_last(manifest["timing"], missing + len(failed), bool(holders)),
        digest=table_digest(folder, asked),
    )


def _asked_for(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The ids of all runs of the experiment that a manifest describes."""
    about, scenarios, policies = (manifest[name] for name in ("experiment", "scenarios", "policies"))
    for name in about.get("scenarios", scenarios):
        one = scenarios[name]
        for policy in about.get("policies", policies):
            for seed in about["seeds"]:
                yield run_identity(
                    code=manifest["code"], scenario=one["fingerprint"], policy=policies[policy]["fingerprint"],
                    until=one["until"], seed=seed,
                )


def _runs_a_second(folder: Path, since: float) -> float | None:
    import pyarrow.parquet as pq

    recent = [path for path in store.parts(folder, "runs") if path.stat().st_mtime >= since]
    with store.reading(*recent):
        return sum(pq.read_metadata(path).num_rows for path in recent) / max(time.time() - since, 1e-9) or None


def _by_the_last(timing: Mapping[str, Any] | None, left: int, busy: bool) -> float | None:
    """The seconds for the runs that are left, as the last ones were done; None while others are being done."""
    if not left:
        return 0.0
    return None if busy or timing is None else left * timing["seconds_per_run"] / timing["workers"]


def _lines(one: Status) -> Iterator[str]:
    yield f"{one.experiment} in {one.folder}: {one.runs} runs"
    yield f"  finished:  {one.finished}"
    yield f"  failed:    {one.failed}" + (f" (tracebacks in {Path(one.folder) / store.FAILURES})" if one.failed else "")
    yield f"  missing:   {one.missing}"
    if one.others:
        yield f"  others:    {one.others} (finished earlier, and not asked for by the last call)"
    shards = [name for name in one.at_work if name != "all"]
    yield f"  at work:   {('shards ' + ', '.join(shards)) if shards else 'abm run' if one.at_work else 'nobody'}"
    yield f"  rate:      {'-' if one.runs_per_minute is None else f'{one.runs_per_minute:.3g} runs a minute'}"
    yield f"  time left: {'not known' if one.seconds_left is None else duration(one.seconds_left)}"
    yield f"  digest:    {one.digest}"
