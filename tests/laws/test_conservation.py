"""Nothing appears and nothing vanishes: chips, money, shares and serving capacity are accounted for to the unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from abm import NO_CONTROLS, Model
from abm.agents.broker import SEIZED
from abm.agents.domestic_vendor import MEMORY_MAKERS
from abm.agents.gathering import ELSEWHERE
from abm.agents.location import DISABLED
from abm.agents.payouts import EXCHANGE, MANAGERS
from abm.agents.vendor import FOUNDRY
from abm.books import OUTSIDE, USD, Books, BooksError, capacity_asset, chip_asset, share_asset
from abm.calendar import Cadence
from abm.policy import POLICIES
from abm.schedule import SCHEDULE, Phase
from abm.units import cents
from tests.laws.runs import HISTORICAL, QUICK, chip_holders, finished, model_of

UNTIL = date(2025, 6, 30)
DOMESTIC = ("huawei", "cambricon")
STRICT = QUICK.vary({"conduct.detection_floor": 0.3, "diversion.officers": 100.0})
LOCATED = replace(
    POLICIES["location_verification"].instrument("us_location_2025_07"), public=date(2025, 1, 31),
    effective=date(2025, 1, 31), reporting_share=0.8, location_hazard=6.0)
POLICY = {"no controls": NO_CONTROLS, "chips located": HISTORICAL.amended("chips located", LOCATED)}


@pytest.fixture(scope="module", params=["historical", "no controls", "strict customs", "chips located"])
def model(request) -> Model:
    policy = POLICY.get(request.param, HISTORICAL)
    return finished(UNTIL, policy=policy, world=STRICT if request.param == "strict customs" else QUICK)


def made(model: Model) -> list[str]:
    """Every kind of chip that has come into the world."""
    return [chip for chip in sorted(model.chips) if model.books.outside.get(chip_asset(chip))]


def test_every_chip_that_was_made_is_somewhere(model):
    for chip in made(model):
        places = Counter()
        for holder, units in chip_holders(model, chip).items():
            places[place(model, holder)] += units
        seized = model.books.balance(SEIZED, chip_asset(chip))
        disabled = model.books.balance(DISABLED, chip_asset(chip))
        abroad = model.books.balance(ELSEWHERE, chip_asset(chip))
        assert -model.books.balance(FOUNDRY, chip_asset(chip)) == sum(places.values()) + seized + disabled + abroad
        assert places["in stock"] == sum(vendor.stock(model, chip) for vendor in model.vendors.values())
        assert places["in progress"] == sum(sum(v.pipeline.get(chip, [])) for v in model.vendors.values())
        assert places["in transit"] == sum(lot.quantity for lot in model.lots if lot.chip == chip)


def place(model: Model, holder: str) -> str:
    """Where a holder's chips are; fails for a holder of no known kind."""
    name, _, account = holder.partition("|")
    if account:
        known = {
            "in transit": {*model.clouds, *model.brokers}, "in progress": set(model.vendors), "gathering": set(model.brokers),
        }
        assert name in known[account], holder
        return account
    groups = {"installed": model.clouds, "in stock": model.vendors, "at brokers": model.brokers}
    (found,) = (what for what, group in groups.items() if name in group)
    return found


def test_goods_on_the_way_are_those_of_the_lots(model):
    lots, held = Counter(), Counter()
    for lot in model.lots:
        lots[lot.holder, lot.chip] += lot.quantity
    for chip in made(model):
        for holder, units in chip_holders(model, chip).items():
            if holder.endswith("|in transit"):
                held[holder.removesuffix("|in transit"), chip] += units
    assert lots == held and lots.total() > 0


def test_seized_chips_are_those_that_were_counted(model):
    seized = sum(model.books.balance(SEIZED, chip_asset(chip)) for chip in made(model))
    assert seized == model.tally.get("seized_units", 0)
    lots = sum(regulator.detected_lots for regulator in model.regulators.values())
    assert (seized > 0) == (lots > 0)
    assert seized > 0 or model.world is not STRICT


def test_chips_switched_off_are_those_that_were_counted(model):
    gone = {chip: model.books.balance(DISABLED, chip_asset(chip)) for chip in made(model)}
    assert gone == {chip: model.books.balance(DISABLED, capacity_asset(chip)) for chip in made(model)}
    by_cloud = Counter()
    for cloud in model.clouds.values():
        by_cloud.update(cloud.switched_off)
    assert +Counter(gone) == by_cloud and by_cloud.total() == model.tally.get("disabled_units", 0)
    assert (by_cloud.total() > 0) == (model.policy.name == "chips located")


