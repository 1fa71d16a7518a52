"""Accuracy, order, refusals, and one result whether asked one by one or as an array."""

from __future__ import annotations

import ast
import math
import struct
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

from abm import elementary
from abm.elementary import (
    exp,
    exp_array,
    expm1,
    log,
    log10,
    log10_array,
    log_array,
    logistic,
    logistic_array,
    normal_quantile,
    normal_quantile_array,
    power,
    power_array,
)

GOLDEN = 0.6180339887498949


def spread(low: float, high: float, count: int = 1500) -> list[float]:
    """Points that fill an interval evenly without a generator."""
    return [low + (high - low) * (index * GOLDEN % 1.0) for index in range(1, count)]


def worst_ulp(function, exact, arguments) -> float:
    """The largest distance from the exact value, in units in its last place."""
    with localcontext() as context:
        context.prec = 50
        worst = 0.0
        for x in arguments:
            truth = exact(Decimal(x))
            worst = max(worst, abs(float((Decimal(function(x)) - truth) / Decimal(math.ulp(float(truth))))))
    return worst


@pytest.mark.parametrize(
    ("function", "exact", "interval", "bound"),
    [
        (exp, Decimal.exp, (-2.0, 2.0), 0.67),
        (exp, Decimal.exp, (-700.0, 709.0), 0.67),
        (expm1, lambda x: x.exp() - 1, (-1.5, 1.5), 1.5),
        (expm1, lambda x: x.exp() - 1, (-1e-6, 1e-6), 1.0),
        (log, Decimal.ln, (0.5, 2.0), 0.55),
        (log, Decimal.ln, (1e-3, 1e9), 0.55),
        (log10, Decimal.log10, (0.5, 2.0), 0.55),
        (logistic, lambda x: 1 / (1 + (-x).exp()), (-40.0, 40.0), 2.3),
        (lambda x: power(x, 1.7), lambda x: (x.ln() * Decimal(1.7)).exp(), (1e-3, 1e3), 0.7),
        (lambda x: power(x, -29.3), lambda x: (x.ln() * Decimal(-29.3)).exp(), (1e-9, 1e-8), 0.95),
        (lambda x: power(0.037, x), lambda x: (Decimal(0.037).ln() * x).exp(), (-200.0, 200.0), 0.95),
    ],
)
def test_accuracy(function, exact, interval, bound):
    assert worst_ulp(function, exact, spread(*interval)) < bound


def test_normal_quantile_against_scipy():
    probabilities = np.array(spread(0.0, 1.0, 20_000) + [2.0**-k for k in range(2, 200)] + [1 - 2.0**-53])
    np.testing.assert_allclose(normal_quantile_array(probabilities), special.ndtri(probabilities), rtol=3e-15)


@pytest.mark.smoke
def test_exact_values():
    assert exp(0.0) == 1.0 and exp(1.0) == math.e and exp(-math.inf) == 0.0 and exp(-745.0) == 5e-324
    assert log(1.0) == 0.0 and log(math.e) == 1.0 and log(5e-324) == math.log(5e-324)
    assert [log10(10.0**k) for k in range(-22, 23)] == [float(k) for k in range(-22, 23)]
    assert [power(2.0, k) for k in range(-1074, 1024)] == [math.ldexp(1.0, k) for k in range(-1074, 1024)]
    assert (power(0.0, 0.0), power(0.0, 0.5), power(1.0, math.inf), power(10.0, -400.0)) == (1.0, 0.0, 1.0, 0.0)
    assert power(1.0 - 2.0**-53, 1e300) == 0.0 and power(0.3, -1.0) == 1.0 / 0.3
    assert power_array(np.array([1e-300, 0.5]), 1e300).tolist() == [0.0, 0.0]
    assert logistic(0.0) == 0.5 and logistic(1e9) == 1.0 and logistic(-1e9) == 0.0
    assert expm1(0.0) == 0.0 and expm1(-1e9) == -1.0 and expm1(1e-300) == 1e-300
    assert normal_quantile(0.5) == 0.0


