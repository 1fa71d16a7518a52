"""What is public, and who has noticed.

Ordinary news reaches most investors in a day. Institutional news, which few read when it comes out, diffuses with a
small growing hazard (Hong and Stein 1999, doi:10.1111/0022-1082.00184) until it becomes salient - a declared front
page, a large move of the stock it concerns, or of itself, the likelier the more people noticed it the day before - and then
reaches most of those who are left at once.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from abm.chance import Chance
from abm.elementary import exp, power

EVERYBODY = 0.999
"""A technical bound: share of a class from which on all of it is taken to know, so that stories end."""


@dataclass(frozen=True)
class NewsItem:
    """Something public that may change what firms are worth.

    ``name`` is its permanent id, ``day`` the trading day on which it is public, ``changes`` the changes of log value
    by ticker on which all agree. ``surprise`` is an efficiency surprise, ln expected - ln revealed cost of capability,
    whose worth depends on what each investor believes about the elasticity of compute demand. An item with an
    ``observed_elasticity`` is evidence on it: it changes beliefs, and revalues ``surprise`` by the change;
    ``observation_noise`` is the standard deviation of the evidence. ``concerns`` is the ticker that it concerns most;
    without one, that of the largest agreed change.
    """

    name: str
    day: int
    kind: str
    title: str
    institutional: bool = False
    changes: tuple[tuple[str, float], ...] = ()
    surprise: float = 0.0
    concerns: str = ""
    observed_elasticity: float | None = None
    observation_noise: float = 0.0


def chance_of_salience(hazard: float, adoption: float) -> float:
    """Chance that news becomes salient of itself in a day: 1 - exp(-hazard x share of readers who noticed it last day).

    So it is 1 - exp(-hazard) in all for news that spreads to everybody, however fast.
    """
    return 1.0 - exp(-hazard * adoption)


@dataclass(frozen=True)
class Attention:
    """How news spreads: shares and hazards a day; see ``Capital`` for their meaning."""

    ordinary: float
    hazard: float
    growth: float
    salient_share: float
    salience_hazard: float


@dataclass
class Story:
    """An item under way: how long it has been public, whether it is salient, the share of each class that knows, and
    the mean share that noticed it on the last day.
    """

    item: NewsItem
    shares: tuple[float, ...]
    age: int = 0
    salient: bool = False
    adoption: float = 0.0

    @property
    def is_known_to_all(self) -> bool:
        """Whether nobody is left to notice."""
        return all(share >= 1.0 for share in self.shares)

    def state(self) -> tuple:
        """What the digest sees of it."""
        return self.item.name, self.item.day, self.shares, self.age, self.salient, self.adoption


@dataclass(frozen=True)
class Spread:
    """One day's spread of one item: the share of each class that knew before, and that knows now."""

    item: NewsItem
    before: tuple[float, ...]
    now: tuple[float, ...]
    salient: bool


class NewsDesk:
    """Publishes items and follows how far each has spread among classes of readers.

    ``speeds`` has one multiple of the declared rates per class of readers; ``bellwether`` is the ticker that items
    without agreed changes concern most.
    """

    def __init__(
        self, attention: Attention, speeds: Sequence[float], chance: Chance, *, bellwether: str = ""
    ) -> None:
        self.attention = attention
        self.bellwether = bellwether
        self.speeds = tuple(speeds)
        self.published: dict[str, NewsItem] = {}
        self._stories: dict[str, Story] = {}
        self._chance = chance
        self._ordinary = tuple(1.0 - power(1.0 - attention.ordinary, speed) for speed in self.speeds)

    def publish(self, item: NewsItem) -> None:
        """Make an item public from its day on.

        Raises ValueError if an item of that name has been published: names are never used again.
        """
        if item.name in self.published:
            raise ValueError(f'news item "{item.name}" has been published before')
        self.published[item.name] = item
        self._stories[item.name] = Story(item, shares=(0.0,) * len(self.speeds))

    def salience(self, day: int, *, declared: bool, moved: Collection[str]) -> tuple[str, ...]:
        """Names of the items that become salient today: all institutional ones on a declared day, those whose most
        concerned ticker has moved much, and some by luck, the more people noticed them the day before.
        """
        return tuple(
            name
            for name in sorted(self._stories)
            if self._may_become_salient(self._stories[name], day)
            and (declared or self._has_moved(name, moved) or self._catches_on(name, day))
        )

    def spread(self, day: int, salient: Collection[str] = ()) -> tuple[Spread, ...]:
        """Let every item spread for a day, in the order of their names; those known to all are put aside."""
        spreads = []
        for name in sorted(self._stories):
            story = self._stories[name]
            if story.item.day <= day:
                before = story.shares
                story.salient = story.salient or name in salient
                story.shares = self._next_shares(story, name in salient)
                story.age += 1
                noticed = (now - earlier for now, earlier in zip(story.shares, before, strict=True))
                story.adoption = math.fsum(noticed) / len(before)
                spreads.append(Spread(story.item, before, story.shares, story.salient))
        self._stories = {name: story for name, story in self._stories.items() if not story.is_known_to_all}
        return tuple(spreads)

    def state(self) -> tuple:
        """Everything that the future depends on, as plain values."""
        return tuple(sorted(self.published)), self.under_way()

    def under_way(self) -> tuple:
        """The state of every item that some have not noticed, by name."""
        return tuple(self._stories[name].state() for name in sorted(self._stories))

    def _may_become_salient(self, story: Story, day: int) -> bool:
        return story.item.institutional and not story.salient and story.item.day <= day

    def _has_moved(self, name: str, moved: Collection[str]) -> bool:
        """Whether the ticker that an item changes most (ties by name) has moved much since the item was public."""
        story = self._stories[name]
        changes = story.item.changes
        largest = max(changes, key=lambda change: (abs(change[1]), change[0]))[0] if changes else self.bellwether
        return story.age > 0 and (story.item.concerns or largest) in moved

    def _catches_on(self, name: str, day: int) -> bool:
        chance = chance_of_salience(self.attention.salience_hazard, self._stories[name].adoption)
        return self._chance.chance(chance, "salience", name, day)

    def _next_shares(self, story: Story, becomes_salient: bool) -> tuple[float, ...]:
        if story.item.institutional:
            hazard = self.attention.hazard + self.attention.growth * story.age
            rates = tuple(min(1.0, speed * hazard) for speed in self.speeds)
        else:
            rates = self._ordinary
        floor = self.attention.salient_share if becomes_salient else 0.0
        shares = (max(share + (1.0 - share) * rate, floor) for share, rate in zip(story.shares, rates, strict=True))
        return tuple(1.0 if share >= EVERYBODY else share for share in shares)
