"""The digest: equal states have equal hashes whatever objects hold them, and nothing slips past it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.digest import Writings, canonical, digest, hashed, joined, written

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
states = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)


def copied(value: object) -> object:
    """An equal value made of other objects, mappings in the opposite order of insertion."""
    if isinstance(value, dict):
        return {copied(key): copied(part) for key, part in reversed(value.items())}
    if isinstance(value, list):
        return [copied(part) for part in value]
    if isinstance(value, str):
        return "".join([*value, ""])
    return float(repr(value)) if isinstance(value, float) else value


@given(states)
def test_equal_states_made_of_other_objects_have_one_digest(state):
    assert digest(copied(state)) == digest(state)


@given(states, states)
def test_different_states_have_different_digests(one, other):
    same = repr(canonical(one)) == repr(canonical(other))
    assert (digest(one) == digest(other)) == same


def test_one_object_twice_is_two_equal_objects():
    part = "".join(["chip", ":", "H20"])
    assert digest([part, part]) == digest(["".join(["chip:", "H20"]), "chip:H20"])


@pytest.mark.parametrize(
    "one, other", [(0.1 + 0.2, 0.3), (0.0, -0.0), (1, 1.0), (True, 1), ("1", 1), (None, 0), ([1, [2]], [[1], 2])]
)
def test_the_last_bit_and_the_kind_count(one, other):
    assert digest(one) != digest(other)


@dataclass
class Order:
    """A state with named parts."""

    buyer: str
    quantity: int
    day: date


def test_arrays_dates_bytes_and_records_count():
    order = Order("alibaba", 5, date(2025, 4, 16))
    assert digest(order) == digest(["alibaba", 5, "2025-04-16"])
    assert digest(order) != digest(Order("alibaba", 6, date(2025, 4, 16)))
    numbers = np.array([1.0, 2.0])
    assert digest(numbers) == digest(numbers.copy()) != digest(np.array([1.0, math.nextafter(2.0, 3.0)]))
    assert digest(numbers) != digest(numbers.reshape(2, 1)) and digest(b"a") != digest(b"b")


@pytest.mark.parametrize("value", [{1, 2}, object(), lambda: 0, np.float64(1.0), 1j, {"a": {2}}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError, match="which has no canonical form"):
        digest(value)


def test_the_recorded_digest():
    """The same on every machine and Python; a change here changes the digest of every run."""
    state = {"b": [1, 2.5, None, True, "Yangtze 长江"], "a": (-1, 2**70, b"x", date(2025, 1, 27))}
    assert digest(state) == "50bf7344f3790b100cc7f1ffea661d61"


# writing parts once -----------------------------------------------------------------------------------------


@given(st.lists(states, max_size=5))
def test_parts_written_one_by_one_are_the_whole(parts):
    assert joined([written(part) for part in parts]) == written(tuple(parts))
    assert hashed(joined([written(part) for part in parts])) == digest(parts)


def changed(state: object, number: int) -> object:
    """A state in which something may have moved: a value, a type, the order of a mapping, the sign of a zero."""
    others = (state, copied(state), {"a": state, "b": number % 2}, {"b": number % 2, "a": state}, [state], (state,),
              float(number % 3), number % 3, -0.0, number % 2 == 0, b"1", "1", date(2025, 1, 1 + number % 2))
    return others[number % len(others)]


@given(states, st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_what_is_kept_is_what_would_be_written_anew(state, numbers):
    keep = Writings()
    for number in numbers:
        part = changed(state, number)
        assert keep.of("a part", part) == written(part)
        assert keep.of("another", (part, "another")) == written((part, "another"))


def test_a_part_that_changes_in_place_is_written_anew():
    keep, part = Writings(), {"units": [1, 2], "order": Order("alibaba", 5, date(2025, 4, 16))}
    before = keep.of("a part", part)
    part["units"][1] = 3
    assert keep.of("a part", part) == written(part) != before
    part["order"].quantity = 6
    assert keep.of("a part", part) == written(part)


def test_a_part_that_has_not_changed_is_not_written_again():
    keep, times = Writings(), []
    for part in ({"a": 1}, {"a": 1}, {"a": 1.0}, {"a": 1.0}, {"b": 1.0}):
        keep.of("a part", part, lambda values: times.append(values) or written(values))
    assert times == [{"a": 1}, {"a": 1.0}, {"b": 1.0}]


def test_kept_parts_are_refused_like_others():
    keep = Writings()
    keep.of("a part", [1.0])
    with pytest.raises(TypeError, match="which has no canonical form"):
        keep.of("a part", [np.float64(1.0)])


def test_frozen_things_are_written_anew_when_another_stands_in_their_place():
    keep, one, other, times = Writings(), ("a", 1), ("a", 1.0), []
    for things in ([one, other], [one, other], [other, one], [one], [one, other]):
        kept = keep.of_frozen("things", things, lambda told: times.append(len(told)) or written(told))
        assert kept == written(things)
    assert times == [2, 2, 1, 2]


def test_arrays_are_hashed_anew_unless_they_are_the_same_and_fixed():
    """One that may be written to is read each time; one that may not, again when another has taken its place."""
    keep, one, other = Writings(), np.array([1.0, 2.0]), np.array([3.0])
    other.flags.writeable = False
    plain = [written(one.tobytes()), written(other.tobytes())]
    assert keep.of_arrays("arrays", [one, other]) == plain == keep.of_arrays("arrays", [one, other])
    one[0] = 5.0
    changed = written(one.tobytes())
    assert keep.of_arrays("arrays", [other, one, other]) == [plain[1], changed, plain[1]] and changed != plain[0]
    another = np.array([4.0])
    another.flags.writeable = False
    assert keep.of_arrays("arrays", [another]) == [written(another.tobytes())]
    assert keep.of_arrays("arrays", []) == [] and keep.of_arrays("arrays", [other]) == plain[1:]


def test_a_row_is_its_own_form_only_where_all_in_it_is_plain():
    for inner in (("a", 1), ("a", [1]), ("a", {"b": 1}), ("a", ("b", None)), (date(2025, 1, 1),), ()):
        rows = [("x", 0), inner]
        assert canonical(rows) == tuple(canonical(row) for row in rows)
    with pytest.raises(TypeError, match="which has no canonical form"):
        canonical([("a", 1), ("a", np.float64(1.0))])
