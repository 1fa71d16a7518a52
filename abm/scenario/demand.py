"""Who wants tokens and how users choose, sign and leave: the declared numbers of section 4.8 of the model."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.declare import Section, number


@dataclass(frozen=True, kw_only=True)
class Demand(Section):
    """Tokens wanted by users in China and elsewhere, choice among models, contracts."""

    china_tokens: float = number(
        4.5e12, "token/day", "tokens wanted in China at the end of 2024 (0.1e12 in early 2024, 30e12 in June 2025)",
        source="nda-tokens", basis="estimated", low=1e12, high=8e12)
    china_growth: float = number(
        4.0, "1/year", "log growth of tokens wanted in China at the end of 2024, at one price", source="nda-tokens",
        basis="estimated", low=2.0, high=7.0, fit=True)
    abroad_tokens: float = number(
        7.2e12, "token/day", "tokens wanted elsewhere at the end of 2024 (twice Google's)",
        source="google-tokens", basis="assumed", low=3e12, high=4e13)
    abroad_growth: float = number(
        1.2, "1/year", "log growth of tokens wanted elsewhere at the end of 2024, at one price", source="google-tokens",
        basis="estimated", low=1.0, high=5.0, fit=True)
    growth_decay: float = number(
        0.8, "year", "time in which the growth of tokens falls by the factor e", source="assumption-saturation",
        basis="assumed", low=0.4, high=3.0)
    growth_by_existing: float = number(
        0.5, "1", "share of the growth of tokens that comes from customers who already have a model",
        source="assumption-growth-split", basis="assumed", low=0.0, high=1.0)
    token_price: float = number(
        0.72, "USD/million token", "price of a token of the reference model at the opening (562,027 USD for 776 bn tokens)",
        source="deepseek-serving-day", basis="estimated", low=0.1, high=5.0)

    price_elasticity: float = number(
        1.0, "1", "fall of log tokens wanted per rise of the log price", source="assumption-token-price",
        basis="assumed", low=0.0, high=3.0)
    price_speed: float = number(
        0.5, "1/month", "rise of the log price a month per unit of log(work wanted / work that can be served)",
        source="assumption-token-price", basis="assumed", low=0.0, high=1.5)
    moving: float = number(
        0.8, "1", "share of customers left unserved at their cloud who look for room at others within the month",
        source="assumption-moving", basis="assumed", low=0.0, high=1.0)
    choosing_again: float = number(
        0.5, "1", "share of customers whom no cloud has served for a month who choose a model anew",
        source="assumption-moving", basis="assumed", low=0.0, high=1.0)
    shortage_told: float = number(
        0.1, "1", "share of a region's wanted work left unserved above which the event log says why, once a month",
        source="assumption-moving", basis="assumed", low=0.0, high=1.0)

    quality_weight: float = number(
        0.25, "1/point", "weight of quality in the utility of a model", source="assumption-logit",
        basis="assumed", low=0.0, high=1.0)
    price_weight: float = number(
        0.5, "1", "weight of the log of serving cost in the utility of a model", source="assumption-logit",
        basis="assumed", low=0.0, high=3.0)
    congestion_weight: float = number(
        1.0, "1", "weight of the share of demand left unserved in the utility of a model",
        source="assumption-logit", basis="assumed", low=0.0, high=5.0)
    contract_months: int = number(
        6, "month", "length of a contract for reserved capacity; one in so many comes up each month",
        source="assumption-contract", basis="assumed", low=1, high=36)
    release_hazard: float = number(
        0.5, "1", "hazard that a customer whose contract ends moves, at equal quality and no switching cost",
        source="assumption-switching", basis="assumed", low=0.0, high=5.0)
    release_quality: float = number(
        0.05, "1/point", "rise of the log hazard per point by which the new model is better",
        source="assumption-switching", basis="assumed", low=0.0, high=0.5)
    switching_cost: float = number(
        0.5, "1", "fall of the log hazard by the cost of moving (porting, tests, habits)",
        source="dube-2010", basis="assumed", low=0.0, high=5.0)
    uptake_months: int = number(
        3, "month", "months over which a lab and its clouds plan the uptake of a new model",
        source="assumption-uptake", basis="assumed", low=1, high=12)
    launch_interest: float = number(
        1.5, "1", "expected uptake over what choice alone gives (press, investors, curiosity)",
        source="assumption-uptake", basis="assumed", low=1.0, high=4.0)
