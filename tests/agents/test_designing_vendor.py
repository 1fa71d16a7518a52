"""Special versions in a run: decided, made, offered, withdrawn and written down, as the books and the log say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import HISTORICAL, HISTORY_2025, Model
from abm.books import chip_asset
from abm.policy.statutes import LETTER_2025_04
from tests.laws.runs import QUICK, digests, model_of, shared

SPECIAL = "special version"
FREE_GATE = HISTORICAL.without("cn_rtx_6000d_2025_09")


@pytest.fixture(scope="module")
def autumn() -> Model:
    """The historical world to the end of October 2025: a version before the letter, others after it."""
    return shared(date(2025, 10, 31))


@pytest.fixture(scope="module")
def no_letter() -> Model:
    """Without the letter, nothing catches the version of January 2025 and it is sold."""
    return shared(date(2025, 10, 31), policy=FREE_GATE.without("us_letter_2025_04"))


def told(model: Model, kind: str) -> list[tuple[date, str]]:
    """The dated sentences of NVIDIA's of a kind."""
    return [(day, what) for day, actor, which, what in model.record.events if (actor, which) == ("nvidia", f"{SPECIAL} {kind}")]


def test_a_version_is_decided_in_a_quarterly_review_and_the_reason_is_told(autumn):
    decided = told(autumn, "adopted") + told(autumn, "refused")
    assert {day for day, _ in decided} == {date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)}
    assert told(autumn, "adopted") and told(autumn, "refused")
    assert all("limited by" in what and "perceived hazard" in what for _, what in told(autumn, "adopted"))


def test_no_further_module_in_the_middle_of_2025_and_the_run_says_why(autumn):
    """P8: at the review of July 2025 the part with HBM is refused."""
    (why,) = (what for day, what in told(autumn, "refused") if day == date(2025, 7, 1) and "HBM" in what)
    assert "perceived hazard" in why or "another design" in why


def test_every_version_is_free_when_it_is_decided_and_close_to_a_limit(autumn):
    """P9: each stays below some threshold of the rules in force by no more than a fiftieth."""
    nvidia = autumn.vendors["nvidia"]
    assert nvidia.versions
    for version in nvidia.versions:
        margins = [margin for name, _, margin in nvidia.margins if name == version.chip]
        assert min((-margin for margin in margins if margin < 0), default=1.0) <= 0.02
        decided = next(day for day, what in told(autumn, "adopted") if version.chip in what)
        assert HISTORICAL.classify(autumn.chip(version.chip), decided) is None


def test_the_letter_strands_what_was_made_and_withdraws_the_version(autumn):
    (first,) = (one for one in autumn.vendors["nvidia"].versions if "(2025-01)" in one.chip)
    assert any(day == LETTER_2025_04.binds_from and first.chip in what for day, what in told(autumn, "withdrawn"))
    written = [what for day, _, kind, what in autumn.record.events if kind == "write-down" and first.chip in what]
    assert written == []    # what buyers abroad would pay for the cards is more than they cost
    assert autumn.vendors["nvidia"].reserves[first.chip][3] > 0
    assert autumn.picture.quotes[first.chip].clearance is not None
    assert autumn.tally.get(f"to China {first.chip}", 0) == 0


def test_a_withdrawn_version_is_made_no_more_and_what_is_left_finds_buyers_abroad(autumn):
    """Before, withdrawn versions were not even quoted, and all of them stayed in stock for ever."""
    nvidia = autumn.vendors["nvidia"]
    (first,) = (one for one in nvidia.versions if "(2025-01)" in one.chip)
    asset = chip_asset(first.chip)
    assert nvidia.is_ended(autumn, first.chip) and not any(nvidia.pipeline[first.chip])
    made = -autumn.books.balance("outside:foundry", asset)
    assert made == autumn.books.flows["finished", asset]
    for name, cloud in autumn.clouds.items():
        options = {option.chip: option for option in autumn.options_for(cloud)}
        assert first.chip in options and options[first.chip].rate == 0.0, name


def test_a_vendor_with_nothing_on_sale_still_knows_where_it_stands():
    """It gives up nothing for a place in packaging; before, the largest of no prices was asked for."""
    model = model_of(date(2025, 1, 2))
    model.picture.quotes = {}
    assert model.vendors["nvidia"]._position(model).shadow_usd == 0.0


