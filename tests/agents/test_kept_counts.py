"""What is kept within a week, by clouds, brokers, labs and gates, is what would be found anew."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

from abm import Model
from abm.agents.buyer import _contests, budgets_for
from abm.agents.purses import OWNERS
from abm.books import USD, capacity_asset
from abm.offers import Order
from abm.policy.export_control import EntityListing, ExportControl
from abm.policy.instrument import US
from abm.policy.licence import Licensing
from abm.policy.paragraphs import NamedParts
from abm.policy.quota import HomeMarketShare
from abm.rules.routes import best_route
from abm.standing import needs_nothing
from tests.laws.runs import finished, model_of
from tests.test_gates import asked_anew

UNTIL = date(2025, 2, 28)
CHIP = "H20 SXM"


def counted(model: Model, account: str, chips: list[str]) -> dict[str, int]:
    """Chips in an account by the books, nothing kept."""
    return {chip: model.books.balance(account, capacity_asset(chip)) for chip in chips}


def test_capacity_is_that_of_the_books_whatever_has_been_moved():
    model = model_of(UNTIL)
    cloud = model.clouds["alibaba"]
    for day in range(len(model.calendar)):
        model.step()
        for account in cloud.uses():
            assert cloud.capacity(model, account) == counted(model, account, cloud.chips()), (day, account)
    chip = next(kind for kind, units in cloud.capacity(model, cloud.training).items() if units)
    before = cloud.capacity(model, cloud.training)
    model.books.move(capacity_asset(chip), 1, giver=cloud.training, taker=cloud.free, reason="by hand")
    assert cloud.capacity(model, cloud.training) == before | {chip: before[chip] - 1}
    cloud.add_capacity(model, "a chip of our own", 7, "direct")
    assert cloud.capacity(model, cloud.free)["a chip of our own"] == 7


def test_budgets_of_rivals_are_those_of_all_who_are_offered_the_chip_and_may_order_it():
    model = finished(UNTIL)
    for chip in sorted(model.picture.quotes):
        rivals = [
            cloud.to_spend(model) for name, cloud in model.clouds.items()
            if model.gates.may_order(chip, name) and chip in {option.chip for option in model.options_for(cloud)}]
        assert budgets_for(model, chip) == math.fsum(rivals)


def check_budgets(model: Model) -> dict[str, float]:
    """Require that the budgets that are told are those found anew; gives them."""
    told = {chip: budgets_for(model, chip) for chip in sorted(model.picture.quotes)}
    fresh = _contests(model)
    assert told == {chip: fresh.get(chip, 0.0) for chip in told}
    return told


def test_budgets_of_rivals_follow_rent_listings_licences_and_quotes_within_a_day():
    model = finished(UNTIL)
    seen = [check_budgets(model)]
    cloud = model.clouds["alibaba"]
    model.books.move(USD, 10**12, giver=OWNERS, taker=cloud.rent_purse, reason="by hand")
    seen.append(check_budgets(model))
    dated = {"title": "by hand", "public": model.today, "effective": model.today, "cites": "none"}
    model.publish(EntityListing(name="listing by hand", government=US, entities=("Alibaba",), **dated))
    seen.append(check_budgets(model))
    model.publish(
        ExportControl(name="letter", government=US, denied=("CN",), test=NamedParts(parts=(CHIP,), paragraph="x"), **dated),
        Licensing(name="licences", government=US, eases=("letter",),
                  test=NamedParts(parts=(CHIP,), paragraph="x"), **dated))
    seen.append(check_budgets(model))
    sale = model.gates.transaction(CHIP, buyer="tencent", quantity=100)
    office = model.regulators["us_commerce"]
    office._grant(sale, model.gates.review(sale, "us_commerce"), 100)
    seen.append(check_budgets(model))
    seller = model.actors[model.sellers[CHIP]]
    model.gates.record_delivery(seller, Order("tencent", seller.id, CHIP, 100, 1.0, model.day), 100)
    seen.append(check_budgets(model))
    model.picture.quotes = {chip: quote for chip, quote in model.picture.quotes.items() if chip != CHIP}
    seen.append(check_budgets(model))
    assert all(before != after for before, after in pairwise(seen))


def test_a_delivery_at_home_raises_a_quota_that_is_a_share_of_the_home_market_on_the_same_day():
    model, dated = model_of(UNTIL), {"title": "by hand", "cites": "none"}
    dated |= {"public": model.today, "effective": model.today}
    named = NamedParts(parts=(CHIP,), paragraph="x")
    model.publish(
        ExportControl(name="letter", government=US, denied=("CN",), test=named, **dated),
        Licensing(name="licences", government=US, eases=("letter",), test=named, quotas=(HomeMarketShare(),), **dated))
    assert model.gates.rulings(CHIP, "alibaba", 10)[0].quota_left == 0
    seller = model.actors[model.sellers[CHIP]]
    model.gates.record_delivery(seller, Order("microsoft", seller.id, CHIP, 1_000, 1.0, model.day), 1_000)
    ruling = model.gates.rulings(CHIP, "alibaba", 10)[0]
    assert ruling.quota_left == 500 and ruling == asked_anew(model.gates, CHIP, "alibaba", 10)[0]


def test_a_broker_sees_its_routes_anew_once_its_belief_has_changed():
    model = finished(UNTIL)
    broker, conduct = model.brokers[min(model.brokers)], model.world.conduct
    margins = []
    for detections in (broker.detections, broker.detections + 5.0):
        broker.detections = detections
        grey, price = model.grey_price(CHIP, trend=True), broker.price(model, CHIP)
        found = broker.prospect(model, CHIP)
        assert found == best_route(
            grey, price, broker.believed(), conduct, scale=broker.scale, routes=broker._routes)
        margins.append(found[0])
    assert margins[1] < margins[0]


def test_the_law_abroad_is_asked_once_a_country_and_answers_as_if_every_broker_asked():
    model = finished(UNTIL)
    chips = sorted(model.picture.quotes)
    for name in sorted(model.brokers):
        assert model.gates.guarded_abroad(chips, name) == [
            chip for chip in chips if not model.gates.is_free_abroad(chip, name)]


def test_the_law_abroad_is_what_a_broker_who_asks_alone_is_told_and_differs_between_chips_or_countries():
    model, told = finished(UNTIL), set()
    chips = sorted(model.sellers)
    for name in sorted(model.brokers):
        anew = [chip for chip in chips if not all(map(needs_nothing, model.gates.rulings_on(chip, name, model.today)))]
        assert model.gates.guarded_abroad(chips, name) == anew
        told |= {chip in anew for chip in chips}
    assert told == {True, False}


def test_a_project_keeps_its_luck_and_the_next_has_its_own():
    model = model_of(UNTIL)
    lab = model.labs[min(model.labs)]
    first = lab.project_length(model)
    assert lab.project_length(model) == first
    lab.launches += 1
    second = lab.project_length(model)
    assert second != first
    lab.launches -= 1
    assert lab.project_length(model) == first


def test_a_rate_is_worked_out_when_it_is_read_and_again_when_it_has_changed():
    model = model_of(UNTIL)
    launched = min(model.picture.models)
    before = model.rates.tokens[launched, CHIP]
    assert before == model.rates.serving[launched, CHIP]
    model.rates.refresh(model.picture.domestic_share, 1.0)
    assert (launched, CHIP) not in model.rates.tokens
    assert model.rates.tokens[launched, CHIP] > before
    domestic = next(chip for chip in sorted(model.rates.chips) if model.rates.is_domestic(chip))
    assert model.rates.tokens[launched, domestic] > 0
    model.rates.set_ported(launched, False)
    assert model.rates.tokens[launched, domestic] == 0.0
