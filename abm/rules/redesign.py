"""The best chip that a vendor may sell: every design of a line is valued, costed and put to the law (section 4.5).

The law is asked about designs through ``Court``; no limit of any statute stands in this file. A design has to
stay free also when every number that the law reads is worse by a safety margin. Ties fall to the first design on the
axes of the space: the smaller package, then performance, memory and links in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from abm.policy.instrument import Instrument
from abm.rules.court import Court
from abm.rules.design import GB_PER_TB, DesignSpace, Silicon, Stacks, chip_cost
from abm.rules.throughput import Roofs, serving_rate, training_flop_per_day
from abm.scenario.catalogue import Chip
from abm.scenario.redesign import Redesign
from abm.scenario.technology import Technology
from abm.units import Fraction, Usd, UsdPerChip

BITS_16, BITS_8 = 16, 8
LABELS = {"tpp": "tpp", "die_mm2": "die area", "bandwidth_tbs": "memory bandwidth", "interconnect_gbs": "interconnect"}


@dataclass(frozen=True)
class Worth:
    """What throughput is worth: to buyers there, and to the vendor, in USD for that of the reference chip.

    Half of it is training and half serving. ``buyers_usd`` is what buyers would pay at most, ``home_usd`` what the
    vendor asks elsewhere; it gets the part ``split`` of what lies between. ``ecosystem`` is the software factor of the
    vendor's chips.
    """

    technology: Technology
    reference: Chip
    buyers_usd: UsdPerChip
    home_usd: UsdPerChip
    split: Fraction
    ecosystem: float

    @property
    def price_share(self) -> Fraction:
        """The price that the vendor reckons with, as a share of what the throughput is worth to buyers."""
        return (self.home_usd + self.split * (self.buyers_usd - self.home_usd)) / self.buyers_usd

    @property
    def home_share(self) -> Fraction:
        """What the vendor asks elsewhere for the same throughput, as a share of what it is worth to buyers."""
        return self.home_usd / self.buyers_usd


@dataclass(frozen=True)
class Design:
    """A design that the law leaves free: its numbers, buyers' value, price and cost in USD a chip, and what limits it.

    ``binding`` names the attributes that the law keeps from a better value, each with the paragraph; ``most_tpp`` is
    the highest performance of any free design on the same silicon, whatever it would earn.
    """

    line: str
    datacentre: bool
    silicon: Silicon
    stacks: Stacks
    tpp: float
    interconnect_gbs: float
    value_usd: UsdPerChip
    price_usd: UsdPerChip
    home_usd: UsdPerChip
    cost_usd: UsdPerChip
    binding: tuple[str, ...]
    most_tpp: float

    @property
    def packaged_dies(self) -> int:
        """Large dies that take a place in advanced packaging; a card with graphics memory takes none."""
        return self.silicon.dies if self.line == "hbm" else 0

    def margin_usd(self, shadow_usd: Usd) -> UsdPerChip:
        """Price less cost, and less what each place in advanced packaging would earn with another chip."""
        return self.price_usd - self.cost_usd - shadow_usd * self.packaged_dies


@dataclass(frozen=True)
class Setting:
    """All that the free designs of a line depend on: space, rules on chips, what buyers pay, and the vendor's blank chip.

    ``blank`` says what the law may read beside the designed numbers: vendor, line, country made for, day.
    """

    space: DesignSpace
    rules: tuple[Instrument, ...]
    destination: str
    blank: Chip
    worth: Worth
    room: Redesign


def best_design(designs: Sequence[Design], shadow_usd: Usd) -> Design | None:
    """The design with the highest margin at a shadow price of packaging; the first of equals, None of none."""
    return max(designs, key=lambda one: one.margin_usd(shadow_usd), default=None)


@lru_cache(maxsize=64)
def free_designs(setting: Setting) -> tuple[Design, ...]:
    """The best free design on each silicon and for each market, in the order of the space; empty where nothing is free.

    A pure function, kept because the law changes seldom. Raises InputError for an unknown destination.
    """
    space = setting.space
    values = _values(space, setting.worth)
    court = Court(space, setting.rules, setting.destination, blank=setting.blank, stretch=1.0 + setting.room.safety_margin)
    found = []
    valued = {market: values if market else values * setting.room.consumer_value for market in space.markets}
    priced = {market: value * setting.worth.price_share for market, value in valued.items()}
    room = np.empty_like(values)    # the margins of one silicon after the other
    for datacentre, silicon in product(space.markets, space.silicon):
        free = court.free(silicon, datacentre)
        fast = np.flatnonzero(free.any(axis=(1, 2)))
        if fast.size:
            costs, some = _costs(space, silicon, setting.room), slice(int(fast[-1]) + 1)
            margin = np.subtract(priced[datacentre][some], costs[None, :, None], out=room[some])
            np.copyto(margin, -np.inf, where=~free[some])
            place = tuple(map(int, np.unravel_index(int(margin.argmax()), margin.shape)))
            best = _Found(datacentre, silicon, place, priced[datacentre][place[0], :, place[2]] - costs)
            found.append(_design(setting, best, court, (float(valued[datacentre][place]), int(fast[-1]))))
    return tuple(found)


def _design(setting: Setting, found: _Found, court: Court, about: tuple[float, int]) -> Design:
    space, (tpp, memory, link) = setting.space, found.index
    stacks, (value, fastest) = space.memories[memory], about
    return Design(
        line=space.line, datacentre=found.datacentre, silicon=found.silicon, stacks=stacks,
        tpp=space.performances[tpp], interconnect_gbs=space.interconnects[link],
        value_usd=value, price_usd=value * setting.worth.price_share, home_usd=value * setting.worth.home_share,
        cost_usd=chip_cost(space.line, found.silicon, stacks, setting.room),
        binding=_binding(space, found, court), most_tpp=space.performances[fastest])


@dataclass(frozen=True)
class _Found:
    """A design by its places on the axes, and the margins that it would have with each memory."""

    datacentre: bool
    silicon: Silicon
    index: tuple[int, int, int]
    earns: np.ndarray


@lru_cache(maxsize=16)
def _values(space: DesignSpace, worth: Worth) -> np.ndarray:
    """Buyers' value of each performance, memory and interconnect in USD, made for datacentres."""
    technology, size = worth.technology, worth.technology.reference_active_parameters
    tpp, of_stacks = np.array(space.performances)[:, None], space.memories
    memory_gb = np.array([one.memory_gb for one in of_stacks])
    bandwidth_tbs = np.array([one.bandwidth_gbs for one in of_stacks]) / GB_PER_TB
    served = Roofs(tpp / BITS_16, tpp / BITS_8, memory_gb, bandwidth_tbs)
    trained = Roofs(tpp / BITS_16, tpp / BITS_8, 0.0, None, np.array(space.interconnects))
    serving = serving_rate(served, technology, size) / serving_rate(worth.reference, technology, size)
    training = training_flop_per_day(trained, technology, 1.0) / training_flop_per_day(worth.reference, technology, 1.0)
    half = worth.buyers_usd * worth.ecosystem / 2
    return half * (serving[:, :, None] + training[:, None, :])


