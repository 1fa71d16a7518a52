"""The observables: what is measured each month, and once a run, with unit, meaning and formula."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm import licence_measures  # noqa: F401  (declares the observables of the licence offices)
from abm.agents.population import premium
from abm.calendar import months_between
from abm.elementary import exp
from abm.observe import OBSERVABLES, observable
from abm.picture import HOME
from abm.rules.lab import months_behind, points_per_month
from abm.units import usd

if TYPE_CHECKING:
    from abm.model import Model

__all__ = ["OBSERVABLES"]

FOCAL = "deepseek"
BILLION = 1e9


def _for_china(model: Model) -> list[tuple[str, str, float]]:
    """(chip, route, units) installed in China, and abroad the share at which Chinese labs train."""
    rented: dict[str, float] = {}
    for _, lab in sorted(model.labs.items()):
        for cloud, share in lab.record.trains_at if lab.region == HOME else ():
            rented[cloud] = min(rented.get(cloud, 0.0) + share, 1.0)
    return [
        (chip, origin, units if cloud.actor.country == HOME else units * rented[name])
        for name, cloud in sorted(model.clouds.items())
        for (chip, origin), units in sorted(cloud.origins.items())
        if cloud.actor.country == HOME or name in rented
    ]


@observable("chip", "sum of fleets", "monthly")
def installed_chips(model: Model) -> dict[str, float]:
    """Chips installed for China (at home, and abroad what Chinese labs rent), by kind and route."""
    total: dict[str, float] = {}
    for chip, origin, units in _for_china(model):
        total[f"{chip}/{origin}"] = total.get(f"{chip}/{origin}", 0.0) + units
    return total


@observable("H100-equivalent", "units x useful training throughput over an H100's", "monthly")
def effective_compute(model: Model) -> dict[str, float]:
    """Effective compute for China by route, and of the United States, in H100-equivalents of training."""
    total = {"China": 0.0, "United States": 0.0}
    for chip, origin, units in _for_china(model):
        amount = units * model.rates.equivalents(chip)
        total["China"] += amount
        total[f"China/{origin}"] = total.get(f"China/{origin}", 0.0) + amount
    for _, cloud in sorted(model.clouds.items()):
        if cloud.actor.country == "US":
            total["United States"] += math.fsum(
                units * model.rates.equivalents(chip) for (chip, _), units in sorted(cloud.origins.items())
            )
    return total


@observable("H100-equivalent", "units x serving throughput over an H100's", "monthly")
def serving_compute(model: Model) -> dict[str, float]:
    """Serving throughput of chips in China, in H100-equivalents, by use: training, free, or reserved for a model."""
    total = {"training": 0.0, "free": 0.0, "reserved": 0.0}
    for _, cloud in sorted(model.clouds.items()):
        if cloud.actor.country != HOME:
            continue
        accounts = {"training": [cloud.training], "free": [cloud.free],
                    "reserved": [cloud.reserved_for(name) for name in cloud.reserved_models]}
        for use, names in accounts.items():
            for account in names:
                for chip, units in cloud.capacity(model, account).items():
                    total[use] += units * model.rates.serving_equivalents(chip)
    return total


@observable("1", "chips under contract that stay / all serving chips", "monthly")
def locked_share(model: Model) -> dict[str, float]:
    """Share of China's serving throughput that contracts hold against a candidate of DeepSeek's (none: against R1)."""
    serving = serving_compute(model)
    whole = serving["free"] + serving["reserved"]
    return {"China": serving["reserved"] / whole if whole else 0.0}


@observable("point", "best launched quality", "monthly")
def quality(model: Model) -> dict[str, float]:
    """Best launched quality in the United States, in China, and of open weights; each lab's candidate and aspiration."""
    best = {"United States": model.picture.best("abroad"), "China": model.picture.best(HOME),
            "open weights": model.picture.best(open_only=True)}
    levels = {label: one.quality for label, one in best.items() if one is not None}
    for name, lab in sorted(model.labs.items()):
        if lab.project is not None and lab.project.flop > 0:
            levels[f"{name} candidate"] = lab.candidate_quality(model)
        if lab.goal > float("-inf"):
            levels[f"{name} aspiration"] = lab.goal
    return levels


@observable("month", "time since the frontier reached the best Chinese quality", "monthly")
def capability_gap(model: Model) -> dict[str, float]:
    """Months by which China's best launched model lags the frontier at equal quality."""
    best = model.picture.best(HOME)
    per_month = points_per_month(model.world.technology)
    level = best.quality if best else 0.0
    return {"China": months_behind(level, model.picture.frontier, model.months, per_month)}


@observable("token/day", "served by the chips reserved", "monthly")
def tokens_served(model: Model) -> dict[str, float]:
    """Tokens served a day, by model, and the share of what is wanted in China at today's price that is served."""
    served, wanted = dict(model.picture.demand), model.picture.wanted
    names = [name for name in sorted(wanted) if model.picture.models[name].region == HOME]
    given = math.fsum(served.get(name, 0.0) for name in names)
    served["China, share of wanted"] = given / math.fsum(wanted[name] for name in names) if names else 1.0
    return served


@observable("USD/million token", "opening price x exp(log price)", "monthly")
def token_price(model: Model) -> dict[str, float]:
    """Price of tokens by region."""
    opening = model.world.demand.token_price
    return {region: opening * exp(level) for region, level in model.users.log_price.items()}


@observable("chip", "cumulative", "monthly")
def chip_flows(model: Model) -> dict[str, float]:
    """Cumulative units: diverted, seized; for buyers in China licensed by the seller's government, approved by theirs,
    and delivered under licences."""
    names = ("diverted_units", "seized_units", "licensed_units", "approved_units", "delivered_licensed_units")
    flows = {name: float(model.tally.get(name, 0)) for name in names}
    for chip in model.opening_china_chips:
        flows[f"shipped to China: {chip}"] = float(model.tally.get(f"to China {chip}", 0))
    return flows


@observable("chip", "order books of vendors", "monthly")
def order_book(model: Model) -> dict[str, float]:
    """Chips ordered and not shipped, by kind and region of the buyer."""
    books: dict[str, float] = {}
    for _, vendor in sorted(model.vendors.items()):
        for order in vendor.order_book:
            key = f"{order.chip}/{'China' if model.is_chinese(order.buyer) else 'elsewhere'}"
            books[key] = books.get(key, 0.0) + order.quantity
    return books


@observable("1", "grey price over list price, less one", "monthly")
def grey_premium(model: Model) -> dict[str, float]:
    """Premium of diverted chips over list, and shells that are active."""
    active = sum(1 for broker in model.brokers.values() if not broker.is_named(model))
    levels = {"active shells": float(active)}
    paid = premium(model)
    if paid is not None:
        levels["premium"] = paid
    return levels


@observable("USD/year", "see the valuation desk", "monthly")
def segment_flows(model: Model) -> dict[str, float]:
    """Flows of the segments that listed firms are exposed to, as last reported."""
    return dict(model.desk.flows)


# once a run -------------------------------------------------------------------------------------------------


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
_total("licensed_units", "licensed_units", "Chips licensed by the seller's government to buyers in China.")
_total("approved_units", "approved_units", "Chips approved by the buyer's government, where it asks.")
_total("delivered_licensed_units", "delivered_licensed_units", "Chips delivered to buyers in China under licences.")
_total("h20_shipped_units", "to China H20 SXM", "H20 shipped to buyers in China.")


@observable("text", "last of the daily digests", "run")
def last_digest(model: Model) -> str:
    """Hash of the whole state on the last day."""
    return model.record.digests[-1][1]
