"""The roster: who acts, what each owns at the opening, which models and products exist. Tables beside this file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from abm.errors import InputError, nearest, unknown
from abm.scenario.declare import BASES, non_negative, optional, read_table, text

FOLDER = Path(__file__).parent
KINDS = ("regulator", "vendor", "cloud", "lab")
END_USES = ("commercial", "state_funded", "military")
QUARTERS = 4
ORIGINS = ("direct", "licensed", "abroad", "diverted", "domestic")


@dataclass(frozen=True)
class Actor:
    """A named actor: where it is, who stands behind it, and for clouds its budget.

    ``capex_usd_bn`` is capital spending in the year of the scenario's ``capital_year``, in 1e9 USD; ``grey_share`` the
    part of its chip budget it is willing to spend on diverted chips; ``parent_share`` the share of it that its ultimate
    parent owns;
    ``capex_growth`` the log growth of its capital spending a year, None: that of all.
    """

    id: str
    name: str
    kind: str
    country: str
    parent: str
    parent_country: str
    ticker: str | None
    capex_usd_bn: float
    grey_share: float
    end_use: str
    basis: str
    source: str
    parent_share: float = 1.0
    capex_growth: float | None = None


@dataclass(frozen=True)
class Fleet:
    """Chips installed at an owner on the opening day, and the route by which they came."""

    owner: str
    chip: str
    units: int
    origin: str
    basis: str
    source: str


@dataclass(frozen=True)
class LabRecord:
    """A lab at the opening: where it trains and is served, and its last model.

    ``trains_at`` gives shares of clouds' training chips; ``lag_months`` is how far its last model stood behind the
    frontier on its release day; ``training_flop`` in FLOP; ``active_parameters`` in parameters.
    """

    id: str
    trains_at: tuple[tuple[str, float], ...]
    served_at: tuple[str, ...]
    open_weights: bool
    last_model: str
    released: date
    training_flop: float
    lag_months: float
    active_parameters: float
    project_start: date
    basis: str
    source: str


@dataclass(frozen=True)
class Product:
    """A chip on offer in the run: list range in USD, large dies a package, opening pipeline in chips.

    ``ordered_from`` is the region of those who had ordered it at the opening (CN or abroad). Of a chip that the
    catalogue dates later nothing is in progress or in stock, and ``on_order`` is what its vendor expects to be ordered
    in its first quarter if that is more than what it sells of the chip whose place the new one takes.
    ``home_year`` is what buyers in China took in the year before the opening, in chips; None: four times what is in
    progress for them.
    """

    vendor: str
    chip: str
    price_low: float
    price_high: float
    dies: int
    in_progress: int
    in_stock: int
    on_order: int
    ordered_from: str
    basis: str
    source: str
    home_year: int | None = None

    def sold_at_home(self, home: str) -> int:
        """Chips that buyers in China took in the year before the opening."""
        if self.home_year is not None:
            return self.home_year
        return QUARTERS * self.in_progress if self.ordered_from == home else 0


def one_of(*valid: str):  # a column converter
    """A cell that must be one of the given words."""

    def convert(cell: str) -> str:
        if cell not in valid:
            raise InputError(f'= "{cell}" is not one of {", ".join(valid)}{nearest(cell, valid)}')
        return cell

    return convert


def share(cell: str) -> float:
    """A cell between 0 and 1."""
    value = non_negative(cell)
    if value > 1:
        raise InputError(f"= {cell} is above its upper bound 1")
    return value


def whole(cell: str) -> int:
    """A cell that holds a whole number of at least 0."""
    if not cell.isdecimal():
        raise InputError(f'= "{cell}" is not a whole number of at least 0')
    return int(cell)


def number_of(cell: str) -> float:
    """A cell that holds a finite number of either sign."""
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f'= "{cell}" is not a finite number')
    return value


def yes_or_no(cell: str) -> bool:
    """A cell that says yes or no."""
    return one_of("yes", "no")(cell) == "yes"


def shares_by_name(cell: str) -> tuple[tuple[str, float], ...]:
    """A cell such as ``alibaba:0.8;tencent:0.2``."""
    return tuple((name, share(part)) for name, part in (entry.split(":") for entry in text(cell).split(";")))


def names(cell: str) -> tuple[str, ...]:
    """A cell such as ``alibaba;tencent``; ``*CN`` stands for every cloud of that country."""
    return tuple(text(cell).split(";"))


PROVENANCE = {"basis": one_of(*BASES), "source": text}
ACTOR_COLUMNS = {
    "id": text, "name": text, "kind": one_of(*KINDS), "country": text, "parent": text, "parent_country": text,
    "parent_share": share, "ticker": optional(text), "capex_usd_bn": non_negative, "grey_share": share,
    "capex_growth": optional(number_of), "end_use": one_of(*END_USES), **PROVENANCE,
}
FLEET_COLUMNS = {"owner": text, "chip": text, "units": whole, "origin": one_of(*ORIGINS), **PROVENANCE}
LAB_COLUMNS = {
    "id": text, "trains_at": shares_by_name, "served_at": names, "open_weights": yes_or_no, "last_model": text,
    "released": date.fromisoformat, "training_flop": non_negative, "lag_months": non_negative,
    "active_parameters": non_negative, "project_start": date.fromisoformat, **PROVENANCE,
}
PRODUCT_COLUMNS = {
    "vendor": text, "chip": text, "price_low": non_negative, "price_high": non_negative, "dies": whole,
    "in_progress": whole, "in_stock": whole, "on_order": whole,
    "ordered_from": one_of("CN", "abroad"), "home_year": optional(whole), **PROVENANCE,
}


def load_actors(path: Path = FOLDER / "actors.csv") -> tuple[Actor, ...]:
    """The roster; raises InputError naming file, line and field, also where an id appears twice.

    A table may lack the column parent_share: then parents own all of everyone; and capex_growth.
    """
    lacking = ("parent_share", "capex_growth")
    actors = tuple(Actor(**row) for row in read_table(path, ACTOR_COLUMNS, "actors", may_lack=lacking))
    ids = [actor.id for actor in actors]
    for actor_id in ids:
        if ids.count(actor_id) > 1:
            raise InputError(f'actors file {path.name}: id = "{actor_id}" appears twice')
    return actors


def load_fleets(path: Path = FOLDER / "fleets.csv") -> tuple[Fleet, ...]:
    """Opening fleets; raises InputError naming file, line and field."""
    return tuple(Fleet(**row) for row in read_table(path, FLEET_COLUMNS, "fleets"))


def load_labs(path: Path = FOLDER / "labs.csv") -> tuple[LabRecord, ...]:
    """Labs and their last models; raises InputError naming file, line and field."""
    return tuple(LabRecord(**row) for row in read_table(path, LAB_COLUMNS, "labs"))


def load_products(path: Path = FOLDER / "products.csv") -> tuple[Product, ...]:
    """What vendors offer; raises InputError naming file, line and field, also where a price range is empty."""
    products = tuple(Product(**row) for row in read_table(path, PRODUCT_COLUMNS, "products", may_lack=("home_year",)))
    for product in products:
        if product.price_low > product.price_high:
            raise InputError(
                f"products file {path.name}: {product.chip} price_low = {product.price_low} is above "
                f"price_high = {product.price_high}"
            )
    return products


def check_names(what: str, used: tuple[str, ...], valid: tuple[str, ...]) -> None:
    """Every used name is among the valid ones; raises InputError with the nearest valid name."""
    for name in used:
        if name not in valid:
            raise unknown(what, name, valid)
