"""Rulings are those of a slow, plain recomputation, whoever asks, in whatever order and however often."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from abm.offers import Transaction
from abm.policy import EMPTY_RECORD, HISTORICAL, POLICIES, LicenceSnapshot, Policy
from abm.policy.countries import GROUP
from abm.policy.export_control import AffiliatesRule, EntityListing, ExportControl
from abm.policy.gate import MOST_CASES
from abm.policy.instrument import CN, DENY, GOVERNMENTS, US, Catch, Instrument
from abm.policy.levy import Levy
from abm.policy.licence import Licensing
from abm.policy.purchase_guidance import PurchaseGuidance
from abm.policy.quota import CustomerCap
from abm.policy.statutes import DIFFUSION_2025_01
from tests.benchmarks.rulings import BUYERS, historical, mix, plainly
from tests.policy.plain_rulings import plain_review
from tests.policy.sales import CHIPS, PLAIN, sale

DAY = {"public": date(2023, 5, 1), "effective": date(2023, 5, 1), "cites": "a user's own"}


def fast_or_named(chip):
    """A test that a user may write: a plain function of the chip."""
    if chip.bandwidth_gbs is None:
        return "?"
    return "own rule" if chip.bandwidth_gbs > 900 or chip.name == "Plain" else None


@dataclass(frozen=True, kw_only=True)
class LargeSales(Instrument):
    """An instrument that a user may write: it asks for the number of chips, the buyer's licences, and the day."""

    above: int = 1_000

    def catch(self, transaction, record):
        """A denial of large sales without a licence, in the second half of a year."""
        open_units = record.licensed(transaction.chip.name, transaction.buyer)
        if transaction.quantity > self.above + open_units and transaction.date.month > 6:
            return Catch(self, "large sale", DENY, 0.0, 0)
        return None


@dataclass(frozen=True, kw_only=True)
class SmallSalesApart(ExportControl):
    """A control that a user may make out of ours: it lets small sales pass."""

    def catch(self, transaction, record):
        """As the control, for more than a hundred chips."""
        return super().catch(transaction, record) if transaction.quantity > 100 else None


@dataclass(frozen=True, kw_only=True)
class LevyOnSmallSales(Levy):
    """A levy that a user may make out of ours."""

    def rate_on(self, transaction, under):
        """As the levy, for fewer than two thousand chips."""
        return super().rate_on(transaction, under) if transaction.quantity < 2_000 else 0.0


@dataclass(frozen=True, kw_only=True)
class HarderForLargeSales(Licensing):
    """A licence that a user may make out of ours."""

    def review(self, paragraph, transaction, record):
        """As ours, with odds that fall with the number of chips."""
        ours = super().review(paragraph, transaction, record)
        return ours._replace(approval_probability=ours.approval_probability / (1 + transaction.quantity / 1_000))


OWN = Policy("own", "a user's", (
    ExportControl(name="own_control", title="own", government=US, denied=("CN", "D:4"), approved=("D:1", "SG"),
                  follows_parent=True, test=fast_or_named, notice_for=("never",), **DAY),
    LargeSales(name="large", title="large", government=US, **DAY),
    SmallSalesApart(name="small_apart", title="apart", government=US, denied=("MY",), test=fast_or_named, **DAY),
    EntityListing(name="own_list", title="listed", government=US, entities=("Tencent", "SMIC"), **DAY),
    EntityListing(name="second_list", title="listed", government=US, entities=("smic", "alibaba"), **DAY),
    AffiliatesRule(name="own_affiliates", title="a third", government=US, share=0.3, **DAY),
    Licensing(name="own_licence", title="for two", government=US, eases=("own_control",), test=fast_or_named,
              customers=("Alibaba", "a trader"), quotas=(CustomerCap(chips=700),), **DAY),
    Licensing(name="old_licence", title="for all", government=US, eases=("own_control", "large"), test=fast_or_named,
              **DAY | {"public": date(2023, 4, 3), "effective": date(2023, 4, 3)}),
    PurchaseGuidance(name="own_guidance", title="guidance", government=CN, test=fast_or_named, **DAY),
    PurchaseGuidance(name="own_ban", title="ban", government=CN, test=fast_or_named, banned=True,
                     end_uses=("state_funded",), **DAY),
))
CONTROL = OWN.instrument("own_control")
FOR_SOME = Policy("for_some", "a licence for some, without a quota", (CONTROL, Licensing(
    name="licence", title="for some", government=US, eases=("own_control",), test=fast_or_named,
    customers=("Alibaba", "a trader"), **DAY)))
