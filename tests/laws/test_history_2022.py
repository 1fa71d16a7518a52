"""Runs from October 2022: chips come and go on their dates, versions are designed after rules, arms share their past."""

from __future__ import annotations

from datetime import date

import pytest

from abm import HISTORICAL, HISTORY_2022, Model
from abm.policy import NO_CONTROLS_FROM_2022, OCTOBER_2022_KEPT, first_difference
from abm.policy.arms_2022 import FIRST_DAY_OF_2022
from tests.laws.runs import digests, finished, shared

QUICK_2022 = HISTORY_2022.vary({"capital.burn_in_days": 30})
QUARTER, AUTUMN, NEW_YEAR = date(2022, 12, 30), date(2023, 10, 13), date(2024, 1, 12)
A100 = "A100 SXM 80GB"


def run(until: date, **changes: object) -> Model:
    """A finished run of the scenario, conservation checked after every phase by the model itself."""
    varied = changes.pop("varied", None)
    world = QUICK_2022.vary(varied) if varied else QUICK_2022
    return finished(until, world=world, **changes)


@pytest.fixture(scope="module")
def history() -> Model:
    """History from October 2022 into January 2024."""
    return run(NEW_YEAR)


@pytest.fixture(scope="module")
def free() -> Model:
    """The same without controls from the first day."""
    return run(QUARTER, policy=NO_CONTROLS_FROM_2022)


def adopted(model: Model) -> list[tuple[date, object]]:
    """Days and chips of NVIDIA's special versions, as the log tells them."""
    told = [(day, what) for day, who, kind, what in model.record.events
            if who == "nvidia" and kind == "special version adopted"]
    return [(day, next(model.chip(one.chip) for one in model.vendors["nvidia"].versions if one.chip in what))
            for day, what in told]


def sent_to_china(model: Model) -> int:
    """Special versions delivered to buyers in China so far."""
    return sum(model.tally.get(f"to China {one.chip}", 0) for one in model.vendors["nvidia"].versions)


def test_special_versions_follow_the_rules_of_2022_and_of_2023(history):
    """After the rule of October 2022 a part with full performance and slow links, after that of 2023 an H20 class."""
    (first, h800), *later = adopted(history)
    assert first == date(2022, 10, 7) and h800.tpp >= 4800 and h800.interconnect_gbs < 600
    assert later and all(day >= date(2023, 10, 17) for day, _ in later)
    assert all(chip.tpp < 2400 for _, chip in later)
    assert any(chip.product_line == "hbm" and chip.bandwidth_gbs >= 3000 for _, chip in later)
    assert sent_to_china(history) >= 50_000


def test_units_of_versions_are_told_by_the_rule_they_were_made_for(history):
    rows = [(key, value) for day, name, key, value in history.record.series
            if name == "special_versions_by_rule" and day == date(2024, 1, 1)]
    assert dict(rows)["us_3a090_2022_10/hbm"] == sent_to_china(history) > 0
    assert {key for key, _ in rows} >= {"us_3a090_2022_10/hbm", "us_3a090_2023_10/hbm"}


def test_the_rule_of_2023_ends_the_first_version_and_strands_goods(history):
    nvidia = history.vendors["nvidia"]
    assert nvidia.withdrawn == [nvidia.versions[0].chip] and nvidia.written_down > 0


def test_china_has_no_foreign_chip_but_versions_and_diverted_ones(history):
    assert not [name for name, units in history.tally.items() if name.startswith("to China A100") and units]
    assert history.tally["diverted_units"] > 0 and not history.tally.get("to China H100 SXM")


def test_chips_are_quoted_on_their_dates_alone():
    model = Model(QUICK_2022, HISTORICAL, seed=1, until=date(2023, 1, 31))
    assert {A100, "H100 SXM"} <= set(model.picture.quotes)
    assert not {"H200 SXM", "B200", "Ascend 910B (B2)"} & set(model.picture.quotes)
    model.run()
    assert "Ascend 910B (B2)" in model.picture.quotes and model.picture.quotes["Ascend 910B (B2)"].delay < 20


