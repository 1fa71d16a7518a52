"""P7: purchases that clouds and shell companies wanted and were refused, counted by paragraph and instrument."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest

from abm import HISTORICAL, NO_CONTROLS, Model
from abm.gates import DENIED
from abm.policy import Policy
from abm.policy.statutes import RULE_2023_10
from abm.scenario.reference import Scenario
from tests.laws.runs import QUICK, shared

UNTIL = date(2025, 2, 14)
UNLISTED = Policy("unlisted", "no listings", tuple(
    replace(one, responds_to=None) for one in HISTORICAL.instruments if one.kind != "EntityListing"))


@pytest.fixture(scope="module")
def historical() -> Model:
    return shared(UNTIL)


@pytest.fixture(scope="module")
def unlisted() -> Model:
    return shared(UNTIL, policy=UNLISTED)


def denied(model: Model) -> dict[str, int]:
    """Refused purchases so far by their cause."""
    return {key.removeprefix(DENIED): count for key, count in model.tally.items() if key.startswith(DENIED)}


def by_paragraph(model: Model, paragraph: str) -> int:
    """Refused purchases under a paragraph."""
    return sum(count for cause, count in denied(model).items() if cause.startswith(f"{paragraph} ("))


def measured(model: Model, observable: str) -> list[tuple]:
    """The rows of one observable."""
    return [row for row in model.record.series if row[1] == observable]


def test_the_listing_of_one_buyer_leaves_what_shells_do_as_it_is(historical, unlisted):
    """In six weeks the same lots pass customs by the same routes, and the same are seized, to the chip.

    What buyers then take of them cannot be the same: chips that the listed buyer is refused go to others, who lack less
    and bid less for diverted ones.
    """
    ours, theirs = ({what: units for what, units in model.tally.items() if what.startswith(("past customs", "seized"))}
                    for model in (historical, unlisted))
    assert ours == theirs and len(ours) >= 4


@pytest.mark.xfail(strict=False, reason="what the listed buyer lacks now moves what it bids for diverted chips")
def test_the_listing_of_one_buyer_leaves_diversion_as_it_is(historical, unlisted):
    """In six weeks nothing more or less is diverted."""
    assert historical.record.summary["diverted_units"] == unlisted.record.summary["diverted_units"]


def test_listings_deny_purchases_and_without_them_nothing_does_under_their_paragraph(historical, unlisted):
    """Stocks and seizures are the same; what is diverted differs by a hundredth at most: the listed buyer needs other chips."""
    assert by_paragraph(historical, "744.11") > 0 == by_paragraph(unlisted, "744.11")
    assert by_paragraph(historical, "3A090.a") > 0 < by_paragraph(unlisted, "3A090.a")
    for same in ("price", "volume"):
        assert measured(historical, same) == measured(unlisted, same) != []
    ours, theirs = historical.record.summary, unlisted.record.summary
    assert ours["seized_units"] == theirs["seized_units"]
    assert abs(ours["diverted_units"] / theirs["diverted_units"] - 1) <= 0.01


def test_without_controls_nothing_is_denied():
    assert denied(shared(date(2025, 1, 24), policy=NO_CONTROLS)) == {}


def test_what_is_measured_each_month_only_grows_and_never_passes_the_total(historical):
    series = defaultdict(list)
    for day, _, cause, count in measured(historical, "denied_purchases"):
        assert day == min(one for one in historical.calendar if (one.year, one.month) == (day.year, day.month))
        series[cause].append(count)
    assert series and all(counts == sorted(counts) for counts in series.values())
    assert all(counts[-1] <= denied(historical)[cause] for cause, counts in series.items())


def test_every_cause_names_a_paragraph_and_an_instrument_in_force(historical):
    names = {one.name for day in (UNTIL, historical.calendar[0]) for one in HISTORICAL.in_force(day)}
    for cause in denied(historical):
        paragraph, _, instrument = cause.removesuffix(")").partition(" (")
        assert paragraph not in ("", "None", "?") and instrument in names


def owned_by_listed(share: float) -> Scenario:
    """The world in which a listed party owns a share of the operator in Johor."""
    owned = [replace(one, parent="SMIC", parent_share=share) if one.id == "johor_operator" else one for one in QUICK.actors]
    return replace(QUICK, actors=tuple(owned))


@pytest.mark.parametrize(("share", "refused"), [(1.0, True), (0.5, False)])
def test_a_cloud_is_refused_for_its_owner(share, refused):
    """Before the Affiliates Rule: where the listed party owns all of it, and not where it owns half."""
    model = shared(date(2025, 1, 24), world=owned_by_listed(share))
    assert any(cause == "744.11 (us_entities_2020_12)" for cause in denied(model)) == refused
    orders = [one for vendor in model.vendors.values() for one in vendor.order_book if one.buyer == "johor_operator"]
    assert bool(orders) != refused


def test_shell_companies_that_are_denied_are_counted():
    transit = replace(RULE_2023_10, denied=(*RULE_2023_10.denied, "SG", "MY", "AE"))
    closed = shared(date(2025, 1, 24), policy=HISTORICAL.amended("closed transit", transit))
    opened = shared(date(2025, 1, 24))
    cause = f"3A090.a ({RULE_2023_10.name})"
    assert denied(closed)[cause] > denied(opened)[cause]
