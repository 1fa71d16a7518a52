"""The crowd's luck, compiled: Philox 4x32-10 by name, as in ``abm.chance``, and what the market draws with it.

An investor's disagreement on a stock comes from the block whose counter is (slot low, member // 8, day, slot high), the
slot being that of class and stock; the block's 128 bits are eight draws of 16 bits, and the member takes the one
numbered member % 8. So a member added at the end of a class, or a stock anywhere, changes nobody else's draws.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from abm import chance
from abm.chance import _FINEST, _KEY_STEPS, _MASK, _MULTIPLIERS, _ROUNDS, WORDS
from abm.elementary import normal_quantile_array
from abm.markets.kernel_build import compiled
from abm.markets.kernel_elementary import expm1, log, normal_quantile
from abm.rules.investor import LARGEST_DEVIATION, PER_UNIT

LANES = 8
"""Draws of one block of random bits."""

NORMAL_BITS = 24
"""Binary places of the table of normal quantiles."""

LARGEST_STEPS = int(LARGEST_DEVIATION * PER_UNIT)
"""Steps of log valuation beyond which disagreement and valuations are cut off."""

_BLOCKS = 128
_ATTEMPTS = np.uint64(WORDS)
_LOW = np.uint64(_MASK)
_HALF = np.uint64(0xFFFF)
_16, _20, _12, _32 = (np.uint64(bits) for bits in (16, 20, 12, 32))
_FIRST, _SECOND = (np.uint64(one) for one in _MULTIPLIERS)
_FIRST_STEP, _SECOND_STEP = (np.uint64(one) for one in _KEY_STEPS)


@cache
def normal_table() -> np.ndarray:
    """Normal quantiles at the middles of 2^16 equal parts, in whole 2^-24 (int32): cut off at 4.3 deviations."""
    middles = (np.arange(2**16) + 0.5) / 2**16
    return np.rint(normal_quantile_array(middles) * (1 << NORMAL_BITS)).astype(np.int32)


@compiled
def philox(counter, key):
    """Four random 32-bit words (as uint64) of a counter of four and a key of two."""
    (a, b, c, d), (low, high) = counter, key
    for _ in range(_ROUNDS):
        left, right = _FIRST * a, _SECOND * c
        a, b, c, d = (right >> _32) ^ b ^ low, right & _LOW, (left >> _32) ^ d ^ high, left & _LOW
        low, high = (low + _FIRST_STEP) & _LOW, (high + _SECOND_STEP) & _LOW
    return a, b, c, d


@compiled
def fraction(high, low):
    """The uniform made of 52 of the 64 bits of two words."""
    return (float((high << _20) | (low >> _12)) + 0.5) * _FINEST


@compiled
def _uniform(counter, key):
    a, b, _, _ = philox(counter, key)
    return fraction(a, b)


@compiled
def _uniform_of_halves(low, high, name, key):
    word, day = np.uint64(name[0]), np.uint64(name[1])
    return _uniform((np.uint64(low), word, day, np.uint64(high)), (np.uint64(key[0]), np.uint64(key[1])))


def uniform(slot: int, word: int, day: int, key: tuple[int, int]) -> float:
    """``chance.plain_uniform``; the slot goes in two halves, since half of them are beyond compiled whole numbers."""
    return _uniform_of_halves(slot & _MASK, slot >> 32, (word, day), key)


@compiled
def uniforms(slots: np.ndarray, word: int, day: int, key: tuple[int, int]) -> np.ndarray:
    """``chance.plain_uniforms``."""
    found = np.empty(len(slots))
    for i in range(len(slots)):
        counter = (slots[i] & _LOW, np.uint64(word), np.uint64(day), slots[i] >> _32)
        found[i] = _uniform(counter, (np.uint64(key[0]), np.uint64(key[1])))
    return found


@compiled
def student_t(slot, day, key, degrees):
    """``Chance.student_t`` of a slot, to the bit."""
    word, across, square = np.uint64(0), 0.0, 2.0
    while square >= 1.0:
        a, b, c, d = philox((slot & _LOW, word, day, slot >> _32), key)
        across, up = 2.0 * fraction(a, b) - 1.0, 2.0 * fraction(c, d) - 1.0
        square = across * across + up * up
        word += _ATTEMPTS
    return across * math.sqrt((degrees - 2.0) * expm1(-2.0 / degrees * log(square)) / square)


@compiled
def layer_luck(slots, day, keys, degrees):
    """Luck of the layers (columns): a uniform, a normal and two Student t, each row with a key of its own.

    ``slots`` and ``keys`` (4 x 2) are uint64, ``day`` is the day as 32 bits, ``degrees`` are by layer.
    """
    luck = np.empty((4, len(slots)))
    for layer in range(len(slots)):
        slot = slots[layer]
        for row in range(2):
            a, b, _, _ = philox((slot & _LOW, np.uint64(0), day, slot >> _32), (keys[row, 0], keys[row, 1]))
            luck[row, layer] = fraction(a, b)
        luck[1, layer] = normal_quantile(luck[1, layer])
        for row in range(2, 4):
            luck[row, layer] = student_t(slot, day, (keys[row, 0], keys[row, 1]), degrees[layer])
    return luck


class Names(NamedTuple):
    """By what names a crowd draws, and how widely its valuations spread.

    ``runs`` (int64) has a row for every run of neighbours who follow each other in a class: first row, row after the
    last, class, and place in the class of the first; ``slots`` are by class and stock, ``spread`` in steps by row;
    ``table`` is that of normal quantiles.
    """

    runs: np.ndarray
    slots: np.ndarray
    spread: np.ndarray
    table: np.ndarray


@compiled
def disagree(steps, names, luck, span):
    """Fill ``steps`` (int32, stocks x investors) in a span of rows with each investor's disagreement on each stock.

    ``luck`` are the day as 32 bits and the two words of the key (all uint64).
    """
    words, drawn = np.empty((4, _BLOCKS), np.uint64), np.empty(_BLOCKS * LANES, np.int32)
    day, key = luck[0], (luck[1], luck[2])
    for run in range(names.runs.shape[0]):
        start, end, kind, member = names.runs[run]
        for j in range(steps.shape[0]):
            first = max(start, span[0])
            while first < min(end, span[1]):
                block, skipped = (member + first - start) // LANES, (member + first - start) % LANES
                past = min(end, span[1], first + _BLOCKS * LANES - skipped)
                blocks = (skipped + past - first + LANES - 1) // LANES
                _blocks(words, blocks, (names.slots[kind, j], day, np.uint64(block)), key)
                _look_up(drawn, words, blocks, names.table)
                _scale(steps[j, first:past], drawn[skipped : skipped + past - first], names.spread[first:past])
                first = past


@compiled
def _blocks(words, blocks, name, key):
    """The random words (rows) of neighbouring blocks (columns): round by round, each for all blocks side by side."""
    a, b, c, d = words[0, :blocks], words[1, :blocks], words[2, :blocks], words[3, :blocks]
    (slot, day, block), (low, high) = name, key
    for i in range(len(a)):
        a[i], b[i], c[i], d[i] = slot & _LOW, block + np.uint64(i), day, slot >> _32
    for _ in range(_ROUNDS):
        for i in range(len(a)):
            left, right = _FIRST * (a[i] & _LOW), _SECOND * (c[i] & _LOW)
            a[i], b[i], c[i], d[i] = (right >> _32) ^ b[i] ^ low, right & _LOW, (left >> _32) ^ d[i] ^ high, left & _LOW
        low, high = (low + _FIRST_STEP) & _LOW, (high + _SECOND_STEP) & _LOW


@compiled
def _look_up(drawn, words, blocks, table):
    """The table's number for each 16 bits of the words, block by block, low half first."""
    for i in range(blocks):
        for word in range(4):
            bits = words[word, i]
            drawn[LANES * i + 2 * word] = table[bits & _HALF]
            drawn[LANES * i + 2 * word + 1] = table[bits >> _16]


@compiled
def _scale(steps, drawn, spread):
    """Normals times spread, in steps, cut off."""
    half = 1 << (NORMAL_BITS - 1)
    for i in range(len(steps)):
        wide = (drawn[i] * spread[i] + half) >> NORMAL_BITS
        steps[i] = min(max(wide, -LARGEST_STEPS), LARGEST_STEPS)


chance.run_compiled(uniform, uniforms)
