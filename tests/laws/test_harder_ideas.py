"""Ideas get harder to find as all labs look for them: from October 2022, with what that takes and without it.

Labs' compute grows manyfold in the years from then. ``pytest -m full tests/laws/test_harder_ideas.py``
runs twenty seeds.
"""

from __future__ import annotations

from datetime import date
from statistics import fmean

import pytest

from abm import HISTORICAL, HISTORY_2022, Model
from tests.laws.runs import QUICK, Outcomes, few_or_all, finished

WORLD = HISTORY_2022.vary({"capital.burn_in_days": 30})
UNTIL = date(2024, 6, 28)
HARDER, AS_THEY_WERE = "harder", "as they were"


def one_run(case: tuple[str, int]) -> dict[str, float]:
    """How all labs' compute grew, the main run's share of training compute, and the lead on the field's algorithms."""
    name, seed = case
    world = WORLD.vary({"technology.harder_ideas": float(name == HARDER)})
    model = Model(world, HISTORICAL, seed=seed, until=UNTIL)
    model.run()
    frontier = world.technology.algorithm_growth * model.years
    leads = [lab.algorithms - frontier for lab in model.labs.values()]
    return {
        "effort": model.picture.effort, "share": fmean(lab.main_share for lab in model.labs.values()),
        "lead": fmean(leads),
    }


@pytest.fixture(**few_or_all(1, name="one"))
def runs(request):
    """Runs from October 2022 to the summer of 2024, one seed or all of them."""
    return Outcomes(one_run, (HARDER, AS_THEY_WERE), request.param)


def test_labs_that_grow_together_keep_the_split_of_their_compute(runs):
    """P11: main runs get a tenth of training compute more at least than they would if ideas were to be had as they were.

    All labs' compute has grown tenfold by then.
    """
    assert min(runs.each(HARDER, "effort")) >= 10
    assert runs.mean(HARDER, "share") >= runs.mean(AS_THEY_WERE, "share") + 0.1
    assert runs.mean(HARDER, "share") >= 0.25


def test_labs_do_not_outrun_the_field(runs):
    """The field's progress is declared and steady: labs together would gain a fifth of a unit of log on it, and do not."""
    assert runs.mean(AS_THEY_WERE, "lead") >= runs.mean(HARDER, "lead") + 0.2
    assert runs.mean(HARDER, "lead") <= 0.0


def test_hard_ideas_leave_chips_alone():
    """To the summer of 2025 as many chips are diverted and shipped, to the unit."""
    worlds = (QUICK.vary({"technology.harder_ideas": value}) for value in (1.0, 0.0))
    ours, theirs = (finished(date(2025, 6, 30), world=world).record.summary for world in worlds)
    for chips in ("diverted_units", "seized_units", "h20_shipped_units", "special_version_units"):
        assert ours[chips] == theirs[chips]
    assert ours["diverted_units"] > 0
