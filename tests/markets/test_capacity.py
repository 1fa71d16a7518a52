"""The market for serving: a cloud's chips meet the models that its customers want."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.markets.capacity import reserve, served

CHIPS, MODELS = ("H20", "H800", "910C"), ("R1", "Qwen", "Kimi")
RATES = {(model, chip): 1e6 * (m + 1) * (c + 2) for m, model in enumerate(MODELS) for c, chip in enumerate(CHIPS)}
stocks = st.dictionaries(st.sampled_from(CHIPS), st.integers(0, 10**6))
wishes = st.dictionaries(st.sampled_from(MODELS), st.floats(0.0, 1e14))


def of_model(grants: dict[tuple[str, str], int], model: str) -> dict[str, int]:
    """Chips reserved for one model."""
    return {chip: units for (name, chip), units in grants.items() if name == model}


@given(stocks, wishes)
def test_no_more_is_reserved_than_there_is(available, wanted):
    grants = reserve(available, wanted, RATES)
    assert all(isinstance(units, int) and units >= 0 for units in grants.values())
    for chip, units in available.items():
        assert sum(given_out for (_, kind), given_out in grants.items() if kind == chip) <= units


@given(stocks, wishes)
def test_no_model_gets_more_than_it_wants(available, wanted):
    grants = reserve(available, wanted, RATES)
    for model, tokens in wanted.items():
        assert served(of_model(grants, model), model, RATES) <= tokens * (1 + 1e-9)


@given(stocks, wishes)
def test_where_there_is_enough_all_but_a_chip_of_each_kind_is_reserved(available, wanted):
    grants = reserve(available, wanted, RATES)
    capacity = {model: served(available, model, RATES) for model in wanted}
    if all(capacity.values()) and sum(tokens / capacity[model] for model, tokens in wanted.items()) <= 1.0:
        for model, tokens in wanted.items():
            missing = tokens - served(of_model(grants, model), model, RATES)
            assert missing <= sum(RATES[model, chip] for chip in available) * (1 + 1e-9)


@given(stocks, wishes, st.randoms(use_true_random=False))
def test_the_order_of_models_and_chips_does_not_matter(available, wanted, mixer):
    def mixed(entries: dict) -> dict:
        rows = list(entries.items())
        mixer.shuffle(rows)
        return dict(rows)

    assert reserve(mixed(available), mixed(wanted), RATES) == reserve(available, wanted, RATES)


def test_scarce_chips_are_shared_in_proportion_to_the_wish():
    grants = reserve({"H20": 90}, {"R1": 1e9, "Qwen": 4e9}, {("R1", "H20"): 1e6, ("Qwen", "H20"): 2e6})
    assert grants == {("R1", "H20"): 30, ("Qwen", "H20"): 60}


def test_nobody_wants_nothing():
    assert reserve({"H20": 5}, {"R1": 0.0}, RATES) == {("R1", "H20"): 0}
    assert reserve({}, {"R1": 5.0}, RATES) == {}


@given(stocks)
def test_what_is_served_adds_up(reserved):
    each = [served({chip: units}, "R1", RATES) for chip, units in reserved.items()]
    assert served(reserved, "R1", RATES) == pytest.approx(sum(each))
