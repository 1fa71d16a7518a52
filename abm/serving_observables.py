"""Observables of the market for serving: what lies idle, what goes unserved, and what a token costs a cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.observe import observable
from abm.picture import REGIONS
from abm.serving import serving_capacity, serving_cost, unserved_share

if TYPE_CHECKING:
    from abm.model import Model


@observable("1", "free / all serving throughput; unserved / wanted work", "monthly")
def serving_market(model: Model) -> dict[str, float]:
    """By region: share of the serving throughput of clouds that serve its models that lies idle, of work unserved."""
    shares = {}
    for region in REGIONS:
        free, whole = serving_capacity(model, region)
        shares[f"{region} idle"] = free / whole if whole > 0 else 0.0
        shares[f"{region} unserved"] = unserved_share(model, region)
    return shares


@observable("USD/million token", "(price + power) of the chip that serves the last token over its life / tokens", "monthly")
def token_cost(model: Model) -> dict[str, float]:
    """Cost of the last token wanted, of the reference model, by region: its price falls no lower."""
    costs = {region: serving_cost(model, region) for region in REGIONS}
    return {region: cost for region, cost in costs.items() if cost is not None}
