"""Elementary functions with the same bits on every machine: exp, log, powers, logistic, normal quantile.

``math.exp`` and ``numpy.exp`` differ in the last bit between processors and C libraries, and a market
amplifies a last bit. Everything here is built from ``+ - * /``, square roots, comparisons and exact scaling
by powers of two, each of which IEEE 754 fixes to the bit. A scalar function and its ``_array`` form run the
same sequence of operations and return the same bits.

Largest errors measured against 50-digit arithmetic, in units in the last place (ulp): exp 0.66, expm1 1.5, log and
log10 0.54, power 0.93, logistic 2.2, normal_quantile 4.7 (8e-16 relative). ``log10`` is exact for powers of ten.

Scalar ``exp``, ``log`` and ``power`` run compiled once ``run_compiled`` has been told of compiled forms of the same source
(``abm.markets.kernel_elementary``, loaded with the model); before, and without, they run as written here.

NaN is refused everywhere, and arguments outside a function's domain raise ``ValueError``, results too large
``OverflowError``: in the state of a run either is a mistake made earlier.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from abm.wichura import CENTRE as _CENTRE
from abm.wichura import SHOULDER as _SHOULDER
from abm.wichura import TAIL as _TAIL

_SQRT_HALF = math.sqrt(0.5)
_INVERSE_LN2 = 1.4426950408889634
# ln 2 in two pieces: the first has 33 significant bits, so that its product with an exponent is exact.
_LN2_HIGH = 0.6931471803691238
_LN2_LOW = 1.9082149292705877e-10
# 1 / ln 10, again in two pieces.
_INVERSE_LN10 = 0.4342944819032518
_INVERSE_LN10_REST = 1.098319650216765e-17
_SPLITTER = 134217729.0  # 2**27 + 1: cuts a number into two halves of 26 bits
_LARGEST_EXPONENT = 709.78  # exp of 709.79 is infinite
_SMALLEST_EXPONENT = -746.0  # exp of anything below rounds to zero
_LARGEST_POWER = 1e20  # any base but 1 over- or underflows long before
# Taylor coefficients, highest first: 1/14! ... 1/2! of exp, and 2/21 ... 2/3 of log((1 + s) / (1 - s)) / s - 2 in s^2.
_EXPONENTIAL_SERIES = tuple(1 / math.factorial(n) for n in range(14, 1, -1))
_LOGARITHM_SERIES = tuple(2 / n for n in range(21, 1, -2))


def exp(x: float) -> float:
    """e to the power x; zero below -745.1. Raises OverflowError above 709.78."""
    x = float(x)
    return _exp(x if _SMALLEST_EXPONENT <= x <= _LARGEST_EXPONENT else _exponent(x))


def exp_array(x: np.ndarray) -> np.ndarray:
    """``exp`` of every element."""
    x = _exponents(_float_array(x))
    k = np.floor(x * _INVERSE_LN2 + 0.5)
    return _scaled_array(_one_plus(*_exponential(x, 0.0, k)), k)


def expm1(x: float) -> float:
    """e to the power x, less one, accurate near zero."""
    x = max(_exponent(float(x)), -64.0)
    k = math.floor(x * _INVERSE_LN2 + 0.5)
    r, tail = _exponential(x, 0.0, k)
    power_of_two = _scaled(1.0, k)
    return power_of_two * (r + tail) + (power_of_two - 1.0)


def log(x: float) -> float:
    """Natural logarithm of a positive, finite number."""
    x = float(x)
    if not 0.0 < x < math.inf:
        _mantissa(x)  # says what is wrong
    return _log(x)


def log_array(x: np.ndarray) -> np.ndarray:
    """``log`` of every element."""
    high, low = _logarithm(*_mantissas(_float_array(x)))
    return high + low


def log10(x: float) -> float:
    """Decimal logarithm of a positive, finite number; exact for powers of ten."""
    return _decimal(*_logarithm(*_mantissa(float(x))))


def log10_array(x: np.ndarray) -> np.ndarray:
    """``log10`` of every element."""
    return _decimal(*_logarithm(*_mantissas(_float_array(x))))


def power(x: float, y: float) -> float:
    """x to the power y for x > 0, and for x = 0 where y >= 0 (0 to the power 0 is 1)."""
    x, y = float(x), float(y)
    if x == 0.0 and y >= 0.0:
        return 1.0 if y == 0.0 else 0.0
    if not 0.0 < x < math.inf:
        _mantissa(x)  # says what is wrong
    found = _power(x, y if -_LARGEST_POWER <= y <= _LARGEST_POWER else _bounded(y))
    return found if found == found else plain_power(x, _bounded(y))  # which says what is wrong


def power_array(x: np.ndarray, y: float) -> np.ndarray:
    """``power(element, y)`` of every element."""
    x, y = _float_array(x), float(y)
    zero = x == 0.0
    if y >= 0.0 and zero.any():
        return np.where(zero, 1.0 if y == 0.0 else 0.0, power_array(np.where(zero, 1.0, x), y))
    exponent, rest = _product(_bounded(y), *_logarithm(*_mantissas(x)))
    rest = np.where(exponent < _SMALLEST_EXPONENT, 0.0, rest)
    exponent = _exponents(exponent)
    k = np.floor(exponent * _INVERSE_LN2 + 0.5)
    return _scaled_array(_one_plus(*_exponential(exponent, rest, k)), k)


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), in [0, 1]; the probability whose log odds are x."""
    odds = exp(-abs(x))
    return (1.0 if x >= 0.0 else odds) / (1.0 + odds)


