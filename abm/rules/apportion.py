"""Whole numbers divided in proportion, by largest remainder: payouts, tenders and rations come out even to the unit."""

from __future__ import annotations

import numpy as np

EXACT_PRODUCT = 2**62
"""Largest product of two whole numbers that is left to 64 bits."""

PER_WHOLE = 1_000_000
"""Parts of a whole to which rates are rounded, so that charges are whole numbers."""


def apportion(total: int, weights: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Divide a whole total in proportion to whole weights (int64, shape n) by largest remainder.

    The parts (int64, shape n) sum to the total exactly; of equal remainders the one of lower ``rank`` gets the unit.
    Raises ValueError for a negative total, or for one that nobody has the weight to receive.
    """
    whole = int(weights.sum())
    if total < 0 or (total > 0 and whole <= 0):
        raise ValueError(f"{total} cannot be divided among weights that sum to {whole}")
    if total == 0:
        return np.zeros(len(weights), dtype=np.int64)
    parts, remainders = _times_over(weights, total, whole)
    left = total - int(parts.sum())
    if left:
        first = np.lexsort((rank, -remainders))[:left]
        parts[first] += 1
    return parts


def part_of(money: np.ndarray, rate: float) -> np.ndarray:
    """A rate, to the millionth, of sums of money (int64, none negative), rounded down to whole cents."""
    millionths = round(rate * PER_WHOLE)
    return money // PER_WHOLE * millionths + money % PER_WHOLE * millionths // PER_WHOLE


def proportional_whole(amounts: np.ndarray, of: int, whole: int, rank: np.ndarray) -> np.ndarray:
    """Whole amounts (int64, shape n) scaled by ``of / whole``, their sum rounded down, so that proportions stay."""
    return apportion(int(amounts.sum()) * of // whole, amounts, rank)


def _times_over(weights: np.ndarray, total: int, whole: int) -> tuple[np.ndarray, np.ndarray]:
    """weights x total // whole and the remainders, exactly, also where the product needs more than 64 bits."""
    if int(weights.max()) * total < EXACT_PRODUCT:
        quotients, remainders = np.divmod(weights * total, whole)
        return quotients, remainders
    products = weights.astype(object) * total
    return (products // whole).astype(np.int64), (products % whole).astype(np.int64)
