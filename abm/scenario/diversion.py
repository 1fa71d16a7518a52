"""Routes by which chips reach China against the rules, and the customs officers who look for them (section 4.4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.declare import Section, number


@dataclass(frozen=True, kw_only=True)
class Diversion(Section):
    """Routes, inspections, and how sellers and buyers of diverted chips wait for a better price."""

    # routes
    longest_record: float = number(
        2.0, "year", "time before the opening over which the shells of the opening were founded, evenly",
        source="assumption-opening-shells", basis="assumed", low=0.0, high=10.0)
    opening_licences: float = number(
        0.5, "1", "part of the lots a shell may have on order that its licence still covers at the opening",
        source="assumption-opening-shells", basis="assumed", low=0.0, high=1.0)
    servers_open: int = number(
        1, "1", "whether whole servers can be diverted (1) or not (0)", source="epoch-smuggling", basis="estimated",
        low=0, high=1)
    resale_open: int = number(
        1, "1", "whether cards can be resold through shells (1) or not (0)", source="epoch-smuggling",
        basis="estimated", low=0, high=1)
    both_routes: float = number(
        0.5, "1", "part of owners who have suppliers of servers and of cards; half of the others have either",
        source="assumption-routes", basis="assumed", low=0.0, high=1.0)
    server_lot: float = number(
        2.0, "1", "chips in a lot of whole servers over those in the same seller's lot of cards",
        source="assumption-routes", basis="assumed", low=1.0, high=20.0)
    server_cost: float = number(
        0.3, "1", "cost of moving a chip inside a whole server over that of moving a card", source="assumption-routes",
        basis="assumed", low=0.0, high=2.0, fit=True)
    impatience: float = number(
        1.0, "1/year", "rate at which a broker discounts a margin for the wait until the chips are delivered",
        source="assumption-routes", basis="assumed", low=0.0, high=3.0)
    patience: int = number(
        26, "week", "weeks without a lot after which a shell is given up", source="assumption-entry", basis="assumed",
        low=4, high=104)

    shells_singapore: float = number(
        1.0, "1", "weight of Singapore among the countries in which shells are founded", source="assumption-routes",
        basis="assumed", low=0.0, high=10.0)
    shells_malaysia: float = number(
        1.0, "1", "weight of Malaysia among the countries in which shells are founded", source="assumption-routes",
        basis="assumed", low=0.0, high=10.0)
    shells_emirates: float = number(
        1.0, "1", "weight of the Emirates among the countries in which shells are founded", source="assumption-routes",
        basis="assumed", low=0.0, high=10.0)

    # renting abroad
    rental_margin: float = number(
        0.5, "1", "what an offshore operator asks for a chip's use over what the chip costs it",
        source="assumption-rental", basis="assumed", low=0.0, high=2.0, fit=True)
    rented_training: float = number(
        0.75, "1", "part of training that buyers in China could do abroad (1: all of it); of state-funded ones none",
        source="bytedance-abroad", basis="assumed", low=0.2, high=1.0)
    rental_spread: float = number(
        1.0, "1", "spread of needs between renting and legal chips, over that between either and diverted ones",
        source="assumption-rental-choice", basis="assumed", low=0.05, high=1.0)
    rental_limited: int = number(
        1, "1", "whether an operator rents out no more than it can order, at a rent that clears (1), or all that is wanted (0)",
        source="assumption-rental-choice", basis="assumed", low=0, high=1)
    rental_open: int = number(
        1, "1", "whether China's buyers can rent from offshore operators (1) or not (0)", source="assumption-rental",
        basis="assumed", low=0, high=1)

    # customs
    officers: float = number(
        2.0, "officer", "export control officers who cover the transit countries (one for South-East Asia, one for the Gulf)",
        source="assumption-inspections", basis="estimated", low=0.0, high=100.0)
    officer_inspections: float = number(
        75.0, "1/year", "shipments of chips that one officer has inspected in a year at an effort of 1",
        source="assumption-inspections", basis="assumed", low=0.0, high=500.0)
    inspection_misses: float = number(
        0.3, "1", "chance that an inspected lot is diverted and passes all the same", source="assumption-inspections",
        basis="assumed", low=0.0, high=1.0)
    random_inspections: float = number(
        0.2, "1", "part of inspections that falls on shipments at random, not on the most suspicious",
        source="assumption-inspections", basis="assumed", low=0.0, high=1.0)
    suspicion_noise: float = number(
        1.0, "1", "spread of what officers see in a shipment beside size and age of the shipper (Gumbel, log scale)",
        source="assumption-inspections", basis="assumed", low=0.0, high=10.0)
    young_suspicion: float = number(
        0.5, "1", "log suspicion added to shipments of firms founded within a year", source="assumption-inspections",
        basis="assumed", low=0.0, high=3.0)
    young_lawful: float = number(
        0.15, "1", "part of lawful shipments that firms founded within a year send", source="assumption-inspections",
        basis="assumed", low=0.0, high=1.0)
    lawful_shipments: int = number(
        30, "1/week", "lawful shipments that leave each transit country and look like a broker's",
        source="assumption-inspections", basis="assumed", low=0, high=300)

    records: int = number(
        1, "1", "whether officers choose by what they have on file about a firm (1) or not (0)",
        source="assumption-records", basis="assumed", low=0, high=1)
    record_weight: float = number(
        1.0, "inspection", "inspections that what officers believe of an unknown firm weighs as much as",
        source="assumption-records", basis="assumed", low=0.1, high=50.0)
    record_memory: float = number(
        0.98, "1", "part of what is on file about a firm that still counts after a week", source="assumption-records",
        basis="assumed", low=0.5, high=1.0)

    # selling openly in the transit country
    resale_discount: float = number(
        0.1, "1", "part of the list price that a shell which sells chips openly where it is gives up (1: it cannot)",
        source="assumption-open-resale", basis="assumed", low=0.0, high=1.0)

    # waiting for a better price
    storage: float = number(
        2.0, "1", "how strongly brokers hold stock back when the price is below the one they expect (0: not at all)",
        source="assumption-storage", basis="assumed", low=0.0, high=10.0)
    waiting: float = number(
        2.0, "1", "how strongly buyers wait when the price is above the one they expect (0: not at all)",
        source="assumption-storage", basis="assumed", low=0.0, high=10.0)
    supply_weeks: float = number(
        8.0, "week", "span of the average of what is offered, by which a week without any offer is priced",
        source="assumption-storage", basis="assumed", low=1.0, high=52.0)

    def transit(self) -> dict[str, float]:
        """Weights of the countries through which chips are diverted, by country code."""
        return {"AE": self.shells_emirates, "MY": self.shells_malaysia, "SG": self.shells_singapore}
