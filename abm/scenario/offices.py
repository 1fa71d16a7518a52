"""Licence offices: how many applications they decide a year, what else lies on their desks, and what one takes them."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.declare import Section, number


@dataclass(frozen=True)
class Desk:
    """One government's office: work done and work coming in, in ordinary applications a year, and work per case."""

    capacity: float
    load: float
    chip_work: float


@dataclass(frozen=True, kw_only=True)
class Offices(Section):
    """Licence offices of both governments. The unit of work is one ordinary application."""

    us_capacity: float = number(
        30_000.0, "application/year", "ordinary applications that the US office decides a year with its staff of 2024",
        source="bis-licence-throughput", basis="estimated", low=10_000, high=60_000)
    us_load: float = number(
        28_500.0, "application/year", "ordinary applications that reach the US office beside those of the model",
        source="assumption-licence-office", basis="assumed", low=10_000, high=60_000)
    us_staff: float = number(
        1.0, "1", "licensing staff of the US office over that of 2024 (585 in all, 247 of them in enforcement)",
        source="assumption-licence-office", basis="assumed", low=0.1, high=3.0)
    us_chip_work: float = number(
        50.0, "application", "ordinary applications whose work one decided case by case takes (review by four departments)",
        source="assumption-licence-office", basis="assumed", low=1, high=1000)
    prc_capacity: float = number(
        1200.0, "application/year", "ordinary justifications that the PRC office answers a year",
        source="assumption-purchase-office", basis="assumed", low=100, high=30_000)
    prc_load: float = number(
        1000.0, "application/year", "ordinary justifications that reach the PRC office beside those of the model",
        source="assumption-purchase-office", basis="assumed", low=0, high=30_000)
    prc_staff: float = number(
        1.0, "1", "staff of the PRC office over what it has for its capacity", source="assumption-purchase-office",
        basis="assumed", low=0.1, high=3.0)
    prc_chip_work: float = number(
        5.0, "application", "ordinary justifications whose work one for foreign AI chips takes",
        source="assumption-purchase-office", basis="assumed", low=1, high=200)

    def desk(self, country: str) -> Desk:
        """The office of a government by its country: "US", otherwise that of the PRC."""
        if country == "US":
            return Desk(self.us_capacity * self.us_staff, self.us_load, self.us_chip_work)
        return Desk(self.prc_capacity * self.prc_staff, self.prc_load, self.prc_chip_work)
