"""Luck by name: a draw is a function of seed, purpose, holder, day and word, and of nothing drawn before.

The generator is Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, doi:10.1145/2063384.2063405): the key is a 64-bit
hash of (CONTRACT_VERSION, seed, purpose), the counter is (slot low, word, day, slot high), and the slot is a 64-bit
hash of the holder's permanent id. A new holder, another draw, another order of draws change nothing else, and two
runs of one seed share the luck of everything that has the same name in both.

``word`` numbers several draws of one holder on one day for one purpose, from 0 to 65,535. Uniforms are the odd
multiples of 2^-53 (52 random bits), so 0 and 1 never occur and u and 1 - u are equally fine. Every method that takes
one name uses one uniform and inverts the distribution function, so that draws stay coupled when a parameter changes;
``student_t`` alone rejects, and its n-th attempt has a counter of its own. Two methods asked with one name share its
luck: what is to be independent needs a purpose, a holder, a day or a word of its own.

Uniforms run compiled once ``run_compiled`` has been told of compiled forms of the same bits
(``abm.markets.kernel_draws``, loaded with the model); before, and without, they run as written here.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate

import numpy as np

from abm.elementary import exp, expm1, log, normal_quantile, normal_quantile_array

CONTRACT_VERSION = 1
"""Part of every key: raised whenever a name is to mean another draw, which changes the result of every run."""

WORDS = 2**16
"""Draws that one holder can name on one day for one purpose."""

_MASK = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_FINEST = 2.0**-52
_NEGLIGIBLE = 2.0**-70
_LARGEST_MEAN = 1e10


@lru_cache(maxsize=2**16)
def slot(holder: str) -> int:
    """The 64-bit slot of a permanent id."""
    return int.from_bytes(blake2b(holder.encode(), digest_size=8, person=b"slot").digest(), "little")


def slots(holders: Iterable[str]) -> np.ndarray:
    """The slots of many permanent ids, as uint64."""
    return np.array([slot(holder) for holder in holders], dtype=np.uint64)


class Chance:
    """The luck of one run. Holds its seed and a cache of keys, no position in any stream.

    Days are whole numbers from -2^31 to 2^31 - 1, negative before the start.
    """

    __slots__ = ("_keys", "seed")

    def __init__(self, seed: int) -> None:
        """Raises TypeError unless the seed is an integer."""
        self.seed = operator.index(seed)
        self._keys: dict[str, tuple[tuple[int, int], ...]] = {}

    def __repr__(self) -> str:
        return f"Chance({self.seed})"

    def __reduce__(self) -> tuple:
        return Chance, (self.seed,)

    def uniform(self, purpose: str, holder: str, day: int, word: int = 0) -> float:
        """A number between 0 and 1, neither included."""
        return _uniform(slot(holder), _checked(word), _encoded(day), self.key(purpose))

    def normal(self, purpose: str, holder: str, day: int, word: int = 0) -> float:
        """A standard normal, by inversion."""
        return normal_quantile(self.uniform(purpose, holder, day, word))

    def exponential(self, purpose: str, holder: str, day: int, word: int = 0) -> float:
        """An exponential of mean 1, by inversion: small where ``uniform`` is large."""
        return -log(self.uniform(purpose, holder, day, word))

    def lognormal(self, purpose: str, holder: str, day: int, word: int = 0, *, median: float, sigma: float) -> float:
        """median times e to the power sigma times ``normal``."""
        return median * exp(sigma * self.normal(purpose, holder, day, word))

    def student_t(self, purpose: str, holder: str, day: int, word: int = 0, *, degrees: float) -> float:
        """A Student t of variance 1; ``degrees`` of freedom, more than 2 and not necessarily whole.

        Bailey's polar method (1994, doi:10.2307/2153537), scaled by sqrt((degrees - 2) / degrees). The points tried
        do not depend on ``degrees``, so the draw is a smooth function of them.
        """
        if not 2.0 < degrees < math.inf:
            raise ValueError(f"Student t of variance 1 with {degrees} degrees of freedom: more than 2 are needed")
        where, word = slot(holder), _checked(word)
        for attempt in range(WORDS):
            bits = self._block(purpose, where, day, word + attempt * WORDS)
            across, up = 2.0 * _fraction(*bits[:2]) - 1.0, 2.0 * _fraction(*bits[2:]) - 1.0
            square = across * across + up * up
            if square < 1.0:
                break
        return across * math.sqrt((degrees - 2.0) * expm1(-2.0 / degrees * log(square)) / square)

    def poisson(self, mean: float, purpose: str, holder: str, day: int) -> int:
        """A Poisson count, by inversion: it does not fall when the mean rises. Raises ValueError unless 0 <= mean <= 1e10.

        Exact up to the rounding of the cumulative probabilities. Takes about 10 + 2 sqrt(mean) microseconds.
        """
        return poisson_quantile(self.uniform(purpose, holder, day), mean)

    def chance(self, probability: float, purpose: str, holder: str, day: int) -> bool:
        """Whether something of this probability happens. Raises ValueError outside 0 .. 1."""
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"probability {probability} is not between 0 and 1")
        return self.uniform(purpose, holder, day) < probability

    def choice(self, weights: Sequence[float], purpose: str, holder: str, day: int) -> int:
        """An index, with a probability in proportion to its weight; an index of weight 0 is never chosen.

        Sort what the weights belong to by permanent id. Raises ValueError unless weights are >= 0, finite, and one > 0.
        """
        running = list(accumulate(map(float, weights)))
        if not running or min(weights) < 0.0 or not 0.0 < running[-1] < math.inf:
            raise ValueError("choice among weights: they must be finite, none negative and one positive")
        return bisect_left(running, self.uniform(purpose, holder, day) * running[-1])

    def uniforms(self, purpose: str, slots: np.ndarray, day: int, word: int = 0) -> np.ndarray:
        """``uniform`` of every slot (uint64), to the bit."""
        return _uniforms(slots, _checked(word), _encoded(day), self.key(purpose))

    def normals(self, purpose: str, slots: np.ndarray, day: int, word: int = 0) -> np.ndarray:
        """``normal`` of every slot (uint64), to the bit."""
        return normal_quantile_array(self.uniforms(purpose, slots, day, word))

    def key(self, purpose: str) -> tuple[int, int]:
        """The two 32-bit words of a purpose's key, for compiled code that draws by name as this class does."""
        return self._round_keys(purpose)[0]

    def _block(self, purpose: str, where: int, day: int, word: int) -> tuple[int, int, int, int]:
        return philox((where & _MASK, word, _encoded(day), where >> 32), self._round_keys(purpose))

    def _round_keys(self, purpose: str) -> tuple[tuple[int, int], ...]:
        keys = self._keys.get(purpose)
        if keys is None:
            name = f"{CONTRACT_VERSION}:{self.seed}:{purpose}".encode()
            key = int.from_bytes(blake2b(name, digest_size=8, person=b"purpose").digest(), "little")
            keys = self._keys[purpose] = round_keys(key & _MASK, key >> 32)
        return keys


