"""Targets of laboratories and of serving: launches by mid-2025, the capability gap, tokens, the published serving day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from abm.picture import ABROAD, HOME
from abm.rules.lab import best_main_share
from abm.rules.throughput import fp8_flops, prefill_use, serving_rate, traffic_per_token
from abm.scenario.catalogue import load_chips
from abm.scenario.technology import Technology
from abm.units import TERA
from analysis.validation.arms import Arm
from analysis.validation.scoring import SHARE, Fit, Target
from analysis.validation.trade_targets import BOUND, OPENED_2025, reported

MID_2025 = date(2025, 6, 30)
R1, R1_DAY = "DeepSeek-R1", date(2025, 1, 20)
MOST = {"low": 0.5, "high": 1.0, "band": "more than half of the runs"}
EARLY = date(2025, 1, 1)


def _waits(arm: Arm) -> pd.Series:
    """Whether DeepSeek's next model had not come out by mid-2025."""
    return arm.runs["next_launch_months"] > arm.months(MID_2025)


def _another_launched(arm: Arm) -> pd.Series:
    """Whether another Chinese lab had launched by mid-2025, in the runs in which DeepSeek waits."""
    launched = (arm.runs["other_chinese_launch_months"] <= arm.months(MID_2025)).astype(float)
    return launched.where(_waits(arm))


def _bound(constraint: str) -> Callable[[Arm], pd.Series]:
    """Whether a constraint bound in a review of DeepSeek's next model, in the runs in which DeepSeek waits."""
    return lambda arm: (arm.runs[constraint] > 0).astype(float).where(_waits(arm))


def _launch(pattern: str, what: str, measure: Callable[[Arm], pd.Series], *fits: str) -> Target:
    return Target(
        pattern=pattern, what=what, unit=SHARE, source="r2-report-2025-06", since=EARLY, until=MID_2025, after=R1,
        measure=measure, fits=tuple(map(Fit, fits)), **MOST)  # type: ignore[arg-type]


def _without_memory_version(arm: Arm) -> pd.Series:
    """Whether NVIDIA had decided on no special version with HBM by mid-2025."""
    return arm.count(MID_2025, "special version adopted", "nvidia", saying="HBM") == 0


TRIED_BY = date(2025, 8, 31)


def _taken_off(arm: Arm) -> pd.Series:
    """Whether DeepSeek's run for its next model began on domestic chips and was taken off them."""
    return arm.count(TRIED_BY, "run moved", "deepseek", saying="next 1") > 0


LAUNCHES = (
    _launch("P2", "no R2 by 2025-06-30", _waits, "tolerance"),
    _launch("P2", "another Chinese lab has launched, where R2 has not", _another_launched, "tolerance"),
    _launch("P2", "quality was short in a review, where R2 waits", _bound("quality_bound"), "tolerance"),
    _launch("P3", "serving was short in a review, where R2 waits", _bound("capacity_bound"), "tolerance"),
    Target(
        pattern="P5", what="the run for R2 fails on domestic chips and leaves them by August 2025", unit=SHARE,
        source="ft-2025-r2", since=EARLY, until=TRIED_BY, after=R1, measure=_taken_off,
        fits=(Fit("domestic_goodwill"), Fit("lent_share")), **MOST),  # type: ignore[arg-type]
    Target(
        pattern="P8", what="no special version with HBM decided by mid-2025", unit=SHARE, source="nvidia-filings", since=EARLY,
        until=MID_2025, after=R1, measure=_without_memory_version,
        fits=(Fit("line_substitution"),), **MOST),  # type: ignore[arg-type]
)


def _gap(what: str, since: date, until: date, *fits: Fit) -> Target:
    return Target(
        pattern="P11", what=f"lag of China's best model, {what}", unit="month", low=4.0, high=14.0, band="range since 2023",
        source="epoch-capabilities-index", since=since, until=until, fits=fits,
        measure=lambda arm: arm.mean(since, until, "capability_gap", "China"))


GAPS = (
    _gap("2023 to mid-2025", date(2023, 1, 1), MID_2025),
    _gap("first half of 2025", EARLY, MID_2025, Fit("labs", OPENED_2025), Fit("releases", OPENED_2025)),
)

