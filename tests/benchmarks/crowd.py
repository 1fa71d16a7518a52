"""How many investor-days a second one processor core trades: ``python -m tests.benchmarks.crowd``.

An investor-day is one investor's full day on eight stocks: disagreement drawn, stances and valuations, budgets, call
auctions, rationing, settlement; the time includes what the market does once a day for all. Three things are held to
floors, and the command exits with 1 below any: the speed over that of plain Mesa (one agent an investor, the day of
abm/markets/reference.py, equal to the bit) at 1,000 and 100,000 investors, the share of the machine's memory limit at
1,000,000, and the exponents by which cost grows with investors, stocks and days. Plain Mesa is taken at the faster of
two rates, drawing by itself and handed its draws ready-made; for 100,000 the best rate of smaller samples stands, which
must not rise with their size. The memory limit is the rate at which a compiled pass
does no more than read every array of the crowd and write those that a day writes. All times are processor times of
this process, each the best of several passes, so that what else runs on the machine weighs little. When the floors were
set, on a busy machine of two cores, the ratios over plain Mesa were 248 and 458; the share of the memory limit was
0.12, short of its target of a fifth.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import process_time

import numba
import numpy as np

from abm.chance import Chance
from abm.scenario.capital import Capital, load_securities
from abm.scenario.securities import Security
from analysis.model_returns import resized
from tests.benchmarks.plain_mesa import PlainMarket
from tests.markets.stage import Stage, open_market, plain_investors, plain_today

STOCKS = 8
SIZES = (1_000, 10_000, 100_000, 1_000_000)
PLAIN_SIZES = (400, 1_000, 4_000)
FLOORS = {"over plain Mesa at 1,000": 150.0, "over plain Mesa at 100,000": 300.0, "of the memory limit": 0.09}
TARGETS = {"over plain Mesa at 1,000": 100.0, "over plain Mesa at 100,000": 200.0, "of the memory limit": 0.2}
LARGEST_EXPONENT = 1.05
LARGEST_RISE = 1.3


def market_of(investors: int, stocks: int = STOCKS) -> Stage:
    """A market at its opening with about so many investors in our classes, and stocks that repeat ours if need be."""
    return open_market(1, tuple(_securities(stocks)), shareholders=resized(Capital().shareholders, investors))


def _securities(stocks: int) -> Iterator[Security]:
    ours = load_securities()
    for place in range(stocks):
        one = ours[place % len(ours)]
        yield one if place < len(ours) else replace(one, ticker=f"{one.ticker} {place}")


def best_time(work: Callable[[int], object], passes: int) -> float:
    """Processor seconds of the fastest of several passes."""
    times = []
    for place in range(passes):
        start = process_time()
        work(place)
        times.append(process_time() - start)
    return min(times)


def kernel_day(stage: Stage, passes: int, days: int = 1) -> float:
    """Processor seconds of one day of a market, after a day that is not timed."""
    stage.trade(0, 1)
    return best_time(lambda place: stage.trade(1 + place * days, days), passes) / days


def plain_rates(investors: int, days: int = 6) -> tuple[float, float]:
    """Investor-days a second of plain Mesa: drawing by itself, and with its draws ready-made.

    Raises AssertionError if its prices are not those of the compiled market.
    """
    stage = market_of(investors)
    market = PlainMarket(plain_investors(stage), Chance(1))
    gc.collect()
    gc.freeze()    # the collector would go through all investors again and again
    drawing, trading = [], []
    for day in range(days):
        today = plain_today(stage, day)
        drawing.append(best_time(lambda _, today=today: market.draw(today), 1))
        start = process_time()
        prices, _ = market.trade()
        trading.append(process_time() - start)
        stage.trade(day, 1)
        assert prices == stage.market.prices.tolist(), "plain Mesa and the compiled market part"
    members = len(stage.market.crowd)
    return members / (min(drawing) + min(trading)), members / min(trading)


@numba.njit(error_model="numpy")
def _read(cells):
    whole = 0
    for i in range(len(cells)):
        whole += cells[i]
    return whole


@numba.njit(error_model="numpy")
def _read_and_write(cells):
    for i in range(len(cells)):
        cells[i] += 1


def memory_time(stage: Stage) -> float:
    """Processor seconds of a pass that reads all arrays of a day and writes those that a day writes."""
    read, written = stage.market.floor.arrays(stage.books)
    copies = [np.array(one).ravel() for one in written]

    def work(_: int) -> None:
        for one in read:
            _read(one.reshape(-1))
        for one in copies:
            _read_and_write(one)

    work(0)
    return best_time(work, 7)


def exponent(sizes: list[float], times: list[float]) -> float:
    """Least-squares slope of log time on log size."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def main() -> int:
    """Measure, print, and compare with the floors."""
    plain = {size: plain_rates(size) for size in PLAIN_SIZES}
    for size, (drawing, ready) in plain.items():
        print(f"plain Mesa at {size:>9,}: {drawing:>12,.0f} investor-days/s; with draws ready-made {ready:,.0f}")
    kernel = {}
    for size in SIZES:
        stage = market_of(size)
        kernel[size] = kernel_day(stage, passes=max(5, 100_000 // size))
        print(f"kernel     at {size:>9,}: {size / kernel[size]:>12,.0f} investor-days/s")
    limit = memory_time(stage)
    print(f"memory     at {size:>9,}: {size / limit:>12,.0f} investor-days/s")
    faster = [max(rates) for rates in plain.values()]
    measured = {
        "over plain Mesa at 1,000": 1_000 / kernel[1_000] / max(plain[1_000]),
        "over plain Mesa at 100,000": 100_000 / kernel[100_000] / max(faster),
        "of the memory limit": limit / kernel[size],
    }
    rise = faster[-1] / min(faster[:-1])
    good = rise <= LARGEST_RISE
    print(f"plain Mesa's rate rises from its smaller samples to its largest by {rise:.2f} (at most {LARGEST_RISE})")
    for name, floor in FLOORS.items():
        good = good and measured[name] >= floor
        print(f"{name}: {measured[name]:.3g} (floor {floor:g}, target {TARGETS[name]:g})")
    for name, slope in exponents(kernel).items():
        good = good and slope <= LARGEST_EXPONENT
        print(f"cost grows with {name} to the power {slope:.3f} (at most {LARGEST_EXPONENT})")
    return 0 if good else 1


def exponents(kernel: dict[int, float]) -> dict[str, float]:
    """The exponents of cost in investors, stocks and days."""
    stocks, days = [4, 8, 16, 32], [4, 8, 16, 32]
    by_stocks = [kernel_day(market_of(10_000, count), passes=7) for count in stocks]
    stage = market_of(10_000)
    by_days = [count * kernel_day(stage, passes=4, days=count) for count in days]
    return {
        "investors": exponent(list(kernel), list(kernel.values())), "stocks": exponent(stocks, by_stocks),
        "days": exponent(days, by_days),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
