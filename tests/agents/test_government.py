"""Governments that react: the same code for both, what is due on a day, and what only evidence brings about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm.agents.government import ANSWER, EASING, ENFORCEMENT, TIGHTENING, Government, Intention
from abm.model import Model
from abm.policy import BOTH_ENDOGENOUS, CN_REACTION, US_REACTION, Lead, SelfReliance
from abm.policy.reaction import INQUIRY, LISTING, RESTRICTION, SUBSIDY
from tests.laws.runs import model_of

UNTIL = date(2025, 1, 10)
AIMS = {"US": Lead(), "CN": SelfReliance()}
LADDER = {"US": "us_endogenous_control_2025_01_01", "CN": "cn_endogenous_guidance_2025_01_01"}


def both_with(**changes: object) -> Model:
    """A model at its opening in which both governments react by the same numbers."""
    alike = [replace(US_REACTION, government=one, aim=aim, **changes) for one, aim in AIMS.items()]
    return model_of(UNTIL, policy=replace(BOTH_ENDOGENOUS, reactions=tuple(alike)))


@pytest.fixture
def model() -> Model:
    return both_with()


def publish(model: Model, government: str, kind: str, trigger: str | None = None) -> list[str]:
    """What a government that has decided on an act publishes today."""
    office = model.governments[government]
    office.intentions = [Intention(kind, model.day, "a test", trigger)]
    acts = office.acts_due(model)
    model.publish(*acts)
    return [one.name for one in acts]


def deliver(model: Model, **units: int) -> None:
    """Chips delivered to buyers in China so far."""
    for chip, number in units.items():
        model.count(f"to China {chip.replace('_', ' ')}", number)


@pytest.mark.parametrize("government", ["US", "CN"])
def test_both_governments_stop_the_largest_flow_by_their_own_law(model, government):
    deliver(model, H20_SXM=100, MI308X=500, **{"Ascend_910C": 9000})
    assert publish(model, government, TIGHTENING) == [LADDER[government]]
    ruling = model.policy.review(model.gates.transaction("MI308X", buyer="alibaba", quantity=1), model.regulators[
        "us_commerce"], government)
    assert not ruling.permitted and ruling.instrument == LADDER[government]
    act = model.policy.instrument(LADDER[government])
    assert act.cites == "endogenous: a test" and "MI308X" in act.title


@pytest.mark.parametrize("government", ["US", "CN"])
def test_the_same_numbers_lead_both_to_the_same_decisions(model, government):
    office = model.governments[government]
    assert type(office) is Government
    deliver(model, H20_SXM=100)
    office.months_of_pressure = office.reaction.review_months - 1
    model.picture.domestic_share, model.picture.demand = 0.0, dict(model.picture.wanted)
    office.review(model)
    assert [one.kind for one in office.intentions] == [TIGHTENING] and office.months_of_pressure == 0
    office.review(model)
    assert len(office.intentions) == 1 and office.months_of_pressure == 1


def test_what_one_government_denies_the_other_leaves_alone(model):
    deliver(model, H20_SXM=100)
    assert publish(model, "US", TIGHTENING) and publish(model, "CN", TIGHTENING) == []
    assert [kind for _, _, kind, _ in model.record.events if "lapsed" in kind] == ["tightening lapsed"]


def test_nothing_is_drafted_where_nothing_flows(model):
    office = model.governments["US"]
    office.months_of_pressure = 40
    office.review(model)
    assert office.intentions == [] and office.months_of_pressure == 41


@pytest.mark.parametrize("government", ["US", "CN"])
def test_a_government_eases_its_own_acts_when_lobbying_has_prevailed(government):
    model = both_with(lobbying_weight=100.0, review_months=2)
    deliver(model, H20_SXM=100)
    publish(model, government, TIGHTENING)
    office = model.governments[government]
    office.stake = 0.5
    office.review(model)
    assert office.months_of_lobbying == 1 and office.intentions == []
    office.review(model)
    assert [one.kind for one in office.intentions] == [EASING]
    names = publish(model, government, EASING)
    assert names and publish(model, government, EASING) == []
    sale = model.gates.transaction("H20 SXM", buyer="alibaba", quantity=1)
    assert model.policy.review(sale, model.regulators["us_commerce"], government).licence == "case_by_case"


def test_lobbying_keeps_a_government_from_tightening():
    model = both_with(lobbying_weight=100.0)
    office = model.governments["US"]
    office.months_of_pressure = 5
    office.review(model)
    assert office.months_of_pressure == 0


def test_effort_follows_detections_within_the_budget(model):
    office, customs = model.governments["US"], model.regulators["customs_sg"]
    office.review(model)
    customs.detected_lots += 4
    office.review(model)
    assert office.intentions == []
    customs.detected_lots += 6
    office.review(model)
    assert [(one.kind, one.due) for one in office.intentions] == [(ENFORCEMENT, model.day + 1)]
    assert publish(model, "US", ENFORCEMENT) == ["us_endogenous_enforcement_2025_01_01"]
    assert model.enforcement_effort() == 1.5
    customs.detected_lots += 500
    office.review(model)
    assert office.detections(model) == 510
    publish(model, "US", ENFORCEMENT)
    assert model.policy.instrument("us_endogenous_enforcement_2025_01_01").effort == 2.0


def test_detections_count_for_a_time(model):
    office, customs = model.governments["US"], model.regulators["customs_my"]
    customs.detected_lots = 9
    counts = []
    for _ in range(14):
        counts.append(office.detections(model))
        office.review(model)
    assert counts == [9] + [0] * 13


def test_a_buyer_is_listed_on_evidence_alone(model):
    office = model.governments["US"]
    model.count("evidence tencent", 2)
    office.review(model)
    assert office.intentions == []
    model.count("evidence tencent", 1)
    model.count("evidence alibaba", 5)
    office.review(model)
    assert [one.kind for one in office.intentions] == [LISTING]
    publish(model, "US", LISTING)
    assert set(model.policy.instrument("us_endogenous_listing_2025_01_01").entities) == {"alibaba", "tencent"}
    assert not model.gates.may_order("H20 SXM", "tencent") and office.evidence(model, 1) == []


def test_the_shipped_buyers_government_lists_nobody():
    model = model_of(UNTIL, policy=BOTH_ENDOGENOUS)
    model.count("evidence alibaba", 99)
    model.regulators["customs_sg"].detected_lots = 99
    model.governments["CN"].review(model)
    assert model.governments["CN"].intentions == []


def test_an_answer_is_one_of_those_that_could_be_given(model):
    deliver(model, H20_SXM=100)
    trigger = publish(model, "US", TIGHTENING)[0]
    assert publish(model, "CN", ANSWER, trigger) == [f"cn_endogenous_inquiry_2025_01_01_to_{trigger}"]
    assert model.policy.instrument(f"cn_endogenous_inquiry_2025_01_01_to_{trigger}").responds_to == trigger


def test_kinds_of_answer_are_drawn_among_what_is_possible():
    kinds = set()
    for seed in range(12):
        model = model_of(UNTIL, policy=BOTH_ENDOGENOUS, seed=seed)
        deliver(model, H20_SXM=100, MI308X=50)
        model.count("evidence alibaba", 1)
        trigger = publish(model, "CN", TIGHTENING)[0]
        kinds |= {name.split("_")[2] for name in publish(model, "US", ANSWER, trigger)}
    assert kinds == {LISTING, INQUIRY} == set(US_REACTION.answers)
    assert set(CN_REACTION.answers) == {RESTRICTION, INQUIRY, SUBSIDY}


@pytest.mark.parametrize(("chance", "answered"), [(0.0, 0), (1.0, 1)])
def test_each_tightening_is_considered_once(chance, answered):
    model = both_with(retaliation_probability=chance)
    deliver(model, H20_SXM=100)
    publish(model, "US", TIGHTENING)
    office = model.governments["CN"]
    office.review(model)
    office.review(model)
    assert office.considered == [LADDER["US"]] and len(office.intentions) == answered
    assert all(one.due > model.day and one.answers == LADDER["US"] for one in office.intentions)


def test_what_is_published_reaches_gates_and_expectations(model):
    deliver(model, H20_SXM=100)
    hazard = model.picture.hazard
    assert model.gates.may_order("H20 SXM", "alibaba") and "H20 SXM" not in model.restricted_chips()
    publish(model, "US", TIGHTENING)
    assert not model.gates.may_order("H20 SXM", "alibaba") and "H20 SXM" in model.restricted_chips()
    model.revise_hazard()
    assert model.picture.hazard > hazard


def test_nothing_happens_before_a_reaction_may_act():
    model = both_with(since=date(2025, 1, 2))
    model.count("evidence tencent", 9)
    for office in model.governments.values():
        office.review(model)
        assert not office.has_moved
