"""Export controls, AI chips, laboratories and listed firms: an agent-based model and the bench that runs it.

>>> from abm import HISTORICAL, HISTORY_2025, Model
>>> record = Model(HISTORY_2025, HISTORICAL, seed=1).run()    # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Model": "abm.model",
    "Experiment": "abm.experiment",
    "run": "abm.bench.running",
    "Results": "abm.results",
    "Scenario": "abm.scenario.reference",
    "HISTORY_2022": "abm.scenario.reference",
    "HISTORY_2025": "abm.scenario.reference",
    "Policy": "abm.policy",
    "NO_CONTROLS": "abm.policy",
    "RULES_OF_END_2024": "abm.policy",
    "HISTORICAL": "abm.policy",
    "Chance": "abm.chance",
    "OBSERVABLES": "abm.observables",
    "InputError": "abm.errors",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """The public names, imported on first use so that ``abm --help`` does not wait for libraries it does not need."""
    if name not in _HOMES:
        raise AttributeError(f"module 'abm' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOMES)
