"""The observables: what is measured once a run, with unit, meaning and formula; monthly_observables.py has the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm import (  # noqa: F401  (each declares its observables)
    compute_observables,
    lab_observables,
    licence_measures,
    market_observables,
    serving_observables,
)
from abm.agents.designing_vendor import DesigningVendor
from abm.agents.population import premium
from abm.calendar import months_between
from abm.monthly_observables import effective_compute, serving_compute
from abm.observe import OBSERVABLES, observable
from abm.picture import HOME
from abm.units import usd

if TYPE_CHECKING:
    from abm.model import Model

__all__ = ["OBSERVABLES"]

FOCAL = "deepseek"
BILLION = 1e9


@observable("month", "min(launch, horizon) - start", "run")
def next_launch_months(model: Model) -> float:
    """Months from the start to the launch of DeepSeek's next model, censored at the horizon."""
    days = model.launch_days.get(FOCAL, [])
    return months_between(model.world.start, model.calendar[days[0]] if days else model.calendar[-1])


@observable("1", "launched before the horizon", "run")
def next_launched(model: Model) -> bool:
    """Whether DeepSeek's next model was launched before the horizon."""
    return bool(model.launch_days.get(FOCAL))


@observable("1", "at least one failed test of quality", "run")
def quality_bound(model: Model) -> bool:
    """Whether quality was short in at least one launch review of DeepSeek's next model."""
    return bool(_first_reviews(model, "quality") or _first_reviews(model, "both"))


@observable("1", "at least one failed test of capacity", "run")
def capacity_bound(model: Model) -> bool:
    """Whether serving capacity was short in at least one launch review of DeepSeek's next model."""
    return bool(_first_reviews(model, "capacity") or _first_reviews(model, "both"))


def _first_reviews(model: Model, binding: str) -> int:
    return model.tally.get(f"{FOCAL} 1 {binding}", 0)


@observable("week", "reviews short of quality, before the next model's launch", "run")
def weeks_short_of_quality(model: Model) -> int:
    """Weekly launch reviews of DeepSeek's next model in which quality was short."""
    return _first_reviews(model, "quality") + _first_reviews(model, "both")


@observable("week", "reviews short of capacity, before the next model's launch", "run")
def weeks_short_of_capacity(model: Model) -> int:
    """Weekly launch reviews of DeepSeek's next model in which capacity was short."""
    return _first_reviews(model, "capacity") + _first_reviews(model, "both")


@observable("month", "min over the other Chinese labs of min(launch, horizon) - start", "run")
def other_chinese_launch_months(model: Model) -> float:
    """Months from the start to the first launch of another Chinese lab, censored at the horizon."""
    days = [ds[0] for lab, ds in model.launch_days.items() if lab != FOCAL and model.labs[lab].region == HOME]
    return months_between(model.world.start, model.calendar[min(days)] if days else model.calendar[-1])


@observable("month", "mean of the monthly capability_gap over the last twelve months", "run")
def gap_months(model: Model) -> float:
    """Months by which China's best launched model lags the frontier, on average over the run's last twelve months."""
    gaps = [value for _, name, _, value in model.record.series if name == "capability_gap"][-12:]
    return math.fsum(gaps) / len(gaps)


@observable("H100-equivalent", "effective_compute at the horizon", "run")
def china_effective_compute(model: Model) -> float:
    """Effective compute for China at the horizon: training throughput of all routes, ecosystem included."""
    return effective_compute(model)["China"]


@observable("H100-equivalent", "serving_compute at the horizon", "run")
def china_serving_compute(model: Model) -> float:
    """Serving throughput of all chips in China at the horizon."""
    return math.fsum(serving_compute(model).values())


@observable("1", "effective_compute, domestic over all", "run")
def domestic_share(model: Model) -> float:
    """Share of domestic chips in China's effective compute at the horizon."""
    compute = effective_compute(model)
    return compute.get("China/domestic", 0.0) / compute["China"]


@observable("1", "domestic chips over all chips installed", "run")
def domestic_unit_share(model: Model) -> float:
    """Share of domestic chips among the chips installed in China at the horizon."""
    return model.picture.domestic_share


@observable("billion USD", "price x shares outstanding at the horizon", "run")
def nvda_value(model: Model) -> float:
    """Market value of NVIDIA at the horizon."""
    return model.equities.market_value("NVDA") / BILLION


@observable("billion USD", "sum over vendors", "run")
def write_down_usd_bn(model: Model) -> float:
    """Write-downs of goods stranded by rules."""
    return math.fsum(usd(vendor.written_down) for vendor in model.vendors.values()) / BILLION


@observable("1", "grey_premium at the horizon", "run")
def final_grey_premium(model: Model) -> float | None:
    """Premium of diverted chips over list at the horizon; none where nothing is restricted."""
    return premium(model)


def _total(name: str, key: str, meaning: str) -> None:
    def total(model: Model) -> int:
        return model.tally.get(key, 0)

    total.__name__, total.__doc__ = name, meaning
    observable("chip", "cumulative to the horizon", "run")(total)


_total("diverted_units", "diverted_units", "Chips that shell companies sold into China.")
_total("seized_units", "seized_units", "Chips seized from shell companies.")
_total("disabled_units", "disabled_units", "Diverted chips located in China and switched off.")
_total("licensed_units", "licensed_units", "Chips licensed by the seller's government to buyers in China.")
_total("approved_units", "approved_units", "Chips approved by the buyer's government, where it asks.")
_total("delivered_licensed_units", "delivered_licensed_units", "Chips delivered to buyers in China under licences.")
_total("h20_shipped_units", "to China H20 SXM", "H20 shipped to buyers in China.")


@observable("1", "cumulative", "run")
def special_versions_adopted(model: Model) -> int:
    """Special versions for China that vendors decided to build."""
    return model.tally.get("special versions adopted", 0)


@observable("1", "cumulative", "run")
def special_versions_refused(model: Model) -> int:
    """Quarterly reviews in which a vendor refused the best special version of a line that rules had made special."""
    return model.tally.get("special versions refused", 0)


@observable("chip", "cumulative to the horizon", "run")
def special_version_units(model: Model) -> int:
    """Special versions of the vendors' own design that were delivered to China."""
    versions = (one for vendor in model.vendors.values() if isinstance(vendor, DesigningVendor) for one in vendor.versions)
    return sum(model.tally.get(f"to China {one.chip}", 0) for one in versions)  # integers


@observable("text", "last of the daily digests", "run")
def last_digest(model: Model) -> str:
    """Hash of the whole state on the last day."""
    return model.record.digests[-1][1]


for _name in sorted(OBSERVABLES):    # whatever module was imported first: rows and columns come in one order
    OBSERVABLES[_name] = OBSERVABLES.pop(_name)
