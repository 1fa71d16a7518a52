"""How the crowd's arithmetic is compiled: by numba, in the order in which it is written, and kept on disk.

numba notices that the file of a function has changed, not that a function or a number it takes from elsewhere has; so
the name under which compiled code is kept carries a digest of all sources that go into it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numba

from abm import chance, elementary, wichura
from abm.markets import clearing
from abm.rules import investor

TAKEN_FROM = (chance, elementary, wichura, clearing, investor)
"""Modules, besides the compiled ones, whose formulas and numbers are compiled in."""


def compiled(function: Callable) -> Callable:
    """The function compiled on its first call: no fused or reordered arithmetic, one thread, IEEE 754 divisions."""
    function.__qualname__ += f".{digest_of_sources()}"
    return numba.njit(cache=True, error_model="numpy")(function)


@cache
def digest_of_sources() -> str:
    """A digest of the files that compiled code is made from."""
    files = [*(Path(module.__file__) for module in TAKEN_FROM), *sorted(Path(__file__).parent.glob("kernel*.py"))]
    return blake2b(b"".join(file.read_bytes() for file in files), digest_size=8).hexdigest()