SMALL_LEVIED = Policy("small_levied", "a levy that reads the quantity", (CONTROL, LevyOnSmallSales(
    name="own_levy", title="levy", government=US, places=("CN", "SG"), rate=0.1, **DAY)))
HARDER = Policy("harder", "a licence that reads the quantity", (CONTROL, HarderForLargeSales(
    name="licence", title="for all", government=US, eases=("own_control",), test=fast_or_named, **DAY)))
KEPT = HISTORICAL.amended("caps_kept", replace(DIFFUSION_2025_01, ends=None, agreements=("AE",)))
ASKED = (*POLICIES.values(), OWN, FOR_SOME, SMALL_LEVIED, HARDER, KEPT)

NAMES = ("alibaba", "Alibaba", "tencent", "smic", "a trader", "Zhipu AI", "zhipu", "huawei", "High-Flyer", "Inspur Group")
DESIGNS = (*CHIPS, PLAIN, replace(PLAIN, tpp=9000.0), replace(PLAIN, die_mm2=None, tpp=3000.0),
           replace(CHIPS[4], bandwidth_tbs=0.2), replace(CHIPS[4], tpp=2500.0, made_for=None))

transactions = st.builds(
    Transaction, chip=st.sampled_from(DESIGNS), seller=st.just("a vendor"), buyer=st.sampled_from(NAMES),
    destination=st.one_of(st.just("CN"), st.sampled_from(sorted(GROUP))), parent=st.sampled_from(NAMES),
    parent_country=st.one_of(st.just("CN"), st.sampled_from(sorted(GROUP))),
    end_use=st.sampled_from(("commercial", "state_funded", "military")), quantity=st.sampled_from((1, 90, 800, 5_000, 90_000)),
    date=st.one_of(
        st.dates(min_value=date(2022, 1, 1), max_value=date(2026, 12, 31)),
        st.dates(min_value=date(2025, 9, 20), max_value=date(2025, 11, 20))),
    parent_share=st.sampled_from((1.0, 1.0, 0.99, 0.5, 0.49, 0.3, 0.0)))
units = st.integers(min_value=0, max_value=100_000)
instruments = st.sampled_from([one.name for one in (*HISTORICAL.instruments, *OWN.instruments)])
chip_names = st.sampled_from([chip.name for chip in DESIGNS])
records = st.one_of(st.just(EMPTY_RECORD), st.builds(
    LicenceSnapshot, open_units=st.dictionaries(st.tuples(chip_names, st.sampled_from(NAMES)), units, max_size=20),
    approved=st.dictionaries(st.tuples(instruments, chip_names, st.sampled_from(NAMES)), units, max_size=20),
    home_sales=st.dictionaries(chip_names, units, max_size=20),
    processing=st.dictionaries(st.tuples(instruments, st.sampled_from(("MY", "SG", "alibaba"))), st.floats(0, 2e9))))


@given(policy=st.sampled_from(ASKED), both=st.tuples(transactions, transactions), record=records,
       government=st.sampled_from(GOVERNMENTS))
@settings(max_examples=1_500, deadline=None)
def test_a_ruling_is_that_of_the_plain_recomputation(policy, both, record, government):
    one, other = both
    alike = replace(one, buyer=other.buyer, parent=other.parent, quantity=other.quantity, parent_share=other.parent_share)
    for transaction in (one, alike, replace(alike, quantity=one.quantity), one):
        expected = plain_review(policy, transaction, record, government)
        assert policy.review(transaction, record, government) == expected
        assert expected.licence is None or (expected.paragraph and expected.instrument)


@given(policy=st.sampled_from(ASKED), transaction=transactions, record=records, government=st.sampled_from(GOVERNMENTS))
@settings(max_examples=200, deadline=None)
def test_chips_of_one_name_are_told_apart(policy, transaction, record, government):
    for chip in (CHIPS[2], PLAIN, CHIPS[4], replace(CHIPS[2], vendor_country="CN"), replace(CHIPS[4], datacentre=False)):
        namesake = replace(transaction, chip=replace(chip, name="Namesake"))
        assert policy.review(namesake, record, government) == plain_review(policy, namesake, record, government)


