"""Compiled exp, log and power against those written in Python: the same bits, and the same complaints."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abm import elementary
from abm.markets import kernel_elementary

PLAIN = (elementary.plain_exp, elementary.plain_log, elementary.plain_power)
COMPILED = (kernel_elementary.exp, kernel_elementary.log, kernel_elementary.power)
LEAST, LARGEST = 5e-324, 1.7976931348623157e308

anything = st.floats() | st.integers(0, 2**64 - 1).map(lambda word: struct.unpack("<d", struct.pack("<Q", word))[0])
subnormal = st.floats(0.0, 2.3e-308, exclude_min=True)
exponents = st.floats(-750.0, 715.0)
near_one = st.floats(0.999, 1.001)


@contextmanager
def running(functions: tuple[Callable, ...]) -> Iterator[None]:
    """Let ``abm.elementary`` run these functions for a while."""
    before = elementary._exp, elementary._log, elementary._power
    elementary.run_compiled(*functions)
    try:
        yield
    finally:
        elementary.run_compiled(*before)


def said(function: Callable, arguments: tuple[float, ...], by: tuple[Callable, ...]) -> bytes | tuple[type, str]:
    """The bits of a result, or the complaint."""
    with running(by):
        try:
            return struct.pack("<d", function(*arguments))
        except (ValueError, OverflowError) as complaint:
            return type(complaint), str(complaint)


def assert_same(function: Callable, *arguments: float) -> None:
    assert said(function, arguments, COMPILED) == said(function, arguments, PLAIN)


def test_the_model_runs_compiled_functions():
    assert (elementary._exp, elementary._log, elementary._power) == COMPILED


@given(anything | exponents)
@example(-746.0)
@example(709.78)
@example(709.7800000000001)
@example(-0.0)
def test_exp(x):
    assert_same(elementary.exp, x)


@given(anything | subnormal | near_one)
@example(LEAST)
@example(LARGEST)
@example(0.0)
@example(1.0)
def test_log(x):
    assert_same(elementary.log, x)


@given(anything | subnormal | near_one | st.floats(1e-9, 1e9), anything | st.floats(-60.0, 60.0))
@example(0.0, 0.0)
@example(0.0, -1.0)
@example(LEAST, 0.5)
@example(LARGEST, 1.0)
@example(2.0, 1023.9999)
@example(2.0, -1074.5)
@example(1.0, float("inf"))
@example(2.0, float("nan"))
def test_power(x, y):
    assert_same(elementary.power, x, y)


@pytest.mark.parametrize(("x", "y"), [(2.0, float("nan")), (10.0, 400.0), (0.5, -1e20)])
def test_compiled_power_says_nan_where_the_plain_one_refuses(x, y):
    assert kernel_elementary.power(x, y) != kernel_elementary.power(x, y)
    with pytest.raises((ValueError, OverflowError)):
        elementary.power(x, y)
