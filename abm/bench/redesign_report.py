"""What ``abm rules redesign`` prints: the best chip that a vendor may sell to a destination, and whether it pays."""

from __future__ import annotations

import json
from datetime import date

from abm.bench.aligned import columns
from abm.errors import unknown
from abm.policy import Policy
from abm.policy.instrument import CN, US
from abm.policy.statutes import CHINA
from abm.rules.adoption import BILLION, Appraisal
from abm.rules.design import GB_PER_TB
from abm.scenario.actors import Actor
from abm.scenario.redesign import LINE_NAMES, LINES
from abm.scenario.reference import HISTORY_2025, Scenario
from abm.special_versions import DesignReview, opening_position
from abm.valuation_desk import known_instruments

DECIMALS = 4
NUMBERS = (
    "value_usd", "price_usd", "cost_usd", "tpp", "mem_bw_tbs", "io_gbs", "die_mm2", "datacentre", "binding", "npv_usd")
HEAD = (
    "line", "TPP", "die mm2", "memory TB/s", "links GB/s", "for", "value USD", "price USD", "cost USD", "NPV bn USD", "built")


def redesign_report(
    policy: Policy, day: date, *, destination: str = CN, vendor: str, form: str = "table", world: Scenario = HISTORY_2025
) -> str:
    """The best free design of each line of a vendor, as a table with a sentence a line, or as json (a list of objects).

    The vendor's position is that of the scenario's opening, its good year in China, whatever the day and destination.
    Raises InputError for an unknown vendor or
    country, with the nearest name.
    """
    actor = designing_vendor(world, vendor)
    position = opening_position(world, policy, actor, day)
    review = DesignReview(world, actor, known_instruments(policy, day), position, day, destination)
    found = {one.design.line: one for one in review.appraisals()}
    rows = [_row(review, line, found.get(line)) for line in LINES if review.offers(line)]
    if form == "json":
        return json.dumps(rows, indent=1)
    if not rows:
        return f"No technology of {actor.name} is known by {day}."
    about = [] if destination in CHINA else ["The size of the market and the buyers' government are those of China."]
    return "\n".join([*_lines(rows), *about])


def designing_vendor(world: Scenario, name: str) -> Actor:
    """The foreign vendor of that name or id, in any case. Raises InputError with the nearest name if there is none."""
    makers = {one.vendor for one in world.products}
    vendors = [one for one in world.actors if one.id in makers and one.country != CN]
    for one in vendors:
        if name.casefold() in (one.id.casefold(), one.name.casefold()):
            return one
    raise unknown("vendor that designs special versions", name, [one.name for one in vendors])


def _row(review: DesignReview, line: str, appraisal: Appraisal | None) -> dict[str, object]:
    about = {"vendor": review.vendor.name, "line": LINE_NAMES[line]}
    hazards = {"hazard_seller": _short(review.hazard(US, line)), "hazard_buyer": _short(review.hazard(CN, line))}
    if appraisal is None:
        absent = dict.fromkeys(NUMBERS)
        return {**about, **absent, "would_build": False, "reason": "the law leaves no design of the line free", **hazards}
    one = appraisal.design
    return {
        **about,
        "value_usd": round(one.value_usd), "price_usd": round(one.price_usd), "cost_usd": round(one.cost_usd), "tpp": one.tpp,
        "mem_bw_tbs": _short(one.stacks.bandwidth_gbs / GB_PER_TB), "io_gbs": one.interconnect_gbs,
        "die_mm2": _short(one.silicon.total_mm2), "dies": one.silicon.dies,
        "performance_density": _short(one.tpp / one.silicon.total_mm2), "memory": f"{one.stacks.devices} x {one.stacks.memory}",
        "memory_gb": one.stacks.memory_gb, "datacentre": one.datacentre, "binding": "; ".join(one.binding) or "none",
        "npv_usd": round(appraisal.npv), "would_build": appraisal.would_build, "reason": appraisal.reason,
        "hazard": _short(appraisal.hazard), **hazards, "ban_probability": _short(appraisal.ban_probability),
        "units_a_year": round(appraisal.units), "added_margin_usd": round(appraisal.added_margin),
        "committed_loss_usd": round(appraisal.stranded), "shadow_usd": round(review.position.shadow_usd),
        "most_tpp": review.most_tpp(line),
    }


def _short(value: float) -> float:
    return round(value, DECIMALS)


def _lines(rows: list[dict[str, object]]) -> list[str]:
    body = [HEAD, *(_cells(row) for row in rows)]
    limits = [f"{row['line']}: limited by {row['binding']}." for row in rows if row["binding"] not in (None, "none")]
    told = [f"{row['line']}: {'built' if row['would_build'] else 'not built'}: {row['reason']}." for row in rows]
    gaps = [
        f"{row['line']}: the rules also leave {row['most_tpp']:,.0f} TPP free, on other silicon or for another market."
        for row in rows
        if row.get("most_tpp") and row["most_tpp"] > row["tpp"]
    ]
    return [*columns(body, left=1), "", *limits, *told, *gaps]


def _cells(row: dict[str, object]) -> tuple[str, ...]:
    if row["tpp"] is None:
        return (str(row["line"]), *["-"] * 9, "no")
    return (
        str(row["line"]), f"{row['tpp']:,.0f}", f"{row['die_mm2']:,.0f}", f"{row['mem_bw_tbs']:.2f}", f"{row['io_gbs']:,.0f}",
        "datacentres" if row["datacentre"] else "anybody", f"{row['value_usd']:,}",
        f"{row['price_usd']:,}", f"{row['cost_usd']:,}",
        f"{row['npv_usd'] / BILLION:,.2f}", "yes" if row["would_build"] else "no",
    )
