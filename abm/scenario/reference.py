"""The scenario: everything the world is, frozen and typed; history from the first day of 2025, and from October 2022."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date

from abm.errors import InputError, unknown
from abm.scenario.actors import (
    FOLDER,
    Actor,
    Fleet,
    LabRecord,
    Product,
    check_names,
    load_actors,
    load_fleets,
    load_labs,
    load_products,
)
from abm.scenario.capital import Capital
from abm.scenario.catalogue import Chip, load_chips
from abm.scenario.conduct import Conduct
from abm.scenario.declare import Declared, Section
from abm.scenario.demand import Demand
from abm.scenario.diversion import Diversion
from abm.scenario.history_2022 import Conduct2022, Demand2022, Redesign2022, Technology2022, at_list_prices
from abm.scenario.offices import Offices
from abm.scenario.redesign import Generation, Memory, Redesign, load_generations, load_memories
from abm.scenario.securities import Security, load_securities
from abm.scenario.technology import Technology

SECTIONS = ("technology", "demand", "conduct", "diversion", "offices", "capital", "redesign")


@dataclass(frozen=True)
class DatedRelease:
    """A launch that is given, not decided: a lab's model finished before the first free day, released on a date."""

    lab: str
    model: str
    released: date
    training_flop: float
    lag_months: float
    active_parameters: float
    source: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What the world is. Change a number with ``vary``; the policy and the seed are separate values.

    ``capital_year`` is the middle of the year whose capital spending the roster gives.

    Raises InputError where a table names an unknown actor or chip, or where the horizon is empty.
    """

    name: str
    start: date
    until: date
    capital_year: date = date(2025, 7, 1)
    technology: Technology = field(default_factory=Technology)
    demand: Demand = field(default_factory=Demand)
    conduct: Conduct = field(default_factory=Conduct)
    diversion: Diversion = field(default_factory=Diversion)
    offices: Offices = field(default_factory=Offices)
    capital: Capital = field(default_factory=Capital)
    redesign: Redesign = field(default_factory=Redesign)
    chips: tuple[Chip, ...] = field(default_factory=load_chips)
    actors: tuple[Actor, ...] = field(default_factory=load_actors)
    fleets: tuple[Fleet, ...] = field(default_factory=load_fleets)
    labs: tuple[LabRecord, ...] = field(default_factory=load_labs)
    products: tuple[Product, ...] = field(default_factory=load_products)
    securities: tuple[Security, ...] = field(default_factory=load_securities)
    generations: tuple[Generation, ...] = field(default_factory=load_generations)
    memories: tuple[Memory, ...] = field(default_factory=load_memories)
    releases: tuple[DatedRelease, ...] = ()

    def __post_init__(self) -> None:
        if self.until < self.start:
            raise InputError(f"until = {self.until} is before start = {self.start}")
        actors = tuple(actor.id for actor in self.actors)
        chips = tuple(chip.name for chip in self.chips)
        clouds = tuple(actor.id for actor in self.actors if actor.kind == "cloud")
        check_names("owner in the fleets", tuple(fleet.owner for fleet in self.fleets), clouds)
        check_names("chip in the fleets", tuple(fleet.chip for fleet in self.fleets), chips)
        check_names("vendor in the products", tuple(product.vendor for product in self.products), actors)
        check_names("chip in the products", tuple(product.chip for product in self.products), chips)
        check_names("lab", tuple(lab.id for lab in self.labs), actors)
        check_names("cloud in trains_at", tuple(c for lab in self.labs for c, _ in lab.trains_at), clouds)
        check_names("lab in the releases", tuple(release.lab for release in self.releases), actors)

    def vary(self, changes: Mapping[str, float]) -> Scenario:
        """The same scenario with other values, for example ``vary({"demand.contract_months": 1})``.

        Raises InputError naming the field, the value and the bound, or the nearest valid name.
        """
        by_section: dict[str, dict[str, float]] = {}
        for path, value in changes.items():
            section, _, name = path.partition(".")
            valid = {declared.path for declared in self.parameters()}
            if path not in valid:
                raise unknown("scenario value", path, valid)
            by_section.setdefault(section, {})[name] = value
        replaced = {
            section: dataclasses.replace(getattr(self, section), **values) for section, values in by_section.items()
        }
        return dataclasses.replace(self, **replaced)

    def parameters(self) -> tuple[Declared, ...]:
        """Every declared number, in the order of declaration, with its path such as ``demand.token_price``."""
        sections: tuple[tuple[str, Section], ...] = tuple((name, getattr(self, name)) for name in SECTIONS)
        return tuple(declared for name, section in sections for declared in section.declared(name))

    def table_rows(self) -> dict[str, list[dict[str, object]]]:
        """The tables of the scenario as plain rows, for manifests and run identities."""
        tables = ("chips", "actors", "fleets", "labs", "products", "securities", "generations", "memories",
                  "releases")
        return {table: [_plain(row) for row in getattr(self, table)] for table in tables}


def _plain(row: object) -> dict[str, object]:
    plain = {}
    for one in fields(row):  # type: ignore[arg-type]
        value = getattr(row, one.name)
        plain[one.name] = value.isoformat() if isinstance(value, date) else value
    return plain


R1_RELEASE = DatedRelease(
    lab="deepseek", model="DeepSeek-R1", released=date(2025, 1, 20), training_flop=4.02e24, lag_months=4.0,
    active_parameters=37e9, source="epoch-notable-models",
)

HISTORY_2025 = Scenario(
    name="history_2025", start=date(2025, 1, 1), until=date(2026, 12, 31), releases=(R1_RELEASE,),
)

OF_2022 = load_products(FOLDER / "products_2022.csv")

HISTORY_2022 = Scenario(
    name="history_2022", start=date(2022, 10, 1), until=date(2024, 12, 31), capital_year=date(2022, 7, 1),
    technology=Technology2022(), demand=Demand2022(), conduct=Conduct2022(), redesign=Redesign2022(),
    capital=Capital(salience_dates=()),
    chips=at_list_prices(load_chips(), OF_2022), products=OF_2022, actors=load_actors(FOLDER / "actors_2022.csv"),
    fleets=load_fleets(FOLDER / "fleets_2022.csv"), labs=load_labs(FOLDER / "labs_2022.csv"),
    securities=load_securities(FOLDER / "securities_2022.csv"),
)
"""From the first days after the letters of August 2022; nothing that labs, vendors or buyers did later is given."""

SCENARIOS = {scenario.name: scenario for scenario in (HISTORY_2025, HISTORY_2022)}
"""The scenarios that ship, by name."""