PAIRS = {
    "exp": (exp, exp_array, st.floats(-800.0, 709.0)),
    "log": (log, log_array, st.floats(5e-324, 1.7e308)),
    "log10": (log10, log10_array, st.floats(5e-324, 1.7e308)),
    "logistic": (logistic, logistic_array, st.floats(-1e300, 1e300)),
    "normal_quantile": (normal_quantile, normal_quantile_array, st.floats(5e-324, 1.0 - 2.0**-53)),
}


@pytest.mark.parametrize("name", PAIRS)
@given(data=st.data())
def test_arrays_have_the_same_bits(name, data):
    one, many, arguments = PAIRS[name]
    values = data.draw(st.lists(arguments, min_size=1, max_size=20))
    assert many(np.array(values)).tobytes() == struct.pack(f"={len(values)}d", *map(one, values))


@given(st.lists(st.floats(0.0, 1e40), min_size=1, max_size=20), st.floats(-7.0, 7.0))
def test_array_of_powers_has_the_same_bits(values, exponent):
    assume(exponent >= 0.0 or min(values) > 1e-40)
    expected = struct.pack(f"={len(values)}d", *(power(value, exponent) for value in values))
    assert power_array(np.array(values), exponent).tobytes() == expected


@pytest.mark.parametrize("array_form", [exp_array, log_array, log10_array, logistic_array, normal_quantile_array])
def test_shapes_survive(array_form):
    values = np.full((3, 2, 0), 0.5), np.full((3, 2), 0.5), np.array(0.5)
    assert [np.shape(array_form(value)) for value in values] == [(3, 2, 0), (3, 2), ()]


@pytest.mark.parametrize("name", PAIRS)
@given(data=st.data())
def test_never_falls(name, data):
    function, _, arguments = PAIRS[name]
    x = data.draw(arguments)
    step = data.draw(st.sampled_from([1e-14, 1e-9, 0.1]))
    larger = x + abs(x) * step
    data_ends_at = {"exp": 709.0, "normal_quantile": 1.0 - 2.0**-53}.get(name, 1.7e308)
    assume(larger <= data_ends_at)
    assert function(x) <= function(larger)


@given(st.floats(2.0**-53, 0.5))
def test_symmetry(p):
    assert normal_quantile(1.0 - p) == -normal_quantile(1.0 - (1.0 - p))
    x = 40.0 * p
    assert logistic(x) + logistic(-x) == pytest.approx(1.0, abs=2.5e-16)
    assert log(exp(x)) == pytest.approx(x, rel=1e-15, abs=3e-16)


@pytest.mark.parametrize(
    ("function", "argument", "error"),
    [
        (exp, 709.8, OverflowError),
        (exp, math.nan, ValueError),
        (log, 0.0, ValueError),
        (log, math.nan, ValueError),
        (log10, math.inf, ValueError),
        (logistic, math.nan, ValueError),
        (normal_quantile, 0.0, ValueError),
        (normal_quantile, 1.0, ValueError),
        (normal_quantile, math.nan, ValueError),
    ],
)
def test_refusals_of_numbers_and_arrays(function, argument, error):
    with pytest.raises(error):
        function(argument)
    with pytest.raises(error):
        getattr(elementary, f"{function.__name__}_array")(np.array([0.5, argument, 0.25]))


@pytest.mark.parametrize(
    ("x", "y", "error"),
    [(-1.0, 2.0, ValueError), (0.0, -1.0, ValueError), (2.0, math.nan, ValueError), (10.0, 400.0, OverflowError)],
)
def test_refusals_of_powers(x, y, error):
    with pytest.raises(error):
        power(x, y)
    with pytest.raises(error):
        power_array(np.array([1.0, x]), y)


def test_nothing_is_borrowed_from_the_c_library():
    allowed = {
        "math": {"factorial", "floor", "frexp", "ldexp", "sqrt", "copysign", "inf"},
        "np": set("abs asarray copysign float64 floor frexp int32 ldexp maximum ndarray sqrt where".split()),
    }
    tree = ast.parse(Path(elementary.__file__).read_text())
    used: dict[str, set[str]] = {"math": set(), "np": set()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in used:
            used[node.value.id].add(node.attr)
    assert all(used[module] and used[module] <= allowed[module] for module in used), used