def _costs(space: DesignSpace, silicon: Silicon, room: Redesign) -> np.ndarray:
    return np.array([chip_cost(space.line, silicon, one, room) for one in space.memories])


def _binding(space: DesignSpace, found: _Found, court: Court) -> tuple[str, ...]:
    """The attributes whose next better value the law forbids, each with the paragraph that does."""
    tpp, memory, link = found.index
    here = {"tpp": space.performances[tpp], "bandwidth_tbs": space.memories[memory].bandwidth_gbs / GB_PER_TB,
            "interconnect_gbs": space.interconnects[link], "die_mm2": found.silicon.total_mm2,
            "datacentre": found.datacentre}
    better = {"tpp": _more_performance(space, found), "die_mm2": _smaller_dies(space, found),
              "bandwidth_tbs": _more_bandwidth(space, found), "interconnect_gbs": _more_links(space, found)}
    named = ((name, court.strictest(here | {name: value})) for name, value in better.items() if value is not None)
    return tuple(f"{LABELS[name]} ({paragraph})" for name, paragraph in named if paragraph)


def _more_performance(space: DesignSpace, found: _Found) -> float | None:
    higher = space.performances[found.index[0] + 1 :]
    return higher[0] if higher and higher[0] <= found.silicon.most_tpp else None


def _smaller_dies(space: DesignSpace, found: _Found) -> float | None:
    tpp, stacks = space.performances[found.index[0]], space.memories[found.index[1]]
    smaller = [
        one.total_mm2 for one in space.silicon
        if one.dies <= found.silicon.dies and one.total_mm2 < found.silicon.total_mm2 and tpp <= one.most_tpp
        and stacks.least_die_mm2 <= one.total_mm2
    ]
    return max(smaller, default=None)


def _more_bandwidth(space: DesignSpace, found: _Found) -> float | None:
    """The next bandwidth up that fits the silicon and would earn more."""
    memory, earns = found.index[1], found.earns
    higher = [
        one.bandwidth_gbs / GB_PER_TB for place, one in enumerate(space.memories)
        if one.least_die_mm2 <= found.silicon.total_mm2 and earns[place] > earns[memory]
        and one.bandwidth_gbs > space.memories[memory].bandwidth_gbs
    ]
    return min(higher, default=None)


def _more_links(space: DesignSpace, found: _Found) -> float | None:
    return next(iter(space.interconnects[found.index[2] + 1 :]), None)


def as_chip(design: Design, blank: Chip, name: str) -> Chip:
    """The design as a chip of the catalogue under a name; the blank gives vendor, line and day."""
    return replace(
        blank, name=name, tpp=design.tpp, fp16_tflops=design.tpp / BITS_16, fp8_tops=design.tpp / BITS_8, fp4_tops=None,
        die_mm2=design.silicon.total_mm2, memory_gb=design.stacks.memory_gb, datacentre=design.datacentre,
        bandwidth_tbs=design.stacks.bandwidth_gbs / GB_PER_TB, interconnect_gbs=design.interconnect_gbs,
        price_usd=design.price_usd, price_low=design.home_usd, price_high=design.value_usd)
