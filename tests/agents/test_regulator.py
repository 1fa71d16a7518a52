"""Offices: applications in their order, licences within their quota, records that only grants and uses change."""

from __future__ import annotations

from datetime import date

import pytest

from abm.agents.regulator import Application, Regulator
from tests.laws.runs import model_of


@pytest.fixture
def office() -> Regulator:
    return model_of(date(2025, 1, 2)).regulators["us_commerce"]


def application(day: int, quantity: int = 10) -> Application:
    """Alibaba asks for H20."""
    return Application("H20 SXM", "alibaba", quantity, day, "us_letter_2025_04")


def test_one_application_at_a_time(office):
    office.receive(application(3))
    office.receive(application(8, quantity=99))
    assert office.pending == {("H20 SXM", "alibaba"): (10, 3, "us_letter_2025_04")}


def test_an_application_for_what_is_free_lapses(office):
    office.receive(application(-400))
    office.decide(office.model)
    assert office.pending == {} and office.licensed("H20 SXM", "alibaba") == 0


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
    tpp = office.model.chip("H20 SXM").tpp
    assert office.approved_processing("a", "alibaba") == 3 * tpp


def test_no_effort_finds_nothing_and_much_effort_everything(office, monkeypatch):
    model = office.model
    customs = model.customs("SG")
    monkeypatch.setattr(model, "enforcement_effort", lambda: 0.0)
    assert not any(customs.detects(model, f"shell-{place}", chip="H200 SXM", units=1000) for place in range(50))
    monkeypatch.setattr(model, "enforcement_effort", lambda: 1e9)
    assert all(customs.detects(model, f"shell-{place}", chip="H200 SXM", units=1000) for place in range(50))
    assert customs.detected_lots == 50
