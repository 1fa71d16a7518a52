"""What a vendor can build: the design space of a product line on a day, and what a chip costs (section 4.5)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from abm.elementary import power
from abm.scenario.redesign import Generation, Memory, Redesign
from abm.units import UsdPerChip

WAFER_MM = 300.0
MM2_PER_CM2 = 100.0
GB_PER_TB = 1000.0


@dataclass(frozen=True)
class Silicon:
    """The logic of a package: so many equal dies of an area, their best performance, and what good ones cost."""

    dies: int
    die_mm2: float
    most_tpp: float
    usd: UsdPerChip

    @property
    def total_mm2(self) -> float:
        """Logic die area of the package, mm2."""
        return self.dies * self.die_mm2


@dataclass(frozen=True)
class Stacks:
    """A number of memory devices of one kind: bandwidth in GB/s, capacity in GB, cost, and the die area they need."""

    memory: str
    devices: int
    bandwidth_gbs: float
    memory_gb: float
    usd: UsdPerChip
    least_die_mm2: float


@dataclass(frozen=True)
class DesignSpace:
    """Everything a product line allows on a day: the axes of the enumeration, each in a stated order.

    ``performances`` in TPP, ``interconnects`` in GB/s (links times their rate, or the rate to the host without links).
    """

    line: str
    silicon: tuple[Silicon, ...]
    performances: tuple[float, ...]
    memories: tuple[Stacks, ...]
    interconnects: tuple[float, ...]
    markets: tuple[bool, ...]


def design_space(
    line: str, day: date, *, generations: Iterable[Generation], memories: Iterable[Memory], room: Redesign
) -> DesignSpace | None:
    """The design space of a line on a day: its latest generation, and every memory there is; None before its first.

    Parts with HBM are for datacentres; a PCIe card is designed for them or for anybody.
    """
    known = [one for one in generations if one.line == line and one.since <= day]
    usable = [one for one in memories if one.line == line and one.since <= day]
    if not known or not usable:
        return None
    latest = max(known, key=lambda one: (one.since, one.name))
    silicon = tuple(
        _silicon(latest, dies, room.reticle_mm2 * step / room.die_sizes, room)
        for dies in range(1, latest.dies + 1)
        for step in range(1, room.die_sizes + 1)
    )
    stacks = tuple(
        _stacks(one, devices) for one in sorted(usable, key=lambda one: one.name)
        for devices in range(1, one.most_devices + 1)
    )
    links = tuple(count * latest.link_gbs for count in range(1, latest.links + 1)) or (latest.host_gbs,)
    top = max(one.most_tpp for one in silicon)
    markets = (True,) if latest.links else (True, False)
    return DesignSpace(line, silicon, performances(room.least_tpp, top, room.tpp_step), stacks, links, markets)


def performances(least: float, most: float, step: float) -> tuple[float, ...]:
    """Whole TPP from the least to the most, at least one and else a relative step apart."""
    found, exact = [], least
    while exact <= most:
        if not found or round(exact) > found[-1]:
            found.append(float(round(exact)))
        exact *= 1.0 + step
    return tuple(found)


def _silicon(generation: Generation, dies: int, die_mm2: float, room: Redesign) -> Silicon:
    usd = dies * die_cost(die_mm2, generation.wafer_usd, room)
    return Silicon(dies, die_mm2, generation.tpp_per_mm2 * dies * die_mm2, usd)


def _stacks(memory: Memory, devices: int) -> Stacks:
    capacity = devices * memory.device_gb
    return Stacks(
        memory.name, devices, devices * memory.device_gbs, capacity, capacity * memory.usd_per_gb,
        devices * memory.die_mm2_per_device)


def dies_per_wafer(die_mm2: float) -> int:
    """Whole dies on a wafer of 300 mm: pi d^2 / 4 A - pi d / sqrt(2 A), at least one."""
    whole = math.pi * WAFER_MM * WAFER_MM / (4 * die_mm2) - math.pi * WAFER_MM / math.sqrt(2 * die_mm2)
    return max(int(whole), 1)


def die_cost(die_mm2: float, wafer_usd: float, room: Redesign) -> UsdPerChip:
    """Cost of a good die: wafer over gross dies times negative-binomial yield (Stapper 1983, 10.1109/PROC.1983.12619)."""
    defects = die_mm2 / MM2_PER_CM2 * room.defect_density
    good = power(1.0 + defects / room.defect_clustering, -room.defect_clustering)
    return wafer_usd / (dies_per_wafer(die_mm2) * good)


def chip_cost(line: str, silicon: Silicon, stacks: Stacks, room: Redesign) -> UsdPerChip:
    """Cost of a chip: dies, memory and assembly; a package that fails loses the dies and the memory inside."""
    parts = silicon.usd + stacks.usd
    if line == "pcie":
        return parts + room.board_usd
    parts += room.packaging_base_usd + room.packaging_usd_per_mm2 * silicon.total_mm2
    for _ in range(silicon.dies):
        parts /= room.packaging_yield
    return parts + room.module_usd
