"""Officers who keep files on firms find more: with files off the rate of hits falls, and what must not move does not."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from statistics import fmean

import pytest

from abm import HISTORICAL, Model
from abm.agents.customs import firm_of, lots_leave
from tests.laws.runs import QUICK, model_of

OFFICES, R1_DAY = ("customs_ae", "customs_my", "customs_sg"), date(2025, 1, 27)
SWITCHES = {"files": {}, "no files": {"diversion.records": 0}}


def one_run(case: tuple[str, int]) -> dict[str, float]:
    """Inspections, those that fell on diverted lots, and what must not move."""
    name, seed = case
    model = Model(QUICK.vary(SWITCHES[name]), HISTORICAL, seed=seed, until=date(2026, 12, 31))
    price = 0.0
    while model.day < len(model.calendar):
        model.step()
        if model.yesterday == R1_DAY:
            price = model.equities.market_value("NVDA")
    made = sum(model.regulators[office].inspections for office in OFFICES)
    return {"inspections": made, "hits": model.tally.get("inspected diverted lots", 0) / made, "NVDA": price}


@pytest.fixture(scope="module", params=[3, pytest.param(20, marks=pytest.mark.full)], ids=["few", "all"])
def outcomes(request):
    """Outcomes by switch, a few seeds or all of them."""
    cases = [(name, seed) for name in SWITCHES for seed in range(1, request.param + 1)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(one_run, cases))
    return {name: [one for (which, _), one in zip(cases, found, strict=True) if which == name] for name in SWITCHES}


def test_files_raise_the_part_of_inspections_that_falls_on_diverted_lots(outcomes):
    """P6: by a twentieth at least, with as many inspections but for a tenth; stock prices of January are the same."""
    hits, made = ({name: fmean(run[what] for run in runs) for name, runs in outcomes.items()}
                  for what in ("hits", "inspections"))
    assert hits["files"] >= 1.05 * hits["no files"] > 0
    assert made["files"] == pytest.approx(made["no files"], rel=0.1)
    assert [run["NVDA"] for run in outcomes["files"]] == [run["NVDA"] for run in outcomes["no files"]]


def test_files_hold_what_was_inspected_and_fade_and_a_new_shell_has_none(monkeypatch):
    model = model_of(date(2025, 1, 31), world=QUICK)
    model.run()
    office = model.customs("SG")
    assert office.files and all(clean > 0 for clean in office.files.values())
    firm, clean = sorted(office.files.items())[0]
    monkeypatch.setattr(office, "inspects", lambda *_: set())
    lots_leave(model)
    memory = model.world.diversion.record_memory
    assert office.files[firm] == pytest.approx(clean * memory)
    shell = next(iter(model.brokers.values()))
    before = firm_of(shell)
    office.notes(before, found=False)
    shell.shells += 1
    assert before in office.files and firm_of(shell) not in office.files
