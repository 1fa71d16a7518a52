"""Data centres: chips installed by route, which train, lie free, or are reserved for models under contract."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.accounts import Account
from abm.agents.actor import NamedAgent
from abm.agents.leasing import flop_rented_by, leased_chips
from abm.books import OUTSIDE, WRITES, capacity_asset, chip_asset
from abm.markets.capacity import served
from abm.offers import Lot
from abm.picture import region_of
from abm.scenario.actors import Actor
from abm.units import FlopPerDay, Fraction, TokensPerDay

if TYPE_CHECKING:
    from abm.model import Model


class DataCentres(NamedAgent):
    """The installed chips of one operator and what they are used for."""

    def __init__(self, model: Model, actor: Actor) -> None:
        super().__init__(model, actor.id)
        self.actor = actor
        self.region = region_of(actor.country)
        self.origins: dict[tuple[str, str], int] = {}
        self._kinds: list[str] = []
        self._capacities: list[Account] = []
        self._counted: dict[str, tuple[int, dict[str, int]]] = {}
        self.reserved_models: list[str] = []
        self.renters: list[str] = []

    # accounts ---------------------------------------------------------------------------------------------

    @property
    def free(self) -> str:
        """The account of chips that serve nothing yet."""
        return f"{self.name}|free"

    @property
    def training(self) -> str:
        """The account of chips that train."""
        return f"{self.name}|training"

    def reserved_for(self, launched: str) -> str:
        """The account of chips reserved for a model."""
        return f"{self.name}|{launched}"

    def leased_to(self, renter: str) -> str:
        """The account of chips here that train for a renter."""
        return f"{self.name}|leased to {renter}"

    def uses(self) -> list[str]:
        """All accounts of chips installed here."""
        return [self.free, self.training, *map(self.reserved_for, self.reserved_models), *map(self.leased_to, self.renters)]

    def chips(self) -> list[str]:
        """Kinds of chips installed here, sorted."""
        return self._kinds

    def capacity(self, model: Model, account: str) -> dict[str, int]:
        """Chips by kind in one of the cloud's accounts, to be read only.

        Counted anew once the books have written the capacity of a kind that is installed here, as their accounts count.
        """
        if not self._capacities:
            self._capacities = [model.books.accounts[capacity_asset(kind)] for kind in self._kinds]
        writes, counted = sum(map(WRITES, self._capacities)), self._counted.get(account)  # integers, which only grow
        if counted is None or counted[0] != writes:
            held = {chip: of_kind.get(account, 0) for chip, of_kind in zip(self._kinds, self._capacities, strict=True)}
            counted = self._counted[account] = (writes, held)
        return counted[1]

    def install(self, model: Model, lot: Lot) -> None:
        """Take a lot into the fleet; its capacity is free until it is assigned."""
        model.books.move(chip_asset(lot.chip), lot.quantity, giver=lot.holder + "|in transit", taker=self.name,
                         reason="installed")
        self.add_capacity(model, lot.chip, lot.quantity, lot.origin)

    def add_capacity(self, model: Model, chip: str, units: int, origin: str) -> None:
        """Count installed chips by route and open their capacity."""
        self.origins[chip, origin] = self.origins.get((chip, origin), 0) + units
        if chip not in self._kinds:
            self._kinds, self._capacities, self._counted = sorted([*self._kinds, chip]), [], {}
        model.books.move(capacity_asset(chip), units, giver=f"{OUTSIDE}nature", taker=self.free, reason="installed")

    def share_to_train(self, model: Model) -> Fraction:
        """Share of the cloud's own chips that is to train: what it has rented abroad needs not be trained with at home.

        The declared share of own and rented chips together, these counted by their throughput as so many mean ones here;
        all of them where no lab has its models served.
        """
        if not any(self.name in lab.served_at(model) for lab in model.labs.values()):
            return 1.0
        share, rented = model.world.conduct.training_share, flop_rented_by(model, self.name)
        if rented:
            own = sum(self.origins.values())  # integers
            here = math.fsum(units * model.rates.training(chip) for (chip, _), units in sorted(self.origins.items()))
            rented = rented / here if own > 0 and here > 0 else 0.0
        return max(share - (1.0 - share) * rented, 0.0)

    def assign_training(self, model: Model) -> None:
        """Move chips between training and free ones, by comparative advantage, until training has its share of the fleet.

        Chips that renters have are no part of the fleet that is shared out.
        """
        installed = sum(self.origins.values()) - sum(leased_chips(model, self).values())  # integers
        missing = int(installed * self.share_to_train(model))
        missing -= sum(self.capacity(model, self.training).values())  # integers
        giver, taker, sign = (self.free, self.training, -1) if missing > 0 else (self.training, self.free, 1)
        missing = abs(missing)
        for chip in sorted(self.chips(), key=lambda kind: (sign * model.rates.advantage(kind), kind)):
            units = min(missing, model.books.balance(giver, capacity_asset(chip)))
            model.books.move(capacity_asset(chip), units, giver=giver, taker=taker, reason="to and from training")
            missing -= units

    def training_flop(self, model: Model) -> FlopPerDay:
        """Useful training FLOP a day of the chips that train here."""
        chips = self.capacity(model, self.training)
        return math.fsum([units * model.rates.training(chip) for chip, units in chips.items() if units])

    # serving ----------------------------------------------------------------------------------------------

    def release(self, model: Model, launched: str, share: Fraction) -> None:
        """Let a share of the chips reserved for a model go free, whole chips of each kind."""
        if launched not in self.reserved_models:
            return
        account = self.reserved_for(launched)
        for chip, units in self.capacity(model, account).items():
            if freed := math.floor(units * share):
                model.books.move(capacity_asset(chip), freed, giver=account, taker=self.free, reason="released")
        self._note_reserved(model, {launched})

    def reserve(self, model: Model, grants: dict[tuple[str, str], int]) -> None:
        """Reserve free chips by (model, chip)."""
        for (launched, chip), units in sorted(grants.items()):
            model.books.move(capacity_asset(chip), units, giver=self.free, taker=self.reserved_for(launched),
                             reason="reserved")
        self._note_reserved(model, {launched for launched, _ in grants})

    def _note_reserved(self, model: Model, changed: set[str]) -> None:
        held = {name for name in changed if any(self.capacity(model, self.reserved_for(name)).values())}
        self.reserved_models = sorted({name for name in self.reserved_models if name not in changed} | held)

    def open_throughput(self, model: Model) -> TokensPerDay:
        """Tokens of the reference model a day of chips here that neither train nor serve models of this cloud alone."""
        known = model.picture.models
        shared = [name for name in self.reserved_models if name not in known or known[name].served_at != (self.name,)]
        accounts = [self.free, *(self.reserved_for(name) for name in shared)]
        return math.fsum([
            units * model.rates.reference(chip)
            for account in accounts for chip, units in self.capacity(model, account).items() if units])

    def served_tokens(self, model: Model, launched: str) -> TokensPerDay:
        """Tokens a day that the chips reserved here for a model can serve."""
        if launched not in self.reserved_models:
            return 0.0
        return served(self.capacity(model, self.reserved_for(launched)), launched, model.rates.tokens)
