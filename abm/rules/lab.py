"""What a lab decides: when a candidate is finished, whether it satisfies, whether it can be served (4.7 and 4.9)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from abm.elementary import exp, log, power
from abm.scenario.conduct import Conduct
from abm.scenario.technology import Technology
from abm.units import Flop, Fraction, Months, TokensPerDay, Years


def quality(log_effective: float, shock: float, technology: Technology) -> float:
    """Quality in points = reference + points per decade x log10(effective compute over the frontier's at the opening).

    ``log_effective`` is the natural log of training FLOP x algorithmic level; ``shock`` the project's, in points.
    """
    decades = (log_effective - log(technology.frontier_training_flop)) / log(10.0)
    return technology.quality_reference + technology.quality_per_decade * decades + shock


def log_effective_at_lag(lag: Months, years_before: Years, technology: Technology) -> float:
    """ln effective compute of a model that stood ``lag`` months behind the frontier, ``years_before`` the opening."""
    growth = technology.algorithm_growth + technology.frontier_compute_growth
    return log(technology.frontier_training_flop) - growth * (years_before + lag / 12.0)


def points_per_month(technology: Technology) -> float:
    """Rise of frontier quality a month before the opening: the exchange rate between points and months."""
    growth = technology.algorithm_growth + technology.frontier_compute_growth
    return technology.quality_per_decade * growth / log(10.0) / 12.0


def algorithm_step(level: float, frontier: float, elapsed: Years, technology: Technology) -> float:
    """New ln A of a lab after ``elapsed`` years: d ln A = delta max(ln A* - ln A, 0) dt, solved over the step."""
    behind = max(frontier - level, 0.0)
    return level + behind * (1.0 - exp(-technology.algorithm_diffusion * elapsed))


def experiments_needed(opening_experiments: float, effort: float, technology: Technology) -> float:
    """Experiments that bring as many innovations as a lab's at the opening did, once ideas have got harder to find.

    ``effort`` is all labs' compute over that of the opening: the field's progress is steady while it multiplies, so that
    what an idea takes grows with it (Bloom, Jones, Van Reenen and Webb 2020, 10.1257/aer.20180338).
    """
    return opening_experiments * power(effort, technology.harder_ideas)


def innovation_mean(experiments: float, needed: float, elapsed: Years, technology: Technology) -> float:
    """Expected innovations in a step: the declared rate, scaled by a power of experiments over what that rate takes.

    A power below one says that experiments run in parallel duplicate one another (Jones 1995, 10.1086/262002).
    """
    ratio = experiments / needed if needed > 0 else 1.0
    return technology.innovation_rate * (power(ratio, technology.research_returns) if ratio > 0 else 0.0) * elapsed


def best_main_share(training: float, idle: float, *, gain: float, returns: float) -> Fraction:
    """Share s of its training chips that a lab gives its main run: the most ln s + gain (training (1 - s) + idle)^returns.

    The main run adds its log to the model's, experiments what they bring to the level of algorithms over the years for
    which the lab counts it. ``training`` and ``idle`` are measured in the experiments that bring as many innovations as the
    lab's at the opening did, ``gain`` is what those bring, ``returns`` at most one (Jones 1995). The first-order condition
    falls in s and is halved to the last bit; where it never turns, all goes to the main run.
    """
    def slope(share: float) -> float:
        experiments = training * (1.0 - share) + idle
        return 1.0 / share - gain * returns * training * power(experiments, returns - 1.0)

    if training <= 0 or gain <= 0 or (idle > 0 or returns == 1.0) and slope(1.0) >= 0:
        return 1.0
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if slope(middle) > 0:
            low = middle
        else:
            high = middle


def learn_from_open_weights(log_effective: float, best_open: float, elapsed: Years, technology: Technology) -> float:
    """ln effective compute of a project after distilling the best open weights for ``elapsed`` years."""
    behind = max(best_open - log_effective, 0.0)
    return log_effective + behind * (1.0 - exp(-technology.open_weight_diffusion * elapsed))


def aspiration(previous: float, own_best: float, rivals_best: float, *, elapsed: Years, conduct: Conduct) -> float:
    """Aspiration in points after ``elapsed`` years (Lant 1992, 10.1287/mnsc.38.5.623).

    It moves towards a weighted mean of the lab's own best launched model plus the margin of a next one, and the best
    of its rivals.
    """
    weights = conduct.aspiration_own + conduct.aspiration_rivals
    own_part = conduct.aspiration_own * (own_best + conduct.next_margin)
    target = (own_part + conduct.aspiration_rivals * rivals_best) / weights if weights > 0 else own_best
    return previous + (target - previous) * (1.0 - exp(-conduct.aspiration_speed * elapsed))


@dataclass(frozen=True)
class Review:
    """The outcome of a launch review: the two tests, and by how much each was met or missed.

    ``fair_share`` is what the candidate would have of its expected uptake if all serving were shared out by demand.
    """

    launch: bool
    quality_failed: bool
    capacity_failed: bool
    shortfall_points: float
    secured_share: Fraction
    needed_share: Fraction = 0.0
    fair_share: Fraction = math.inf

    @property
    def shortage(self) -> str:
        """Why capacity is short: contracts tie it up, there are too few chips for all, or nothing where it is not."""
        if not self.capacity_failed:
            return ""
        return "contracts" if self.fair_share >= self.needed_share else "chips"

    @property
    def binding(self) -> str:
        """none, quality, capacity or both."""
        if self.quality_failed and self.capacity_failed:
            return "both"
        if self.quality_failed:
            return "quality"
        return "capacity" if self.capacity_failed else "none"


def review_launch(
    candidate: float, goal: float, served: tuple[TokensPerDay, TokensPerDay], *, minimum: float, waited: Years,
    conduct: Conduct,
) -> Review:
    """Launch if the candidate satisfies and enough serving is secured (Simon 1955, 10.2307/1884852).

    ``candidate`` and ``goal`` in points; ``served`` the secured and the expected tokens a day; ``minimum`` is the
    quality below which it is no next model. Both goals fall while the candidate has ``waited``, in years: failing
    search lowers aspirations (Cyert and March 1963).
    """
    secured, expected = served
    shortfall = max(goal - conduct.tolerance - conduct.aspiration_fatigue * waited, minimum) - candidate
    share = secured / expected if expected > 0 else 1.0
    quality_failed = shortfall > 0
    needed = conduct.capacity_needed * max(1.0 - conduct.capacity_fatigue * waited, 0.0)
    capacity_failed = share < needed
    return Review(
        not (quality_failed or capacity_failed), quality_failed, capacity_failed, shortfall, min(share, 1.0),
        needed_share=needed,
    )


def months_behind(level: float, frontier: list[tuple[float, float]], now: float, per_month: float) -> Months:
    """Months since the frontier first reached a quality: the gap at equal quality.

    ``frontier`` lists (months since the opening, best quality so far) in rising order, its first entry the opening;
    before it the frontier is extended back at ``per_month`` points, and above its top forward (a negative gap).
    """
    first_month, first_level = frontier[0]
    if level <= first_level:
        return now - (first_month - (first_level - level) / per_month)
    for month, reached in frontier:
        if level <= reached:
            return now - month
    return -(level - frontier[-1][1]) / per_month


def efficiency_surprise(log_effective: float, training_flop: Flop, frontier_algorithms: float) -> float:
    """ln of expected over revealed training compute at the quality shown: how much cheaper the model was.

    What the public expects such a quality to cost is its effective compute over the frontier's algorithmic level.
    """
    return (log_effective - frontier_algorithms) - log(training_flop)