TOKEN_DAY, GOOGLE_DAY = date(2025, 7, 1), date(2025, 6, 2)
GOOGLE_TOKENS = 480 / 31
"""Trillion tokens a day: 480 trillion in the month of May 2025."""

TOKENS = Target(
    pattern="P3", what="tokens served a day by Chinese models, June 2025", unit="trillion", low=30.0, high=None, band=BOUND,
    source="nda-tokens", since=EARLY, until=TOKEN_DAY,
    fits=(Fit("china_tokens", OPENED_2025), Fit("china_growth", OPENED_2025), Fit("cloud_serving_efficiency")),
    measure=lambda arm: arm.at(TOKEN_DAY, "tokens_by_region", f"{HOME} served") / TERA)
TOKENS_ELSEWHERE = Target(
    pattern="P3", what="tokens served a day by other models, May 2025 (twice Google's)", unit="trillion",
    source="google-tokens", since=EARLY, until=GOOGLE_DAY,
    fits=(Fit("abroad_tokens", OPENED_2025), Fit("abroad_growth", OPENED_2025)),
    measure=lambda arm: arm.at(GOOGLE_DAY, "tokens_by_region", f"{ABROAD} served") / TERA,
    **reported(2 * GOOGLE_TOKENS))  # type: ignore[arg-type]

MEASURED_CHIP = "H800 SXM"
FIT_WIDTH = 0.05


def _decoding(technology: Technology) -> float:
    """Output tokens a second of an H800 in decoding."""
    chip, size = _measured_chip(), technology.reference_active_parameters
    memory = technology.decode_bandwidth_use * chip.bandwidth_tbs * TERA / traffic_per_token(chip, technology, size)
    return min(memory, technology.decode_flop_use * fp8_flops(chip) / (2 * size))


def _prefill(technology: Technology) -> float:
    """Uncached input tokens a second of an H800 in prefill."""
    chip = _measured_chip()
    return prefill_use(chip, technology) * fp8_flops(chip) / (2 * technology.reference_active_parameters)


def _all_in(technology: Technology) -> float:
    return serving_rate(_measured_chip(), technology, technology.reference_active_parameters)


def _measured_chip():
    return next(chip for chip in load_chips() if chip.name == MEASURED_CHIP)


def _serving(what: str, value: float, rate: Callable[[Technology], float]) -> Target:
    def measure(arm: Arm) -> np.ndarray:
        declared = arm.about["parameters"]
        return np.array([rate(SimpleNamespace(**{one.name: declared[f"technology.{one.name}"] for one in fields(Technology)}))])

    return Target(
        pattern="P3", what=f"{what} of an H800 on the published day", unit="token/s", low=value * (1 - FIT_WIDTH),
        high=value * (1 + FIT_WIDTH), band="published value, 5 % either way: a fit", source="deepseek-serving-day",
        since=date(2025, 2, 27), until=date(2025, 2, 28), measure=measure,
        fits=(Fit("decode_bandwidth_use"), Fit("prefill_flop_use")))


SERVING_DAY = (
    _serving("decoding", 1850.0, _decoding),
    _serving("prefill", 4026.0, _prefill),
    _serving("output all in", 1072.0, _all_in),
)

IDLE_AT_THE_OPENING = 0.15
"""Idle hours of serving, in experiments at the opening, of a leading lab."""


def _split(arm: Arm) -> np.ndarray:
    """Share of a leading lab's training compute that its main run gets at the opening, by its own rule."""
    declared = arm.about["parameters"]
    training = (1.0 - IDLE_AT_THE_OPENING) / (1.0 - declared["conduct.main_run_share"])
    gain = declared["technology.algorithm_growth"] * declared["conduct.research_horizon"]
    share = best_main_share(training, IDLE_AT_THE_OPENING, gain=gain, returns=declared["technology.research_returns"])
    return np.array([share])


SPLIT = Target(
    pattern="P11", what="share of training compute in final runs at the opening", unit="1", low=0.10, high=0.30,
    band="three firms", source="epoch-compute-split", since=EARLY, until=EARLY, measure=_split,
    fits=(Fit("research_horizon"),))

LAUNCH_TARGETS = (*LAUNCHES, *GAPS, TOKENS, TOKENS_ELSEWHERE, SPLIT, *SERVING_DAY)
