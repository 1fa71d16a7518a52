"""What China's buyers may buy of foreign chips, at each government's gate, and what markets expect of it.

A level is what a gate lets through as a multiple of all that was open at the opening: the seller's gate in money, the
buyer's as the part that it leaves of what passes the seller's. Each has its own hazard, learned from its own acts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from abm.calendar import years_between
from abm.digest import canonical
from abm.policy import HISTORICAL, Policy, rules_before, tightenings
from abm.policy.gate import Gate
from abm.policy.instrument import CN, EMPTY_RECORD, GOVERNMENTS, US, Instrument
from abm.policy.tightening import Tightening, commercial_sale
from abm.rules.expectations import Acts, Path, Prior, discounted_mean, expected_path

if TYPE_CHECKING:
    from abm.model import Model
    from abm.scenario.actors import Product
    from abm.scenario.catalogue import Chip
    from abm.scenario.conduct import Conduct

SHUT = 1e-9
"""Weight, a technical one, of chips that the seller's gate refuses, so that the buyer's has a level even then."""


def known_instruments(policy: Policy, day: date) -> tuple[Instrument, ...]:
    """Acts that are public by a trading day and not known to have ended: what markets reckon with."""
    return tuple(
        one for one in policy.instruments if one.market_day <= day and (one.ends is None or one.ends > day)
    )


@dataclass(frozen=True)
class Access:
    """Levels of the two gates, and the level at which the seller's gate is fully open."""

    seller: float
    buyer: float
    ceiling: float

    @property
    def level(self) -> float:
        """What both gates let through, one at the opening."""
        return self.seller * self.buyer


@dataclass
class AccessOutlook:
    """What is open, what acts have done to it, and since when they have been watched."""

    opening: float = 0.0
    now: Access = Access(1.0, 1.0, 1.0)
    acts: dict[str, Acts] = field(default_factory=lambda: dict.fromkeys(GOVERNMENTS, Acts()))
    watched_since: date | None = None
    known: tuple[Instrument, ...] = ()
    made: tuple[str, ...] = ()

    def state(self) -> tuple:
        """What the digest sees of it, as plain values; acts that are known follow from the policy and the day."""
        return self.opening, canonical(self.now), canonical(self.acts), canonical(self.watched_since), self.made

    def open(self, model: Model) -> None:
        """Begin with what was open just before the start, and with the acts of the common past."""
        products = _products(model)
        open_then = known_instruments(rules_before(model.world.start), model.world.start)
        self.opening = math.fsum(_parts(model, open_then, products, GOVERNMENTS))
        self.known, self.made = known_instruments(model.policy, model.day_before), tuple(one.chip for one in products)
        past = tightenings(HISTORICAL, model.day_before, government=US)
        self.watched_since = past[0].market_day if past else model.today
        sizes = [size_of(one, model.world.chips) for one in past]
        self.acts[US] = Acts(tightenings=len(sizes), taken=math.fsum(sizes))
        self.now = self._access(*(_parts(model, self.known, products, gates) for gates in ((), (US,), (CN,))))

    def has_changed(self, model: Model) -> bool:
        """Whether other acts are known, or other chips made, than when it was last reviewed."""
        known, made = known_instruments(model.policy, model.today), tuple(one.chip for one in _products(model))
        return (known, made) != (self.known, self.made)

    def review(self, model: Model) -> None:
        """Take in what has become known; first other chips, then the seller's acts, then the buyer's."""
        products, earlier = _products(model), self.known
        self.known, self.made = known_instruments(model.policy, model.today), tuple(one.chip for one in products)
        whole, acts = _parts(model, (), products, ()), (earlier, self.known)
        (seller, new_seller), (buyer, new_buyer) = (_then_and_now(model, acts, products, one) for one in (US, CN))
        before = self._access(whole, seller, buyer)
        between, after = self._access(whole, new_seller, buyer), self._access(whole, new_seller, new_buyer)
        self.acts[US] = self.acts[US].then(before.seller, between.seller, between.ceiling)
        self.acts[CN] = self.acts[CN].then(between.buyer, after.buyer, 1.0)
        self.now = after

    def expected_level(self, today: date, conduct: Conduct) -> float:
        """Level that is expected of both gates over the horizon of investors, on average and discounted."""
        seller = self._path(self.acts[US], self.now.seller, self.now.ceiling, today=today, conduct=conduct)
        buyer = self._path(self.acts[CN], self.now.buyer, 1.0, today=today, conduct=conduct)
        return discounted_mean(seller, buyer, discount=conduct.value_discount, horizon=conduct.value_horizon)

    def _path(self, acts: Acts, level: float, ceiling: float, *, today: date, conduct: Conduct) -> Path:
        observed = years_between(self.watched_since or today, today)
        prior = prior_of(conduct)
        return expected_path(
            level, max(ceiling, level),
            down=prior.rate_of_loss(acts.tightenings, acts.taken, observed),
            up=prior.rate_of_loss(acts.easings, acts.given, observed),
        )

    def _access(self, whole: Sequence[float], seller: Sequence[float], buyer: Sequence[float]) -> Access:
        """Levels of the gates, by what there is of each chip and what each gate lets through of it alone."""
        if self.opening <= 0:
            return Access(1.0, 1.0, 1.0)
        weights = [money + SHUT * most for money, most in zip(seller, whole, strict=True)]
        left = [
            weight * money / most if most > 0 else 0.0
            for weight, money, most in zip(weights, buyer, whole, strict=True)
        ]
        weight = math.fsum(weights)
        part = math.fsum(left) / weight if weight > 0 else 1.0
        return Access(math.fsum(seller) / self.opening, part, math.fsum(whole) / self.opening)


