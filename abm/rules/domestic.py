"""What a domestic foundry and its memory suppliers allow: wafers, yield, packaging, imported stacks."""

from __future__ import annotations

import math

from abm.elementary import exp, power
from abm.scenario.technology import Technology
from abm.units import MONTHS_PER_YEAR, WEEKS_PER_YEAR, Chips, Fraction


def wafers_per_week(per_month: float, log_growth: float) -> int:
    """Advanced wafers a week, from the monthly figure of the opening and the log growth since."""
    return int(per_month * MONTHS_PER_YEAR / WEEKS_PER_YEAR * exp(log_growth))


def wafer_growth(declared: float, subsidised: float, uncontrolled: float, *, tools_controlled: bool) -> float:
    """Log growth of advanced wafers a year: without help, by subsidies, and by foreign tools where they may be bought."""
    return declared + subsidised + (0.0 if tools_controlled else uncontrolled)


def defect_density(made: Chips, technology: Technology) -> float:
    """Defects that spoil a die, per cm2, after so many good dies: a power of experience (Wright 1936, 10.2514/8.155).

    At the opening it is what the opening yield asks for; every doubling of experience takes the same part off it.
    """
    alpha, area = technology.domestic_defect_clustering, technology.domestic_die_area
    opening = alpha * (power(technology.domestic_yield_start, -1.0 / alpha) - 1.0) / area
    experience = max(made, 0) / technology.domestic_dies_made + 1.0
    return opening * power(experience, -technology.domestic_yield_learning)


def clustered_yield(density: float, area: float, clustering: float) -> Fraction:
    """Good dies over all dies, Y = (1 + A D / alpha)^(-alpha): defects come in clusters (Cunningham 1990, 10.1109/66.53188).

    ``density`` in defects per cm2, ``area`` in cm2; without clusters (``clustering`` large) it is Poisson's exp(-A D).
    """
    return power(1.0 + area * density / clustering, -clustering)


def domestic_yield(made: Chips, technology: Technology) -> Fraction:
    """Yield of domestic dies after so many good dies since the opening."""
    density = defect_density(made, technology)
    return clustered_yield(density, technology.domestic_die_area, technology.domestic_defect_clustering)


def good_dies(wafers: float, made: Chips, technology: Technology) -> int:
    """Good dies on wafers that leave the foundry, by the defect density of the day on which they leave."""
    return int(wafers * technology.dies_per_wafer * domestic_yield(made, technology))


def surviving(packages: Chips, dies: int, survival: Fraction) -> Chips:
    """Chips that come out of packaging, which each of their dies survives with a probability: the rest is lost."""
    return int(packages * power(survival, float(dies)))


def packages_for(chips: Chips, dies: int, survival: Fraction) -> Chips:
    """Packages to start so that about as many chips come out of packaging."""
    return math.ceil(chips / power(survival, float(dies)))


def importable_stacks(world_output: int, share: Fraction, part: Fraction, payable: int) -> int:
    """Stacks of memory that a vendor may import this week: its part of a share of world output, within its cash.

    ``world_output`` is in stacks a year; ``payable`` is what its cash buys.
    """
    return max(min(int(world_output * share * part / WEEKS_PER_YEAR), payable), 0)


def imported_stacks(used: int, stock: int) -> int:
    """Stacks bought because what is started needs more than there is in stock."""
    return max(used - stock, 0)


def stacks_per_chip(memory_gb: float, gb_per_stack: float) -> Chips:
    """Stacks of memory on one chip, at least one."""
    return max(int(memory_gb / gb_per_stack), 1)
