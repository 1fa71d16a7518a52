"""The cross-section of a launch as text: three tables, and what of it was put in."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from abm.bench.aligned import columns
from abm.results import Results
from analysis.launch_reaction.cross_section import (
    CLEAR,
    JEVONS,
    LARGE,
    LAUNCH,
    Estimate,
    FirmReaction,
    rank_agreement,
    surprise,
)
from analysis.launch_reaction.observed import MEMORY, SALIENCE_DAY

WIDTH = 120


def as_json(firms: Sequence[FirmReaction]) -> str:
    """A list of objects, one a firm; returns and log effects as fractions."""
    return json.dumps([asdict(one) for one in firms], indent=2)


def as_text(firms: Sequence[FirmReaction], results: Results) -> str:
    """The tables with their captions."""
    return "\n".join([
        f"{SALIENCE_DAY}, the day of salience: returns in %, observed and of the model (mean, sd over {firms[0].raw.n} seeds)",
        *columns([*_day_rows(firms)], left=1),
        "",
        "What the launch did: 100 x log price less that of the same seed without the launch",
        *columns([*_effect_rows(firms)], left=1),
        "",
        "What becomes of it: the same, some trading days later; share of it that is gone, and t of the change",
        *columns([*_recovery_rows(firms)], left=1),
        "",
        *(textwrap.fill(note, WIDTH, subsequent_indent="  ") for note in notes(firms, results)),
    ])  # fmt: skip


def _day_rows(firms: Sequence[FirmReaction]) -> Iterator[tuple[str, ...]]:
    yield "ticker", "observed raw", "abnormal", "model raw", "sd", "abnormal", "sd", "fell in % of seeds"
    for one in firms:
        seen = one.observed
        marked = "" if seen is None or seen.source != MEMORY else " m"
        raw = "-" if seen is None else f"{100 * seen.raw_return:.1f}{marked}"
        yield (one.ticker, raw, _hundred(seen and seen.abnormal_return, 1), *_mean_sd(one.raw), *_mean_sd(one.abnormal),
               f"{100 * one.raw.fallen:.0f}")  # fmt: skip


def _effect_rows(firms: Sequence[FirmReaction]) -> Iterator[tuple[str, ...]]:
    yield ("ticker", "on the day", "sd", "t", "by its close", "sd", "t", "below 0 in %", "Jevons", "sd", "t", "no salience",
           "expected cost")  # fmt: skip
    for one in firms:
        yield (one.ticker, *_mean_sd_t(one.own_day), *_mean_sd_t(one.effect), f"{100 * one.effect.fallen:.0f}",
               *_mean_sd_t(one.jevons), _hundred(one.no_salience.mean), _hundred(one.expected_cost.mean))  # fmt: skip


def _recovery_rows(firms: Sequence[FirmReaction]) -> Iterator[tuple[str, ...]]:
    horizons = tuple(firms[0].later)
    after = [cell for days in horizons for cell in (f"after {days}", "gone %", "t")]
    yield "ticker", "by the close", *after, *(f"Jevons after {days}" for days in horizons[-1:])
    for one in firms:
        cells = [cell for days in horizons for cell in (_hundred(one.later[days].mean), *_gone(one.recovered[days]))]
        jevons = (_hundred(one.jevons_later[days].mean) for days in horizons[-1:])
        yield one.ticker, _hundred(one.effect.mean), *cells, *jevons


def notes(firms: Sequence[FirmReaction], results: Results) -> Iterator[str]:
    """What the tables rest on: inputs, outcomes, agreement with the observed order, and what is not comparable."""
    parameters = {arm: results.manifest["scenarios"][arm]["parameters"] for arm in (LAUNCH, JEVONS)}
    beliefs = {arm: values["capital.elasticity_mean"] for arm, values in parameters.items()}
    rank, chance, count = rank_agreement(firms)
    yield (
        f"Inputs: the size of the surprise (ln expected over revealed training compute = {surprise(results):.2f}), the day of "
        f"salience ({SALIENCE_DAY}), firms' exposures and their sensitivity to it, and the mean belief in the elasticity of "
        f"compute demand ({beliefs[LAUNCH]:g}; Jevons {beliefs[JEVONS]:g}). Not inputs: sign and size of any firm's move, its "
        "spread over seeds, and what becomes of it."
    )
    yield (
        f"Order of the firms: Spearman's rank correlation of the mean effect with the observed return {rank:.2f} (p = "
        f"{chance:.2f}, {count} firms). It is mostly the order of the exposures, which are inputs, weighted by beliefs."
    )
    yield (
        "The observed return is one draw with all of that day's other news; the model's is a mean over seeds. Abnormal: market "
        "model, days -250 to -31, on the S&P 500 and on the model's market level. m: as reported, from memory. In some seeds "
        "the news catches on before the declared day; 'on the day' leaves out what came before. A dash: no figure, or an "
        f"effect on the day with |t| < {CLEAR:g} or below {LARGE:.0%}, of which no share is taken."
    )


def _mean_sd(one: Estimate | None) -> tuple[str, str]:
    return (_hundred(one.mean), _hundred(one.sd)) if one is not None else ("-", "-")


def _mean_sd_t(one: Estimate) -> tuple[str, str, str]:
    return *_mean_sd(one), "-" if one.t is None else f"{one.t:.1f}"


def _gone(part: tuple[float, float | None] | None) -> tuple[str, str]:
    if part is None:
        return "-", "-"
    share, t = part
    return f"{100 * share:.0f}", "-" if t is None else f"{t:.1f}"


def _hundred(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{100 * value:.{digits}f}"
