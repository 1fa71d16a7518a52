"""What chips do: the published serving day, the roofs, and which chip is good at what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.throughput import (
    Roofs,
    ecosystem_factor,
    fp8_flops,
    fp16_flops,
    model_size,
    prefill_use,
    serving_rate,
    tokens_per_chip_day,
    training_flop_per_day,
)
from abm.scenario.catalogue import load_chips
from abm.scenario.technology import Technology
from abm.units import SECONDS_PER_DAY

CHIPS = {chip.name: chip for chip in load_chips()}
TECHNOLOGY = Technology()
REFERENCE = TECHNOLOGY.reference_active_parameters
USABLE = sorted(name for name, chip in CHIPS.items() if chip.bandwidth_tbs and (chip.fp16_tflops or chip.fp8_tops))
chips = st.sampled_from(USABLE).map(CHIPS.get)
sizes = st.floats(1e9, 1e12)


def decode_rate(chip, technology: Technology = TECHNOLOGY) -> float:
    """Output tokens a second if there were no input: 1/R is linear in the input, so two inputs tell."""
    less, more = (serving_rate(chip, replace(technology, uncached_input=u), REFERENCE) for u in (1.0, 2.0))
    return 1.0 / (2.0 / less - 1.0 / more)


def prefill_rate(chip, technology: Technology = TECHNOLOGY) -> float:
    """Uncached input tokens a second if there were no output."""
    less, more = (serving_rate(chip, replace(technology, uncached_input=u), REFERENCE) for u in (1.0, 2.0))
    return 1.0 / (1.0 / more - 1.0 / less)


def test_the_published_serving_day():
    """DeepSeek's published day on the H800; it was fitted to these numbers, so this says that the fit still stands."""
    h800 = CHIPS["H800 SXM"]
    assert decode_rate(h800) == pytest.approx(1850, rel=0.02)
    assert prefill_rate(h800) == pytest.approx(4026, rel=0.02)
    assert serving_rate(h800, TECHNOLOGY, REFERENCE) == pytest.approx(1072, rel=0.02)


def test_the_h20_decodes_well_and_does_all_else_poorly():
    h20, h800 = CHIPS["H20 SXM"], CHIPS["H800 SXM"]
    full = training_flop_per_day(CHIPS["H100 SXM"], TECHNOLOGY, 1.0)  # with the links of the H20, so silicon alone counts
    training = [training_flop_per_day(h20, TECHNOLOGY, 1.0), full]
    serving = [serving_rate(chip, TECHNOLOGY, REFERENCE) for chip in (h20, h800)]
    assert training[0] < 0.2 * training[1]
    assert prefill_rate(h20) < 0.5 * prefill_rate(h800)
    assert decode_rate(h20) > decode_rate(h800)
    assert training[0] / training[1] < serving[0] / serving[1]


def test_v3_took_the_hours_that_were_published():
    """3.4e24 FLOP in 2.788 million H800 hours."""
    a_day = training_flop_per_day(CHIPS["H800 SXM"], TECHNOLOGY, 1.0)
    assert a_day * 2.788e6 / 24 == pytest.approx(3.4e24, rel=0.03)


def test_eight_bit_and_sixteen_bit_rates_stand_in_for_each_other():
    only_eight = replace(CHIPS["H20 SXM"], fp16_tflops=None)
    only_sixteen = replace(CHIPS["H20 SXM"], fp8_tops=None)
    assert fp16_flops(only_eight) == fp8_flops(only_eight) / 2
    assert fp8_flops(only_sixteen) == fp16_flops(only_sixteen)


@given(chips, sizes, st.floats(1.0, 4.0))
def test_a_larger_model_is_served_more_slowly(chip, size, factor):
    assert serving_rate(chip, TECHNOLOGY, size * factor) <= serving_rate(chip, TECHNOLOGY, size)


@given(chips, st.floats(1.0, 3.0))
def test_more_bandwidth_never_slows_decoding(chip, factor):
    """Only decoding: a chip with more bandwidth counts as poorer in arithmetic, and prefills at another utilisation."""
    flat = replace(TECHNOLOGY, prefill_flop_use_poor=TECHNOLOGY.prefill_flop_use)
    wide = replace(chip, bandwidth_tbs=chip.bandwidth_tbs * factor)
    assert serving_rate(wide, flat, REFERENCE) >= serving_rate(chip, flat, REFERENCE)


