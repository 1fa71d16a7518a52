"""What is measured each month, with unit, meaning and formula. What is measured once a run: observables.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.agents.designing_vendor import DesigningVendor
from abm.agents.leasing import leased_chips
from abm.agents.population import premium
from abm.books import chip_asset
from abm.elementary import exp
from abm.gates import DENIED
from abm.observe import observable
from abm.picture import HOME
from abm.policy.design_law import chip_rules
from abm.policy.instrument import US
from abm.rules.adoption import BILLION, Appraisal
from abm.rules.lab import months_behind, points_per_month
from abm.rules.routes import ROUTES
from abm.units import Fraction, usd
from abm.valuation_desk import known_instruments

if TYPE_CHECKING:
    from abm.agents.cloud import Cloud
    from abm.model import Model


def _for_china(model: Model) -> list[tuple[str, str, float]]:
    """(chip, route, units) installed in China, and abroad those leased to it and the share of others where its labs train."""
    rented: dict[str, float] = {}
    for _, lab in sorted(model.labs.items()):
        for cloud, share in lab.record.trains_at if lab.region == HOME else ():
            rented[cloud] = min(rented.get(cloud, 0.0) + share, 1.0)
    return [
        (chip, origin, units if cloud.actor.country == HOME else units * _china_part(model, cloud, chip, rented.get(name, 0.0)))
        for name, cloud in sorted(model.clouds.items())
        for (chip, origin), units in sorted(cloud.origins.items())
        if cloud.actor.country == HOME or name in rented or cloud.renters
    ]


def _china_part(model: Model, cloud: Cloud, chip: str, share: Fraction) -> Fraction:
    """Part of a cloud's chips of a kind that is there for China: what is leased to it whole, of the rest a share."""
    units = model.books.balance(cloud.name, chip_asset(chip))
    leased = leased_chips(model, cloud).get(chip, 0) / units if units > 0 else 0.0
    return leased + (1.0 - leased) * share


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
    """Serving throughput of chips in China, in H100-equivalents, by use.

    Chips train, are free, are reserved for a launched model, or are held for a candidate that waits.
    """
    total = {"training": 0.0, "free": 0.0, "reserved": 0.0, "held": 0.0}
    for _, cloud in sorted(model.clouds.items()):
        if cloud.actor.country != HOME:
            continue
        accounts = {"training": [cloud.training], "free": [cloud.free], "reserved": [], "held": []}
        for name in cloud.reserved_models:
            accounts["reserved" if name in model.picture.models else "held"].append(cloud.reserved_for(name))
        for use, names in accounts.items():
            for account in names:
                for chip, units in cloud.capacity(model, account).items():
                    total[use] += units * model.rates.serving_equivalents(chip)
    return total


@observable("1", "chips under contract that stay / all serving chips", "monthly")
def locked_share(model: Model) -> dict[str, float]:
    """Share of China's serving throughput that contracts hold against a candidate of DeepSeek's (none: against R1)."""
    serving = serving_compute(model)
    whole = serving["free"] + serving["reserved"] + serving["held"]
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
    """Cumulative units: diverted, seized, switched off; licensed by the seller's, approved by the buyer's government."""
    names = ("diverted_units", "seized_units", "disabled_units", "licensed_units", "approved_units",
             "delivered_licensed_units")
    flows = {name: float(model.tally.get(name, 0)) for name in names}
    for chip in model.opening_china_chips:
        flows[f"shipped to China: {chip}"] = float(model.tally.get(f"to China {chip}", 0))
    return flows


@observable("purchase", "cumulative", "monthly")
def denied_purchases(model: Model) -> dict[str, float]:
    """Purchases refused so far, by paragraph and instrument: chips that clouds and shell companies wanted more than any
    that they could have, each week in which a government denied them outright; and licences refused on application.
    Orders cancelled when a rule changes are not among them: they are in the event log.
    """
    return {key.removeprefix(DENIED): float(count) for key, count in model.tally.items() if key.startswith(DENIED)}


@observable("chip", "order books of vendors", "monthly")
def order_book(model: Model) -> dict[str, float]:
    """Chips ordered and not shipped, by kind and region of the buyer."""
    books: dict[str, float] = {}
    for _, vendor in sorted(model.vendors.items()):
        for order in vendor.order_book:
            key = f"{order.chip}/{'China' if model.is_chinese(order.buyer) else 'elsewhere'}"
            books[key] = books.get(key, 0.0) + order.quantity
    return books


