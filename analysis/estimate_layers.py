"""Estimate both behavioural layers by simulated moments on the mean-field twin: ``python -m analysis.estimate_layers``.

The method of simulated moments (McFadden 1989, doi:10.2307/1913621) as Franke and Westerhoff (2012) use it: the
distance between the moments of real returns and the twin's, each in standard errors of a block bootstrap, is least.
Real returns are 20 large US stocks, 1990-2022, and their equal-weight index; the twin's stocks have beta 1 and scale 1.
The parameters and their bounds are those that ``Capital`` declares with fit=True. Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import click
import numpy as np
from scipy.optimize import differential_evolution, minimize

from abm.scenario.capital import Capital
from abm.scenario.declare import Declared
from analysis.command_line import run
from analysis.layer_moments import GAPS, Twin, moments_of, standard_errors
from analysis.real_returns import real_stocks
from analysis.stylized_facts import ANYWHERE, MEASURES, over_histories

NAME = "analysis.estimate_layers"

WORST = 1e6
"""Distance of parameters at which the twin has no moments."""

POPULATION, GENERATIONS = 6, {"market": 40, "stock": 30}
"""Differential evolution (Storn and Price 1997, doi:10.1023/A:1008202821328): members a parameter, and generations."""

POLISH, POLISH_JOINTLY = 300, 300
"""Evaluations of Nelder and Mead's (1965, doi:10.1093/comjnl/7.4.308) search for one layer, and for both.

They gain little: paths that switch are sensitive to every parameter, so the distance is rough close by.
"""

SEARCHED = {"market_tail": (3.0, 60.0), "stock_tail": (3.0, 60.0), "earnings_news": (0.0, 0.08)}
"""Narrower bounds of the search, where the declared ones reach to where nothing changes any more."""

Distance = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class Targets:
    """Moments of the real returns and of the gap between price and value, with their standard errors."""

    values: dict[str, float]
    errors: dict[str, float]

    def deviations(self, moments: Mapping[str, float], kinds: Sequence[str]) -> dict[str, float]:
        """Model less target in standard errors, for the moments of the kinds given (market, stock)."""
        names = [name for name in self.values if name.split(" ", 1)[0] in kinds]
        return {name: (moments[name] - self.values[name]) / self.errors[name] for name in names}


def targets() -> Targets:
    """The moments of the real returns; raises InputError where the package that carries them is missing."""
    returns = real_stocks().returns
    values = moments_of(returns)
    gaps = {name: gap for name, (gap, _) in GAPS.items()}
    errors = standard_errors(returns) | {name: error for name, (_, error) in GAPS.items()}
    return Targets(values | gaps, errors)


def free_parameters(kinds: Sequence[str] = ("market", "stock")) -> list[Declared]:
    """What the scenario declares as open to estimation in these layers."""
    declared = [one for one in Capital().declared("capital") if one.fit and one.source == "layers-estimate"]
    return [one for one in declared if _layer_of(one) in kinds]


def bounds(parameters: Sequence[Declared]) -> list[tuple[float, float]]:
    """Where the search looks for each."""
    return [SEARCHED.get(_name(one), (one.low, one.high)) for one in parameters]


def values_of(capital: Capital, parameters: Sequence[Declared]) -> list[float]:
    """Their values."""
    return [getattr(capital, _name(one)) for one in parameters]


def _name(one: Declared) -> str:
    return one.path.removeprefix("capital.")


def _layer_of(one: Declared) -> str:
    return "market" if _name(one).startswith("market_") else "stock"


def with_values(capital: Capital, parameters: Sequence[Declared], values: np.ndarray) -> Capital:
    """The scenario's behaviour with some parameters at other values, cut off at their bounds."""
    cut = {
        _name(one): float(min(max(value, one.low), one.high))
        for one, value in zip(parameters, values, strict=True)
    }
    return replace(capital, **cut)


def distance(twin: Twin, aims: Targets, capital: Capital, kinds: Sequence[str]) -> float:
    """Sum of squared deviations in standard errors, over the moments of the kinds given."""
    with np.errstate(all="ignore"):
        deviations = aims.deviations(twin.moments(capital, kinds), kinds)
    total = float(np.sum(np.square(list(deviations.values()))))
    return total if np.isfinite(total) else WORST


