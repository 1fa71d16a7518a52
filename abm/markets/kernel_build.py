"""How the crowd's arithmetic is compiled: by numba, in the order in which it is written, and kept on disk.

numba notices that the file of a function has changed, not that a function it calls elsewhere has; so the name under
which compiled code is kept carries a digest of all sources that go into it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numba

import abm.elementary


def compiled(function: Callable) -> Callable:
    """The function compiled on its first call: no fused or reordered arithmetic, one thread, IEEE 754 divisions."""
    function.__qualname__ += f".{digest_of_sources()}"
    return numba.njit(cache=True, error_model="numpy")(function)


@cache
def digest_of_sources() -> str:
    """A digest of the files that compiled code is made from."""
    files = [Path(abm.elementary.__file__), *sorted(Path(__file__).parent.glob("kernel*.py"))]
    return blake2b(b"".join(file.read_bytes() for file in files), digest_size=8).hexdigest()
