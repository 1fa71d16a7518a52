"""Listed firms whose shares are traded: opening price and shares, and what each firm's value depends on.

Exposures are shares of a firm's cash flow that come from a segment of the model; they carry no sign and no outcome. The
rest, up to one, comes from outside the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from abm.errors import InputError
from abm.scenario.declare import non_negative, read_table, text
from abm.units import CENTS_PER_USD, Cents, Fraction, Usd, cents

SECURITIES_FILE = Path(__file__).with_name("securities.csv")
SEGMENTS = ("frontier_compute", "china_legal", "china_domestic", "cloud_us", "cloud_cn")
HOME_MARKETS = ("US", "HK", "CN")
BILLION = 1_000_000_000
MOST_SHARES = 40 * BILLION
"""Shares of one firm above which the exact integer sums of the auction would not fit into 64 bits."""


@dataclass(frozen=True, kw_only=True)
class Security:
    """One listed share: its opening, its covariation and the segments its cash flow comes from.

    ``beta`` is the loading on the market layer and ``idiosyncratic_scale`` that on the firm's own layer (1 is the
    typical large US stock). ``dividend_usd`` is paid per share and quarter, ``buyback_rate`` is the part of the shares
    outstanding that is bought back in a year. ``actor`` is the id of the firm's agent or empty.
    """

    ticker: str
    name: str
    actor: str
    home_market: str
    price_usd: Usd
    shares_outstanding: int
    beta: float
    idiosyncratic_scale: float
    frontier_compute: Fraction
    china_legal: Fraction
    china_domestic: Fraction
    cloud_us: Fraction
    cloud_cn: Fraction
    dividend_usd: Usd
    buyback_rate: Fraction
    basis: str
    source: str
    note: str

    @property
    def exposures(self) -> dict[str, Fraction]:
        """Share of the firm's cash flow by segment of the model; the rest comes from outside."""
        return {segment: getattr(self, segment) for segment in SEGMENTS}

    @property
    def price_cents(self) -> Cents:
        """Opening price in whole cents."""
        return cents(self.price_usd)

    def __post_init__(self) -> None:
        if self.price_usd * CENTS_PER_USD < 1:
            raise InputError(f"price_usd of {self.ticker} = {self.price_usd} is below one cent")
        if not 1 <= self.shares_outstanding <= MOST_SHARES:
            raise InputError(f"shares of {self.ticker} = {self.shares_outstanding} is outside 1 to {MOST_SHARES}")
        if not self.idiosyncratic_scale > 0:
            raise InputError(f"idiosyncratic_scale of {self.ticker} = {self.idiosyncratic_scale} is not above zero")
        whole = math.fsum(self.exposures.values())
        if whole > 1:
            raise InputError(f"exposures of {self.ticker} sum to {whole:.6g}, above their upper bound 1")


def load_securities(path: Path | None = None) -> tuple[Security, ...]:
    """The listed firms of a CSV file (ours by default), in the order of the file.

    Raises InputError naming file, line, field and value.
    """
    rows = read_table(path or SECURITIES_FILE, _COLUMNS, "securities")
    tickers = [row["ticker"] for row in rows]
    for ticker in tickers:
        if tickers.count(ticker) > 1:
            raise InputError(f'securities file has the ticker "{ticker}" twice')
    return tuple(_security(row) for row in rows)


def _security(row: dict) -> Security:
    return Security(shares_outstanding=round(row.pop("shares_bn") * BILLION), **row)


def _fraction(cell: str) -> float:
    value = non_negative(cell)
    if value > 1:
        raise InputError(f"= {cell} is above its upper bound 1")
    return value


def _home_market(cell: str) -> str:
    if cell not in HOME_MARKETS:
        raise InputError(f'= "{cell}" is not one of {", ".join(HOME_MARKETS)}')
    return cell


_COLUMNS = {
    "ticker": text, "name": text, "actor": str, "home_market": _home_market, "price_usd": non_negative,
    "shares_bn": non_negative, "beta": float, "idiosyncratic_scale": non_negative,
    **dict.fromkeys(SEGMENTS, _fraction), "dividend_usd": non_negative, "buyback_rate": _fraction,
    "basis": text, "source": text, "note": str,
}  # fmt: skip
