"""All targets, and the patterns that are judged by other commands and tests."""

from __future__ import annotations

from analysis.validation.compute_targets import COMPUTE_TARGETS
from analysis.validation.launch_targets import LAUNCH_TARGETS
from analysis.validation.scoring import Target
from analysis.validation.trade_targets import TRADE


def _place(target: Target) -> int:
    return int(target.pattern.removeprefix("P"))


TARGETS: tuple[Target, ...] = tuple(sorted((*TRADE, *COMPUTE_TARGETS, *LAUNCH_TARGETS), key=_place))

ELSEWHERE = {
    "P4": "python -m analysis.launch_reaction, on the results of experiments/launch_reaction.py",
    "P7": "observable denied_purchases; tests/laws/test_denials.py",
    "P9": "abm rules redesign; tests/rules/test_redesign.py",
    "P12": "observables chip_flows and licence_flows; tests/laws/test_licences.py",
    "P13": "python -m analysis.launch_reaction; tests/laws/test_values.py",
    "P14": "python experiments/repeated_rules.py",
    "P15": "python -m analysis.stylized_facts",
}
"""Patterns that are no level, and what judges them."""
