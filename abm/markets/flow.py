"""Flow from groups of buyers to places with limited room, in whole units: as much as can be, shared fairly.

Each group may be served at some places only. The amounts that can be served together form a polymatroid, so the fair
amounts are also as much as can be served at all (Megiddo 1974, 10.1007/BF01585506; Fujishige 1980,
10.1287/moor.5.2.186): nobody's share can rise without a fall of one that is no larger. They are found by cuts, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

Flows = list[dict[int, int]]
"""For each group, the units served at each place by its number."""


def fair_flow(
    assured: Sequence[int], wished: Sequence[int], reach: Sequence[Sequence[int]], room: Sequence[int],
    *, start: Flows | None = None,
) -> Flows:
    """The fair flow of groups whose ``assured`` units come first, and which wish for ``wished`` more.

    ``reach`` lists the places of each group, ``room`` the units that each place can serve; where ``start`` gives a flow
    of the assured units they move only as far as others need their place. Of the wishes beyond what is assured all
    groups get the same share as far as it can go, then those that can have more, and so on; whole units that are left
    over go to the earliest group. Raises ValueError where there is no room for what is assured.
    """
    due, waiting = list(assured), {group for group, more in enumerate(wished) if more > 0}
    flow, cut = fill(due, reach, room, start=start)
    if cut:
        raise ValueError(f"there is room for {sum(room)} units, not for the {sum(assured)} assured")  # integers
    while waiting:
        whole = [due[group] + (wished[group] if group in waiting else 0) for group in range(len(due))]
        _, cut = fill(whole, reach, room)
        if not cut:
            due, waiting = whole, set()
            continue
        tight = cut
        while cut:
            tight = cut
            level = _level(tight, due, wished, (waiting, reach, room))
            _, cut = fill(_at(level, due, wished, waiting), reach, room)
        raised = _at(level, due, wished, waiting)
        done = {group for group in tight if group in waiting} or set(waiting)
        for group in sorted(done):
            due[group] = raised[group]
        waiting -= done
    most = [first + more for first, more in zip(assured, wished, strict=True)]
    flow, _ = fill(due, reach, room, start=flow)
    return fill(most, reach, room, start=flow)[0]


def _level(
    tight: set[int], due: Sequence[int], wished: Sequence[int], rest: tuple[set[int], Sequence, Sequence[int]]
) -> tuple[int, int]:
    """The share, as a fraction of whole numbers, of their wishes for which the places of some groups have room."""
    waiting, reach, room = rest
    places = {place for group in tight for place in reach[group]}
    left = sum(room[place] for place in sorted(places)) - sum(due[group] for group in sorted(tight))  # integers
    return max(left, 0), sum(wished[group] for group in sorted(tight & waiting))  # integers


def _at(level: tuple[int, int], due: Sequence[int], wished: Sequence[int], waiting: set[int]) -> list[int]:
    over, under = level
    return [
        units + (wished[group] * over // under if group in waiting and under else 0) for group, units in enumerate(due)
    ]


def fill(
    due: Sequence[int], reach: Sequence[Sequence[int]], room: Sequence[int], *, start: Flows | None = None
) -> tuple[Flows, set[int]]:
    """A flow that serves as many of the ``due`` units as can be, and the groups that compete for what is too little.

    The groups are those of the smallest cut: none where all that is due is served. Shortest augmenting paths (Edmonds
    and Karp 1972, 10.1145/321694.321699), earlier groups and places first; ``start`` is a flow to begin with.
    """
    flow: Flows = [dict(places) for places in start] if start is not None else [{} for _ in due]
    left = list(room)
    for places in flow:
        for place, units in places.items():
            left[place] -= units
    short: set[int] = set()
    for group, units in enumerate(due):
        missing = units - sum(flow[group].values())  # integers
        while missing > 0:
            path, seen = _path(group, flow, reach, left)
            if not path:
                short |= seen
                break
            missing -= _push(path, missing, flow, left)
    return flow, short


def _path(group: int, flow: Flows, reach: Sequence[Sequence[int]], left: Sequence[int]) -> tuple[list[int], set[int]]:
    """A shortest chain group, place, group, ... place that ends where there is room; or nothing, and who was asked."""
    asked, queue, known = {group}, [(group, [group])], set()
    for asking, chain in queue:
        for place in reach[asking]:
            if place in known:
                continue
            known.add(place)
            if left[place] > 0:
                return [*chain, place], asked
            for other, places in enumerate(flow):
                if other not in asked and places.get(place, 0) > 0:
                    asked.add(other)
                    queue.append((other, [*chain, place, other]))
    return [], asked


def _push(path: list[int], missing: int, flow: Flows, left: list[int]) -> int:
    """Serve as many units along a chain as fit: each group takes the next place, and leaves it to the one before it."""
    moved = [flow[path[step]][path[step - 1]] for step in range(2, len(path), 2)]
    units = min([missing, left[path[-1]], *moved])
    for step in range(0, len(path), 2):
        group, place = path[step], path[step + 1]
        flow[group][place] = flow[group].get(place, 0) + units
        if step:
            flow[group][path[step - 1]] -= units
    left[path[-1]] -= units
    return units
