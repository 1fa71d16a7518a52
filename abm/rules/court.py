"""The law put to every design of a space: which may be sold, and which paragraph forbids a better one (section 4.5)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import prod

import numpy as np

from abm.policy.design_law import DesignLaw, Variants, anonymous
from abm.policy.instrument import Instrument
from abm.rules.design import GB_PER_TB, DesignSpace, Silicon
from abm.scenario.catalogue import Chip

AXES = {"tpp": 0, "bandwidth_tbs": 1, "interconnect_gbs": 2}
"""Axes of the arrays below, by the attribute of a chip that changes along them."""

Pairs = Sequence[tuple[str, object]]


class Court:
    """Asks the law about designs, each question once: an answer is kept for the attributes that the law reads.

    A design has to stay free also when every number that the law reads is worse by the factor ``stretch``; ``blank`` says
    what the law may read beside the designed numbers.
    """

    def __init__(
        self, space: DesignSpace, rules: Sequence[Instrument], destination: str, *, blank: Chip, stretch: float
    ) -> None:
        self.laws = [DesignLaw(rule, destination) for rule in rules]
        self.blank, self.nobody, self.stretch = blank, anonymous(blank), stretch
        self.axes = {
            "tpp": space.performances,
            "bandwidth_tbs": tuple(one.bandwidth_gbs / GB_PER_TB for one in space.memories),
            "interconnect_gbs": space.interconnects,
        }
        self.needs = np.array([one.least_die_mm2 for one in space.memories])

    def free(self, silicon: Silicon, datacentre: bool) -> np.ndarray:
        """Which designs on this silicon are free (bool, the performances that can be built x memories x interconnects)."""
        built = self.axes["tpp"][: bisect_right(self.axes["tpp"], silicon.most_tpp)]
        free = (self.needs <= silicon.total_mm2)[None, :, None]    # has one place along an axis until a law reads it
        for law in self.laws:
            fixed = {"die_mm2": silicon.total_mm2, "datacentre": datacentre}
            read = tuple((name, fixed[name]) for name in law.reads if name in fixed)
            along = tuple((name, self.axes[name] if name != "tpp" else built) for name in AXES if name in law.reads)
            free = free & passed(law, self._asked_with(law), (read, along), self.stretch)
        return np.broadcast_to(free, [len(built), *(len(self.axes[name]) for name in AXES if name != "tpp")])

    def strictest(self, numbers: Mapping[str, float]) -> str | None:
        """The paragraph of the first law that catches a whole design, margin included."""
        found = (_paragraph(law, Variants(self._asked_with(law)), numbers, self.stretch) for law in self.laws)
        return next((paragraph for paragraph in found if paragraph), None)

    def _asked_with(self, law: DesignLaw) -> Chip:
        return self.nobody if law.reads_numbers_alone else self.blank


@lru_cache(maxsize=512)
def passed(law: DesignLaw, blank: Chip, question: tuple, stretch: float) -> np.ndarray:
    """Where a law leaves designs free (bool), along the axes that it reads, the others having one place.

    ``question`` has the attributes that are fixed, and the axes, both as pairs of a name and what it holds.
    """
    fixed, along = question
    variants, lengths = Variants(blank), {name: len(axis) for name, axis in along}
    worse_along = [(name, tuple(_worse(name, one, stretch) for one in axis)) for name, axis in along]
    worse_fixed = [(name, _worse(name, one, stretch)) for name, one in fixed]
    first, alike = _alike(law, (fixed, along), (worse_fixed, worse_along))
    pairs = zip(_grid(fixed, along, first), _grid(worse_fixed, worse_along, first), strict=True)
    answers = [(law.catches(variants.of(**one)) or law.catches(variants.of(**worse))) is None for one, worse in pairs]
    free = np.array(answers, dtype=bool)[alike].reshape([lengths.get(name, 1) for name in AXES])
    free.setflags(write=False)
    return free


def _alike(law: DesignLaw, *questions: tuple[Pairs, Pairs]) -> tuple[np.ndarray, np.ndarray]:
    """The places of the designs about which a law must be asked, and for each design which of these it is like.

    Places count the combinations of ``_grid``. Each design is asked about in all the questions; it is like another if it
    is in every one.
    """
    count = prod(len(axis) for _, axis in questions[0][1])
    together = np.zeros(count, dtype=np.int64)
    for fixed, along in questions:
        axes = np.meshgrid(*(axis for _, axis in along), indexing="ij")
        numbers = dict(fixed) | {name: axis.ravel() for (name, _), axis in zip(along, axes, strict=True)}
        sides = law.sides(numbers)
        if sides is None:
            return np.arange(count), np.arange(count)
        together = together * (1 + int(sides.max(initial=0))) + sides
    _, first, alike = np.unique(together, return_index=True, return_inverse=True)
    return first, alike


def _grid(fixed: Pairs, along: Pairs, places: np.ndarray) -> Iterator[dict[str, float]]:
    """The combinations of the numbers on some axes at some places, the last axis first, with what is fixed."""
    names, one, axes = [name for name, _ in along], dict(fixed), [axis for _, axis in along]
    for place in zip(*np.unravel_index(places, [len(axis) for axis in axes]), strict=True) if axes else [()]:
        yield one | {name: axis[at] for name, axis, at in zip(names, axes, place, strict=True)}


def _paragraph(law: DesignLaw, variants: Variants, numbers: Mapping[str, float], stretch: float) -> str | None:
    """The paragraph that catches a design, as it is or worse by the safety margin."""
    worse = {name: _worse(name, value, stretch) for name, value in numbers.items()}
    return law.catches(variants.of(**numbers)) or law.catches(variants.of(**worse))


def _worse(name: str, value: float, stretch: float) -> float:
    """A number of a design that is worse to the law by the safety margin: more of everything, on less silicon."""
    if name == "die_mm2":
        return value / stretch
    return value * stretch if name in AXES else value
