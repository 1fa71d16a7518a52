"""One hash of a whole state: plain values in a canonical form, the same on every machine and Python."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from itertools import chain
from operator import attrgetter, is_
from typing import Any

import numpy as np

DIGEST_BYTES = 16
MARSHAL_FORMAT = 2
PLAIN = frozenset((int, float, str, bool, type(None)))
ROWS = {tuple}


def canonical(value: object) -> object:
    """Nested tuples of int, float, str, bool and None: mappings sorted by key, bytes and arrays as their hash.

    Raises TypeError for anything else, so that no state can slip out of the digest unnoticed.
    """
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is tuple or kind is list:
        return tuple(_parts(value))
    if kind is dict:
        names = list(value)
        names.sort()
        return tuple(list(zip(_parts(names), _parts([value[name] for name in names]), strict=True)))
    if kind is bytes:
        return (OF_BYTES, hashed(value))
    return canonical(_simpler(kind)(value))


def _parts(values: Sequence) -> Sequence:
    """The canonical form of each of some values: themselves where all are plain, or rows of plain ones, as most are."""
    kinds = set(map(type, values))
    if kinds <= PLAIN or (kinds == ROWS and PLAIN.issuperset(map(type, chain.from_iterable(values)))):
        return values
    return [part if type(part) in PLAIN else canonical(part) for part in values]


@cache
def _simpler(kind: type) -> Callable:
    """What makes of a value of a kind a simpler one of the same canonical form. Raises TypeError where there is none."""
    if issubclass(kind, Mapping):
        return dict
    if issubclass(kind, np.ndarray):
        return lambda array: (array.dtype.str, array.shape, array.tobytes())
    if issubclass(kind, date):
        return kind.isoformat
    if is_dataclass(kind):
        return fields_of(kind)
    raise TypeError(f"a state holds a {kind.__name__}, which has no canonical form")


@cache
def fields_of(kind: type) -> Callable[[object], tuple]:
    """What reads the fields of a record, in their order."""
    names = [one.name for one in fields(kind)]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def digest(state: object) -> str:
    """Hexadecimal hash (BLAKE2b) of a state."""
    return hashed(written(state))


def hashed(content: bytes) -> str:
    """Hexadecimal hash (BLAKE2b) of a state that is written already."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()


def written(value: object) -> bytes:
    """The bytes of a value in its canonical form."""
    return packed(canonical(value))


def written_bytes(content: bytes) -> bytes:
    """``written`` of bytes, put together by hand: there are many of them."""
    return _HEAD_OF_BYTES + hashed(content).encode()


def packed(plain: object) -> bytes:
    """Bytes of plain values that are canonical already, without walking through them.

    Format 2 of ``marshal`` writes floats by their bits and refers to nothing by identity, so equal values give equal
    bytes in every Python.
    """
    return marshal.dumps(plain, MARSHAL_FORMAT)


OF_BYTES = "bytes"
_HEAD_OF_BYTES = packed((OF_BYTES, "0" * 2 * DIGEST_BYTES))[: -2 * DIGEST_BYTES]


def joined(parts: Sequence[bytes]) -> bytes:
    """The bytes of a tuple whose parts are written already: joined([written(a), written(b)]) is written((a, b))."""
    return b"(" + len(parts).to_bytes(4, "little") + b"".join(parts)


class Writings:
    """What was written of the parts of a state, kept until a part changes: most parts are the same for days.

    A part is the same where its values, as they lie (mappings in their order), have the very same bytes. Depends on
    nothing but the values that it is given, and keeps one writing for each name.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}

    def of(self, name: Hashable, values: object, write: Callable = written) -> bytes | list[bytes]:
        """The bytes of a part in its canonical form; ``write`` makes them of the values where these have changed.

        Raises TypeError as ``canonical`` does. What ``marshal`` cannot see into (records, dates) is written each time.
        """
        try:
            seen = packed(values)
        except ValueError:
            return write(values)
        kept = self._kept.get(name)
        if kept is None or kept[0] != seen:
            kept = self._kept[name] = (seen, write(values))
        return kept[1]

    def of_arrays(self, name: Hashable, arrays: Sequence[np.ndarray]) -> list[bytes]:
        """The content of some arrays, written as bytes; kept, while it is among them, of one that cannot be written to."""
        before, kept = self._kept.get(name, ()), []
        for one in arrays:
            known = None if one.flags.writeable else next((content for array, content in before if array is one), None)
            kept.append((one, written_bytes(one.tobytes()) if known is None else known))
        self._kept[name] = kept
        return [content for _, content in kept]

    def of_frozen(self, name: Hashable, things: Sequence[object], write: Callable[[Sequence], bytes]) -> bytes:
        """The bytes of a list of things that cannot change, kept while the very same things stand in it."""
        kept = self._kept.get(name)
        if kept is None or len(kept[0]) != len(things) or not all(map(is_, kept[0], things)):
            kept = self._kept[name] = (tuple(things), write(things))
        return kept[1]
