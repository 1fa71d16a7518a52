"""Rates that are looked up are those that the rules of throughput give for the day's ecosystem and sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.rates import Rates
from abm.rules.throughput import serving_rate, tokens_per_chip_day
from abm.scenario.catalogue import load_chips
from abm.scenario.technology import Technology

CHIPS, TECHNOLOGY = load_chips(), Technology()
NAMES = ("one", "two", "three")
steps = st.lists(
    st.tuples(st.just("model"), st.sampled_from(NAMES), st.sampled_from((1e10, 5e10, TECHNOLOGY.reference_active_parameters)))
    | st.tuples(st.just("share"), st.floats(0.0, 1.0)) | st.tuples(st.just("chip"), st.sampled_from(("new A", "new B"))),
    max_size=12)


@settings(max_examples=30)
@given(steps)
def test_rates_are_those_of_the_rules_whatever_came_before(history):
    rates, sizes, share = Rates(TECHNOLOGY, CHIPS), {}, 0.0
    for number, (kind, *rest) in enumerate(history):
        if kind == "model":
            sizes[rest[0]] = rest[1]
            rates.add_model(*rest)
        elif kind == "share":
            share = rest[0]
            rates.refresh(share)
        else:
            like = next(chip for chip in CHIPS if chip.name == "H20 SXM")
            rates.add_chip(replace(like, name=rest[0], bandwidth_tbs=1.0 + number))
    expected = {(model, name): anew(rates, name, size, share) for model, size in sizes.items() for name in rates.chips}
    assert rates.serving == expected


def anew(rates: Rates, name: str, size: float, share: float) -> float:
    """Tokens a day of a chip with a model of a size, worked out anew."""
    factor = rates.ecosystem(name, TECHNOLOGY.domestic_serving_factor, share)
    return tokens_per_chip_day(serving_rate(rates.chips[name], TECHNOLOGY, size), TECHNOLOGY, factor)


def test_serving_software_gets_better_and_training_does_not():
    """After a year each chip serves exp(.57) times the tokens of every model; the work of a token and training stay."""
    rates = Rates(TECHNOLOGY, CHIPS)
    rates.add_model("one", 5e10)
    served, effort, training = dict(rates.serving), rates.effort("one"), rates.training("H20 SXM")
    rates.refresh(0.0, 1.0)
    assert rates.serving["one", "H20 SXM"] == pytest.approx(1.768 * served["one", "H20 SXM"], rel=1e-3)
    assert rates.effort("one") == pytest.approx(effort) and rates.training("H20 SXM") == training
    still = Rates(replace(TECHNOLOGY, serving_progress=0.0), CHIPS)
    before = still.reference("H20 SXM")
    still.refresh(0.0, 1.0)
    assert still.reference("H20 SXM") == before
