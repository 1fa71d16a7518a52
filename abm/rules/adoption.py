"""Whether a special version pays: its margin until the next rule, against what a rule would strand (section 4.5).

NPV = g (exp(-k L) - exp(-k (L + T))) / k - engineering - p C, with k = r + h: the discount rate and the perceived hazard
of a rule that ends the sales (a seller's and a buyer's government, and reclassification); L the lead time, T the
product's life; g what it adds a year to the margin that the vendor can already earn there; C the cost of what is
committed, less salvage, and p = 1 - exp(-h w) the chance of a rule before that is sold. Investment under a hazard of
expropriation; compare Dixit and Pindyck (1994), chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from abm.elementary import exp
from abm.rules.redesign import LABELS, Design
from abm.scenario.redesign import Redesign
from abm.units import MONTHS_PER_YEAR, Fraction, Months, Usd, UsdPerChip, UsdPerYear, Years

BILLION = 1e9


@dataclass(frozen=True)
class Outlook:
    """What a vendor expects of a market.

    ``revenue`` is what buyers there spend with it in a good year and ``units`` the chips that they then have room for;
    ``open_share`` the part of a purchase that the buyers' government lets through; the hazards are of rules that catch
    this class of product; ``present_margin`` what the chips that it may already sell there, and its other designs, are
    expected to earn a year; ``shadow_usd`` the shadow price of a place in advanced packaging; ``committed`` the time, in
    years, for which goods in production and purchases cannot be cancelled, and ``salvage`` the share of their cost that
    is recovered.
    """

    revenue: UsdPerYear
    units: float
    open_share: Fraction
    seller_hazard: float
    buyer_hazard: float
    present_margin: UsdPerYear
    shadow_usd: Usd
    committed: Years
    salvage: Fraction


@dataclass(frozen=True)
class Appraisal:
    """A design, what it is worth to the vendor, and why it is or is not built."""

    design: Design
    units: float
    added_margin: UsdPerYear
    hazard: float
    ban_probability: Fraction
    stranded: Usd
    npv: Usd
    reason: str

    @property
    def would_build(self) -> bool:
        """Whether the vendor builds it: it pays, and the law is what sets it apart from the vendor's other chips."""
        return self.npv > 0 and bool(self.design.binding)


def appraise(design: Design, outlook: Outlook, room: Redesign) -> Appraisal:
    """What a design is worth under an outlook; the reason names what decides."""
    units = outlook.open_share * sales(outlook.revenue, outlook.units, design.price_usd)
    earned = units * design.margin_usd(outlook.shadow_usd)
    added = earned - outlook.present_margin
    hazard = perceived(design, outlook, room)
    stranded = units * outlook.committed * design.cost_usd * (1.0 - outlook.salvage)
    banned = 1.0 - exp(-hazard * outlook.committed)
    npv = added * annuity(hazard, room, lead_months(design, room)) - room.engineering_usd - banned * stranded
    appraisal = Appraisal(design, units, added, hazard, banned, stranded, npv, "")
    return replace(appraisal, reason=_reason(appraisal, outlook, room))


def sales(revenue: UsdPerYear, most: float, price: UsdPerChip) -> float:
    """Chips a year that buyers take at a price: as many as they have room for and money for."""
    return min(most, revenue / price)


def perceived(design: Design, outlook: Outlook, room: Redesign) -> float:
    """Hazard a year that sales end: both governments', and reclassification of a part not made for datacentres."""
    reclassified = 0.0 if design.datacentre else room.reclassification_hazard
    return outlook.seller_hazard + outlook.buyer_hazard + reclassified


def lead_months(design: Design, room: Redesign) -> Months:
    """Time from the decision to the first sale: short where links are all that the law limits, and are switched off.

    Such a version is the chip that is being made but for its links; any other is designed or packaged anew.
    """
    switched_off = design.binding and all(one.startswith(LABELS["interconnect_gbs"]) for one in design.binding)
    return min(room.switch_off_months, room.lead_months) if switched_off else room.lead_months


def annuity(hazard: float, room: Redesign, lead: Months | None = None) -> Years:
    """Present value of one a year from the first sale to the end of the product's life, while no rule comes.

    ``lead`` is the time to the first sale, that of a new design by default.
    """
    rate, wait = room.discount_rate + hazard, (room.lead_months if lead is None else lead) / MONTHS_PER_YEAR
    return (exp(-rate * wait) - exp(-rate * (wait + room.product_life))) / rate


def shadow_price(margin_per_die: Usd, queue: Years, room: Redesign) -> Usd:
    """What a place in packaging costs: another chip's margin, put off by the length of the queue for that chip."""
    return max(margin_per_die, 0.0) * (1.0 - exp(-room.discount_rate * queue))


def _reason(appraisal: Appraisal, outlook: Outlook, room: Redesign) -> str:
    if appraisal.would_build:
        return f"{_billions(appraisal.npv)} at a perceived hazard of {appraisal.hazard:.2f} a year"
    if not appraisal.design.binding:
        return "the law limits no number of it, so that it would be no special version"
    if outlook.open_share <= 0:
        return "the buyers' government lets none through"
    if appraisal.design.margin_usd(outlook.shadow_usd) <= 0:
        return "a place in packaging earns more with other chips"
    if appraisal.added_margin <= 0:
        return "chips that may be sold there already, or another design, earn as much"
    lead = lead_months(appraisal.design, room)
    if appraisal.added_margin * annuity(0.0, room, lead) > room.engineering_usd:
        return (
            f"a perceived hazard of {appraisal.hazard:.2f} a year (seller's government {outlook.seller_hazard:.2f}, "
            f"buyer's {outlook.buyer_hazard:.2f}) leaves "
            f"{_billions(appraisal.added_margin * annuity(appraisal.hazard, room, lead))}"
            f" of margin against an expected loss of {_billions(appraisal.ban_probability * appraisal.stranded)} of goods"
        )
    return "it would not repay its engineering"


def _billions(amount: Usd) -> str:
    return f"{amount / BILLION:.2f} bn USD"


