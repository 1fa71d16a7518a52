"""One day, in order: the phases, their cadence, and the list that can be read aloud.

Deciding and meeting are separate phases: all decide on the same picture, then the market meets, so that the order of
actors cannot matter. The books are checked after every phase.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.agents.customs import lots_leave
from abm.agents.designing_vendor import DesigningVendor
from abm.agents.investor import equities_clear, investors_take_in_news
from abm.agents.location import switch_off_found
from abm.agents.order_book import within_allowances, within_purses
from abm.agents.payouts import firms_pay_out, managers_take_fees, trades_are_charged
from abm.agents.population import brokers_enter_and_leave, grey_market_clears
from abm.calendar import Cadence
from abm.launches import finish_porting, launch, releases_due
from abm.policy.instrument import US
from abm.projects import note_compute
from abm.serving import serve_the_month
from abm.trade_counts import count_cancelled, count_ordered

if TYPE_CHECKING:
    from abm.model import Model


@dataclass(frozen=True)
class Phase:
    """One line of the schedule: actor, verb, object; how often it runs; what it does to the model."""

    name: str
    cadence: Cadence
    meaning: str
    run: Callable[[Model], None]


def _phase(cadence: Cadence) -> Callable[[Callable[[Model], None]], Phase]:
    def make(run: Callable[[Model], None]) -> Phase:
        return Phase(run.__name__, cadence, " ".join((run.__doc__ or "").split()), run)

    return make


daily, weekly = _phase(Cadence.DAILY), _phase(Cadence.WEEKLY)
monthly, quarterly = _phase(Cadence.MONTHLY), _phase(Cadence.QUARTERLY)


def month_is_told(model: Model) -> None:
    """The month that has ended is told: orders, deliveries, refusals, what was short; on the first day who has what."""
    model.chronicle.tell_month(model)


def governments_publish(model: Model) -> None:
    """Governments publish; what is newly public becomes news, and expectations of further rules are revised."""
    model.publish(*(act for _, one in sorted(model.governments.items()) for act in one.acts_due(model)))
    for instrument in model.policy.newly_public(model.today, model.day_before):
        model.tell(model.gates.office(instrument.government).name, "published", instrument.title)
    model.desk.publish_rules(model)
    model.revise_hazard()


def vendors_cancel_refused_orders(model: Model) -> None:
    """Vendors drop orders that the rules of today refuse, and write down what is stranded."""
    if model.rules_changed():
        for _, vendor in sorted(model.vendors.items()):
            before = vendor.order_book
            vendor.cancel_refused(model)
            count_cancelled(model, before, vendor.order_book)


def vendors_answer_acts(model: Model) -> None:
    """Where the scenario says so, foreign vendors review designs also on the day on which a seller's act is published."""
    acts = model.policy.newly_public(model.today, model.day_before)
    if model.world.redesign.reviews_on_acts and any(one.government == US for one in acts):
        vendors_review_designs(model)


def dated_models_are_released(model: Model) -> None:
    """Models finished before the run are released on their dates."""
    for release in releases_due(model):
        launch(model, release)


def models_are_ported(model: Model) -> None:
    """Domestic chips begin to serve the models whose porting to them is done."""
    for _, lab in sorted(model.labs.items()):
        finish_porting(model, lab)


def vendors_quote(model: Model) -> None:
    """Vendors quote prices and delays; everyone's open orders are counted."""
    model.picture.quotes = {q.chip: q for _, vendor in sorted(model.vendors.items()) for q in vendor.quote(model)}
    model.count_open_orders()


def clouds_order_chips(model: Model) -> None:
    """Clouds take back orders that no licence will cover, then order chips, or apply, on what is quoted and legal."""
    for _, vendor in sorted(model.vendors.items()):
        given_up = [one for one in vendor.order_book if one.buyer in model.clouds and model.gates.is_hopeless(one)]
        model.chronicle.note_withdrawn(model, given_up)
        vendor.forget(given_up)
    for _, cloud in sorted(model.clouds.items()):
        model.new_orders.extend(cloud.order(model))


def brokers_order_chips(model: Model) -> None:
    """Shell companies order lots of restricted chips where diversion pays, and take back orders where it does not."""
    for _, vendor in sorted(model.vendors.items()):
        given_up = [
            order for order in vendor.order_book
            if order.buyer in model.brokers
            and (model.brokers[order.buyer].withdraws(model, order.chip) or model.gates.is_hopeless(order))
        ]
        model.chronicle.note_withdrawn(model, given_up)
        vendor.forget(given_up)
    for _, broker in sorted(model.brokers.items()):
        order = broker.order(model)
        if order is not None:
            model.new_orders.append(order)


def vendors_take_orders(model: Model) -> None:
    """Vendors enter the week's orders in their books."""
    model.desk.note_orders(model)
    count_ordered(model, model.new_orders)
    model.chronicle.note_orders(model, model.new_orders)
    for name, vendor in sorted(model.vendors.items()):
        vendor.take([order for order in model.new_orders if order.seller == name])
    model.new_orders = []


def vendors_produce(model: Model) -> None:
    """Vendors finish and start chips within their foundries' limits."""
    for _, vendor in sorted(model.vendors.items()):
        vendor.produce(model)


