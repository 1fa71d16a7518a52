"""``abm.elementary`` for compiled code: the same operations, taken from the same source, so the same bits.

Nothing is refused here: arguments are to lie inside the domain, and an exponent inside the range of floats.
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from abm import elementary
from abm.markets.kernel_build import compiled

_exponential = register_jitable(elementary._exponential)
_logarithm = register_jitable(elementary._logarithm)
_one_plus = register_jitable(elementary._one_plus)
_product = register_jitable(elementary._product)
_ratio = register_jitable(elementary._ratio)
for _part in (elementary._polynomial, elementary._head):
    register_jitable(_part)

_INVERSE_LN2 = elementary._INVERSE_LN2
_SQRT_HALF = elementary._SQRT_HALF
_SMALLEST_EXPONENT, _LARGEST_EXPONENT = elementary._SMALLEST_EXPONENT, elementary._LARGEST_EXPONENT
_CENTRE, _SHOULDER, _TAIL = elementary._CENTRE, elementary._SHOULDER, elementary._TAIL


@compiled
def scaled(x: float, k: int) -> float:
    """x * 2**k, rounded once."""
    half = k // 2
    return math.ldexp(x, half) * math.ldexp(1.0, k - half)


@compiled
def exp(x: float) -> float:
    """``elementary.exp`` between -745 and 709."""
    k = int(math.floor(x * _INVERSE_LN2 + 0.5))
    r, tail = _exponential(x, 0.0, k)
    return scaled(_one_plus(r, tail), k)


@compiled
def expm1(x: float) -> float:
    """``elementary.expm1`` up to 709."""
    x = max(x, -64.0)
    k = int(math.floor(x * _INVERSE_LN2 + 0.5))
    r, tail = _exponential(x, 0.0, k)
    power_of_two = scaled(1.0, k)
    return power_of_two * (r + tail) + (power_of_two - 1.0)


@compiled
def log(x: float) -> float:
    """``elementary.log`` of a positive, finite number."""
    mantissa, k = math.frexp(x)
    if mantissa < _SQRT_HALF:
        mantissa, k = 2.0 * mantissa, k - 1
    high, low = _logarithm(mantissa, k)
    return high + low


@compiled
def power(x: float, y: float) -> float:
    """``elementary.plain_power``; NaN where that refuses its arguments or overflows."""
    mantissa, k = math.frexp(x)
    if mantissa < _SQRT_HALF:
        mantissa, k = 2.0 * mantissa, k - 1
    high, low = _logarithm(mantissa, k)
    exponent, rest = _product(y, high, low)
    if exponent < _SMALLEST_EXPONENT:
        return 0.0
    if not exponent <= _LARGEST_EXPONENT:
        return math.nan
    k = int(math.floor(exponent * _INVERSE_LN2 + 0.5))
    r, tail = _exponential(exponent, rest, k)
    return scaled(_one_plus(r, tail), k)


@compiled
def normal_quantile(p: float) -> float:
    """``elementary.normal_quantile`` strictly between 0 and 1."""
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(0.180625 - q * q, _CENTRE)
    r = math.sqrt(-log(p if q < 0.0 else 1.0 - p))
    size = _ratio(r - 1.6, _SHOULDER) if r <= 5.0 else _ratio(r - 5.0, _TAIL)
    return math.copysign(size, q)


@compiled
def exp_each(x: np.ndarray) -> np.ndarray:
    """``exp`` of every element of a short row."""
    return np.array([exp(one) for one in x])


@compiled
def log_each(x: np.ndarray) -> np.ndarray:
    """``log`` of every element of a short row."""
    return np.array([log(one) for one in x])


elementary.run_compiled(exp, log, power)
