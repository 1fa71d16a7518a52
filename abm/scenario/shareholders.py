"""Classes of investors: who holds what at the opening, how fast they read and how they differ in what they believe."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from abm.errors import InputError
from abm.scenario.declare import non_negative, read_table, text
from abm.scenario.securities import HOME_MARKETS
from abm.units import Fraction

SHAREHOLDERS_FILE = Path(__file__).with_name("shareholders.csv")
SHARE_TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Shareholders:
    """One class of investors.

    ``us_share``, ``hk_share`` and ``cn_share`` are the class's part of every security of that home market.
    ``concentration`` is the exponent of the falling sizes of its members, ``cash_share`` its cash over its shares'
    value, ``attention_speed`` how many times as fast as the declared rates news reaches it, ``elasticity_offset`` how far
    its belief in the elasticity of compute demand lies from the mean, ``disagreement`` the spread of its members'
    valuations over the declared one, ``participation`` its response to a mispricing over the declared elasticity
    of demand, and ``fee`` what those who manage its assets take of them in a year.
    """

    name: str
    title: str
    members: int
    us_share: Fraction
    hk_share: Fraction
    cn_share: Fraction
    concentration: float
    cash_share: float
    attention_speed: float
    elasticity_offset: float
    disagreement: float
    participation: float
    fee: Fraction
    basis: str
    source: str

    def share_of(self, home_market: str) -> Fraction:
        """The class's part of a security listed in the home market."""
        return {"US": self.us_share, "HK": self.hk_share, "CN": self.cn_share}[home_market]


def load_shareholders(path: Path | None = None) -> tuple[Shareholders, ...]:
    """The classes of investors of a CSV file (ours by default).

    Raises InputError naming file, line, field and value, or the home market whose shares do not sum to one.
    """
    rows = read_table(path or SHAREHOLDERS_FILE, _COLUMNS, "shareholders")
    classes = tuple(Shareholders(**row) for row in rows)
    for home_market in HOME_MARKETS:
        whole = math.fsum(one.share_of(home_market) for one in classes)
        if abs(whole - 1) > SHARE_TOLERANCE:
            raise InputError(f"{home_market.lower()}_share of the shareholders sums to {whole:.6g}, and must sum to 1")
    return classes


def _members(cell: str) -> int:
    value = int(cell)
    if value < 1:
        raise InputError(f"= {cell} is below its lower bound 1")
    return value


def _fee(cell: str) -> float:
    value = non_negative(cell)
    if value > 1:
        raise InputError(f"= {cell} is above its upper bound 1")
    return value


_COLUMNS = {
    "name": text, "title": text, "members": _members,
    "us_share": non_negative, "hk_share": non_negative, "cn_share": non_negative,
    "concentration": non_negative, "cash_share": non_negative, "attention_speed": non_negative,
    "elasticity_offset": float, "disagreement": non_negative, "participation": non_negative, "fee": _fee,
    "basis": text, "source": text,
}  # fmt: skip
