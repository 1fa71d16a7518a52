"""The market for serving: the chips of all clouds meet the models that customers want, under the contracts there are.

Work is counted in tokens of the reference model. A chip's tokens of a model are its tokens of the reference model over
the model's effort (abm.rules.throughput: all roofs scale with the active parameters), so that the most work that can be
served is a flow from models to clouds, found exactly; which chips serve it follows within each cloud.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from abm.markets.flow import Flows, fair_flow
from abm.rules.apportion import apportion
from abm.units import Chips, Fraction, TokensPerDay

Work = dict[tuple[str, str], int]
"""Tokens of the reference model a day by (model, cloud)."""

Spot = tuple[str, bool]
"""Room at a cloud: its name, and whether it is of domestic chips."""

DIGITS = 9
"""Decimals of a comparative advantage that count: below them chips are equal, and what differs is rounding."""


@dataclass(frozen=True)
class Wish:
    """Work wanted of a model that no contract covers, by the cloud that its customers ask first, and who serves it.

    ``own`` are the clouds of the model's own group, which serve it before others; ``anywhere`` says that who finds no
    room at the cloud first asked looks at all others, as a lab does for its candidate; a model that is not ``ported``
    runs on no domestic chip.
    """

    model: str
    asked: Mapping[str, int]
    places: tuple[str, ...]
    own: tuple[str, ...] = ()
    anywhere: bool = False
    ported: bool = True

    @property
    def work(self) -> int:
        """All of it."""
        return sum(self.asked.values())  # integers


def clear(
    wishes: Sequence[Wish], room: Mapping[str, int], moving: Fraction, *, domestic: Mapping[str, int] | None = None
) -> Work:
    """Work that each cloud serves of each model beyond its contracts, in whole tokens of the reference model a day.

    First every cloud serves those who ask there, its own group's models before others, in proportion where it has too
    little room: ``room`` is the work that its free foreign chips can serve, of any model, and ``domestic`` that of its
    free domestic ones, of ported models alone, which take these first. Of those left over, the share ``moving`` then looks
    for room at the other clouds that serve the model: as many find it as can, in fair shares (abm.markets.flow), and
    customers served already make way where they can be served elsewhere as well.
    """
    wishes = sorted(wishes, key=lambda wish: wish.model)
    rooms = {(cloud, False): units for cloud, units in room.items()}
    rooms |= {(cloud, True): units for cloud, units in (domestic or {}).items()}
    placed, spots = _at_first(wishes, rooms), sorted(rooms)
    kinds = sorted({(wish.places, wish.ported) for wish in wishes})
    members = [[wish for wish in wishes if (wish.places, wish.ported) == kind] for kind in kinds]
    reach = [
        [number for number, (cloud, of_home) in enumerate(spots) if cloud in places and (ported or not of_home)]
        for places, ported in kinds
    ]
    start: Flows = [
        {number: sum(placed.get((wish.model, spots[number]), 0) for wish in group) for number in within}  # integers
        for within, group in zip(reach, members, strict=True)
    ]
    assured = dict.fromkeys((wish.model for wish in wishes), 0)
    for (model, _), units in placed.items():
        assured[model] += units
    left = {wish.model: wish.work - assured[wish.model] for wish in wishes}
    wanting = {wish.model: left[wish.model] if wish.anywhere else int(left[wish.model] * moving) for wish in wishes}
    flows = fair_flow(
        [sum(assured[wish.model] for wish in group) for group in members],  # integers
        [sum(wanting[wish.model] for wish in group) for group in members],  # integers
        reach, [rooms[spot] for spot in spots], start=start,
    )
    work: Work = {}
    for group, flow in zip(members, flows, strict=True):
        for model, number, units in _of_members(group, flow, assured, wanting):
            where = model, spots[number][0]
            work[where] = work.get(where, 0) + units
    return work


def _at_first(wishes: Sequence[Wish], rooms: Mapping[Spot, int]) -> dict[tuple[str, Spot], int]:
    """Work by (model, room) of those who are served where they ask: on domestic chips whoever can be, the rest on others."""
    placed, left = {}, dict(rooms)
    ported = {wish.model for wish in wishes if wish.ported}
    for cloud in sorted({cloud for cloud, _ in rooms}):
        for first in (True, False):
            asking = {
                wish.model: wish.asked.get(cloud, 0) for wish in wishes
                if cloud in wish.places and (cloud in wish.own) == first
            }
            for spot in ((cloud, True), (cloud, False)):
                able = {model: units for model, units in asking.items() if model in ported or not spot[1]}
                given = min(left.get(spot, 0), sum(able.values()))  # integers
                left[spot] = left.get(spot, 0) - given
                for model, units in _shared(given, able).items():
                    placed[model, spot] = units
                    asking[model] -= units
    return {key: units for key, units in placed.items() if units > 0}


def _shared(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    names = sorted(weights)
    if total <= 0:
        return dict.fromkeys(names, 0)
    parts = apportion(total, np.array([weights[name] for name in names], dtype=np.int64), np.arange(len(names)))
    return dict(zip(names, parts.tolist(), strict=True))


def _of_members(
    group: Sequence[Wish], flow: Mapping[int, int], assured: Mapping[str, int], wanting: Mapping[str, int]
) -> list[tuple[str, int, int]]:
    """(model, place, work) of models that the same clouds serve: the share of their wishes is one for all of them."""
    whole = sum(flow.values())  # integers
    first = {wish.model: assured[wish.model] for wish in group}
    more = _shared(whole - sum(first.values()), {wish.model: wanting[wish.model] for wish in group})  # integers
    left = {model: units + more[model] for model, units in first.items()}
    rows = []
    for place, units in sorted(flow.items()):
        taken = _shared(units, left)
        rows += [(model, place, part) for model, part in sorted(taken.items())]
        left = {model: left[model] - part for model, part in taken.items()}
    return rows


def hand_out(
    available: Mapping[str, Chips], wanted: Mapping[str, TokensPerDay], rates: Mapping[tuple[str, str], TokensPerDay]
) -> dict[tuple[str, str], Chips]:
    """Whole chips of each kind reserved for each model at one cloud, by comparative advantage.

    ``available`` chips by kind, ``wanted`` tokens a day by model, ``rates`` tokens a chip and day by (model, chip).
    Models from the one that runs on fewest kinds and takes most work for a token, chips from the one on which it loses
    least against the lightest: each model takes the next chips until what it wants is served. Where the advantage runs
    one way, as with all rates of abm.rules.throughput, no other assignment serves what is wanted with less (Hoffman 1963, on
    sequences without crossings). Nobody gets a chip that would serve more than it wants.
    """
    usable = {name: sum(rates[name, chip] > 0 for chip in available) for name in wanted}  # integers
    models = sorted(
        (name for name in wanted if wanted[name] > 0), key=lambda name: (usable[name], _mean(rates, name, available), name))
    if not models:
        return {}
    heavy, light = models[0], models[-1]
    kinds = sorted(available, key=lambda chip: (-_ratio(rates[heavy, chip], rates[light, chip]), chip))
    left, grants = dict(available), {}
    for model in models:
        missing = wanted[model]
        for chip in kinds:
            units = min(left[chip], math.floor(missing / rates[model, chip])) if rates[model, chip] > 0 else 0
            if units > 0:
                grants[model, chip] = units
                left[chip] -= units
                missing -= units * rates[model, chip]
    return grants


def _mean(rates: Mapping[tuple[str, str], TokensPerDay], model: str, chips: Mapping[str, Chips]) -> TokensPerDay:
    return math.fsum(rates[model, chip] for chip in chips) / max(len(chips), 1)


def _ratio(over: float, under: float) -> float:
    return round(over / under, DIGITS) if under > 0 else 0.0


def served(reserved: Mapping[str, Chips], model: str, rates: Mapping[tuple[str, str], TokensPerDay]) -> TokensPerDay:
    """Tokens a day that chips reserved for a model serve."""
    return math.fsum([units * rates[model, chip] for chip, units in reserved.items() if units])
