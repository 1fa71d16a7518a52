"""Observables of money in the stock market: payouts, fees, investors' cash, and the dealer's balance sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.agents.payouts import MICRO
from abm.books import USD
from abm.markets.dealer import inventory_of, net_cash, profit_of
from abm.observe import observable
from abm.scenario.capital import DEALER_MARKET
from abm.units import CENTS_PER_USD, usd

if TYPE_CHECKING:
    from abm.model import Model

BILLION = 1e9


def _flow(model: Model, *reasons: str) -> float:
    """Billion USD that have flowed for reasons that begin with these words."""
    flows = sorted(model.books.flows.items())
    return usd(sum(cents for (why, asset), cents in flows if asset == USD and why.startswith(reasons))) / BILLION  # integers


@observable("billion USD", "cash of the members of each class", "monthly")
def investor_cash(model: Model) -> dict[str, float]:
    """Cash of each class of investors."""
    cash = model.books.crowd_cash
    return {one.name: usd(int(cash[one.rows].sum())) / BILLION for one in model.investors}


@observable("share", "shares issued less those bought back", "monthly")
def shares_outstanding(model: Model) -> dict[str, float]:
    """Shares outstanding of each firm."""
    return dict(zip(model.equities.tickers, map(float, model.equities.outstanding), strict=True))


@observable("1", "(price + dividends since the start) / opening price - 1", "monthly")
def total_return(model: Model) -> dict[str, float]:
    """Return on each share since the start, dividends kept in cash."""
    market = model.equities
    paid = (model.tally.get(f"dividends a share {ticker}", 0) / MICRO for ticker in market.tickers)
    rows = zip(market.tickers, market.prices.tolist(), paid, market.opening.tolist(), strict=True)
    return {ticker: (price + dividends) / opening - 1.0 for ticker, price, dividends, opening in rows}


@observable("share", "shares held less shares borrowed", "monthly")
def dealer_inventory(model: Model) -> dict[str, float]:
    """Position of the dealer in each share; nothing where shares are auctioned."""
    if model.world.capital.mechanism != DEALER_MARKET:
        return {}
    return {ticker: float(inventory_of(model.books, ticker)) for ticker in model.equities.tickers}


@observable("billion USD", "cash less loans; with positions at last prices less capital", "monthly")
def dealer_account(model: Model) -> dict[str, float]:
    """Cash and profit of the dealer; nothing where shares are auctioned."""
    if model.world.capital.mechanism != DEALER_MARKET:
        return {}
    profit = profit_of(model.books, model.equities.prices.tolist())
    return {"cash": net_cash(model.books) / CENTS_PER_USD / BILLION, "profit": profit / CENTS_PER_USD / BILLION}


@observable("billion USD", "cumulative to the horizon", "run")
def dividends_usd_bn(model: Model) -> float:
    """Dividends that listed firms paid."""
    return _flow(model, "dividend ")


@observable("billion USD", "cumulative to the horizon", "run")
def buybacks_usd_bn(model: Model) -> float:
    """Money for which listed firms bought back shares."""
    return _flow(model, "buy-back ")


@observable("billion USD", "management fees and trading costs, cumulative to the horizon", "run")
def investor_costs_usd_bn(model: Model) -> float:
    """What investors paid to managers, to brokers and to the exchange."""
    return _flow(model, "management fees", "trading costs")