@given(transaction=transactions, government=st.sampled_from(GOVERNMENTS))
@settings(max_examples=100, deadline=None)
def test_a_policy_that_has_ruled_and_travelled_rules_the_same(transaction, government):
    answer = HISTORICAL.review(transaction, EMPTY_RECORD, government)
    travelled = pickle.loads(pickle.dumps(HISTORICAL))
    assert travelled == HISTORICAL and travelled.review(transaction, EMPTY_RECORD, government) == answer


@dataclass(frozen=True, kw_only=True)
class Grace(Licensing):
    """A licence that a user may make out of ours, which eases whatever catches a sale of few chips."""

    def ease(self, caught, paragraphs, transaction):
        """Few chips are enough."""
        return "grace" if transaction.quantity < 10 else None


def test_a_licence_of_a_kind_of_its_own_is_always_asked():
    grace = Grace(name="grace", title="grace", government=US, eases=(), test=lambda chip: None, **DAY)
    policy = Policy("grace", "eases by number", (CONTROL, grace))
    answers = [
        policy.review(sale("H20 SXM", date(2024, 6, 3), quantity=quantity), EMPTY_RECORD, US) for quantity in (9, 10, 9)]
    assert [one.instrument for one in answers] == ["grace", "own_control", "grace"]


def test_what_a_gate_keeps_is_bounded_and_does_not_travel():
    policy = HISTORICAL.amended("fresh")
    plain_weight = len(pickle.dumps(policy))
    for amount in range(2 * MOST_CASES):
        policy.review(sale(replace(PLAIN, name=f"Design {amount}"), date(2024, 6, 3)), EMPTY_RECORD, US)
    gates = {id(gate): gate for gates in policy._gates.values() for gate in gates}
    assert MOST_CASES // 2 < max(len(gate._cases) for gate in gates.values()) <= MOST_CASES
    assert len(pickle.dumps(policy)) == plain_weight


def test_an_equal_chip_gets_the_answer_kept_and_a_namesake_does_not():
    policy = HISTORICAL.amended("fresh")
    answers = {
        label: policy.review(sale(chip, date(2024, 6, 3)), EMPTY_RECORD, US)
        for label, chip in (("one", replace(PLAIN)), ("equal", replace(PLAIN)), ("namesake", replace(PLAIN, tpp=9000.0)),
                            ("again", replace(PLAIN)))}
    assert answers["one"] is answers["equal"] and answers["one"] == answers["again"]
    assert answers["one"].permitted and not answers["namesake"].permitted


def test_most_answers_are_kept():
    """Without this the speed is gone: a chip that no open licence concerns is asked once."""
    asked = []

    def counted(chip):
        asked.append(chip.name)
        return "rule"

    control = ExportControl(name="control", title="counts", government=US, denied=("CN",), test=counted, **DAY)
    policy = Policy("counting", "counts", (control,))
    first = policy.review(sale("H20 SXM", date(2024, 6, 3)), EMPTY_RECORD, US)
    for quantity in (1, 2, 3):
        again = policy.review(sale("H20 SXM", date(2024, 6, quantity), quantity=quantity, buyer="b"), EMPTY_RECORD, US)
        assert again is first
    assert asked == ["H20 SXM"]


def test_the_mix_of_the_benchmark_is_what_it_says_and_answered_plainly():
    transactions = mix()
    assert {one.chip.name for one in transactions} == {chip.name for chip in CHIPS}
    assert {one.buyer for one in transactions} == {buyer for buyer, *_ in BUYERS}
    assert {one.date.year for one in transactions} == {2022, 2023, 2024, 2025, 2026}
    assert {one.quantity for one in transactions} == {1, 5_000}
    for government in GOVERNMENTS:
        answers = [(historical(one, government), plainly(one, government)) for one in transactions[::5]]
        assert all(mine == theirs for mine, theirs in answers)
        assert {mine.licence for mine, _ in answers} >= {None, "deny", "case_by_case"}
