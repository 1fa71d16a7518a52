"""What chips, factories and algorithms can do: the declared numbers of section 4.2, 4.6 and 4.7 of the model."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.declare import Section, number


@dataclass(frozen=True, kw_only=True)
class Technology(Section):
    """Throughput of chips, supply of packaged dies, and the progress of algorithms."""

    # Two roofs of serving, fitted to one published day of one operator (never a validation of anything).
    decode_bandwidth_use: float = number(
        0.26, "1", "share of memory bandwidth reached in decoding (roof of memory)",
        source="deepseek-serving-day", basis="estimated", low=0.15, high=0.6, fit=True)
    decode_flop_use: float = number(
        0.6, "1", "share of dense 8-bit FLOP/s reached in decoding (roof of arithmetic)",
        source="ifp-2025-h20", basis="estimated", low=0.2, high=0.8)
    prefill_flop_use: float = number(
        0.15, "1", "share of dense 8-bit FLOP/s reached in prefill by a chip rich in arithmetic",
        source="deepseek-serving-day", basis="estimated", low=0.1, high=0.5, fit=True)
    prefill_flop_use_poor: float = number(
        0.3, "1", "share of dense 8-bit FLOP/s reached in prefill by a chip poor in arithmetic for its bandwidth",
        source="assumption-utilisation", basis="assumed", low=0.15, high=0.6)
    rich_intensity: float = number(
        591.0, "FLOP/byte", "8-bit FLOP per byte of bandwidth of the chip the serving day was measured on (H800)",
        source="nvidia-datasheets", basis="estimated", low=300, high=1000)
    poor_intensity: float = number(
        74.0, "FLOP/byte", "8-bit FLOP per byte of bandwidth of the H20", source="nvidia-datasheets",
        basis="estimated", low=20, high=290)
    uncached_input: float = number(
        1.58, "token/token", "uncached input tokens per output token", source="deepseek-serving-day",
        basis="estimated", low=0.5, high=4.0)
    input_per_output: float = number(
        3.62, "token/token", "all input tokens per output token", source="deepseek-serving-day",
        basis="estimated", low=1.0, high=10.0)
    bytes_per_token: float = number(
        0.4708e9, "byte/token", "memory traffic per decoded token of the reference model at its batch size",
        source="deepseek-serving-day", basis="estimated", low=0.1e9, high=5e9)
    shared_traffic: float = number(
        0.5, "1", "part of that traffic that is weights, read once for a batch, on the measured chip",
        source="assumption-shared-traffic", basis="assumed", low=0.0, high=0.8)
    measured_memory_gb: float = number(
        80.0, "GB", "memory of the chip the serving day was measured on (H800)", source="nvidia-datasheets",
        basis="measured", low=40, high=200)
    reference_active_parameters: float = number(
        37e9, "parameter", "active parameters of the reference model (DeepSeek-V3 and R1)",
        source="deepseek-v3", basis="measured", low=1e9, high=1e12)
    reference_training_flop: float = number(
        4.02e24, "FLOP", "training compute of a model with the active parameters of the reference model (R1)",
        source="epoch-notable-models", basis="estimated", low=2e24, high=1e25)
    peak_to_mean: float = number(
        1.226, "1", "peak over mean load of a serving fleet (278 over 226.75 nodes)",
        source="deepseek-serving-day", basis="estimated", low=1.0, high=3.0)
    cloud_serving_efficiency: float = number(
        0.106, "1", "throughput of clouds that host many models, relative to the published day of one operator",
        source="assumption-cloud-efficiency", basis="assumed", low=0.04, high=0.6, fit=True)
    serving_progress: float = number(
        0.57, "1/year", "log growth of the tokens that one chip serves of one model, by better serving software",
        source="nvidia-mlperf-serving", basis="estimated", low=0.0, high=2.1)

    training_use: float = number(
        0.34, "1", "model FLOP/s over dense 16-bit peak in training (V3: 3.4e24 FLOP in 2.788 m H800 hours)",
        source="deepseek-v3", basis="estimated", low=0.2, high=0.5)
    interconnect_load: float = number(
        1.73e-4, "byte/FLOP", "time that a byte through the interconnect adds to a training step, per unit of a FLOP's time",
        source="reuters-2023-h800", basis="estimated", low=0.0, high=2.9e-4)
    measured_intensity: float = number(
        2474.0, "FLOP/byte", "16-bit FLOP per byte of interconnect of the chip on which training_use was measured (H800)",
        source="nvidia-datasheets", basis="estimated", low=500, high=5000)
    second_source_factor: float = number(
        0.6, "1", "software factor of foreign chips other than the leading vendor's, in training and serving",
        source="assumption-second-source", basis="assumed", low=0.3, high=1.0)
    grey_training_weight: float = number(
        0.5, "1", "weight of training, against serving, in what a diverted chip is worth to its buyer",
        source="assumption-grey-worth", basis="assumed", low=0.0, high=1.0)
    domestic_serving_factor: float = number(
        0.68, "1", "ecosystem factor of domestic Chinese chips in serving", source="ascend-inference",
        basis="estimated", low=0.3, high=1.0)
    domestic_training_factor: float = number(
        0.35, "1", "ecosystem factor of domestic Chinese chips in training, at the opening share of installed chips",
        source="assumption-ecosystem", basis="assumed", low=0.1, high=1.0)
    ecosystem_gain: float = number(
        0.3, "1", "rise of the ecosystem factors per unit of installed share (Katz and Shapiro)",
        source="katz-shapiro-1985", basis="assumed", low=0.0, high=1.0)
    run_failure_rate: float = number(
        0.16, "1/(1000 chip day)", "failures of a long run on domestic chips that cost work, on software without any maturity",
        source="run-failures", basis="assumed", low=0.0, high=1.0)
    run_failure_days: float = number(
        1.0, "day", "work that such a failure costs: since the last good checkpoint, and until its cause is found",
        source="assumption-run-failure-cost", basis="assumed", low=0.02, high=14.0)
    porting_days: int = number(
        12, "day", "from a model's finish to its first day of service on domestic chips (once for each model)",
        source="huawei-r1-2025", basis="estimated", low=0, high=180)

    first_packaging_units: float = number(
        1_407_000.0, "die/quarter", "packaged large dies NVIDIA shipped in 2024Q4 (H100 + H20 + 2 x B200)",
        source="epoch-chip-counts", basis="estimated", low=800_000, high=2_500_000)
    packaging_growth: float = number(
        0.6, "1/year", "log growth of advanced packaging open to a vendor",
        source="assumption-packaging", basis="assumed", low=0.1, high=1.2)
    second_packaging_units: float = number(
        130_000.0, "die/quarter", "packaged large dies the second foreign vendor (AMD) ships a quarter",
        source="assumption-amd-volume", basis="assumed", low=50_000, high=300_000)
    memory_supply_gb: float = number(
        1.47e9, "GB/year", "rate at which the world made HBM at the end of 2024", source="trendforce-hbm",
        basis="estimated", low=0.6e9, high=3e9)
    memory_growth: float = number(
        0.69, "1/year", "log growth of the world's output of HBM", source="trendforce-hbm", basis="estimated", low=0.2,
        high=1.2)
    first_memory_share: float = number(
        0.7, "1", "part of the world's HBM that the first foreign vendor (NVIDIA) buys", source="trendforce-hbm",
        basis="estimated", low=0.4, high=0.85)
    second_memory_share: float = number(
        0.07, "1", "part of the world's HBM that the second foreign vendor (AMD) buys", source="trendforce-hbm",
        basis="estimated", low=0.03, high=0.15)
    production_weeks: int = number(
        13, "week", "from a started die to a finished chip (wafers in bank, packaging, test)",
        source="assumption-lead-time", basis="assumed", low=4, high=26)
    transit_weeks: int = number(
        3, "week", "from the vendor's stock to an installed chip", source="assumption-lead-time",
        basis="assumed", low=1, high=12)
    unit_cost_share: float = number(
        0.4, "1", "cost of a chip over its list price", source="assumption-unit-cost", basis="assumed",
        low=0.2, high=0.6)

    domestic_die_bank: int = number(
        2_400_000, "die", "foreign-made dies held by Huawei at the opening", source="csis-2025-dies", basis="estimated",
        low=500_000, high=3_500_000)
    domestic_bank_drawdown: float = number(
        0.12, "1/year", "share of the remaining die bank packaged a year", source="assumption-domestic-output",
        basis="assumed", low=0.0, high=0.5, fit=True)
    domestic_wafers: float = number(
        35_000.0, "wafer/month", "advanced wafers of SMIC at the end of 2024", source="smic-capacity-plans",
        basis="assumed", low=10_000, high=60_000)
    domestic_wafer_growth: float = number(
        0.19, "1/year", "log growth of advanced wafers without subsidies (plans of .29 less the part of the fund, .1)",
        source="smic-capacity-plans", basis="estimated", low=0.0, high=1.0)
    uncontrolled_wafer_growth: float = number(
        0.15, "1/year", "log growth of advanced wafers that foreign tools add where they may be bought",
        source="assumption-components", basis="assumed", low=0.0, high=0.5)
    domestic_wafer_share: float = number(
        0.02, "1", "share of advanced wafers given to AI chips at the opening", source="assumption-domestic-output",
        basis="assumed", low=0.002, high=0.3, fit=True)
    domestic_share_response: float = number(
        0.35, "1/year", "log growth of that share per unit of log(order book / a quarter's output)",
        source="assumption-domestic-output", basis="assumed", low=0.0, high=2.0)
    domestic_second_part: float = number(
        0.05, "1", "part of those wafers that goes to the second domestic vendor", source="assumption-domestic-output",
        basis="assumed", low=0.0, high=0.5)
    dies_per_wafer: int = number(
        78, "die/wafer", "665 mm2 dies on a 300 mm wafer", source="assumption-geometry", basis="estimated",
        low=40, high=100)
    domestic_yield_start: float = number(
        0.3, "1", "yield of domestic dies at the end of 2024 (910C 20 % in September, 40 % in February)",
        source="ft-2025-yield", basis="estimated", low=0.1, high=0.7)
    domestic_yield_learning: float = number(
        0.32, "1", "Wright exponent: defect density falls as cumulative good dies to this power",
        source="wright-1936", basis="estimated", low=0.0, high=0.8)
    domestic_dies_made: int = number(
        36_000, "die", "good dies of the present process that learning starts from at the opening",
        source="ft-2025-yield", basis="estimated", low=10_000, high=500_000, fit=True)
    domestic_defect_clustering: float = number(
        2.0, "1", "clustering of defects (alpha of the negative binomial; large: none, Poisson)",
        source="cunningham-1990", basis="assumed", low=0.3, high=1e6)
    domestic_die_area: float = number(
        6.65, "cm2", "area of a domestic die (910B and each half of a 910C)", source="assumption-geometry",
        basis="estimated", low=3.0, high=8.6)
    domestic_foundry_weeks: int = number(
        17, "week", "from a started domestic wafer to its dies", source="renesas-2023-lead-time", basis="estimated",
        low=0, high=26)
    domestic_packaging_weeks: int = number(
        9, "week", "from dies to a finished domestic chip: packaging with its memory, and test",
        source="renesas-2023-lead-time", basis="estimated", low=4, high=26)
    domestic_die_survival: float = number(
        0.866, "1", "probability that packaging spoils no chip, for each of its dies (.75 of chips with two)",
        source="csis-2025-packaging", basis="estimated", low=0.6, high=1.0)
    domestic_packages: float = number(
        160_000.0, "chip/quarter", "chips that Chinese packaging lines with HBM can finish at the opening",
        source="assumption-domestic-packaging", basis="assumed", low=50_000, high=600_000)
    domestic_packaging_growth: float = number(
        0.6, "1/year", "log growth of those lines", source="assumption-domestic-packaging", basis="assumed", low=0.0,
        high=1.2)
    domestic_memory_stacks: int = number(
        13_000_000, "stack", "HBM stacks in stock in China", source="semianalysis-ascend", basis="estimated",
        low=3_000_000, high=20_000_000)
    memory_gb_per_stack: float = number(
        16.0, "GB/stack", "capacity of one HBM stack of a domestic chip", source="semianalysis-ascend",
        basis="estimated", low=8, high=36)
    memory_output: int = number(
        40_000_000, "stack/year", "HBM stacks made in the world a year", source="hbm-market-2024", basis="estimated",
        low=15_000_000, high=120_000_000)
    memory_import_share: float = number(
        0.15, "1", "share of those that Chinese vendors may buy where stacks are not controlled",
        source="assumption-components", basis="assumed", low=0.0, high=0.5)
    memory_price: float = number(
        230.0, "USD/stack", "price of an imported HBM stack", source="hbm-market-2024", basis="estimated", low=100,
        high=800)

    power_usage: float = number(
        1.3, "1", "power that a data centre draws over what its chips draw", source="assumption-running-cost",
        basis="assumed", low=1.05, high=2.0)
    electricity_price: float = number(
        0.08, "USD/kWh", "price of electricity to a data centre before any rebate", source="assumption-running-cost",
        basis="assumed", low=0.03, high=0.2)
    chip_years: float = number(
        5.0, "year", "years that a buyer reckons to run a chip", source="assumption-running-cost", basis="assumed",
        low=2.0, high=10.0)

    algorithm_growth: float = number(
        1.04, "1/year", "d ln A* / dt at the frontier (compute needed halves every 8 months)",
        source="ho-2024-algorithms", basis="estimated", low=0.6, high=1.7)
    frontier_compute_growth: float = number(
        1.5, "1/year", "log growth of the training compute of frontier models before the run (4.5 x a year)",
        source="epoch-training-compute", basis="estimated", low=1.1, high=1.7)
    algorithm_diffusion: float = number(
        1.0, "1/year", "rate at which a lab behind the frontier of algorithms catches up",
        source="pilz-2023", basis="assumed", low=0.2, high=3.0)
    open_weight_diffusion: float = number(
        0.5, "1/year", "rate at which a lab closes its gap in effective compute to the best open weights",
        source="assumption-distillation", basis="assumed", low=0.0, high=3.0)
    innovation_rate: float = number(
        1.5, "1/year", "innovations of a lab a year, at its opening compute for experiments and all idle hours of its serving",
        source="assumption-innovation", basis="assumed", low=0.0, high=6.0)
    innovation_size: float = number(
        0.2, "1", "mean rise of ln A by one innovation (exponential)", source="assumption-innovation",
        basis="assumed", low=0.0, high=1.0)
    research_returns: float = number(
        0.5, "1", "innovations grow as compute for experiments to this power (1 without duplication)",
        source="jones-1995", basis="assumed", low=0.2, high=1.0)
    harder_ideas: float = number(
        1.0, "1", "growth of the experiments that as many innovations take, over the growth of all labs' compute",
        source="bloom-2020", basis="assumed", low=0.0, high=1.5)
    quality_per_decade: float = number(
        20.0, "point", "rise of quality for ten times the effective compute (sets the scale of points)",
        source="assumption-quality-scale", basis="assumed", low=5, high=50)
    quality_reference: float = number(
        100.0, "point", "quality of the best model at the end of 2024 (sets the origin of points)",
        source="assumption-quality-scale", basis="assumed", low=0, high=1000)
    frontier_training_flop: float = number(
        5.0e25, "FLOP", "training compute of the best model at the end of 2024", source="epoch-notable-models",
        basis="estimated", low=2e25, high=2e26)
    project_shock: float = number(
        3.0, "point", "standard deviation of a finished model's quality about what its compute gives",
        source="assumption-project-shock", basis="assumed", low=0.0, high=10.0)
    size_exponent: float = number(
        0.3, "1", "active parameters grow as training compute to this power (0.5 would be compute-optimal)",
        source="hoffmann-2022", basis="assumed", low=0.0, high=0.6)
