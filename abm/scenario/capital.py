"""How investors behave: the declared numbers of sections 4.11 and 4.12 of the model.

The two layers, market and stock, each follow Franke and Westerhoff (2012), doi:10.1016/j.jedc.2011.10.004; what is
estimated of them (fit=True) is estimated by ``python -m analysis.estimate_layers``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from abm.errors import unknown
from abm.scenario.declare import Section, number
from abm.scenario.securities import Security, load_securities
from abm.scenario.shareholders import Shareholders, load_shareholders

CALL_AUCTION, DEALER_MARKET = "call auction", "dealer"
MECHANISMS = (CALL_AUCTION, DEALER_MARKET)

__all__ = ["FRANKE_WESTERHOFF_2012", "Capital", "Security", "Shareholders", "load_securities", "load_shareholders"]


def _layer(value: float, unit: str, meaning: str, *, low: float, high: float, fit: bool = True) -> Any:
    """A number of the estimated layers."""
    return number(value, unit, meaning, source="layers-estimate", basis="estimated", low=low, high=high, fit=fit)


def _published(value: float, unit: str, meaning: str, *, low: float, high: float) -> Any:
    """A number that both layers share with the published model."""
    return number(value, unit, meaning, source="franke-westerhoff-2012", basis="estimated", low=low, high=high)


def _belief(value: float, unit: str, meaning: str, *, low: float, high: float) -> Any:
    return number(value, unit, meaning, source="assumption-elasticity", basis="assumed", low=low, high=high)


def _attention(value: float, unit: str, meaning: str, *, low: float, high: float) -> Any:
    return number(value, unit, meaning, source="assumption-attention", basis="assumed", low=low, high=high)


def _dealer(value: float, unit: str, meaning: str, *, low: float, high: float) -> Any:
    return number(value, unit, meaning, source="assumption-dealer", basis="assumed", low=low, high=high)


def _payout(value: float, unit: str, meaning: str, *, low: float, high: float) -> Any:
    return number(value, unit, meaning, source="assumption-payouts", basis="assumed", low=low, high=high)


def _cost(value: float, unit: str, meaning: str, *, low: float, high: float) -> Any:
    return number(value, unit, meaning, source="assumption-fees", basis="assumed", low=low, high=high)


@dataclass(frozen=True, kw_only=True)
class Capital(Section):
    """Behaviour of investors, attention, trading and payouts, and the opening of the stock market.

    ``mechanism`` is how shares are traded: in a "call auction" or with a "dealer". Raises InputError for another name.
    """

    market_reaction: float = _published(
        0.01, "1", "price response to demand in the market layer (mu), the scale of its demands", low=0.001, high=0.03)
    market_fundamental_noise: float = _layer(
        0.12, "1", "spread of fundamental demand, market layer (sigma_f)", low=0.0, high=3.0)
    market_technical_noise: float = _layer(
        1.72, "1", "spread of technical demand, market layer (sigma_c)", low=0.0, high=6.0)
    market_predisposition: float = _layer(
        -2.5, "1", "log odds of the fundamental stance, market layer (a0)", low=-3, high=3)
    market_herding: float = _layer(
        1.29, "1", "pull of the majority's stance, market layer (an)", low=0.0, high=3.0)
    market_misalignment: float = _layer(
        101.0, "1", "pull of a squared mispricing, market layer (ap)", low=0.0, high=150.0)
    market_leverage: float = _layer(
        0.504, "1", "growth of technical noise per mu of falling trend, market layer", low=0.0, high=3.0)
    market_news: float = _layer(
        0.00226, "1/day", "sd of daily news on value from outside the model, market layer", low=0.0, high=0.01)
    market_tail: float = _layer(
        42.1, "1", "degrees of freedom of the stances' shocks, market layer (nu)", low=2.5, high=1000.0)
    market_value_speed: float = _layer(
        1.86, "1", "strength of the pull to value over the published one, market layer (rho)", low=0.0, high=20.0)
    market_decline: float = _layer(
        6.17, "1", "pull of a recent decline on the stance, market layer (ad)", low=0.0, high=10.0)

    stock_reaction: float = _published(
        0.01, "1", "price response to demand in a stock's layer (mu), the scale of its demands", low=0.001, high=0.03)
    stock_fundamental_noise: float = _layer(
        0.323, "1", "spread of fundamental demand, stock layer (sigma_f)", low=0.0, high=3.0)
    stock_technical_noise: float = _layer(
        2.45, "1", "spread of technical demand, stock layer (sigma_c)", low=0.0, high=6.0)
    stock_predisposition: float = _layer(
        -2.1, "1", "log odds of the fundamental stance, stock layer (a0)", low=-3, high=3)
    stock_herding: float = _layer(
        1.85, "1", "pull of the majority's stance, stock layer (an)", low=0.0, high=3.0)
    stock_misalignment: float = _layer(
        41.0, "1", "pull of a squared mispricing, stock layer (ap)", low=0.0, high=150.0)
    stock_leverage: float = _layer(
        0.0842, "1", "growth of technical noise per mu of falling trend, stock layer", low=0.0, high=3.0)
    stock_news: float = _layer(
        0.00118, "1/day", "sd of daily news on value from outside the model, stock layer", low=0.0, high=0.015)
    stock_tail: float = _layer(
        25.6, "1", "degrees of freedom of the stances' shocks, stock layer (nu)", low=2.5, high=1000.0)
    stock_value_speed: float = _layer(
        1.12, "1", "strength of the pull to value over the published one, stock layer (rho)", low=0.0, high=20.0)
    stock_decline: float = _layer(
        1.27, "1", "pull of a recent decline on the stance, stock layer (ad)", low=0.0, high=10.0)
    earnings_news: float = _layer(
        0.0601, "1/quarter", "sd of the part of earnings that comes from outside the model, stock layer", low=0.0,
        high=0.15)
    earnings_tail: float = _layer(
        3.5, "1", "degrees of freedom of that part of earnings", low=2.5, high=1000.0, fit=False)
    earnings_interval: int = _layer(
        63, "trading day", "days from one earnings report to the next", low=20, high=260, fit=False)

    fundamental_pull: float = _published(0.12, "1", "demand per log mispricing (phi)", low=0.0, high=2.0)
    technical_pull: float = _published(1.5, "1", "demand per last log return (chi)", low=0.0, high=10.0)
    leverage_limit: float = _layer(
        6.0, "1", "largest fall, in mu, that raises technical noise", low=0.0, high=50.0, fit=False)
    decline_memory: float = _layer(
        10.0, "trading day", "span of the moving average of returns that a decline is judged by", low=1.0,
        high=260.0, fit=False)
    demand_elasticity: float = number(
        1.0, "1", "change of an investor's holding per log distance of its valuation from the price (zeta)",
        source="koijen-yogo-2019", basis="assumed", low=0.05, high=10.0)
    disagreement: float = number(
        0.02, "1", "sd of investors' daily log valuations about their mean; sets turnover, not returns",
        source="assumption-disagreement", basis="assumed", low=0.0, high=0.1)

    elasticity_mean: float = _belief(
        0.9, "1", "mean belief in the elasticity of compute demand to the cost of capability (eta)",
        low=0.3, high=2.0)
    elasticity_consensus: float = _belief(
        0.05, "1", "sd over seeds of that mean", low=0.0, high=0.5)
    elasticity_dispersion: float = _belief(
        0.15, "1", "sd over investors of that belief", low=0.0, high=1.0)
    elasticity_doubt: float = number(
        0.2, "1", "each investor's own uncertainty (sd) about the elasticity before any orders are seen",
        source="assumption-elasticity", basis="assumed", low=0.0, high=2.0, fit=True)

    domestic_sensitivity: float = number(
        0.3, "1", "change of log sales of domestic chips per change of log demand for compute in the world",
        source="assumption-efficiency", basis="assumed", low=0.0, high=1.0)
    cloud_sensitivity: float = number(
        0.1, "1", "change of log cloud revenue per change of log demand for compute: the part that is rent of compute",
        source="assumption-efficiency", basis="assumed", low=0.0, high=1.0)
    open_uptake: float = number(
        0.2, "1", "rise of log tokens that clouds of a lab's region are expected to serve, per unit of efficiency surprise",
        source="assumption-efficiency", basis="assumed", low=0.0, high=1.0, fit=True)

    ordinary_attention: float = _attention(
        0.9, "1/day", "share of investors who take in ordinary news within a day", low=0.05, high=1.0)
    institutional_hazard: float = number(
        0.01, "1/day", "share who take in institutional news on its first day", source="hong-stein-1999",
        basis="assumed", low=0.0, high=1.0)
    institutional_growth: float = number(
        0.01, "1/day^2", "growth of that hazard a day", source="hong-stein-1999", basis="assumed", low=0.0, high=0.5)
    salient_share: float = _attention(
        0.85, "1", "share who have taken in institutional news once it is salient", low=0.0, high=1.0)
    salience_hazard: float = _attention(
        0.5, "1", "hazard a day that news becomes salient of itself, per share of investors who noticed it the day before",
        low=0.0, high=20.0)
    salient_move: float = _attention(
        3.0, "1", "move of the stock most concerned, in standard deviations, that makes news salient",
        low=1.0, high=20.0)
    volatility_memory: float = number(
        0.94, "1", "weight of the past in the daily variance that moves are judged by", source="riskmetrics-1996",
        basis="estimated", low=0.5, high=0.999)

    mechanism: str = CALL_AUCTION
    dealer_impact: float = number(
        0.9, "1", "log price change for orders as large as a unit of log valuation brings",
        source="beja-goldman-1980", basis="assumed", low=0.0, high=2.0)
    dealer_aversion: float = number(
        0.5, "1", "the same for as large a position of the dealer's own: the part of it unwound in a day",
        source="hendershott-menkveld-2014", basis="assumed", low=0.0, high=1.5)
    dealer_revision: float = _dealer(
        1.0, "1", "part of the price change that investors see before they trade", low=0.0, high=1.0)
    dealer_capital: float = _dealer(
        0.005, "1", "the dealer's capital over the value of all listed shares", low=0.0, high=5.0)
    dealer_cash_credit: float = _dealer(
        1.0, "1", "cash that the dealer can borrow over its capital", low=0.0, high=10.0)
    dealer_spread: float = number(
        0.0003, "1", "what the dealer earns over the money that investors trade: half the spread",
        source="ho-stoll-1981", basis="assumed", low=0.0, high=0.01)
    dealer_share_credit: float = _dealer(
        0.005, "1", "shares of a firm that the dealer can borrow over those outstanding", low=0.0, high=5.0)

    payout_scale: float = _payout(
        1.0, "1", "dividends and buy-backs over the declared ones", low=0.0, high=3.0)
    payout_interval: int = _payout(
        65, "trading day", "days from one payout of a firm to the next", low=20, high=260)
    payout_limit: float = _payout(
        0.03, "1", "largest part of its value that a firm pays out at a time", low=0.0, high=0.5)
    fee_scale: float = _cost(
        1.0, "1", "fees for management over the declared ones", low=0.0, high=5.0)
    trading_cost: float = _cost(
        0.0002, "1", "commissions and charges of the exchange over the money traded", low=0.0, high=0.01)
    saving_flow: float = _cost(
        0.25, "1/quarter", "part of surplus cash that savers take out, or of what is short that they put in", low=0.0,
        high=1.0)

    burn_in_days: int = number(
        260, "trading day", "days that equities trade before the first free day, without news",
        source="assumption-burn-in", basis="assumed", low=30, high=2600)
    salience_dates: tuple[date, ...] = (date(2025, 1, 27),)
    shareholders: tuple[Shareholders, ...] = field(default_factory=load_shareholders)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mechanism not in MECHANISMS:
            raise unknown("trading mechanism", str(self.mechanism), MECHANISMS)


FRANKE_WESTERHOFF_2012 = MappingProxyType({
    f"capital.{layer}_{name}": value
    for layer in ("market", "stock")
    for name, value in {
        "reaction": 0.01, "fundamental_noise": 0.758, "technical_noise": 2.087, "predisposition": -0.327,
        "herding": 1.79, "misalignment": 18.43, "leverage": 0.0, "news": 0.0, "tail": 1000.0, "value_speed": 1.0,
        "decline": 0.0,
    }.items()
} | {
    "capital.earnings_news": 0.0, "capital.disagreement": 0.0, "capital.dealer_impact": 1.0,
    "capital.dealer_aversion": 0.0, "capital.dealer_revision": 0.0, "capital.dealer_spread": 0.0, "capital.payout_scale": 0.0,
    "capital.fee_scale": 0.0, "capital.trading_cost": 0.0, "capital.saving_flow": 0.0,
})  # fmt: skip
"""The published set for ``Scenario.vary``: table 1, DCA-HPM, beta = 1, mu = 0.01; both layers as one stock of theirs.

With mechanism "dealer" the price moves by mu times the excess demand placed at the last price, as theirs does; there is
no disagreement within a stance, no news, no payout and no fee.
"""
