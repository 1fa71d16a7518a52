"""The split of a budget over chips that close two gaps, solved exactly: a linear programme of three rows.

    maximise  sum over gaps g of worth_g min(1, sum_i gain_gi x_i) - sum_i cost_i x_i
    subject to  sum_i x_i <= 1,  0 <= x_i <= bound_i

with x_i the share of the money spent on chip i. Where no gap closes this is a fractional knapsack, and taking chips by
their worth per USD is exact (Dantzig 1957, 10.1287/opre.5.2.266). Else the simplex method for bounded variables
decides, with the smallest-index rule against cycling (Bland 1977, 10.1287/moor.2.2.103): at most three chips are then
bought in part. Plain arithmetic in a fixed order, so that the bits are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

INFINITE = float("inf")
NEGLIGIBLE = 1e-12
MOST_STEPS = 500


@dataclass(frozen=True)
class Mix:
    """The programme: for each chip what all the money spent on it gains of both gaps, costs beside, and its bound."""

    gains: tuple[Sequence[float], Sequence[float]]
    costs: Sequence[float]
    bounds: Sequence[float]
    worth: tuple[float, float]

    def marginal(self, place: int) -> float:
        """Worth of the first unit of money spent on a chip."""
        (serving, training), (first, second) = self.gains, self.worth
        return first * serving[place] + second * training[place] - self.costs[place]


def best_mix(mix: Mix) -> list[float]:
    """Shares of the money that maximise the programme. Chips should come in the order in which ties are to be broken."""
    shares = _by_worth(mix)
    closed = [_gained(gain, shares) for gain in mix.gains]
    return shares if max(closed) <= 1.0 else _Simplex(mix).solve()


def _by_worth(mix: Mix) -> list[float]:
    """The knapsack: the best chip first, each up to its bound, while money is left."""
    count, left = len(mix.costs), 1.0
    margins = [mix.marginal(place) for place in range(count)]
    shares = [0.0] * count
    for place in sorted(range(count), key=lambda one: -margins[one]):
        if margins[place] <= 0.0 or left <= 0.0:
            break
        shares[place] = min(mix.bounds[place], left)
        left -= shares[place]
    return shares


def _gained(gain: Sequence[float], shares: Sequence[float]) -> float:
    total = 0.0
    for each, share in zip(gain, shares, strict=True):
        total += each * share
    return total


class _Simplex:
    """Condensed tableau: basic = value - rows x nonbasic. Variables: chips, surplus of both gaps, slack, closed parts."""

    def __init__(self, mix: Mix) -> None:
        count = len(mix.costs)
        self.count = count
        self.upper = [*mix.bounds, INFINITE, INFINITE, INFINITE, 1.0, 1.0]
        self.columns = list(range(count + 2))
        self.basis = [count + 2, count + 3, count + 4]
        self.value = [1.0, 0.0, 0.0]
        self.rows = [
            [1.0] * count + [0.0, 0.0],
            [-gain for gain in mix.gains[0]] + [1.0, 0.0],
            [-gain for gain in mix.gains[1]] + [0.0, 1.0],
        ]
        self.reduced = [mix.marginal(place) for place in range(count)] + [-mix.worth[0], -mix.worth[1]]
        self.at_upper = [False] * (count + 5)
        self.least = NEGLIGIBLE * (mix.worth[0] + mix.worth[1])

    def solve(self) -> list[float]:
        """Step until no variable improves the worth, and give the shares of the chips."""
        for _ in range(MOST_STEPS):
            column = self._entering()
            if column is None:
                break
            self._step(column)
        shares = [self.upper[one] if self.at_upper[one] else 0.0 for one in range(self.count)]
        for variable, value in zip(self.basis, self.value, strict=True):
            if variable < self.count:
                shares[variable] = min(max(value, 0.0), 1.0)
        return shares

    def _entering(self) -> int | None:
        """The improving variable of smallest index, by its column."""
        best = None
        for column, variable in enumerate(self.columns):
            change = -self.reduced[column] if self.at_upper[variable] else self.reduced[column]
            if change > self.least and (best is None or variable < self.columns[best]):
                best = column
        return best

    def _step(self, column: int) -> None:
        """Move one variable as far as its own bound or that of a basic one, which then leaves the basis."""
        variable = self.columns[column]
        sign = -1.0 if self.at_upper[variable] else 1.0
        furthest, leaving = self.upper[variable], None
        for row, basic in enumerate(self.basis):
            slope = sign * self.rows[row][column]
            if slope > NEGLIGIBLE:
                room = self.value[row] / slope
            elif slope < -NEGLIGIBLE:
                room = (self.upper[basic] - self.value[row]) / -slope
            else:
                continue
            room = max(room, 0.0)
            if room < furthest or (room == furthest and leaving is not None and basic < self.basis[leaving]):
                furthest, leaving = room, row
        for row in range(3):
            self.value[row] -= sign * furthest * self.rows[row][column]
        if leaving is None:
            self.at_upper[variable] = not self.at_upper[variable]
        else:
            entered = (self.upper[variable] if self.at_upper[variable] else 0.0) + sign * furthest
            self._pivot(leaving, column, is_high=sign * self.rows[leaving][column] < 0.0)
            self.value[leaving] = entered

    def _pivot(self, row: int, column: int, *, is_high: bool) -> None:
        """Exchange a basic and a nonbasic variable; the one that leaves stays at its upper bound or at zero."""
        entering, leaving = self.columns[column], self.basis[row]
        self.at_upper[entering], self.at_upper[leaving] = False, is_high
        pivot = self.rows[row][column]
        line = [entry / pivot for entry in self.rows[row]]
        for other in [*self.rows, self.reduced]:
            if other is self.rows[row]:
                continue
            factor = other[column]
            if factor:
                for place, entry in enumerate(line):
                    other[place] -= factor * entry
            other[column] = -factor / pivot
        line[column] = 1.0 / pivot
        self.rows[row] = line
        self.columns[column], self.basis[row] = leaving, entering
