"""Offices: a queue worked off in order, licences within their quota, records that only grants and uses change."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from abm.agents.regulator import Application, Regulator
from abm.policy import HISTORICAL
from abm.policy.instrument import APPROVE, CASE_BY_CASE, NOTIFY
from abm.policy.statutes import LETTER_2025_04
from abm.rules.customs import Shipment
from tests.laws.runs import QUICK, model_of

SEPTEMBER = date(2025, 9, 1)
SURE = HISTORICAL.amended("sure", replace(HISTORICAL.instrument("us_licences_2025_07"), approval_probability=1.0))


def office_of(policy=HISTORICAL, **offices: float) -> Regulator:
    """The US office on the first day of a model, or as of a September in which licences are given."""
    world = QUICK.vary({f"offices.{name}": value for name, value in offices.items()})
    return model_of(date(2025, 1, 2), world=world, policy=policy).regulators["us_commerce"]


def in_september(policy=SURE, **offices: float) -> Regulator:
    """The office on a day of 2025 on which the H20 needs a licence, the trading day counted as the first."""
    office = office_of(policy, **offices)
    office.model.today = SEPTEMBER
    return office


def weeks_until_decided(office: Regulator) -> int:
    """Weekly rounds until nothing is pending."""
    for week in range(1, 300):
        office.model.day = 5 * week
        office.decide(office.model)
        if not office.pending:
            return week
    raise AssertionError("never decided")


@pytest.fixture
def office() -> Regulator:
    return office_of()


def application(day: int, quantity: int = 10, licence: str = CASE_BY_CASE, buyer: str = "alibaba") -> Application:
    """A buyer asks for H20."""
    return Application("H20 SXM", buyer, quantity, day, "us_letter_2025_04", licence)


def test_one_application_at_a_time(office):
    office.receive(application(3))
    office.receive(application(8, quantity=99))
    assert office.pending == {("H20 SXM", "alibaba"): (10, 3, "us_letter_2025_04", "case_by_case")}
    assert office.answers["filed"] == 1 and office.model.tally["applied_units"] == 10


def test_an_application_for_what_is_free_is_returned(office):
    office.receive(application(-400))
    office.decide(office.model)
    assert office.pending == {} and office.licensed("H20 SXM", "alibaba") == 0
    assert office.answers == {"filed": 1, "granted": 0, "refused": 0, "returned": 1}


def test_an_office_with_time_leaves_the_statutory_delay():
    office = in_september(us_staff=3.0, us_chip_work=1.0)
    office.receive(application(0))
    assert weeks_until_decided(office) == 7  # 43 days: the seventh weekly round
    assert office.licensed("H20 SXM", "alibaba") == 10
    assert office.waits == {(2025, 9): (1, 49.0)}
    assert "after 49 days" in office.model.record.events[-1][3]


def test_an_office_without_staff_takes_until_it_gets_there():
    """3,000 ordinary applications a year: one of 250 is done within the delay, the second of 1,000 after nine months."""
    alone = in_september(us_staff=0.1, us_load=10_000.0, us_chip_work=250.0)
    alone.receive(application(0))
    assert weeks_until_decided(alone) == 7
    behind = in_september(us_staff=0.1, us_load=10_000.0, us_chip_work=1000.0)
    behind.receive(application(0, buyer="tencent"))
    behind.receive(application(5))
    weeks = weeks_until_decided(behind)
    assert weeks == -(-round((2000 + 10_000 * 7 / 365.25) * 365.25 / 3000) // 7)


def test_what_came_earlier_is_decided_earlier_and_a_day_is_one_batch():
    office = in_september(us_staff=0.1, us_chip_work=500.0)
    for day, buyer in ((0, "volcano"), (0, "alibaba"), (5, "baidu")):
        office.receive(application(day, buyer=buyer))
    weeks_until_decided(office)
    granted = [re.search(r"licence to (.*) for .* after (\d+) days", sentence) for _, _, kind, sentence
               in office.model.record.events if kind == "licence granted"]
    names = [one[1] for one in granted]
    assert sorted(names[:2]) == ["Alibaba Cloud", "ByteDance Volcano Engine"] and names[2] == "Baidu AI Cloud"
    first, second, third = (int(one[2]) for one in granted)
    assert first == second < third


def test_an_office_in_arrears_starts_with_what_it_left_undone():
    early, late = in_september(us_staff=0.5), in_september(us_staff=0.5)
    early.receive(application(0))
    late.receive(application(130))
    assert early.places[0] == 50.0
    assert late.places[130] == pytest.approx(50.0 + 13_500 * 182 / 365.25)


def test_a_notice_ripens_without_the_office():
    """A hundredth of an office, and the notice is ripe after its 25 days all the same."""
    notified = SURE.without("us_licences_2025_07").amended(
        "notified", replace(LETTER_2025_04, notice_for=("letter 2025-04",)))
    office = in_september(notified, us_staff=0.1, us_chip_work=1000.0)
    office.receive(application(0, licence=NOTIFY))
    assert office.places[0] == 0.0 and weeks_until_decided(office) == 4
    assert office.licensed("H20 SXM", "alibaba") == 10
    assert office.model.record.events[-1][2] == "notice ripened"


def test_a_presumption_of_approval_takes_the_work_of_one(office):
    office.receive(application(0, licence=APPROVE))
    assert office.places[0] == 1.0


def test_nothing_is_remembered_before_the_first_application(office):
    office.model.day = 130
    office.decide(office.model)
    assert office.queue is None and office.places == {}


def test_who_leaves_has_its_applications_returned_and_its_licences_voided(office):
    office.receive(application(0))
    office.open_licences["B200", "alibaba"] = 5
    office.strike("alibaba")
    assert office.pending == {} and office.answers["returned"] == 1 and office.licensed("B200", "alibaba") == 0


def test_a_licence_is_used_up_and_never_overdrawn(office):
    office.open_licences["H20 SXM", "alibaba"] = 10
    office.use_licence("H20 SXM", "alibaba", 4)
    assert office.licensed("H20 SXM", "alibaba") == 6
    office.use_licence("H20 SXM", "alibaba", 40)
    office.use_licence("H20 SXM", "tencent", 1)
    assert office.licensed("H20 SXM", "alibaba") == 0 == office.licensed("H20 SXM", "tencent")


def test_the_record_adds_up_what_was_granted(office):
    office.granted = {("a", "H20 SXM", "alibaba"): 3, ("a", "H20 SXM", "baidu"): 4, ("b", "H20 SXM", "alibaba"): 5}
    assert office.approved_units("a", "H20 SXM") == 7
    assert office.approved_units("a", "H20 SXM", "baidu") == 4
    assert office.approved_units("b", "B200") == 0
    office.granted = {("a", "H20 SXM", "alibaba"): 1}
    assert office.approved_units("a", "H20 SXM") == 1 and office.approved_units("b", "H20 SXM") == 0


def test_a_grant_counts_against_its_country_and_a_small_delivery_against_the_customers_year():
    office = in_september()
    office.receive(application(0, quantity=7))
    weeks_until_decided(office)
    tpp = office.model.chip("H20 SXM").tpp
    assert office.approved_processing("us_licences_2025_07", "CN") == 7 * tpp
    assert office.approved_processing("us_licences_2025_07", "MY") == 0.0
    office.note_small("a", "johor_operator", 3.0)
    office.note_small("a", "johor_operator", 4.0)
    assert office.free_processing("a", "johor_operator", 2025) == 7.0
    assert office.free_processing("a", "johor_operator", 2026) == 0.0


def leaving(number: int) -> list[Shipment]:
    """Shipments of 1,000 chips from old firms."""
    return [Shipment(f"shell-{place}", 1000, False, 0.5, place / 100) for place in range(number)]


def test_no_effort_finds_nothing_and_staff_for_all_finds_all_but_misses(office, monkeypatch):
    model = office.model
    customs, shipments = model.customs("SG"), leaving(50)
    monkeypatch.setattr(model, "enforcement_effort", lambda: 0.0)
    assert customs.inspects(model, shipments) == set()
    assert not any(customs.finds(model, one.sender, inspected=True) for one in shipments)
    monkeypatch.setattr(model, "enforcement_effort", lambda: 1e9)
    assert customs.inspects(model, shipments) == {one.sender for one in shipments}
    assert customs.inspections == 50
    found = sum(customs.finds(model, one.sender, inspected=True) for one in shipments)
    assert found == customs.detected_lots and 25 <= found <= 44


def test_inspections_are_within_the_staff_budget(office):
    """75 inspections a year of each of two officers, for three offices: about one a week."""
    model, customs = office.model, office.model.customs("SG")
    numbers = []
    for week in range(200):
        model.day = 5 * week
        numbers.append(len(customs.inspects(model, leaving(20))))
    assert set(numbers) == {0, 1} and 0.93 <= sum(numbers) / 200 <= 1.0
    assert customs.inspections == sum(numbers)


def test_the_turn_among_the_applications_of_a_day_goes_by_lot_and_not_by_name():
    """A quota may run out, so who comes first matters: over days each of two buyers is first about half of the time."""
    office = in_september()
    first = []
    for day in range(200):
        items = [(("H20 SXM", buyer), (10, day, "us_licences_2025_07", "case_by_case")) for buyer in ("alibaba", "tencent")]
        first.append(sorted(items, key=office._turn)[0][0][1])
        assert sorted(reversed(items), key=office._turn)[0][0][1] == first[-1]
    assert 70 <= first.count("alibaba") <= 130