def logistic_array(x: np.ndarray) -> np.ndarray:
    """``logistic`` of every element."""
    odds = exp_array(-np.abs(x))
    return np.where(np.asarray(x) >= 0.0, 1.0, odds) / (1.0 + odds)


def normal_quantile(p: float) -> float:
    """The value below which a standard normal falls with probability p, 0 < p < 1; odd about 1/2 to the bit.

    Wichura (1988), algorithm AS 241 (PPND16), doi:10.2307/2347330.
    """
    p = float(p)
    if not 0.0 < p < 1.0:
        raise ValueError(f"normal quantile of {p}: a probability must lie strictly between 0 and 1")
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(0.180625 - q * q, _CENTRE)
    r = math.sqrt(-log(p if q < 0.0 else 1.0 - p))
    return math.copysign(_ratio(r - 1.6, _SHOULDER) if r <= 5.0 else _ratio(r - 5.0, _TAIL), q)


def normal_quantile_array(p: np.ndarray) -> np.ndarray:
    """``normal_quantile`` of every element."""
    p = _float_array(p)
    if not ((p > 0.0) & (p < 1.0)).all():
        raise ValueError("normal quantile of an array: every probability must lie strictly between 0 and 1")
    q = p - 0.5
    result = np.asarray(q * _ratio(0.180625 - q * q, _CENTRE))
    outside = np.abs(q) > 0.425
    q, p = q[outside], p[outside]
    r = np.sqrt(-log_array(np.where(q < 0.0, p, 1.0 - p)))
    size = np.where(r <= 5.0, _ratio(r - 1.6, _SHOULDER), _ratio(r - 5.0, _TAIL))
    result[outside] = np.copysign(size, q)
    return result


def plain_exp(x: float) -> float:
    """``exp`` between -746 and 709.78."""
    k = math.floor(x * _INVERSE_LN2 + 0.5)
    return _scaled(_one_plus(*_exponential(x, 0.0, k)), k)


def plain_log(x: float) -> float:
    """``log`` of a positive, finite number."""
    high, low = _logarithm(*_mantissa(x))
    return high + low


def plain_power(x: float, y: float) -> float:
    """``power`` of a positive, finite number, y within 1e20. Compiled forms give NaN where this raises."""
    exponent, rest = _product(y, *_logarithm(*_mantissa(x)))
    if exponent < _SMALLEST_EXPONENT:
        return 0.0
    k = math.floor(_exponent(exponent) * _INVERSE_LN2 + 0.5)
    return _scaled(_one_plus(*_exponential(exponent, rest, k)), k)


_exp, _log, _power = plain_exp, plain_log, plain_power


def run_compiled(exp: Callable, log: Callable, power: Callable) -> None:
    """Let compiled forms, which give the same bits, take the place of the plain ones."""
    global _exp, _log, _power
    _exp, _log, _power = exp, log, power


