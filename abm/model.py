"""The model: a run is a function of scenario, policy and seed, bit for bit. It builds, steps and measures; no I/O."""

from __future__ import annotations

from datetime import date, timedelta

import mesa

from abm import opening
from abm.agents.broker import FINANCIERS, Broker
from abm.agents.cloud import Cloud
from abm.agents.government import Government
from abm.agents.investor import InvestorClass, burn_in, create_investors
from abm.agents.lab import Lab
from abm.agents.location import grey_worth
from abm.agents.regulator import Regulator
from abm.agents.vendor import Vendor
from abm.books import USD, Books
from abm.calendar import months_between, trading_days, years_between
from abm.chance import Chance
from abm.chronicle import Chronicle
from abm.daily_digest import DailyDigest
from abm.elementary import exp
from abm.errors import InputError
from abm.feared_rules import FearedRules
from abm.gates import Gates
from abm.memory import Memory
from abm.observables import OBSERVABLES
from abm.observe import Record, measure, summarise
from abm.offers import Lot, Order
from abm.orders import OpenOrders
from abm.picture import HOME, Picture
from abm.policy import Policy
from abm.policy.instrument import Instrument
from abm.rates import Rates
from abm.rules.cloud import Option, running_cost
from abm.scenario.catalogue import Chip
from abm.scenario.reference import Scenario
from abm.schedule import SCHEDULE
from abm.units import UsdPerChip, cents
from abm.users import Users
from abm.valuation_desk import ValuationDesk