def prior_of(conduct: Conduct) -> Prior:
    """Beliefs about acts before any was seen, by the scenario."""
    return Prior(
        shape=conduct.hazard_shape, years=conduct.hazard_years, size=conduct.act_size, size_weight=conduct.act_size_weight,
        learning=conduct.hazard_learning,
    )


def size_of(past: Tightening, chips: Iterable[Chip]) -> float:
    """Part of foreign chips on sale to China that an act of the past caught, by their processing power.

    What was sold of each chip then is not known to the model.
    """
    gate = Gate(US, known_instruments(HISTORICAL, past.market_day - timedelta(days=1)))
    legal = [
        one for one in chips
        if one.foreign_to_china and one.on_sale(past.market_day) and one.tpp
        and (one.name in past.chips or not gate.review(commercial_sale(one, past.market_day), EMPTY_RECORD).restricts)
    ]
    caught = math.fsum(one.tpp for one in legal if one.name in past.chips)
    whole = math.fsum(one.tpp for one in legal)
    return caught / whole if whole > 0 else 1.0


def _products(model: Model) -> tuple[Product, ...]:
    """What vendors offer: special versions from their launch until they are withdrawn."""
    return tuple(
        one for _, vendor in sorted(model.vendors.items()) for chip, one in sorted(vendor.products.items())
        if chip in model.picture.quotes
    )


def _parts(
    model: Model, instruments: tuple[Instrument, ...], products: Iterable[Product], gates: Sequence[str]
) -> list[float]:
    """USD a quarter of each foreign chip that China might buy if only the gates of some governments stood.

    All of what is made for China, and of other chips the part that China's buyers have in all chip budgets; through
    gates at the odds of a licence, less a levy.
    """
    standing = [Gate(government, instruments) for government in gates]
    budgets = [(cloud.actor.country == CN, cloud.actor.capex_usd_bn) for _, cloud in sorted(model.clouds.items())]
    part = math.fsum(money for home, money in budgets if home) / math.fsum(money for _, money in budgets)
    parts = []
    for one in products:
        if model.actors[one.vendor].country != CN:
            money = (one.price_low + one.price_high) / 2 * one.in_progress * (1.0 if one.ordered_from == CN else part)
            parts.append(money * _openness(model, one.chip, standing))
    return parts


def _then_and_now(
    model: Model, acts: tuple[Iterable[Instrument], Iterable[Instrument]], products: Sequence[Product], government: str
) -> tuple[list[float], list[float]]:
    """The parts through one government's gate by the acts known then and now; found once where these are the same.

    A gate is made of its own government's acts, and most reviews find no other.
    """
    then, now = (tuple(one for one in known if one.government == government) for known in acts)
    parts = _parts(model, then, products, (government,))
    return parts, parts if now == then else _parts(model, now, products, (government,))


def _openness(model: Model, chip: str, gates: list[Gate]) -> float:
    """Chance that China's largest commercial buyer may buy a chip: through all gates, licences at their probability."""
    openness = 1.0
    transaction = model.gates.transaction(chip, buyer=model.ordinary_buyer, quantity=1)
    for gate in gates:
        ruling = gate.review(transaction, EMPTY_RECORD)
        openness *= ruling.expectation * (1.0 - ruling.levy)
    return openness
