"""Long training runs on domestic chips: what fails, what that costs, what a lab believes of it, and where it trains (4.6)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.units import Days, Flop, FlopPerDay, Fraction

FOREIGN, BOTH, DOMESTIC = "foreign", "both", "domestic"
PLACES = (FOREIGN, BOTH, DOMESTIC)
"""Chips that one main run can be put on, in the order that breaks ties."""

THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class Compute:
    """What a lab trains with: useful FLOP a day of foreign and of domestic chips, how many of these, and idle hours.

    ``idle`` is the mean useful FLOP a day of serving nodes in the hours in which their load leaves them free.
    """

    foreign: FlopPerDay
    domestic: FlopPerDay = 0.0
    domestic_chips: float = 0.0
    idle: FlopPerDay = 0.0

    @property
    def training(self) -> FlopPerDay:
        """Useful FLOP a day of the chips that train."""
        return self.foreign + self.domestic

    def run(self, place: str) -> FlopPerDay:
        """Useful FLOP a day of the chips of a place, before failures."""
        return {FOREIGN: self.foreign, DOMESTIC: self.domestic, BOTH: self.foreign + self.domestic}[place]


def failures_a_day(rate: float, chips: float, ecosystem: Fraction) -> float:
    """Expected failures a day of a synchronous run with so many domestic chips: any one of them stops it.

    ``rate`` is failures a day and thousand chips on a software without any maturity; a mature one (``ecosystem`` 1) has
    none beyond those already in the utilisation, so failures become rarer as the ecosystem's installed share grows.
    """
    return rate * chips / THOUSAND * max(1.0 - ecosystem, 0.0)


def useful_share(failures: float, cost: Days) -> Fraction:
    """Share of a run's days that count when each failure costs days of work: those since the last good checkpoint.

    First order in failures x cost (Young 1974, 10.1145/361147.361115): the run is cut back by what was lost.
    """
    return max(1.0 - failures * cost, 0.0)


def place_of_run(
    compute: Compute, failures: float, cost: Days, *, goodwill: float = 1.0, together: bool = True
) -> str:
    """The chips that give a main run the most useful FLOP after failures, by enumeration; foreign ones where all tie.

    ``goodwill`` is what a useful FLOP of domestic chips counts for a lab that the authorities encourage to use them;
    where the domestic chips stand elsewhere than the foreign ones, no run is put on both (``together`` False).
    """
    places = PLACES if together else (FOREIGN, DOMESTIC)
    useful = {place: compute.run(place) * _share(place, failures, cost) for place in places}
    worth = {place: useful[place] * (1.0 if place == FOREIGN else goodwill) for place in places}
    return max(places, key=lambda place: (worth[place], -places.index(place)))


def _share(place: str, failures: float, cost: Days) -> Fraction:
    return 1.0 if place == FOREIGN else useful_share(failures, cost)


def believed_rate(failures: int, exposure: float, *, prior: float, weight: float) -> float:
    """Mean of a gamma belief about the rate after some failures in an exposure of immature thousand chip-days.

    ``prior`` is the rate that vendors state, which counts as much as ``weight`` failures seen.
    """
    return (weight + failures) / (weight / prior + exposure)


def lost_work(failures: int, cost: Days, run: FlopPerDay, done: Flop) -> Flop:
    """FLOP to be done again after failures: days of the run each, at most all that was done."""
    return min(failures * cost * run, done)
