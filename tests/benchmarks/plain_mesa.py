"""The stock market as an ordinary Mesa model: one agent an investor, the day of ``abm.markets.reference``."""

from __future__ import annotations

from collections.abc import Sequence

import mesa

from abm.chance import Chance
from abm.markets.reference import PlainInvestor, Today, trade_plainly


class Investor(mesa.Agent):
    """One investor, and the disagreement it has drawn today."""

    def __init__(self, model: PlainMarket, traits: PlainInvestor) -> None:
        super().__init__(model)
        self.traits = traits
        self.luck: Sequence[int] = ()

    def draw(self) -> None:
        """Draw today's disagreement by name."""
        self.luck = self.traits.disagree(self.model.today, self.model.chance)


class PlainMarket(mesa.Model):
    """A market whose investors are agents."""

    def __init__(self, investors: Sequence[PlainInvestor], chance: Chance) -> None:
        super().__init__(rng=chance.seed)
        self.chance = chance
        self.today: Today | None = None
        for traits in investors:
            Investor(self, traits)

    def draw(self, today: Today) -> None:
        """Have every investor draw its disagreement of the day."""
        self.today = today
        self.agents.do("draw")

    def trade(self, news: Sequence[Sequence[int]] | None = None) -> tuple[list[int], list[list[int]]]:
        """Trade on what has been drawn, and on news in steps by investor and stock: prices in cents, trades by stock."""
        everyone = list(self.agents)
        luck = [one.luck for one in everyone]
        prices, _, trades = trade_plainly([one.traits for one in everyone], self.today, luck, news)
        return prices, trades
