"""The picture on which all decide: what is quoted, launched, wanted and known, the same for every actor.

Phases that decide only read it; phases that meet write it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from abm.offers import Quote
from abm.units import FlopPerDay, Fraction, Months, TokensPerDay

HOME = "CN"
ABROAD = "abroad"
REGIONS = (HOME, ABROAD)


def region_of(country: str) -> str:
    """The region whose users a country's labs and clouds serve."""
    return HOME if country == HOME else ABROAD


@dataclass(frozen=True)
class LaunchedModel:
    """A model that users can choose: quality in points, ln effective compute, training FLOP, active parameters."""

    name: str
    lab: str
    region: str
    day: int
    quality: float
    log_effective: float
    training_flop: float
    active_parameters: float
    open_weights: bool
    served_at: tuple[str, ...]


@dataclass
class Picture:
    """Public knowledge of one run, rewritten as it goes."""

    quotes: dict[str, Quote] = field(default_factory=dict)
    models: dict[str, LaunchedModel] = field(default_factory=dict)
    demand: dict[str, TokensPerDay] = field(default_factory=dict)
    unserved: dict[str, Fraction] = field(default_factory=dict)
    wanted: dict[str, TokensPerDay] = field(default_factory=dict)
    frontier: list[tuple[Months, float]] = field(default_factory=list)
    log_grey_price: float | None = None
    log_grey_trend: float | None = None
    grey_worth: dict[str, float] = field(default_factory=dict)
    grey_supply: float = 0.0
    grey_training: float = 1.0
    """Training of the diverted chips on hand, in reference chips, for each unit of their worth."""
    log_rent: float | None = None
    hazard: float = 0.0
    domestic_share: Fraction = 0.0
    opening_compute: FlopPerDay = 0.0
    effort: float = 1.0
    """Last week's training compute of all labs over that of the opening."""

    def note_compute(self, compute: FlopPerDay) -> None:
        """Take down what all labs trained with in the last week; the first week's is that of the opening."""
        if compute > 0:
            self.opening_compute = self.opening_compute or compute
            self.effort = compute / self.opening_compute

    def best(self, region: str | None = None, *, but: str = "", open_only: bool = False) -> LaunchedModel | None:
        """The best launched model, in one region or anywhere, leaving out one lab; ties by name."""
        models = [
            model
            for model in self.models.values()
            if region in (None, model.region) and model.lab != but and (model.open_weights or not open_only)
        ]
        return max(models, key=lambda model: (model.quality, model.name), default=None)

    def latest(self, lab: str) -> LaunchedModel | None:
        """A lab's last launched model."""
        return max((m for m in self.models.values() if m.lab == lab), key=lambda m: (m.day, m.name), default=None)