def round_keys(low: int, high: int) -> tuple[tuple[int, int], ...]:
    """The ten pairs of 32-bit words that Philox derives from a key."""
    steps = range(_ROUNDS)
    return tuple(((low + step * _KEY_STEPS[0]) & _MASK, (high + step * _KEY_STEPS[1]) & _MASK) for step in steps)


def philox(counter: Sequence[int], keys: Sequence[tuple[int, int]]) -> tuple[int, int, int, int]:
    """Four random 32-bit words of a counter of four 32-bit words."""
    a, b, c, d = counter
    first, second, mask = *_MULTIPLIERS, _MASK
    for low, high in keys:
        left, right = first * a, second * c
        a, b, c, d = (right >> 32) ^ b ^ low, right & mask, (left >> 32) ^ d ^ high, left & mask
    return a, b, c, d


def philox_array(counter: Sequence[np.ndarray], keys: Sequence[tuple[int, int]]) -> tuple[np.ndarray, ...]:
    """``philox`` of many counters: four uint64 arrays, each element below 2^32, in and out."""
    a, b, c, d = counter
    (first, second), mask, shift = np.array(_MULTIPLIERS, np.uint64), np.uint64(_MASK), np.uint64(32)
    for low, high in np.array(keys, np.uint64):
        left, right = first * a, second * c
        a, b, c, d = (right >> shift) ^ b ^ low, right & mask, (left >> shift) ^ d ^ high, left & mask
    return a, b, c, d


def poisson_quantile(p: float, mean: float) -> int:
    """The smallest count whose cumulative Poisson probability reaches p, 0 < p < 1.

    Probabilities are followed from the mode outwards by their ratios until they drop below 2^-70 of it, so that
    neither exp nor the logarithm of a factorial enters.
    """
    if not 0.0 <= mean <= _LARGEST_MEAN:
        raise ValueError(f"Poisson count of mean {mean}: a mean between 0 and {_LARGEST_MEAN:.0e} is needed")
    mode = math.floor(mean)
    below, above = [], [1.0]
    count, weight = mode, 1.0
    while count > 0 and weight > _NEGLIGIBLE:
        weight *= count / mean
        below.append(weight)
        count -= 1
    lowest, count, weight = count, mode, 1.0
    while weight > _NEGLIGIBLE:
        count += 1
        weight *= mean / count
        above.append(weight)
    running = list(accumulate(below[::-1] + above))
    return lowest + bisect_left(running, p * running[-1])


def _fraction(high: int, low: int) -> float:
    """The uniform made of 52 of the 64 bits of two words."""
    return ((high << 20 | low >> 12) + 0.5) * _FINEST


def plain_uniform(slot: int, word: int, day: int, key: tuple[int, int]) -> float:
    """The uniform of a slot, a word, a day as 32 bits and a key."""
    return _fraction(*philox((slot & _MASK, word, day, slot >> 32), round_keys(*key))[:2])


def plain_uniforms(slots: np.ndarray, word: int, day: int, key: tuple[int, int]) -> np.ndarray:
    """``plain_uniform`` of every slot (uint64)."""
    low, high = slots & np.uint64(_MASK), slots >> np.uint64(32)
    counter = (low, np.full_like(low, word), np.full_like(low, day), high)
    first, second, _, _ = philox_array(counter, round_keys(*key))
    bits = (first << np.uint64(20)) | (second >> np.uint64(12))
    return (bits.astype(np.float64) + 0.5) * _FINEST


_uniform, _uniforms = plain_uniform, plain_uniforms


def run_compiled(uniform: Callable, uniforms: Callable) -> None:
    """Let compiled forms, which give the same bits, take the place of the plain ones."""
    global _uniform, _uniforms
    _uniform, _uniforms = uniform, uniforms


def _checked(word: int) -> int:
    word = operator.index(word)
    if not 0 <= word < WORDS:
        raise ValueError(f"word {word} is not between 0 and {WORDS - 1}")
    return word


def _encoded(day: int) -> int:
    """The day as 32 bits, two's complement."""
    day = operator.index(day)
    if not -(2**31) <= day < 2**31:
        raise ValueError(f"day {day} does not fit in 32 bits")
    return day & _MASK
