"""One hash of a whole state: plain values in a canonical form, the same on every machine and Python."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache

import numpy as np

DIGEST_BYTES = 16
MARSHAL_FORMAT = 2
PLAIN = frozenset((int, float, str, bool, type(None)))


def canonical(value: object) -> object:
    """Nested tuples of int, float, str, bool and None: mappings sorted by key, bytes and arrays as their hash.

    Raises TypeError for anything else, so that no state can slip out of the digest unnoticed.
    """
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is tuple or kind is list:
        return tuple([part if type(part) in PLAIN else canonical(part) for part in value])
    if kind is bytes:
        return ("bytes", hashlib.blake2b(value, digest_size=DIGEST_BYTES).hexdigest())
    if isinstance(value, Mapping):
        return tuple([
            (key if type(key) in PLAIN else canonical(key), item if type(item) in PLAIN else canonical(item))
            for key, item in sorted(value.items(), key=_key)
        ])
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, canonical(value.tobytes()))
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return canonical([getattr(value, name) for name in _field_names(kind)])
    raise TypeError(f"a state holds a {kind.__name__}, which has no canonical form")


def _key(item: tuple) -> object:
    return item[0]


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def digest(state: object) -> str:
    """Hexadecimal hash (BLAKE2b) of a state."""
    return hashlib.blake2b(packed(canonical(state)), digest_size=DIGEST_BYTES).hexdigest()


def packed(plain: object) -> bytes:
    """Bytes of plain values that are canonical already, without walking through them.

    Format 2 of ``marshal`` writes floats by their bits and refers to nothing by identity, so equal values give equal
    bytes in every Python.
    """
    return marshal.dumps(plain, MARSHAL_FORMAT)
