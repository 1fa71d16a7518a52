"""The market for serving: one cloud's chips meet the models that its customers want."""

from __future__ import annotations

import math
from collections.abc import Mapping

from abm.units import Chips, TokensPerDay


def reserve(
    available: Mapping[str, Chips], wanted: Mapping[str, TokensPerDay], rates: Mapping[tuple[str, str], TokensPerDay]
) -> dict[tuple[str, str], Chips]:
    """Whole chips of each kind reserved for each model: what each wants, or a proportional part where it is too much.

    ``available`` chips by kind, ``wanted`` tokens a day by model, ``rates`` tokens a chip and day by (model, chip).
    Every model takes the same part of each kind of chip that serves it, so no model is left with only the poor ones.
    """
    parts = {model: _part(model, tokens, available, rates) for model, tokens in wanted.items()}
    whole = math.fsum(parts.values())
    scale = 1.0 if whole <= 1.0 else 1.0 / whole
    return {
        (model, chip): math.floor(units * part * scale)
        for model, part in parts.items()
        for chip, units in available.items()
        if rates[model, chip] > 0
    }


def _part(
    model: str, tokens: TokensPerDay, available: Mapping[str, Chips], rates: Mapping[tuple[str, str], TokensPerDay]
) -> float:
    if tokens <= 0:
        return 0.0
    capacity = math.fsum(units * rates[model, chip] for chip, units in available.items())
    return tokens / capacity if capacity > 0 else 0.0


def served(reserved: Mapping[str, Chips], model: str, rates: Mapping[tuple[str, str], TokensPerDay]) -> TokensPerDay:
    """Tokens a day that chips reserved for a model serve."""
    return math.fsum(units * rates[model, chip] for chip, units in reserved.items())