@given(chips, sizes)
def test_the_rate_lies_below_each_roof(chip, size):
    rate = serving_rate(chip, TECHNOLOGY, size)
    flop_roof = TECHNOLOGY.decode_flop_use * fp8_flops(chip) / (2 * size)
    traffic = TECHNOLOGY.bytes_per_token * size / REFERENCE
    assert 0 < rate < flop_roof
    assert rate < TECHNOLOGY.decode_bandwidth_use * chip.bandwidth_tbs * 1e12 / traffic


@given(chips)
def test_prefill_use_lies_between_its_two_ends(chip):
    ends = sorted((TECHNOLOGY.prefill_flop_use, TECHNOLOGY.prefill_flop_use_poor))
    assert ends[0] <= prefill_use(chip, TECHNOLOGY) <= ends[1]


def test_prefill_use_is_that_of_the_measured_chips():
    assert prefill_use(CHIPS["H800 SXM"], TECHNOLOGY) == pytest.approx(TECHNOLOGY.prefill_flop_use, rel=0.01)
    assert prefill_use(CHIPS["H20 SXM"], TECHNOLOGY) == pytest.approx(TECHNOLOGY.prefill_flop_use_poor, rel=0.01)


@given(st.floats(1.0, 5000.0), st.floats(0.0, 1.0))
def test_tokens_a_day_count_input_and_output_at_the_mean_load(rate, ecosystem):
    day = tokens_per_chip_day(rate, TECHNOLOGY, ecosystem)
    most = rate * SECONDS_PER_DAY * (1 + TECHNOLOGY.input_per_output)
    assert 0 <= day <= most
    assert tokens_per_chip_day(2 * rate, TECHNOLOGY, ecosystem) == pytest.approx(2 * day)


@given(st.floats(1e20, 1e28), st.floats(1.0, 100.0))
def test_models_grow_with_compute_and_never_shrink(flop, factor):
    small, large = (model_size(one, 4e24, TECHNOLOGY) for one in (flop, flop * factor))
    assert REFERENCE <= small <= large <= small * factor
    assert model_size(4e24, 4e24, TECHNOLOGY) == REFERENCE


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_ecosystem_factor_rises_with_the_share_and_is_a_share(base, share, opening, gain):
    factor = ecosystem_factor(base, share, opening, gain)
    assert 0.0 <= factor <= 1.0
    assert ecosystem_factor(base, opening, opening, gain) == pytest.approx(base)
    assert factor >= ecosystem_factor(base, share / 2, opening, gain)


def test_the_h800_takes_a_fifth_longer_than_the_h100_to_train():
    """10 to 30 % as reported in May 2023; the two chips differ in their interconnect alone."""
    rates = [training_flop_per_day(CHIPS[name], TECHNOLOGY, 1.0) for name in ("H100 SXM", "H800 SXM")]
    assert rates[0] / rates[1] == pytest.approx(1.2, abs=0.002)


@given(chips, st.floats(1.0, 10.0))
def test_more_interconnect_never_slows_training_and_without_load_it_does_not_matter(chip, factor):
    wide = replace(chip, interconnect_gbs=(chip.interconnect_gbs or 64.0) * factor)
    narrow = replace(wide, interconnect_gbs=chip.interconnect_gbs or 64.0)
    assert training_flop_per_day(wide, TECHNOLOGY, 1.0) >= training_flop_per_day(narrow, TECHNOLOGY, 1.0)
    free = replace(TECHNOLOGY, interconnect_load=0.0)
    assert training_flop_per_day(wide, free, 1.0) == training_flop_per_day(narrow, free, 1.0)


numbers = st.lists(st.floats(1.0, 5e4), min_size=1, max_size=6)


@given(numbers, numbers, st.floats(10.0, 1e3), sizes)
def test_many_chips_at_once_have_the_bits_of_one_by_one(operations, widths, memory, size):
    across, tb_a_second = np.array(operations)[:, None], np.array(widths) / 1000
    serving = serving_rate(Roofs(across, 2 * across, memory, tb_a_second), TECHNOLOGY, size)
    training = training_flop_per_day(Roofs(across, 2 * across, memory, None, np.array(widths)), TECHNOLOGY, 1.0)
    assert serving.shape == training.shape == (len(operations), len(widths))
    for i, fp16 in enumerate(operations):
        for j, width in enumerate(widths):
            one = Roofs(fp16, 2 * fp16, memory, width / 1000, width)
            assert serving[i, j] == serving_rate(one, TECHNOLOGY, size)
            assert training[i, j] == training_flop_per_day(one, TECHNOLOGY, 1.0)
