"""One hash of all rows of a results folder: equal if and only if the same runs measured the same, whatever ran them.

Runs come in the order of their ids, the rows of a run in the order in which it recorded them, times are left out. Part
files are read one after the other, so that the memory does not grow with their number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from abm.bench import store

if TYPE_CHECKING:
    import pyarrow

TIMES = ("seconds",)
DIGEST_BYTES = 16


def table_digest(folder: Path, only: Collection[str] | None = None) -> str:
    """The hexadecimal hash (BLAKE2b) of all rows of the finished runs in a folder, or of some of them alone.

    Raises InputError for a part that cannot be read.
    """
    known: dict[str, bytes] = {}
    folder = folder.absolute()
    for path in store.parts(folder, "runs"):
        known.update(_of_part(folder, path.name, known, only))
    whole = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for run_id in sorted(known):
        whole.update(run_id.encode() + known[run_id])
    return whole.hexdigest()


def _of_part(
    folder: Path, name: str, known: Collection[str], only: Collection[str] | None
) -> Iterator[tuple[str, bytes]]:
    """The runs of a part that no part before it had, each with the hash of its rows."""
    import pyarrow.compute as pc

    wanted = [one for one in store.ids_in(folder / "runs" / name) if one not in known and (only is None or one in only)]
    if not wanted:
        return
    paths = [folder / table / name for table in store.TABLES]
    with store.reading(*paths):
        tables = {path.parent.name: store.read(path) for path in paths}
        for run_id in wanted:
            digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
            for table in sorted(tables):
                rows = tables[table].filter(pc.equal(tables[table]["run_id"], run_id))
                digest.update(f"{table} {len(rows)}\n".encode())
                for column in rows.column_names:
                    if column not in TIMES:
                        digest.update(column.encode() + _written(rows[column].combine_chunks()))
            yield run_id, digest.digest()


def _written(column: pyarrow.Array) -> bytes:
    """The bytes of a column: numbers and dates as they are, texts as their places in the list of those that differ."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()
        texts = "".join(f"{len(text)} {text}" for text in coded.dictionary.to_pylist()).encode()
        return texts + coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("<i8").tobytes()
    gaps = column.is_null().to_numpy(zero_copy_only=False).tobytes()
    if pa.types.is_floating(column.type):
        numbers = column.fill_null(0.0).to_numpy(zero_copy_only=False).astype("<f8")
        return gaps + np.where(np.isnan(numbers), np.nan, numbers).tobytes()
    whole = column.cast(pa.int32()) if pa.types.is_date(column.type) else column
    return gaps + whole.fill_null(0).to_numpy(zero_copy_only=False).astype("<i8").tobytes()