def _exponential(x, rest, k):
    """exp(x + rest) / 2**k - 1 in two parts, k being the integer nearest to x / ln 2; numbers or arrays."""
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW - rest
    r = high - low
    return r, ((high - r) - low) + r * r * _polynomial(r, _EXPONENTIAL_SERIES)


def _one_plus(r, tail):
    """1 + r + tail, rounded nearly once."""
    rounded = 1.0 + r
    return rounded + ((r - (rounded - 1.0)) + tail)


def _logarithm(mantissa, k):
    """log(mantissa * 2**k) as a number and its remainder; mantissa in [sqrt(1/2), sqrt(2)), numbers or arrays."""
    f = mantissa - 1.0
    divisor = mantissa + 1.0
    divisor_rest = mantissa - (divisor - 1.0)
    s = f / divisor
    product, product_rest = _product(s, divisor, divisor_rest)
    s_rest = ((f - product) - product_rest) / divisor
    z = s * s
    tail = 2.0 * s_rest + s * z * _polynomial(z, _LOGARITHM_SERIES)
    leading = k * _LN2_HIGH
    high = leading + 2.0 * s
    low = (2.0 * s - (high - leading)) + (tail + k * _LN2_LOW)
    rounded = high + low
    return rounded, low - (rounded - high)


def _product(a, high, low):
    """a * (high + low) as a rounded product and what the rounding lost: Dekker (1971), doi:10.1007/BF01397083."""
    a_head, high_head = _head(a), _head(high)
    a_tail, high_tail = a - a_head, high - high_head
    product = a * high
    lost = ((a_head * high_head - product) + a_head * high_tail + a_tail * high_head) + a_tail * high_tail
    return product, lost + a * low


def _head(a):
    """The leading 26 bits."""
    shifted = _SPLITTER * a
    return shifted - (shifted - a)


def _decimal(high, low):
    """Decimal logarithm from a natural one in two parts."""
    product, rest = _product(_INVERSE_LN10, high, low)
    return product + (rest + high * _INVERSE_LN10_REST)


def _polynomial(x, coefficients):
    """Horner's rule, highest coefficient first."""
    value = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        value = value * x + coefficient
    return value


def _ratio(r, coefficients):
    """A rational function; numerator and denominator are polynomials of degree 7."""
    return _polynomial(r, coefficients[0]) / _polynomial(r, coefficients[1])


def _bounded(y: float) -> float:
    return min(max(y, -_LARGEST_POWER), _LARGEST_POWER)


def _exponent(x: float) -> float:
    if x != x:
        raise ValueError("exponential of NaN")
    if x > _LARGEST_EXPONENT:
        raise OverflowError(f"exponential of {x}: the largest exponent is {_LARGEST_EXPONENT}")
    return max(x, _SMALLEST_EXPONENT)


def _exponents(x: np.ndarray) -> np.ndarray:
    if x.size:
        _exponent(x.max())  # NaN, where there is one, is the maximum
    return np.maximum(x, _SMALLEST_EXPONENT)


def _mantissa(x: float) -> tuple[float, int]:
    if not 0.0 < x < math.inf:
        raise ValueError(f"logarithm or power of {x}: a positive, finite number is needed")
    mantissa, k = math.frexp(x)
    return (2.0 * mantissa, k - 1) if mantissa < _SQRT_HALF else (mantissa, k)


def _mantissas(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if x.size:
        _mantissa(x.min())  # NaN, where there is one, is both the minimum and the maximum
        _mantissa(x.max())
    mantissa, k = np.frexp(x)
    small = mantissa < _SQRT_HALF
    return np.where(small, 2.0 * mantissa, mantissa), np.where(small, k - 1.0, k)


def _scaled(x: float, k: int) -> float:
    """x * 2**k, in two steps so that a subnormal result is rounded once, by the hardware."""
    return math.ldexp(x, k // 2) * math.ldexp(1.0, k - k // 2)


def _scaled_array(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    half = np.floor(0.5 * k)
    return np.ldexp(x, half.astype(np.int32)) * np.ldexp(1.0, (k - half).astype(np.int32))


def _float_array(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, dtype=np.float64)
