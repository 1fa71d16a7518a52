"""Which past acts of a government caught chips that had been legal: what actors learn the hazard of the next one from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from abm.offers import Transaction
from abm.policy.gate import Gate
from abm.policy.instrument import CN, EMPTY_RECORD, US, Instrument
from abm.policy.policy import Policy
from abm.scenario.catalogue import PRODUCT_LINES, Chip, load_chips


@dataclass(frozen=True)
class Tightening:
    """An act after which chips on sale could no longer be sold to China freely: which chips and product lines."""

    public: date
    market_day: date
    instrument: str
    product_lines: tuple[str, ...]
    chips: tuple[str, ...]


def tightenings(
    policy: Policy, today: date, *, government: str = US, chips: tuple[Chip, ...] | None = None
) -> tuple[Tightening, ...]:
    """The tightenings of a government that were public by a day, by the classes of product that they caught.

    Found by review, not by label: a chip counts if the vendor sold it on the market day of the act, and a commercial
    sale to China could not be refused under what was public before and can with the act added: a notice or a
    presumption of approval is no tightening. ``chips`` is the catalogue to look in (the shipped one by default).
    """
    catalogue = shipped_chips() if chips is None else chips
    return tuple(one for one in _all_tightenings(policy, government, catalogue) if one.market_day <= today)


def tightening_by(policy: Policy, name: str, *, chips: tuple[Chip, ...] | None = None) -> Tightening | None:
    """The tightening that one act of a policy is, or None where it catches nothing that was free before it.

    The same as finding it among ``tightenings``, without asking about all the others: for a policy that grows in a run.
    """
    act = policy.instrument(name)
    mine = [one for one in policy.instruments if one.government == act.government]
    if not hasattr(act, "catch"):
        return None
    return _tightening(act, mine[: mine.index(act)], shipped_chips() if chips is None else chips)


@lru_cache(maxsize=1)
def shipped_chips() -> tuple[Chip, ...]:
    """The catalogue that ships with the model."""
    return load_chips()


@lru_cache(maxsize=64)
def _all_tightenings(policy: Policy, government: str, chips: tuple[Chip, ...]) -> tuple[Tightening, ...]:
    mine = [one for one in policy.instruments if one.government == government]
    found = (_tightening(one, mine[:place], chips) for place, one in enumerate(mine) if hasattr(one, "catch"))
    return tuple(one for one in found if one is not None)


def _tightening(act: Instrument, earlier: list[Instrument], chips: tuple[Chip, ...]) -> Tightening | None:
    day = act.market_day
    known = [one for one in earlier if one.ends is None or one.ends > day or one.superseded_by == act.name]
    before, after = Gate(act.government, known), Gate(act.government, [*known, act])
    caught = tuple(
        chip for chip in chips if chip.on_sale(day) and _legal(before, chip, day) and not _legal(after, chip, day))
    if not caught:
        return None
    lines = tuple(line for line in PRODUCT_LINES if any(chip.product_line == line for chip in caught))
    return Tightening(act.public, day, act.name, lines, tuple(chip.name for chip in caught))


def _legal(gate: Gate, chip: Chip, day: date) -> bool:
    return not gate.review(commercial_sale(chip, day), EMPTY_RECORD).restricts


def commercial_sale(chip: Chip, day: date) -> Transaction:
    """One chip sold by its vendor to an unlisted commercial buyer in China."""
    return Transaction(
        chip=chip, seller=chip.vendor, buyer="a buyer in China", destination=CN, parent="a buyer in China",
        parent_country=CN, end_use="commercial", quantity=1, date=day)
