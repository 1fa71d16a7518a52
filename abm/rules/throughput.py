"""What a chip can do: training FLOP a day and serving tokens a second by two roofs (section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.elementary import exp, power
from abm.scenario.catalogue import Chip
from abm.scenario.technology import Technology
from abm.units import GIGA, SECONDS_PER_DAY, TERA, FlopPerDay, Fraction, TokensPerDay, TokensPerSecond, Years


@dataclass(frozen=True, slots=True)
class Roofs:
    """The numbers of a chip that its throughput depends on, under the names and in the units of ``Chip``.

    Also of many chips at once: arrays (float64) of one shape, or that broadcast, interconnects above 0. The bits are
    those of one by one.
    """

    fp16_tflops: float | np.ndarray | None
    fp8_tops: float | np.ndarray | None
    memory_gb: float | np.ndarray
    bandwidth_tbs: float | np.ndarray | None = None
    interconnect_gbs: float | np.ndarray | None = None


def fp16_flops(chip: Chip | Roofs) -> float:
    """Dense 16-bit FLOP/s; half the 8-bit rate where only that is published."""
    if chip.fp16_tflops is not None:
        return chip.fp16_tflops * TERA
    return fp8_flops(chip) / 2


def fp8_flops(chip: Chip | Roofs) -> float:
    """Dense 8-bit operations a second; a chip without an 8-bit unit runs at its 16-bit rate."""
    return (chip.fp8_tops if chip.fp8_tops is not None else (chip.fp16_tflops or 0.0)) * TERA


def interconnect_factor(chip: Chip | Roofs, technology: Technology) -> float:
    """Training utilisation over that of the measured chip: a step takes 1 + load x (FLOP/s over bytes/s of interconnect).

    Communication that is not hidden adds to computation; more so the more FLOP a chip has for a byte of its links
    (the third roof of Williams et al. 2009, 10.1145/1498765.1498785). 1 where the interconnect is unknown.
    """
    if chip.interconnect_gbs is None or (not _are_many(chip.interconnect_gbs) and not chip.interconnect_gbs):
        return 1.0
    intensity = fp16_flops(chip) / (chip.interconnect_gbs * GIGA)
    load = technology.interconnect_load
    return (1.0 + load * technology.measured_intensity) / (1.0 + load * intensity)


def training_flop_per_day(chip: Chip | Roofs, technology: Technology, ecosystem: Fraction) -> FlopPerDay:
    """Useful training FLOP a day = dense 16-bit FLOP/s x utilisation x ecosystem factor x seconds."""
    use = technology.training_use * interconnect_factor(chip, technology)
    return fp16_flops(chip) * use * ecosystem * SECONDS_PER_DAY


def prefill_use(chip: Chip | Roofs, technology: Technology) -> Fraction:
    """Utilisation in prefill, higher on chips with few FLOP per byte of bandwidth (linear between H20 and H800)."""
    intensity = fp8_flops(chip) / (chip.bandwidth_tbs * TERA)
    poor, rich = technology.poor_intensity, technology.rich_intensity
    place = _lower(_higher((intensity - poor) / (rich - poor), 0.0), 1.0)
    return technology.prefill_flop_use_poor + place * (technology.prefill_flop_use - technology.prefill_flop_use_poor)


@dataclass(frozen=True, slots=True)
class ServingRoofs:
    """What one chip's serving is made of before the size of a model counts; all but the first are rates a second.

    ``traffic``: bytes a token of the reference model; ``memory``: bytes; ``arithmetic`` and ``prefill``: FLOP, in use.
    """

    traffic: float | np.ndarray
    memory: float | np.ndarray
    arithmetic: float | np.ndarray
    prefill: float | np.ndarray


def serving_roofs(chip: Chip | Roofs, technology: Technology) -> ServingRoofs:
    """The roofs of a chip under a technology: caches move for every token, weights once for a whole batch.

    A batch grows with the memory that holds its caches, so the part that weights have in the traffic falls with the
    capacity over that of the measured chip.
    """
    shared, operations = technology.shared_traffic, fp8_flops(chip)
    batch = shared * technology.measured_memory_gb / chip.memory_gb + (1.0 - shared)
    return ServingRoofs(
        traffic=technology.bytes_per_token * batch,
        memory=technology.decode_bandwidth_use * chip.bandwidth_tbs * TERA,
        arithmetic=technology.decode_flop_use * operations, prefill=prefill_use(chip, technology) * operations)


def traffic_per_token(chip: Chip | Roofs, technology: Technology, active_parameters: float) -> float:
    """Bytes of memory traffic per decoded token, which scales with the active parameters."""
    return serving_roofs(chip, technology).traffic * (active_parameters / technology.reference_active_parameters)


def serving_rate(chip: Chip | Roofs, technology: Technology, active_parameters: float) -> TokensPerSecond:
    """Output tokens a second of one chip, all in: 1/R = 1/R_decode + u/R_prefill.

    R_decode is the lower of two roofs, memory bandwidth over bytes moved per token and FLOP/s over 2 x active
    parameters (Williams et al. 2009, 10.1145/1498765.1498785).
    """
    return rate_under(serving_roofs(chip, technology), technology, active_parameters)


def rate_under(roofs: ServingRoofs, technology: Technology, active_parameters: float) -> TokensPerSecond:
    """``serving_rate`` of a chip whose roofs are known."""
    flop_per_token = 2 * active_parameters
    memory_roof = roofs.memory / (roofs.traffic * (active_parameters / technology.reference_active_parameters))
    arithmetic_roof, prefill = roofs.arithmetic / flop_per_token, roofs.prefill / flop_per_token
    return 1.0 / (1.0 / _lower(memory_roof, arithmetic_roof) + technology.uncached_input / prefill)


def tokens_per_chip_day(rate: TokensPerSecond, technology: Technology, ecosystem: Fraction) -> TokensPerDay:
    """Mean tokens a day, input and output, that one reserved chip serves in a cloud sized for its peak load."""
    per_output = 1.0 + technology.input_per_output
    served = rate * ecosystem * technology.cloud_serving_efficiency / technology.peak_to_mean
    return served * per_output * SECONDS_PER_DAY


def serving_progress(technology: Technology, years: Years) -> float:
    """Tokens that a chip serves of a model some years on, over those of today: serving software gets better."""
    return exp(technology.serving_progress * years)


def model_size(training_flop: float, reference_flop: float, technology: Technology) -> float:
    """Active parameters of a new model: the reference model's, grown with training compute to a declared power."""
    ratio = training_flop / reference_flop
    return technology.reference_active_parameters * power(max(ratio, 1.0), technology.size_exponent)


def ecosystem_factor(base: Fraction, installed_share: Fraction, opening_share: Fraction, gain: float) -> Fraction:
    """Ecosystem factor of domestic chips: rises with their installed share (Katz and Shapiro 1985), at most 1."""
    return min(max(base + gain * (installed_share - opening_share), 0.0), 1.0)


def _are_many(number: float | np.ndarray) -> bool:
    return isinstance(number, np.ndarray)


def _lower(one: float | np.ndarray, other: float | np.ndarray) -> float | np.ndarray:
    return np.minimum(one, other) if _are_many(one) else min(one, other)


def _higher(one: float | np.ndarray, other: float) -> float | np.ndarray:
    return np.maximum(one, other) if _are_many(one) else max(one, other)
