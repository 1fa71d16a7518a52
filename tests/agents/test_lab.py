"""Labs: projects, candidates, and what follows a review."""

from __future__ import annotations

from datetime import date

import pytest

from abm import Model
from abm.agents.lab import Lab
from abm.projects import Project
from abm.rules.lab import Review
from abm.training import training_compute
from tests.laws.runs import model_of

LAUNCH = Review(True, False, False, -3.0, 1.0)
SHORT_OF_QUALITY = Review(False, True, False, 4.0, 1.0)
SHORT_OF_CHIPS = Review(False, False, True, -1.0, 0.2)


@pytest.fixture
def lab() -> Lab:
    """DeepSeek on the first day, with a finished candidate."""
    made = model_of(date(2025, 1, 31)).labs["deepseek"]
    made.train(made.model)
    made.project = Project("deepseek next 1", -100, flop=2e25, finished=0)
    return made


def test_without_a_finished_candidate_there_is_no_review(lab):
    model: Model = lab.model
    lab.project.finished = None
    assert lab.review(model) is None
    lab.project = None
    assert lab.review(model) is None


def test_a_satisfied_lab_launches_and_starts_anew(lab):
    model: Model = lab.model
    lab.conclude(model, LAUNCH)
    launched = model.picture.latest("deepseek")
    assert launched.name == "deepseek next 1" and launched.training_flop == 2e25
    assert lab.project is None and lab.launches == 1
    assert model.launch_days["deepseek"] == [model.day]
    assert [event[1:3] for event in model.record.events][-1] == ("deepseek", "launch")


@pytest.mark.parametrize("review, staged", [(SHORT_OF_QUALITY, False), (SHORT_OF_CHIPS, True)])
def test_a_candidate_waits_and_is_staged_where_only_chips_are_missing(lab, review, staged):
    model: Model = lab.model
    lab.conclude(model, review)
    assert lab.project.staged is staged and lab.launches == 0 and "deepseek" not in model.launch_days
    assert lab.reviews[review.binding] == 1
    assert model.tally[f"deepseek 1 {review.binding}"] == 1


def test_the_review_binds_as_its_numbers_say(lab):
    model: Model = lab.model
    lab.goal = 1e6
    assert lab.review(model).quality_failed
    lab.goal = -1e6
    lab.project.flop = 1e30
    assert not lab.review(model).quality_failed


def test_more_compute_and_better_algorithms_make_a_better_candidate(lab):
    model: Model = lab.model
    first = lab.candidate_quality(model)
    lab.project.flop *= 2
    second = lab.candidate_quality(model)
    lab.algorithms += 0.1
    assert first < second < lab.candidate_quality(model)


def test_a_week_of_training_adds_the_main_runs_part(lab):
    model: Model = lab.model
    flop = lab.project.flop
    lab.train(model)
    added = training_compute(model, lab).foreign * lab.main_share * 7
    assert lab.project.flop == pytest.approx(flop + added) and added > 0


def test_a_project_is_finished_after_its_days(lab):
    model: Model = lab.model
    lab.project = Project("deepseek next 1", 0, flop=1e25)
    days = lab.project_length(model) * 5 / 7
    model.day = int(days) - 1
    lab.evaluate(model)
    assert lab.project.finished is None
    model.day = int(days) + 1
    lab.evaluate(model)
    assert lab.project.finished == model.day


def test_labs_are_served_where_the_roster_says():
    model = model_of(date(2025, 1, 2))
    everywhere = tuple(sorted(name for name, cloud in model.clouds.items() if cloud.actor.country == "CN"))
    for record in model.world.labs:
        named = record.served_at
        expected = everywhere if named == ("*CN",) else named
        assert model.labs[record.id].served_at(model) == expected
