"""Every mechanism does what it is there for: switched off by a scenario value or an arm, its effect goes away.

Each test names the pattern of the model's list (P1, P2 ...), the least effect it asks for, on average over seeds, and
outputs that must not move. A few seeds here; ``pytest -m full tests/laws/test_mechanisms.py`` runs twenty.
"""

from __future__ import annotations

from datetime import date
from statistics import fmean

import pytest

from abm.model import Model
from abm.policy import HISTORICAL, NO_CONTROLS
from abm.scenario.reference import HISTORY_2025
from tests.laws.runs import Records, few_or_all

LETTER, AFTER_LETTER = date(2025, 4, 16), date(2025, 5, 1)
R1_DAY, DAY_BEFORE_R1 = date(2025, 1, 27), date(2025, 1, 24)
SHORT = date(2026, 3, 31)
SWITCHES = {
    "as it is": {},
    "easily satisfied": {"conduct.tolerance": 20.0},
    "no lock-in": {"demand.contract_months": 1, "demand.release_hazard": 5.0, "demand.switching_cost": 0.0},
    "no lock-in, easily satisfied": {
        "demand.contract_months": 1, "demand.release_hazard": 5.0, "demand.switching_cost": 0.0, "conduct.tolerance": 20.0},
    "no brokers": {"conduct.opening_brokers": 0, "conduct.entry_rate": 0.0},
    "strict customs": {"diversion.officers": 40.0},
    "cheap chips": {"conduct.purchase_commitments": 0.0, "technology.unit_cost_share": 0.2},
    "no front-loading": {"conduct.front_loading": 0.0},
}
POLICIES = {"without the letter": HISTORICAL.without("us_letter_2025_04"), "no controls": NO_CONTROLS}


def one_run(case: tuple[str, int]):
    """The record of one switched run."""
    name, seed = case
    scenario = HISTORY_2025.vary(SWITCHES.get(name, {}))
    return Model(scenario, POLICIES.get(name, HISTORICAL), seed=seed, until=SHORT).run()


@pytest.fixture(**few_or_all(4))
def runs(request):
    """All switched runs, a few seeds or all of them."""
    return Records(one_run, (*SWITCHES, *POLICIES), request.param)


def test_the_letter_stops_the_flow_of_h20(runs):
    """P1: nothing is shipped from the letter to the licences; without it at least 100,000 H20 are. Before it: equal."""
    spring, summer = date(2025, 5, 1), date(2025, 8, 1)
    for seed in runs.seeds:
        shipped = {
            name: runs.series(name, seed, "chip_flows", "shipped to China: H20 SXM")
            for name in ("as it is", "without the letter")
        }
        assert shipped["as it is"][summer] == shipped["as it is"][spring]
        assert shipped["without the letter"][summer] - shipped["without the letter"][spring] > 100_000
        assert runs.digests("as it is", seed, LETTER) == runs.digests("without the letter", seed, LETTER)


def test_dissatisfaction_delays_the_next_model(runs):
    """P2: an easily satisfied lab has a third of the reviews short of quality; where no contract ties chips up, it
    launches a quarter of a month sooner.

    What is left are candidates that are no next model: less than the stated margin above the last.
    """
    weeks = [runs.mean(name, "weeks_short_of_quality") for name in ("easily satisfied", "as it is")]
    assert weeks[1] >= 2
    assert weeks[0] <= weeks[1] / 3
    free, satisfied = (runs.mean(name, "next_launch_months") for name in ("no lock-in", "no lock-in, easily satisfied"))
    assert free - satisfied >= 0.25
    assert runs.mean("easily satisfied", "next_launch_months") <= runs.mean("as it is", "next_launch_months")
    for seed in runs.seeds:
        events = runs.runs["as it is", seed].events
        first = min(day for day, _, kind, _ in events if kind == "candidate")
        assert runs.digests("as it is", seed, first) == runs.digests("easily satisfied", seed, first)


def test_dissatisfaction_alone_delays_the_next_model(runs):
    """P2: also where contracts tie chips up, an easily satisfied lab launches half a month sooner at least."""
    sooner = runs.mean("as it is", "next_launch_months") - runs.mean("easily satisfied", "next_launch_months")
    assert sooner >= 0.5


def test_without_lock_in_no_launch_comes_later(runs, request):
    """P3: on average over seeds. In a few the luck of launches, some months, may outweigh a month with an error of .6."""
    if len(runs.seeds) < 20:
        request.applymarker(pytest.mark.xfail(strict=False, reason="a few seeds do not tell"))
    assert runs.mean("no lock-in", "next_launch_months") <= runs.mean("as it is", "next_launch_months")


def test_contracts_leave_the_write_down_alone(runs):
    write_downs = [runs.mean(name, "write_down_usd_bn") for name in ("no lock-in", "as it is")]
    assert write_downs[0] == pytest.approx(write_downs[1], rel=0.02)


def test_contracts_tie_chips_up(runs):
    """P3: without lock-in reviews short of capacity fall by half at least.

    Prices on R1's salient day are the same to the bit, and so, nearly, are the H20 that came before the letter; its
    write-down, which counts what buyers would pay, moves by a tenth at most.
    """
    tied, free = (runs.mean(name, "weeks_short_of_capacity") for name in ("as it is", "no lock-in"))
    assert tied >= 1
    assert free <= tied / 2
    shipped, lost = (
        [fmean(runs.series(name, seed, *what)[AFTER_LETTER] for seed in runs.seeds) for name in ("no lock-in", "as it is")]
        for what in (("chip_flows", "shipped to China: H20 SXM"), ("written_down", "nvidia")))
    assert shipped[0] == pytest.approx(shipped[1], rel=0.02) and shipped[1] > 100_000
    assert lost[0] == pytest.approx(lost[1], rel=0.1) and lost[1] > 1.0
    for seed in runs.seeds:
        prices = [runs.series(name, seed, "price", "NVDA")[R1_DAY] for name in ("as it is", "no lock-in")]
        assert prices[0] == prices[1]


