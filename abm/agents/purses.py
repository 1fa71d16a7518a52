"""A cloud's purses: its budget, what is set aside for diverted chips, and rent that renters have paid ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.books import OUTSIDE, USD
from abm.scenario.actors import Actor
from abm.units import WEEKS_PER_YEAR, Usd, cents, usd

if TYPE_CHECKING:
    from abm.model import Model

OWNERS = f"{OUTSIDE}owners"
QUARTER_WEEKS = WEEKS_PER_YEAR // 4
BILLION = 1e9


class Purses:
    """Accounts of money of a cloud. ``budget`` in USD a quarter; balances in cents."""

    name: str
    actor: Actor
    budget: Usd

    @property
    def grey_purse(self) -> str:
        """The account of money set aside for diverted chips."""
        return f"{self.name}|grey purse"

    @property
    def rent_purse(self) -> str:
        """The account of rent that was paid ahead, for which chips are to be bought."""
        return f"{self.name}|rent"

    def rent_left(self, model: Model) -> int:
        """Cents of rent paid ahead and not yet spent on chips."""
        return model.books.balance(self.rent_purse, USD)

    def to_spend(self, model: Model) -> Usd:
        """The quarter's budget and the rent that is to be spent, in USD."""
        return self.budget + usd(self.rent_left(model))

    def open_purse(self, model: Model) -> None:
        """Open the grey purse where a week's saving is a week's spending."""
        conduct = model.world.conduct
        weekly = self.actor.grey_share * self.actor.capex_usd_bn * BILLION * conduct.accelerator_share / WEEKS_PER_YEAR
        amount = cents(weekly * conduct.grey_spending_weeks)
        model.books.move(USD, amount, giver=OWNERS, taker=self.grey_purse, reason="opening purse")

    def set_aside(self, model: Model) -> None:
        """Set a week's money aside for diverted chips while any chip is restricted, otherwise take all of it back."""
        if model.restricted_chips():
            part = min(cents(self.actor.grey_share * self.budget / QUARTER_WEEKS), model.books.balance(self.name, USD))
            model.books.move(USD, part, giver=self.name, taker=self.grey_purse, reason="set aside")
        else:
            left = model.books.balance(self.grey_purse, USD)
            model.books.move(USD, left, giver=self.grey_purse, taker=self.name, reason="set aside no more")

    def purse_for_brokers(self, model: Model) -> str:
        """The account that pays brokers: what was set aside, or where nothing is restricted the cloud's own."""
        return self.grey_purse if model.restricted_chips() else self.name
