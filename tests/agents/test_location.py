"""Location verification in the run: what is switched off, where, and what buyers of diverted chips make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import HISTORICAL, Model
from abm.agents.location import expected_life, grey_worth, switch_off_found
from abm.books import capacity_asset, chip_asset
from abm.policy import POLICIES
from abm.rules.verification import expected_life_factor
from tests.laws.runs import digests, finished, model_of, shared

RULE = POLICIES["location_verification"].instrument("us_location_2025_07")
TODAY = replace(RULE, public=date(2025, 1, 1), effective=date(2025, 1, 1))
OWNERS = ("other_china", "state_carriers")


def opened(**numbers: float) -> Model:
    """A model on its first morning, with location verification in force."""
    return model_of(date(2025, 2, 14), policy=HISTORICAL.amended("located", replace(TODAY, **numbers)))


def fleet(model: Model, cloud: str, chip: str = "H100 SXM") -> list[int]:
    """Chips of a kind that train, lie free and serve at a cloud."""
    owner = model.clouds[cloud]
    accounts = [owner.training, owner.free, *(owner.reserved_for(name) for name in owner.reserved_models)]
    return [model.books.balance(account, capacity_asset(chip)) for account in accounts]


def test_a_month_finds_the_share_that_the_hazard_says():
    model = opened(reporting_share=0.5, location_hazard=12.0)
    before = {name: model.clouds[name].origins["H100 SXM", "diverted"] for name in OWNERS}
    switch_off_found(model)
    for name, units in before.items():
        found = model.clouds[name].switched_off["H100 SXM"]
        assert found == pytest.approx(0.5 * units * 0.632, rel=0.01)
        assert model.clouds[name].origins["H100 SXM", "diverted"] == units - found
    assert model.tally["disabled_units"] == sum(model.clouds[name].switched_off["H100 SXM"] for name in OWNERS)
    model.books.check(after="switching off")


def test_every_use_loses_in_proportion():
    model = opened(reporting_share=0.5, location_hazard=0.5)
    for _ in range(28):
        model.step()
    before, gone = fleet(model, "other_china"), model.clouds["other_china"].switched_off["H100 SXM"]
    assert sum(1 for units in before if units) >= 3
    switch_off_found(model)
    gone = model.clouds["other_china"].switched_off["H100 SXM"] - gone
    after = fleet(model, "other_china")
    assert sum(before) - sum(after) == gone > 0
    assert all(abs(old * gone / sum(before) - (old - new)) < 1 for old, new in zip(before, after, strict=True))
    assert sum(after) == model.books.balance("other_china", chip_asset("H100 SXM"))


def test_only_diverted_chips_in_scope_and_in_china_are_found():
    model = opened(reporting_share=1.0, location_hazard=12.0)
    before = {name: dict(cloud.origins) for name, cloud in model.clouds.items()}
    switch_off_found(model)
    changed = {
        (name, *key) for name, cloud in model.clouds.items() for key in cloud.origins
        if cloud.origins[key] != before[name][key]
    }
    assert changed == {(name, "H100 SXM", "diverted") for name in OWNERS}
    narrow = HISTORICAL.amended("none", replace(TODAY, test=lambda chip: None))
    model = model_of(date(2025, 1, 2), policy=narrow)
    switch_off_found(model)
    assert "disabled_units" not in model.tally


def test_it_is_told_and_counted_as_evidence_once_a_cloud():
    model = opened(reporting_share=1.0, location_hazard=12.0)
    model.clouds["other_china"].add_capacity(model, "H200 SXM", 0, "diverted")
    switch_off_found(model)
    told = [event for event in model.record.events if event[2] == "chips switched off"]
    assert len(told) == 2 and all(actor == "us_commerce" for _, actor, _, _ in told)
    assert {key: n for key, n in model.tally.items() if key.startswith("evidence")} == {
        f"evidence {name}": 1 for name in OWNERS}


def test_a_diverted_chip_is_worth_its_expected_life():
    model = opened()
    conduct = model.world.conduct
    factor = expected_life_factor(TODAY.reporting_share, TODAY.location_hazard, conduct.impatience)
    assert expected_life(model, "B200") == factor < 1.0
    assert grey_worth(model, "B200") == model.rates.worth("B200") * factor
    assert expected_life(model, "H20 SXM") == 1.0
    assert expected_life(model_of(date(2025, 1, 2)), "B200") == 1.0


def test_fear_of_it_lowers_the_grey_price_within_a_month():
    located, plain = (shared(date(2025, 2, 3), policy=policy) for policy in (
        HISTORICAL.amended("located", TODAY), HISTORICAL))
    for chip in located.restricted_chips():
        assert located.grey_price(chip) < plain.grey_price(chip)


def test_a_rule_that_finds_nothing_changes_nothing_but_the_news():
    idle = HISTORICAL.amended("idle", replace(TODAY, location_hazard=0.0))
    assert digests(finished(date(2025, 2, 14), policy=idle))[1:] == digests(shared(date(2025, 2, 14)))[1:]