def test_a_chip_that_is_sold_no_more_keeps_no_orders_that_cannot_be_filled(history):
    nvidia = history.vendors["nvidia"]
    left = history.picture.quotes.get(A100)    # what is left of it may be sold off
    assert left is None or left.rate == 0.0
    assert nvidia.booked(A100) <= nvidia.stock(history, A100) + sum(nvidia.pipeline[A100])
    assert nvidia.pipeline[A100][-1] == 0


def test_there_is_stock_of_a_new_chip_on_its_day():
    """Thirteen weeks ahead its vendor begins to make it, and as much as of the chip whose place it takes."""
    model = Model(QUICK_2022, HISTORICAL, seed=1, until=date(2022, 12, 30))
    model.run()
    huawei = model.vendors["huawei"]
    assert sum(huawei.pipeline["Ascend 910B (B2)"]) + huawei.stock(model, "Ascend 910B (B2)") > 1000
    assert not huawei.booked("Ascend 910B (B2)") and not sum(huawei.pipeline["Ascend 910C"])


def test_arms_are_history_until_they_differ():
    day = first_difference(OCTOBER_2022_KEPT, HISTORICAL)
    until = date(day.year, day.month, day.day + 5)
    one, other = (run(until, policy=policy) for policy in (HISTORICAL, OCTOBER_2022_KEPT))
    here = one.calendar.index(day)
    assert here > 30 and digests(one)[:here] == digests(other)[:here] and digests(one)[here:] != digests(other)[here:]
    assert first_difference(NO_CONTROLS_FROM_2022, HISTORICAL) == FIRST_DAY_OF_2022


def test_without_controls_china_buys_what_all_buy_and_nothing_special_is_made(free):
    assert free.tally["to China A100 SXM 80GB"] >= 10_000 and free.tally["to China H100 SXM"] > 0
    assert not free.vendors["nvidia"].versions and not free.restricted_chips()


def test_both_arms_of_a_seed_open_alike(free):
    other = Model(QUICK_2022, HISTORICAL, seed=1, until=QUARTER)
    same = Model(QUICK_2022, NO_CONTROLS_FROM_2022, seed=1, until=QUARTER)
    assert other.digest() == same.digest()
    assert other.picture.log_grey_price == same.picture.log_grey_price is not None


def test_a_vendor_that_reviews_by_the_quarter_designs_later(history):
    """Ablation: without reviews on the day of a rule the first version is decided a quarter later."""
    slow = run(date(2023, 1, 6), varied={"redesign.reviews_on_acts": 0})
    assert adopted(slow)[0][0] == date(2023, 1, 2)
    before = history.calendar.index(date(2022, 10, 7))
    assert digests(slow)[:before] == digests(history)[:before]


def test_a_vendor_that_keeps_its_plan_sells_less():
    """Ablation: with the first plan unchanged, at most half as many versions reach China by October 2023."""
    fixed = run(AUTUMN, varied={"redesign.plan_response": 0.0})
    raised = shared(AUTUMN, world=QUICK_2022)
    assert sent_to_china(fixed) <= 0.5 * sent_to_china(raised)
    assert adopted(fixed)[0][0] == adopted(raised)[0][0]


def test_versions_go_where_they_are_made_for(history):
    """Vendors part markets: no cloud outside China has a special version before it is withdrawn and sold off."""
    before = shared(AUTUMN, world=QUICK_2022)
    first = before.vendors["nvidia"].versions[0].chip
    assert first not in before.vendors["nvidia"].withdrawn and first in history.vendors["nvidia"].withdrawn
    owners = {name for name, cloud in before.clouds.items() if any(chip == first for chip, _ in cloud.origins)}
    assert owners and all(before.clouds[name].actor.country == "CN" for name in owners)