def test_only_foundries_make_chips_and_only_governments_take_them(model):
    for chip in made(model):
        assert set(model.books.outside[chip_asset(chip)]) <= {FOUNDRY, SEIZED, DISABLED, ELSEWHERE}


def test_memory_is_never_short_and_imports_are_paid(model):
    bought = sum(model.vendors[name].memory_imported for name in DOMESTIC)
    assert all(model.vendors[name].memory_stacks >= 0 for name in DOMESTIC)
    assert model.books.balance(MEMORY_MAKERS, USD) == bought * cents(model.world.technology.memory_price)


def test_installed_chips_are_those_in_the_books_by_every_route(model):
    for name, cloud in model.clouds.items():
        by_route = Counter()
        for (chip, _), units in cloud.origins.items():
            by_route[chip] += units
        held = {chip: model.books.balance(name, chip_asset(chip)) for chip in made(model)}
        assert +by_route == {chip: units for chip, units in held.items() if units}


def test_capacity_is_that_of_the_chips_installed(model):
    for name, cloud in model.clouds.items():
        own = set(cloud.uses())
        for chip in made(model):
            accounts = model.books.accounts.get(capacity_asset(chip), {})
            mine = {account: units for account, units in accounts.items() if account.partition("|")[0] == name}
            assert set(mine) <= own
            assert sum(mine.values()) == model.books.balance(name, chip_asset(chip))


def test_shares_are_those_outstanding(model):
    for j, security in enumerate(model.world.securities):
        asset = share_asset(security.ticker)
        retired = model.books.flows.get((f"buy-back {security.ticker}", asset), 0)
        left = security.shares_outstanding - retired
        assert int(model.books.crowd_shares[:, j].sum()) == left == model.equities.outstanding[j]
        assert int(model.equities.crowd.strategic[:, j].sum()) == left and (retired > 0) == (security.buyback_rate > 0)
        assert model.books.holders(asset) == [(f"{OUTSIDE}issuers", -left)]


def test_investors_money_comes_from_savers_and_firms_and_goes_to_savers_and_those_who_serve_them(model):
    books = model.books
    paid = sum(n for (why, asset), n in books.flows.items() if asset == USD and why.startswith(("dividend ", "buy-back ")))
    served = books.balance(EXCHANGE, USD) + books.balance(MANAGERS, USD)
    assert paid > 0 and served > 0
    assert int(books.crowd_cash.sum()) == paid - served - books.balance(f"{OUTSIDE}savers", USD)


def test_nobody_inside_owes_and_shells_keep_no_money(model):
    for asset, accounts in model.books.accounts.items():
        assert all(units > 0 for units in accounts.values()), asset
    assert not set(model.books.accounts[USD]) & set(model.brokers)
    assert int(model.books.crowd_cash.min()) >= 0 and int(model.books.crowd_shares.min()) >= 0


# every change of the books is a recorded transaction --------------------------------------------------------


def recorded_moves(monkeypatch) -> tuple[Counter, Counter]:
    """What every transaction from now on does to named holders, and the flows they make, as they are called."""
    ledger, flows = Counter(), Counter()
    move, pay, collect, buy_back = Books.move, Books.pay_crowd, Books.collect, Books.buy_back

    def note(reason, asset, amount, *, giver=None, taker=None):
        if giver != taker:
            ledger[asset, giver] -= amount
            ledger[asset, taker] += amount
            flows[reason, asset] += amount

    def moved(self, asset, amount, *, giver, taker, reason):
        move(self, asset, amount, giver=giver, taker=taker, reason=reason)
        note(reason, asset, amount, giver=giver, taker=taker)

    def paid(self, amounts, *, giver, reason):
        pay(self, amounts, giver=giver, reason=reason)
        note(reason, USD, int(amounts.sum()), giver=giver)

    def collected(self, amounts, *, taker, reason):
        collect(self, amounts, taker=taker, reason=reason)
        note(reason, USD, int(amounts.sum()), taker=taker)

    def bought(self, j, tendered, price, *, payer, reason):
        buy_back(self, j, tendered, price, payer=payer, reason=reason)
        note(reason, share_asset(self.tickers[j]), int(tendered.sum()), taker=f"{OUTSIDE}issuers")

    for name, method in {"move": moved, "pay_crowd": paid, "collect": collected, "buy_back": bought}.items():
        monkeypatch.setattr(Books, name, method)
    return ledger, flows


