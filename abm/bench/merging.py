"""Results folders made elsewhere, such as those of shards, brought together in one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from abm.bench import store
from abm.bench.claims import claimed
from abm.bench.provenance import EXPERIMENT_FILE, check_same, read_manifest, write_manifest
from abm.errors import InputError
from abm.results import Results

OF_AN_EXPERIMENT = ("seeds", "scenarios", "policies")


@dataclass(frozen=True)
class Merged:
    """What a merge brought: runs that the folder lacked, all runs that it holds now, and the digest of these."""

    folder: str
    new: int
    runs: int
    digest: str

    def as_json(self) -> str:
        """The counts as one JSON object."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """The counts in one line."""
        return f"{self.new} runs brought to {self.folder}, which holds {self.runs} now; digest {self.digest}"


def merge(folders: Sequence[Path], out: Path) -> Merged:
    """Copy all runs of some results folders that another one lacks to it; a second time there is nothing to copy.

    A merge that is cut off leaves whole parts and goes on when it is called again. Raises InputError, and copies nothing,
    if a folder is no results folder, or they hold other contracts, code, experiments, or content under one name.
    """
    sources = [folder for folder in dict.fromkeys(folders) if folder.resolve() != out.resolve()]
    if not sources:
        raise InputError(f"there is no results folder but {out} itself to merge")
    for folder in sources:
        Results.load(folder)    # refuses what is mixed already
    manifest = _together([*([out] if (out / store.MANIFEST).is_file() else []), *sources])
    with claimed(out):
        write_manifest(out, manifest)
        before = store.finished_ids(out)
        for folder in sources:
            _copy(folder, out)
        after = store.finished_ids(out)
    return Merged(str(out), len(after - before), len(after), Results.load(out).digest())


def _together(folders: Sequence[Path]) -> dict[str, Any]:
    """One manifest for what several describe."""
    whole = read_manifest(folders[0])
    for folder in folders[1:]:
        other = read_manifest(folder)
        names = [one["experiment"]["name"] for one in (whole, other)]
        if names[0] != names[1]:
            raise InputError(f'results folder {folder} is of the experiment "{names[1]}", {folders[0]} of "{names[0]}"')
        check_same(folders[0], whole, other, folder)
        whole = _union(whole, other)
    return whole


def _union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {kind: {**one[kind], **other[kind]} for kind in ("scenarios", "policies")}
    lists = {
        name: list(dict.fromkeys([*one["experiment"][name], *other["experiment"][name]])) for name in OF_AN_EXPERIMENT
    }
    lists["seeds"].sort()
    origins = [*one.get("merged", [one["provenance"]]), *other.get("merged", [other["provenance"]])]
    distinct = {json.dumps(origin, sort_keys=True): origin for origin in origins}
    return {
        **one, **both, "experiment": {**one["experiment"], **lists}, "merged": list(distinct.values()),
        "timing": one["timing"] or other["timing"],
    }


def _copy(folder: Path, out: Path) -> None:
    """Copy the parts that have runs which are lacking, the part of the table ``runs`` last, and notes of failed runs."""
    present = store.finished_ids(out)
    for part in store.parts(folder, "runs"):
        ids = set(store.ids_in(part))
        if ids <= present:
            continue
        for table in store.TABLES:
            source = folder / table / part.name
            if not source.is_file():
                raise InputError(f"{source} cannot be read (it is not there)")
            store.copy(source, out / table / part.name)
        present |= ids
    for note in (folder / store.FAILURES).glob("[!.]*.json"):
        if note.stem not in present:
            store.copy(note, out / store.FAILURES / note.name)
    if (folder / EXPERIMENT_FILE).is_file() and not (out / EXPERIMENT_FILE).exists():
        store.copy(folder / EXPERIMENT_FILE, out / EXPERIMENT_FILE)
