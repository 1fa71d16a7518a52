"""What was observed on 27 January 2025, in fractions: the comparison, and never an input of the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SALIENCE_DAY = date(2025, 1, 27)
"""DeepSeek's assistant led the app stores; the paper and the model had been public for a week."""


@dataclass(frozen=True)
class Observed:
    """Simple return of a share on the day, its abnormal return where one was computed, and where both come from."""

    raw_return: float
    abnormal_return: float | None
    source: str


CLOSES = "daily closes to 2025-06; market model on the S&P 500 (-1.46 %), days -250 to -31, by analysis.event_study"
MEMORY = "close-to-close return as reported, from memory: re-check before quoting"

OBSERVED = {
    "NVDA": Observed(-0.1697, -0.1297, CLOSES),
    "TSM": Observed(-0.1333, -0.1067, CLOSES),
    "AVGO": Observed(-0.174, None, MEMORY),
    "ORCL": Observed(-0.138, None, MEMORY),
    "MU": Observed(-0.117, None, MEMORY),
    "GOOGL": Observed(-0.042, None, MEMORY),
    "MSFT": Observed(-0.021, None, MEMORY),
}
"""By ticker; the other firms of the model have no figure here."""