def supply_is_allocated(model: Model) -> None:
    """Finished chips are shared among the orders that both governments allow; vendors clear away what nobody takes."""
    rationed = {name: vendor.ration(model) for name, vendor in sorted(model.vendors.items())}
    granted = [grant for grants in rationed.values() for grant in grants]
    payable = within_purses(model, within_allowances(model, granted))
    model.chronicle.note_allocation(model, granted, payable)
    for _, vendor in sorted(model.vendors.items()):
        model.lots.extend(vendor.ship(model, payable))
    for _, vendor in sorted(model.vendors.items()):
        vendor.wind_down(model)


def goods_arrive(model: Model) -> None:
    """Lots arrive: clouds install them, shells pass them through customs, who inspect."""
    due = sorted((lot for lot in model.lots if lot.arrives <= model.day), key=lambda lot: (lot.holder, lot.chip, lot.seller))
    model.lots = [lot for lot in model.lots if lot.arrives > model.day]
    model.chronicle.note_arrivals(model, due)
    for lot in due:
        if lot.holder in model.clouds:
            model.clouds[lot.holder].install(model, lot)
        else:
            model.brokers[lot.holder].receive(model, lot)
    lots_leave(model)
    model.count_open_orders()


def labs_train(model: Model) -> None:
    """Labs add a week of compute to their projects and of experiments to their algorithms."""
    note_compute(model)
    for _, lab in sorted(model.labs.items()):
        lab.train(model)


def labs_evaluate_candidates(model: Model) -> None:
    """Labs finish projects that have run their length and move their aspirations."""
    for _, lab in sorted(model.labs.items()):
        lab.evaluate(model)


def labs_review_launches(model: Model) -> None:
    """Labs review their candidates on the same picture; then launch, stage or train on."""
    reviews = [(lab, lab.review(model)) for _, lab in sorted(model.labs.items())]
    for lab, review in reviews:
        if review is not None:
            model.chronicle.note_review(model, lab, review)
            lab.conclude(model, review)


def governments_decide_licences(model: Model) -> None:
    """Offices answer the applications that have waited their delay and that they have got to, within their quotas."""
    for _, regulator in sorted(model.regulators.items()):
        regulator.decide(model)


def governments_review_policy(model: Model) -> None:
    """Governments that react weigh pressure against lobbying, and draft rules, answers, efforts and listings."""
    for _, government in sorted(model.governments.items()):
        government.review(model)


def quarter_closes(model: Model) -> None:
    """A quarter closes: its flows are counted beside what was expected of them."""
    if model.day > 0:
        model.desk.close_quarter(model)


def firms_report_earnings(model: Model) -> None:
    """Firms report the last quarter, each on its day of the season; what differs from expectations is news."""
    model.desk.report(model)


def budgets_are_set(model: Model) -> None:
    """Owners give clouds the quarter's budget for accelerators."""
    for _, cloud in sorted(model.clouds.items()):
        cloud.fund(model)


def vendors_review_designs(model: Model) -> None:
    """Foreign vendors review whether a special version for China pays under the rules, and decide to build what does."""
    for _, vendor in sorted(model.vendors.items()):
        if isinstance(vendor, DesigningVendor):
            vendor.review_designs(model)


def special_versions_come_out(model: Model) -> None:
    """Vendors begin to make the special versions that are due, for stock on the day of their launch."""
    for _, vendor in sorted(model.vendors.items()):
        if isinstance(vendor, DesigningVendor):
            vendor.bring_out_versions(model)


def regulators_locate_diverted_chips(model: Model) -> None:
    """Where chips must report where they are, diverted ones are found, and switched off where they run."""
    switch_off_found(model)


def users_choose_models(model: Model) -> None:
    """Users want more tokens, and some leave their model for a better one."""
    model.users.choose(model)


def clouds_reassign_capacity(model: Model) -> None:
    """Contracts that end free chips, customers find room at the clouds that have it, and the price of tokens moves."""
    serve_the_month(model)
    model.measure_domestic_share()


def week_is_told(model: Model) -> None:
    """Who was refused what for the first time is told, and which shell companies came, left or are back."""
    model.chronicle.tell_week(model)


SCHEDULE: tuple[Phase, ...] = (
    monthly(month_is_told),
    daily(governments_publish),
    daily(vendors_cancel_refused_orders),
    daily(vendors_answer_acts),
    daily(dated_models_are_released),
    daily(models_are_ported),
    daily(investors_take_in_news),
    daily(firms_pay_out),
    daily(equities_clear),
    daily(trades_are_charged),
    quarterly(managers_take_fees),
    quarterly(quarter_closes),
    daily(firms_report_earnings),
    quarterly(budgets_are_set),
    quarterly(vendors_review_designs),
    monthly(regulators_locate_diverted_chips),
    monthly(users_choose_models),
    monthly(clouds_reassign_capacity),
    weekly(governments_decide_licences),
    monthly(governments_review_policy),
    weekly(special_versions_come_out),
    weekly(vendors_quote),
    weekly(clouds_order_chips),
    weekly(brokers_order_chips),
    weekly(vendors_take_orders),
    weekly(vendors_produce),
    weekly(supply_is_allocated),
    weekly(goods_arrive),
    weekly(grey_market_clears),
    weekly(brokers_enter_and_leave),
    weekly(labs_train),
    weekly(labs_evaluate_candidates),
    weekly(labs_review_launches),
    weekly(week_is_told),
)