def estimate(twin: Twin, aims: Targets, start: Capital, *, everywhere: bool) -> Capital:
    """Each layer, the market first, by differential evolution if it is to be looked for ``everywhere``, and by Nelder and
    Mead from there; then both at once.
    """
    capital = start
    for kind in ("market", "stock"):
        capital = _evolved(twin, aims, capital, kind) if everywhere else capital
        capital = _polished(twin, aims, capital, [kind], evaluations=POLISH)
        click.echo(f"{kind} layer: J = {distance(twin, aims, capital, [kind]):.2f}", err=True)
    return _polished(twin, aims, capital, ["market", "stock"], evaluations=POLISH_JOINTLY)


def _evolved(twin: Twin, aims: Targets, capital: Capital, kind: str) -> Capital:
    parameters = free_parameters([kind])
    least = differential_evolution(
        _objective(twin, aims, capital, [kind]), bounds(parameters), x0=values_of(capital, parameters), rng=1,
        popsize=POPULATION, maxiter=GENERATIONS[kind], polish=False, init="sobol",
    )  # fmt: skip
    return with_values(capital, parameters, least.x)


def _objective(twin: Twin, aims: Targets, capital: Capital, kinds: Sequence[str]) -> Distance:
    parameters = free_parameters(kinds)
    return lambda values: distance(twin, aims, with_values(capital, parameters, values), kinds)


def _polished(twin: Twin, aims: Targets, capital: Capital, kinds: Sequence[str], *, evaluations: int) -> Capital:
    parameters = free_parameters(kinds)
    least = minimize(
        _objective(twin, aims, capital, kinds), values_of(capital, parameters), method="Nelder-Mead",
        bounds=bounds(parameters), options={"maxfev": evaluations, "adaptive": True},
    )  # fmt: skip
    return with_values(capital, parameters, least.x)


def report(twin: Twin, aims: Targets, capital: Capital) -> str:
    """Parameters, then every moment: real, standard error, model, deviation in standard errors; and J."""
    lines = [f"{one.path:<36}{getattr(capital, _name(one)):10.4g}" for one in free_parameters()]
    kinds = ("market", "stock")
    moments = twin.moments(capital, kinds)
    deviations = aims.deviations(moments, kinds)
    lines.append(f"\n{'moment':<40}{'target':>9}{'s.e.':>9}{'model':>9}{'t':>7}")
    for name, deviation in deviations.items():
        row = f"{aims.values[name]:9.3f}{aims.errors[name]:9.3f}{moments[name]:9.3f}{deviation:7.1f}"
        lines.append(f"{name:<40}{row}")
    total = sum(one * one for one in deviations.values())
    lines.append(f"\nJ = {total:.2f}, {len(deviations)} moments, {len(free_parameters())} parameters")
    return "\n".join(lines)


def bands_held(twin: Twin, capital: Capital) -> str:
    """Which bands of the stylised facts the twin's stocks and index hold, in one line each."""
    panels = twin.panels(capital)
    lines = []
    for name, ours in (("stocks", panels), ("index", [one.index() for one in panels])):
        asked = [one for one in MEASURES if one.band(name == "index") != ANYWHERE]
        found = over_histories(ours, measures=asked)
        out = [f"{row.measure} = {row.median:.3f}" for row in found if not row.inside()]
        lines.append(f"Bands of {name}: {len(found) - len(out)} of {len(found)} held" + "".join(f"; out: {one}" for one in out))
    return "\n".join(lines)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--search", type=click.Choice(["everywhere", "nearby", "nowhere"]), default="everywhere", show_default=True,
              help="Between the declared bounds, from the scenario's values, or not: report on these.")
@click.option("--histories", type=click.IntRange(1), default=8, show_default=True, help="Simulated histories.")
@click.option("--years", type=click.IntRange(6), default=20, show_default=True, help="Length of each.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of their luck.")
def command(*, search: str, histories: int, years: int, seed: int) -> None:
    """Estimate the layers: everywhere in some fifteen minutes on an idle core, nearby in five; the report takes one."""
    began = time.monotonic()
    aims, twin, capital = targets(), Twin(histories=histories, years=years, seed=seed), Capital()
    if search != "nowhere":
        capital = estimate(twin, aims, capital, everywhere=search == "everywhere")
    fresh = Twin(histories=histories, years=years, seed=seed + 1000)
    click.echo(report(twin, aims, capital))
    click.echo(f"On other luck: J = {distance(fresh, aims, capital, ('market', 'stock')):.2f}")
    click.echo(bands_held(fresh, capital))
    click.echo(f"Took {time.monotonic() - began:.0f} s", err=True)


if __name__ == "__main__":
    run(command, NAME)
