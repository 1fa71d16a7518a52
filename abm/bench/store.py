"""How results lie on disk: part files of whole runs, written so that nothing half-written ever counts.

A results folder holds ``manifest.json``, one folder of Parquet parts per table, and ``failures``. Every process writes
its own parts: each to a temporary name, flushed to the disk, then renamed; the part of the table ``runs`` comes last
and is the commit record, so that a part of another table without it is not read. One schema per table, stated here.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.bench.identity import RESULTS_CONTRACT, code_version
from abm.errors import InputError

if TYPE_CHECKING:
    import pyarrow

    from abm.experiment import Run
    from abm.observe import Record

MANIFEST = "manifest.json"
FAILURES = "failures"
TABLES = ("series", "events", "digests", "runs")
"""The tables in the order in which their parts are committed."""

IDENTITY_COLUMNS = ("run_id", "scenario", "policy", "seed", "until", "contract", "code", "seconds")
PART = ".parquet"
GARBLED = (KeyError, ValueError)
"""What pyarrow raises besides its own errors, where a name of a column or a text has other bytes."""


@dataclass(frozen=True)
class Finished:
    """A run that came to its horizon, what it recorded and the seconds it took."""

    run: Run
    record: Record
    seconds: float


def schema(table: str) -> pyarrow.Schema:
    """The one schema of a table; the observables of a run are columns of the table ``runs``."""
    import pyarrow as pa

    if table == "runs":
        return _schema_of_runs()
    text, day, number = pa.string(), pa.date32(), pa.float64()
    columns = {
        "series": [("date", day), ("observable", text), ("label", text), ("value", number)],
        "events": [("date", day), ("actor", text), ("kind", text), ("sentence", text)],
        "digests": [("date", day), ("digest", text)],
    }
    return pa.schema([("run_id", text), *columns[table]])


def _schema_of_runs() -> pyarrow.Schema:
    import pyarrow as pa

    from abm.observables import OBSERVABLES

    types = {"seed": pa.int64(), "until": pa.date32(), "contract": pa.int32(), "seconds": pa.float64()}
    identity = [(name, types.get(name, pa.string())) for name in IDENTITY_COLUMNS]
    measured = [
        (name, pa.string() if observable.unit == "text" else pa.float64())
        for name, observable in OBSERVABLES.items()
        if observable.cadence == "run"
    ]
    return pa.schema(identity + measured)


def write_part(folder: Path, name: str, finished: Sequence[Finished]) -> None:
    """Commit whole runs to the folder as one part of each table; a part appears complete or not at all.

    Raises OSError if the disk refuses, ValueError if a record names an observable that is not declared.
    """
    tables = {table: _rows(table, finished) for table in TABLES}
    stem = f"{name}-{uuid.uuid4().hex[:8]}"
    written: list[Path] = []
    try:
        for table in TABLES:
            path = folder / table / f"{stem}{PART}"
            written.append(path)
            _write_table(tables[table], path)
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def _rows(table: str, finished: Sequence[Finished]) -> pyarrow.Table:
    import pyarrow as pa

    shape = schema(table)
    if table == "runs":
        return pa.Table.from_pylist([_row_of_run(one, shape) for one in finished], schema=shape)
    rows = ((one.run.run_id, *row) for one in finished for row in getattr(one.record, table))
    columns = list(zip(*rows, strict=True)) or [()] * len(shape)
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, shape.types, strict=True)], schema=shape)


def _row_of_run(one: Finished, shape: pyarrow.Schema) -> dict[str, Any]:
    run = one.run
    identity = (run.run_id, run.scenario.name, run.policy.name, run.seed)
    row = dict(zip(IDENTITY_COLUMNS, (*identity, run.until, RESULTS_CONTRACT, code_version(), one.seconds), strict=True))
    for name, value in one.record.summary.items():
        if name not in shape.names or name in row:
            raise ValueError(f'the summary of run {run.run_id} holds "{name}", which abm.observe does not declare')
        row[name] = float(value) if isinstance(value, (bool, int)) else value
    return row


def _write_table(table: pyarrow.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def write_text(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def copy(source: Path, target: Path) -> None:
    """Copy a file, byte by byte, so that a reader sees the old one or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path whose content takes the place of the path, once it is safe on the disk."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")    # machines that share a disk share process ids
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, path)
        _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def reading(*paths: Path) -> Iterator[None]:
    """Read part files; raises InputError that names the first of them which cannot be read, if reading fails."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, *GARBLED) as problem:
        path, why = next(_unreadable(paths), (paths[0].parent if len(paths) > 1 else Path(*paths), problem))
        raise InputError(f"{path} cannot be read ({' '.join(str(why).split())})") from None


def _unreadable(paths: Sequence[Path]) -> Iterator[tuple[Path, Exception]]:
    import pyarrow as pa

    for path in paths:
        try:
            read(path, ["run_id"])["run_id"]
            read(path).to_pandas()
        except (OSError, pa.ArrowException, *GARBLED) as problem:
            yield path, problem


def read(path: Path, columns: Sequence[str] | None = None) -> pyarrow.Table:
    """A part of a table, its pages held against their checksums."""
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=columns, page_checksum_verification=True)


def ids_in(path: Path) -> list[str]:
    """The ids of the runs of a part of the table ``runs``. Raises InputError if it cannot be read."""
    with reading(path):
        return read(path, ["run_id"])["run_id"].to_pylist()


def parts(folder: Path, table: str) -> list[Path]:
    """The committed parts of a table, by name; absolute, since pyarrow takes a folder "~" for the user's home."""
    committed = sorted(path.name for path in (folder / "runs").glob(f"[!.]*{PART}"))
    return [folder.absolute() / table / name for name in committed]


def finished_ids(folder: Path, name: str = "") -> set[str]:
    """The ids of all committed runs, or of those in the parts that were written under a name.

    Raises InputError for a part that cannot be read.
    """
    paths = [path for path in parts(folder, "runs") if path.name.startswith(name)]
    return {run_id for path in paths for run_id in ids_in(path)}


def record_failure(folder: Path, run_id: str, about: Mapping[str, Any]) -> None:
    """Keep what is known about a run that failed, one JSON file a run; a full disk loses only this note."""
    with suppress(OSError):
        write_text(folder / FAILURES / f"{run_id}.json", json.dumps({"run_id": run_id, **about}, indent=2) + "\n")


def failures(folder: Path) -> list[dict[str, Any]]:
    """What is known about the runs that failed and have not finished since.

    Raises InputError for a note that cannot be read.
    """
    finished = finished_ids(folder)
    paths = sorted((folder / FAILURES).glob("[!.]*.json"))
    return [_note(path) for path in paths if path.stem not in finished]


def _note(path: Path) -> dict[str, Any]:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{path} is not a readable note of a failed run ({problem})") from None
    if not isinstance(note, dict) or not {"run_id", "scenario", "policy", "seed"} <= note.keys():
        raise InputError(f"{path} is not a readable note of a failed run (it lacks what identifies the run)")
    return note
