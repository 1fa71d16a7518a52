"""How labs, clouds, vendors, brokers and offices decide: the declared numbers of sections 4.3, 4.4, 4.9 and 4.10."""

from __future__ import annotations

from dataclasses import dataclass

from abm.errors import unknown
from abm.scenario.declare import Section, number

SATISFICING, REAL_OPTIONS = "satisficing", "real options"
LAUNCH_RULES = (SATISFICING, REAL_OPTIONS)
BEST, FIXED = COMPUTE_SPLITS = ("best", "fixed")
PROPORTIONAL, UNIFORM, PRIORITY, AUCTION = ALLOCATIONS = ("proportional", "uniform", "priority", "auction")


@dataclass(frozen=True, kw_only=True)
class Conduct(Section):
    """Parameters of decision rules, one set for all actors of a kind.

    ``launch_rule`` is how labs judge a finished candidate: by "satisficing" or by "real options". ``allocation`` is how
    vendors share what is short: "proportional" to orders, "uniform", by "priority" of their largest customers, or by
    "auction". ``compute_split`` is how labs share training chips between main run and experiments: the "best" share, or
    one that is "fixed". Raises InputError for another name.
    """

    # labs
    aspiration_own: float = number(
        0.3, "1", "weight of a lab's own best launched model (plus the margin) in where its aspiration moves",
        source="lant-1992", basis="assumed", low=0.0, high=1.0)
    aspiration_rivals: float = number(
        0.7, "1", "weight of the best model of rivals in where the aspiration moves",
        source="lant-1992", basis="assumed", low=0.0, high=1.0)
    aspiration_speed: float = number(
        6.0, "1/year", "rate at which the aspiration moves to its target", source="cyert-march-1963",
        basis="assumed", low=0.5, high=50.0)
    aspiration_fatigue: float = number(
        4.0, "point/year", "fall of the aspiration while a finished candidate waits below it (search failure lowers goals)",
        source="cyert-march-1963", basis="assumed", low=0.0, high=50.0)
    next_margin: float = number(
        6.0, "point", "by how much a next model must beat the last one launched", source="assumption-next-margin",
        basis="assumed", low=0.0, high=40.0)
    tolerance: float = number(
        1.5, "point", "distance below the aspiration that still satisfies", source="assumption-tolerance",
        basis="assumed", low=0.0, high=20.0, fit=True)
    capacity_needed: float = number(
        0.5, "1", "share of the expected uptake for which serving must be secured before launch",
        source="assumption-capacity-needed", basis="assumed", low=0.0, high=1.5)
    capacity_fatigue: float = number(
        1.0, "1/year", "fall of that share a year while a finished candidate waits", source="cyert-march-1963",
        basis="assumed", low=0.0, high=5.0)
    project_days: int = number(
        120, "day", "length of a training project from start to first candidate", source="epoch-training-length",
        basis="assumed", low=40, high=400)
    project_spread: float = number(
        0.2, "1", "standard deviation of the log of a project's length", source="assumption-project-length",
        basis="assumed", low=0.0, high=0.6)
    training_share: float = number(
        0.2, "1", "share of a fleet's chips that trains and experiments rather than serves",
        source="assumption-compute-split", basis="assumed", low=0.0, high=0.9)
    compute_split: str = BEST
    main_run_share: float = number(
        0.35, "1", "main run's share of training compute where it is fixed; else it sets the unit of opening experiments",
        source="assumption-compute-split", basis="assumed", low=0.05, high=1.0)
    research_horizon: float = number(
        5.0, "year", "years for which a lab counts what experiments add to its algorithms when it splits its compute",
        source="epoch-compute-split", basis="assumed", low=0.5, high=30.0, fit=True)
    domestic_encouragement: float = number(
        0.5, "1", "chance that a lab which is encouraged to train its next model on domestic chips tries",
        source="ft-2025-r2", basis="assumed", low=0.0, high=1.0)
    lent_share: float = number(
        1.0, "1", "part of the training chips of a domestic maker's own cloud that are lent to such a lab",
        source="ft-2025-r2", basis="assumed", low=0.0, high=1.0, fit=True)
    domestic_goodwill: float = number(
        3.0, "1", "worth of a useful FLOP of those chips to such a lab, over one of its own foreign chips",
        source="ft-2025-r2", basis="assumed", low=1.0, high=20.0, fit=True)
    idle_research: float = number(
        1.0, "1", "share of serving nodes' idle hours that the labs which train at a cloud use for experiments",
        source="assumption-idle-research", basis="assumed", low=0.0, high=1.0)
    run_failure_belief: float = number(
        0.003, "1/(1000 chip day)", "what labs think of run_failure_rate before they have tried: what vendors state",
        source="huawei-availability-2025", basis="estimated", low=0.0001, high=1.0)
    run_failure_weight: float = number(
        0.5, "failure", "failures seen that this belief weighs as much as", source="assumption-failure-belief",
        basis="assumed", low=0.1, high=100.0)
    launch_rule: str = SATISFICING
    launch_volatility: float = number(
        6.0, "point/year^0.5", "uncertainty of a waiting candidate's lead that a lab reckons with under real options",
        source="assumption-launch-option", basis="assumed", low=0.0, high=30.0)
    launch_discount: float = number(
        0.15, "1/year", "rate at which a lab discounts a later launch under real options, besides what rivals erode",
        source="assumption-launch-option", basis="assumed", low=0.01, high=2.0)

    # clouds
    accelerator_share: float = number(
        0.45, "1", "share of capital spending that buys accelerators, at the opening", source="assumption-capex-share",
        basis="assumed", low=0.2, high=0.7)
    accelerator_share_growth: float = number(
        0.0, "1/year", "log growth of that share until it reaches the most", source="assumption-capex-share",
        basis="assumed", low=0.0, high=0.3)
    accelerator_share_most: float = number(
        0.45, "1", "largest share of capital spending that buys accelerators", source="assumption-capex-share",
        basis="assumed", low=0.2, high=0.7)
    capex_growth: float = number(
        0.25, "1/year", "log growth of capital spending after the roster's year (2025)", source="assumption-capex-growth",
        basis="assumed", low=-0.2, high=0.8)
    capacity_buffer: float = number(
        0.25, "1", "stock of capacity held above the forecast", source="assumption-buffer", basis="assumed",
        low=0.0, high=1.0)
    spare_training: float = number(
        0.0, "1", "part of the chips that serving will not need which a buyer counts as chips to train on in its plans",
        source="assumption-spare-chips", basis="assumed", low=0.0, high=1.0)
    training_growth: float = number(
        1.25, "1/year", "log growth of training throughput that clouds plan for (3 to 4.5 x a year)",
        source="epoch-training-compute", basis="assumed", low=0.5, high=1.7)
    order_horizon: float = number(
        1.0, "year", "how far beyond delivery a buyer plans its capacity, and how far ahead it commits budgets still to come",
        source="assumption-order-cover", basis="assumed", low=0.25, high=3.0)
    order_smoothing: float = number(
        13.0, "week", "weeks over which a buyer closes the gap between what it would commit and what it has",
        source="assumption-order-cover", basis="assumed", low=1.0, high=26.0, fit=True)
    forecast_error: float = number(
        0.4, "1", "sd of the log error of a cloud's yearly plans for demand and capital spending",
        source="capex-revisions-2025", basis="estimated", low=0.0, high=0.8)
    forecast_common: float = number(
        0.5, "1", "part of the variance of that error that all clouds have in common",
        source="assumption-forecast-common", basis="assumed", low=0.0, high=1.0)
    front_loading: float = number(
        3.0, "quarter", "further quarters of budget committed if a restriction within the year were certain",
        source="tomlin-2006", basis="assumed", low=0.0, high=6.0)
    order_inflation: float = number(
        0.5, "1", "inflation of orders per unit of expected shortage", source="lee-1997", basis="assumed",
        low=0.0, high=2.0)
    impatience: float = number(
        0.4, "1/year", "rate at which a chip that comes later is worth less (hardware progress, cost of capital)",
        source="epoch-hardware-trends", basis="assumed", low=0.0, high=2.0)
    carry_over: float = number(
        4.0, "quarter", "quarters of budget that may stay unspent before the owner takes money back",
        source="assumption-carry-over", basis="assumed", low=0.0, high=12.0)

    advance_repayment: float = number(
        0.5, "1", "part of a quarter's budget at most that goes to repaying what owners have advanced",
        source="assumption-advance-repayment", basis="assumed", low=0.1, high=1.0)

    # vendors
    allocation: str = PROPORTIONAL
    book_discount: float = number(
        0.8, "1", "share of the order book a vendor produces for", source="lee-1997", basis="assumed",
        low=0.3, high=1.0)
    price_response: float = number(
        0.15, "1", "rise of the quoted price per unit of log(order book / a quarter's supply), within the list range",
        source="assumption-price-response", basis="assumed", low=0.0, high=1.0)
    salvage: float = number(
        0.1, "1", "share of the cost of stranded goods that can be recovered", source="assumption-salvage",
        basis="assumed", low=0.0, high=0.9)
    purchase_commitments: float = number(
        1.5, "quarter", "quarters of a chip's recent output for which inputs are bought and cannot be cancelled",
        source="assumption-commitments", basis="assumed", low=0.0, high=3.0)
    clearance_markdown: float = number(
        0.02, "1/week", "rate at which a vendor lowers the price of stranded goods to buyers whom no rule stops",
        source="lazear-1986", basis="assumed", low=0.0, high=0.2)
    limited_alternatives: int = number(
        1, "1", "whether stranded goods are weighed against what a buyer can have of other chips (1), or all it likes (0)",
        source="assumption-alternatives", basis="assumed", low=0, high=1)

    # expectations of rules
    hazard_shape: float = number(
        1.0, "1", "prior shape of the gamma belief about tightenings a year", source="assumption-hazard-prior",
        basis="assumed", low=0.1, high=10.0)
    hazard_years: float = number(
        2.0, "year", "prior exposure of the gamma belief about tightenings", source="assumption-hazard-prior",
        basis="assumed", low=0.1, high=20.0)

    hazard_learning: float = number(
        1.0, "1", "weight of acts and years seen in investors' beliefs about gates, over what they count for",
        source="assumption-hazard-prior", basis="assumed", low=0.0, high=1.0)
    act_size: float = number(
        0.5, "1", "part of what is open that an act is expected to take, or to give back of what is not, before any was seen",
        source="assumption-act-size", basis="assumed", low=0.0, high=1.0)
    act_size_weight: float = number(
        1.0, "1", "acts that this prior size weighs as much as", source="assumption-act-size", basis="assumed",
        low=0.1, high=20.0)
    value_discount: float = number(
        0.1, "1/year", "rate at which investors discount what gates will let through", source="assumption-value-horizon",
        basis="assumed", low=0.0, high=0.3)
    value_horizon: float = number(
        5.0, "year", "how far ahead investors think of gates", source="assumption-value-horizon", basis="assumed",
        low=0.5, high=30.0)

    domestic_substitution: float = number(
        0.4, "1", "part of legal foreign sales that investors take to be contested by domestic makers",
        source="assumption-substitution", basis="assumed", low=0.0, high=1.0)
    redirected_supply: float = number(
        0.5, "1", "part of what foreign makers cannot sell to China that buyers elsewhere take, while chips are short",
        source="assumption-redirection", basis="assumed", low=0.0, high=1.0)
    earnings_persistence: float = number(
        0.3, "1", "part of a surprise in a segment's flow that investors take to be lasting",
        source="assumption-persistence", basis="assumed", low=0.0, high=0.95)
    trend_gain: float = number(
        0.1, "1", "rise of the log growth a quarter that investors expect, per unit of lasting surprise",
        source="assumption-persistence", basis="assumed", low=0.0, high=1.0)
    order_noise: float = number(
        1.25, "1", "standard deviation of the log of one quarter's orders about the demand for compute",
        source="assumption-order-noise", basis="assumed", low=0.05, high=10.0)
    shipment_lag: int = number(
        2, "quarter", "quarters between orders and the shipments in which they show", source="assumption-order-noise",
        basis="assumed", low=0, high=8)
    season_opens: int = number(
        10, "trading day", "days from the close of a quarter to the first day on which firms may report it",
        source="assumption-season", basis="assumed", low=0, high=25)
    season_days: int = number(
        40, "trading day", "days over which firms' reports of a quarter are spread", source="assumption-season",
        basis="assumed", low=1, high=40)

    # brokers and customs
    opening_brokers: int = number(
        48, "broker", "sellers of diverted chips at the opening (38-150 in 2024)", source="epoch-smuggling",
        basis="estimated", low=0, high=300)
    broker_lots_per_year: float = number(
        12.0, "1/year", "lots that one broker moves a year", source="assumption-lots", basis="assumed",
        low=2, high=52)
    broker_open_lots: int = number(
        12, "lot", "lots that a broker has on order at most", source="assumption-lots", basis="assumed", low=1, high=50)
    broker_chips: float = number(
        1600.0, "chip/year", "median of chips a seller diverts a year (95 % interval 204-12,000)",
        source="epoch-smuggling", basis="estimated", low=200, high=12_000)
    broker_spread: float = number(
        1.04, "1", "standard deviation of the log of chips a seller diverts a year", source="epoch-smuggling",
        basis="estimated", low=0.0, high=2.0)
    broker_cost: float = number(
        2500.0, "USD/chip", "cost of moving a card through a shell (papers, freight, commission)",
        source="assumption-broker-cost", basis="assumed", low=0, high=10_000, fit=True)
    broker_outside: float = number(
        3000.0, "USD/chip", "mean over brokers of the margin per chip they could earn elsewhere (exponential)",
        source="assumption-broker-cost", basis="assumed", low=0, high=10_000)
    fine_share: float = number(
        1.0, "1", "fine over the value of a detected lot, beside its loss", source="assumption-fine",
        basis="assumed", low=0.0, high=5.0)
    detection_floor: float = number(
        0.01, "1", "chance that a tip gives a lot away, whatever the number of inspections", source="assumption-detection",
        basis="assumed", low=0.0, high=0.5)
    detection_lot_power: float = number(
        0.5, "1", "power a of the lot size in detection", source="assumption-detection", basis="assumed",
        low=0.0, high=1.0)
    belief_detections: float = number(
        1.0, "1", "prior detections a of a broker's beta belief", source="assumption-broker-belief",
        basis="assumed", low=0.1, high=10)
    belief_passages: float = number(
        30.0, "1", "prior undetected lots b of a broker's beta belief", source="assumption-broker-belief",
        basis="assumed", low=0.5, high=200)
    belief_memory: float = number(
        0.99, "1", "share of past experience a broker still counts after a week", source="assumption-broker-belief",
        basis="assumed", low=0.8, high=1.0)
    entry_rate: float = number(
        1.0, "1/week", "brokers that enter a week when the expected margin equals the list price",
        source="assumption-entry", basis="assumed", low=0.0, high=20.0)
    rename_weeks: int = number(
        13, "week", "time until a named shell is back under a new name", source="reuter-kleiman-1986",
        basis="assumed", low=1, high=104)
    grey_release: float = number(
        0.25, "1/week", "part of their stock that brokers offer a week", source="assumption-grey-taste",
        basis="assumed", low=0.02, high=1.0)
    grey_memory: float = number(
        26.0, "week", "span of the moving average of the grey price that brokers reckon with",
        source="assumption-grey-taste", basis="assumed", low=1.0, high=104.0, fit=True)
    grey_spending_weeks: float = number(
        8.0, "week", "time over which money set aside for diverted chips is spent", source="assumption-grey-taste",
        basis="assumed", low=1.0, high=52.0)
    reapply_months: float = number(
        6.0, "month", "time a refused buyer waits before it applies again", source="assumption-reapply",
        basis="assumed", low=0.0, high=24.0)
    grey_taste: float = number(
        0.4, "1", "spread of grey buyers' needs on the log scale of value per USD", source="assumption-grey-taste",
        basis="assumed", low=0.05, high=2.0)
    opening_grey_premium: float = number(
        0.35, "1", "grey premium over list at the opening (28-50 % in 2024)", source="grey-premium-2024",
        basis="estimated", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.launch_rule not in LAUNCH_RULES:
            raise unknown("launch rule", str(self.launch_rule), LAUNCH_RULES)
        if self.allocation not in ALLOCATIONS:
            raise unknown("allocation policy", str(self.allocation), ALLOCATIONS)
        if self.compute_split not in COMPUTE_SPLITS:
            raise unknown("compute split", str(self.compute_split), COMPUTE_SPLITS)