@observable("billion USD", "sum over vendors, cumulative", "monthly")
def stranded_goods(model: Model) -> dict[str, float]:
    """Goods stranded by rules: what was written down, and what of it was written back when they were sold after all."""
    vendors = [vendor for _, vendor in sorted(model.vendors.items())]
    return {
        "written down": math.fsum(usd(vendor.written_down) for vendor in vendors) / BILLION,
        "written back": math.fsum(usd(vendor.written_back) for vendor in vendors) / BILLION,
    }


@observable("1", "grey price over list price, less one", "monthly")
def grey_premium(model: Model) -> dict[str, float]:
    """Premium of diverted chips over list, and shells that are active."""
    active = sum(1 for broker in model.brokers.values() if not broker.is_named(model))
    levels = {"active shells": float(active)}
    paid = premium(model)
    if paid is not None:
        levels["premium"] = paid
    return levels


@observable("USD", "rent paid ahead for a reference chip that trains at once (less for one that comes later)", "monthly")
def rent_abroad(model: Model) -> dict[str, float]:
    """What China's buyers pay to rent abroad; nothing where nobody abroad has chips to rent out."""
    return {} if model.picture.log_rent is None else {"reference chip": exp(model.picture.log_rent)}


@observable("chip", "cumulative; what is rented is installed", "monthly")
def diversion_routes(model: Model) -> dict[str, float]:
    """Restricted chips by route: past customs in whole servers or as cards, and installed abroad where China rents."""
    routes = {f"past customs: {route}": float(model.tally.get(f"past customs: {route}", 0)) for route in ROUTES}
    rented = (units for chip, origin, units in _for_china(model) if origin == "abroad")
    return routes | {"rented abroad": math.fsum(rented)}


@observable("USD/year", "see the valuation desk", "monthly")
def segment_flows(model: Model) -> dict[str, float]:
    """Flows of the segments that listed firms are exposed to, as last reported."""
    return dict(model.desk.flows)


@observable("billion USD", "abm.rules.adoption, at the last quarterly review", "monthly")
def special_version_worth(model: Model) -> dict[str, float]:
    """Net present value to its vendor of the best special version for China that each product line allows."""
    return {f"{name}/{one.design.line}": one.npv / BILLION for name, one in _appraisals(model)}


@observable("1/year", "gamma-Poisson on rules that caught the class of product", "monthly")
def special_version_hazard(model: Model) -> dict[str, float]:
    """Perceived hazard that a rule ends the sales of a special version, by vendor and product line."""
    return {f"{name}/{one.design.line}": one.hazard for name, one in _appraisals(model)}


@observable("1", "(number - threshold) / threshold on the day of the decision", "monthly")
def special_version_margins(model: Model) -> dict[str, float]:
    """Distance of each special version that was decided to each limit of the US rules, as a share of the limit."""
    return {
        f"{version}/{limit}": margin
        for _, vendor in sorted(model.vendors.items()) if isinstance(vendor, DesigningVendor)
        for version, limit, margin in vendor.margins
    }


@observable("chip", "cumulative, by line and the newest US rule on chips of the day of the decision", "monthly")
def special_versions_by_rule(model: Model) -> dict[str, float]:
    """Special versions delivered to buyers in China, by product line and the rule that they were made for."""
    units: dict[str, float] = {}
    for _, vendor in sorted(model.vendors.items()):
        for one in vendor.versions if isinstance(vendor, DesigningVendor) else ():
            decided = model.chip(one.chip).sold_from
            rules = chip_rules(known_instruments(model.policy, decided), US)
            newest = max(rules, key=lambda rule: (rule.market_day, rule.name)).name if rules else "no rule"
            key = f"{newest}/{one.line}"
            units[key] = units.get(key, 0.0) + model.tally.get(f"to China {one.chip}", 0)
    return units


def _appraisals(model: Model) -> list[tuple[str, Appraisal]]:
    vendors = [(name, one) for name, one in sorted(model.vendors.items()) if isinstance(one, DesigningVendor)]
    return [(name, appraisal) for name, vendor in vendors for appraisal in vendor.appraisals]
