"""Chips held for a candidate that waits for them: they add up month by month, and go free when it waits no more."""

from __future__ import annotations

from datetime import date

import pytest

from abm.launches import held_for_candidates, staged_uptake
from abm.model import Model
from abm.picture import HOME
from abm.projects import Project
from abm.rules.lab import Review
from abm.serving import reserved_tokens, serve_the_month
from tests.laws.runs import finished

NEXT = "deepseek next 1"
SHORT_OF_CHIPS = Review(False, False, True, -1.0, 0.1, needed_share=0.4)
SHORT_OF_QUALITY = Review(False, True, True, 1.0, 0.1, needed_share=0.4)
SPRING = date(2025, 4, 30)


@pytest.fixture
def waiting():
    """A model in which every Chinese chip serves somebody but a few, and DeepSeek's candidate waits for chips."""
    model = finished(SPRING)
    lab = model.labs["deepseek"]
    lab.project = Project(NEXT, -100, flop=2e25, finished=0)
    model.rates.add_model(NEXT, lab.size(model))
    lab.conclude(model, SHORT_OF_CHIPS)
    for name, cloud in sorted(model.clouds.items()):
        if cloud.region == HOME and cloud.reserved_models and name != "alibaba":
            cloud.reserve(model, {
                (cloud.reserved_models[0], chip): units for chip, units in cloud.capacity(model, cloud.free).items()
            })
    return model


def held(model: Model) -> float:
    """Tokens a day that chips held for the candidate serve."""
    return sum(reserved_tokens(model, NEXT).values())


def free_a_little(model: Model) -> None:
    """A hundredth of what every Chinese cloud has reserved for the model it serves first goes free."""
    for _, cloud in sorted(model.clouds.items()):
        if cloud.region == HOME and cloud.reserved_models:
            cloud.release(model, cloud.reserved_models[0], 0.01)


def test_the_share_that_the_last_review_asked_for_is_what_a_candidate_waits_for(waiting):
    lab = waiting.labs["deepseek"]
    expected = waiting.users.expected(waiting, lab, lab.candidate_quality(waiting))
    needed = sum(candidates[NEXT] for candidates in staged_uptake(waiting).values())
    assert needed == pytest.approx(0.4 * expected)
    assert 0.4 in lab.under_way  # remembered from day to day


def test_a_candidate_gathers_chips_that_fall_free_where_the_whole_is_not_to_be_had(waiting):
    seen = []
    for _ in range(3):
        free_a_little(waiting)
        serve_the_month(waiting)
        seen.append(held(waiting))
    needed = sum(candidates[NEXT] for candidates in staged_uptake(waiting).values())
    assert 0 < seen[0] < seen[1] < seen[2] <= needed
    lab = waiting.labs["deepseek"]
    assert lab.review(waiting).secured_share >= held(waiting) / waiting.users.expected(
        waiting, lab, lab.candidate_quality(waiting))


def test_held_chips_go_free_when_the_candidate_is_withdrawn(waiting):
    free_a_little(waiting)
    serve_the_month(waiting)
    assert NEXT in held_for_candidates(waiting)
    waiting.labs["deepseek"].conclude(waiting, SHORT_OF_QUALITY)
    assert NEXT not in held_for_candidates(waiting) and held(waiting) == 0


def test_held_chips_go_free_when_the_candidate_is_superseded(waiting):
    free_a_little(waiting)
    serve_the_month(waiting)
    waiting.labs["deepseek"].project = Project("deepseek next 2", waiting.day)
    serve_the_month(waiting)
    assert NEXT not in held_for_candidates(waiting) and held(waiting) == 0


def test_held_chips_serve_the_model_once_it_is_launched(waiting):
    free_a_little(waiting)
    serve_the_month(waiting)
    before = held(waiting)
    waiting.labs["deepseek"].conclude(waiting, Review(True, False, False, -1.0, 1.0, needed_share=0.4))
    assert NEXT not in held_for_candidates(waiting) and held(waiting) == before > 0
