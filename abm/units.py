"""Units as types: a float annotated with what it counts, so that signatures can be read and tables printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

SECONDS_PER_DAY = 86_400
DAYS_PER_YEAR = 365.25
MONTHS_PER_YEAR = 12
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
TRADING_DAYS_PER_YEAR = 261
WEEKS_PER_YEAR = 52
CENTS_PER_USD = 100
TERA = 1e12
GIGA = 1e9


@dataclass(frozen=True)
class Unit:
    """What a number counts, for example ``Unit("USD/chip")``."""

    symbol: str


Usd = Annotated[float, Unit("USD")]
UsdPerYear = Annotated[float, Unit("USD/year")]
UsdPerChip = Annotated[float, Unit("USD/chip")]
Cents = Annotated[int, Unit("US cent")]
UsdPerMillionTokens = Annotated[float, Unit("USD/million token")]
Chips = Annotated[int, Unit("chip")]
Tokens = Annotated[float, Unit("token")]
TokensPerDay = Annotated[float, Unit("token/day")]
TokensPerSecond = Annotated[float, Unit("token/s")]
Flop = Annotated[float, Unit("FLOP")]
FlopPerDay = Annotated[float, Unit("FLOP/day")]
H100Equivalents = Annotated[float, Unit("H100-equivalent")]
Days = Annotated[float, Unit("day")]
Months = Annotated[float, Unit("month")]
Years = Annotated[float, Unit("year")]
Fraction = Annotated[float, Unit("1")]


def cents(usd: Usd) -> Cents:
    """Whole US cents nearest to an amount in USD (half to even)."""
    return round(usd * CENTS_PER_USD)


def usd(amount: Cents) -> Usd:
    """An amount of whole cents in USD."""
    return amount / CENTS_PER_USD
