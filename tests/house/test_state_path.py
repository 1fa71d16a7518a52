"""Nothing that a run computes differs between machines, Pythons or processes."""

from __future__ import annotations

import pytest

from tests.house.source_tree import Source, report, sources
from tests.house.state_path import findings
from tests.house.test_layers import BENCH, layer

OUTSIDE = (*BENCH, "cli", "rules_command", "__init__")  # they run, save and describe

BAD = (
    "y = np.exp(x)",
    "y = numpy.log10(x)",
    "y = math.pow(x, 2)",
    "y = np.linalg.solve(a, b)",
    "from math import exp",
    "y = a @ b",
    "y = a.b ** 0.5",
    "y = x ** 2",
    "y **= 2",
    "y = 2**k",
    "y = pow(x, 2)",
    "y = sum(prices)",
    "order = np.argsort(x)",
    "order = x.argsort(kind='quicksort')",
    "import random",
    "from numpy.random import default_rng",
    "g = np.random.default_rng(1)",
    "y = self.random.random()",
    "y = model.rng.normal()",
    "agents.shuffle_do('step')",
    "key = hash(name)",
    "now = datetime.now()",
    "f = numba.njit(fastmath=True)",
    "f = numba.njit(parallel=True)",
    "for x in {1, 2}: pass",
    "y = [x for x in set(names)]",
    "y = list(set(names) - {'a'})",
    "y = sorted({*a, *b}, key=len)",
    "y = {name: 1 for name in {*a, *b}}",
    "names = {n for n in rows}\nfor name in names: pass",
    "def f(names: set[str]):\n    for name in names: pass",
)
GOOD = (
    "y = elementary.exp(x)",
    "y = x * x",
    "y = 10**9",
    "y = 2.0**-53",
    "y = base ** places  # integers",
    "y = math.fsum(prices)",
    "y = sum(units)  # integers",
    "y = sum(1 for x in rows)",
    "y = sum(len(x) for x in rows)",
    "y = shares.sum()",
    "order = np.argsort(x, kind='stable')",
    "y = math.sqrt(x) + np.sqrt(x)",
    "f = numba.njit(cache=True, fastmath=False)",
    "for x in sorted({1, 2}): pass",
    "y = sorted(name for name in {*a, *b} if name)",
    "y = {name for name in set(a)}",
    "y = max({1, 2})",
    "y = name in {'a', 'b'}",
    "day = date(2025, 1, 1)",
)


def test_a_run_computes_the_same_bits_everywhere():
    path = [source for source in sources("abm") if layer(source.module) not in OUTSIDE]
    found = [finding for source in path for finding in findings(source)]
    assert not found, report(found)


@pytest.mark.parametrize("text", BAD)
def test_a_machine_dependent_operation_is_noticed(text):
    assert findings(Source("abm/rules/lab.py", text))


@pytest.mark.parametrize("text", GOOD)
def test_a_portable_operation_passes(text):
    assert findings(Source("abm/rules/lab.py", text)) == []