def test_a_version_is_not_offered_before_its_launch_and_then_is_made_as_planned(no_letter):
    nvidia = no_letter.vendors["nvidia"]
    first = nvidia.versions[0]
    launch = no_letter.calendar[first.launches]
    orders = no_letter.record.series
    booked = {day for day, name, label, value in orders if name == "order_book" and label.startswith(first.chip) and value}
    assert booked and min(booked) >= launch
    assert first.begins < first.launches
    assert no_letter.tally[f"to China {first.chip}"] > 0
    asset = chip_asset(first.chip)
    made = -no_letter.books.balance("outside:foundry", asset)
    weeks = (no_letter.day - first.begins) // 5 + 1
    assert 0 < made <= weeks * first.weekly_units


def test_versions_reach_fleets_and_count_as_bought_directly(no_letter):
    first = no_letter.vendors["nvidia"].versions[0]
    installed = sum(
        units for cloud in no_letter.clouds.values() for (chip, origin), units in cloud.origins.items()
        if (chip, origin) == (first.chip, "direct"))
    assert installed > 0
    assert no_letter.rates.training(first.chip) > 0 and no_letter.rates.reference(first.chip) > 0


def test_without_controls_no_version_is_special():
    from abm import NO_CONTROLS

    model = shared(date(2025, 4, 4), policy=NO_CONTROLS)
    assert not told(model, "adopted") and not model.vendors["nvidia"].versions


def test_a_vendor_that_thinks_rules_rare_builds_what_the_other_refuses():
    """The ablation of P8: with hardly any perceived hazard the module with HBM is built at once."""
    fearless = QUICK.vary({"conduct.hazard_shape": 0.1, "conduct.hazard_years": 20.0})
    one, other = (shared(date(2025, 1, 10), world=world) for world in (fearless, QUICK))
    built = [{version.line for version in model.vendors["nvidia"].versions} for model in (one, other)]
    assert "hbm" in built[0] and "hbm" not in built[1]
    assert any("perceived hazard" in what and "HBM" in what for _, what in told(other, "refused"))


def test_rule_after_rule_wears_the_vendor_out():
    """Letters every two months, each below the last version: fewer versions than the fearless, and refusals for the hazard."""
    days = [date(2025, month, 17) for month in (2, 4, 6, 9, 11)]
    letters = [
        replace(
            LETTER_2025_04, name=f"letter_{number}", public=day, effective=day, after_close=False,
            test=replace(LETTER_2025_04.test, bandwidth=limit, traffic=1.2 * limit, interconnect=0.8 * limit))
        for number, (day, limit) in enumerate(zip(days, (1700.0, 1000.0, 750.0, 550.0, 400.0), strict=True))
    ]
    policy = FREE_GATE.without("us_letter_2025_04").amended("letters", *letters)
    fearless = QUICK.vary({"conduct.hazard_shape": 0.1, "conduct.hazard_years": 20.0})
    until = date(2026, 1, 9)
    worn, never = (shared(until, world=world, policy=policy) for world in (QUICK, fearless))
    assert len(worn.vendors["nvidia"].versions) < len(never.vendors["nvidia"].versions)
    assert any("perceived hazard" in what and "HBM" in what for _, what in told(worn, "refused"))
    hazards = [row[3] for row in worn.record.series if row[1] == "special_version_hazard" and row[2] == "nvidia/pcie"]
    assert hazards[-1] > 1.5 * hazards[0]


def test_a_line_that_is_never_free_changes_nothing_before_the_first_review_reads_it():
    """The redesign draws no luck: the opening day's prices are those of a world that cannot design."""
    deaf = QUICK.vary({"redesign.product_life": 0.5, "redesign.engineering_usd": 1e9, "redesign.lead_months": 12.0})
    mute, plain = (shared(date(2025, 1, 3), world=world) for world in (deaf, QUICK))
    assert not mute.vendors["nvidia"].versions and plain.vendors["nvidia"].versions
    prices = [[row for row in model.record.series if row[1] == "price"] for model in (mute, plain)]
    assert prices[0] == prices[1]
    assert digests(mute) != digests(plain)


def test_the_best_year_in_china_is_remembered(autumn):
    nvidia = autumn.vendors["nvidia"]
    opening = [one for one in HISTORY_2025.products if (one.vendor, one.ordered_from) == ("nvidia", "CN")]
    assert nvidia.good_units >= 4 * sum(one.in_progress for one in opening)
    assert nvidia.good_year > 0


def test_domestic_makers_leave_less_to_a_special_version():
    """Half of the foreign share of installed chips gone: half of the market that the vendor reckons with."""
    model = model_of(date(2025, 1, 10))
    nvidia = model.vendors["nvidia"]
    before = nvidia._position(model)
    model.picture.domestic_share = 1.0 - (1.0 - model.picture.domestic_share) / 2
    after = nvidia._position(model)
    assert (after.units, after.revenue) == pytest.approx((before.units / 2, before.revenue / 2))