def test_shell_companies_divert_chips(runs):
    """P6: without them nothing is diverted and China's compute is a tenth lower; the letter's write-down is the same."""
    assert runs.mean("as it is", "diverted_units") >= 50_000
    assert set(runs.each("no brokers", "diverted_units")) == {0}
    compute = [runs.mean(name, "china_effective_compute") for name in ("no brokers", "as it is")]
    assert compute[0] <= 0.9 * compute[1]
    assert runs.mean("no brokers", "write_down_usd_bn") == pytest.approx(runs.mean("as it is", "write_down_usd_bn"), rel=0.05)


def test_enforcement_raises_the_premium_and_cuts_the_volume(runs):
    """P6: twenty times the detection: a tenth fewer chips diverted, three times the seizures, a dearer grey chip."""
    assert runs.mean("strict customs", "diverted_units") <= 0.9 * runs.mean("as it is", "diverted_units")
    assert runs.mean("strict customs", "seized_units") >= 3 * runs.mean("as it is", "seized_units")
    assert runs.mean("strict customs", "final_grey_premium") >= runs.mean("as it is", "final_grey_premium") + 0.05


def test_a_rule_strands_stock(runs):
    """P10: the letter costs a write-down of at least 1 bn USD, none by autumn without it.

    Before the letter the unit cost moves nothing that is measured but what special versions would be worth.
    """
    assert runs.mean("as it is", "write_down_usd_bn") >= 1.0
    by_autumn = date(2025, 10, 1)
    for seed in runs.seeds:
        assert runs.series("without the letter", seed, "written_down", "nvidia")[by_autumn] == 0.0
        assert runs.series("as it is", seed, "written_down", "nvidia")[by_autumn] >= 1.0
    assert runs.mean("cheap chips", "write_down_usd_bn") <= 0.5 * runs.mean("as it is", "write_down_usd_bn")
    for seed in runs.seeds:
        ours, theirs = (
            [row for row in runs.runs[name, seed].series if row[0] < LETTER and row[1] != "special_version_worth"]
            for name in ("as it is", "cheap chips"))
        assert ours == theirs


@pytest.mark.xfail(strict=False, reason="what is sold off, and when it is cleared away, now depends on what it cost")
def test_unit_cost_moves_nothing_but_the_write_down(runs):
    for seed in runs.seeds:
        ours, theirs = (dict(runs.runs[name, seed].summary) for name in ("as it is", "cheap chips"))
        for record in (ours, theirs):
            del record["write_down_usd_bn"], record["last_digest"]
        assert ours == theirs


@pytest.mark.xfail(strict=False, reason="guidance of November 2025 strands special versions in some seeds")
def test_nothing_but_the_letter_strands_stock(runs):
    """P10: without the letter nothing is written down to the end."""
    assert set(runs.each("without the letter", "write_down_usd_bn")) == {0.0}


def test_buyers_front_load_before_the_rule_they_fear(runs):
    """P10: without front-loading China's order book for the H20 before the letter is 15 % smaller at least."""
    eve = date(2025, 4, 1)
    books = {
        name: fmean(runs.series(name, seed, "order_book", "H20 SXM/China")[eve] for seed in runs.seeds)
        for name in ("as it is", "no front-loading")
    }
    assert books["no front-loading"] <= 0.85 * books["as it is"]


def test_controls_slow_china(runs):
    """P11: without controls China has half as much compute again, and its lag is no longer, on average, by half a month."""
    compute = [runs.mean(name, "china_effective_compute") for name in ("no controls", "as it is")]
    assert compute[0] >= 1.5 * compute[1]
    assert runs.mean("as it is", "gap_months") - runs.mean("no controls", "gap_months") >= 0.5
    assert runs.mean("as it is", "next_launch_months") >= runs.mean("no controls", "next_launch_months")
    assert runs.mean("as it is", "domestic_share") > runs.mean("no controls", "domestic_share")


def test_the_letter_parts_the_two_sides_of_the_border(runs):
    """P13: against the same luck without the letter, its day costs NVIDIA 2 % at least and lifts Cambricon."""
    eve = date(2025, 4, 15)
    effect = {
        ticker: runs.move("as it is", ticker, LETTER, eve) - runs.move("without the letter", ticker, LETTER, eve)
        for ticker in ("NVDA", "688256.SS", "MSFT")
    }
    assert effect["NVDA"] <= -0.02
    assert effect["688256.SS"] >= 0.02
    assert abs(effect["MSFT"]) < 0.01


def test_an_efficient_model_moves_chip_vendors_on_its_salient_day(runs):
    """P4: on the declared salient day NVIDIA falls by 2 % at least on average, and by more than a cloud does."""
    falls = {ticker: runs.move("as it is", ticker, R1_DAY, DAY_BEFORE_R1) for ticker in ("NVDA", "MSFT")}
    assert falls["NVDA"] <= -0.02
    assert falls["NVDA"] < falls["MSFT"]