def test_the_books_are_the_sum_of_recorded_flows(monkeypatch):
    ledger, flows = recorded_moves(monkeypatch)
    model = finished(date(2025, 3, 31))
    for security in model.world.securities:
        ledger[share_asset(security.ticker), f"{OUTSIDE}issuers"] -= security.shares_outstanding
    opening = int(model.equities.crowd.cash.sum())
    ledger[USD, f"{OUTSIDE}savers"] -= opening
    assert opening + ledger.pop((USD, None)) == int(model.books.crowd_cash.sum())
    crowd = {share_asset(ticker): int(n) for ticker, n in zip(
        model.equities.tickers, model.books.crowd_shares.sum(axis=0), strict=True)}
    for security in model.world.securities:
        asset = share_asset(security.ticker)
        assert security.shares_outstanding + ledger.pop((asset, None), 0) == crowd[asset]
    sides = (model.books.accounts, model.books.outside)
    held = {(asset, who): n for side in sides for asset, of in side.items() for who, n in of.items()}
    assert {key: amount for key, amount in ledger.items() if amount} == held
    assert {key: amount for key, amount in flows.items() if amount} == model.books.flows


# the check bites ----------------------------------------------------------------------------------------------


def add_chips(model: Model) -> None:
    """Give a cloud a chip that nobody made."""
    model.books.accounts[chip_asset("H20 SXM")]["alibaba"] += 1


def lose_money(model: Model) -> None:
    """Let a cent of a cloud vanish."""
    model.books.accounts[USD]["alibaba"] -= 1


def lose_capacity(model: Model) -> None:
    """Let the serving of a chip vanish."""
    accounts = model.books.accounts[capacity_asset("H20 SXM")]
    accounts[min(accounts)] -= 1


def add_shares(model: Model) -> None:
    """Give an investor a share that nobody issued."""
    model.books.crowd_shares[3, 0] += 1


def lose_cash(model: Model) -> None:
    """Let a cent of an investor vanish."""
    model.books.crowd_cash[5] -= 1


def leak_outside(model: Model) -> None:
    """Let an account outside change without a transaction."""
    model.books.outside[USD][f"{OUTSIDE}owners"] += 1


def overdraw(model: Model) -> None:
    """Take from a cloud more than it has, and give it to another."""
    accounts = model.books.accounts[chip_asset("H20 SXM")]
    accounts["baidu"] += accounts["alibaba"] + 7
    accounts["alibaba"] = -7


def tampered_after(name: str, tampering) -> tuple[Phase, ...]:
    """The schedule with a phase put after another."""
    here = [phase.name for phase in SCHEDULE].index(name) + 1
    extra = Phase(tampering.__name__, Cadence.DAILY, tampering.__doc__, tampering)
    return (*SCHEDULE[:here], extra, *SCHEDULE[here:])


@pytest.mark.parametrize(
    "tampering, asset",
    [
        (add_chips, "chip:H20 SXM"), (lose_money, "USD"), (lose_capacity, "capacity:H20 SXM"),
        (add_shares, "share:"), (lose_cash, "USD"), (leak_outside, "USD"), (overdraw, "alibaba is overdrawn by 7"),
    ],
)  # fmt: skip
def test_a_leak_is_reported_with_its_phase_and_asset(monkeypatch, tampering, asset):
    model = model_of(date(2025, 1, 31))
    monkeypatch.setattr("abm.model.SCHEDULE", tampered_after("goods_arrive", tampering))
    with pytest.raises(BooksError, match=f"^after {tampering.__name__}: .*{asset}"):
        model.run()


def test_a_phase_that_leaks_is_named_itself(monkeypatch):
    leaking = "vendors_produce"

    def run(model: Model) -> None:
        add_chips(model)

    schedule = tuple(replace(phase, run=run) if phase.name == leaking else phase for phase in SCHEDULE)
    monkeypatch.setattr("abm.model.SCHEDULE", schedule)
    with pytest.raises(BooksError, match=f"^after {leaking}: .1 of chip:H20 SXM came from nowhere"):
        model_of(date(2025, 1, 31)).run()


def test_the_books_are_checked_after_every_phase(monkeypatch):
    names = []
    monkeypatch.setattr(Books, "check", lambda self, *, after: names.append(after))
    model_of(date(2025, 1, 1)).run()
    assert names == ["opening", *(phase.name for phase in SCHEDULE)]
