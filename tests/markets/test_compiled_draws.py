"""Compiled uniforms against those written in Python: the same bits for every name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abm import chance
from abm.markets import kernel_draws

SLOTS, WORDS_32 = st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)
KEYS = st.tuples(WORDS_32, WORDS_32)


def test_the_model_draws_compiled():
    assert (chance._uniform, chance._uniforms) == (kernel_draws.uniform, kernel_draws.uniforms)


@given(SLOTS, st.integers(0, chance.WORDS - 1), WORDS_32, KEYS)
@example(2**64 - 1, chance.WORDS - 1, 2**32 - 1, (2**32 - 1, 2**32 - 1))
@example(2**63, 0, 2**31, (0, 0))
def test_one_uniform(slot, word, day, key):
    assert kernel_draws.uniform(slot, word, day, key) == chance.plain_uniform(slot, word, day, key)


@given(st.lists(SLOTS, max_size=20), st.integers(0, chance.WORDS - 1), WORDS_32, KEYS)
def test_many_uniforms(slots, word, day, key):
    where = np.array(slots, np.uint64)
    many = kernel_draws.uniforms(where, word, day, key)
    assert many.dtype == np.float64 and many.tolist() == chance.plain_uniforms(where, word, day, key).tolist()
    assert many.tolist() == [kernel_draws.uniform(slot, word, day, key) for slot in slots]


@pytest.mark.parametrize("word", [-1, chance.WORDS])
def test_words_beyond_the_range_are_refused_as_before(word):
    with pytest.raises(ValueError, match="is not between 0 and"):
        chance.Chance(1).uniform("noise", "a", 0, word)
