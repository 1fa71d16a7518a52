"""What a chip could be where a number is missing: one completed chip for every way in which thresholds could fall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from abm.policy.paragraphs import Threshold
from abm.scenario.catalogue import GB_PER_TB, Chip

FAR_BELOW = 1e-3
FAR_ABOVE = 2.0


def completions(chip: Chip, thresholds: Iterable[Threshold]) -> Iterator[Chip]:
    """The chip with its missing die area, bandwidth, interconnect and market filled in, or itself if none is missing.

    Every missing number takes one value between each two neighbouring thresholds that speak of it, one below and one
    above all of them, in every combination: no other value could answer the law differently.
    """
    bounds: dict[str, set[float]] = {}
    for one in thresholds:
        bounds.setdefault(one.attribute, set()).add(one.value)
    choices = {name: values for name, values in _choices(chip, bounds).items() if getattr(chip, name) is None}
    for values in product(*choices.values()):
        yield replace(chip, **dict(zip(choices, values, strict=True))) if choices else chip


def _choices(chip: Chip, bounds: dict[str, set[float]]) -> dict[str, list[float] | list[bool]]:
    traffic = bounds.get("traffic_gbs", set())
    bandwidths = bounds.get("bandwidth_gbs", set()) | {bound - (chip.interconnect_gbs or 0.0) for bound in traffic}
    rates = bounds.get("interconnect_gbs", set()) | {bound - (chip.bandwidth_gbs or 0.0) for bound in traffic}
    return {
        "die_mm2": [chip.tpp / density for density in _between(bounds.get("performance_density", set()))],
        "bandwidth_tbs": [rate / GB_PER_TB for rate in _between(bandwidths)],
        "interconnect_gbs": _between(rates),
        "datacentre": [True, False],
    }


def _between(bounds: set[float]) -> list[float]:
    """A value below the lowest positive bound, one between each two neighbours, and one above the highest."""
    ordered = sorted(bound for bound in bounds if bound > 0.0)
    if not ordered:
        return [1.0]
    middles = [(low + high) / 2 for low, high in zip(ordered, ordered[1:], strict=False)]
    return [ordered[0] * FAR_BELOW, *middles, ordered[-1] * FAR_ABOVE]
