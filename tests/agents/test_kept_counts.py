"""What is kept within a week, by clouds, brokers, labs and gates, is what would be found anew."""

from __future__ import annotations

import math
from datetime import date

from abm import Model
from abm.agents.buyer import budgets_for
from abm.books import capacity_asset
from abm.rules.routes import best_route
from tests.laws.runs import finished, model_of

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