class Model(mesa.Model):
    """One run: a world, a policy and a seed.

    Raises InputError where the seed is not a whole number of at least 0, or the horizon lies before the start.
    """

    def __init__(self, scenario: Scenario, policy: Policy, *, seed: int, until: date | None = None) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise InputError(f"seed = {seed!r} is not a whole number of at least 0")
        super().__init__(rng=0)  # mesa's own generator is never drawn from
        self.world, self.policy = scenario, policy
        self.calendar = trading_days(scenario.start, until or scenario.until)
        self.chance, self.books = Chance(seed), Books()
        self.day, self.today, self.yesterday = 0, self.calendar[0], None
        self.chips = {chip.name: chip for chip in scenario.chips}
        self.actors = {actor.id: actor for actor in scenario.actors}
        self.sellers = {product.chip: product.vendor for product in scenario.products}
        self.opening_china_chips = tuple(
            p.chip for p in scenario.products if p.ordered_from == HOME and self.actors[p.vendor].country != HOME
        )
        self.ordinary_buyer = max(
            (one for one in scenario.actors if one.country == HOME and one.kind == "cloud" and one.end_use == "commercial"),
            key=lambda one: (one.capex_usd_bn, one.id),
        ).id
        self.reference_flop = scenario.technology.reference_training_flop
        self.regulators: dict[str, Regulator] = {}
        self.governments: dict[str, Government] = {}
        self.vendors: dict[str, Vendor] = {}
        self.clouds: dict[str, Cloud] = {}
        self.labs: dict[str, Lab] = {}
        self.brokers: dict[str, Broker] = {}
        self.picture, self.users, self.desk = Picture(), Users(scenario.demand), ValuationDesk()
        self.rates, self.gates = Rates(scenario.technology, scenario.chips), Gates(self)
        self.open_orders, self.lawful_trade, self._is_restricted = OpenOrders(), Memory(), Memory()
        self.new_orders: list[Order] = []
        self.lots: list[Lot] = []
        self.tally: dict[str, int] = {}
        self.launch_days: dict[str, list[int]] = {}
        self._feared_rules = FearedRules(policy, start=scenario.start, until=self.calendar[-1])
        self.record, self.chronicle, self._digests = Record(), Chronicle(), DailyDigest()
        self._grey_prices, self._options = (Memory(), Memory()), Memory()
        self.lots_begun, self.contests, self.idle_hours, self.offered_abroad = Memory(), Memory(), Memory(), Memory()
        self._restricted: tuple[date | None, object, list[str]] = (None, None, [])
        self._open()

    def _open(self) -> None:
        opening.open_actors(self)
        self.newcomer = Broker(self, "newcomer", min(self.world.diversion.transit()), (1.0, self.world.conduct.broker_outside))
        self._customs = opening.open_customs(self)
        opening.open_fleets(self)
        opening.open_order_books(self)
        opening.open_models(self)
        self.investors: list[InvestorClass] = create_investors(self)
        burn_in(self)
        self.revise_hazard()
        self.picture.quotes = {q.chip: q for _, vendor in sorted(self.vendors.items()) for q in vendor.quote(self)}
        opening.open_grey_market(self)
        opening.open_lots(self)
        self.desk.open(self)
        self.count_open_orders()
        self.books.check(after="opening")

    # running ----------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One trading day: every phase that is due, the books checked after each; then measure and hash the state."""
        for phase in SCHEDULE:
            if phase.cadence.is_due(self.today, self.yesterday):
                phase.run(self)
                self.books.check(after=phase.name)
        measure(self, OBSERVABLES)
        self.record.digests.append((self.today, self.digest()))
        self.yesterday, self.day = self.today, self.day + 1
        if self.day < len(self.calendar):
            self.today = self.calendar[self.day]

    def run(self) -> Record:
        """Step to the horizon and give what was measured."""
        while self.day < len(self.calendar):
            self.step()
        self.chronicle.close(self)
        self.record.summary = summarise(self, OBSERVABLES)
        return self.record

    def digest(self) -> str:
        """Hash of the whole state: books, agents, market, news, picture, users, desk, goods on the way, tallies."""
        return self._digests.today(self)

    # time and record --------------------------------------------------------------------------------------

    @property
    def day_before(self) -> date:
        """The trading day before today, or the calendar day before the first one."""
        return self.yesterday or self.today - timedelta(days=1)

    @property
    def years(self) -> float:
        """Years since the first free day."""
        return years_between(self.world.start, self.today)

    @property
    def months(self) -> float:
        """Months since the first free day."""
        return months_between(self.world.start, self.today)

    def tell(self, actor: str, kind: str, sentence: str) -> None:
        """Write a dated sentence into the event log."""
        self.record.events.append((self.today, actor, kind, sentence))

    def count(self, what: str, units: int) -> None:
        """Add to a running total of the run."""
        self.tally[what] = self.tally.get(what, 0) + units

    # looking things up ------------------------------------------------------------------------------------

    def chip(self, name: str) -> Chip:
        """A chip of the catalogue by its name."""
        return self.chips[name]

    def add_chip(self, chip: Chip, seller: str) -> None:
        """Enter a chip that a vendor has designed in the run."""
        self.chips[chip.name], self.sellers[chip.name] = chip, seller
        self.rates.add_chip(chip)

    def is_chinese(self, buyer: str) -> bool:
        """Whether a buyer's data centres stand in China."""
        actor = self.actors.get(buyer)
        return actor is not None and actor.country == HOME

    def customs(self, country: str) -> Regulator:
        """The customs office of a transit country."""
        return self._customs[country]

    def transit_offices(self) -> int:
        """How many customs offices of transit countries there are."""
        return len(self._customs)

    def enforcement_effort(self) -> float:
        """Enforcement effort today, 1 unless the policy says otherwise."""
        return self.policy.enforcement_effort(self.today)

    def options_for(self, cloud: Cloud) -> list[Option]:
        """Chips on offer to a cloud, legal or not; domestic chips at home alone, special versions where they are made for."""
        offered, country = tuple(self.picture.quotes.values()), cloud.actor.country
        options = self._options.under(offered, self.rates.version, self.policy, self.day)
        if country not in options:
            options[country] = [
                Option(q.seller, q.chip, price, self.rates.reference(q.chip), self.rates.training(q.chip), q.delay,
                       self.running_cost(self.chip(q.chip), country), rate, q.spare)
                for q in sorted(offered, key=lambda quote: quote.chip)
                if q.is_offered(self.chip(q.chip), country)
                for price, rate in (q.terms_for(country),)
            ]
        return options[country]

    def running_cost(self, chip: Chip, country: str) -> float:
        """Power bill of a chip run in a country, in USD, less what that country's government pays for its own chips."""
        rebate = self.policy.power_rebate(self.today, country) if chip.vendor_country == country else 0.0
        return running_cost(self.rates.power(chip), self.world.technology, rebate)

    def restricted_chips(self) -> list[str]:
        """Foreign chips on offer that an ordinary Chinese buyer is denied today, or may be refused; a notice refuses none."""
        day, quotes, chips = self._restricted
        if day != self.today or quotes is not self.picture.quotes or not quotes:
            chips = self._restricted_today()
            self._restricted = (self.today, self.picture.quotes, chips)
        return chips

    def _restricted_today(self) -> list[str]:
        return [
            chip for chip in sorted(self.picture.quotes)
            if self.vendors[self.sellers[chip]].actor.country != HOME and self.is_restricted(chip)
        ]

    def is_restricted(self, chip: str) -> bool:
        """Whether an ordinary Chinese buyer is denied a chip today, or may be refused it; a notice refuses none."""
        known = self._is_restricted.under(self.policy, self.today, self.rates.version)  # which counts new chips too
        if chip not in known:
            known[chip] = any(ruling.restricts for ruling in self.gates.rulings_on(chip, self.ordinary_buyer, self.today))
        return known[chip]

    def list_price(self, chip: str) -> UsdPerChip:
        """This week's list price, or the middle of the list range where the chip is not on sale."""
        if chip in self.picture.quotes:
            return self.picture.quotes[chip].price
        product = self.vendors[self.sellers[chip]].products[chip]
        return (product.price_low + product.price_high) / 2

    def grey_price(self, chip: str, *, trend: bool = False) -> float:
        """Grey price of a chip in USD, this week's or its trend; the list price where no grey market has opened."""
        log_price = self.picture.log_grey_trend if trend else self.picture.log_grey_price
        if log_price is None:
            return self.list_price(chip)
        prices = self._grey_prices[trend].under(log_price, self.rates.version, self.policy, self.day)
        if chip not in prices:
            prices[chip] = grey_worth(self, chip) * exp(log_price)
        return prices[chip]

    def purse(self, buyer: str, wanted: int = 0) -> int:
        """Cents a buyer can pay now, owners' advances included; shell companies are financed lot by lot."""
        if buyer in self.brokers:
            return wanted
        cloud = self.clouds[buyer]
        return self.books.balance(buyer, USD) + cloud.rent_left(self) + cents(cloud.advance_left(self))

    def finance(self, buyer: str, amount: int) -> None:
        """Bring the cents for a delivery: a lender's for a shell company, an advance where a cloud's cash falls short."""
        if buyer in self.brokers:
            self.books.move(USD, amount, giver=FINANCIERS, taker=buyer, reason="lot financed")
        else:
            self.clouds[buyer].draw_advance(self, amount)

    # shared bookkeeping of phases -------------------------------------------------------------------------

    def count_open_orders(self) -> None:
        """Count open orders and goods on the way by buyer."""
        books = (order for _, vendor in sorted(self.vendors.items()) for order in vendor.order_book)
        self.open_orders.count(books, self.lots)

    def remove_broker(self, name: str) -> None:
        """Let a shell company leave; what it had asked for goes back to it."""
        for _, office in sorted(self.regulators.items()):
            office.strike(name)
        self.brokers.pop(name).remove()

    def rules_changed(self) -> bool:
        """Whether other instruments are in force than on the trading day before."""
        return self.yesterday is not None and self.policy.in_force(self.today) != self.policy.in_force(self.yesterday)

    def publish(self, *instruments: Instrument) -> None:
        """Let instruments of today join the policy of the run, or take the place of those of the same name.

        What is tightened counts in everybody's expectations of further rules from now on.
        """
        if not instruments:
            return
        self.policy = self.policy.with_published(*{one.name: one for one in instruments}.values())
        self._feared_rules.learn(self.policy, instruments, tuple(self.chips.values()), self.today)
        self._restricted = (None, None, [])
        self.gates.forget_answers()

    def revise_hazard(self) -> None:
        """Perceived hazard of a tightening, from the common past and what this policy has published since."""
        self.picture.hazard = self._feared_rules.hazard(self.today, self.world.conduct)

    def measure_domestic_share(self) -> None:
        """Share of domestic chips among those installed in China, on which the ecosystem factors rest."""
        domestic = total = 0
        for _, cloud in sorted(self.clouds.items()):
            if cloud.actor.country == HOME:
                for (_, origin), units in cloud.origins.items():
                    total += units
                    domestic += units if origin == "domestic" else 0
        self.picture.domestic_share = domestic / total if total else 0.0
        self.rates.refresh(self.picture.domestic_share, self.years)
