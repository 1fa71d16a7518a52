"""Domestic chips: learning lifts their yield, the foundry takes its weeks, and packaging spoils some; each switched off.

Each test states the least effect that it asks for, and outputs that must not move.
"""

from __future__ import annotations

from datetime import date

import pytest

from abm import HISTORICAL, Model
from abm.books import chip_asset
from abm.model import Model as RunningModel
from tests.laws.runs import QUICK

UNTIL = date(2025, 9, 30)
SWITCHES = {
    "as it is": {},
    "no learning": {"technology.domestic_yield_learning": 0.0},
    "no foundry": {"technology.domestic_foundry_weeks": 0},
    "no loss": {"technology.domestic_die_survival": 1.0},
}
SEED = 1


@pytest.fixture(scope="module")
def runs() -> dict[str, RunningModel]:
    """One run of each switch, of the same luck."""
    found = {}
    for name, change in SWITCHES.items():
        found[name] = Model(QUICK.vary(change), HISTORICAL, seed=SEED, until=UNTIL)
        found[name].run()
    return found


def series(model: RunningModel, observable: str, label: str) -> dict[date, float]:
    """One series of a run by date."""
    return {day: value for day, what, which, value in model.record.series if (what, which) == (observable, label)}


def last(model: RunningModel, observable: str, label: str) -> float:
    """Its last value."""
    values = series(model, observable, label)
    return values[max(values)]


def finished(model: RunningModel, *chips: str) -> int:
    """Chips of some kinds that have been finished."""
    return sum(model.books.flows.get(("finished", chip_asset(chip)), 0) for chip in chips)


def ascend(model: RunningModel) -> int:
    """Ascend chips that have been finished."""
    return finished(model, "Ascend 910B (B2)", "Ascend 910C")


def test_learning_lifts_yield(runs):
    """A tenth more good dies of a wafer in nine months, from .3 to .4 at least; without it yield stays where it was."""
    assert last(runs["as it is"], "die_yield", "huawei") >= 0.4
    still = series(runs["no learning"], "die_yield", "huawei").values()
    assert min(still) == max(still) == pytest.approx(0.3)
    made = [runs[name].vendors["huawei"].dies_made for name in ("no learning", "as it is")]
    assert made[1] >= 1.2 * made[0]


def test_wafers_wait_in_the_foundry(runs):
    """Without the wait the growing share of wafers counts at once: a twentieth more dies of wafers in nine months."""
    waiting, none = (runs[name].vendors["huawei"] for name in ("as it is", "no foundry"))
    assert len(waiting.wafers_under_way) == waiting.model.world.technology.domestic_foundry_weeks
    assert none.wafers_under_way == []
    assert none.dies_made >= 1.05 * waiting.dies_made


def test_packaging_spoils_chips(runs):
    """Without the loss a fifteenth more Ascend are finished in nine months, and no die is lost."""
    assert ascend(runs["no loss"]) >= 1.07 * ascend(runs["as it is"])


def test_what_must_not_move(runs):
    """Chips finished for buyers abroad move by half a per cent at most; the first weeks' Ascend, in packaging, not at all."""
    first = min(day for day in series(runs["as it is"], "domestic_output", "huawei") if day >= date(2025, 2, 1))
    abroad = {name: finished(model, "B200", "H200 SXM") for name, model in runs.items()}
    assert all(one == pytest.approx(abroad["as it is"], rel=0.005) for one in abroad.values())
    assert len({series(model, "domestic_output", "huawei")[first] for model in runs.values()}) == 1


def test_dies_are_conserved(runs):
    """Good dies made are in stock or in packages that were started; those never lose the bank more than it gave."""
    for model in runs.values():
        huawei = model.vendors["huawei"]
        assert 0 <= huawei.die_stock <= huawei.dies_made
        assert 0 <= huawei.die_bank <= model.world.technology.domestic_die_bank
