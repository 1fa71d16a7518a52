"""One hash of a whole state: plain values in a canonical form, the same on every machine and Python."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum

import numpy as np

DIGEST_BYTES = 16


def canonical(value: object) -> object:
    """Nested tuples of int, float, str, bytes, bool and None: mappings sorted by key, arrays as their bytes.

    Raises TypeError for anything else, so that no state can slip out of the digest unnoticed.
    """
    if value is None or type(value) in (int, float, str, bytes, bool):
        return value
    if isinstance(value, (list, tuple)):
        return tuple([canonical(part) for part in value])
    if isinstance(value, Mapping):
        return tuple([(canonical(key), canonical(value[key])) for key in sorted(value)])
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return tuple([canonical(getattr(value, one.name)) for one in fields(value)])
    raise TypeError(f"a state holds a {type(value).__name__}, which has no canonical form")


def digest(state: object) -> str:
    """Hexadecimal hash (BLAKE2b) of a state."""
    return hashlib.blake2b(repr(canonical(state)).encode(), digest_size=DIGEST_BYTES).hexdigest()
