"""What the government of China told buyers of chips, and paid for its own, 2024-2026: the second gate, and subsidies."""

from __future__ import annotations

from datetime import date

from abm.policy.instrument import CN, Notice
from abm.policy.paragraphs import AnyChip, NamedParts, SpecialVersions, version_of_october_2023
from abm.policy.purchase_guidance import PurchaseApproval, PurchaseGuidance
from abm.policy.quota import Ceiling
from abm.policy.subsidy import Subsidy

THREE_PLATFORMS = ("Alibaba", "ByteDance", "Tencent")

ANTITRUST_2024_12 = Notice(
    name="cn_antitrust_2024_12", title="antitrust inquiry into NVIDIA over Mellanox", government=CN,
    public=date(2024, 12, 9), effective=date(2024, 12, 9), cites="SAMR announcement of 2024-12-09")

ENERGY_2025_03 = Notice(  # advice that nobody enforced: sales of the chip rose in that quarter
    name="cn_energy_2025_03", title="energy-efficiency guidance that the H20 fails", government=CN,
    public=date(2025, 3, 1), effective=date(2025, 3, 1), cites="NDRC guidance of early 2025, as reported")

SUMMONS_2025_07 = Notice(
    name="cn_summons_2025_07", title="NVIDIA summoned over claimed back doors in the H20", government=CN,
    public=date(2025, 7, 31), effective=date(2025, 7, 31), responds_to="us_licences_2025_07",
    cites="CAC announcement of 2025-07-31")

JUSTIFY_2025_08 = PurchaseGuidance(
    name="cn_justify_h20_2025_08", title="buyers must justify orders of the H20", government=CN,
    public=date(2025, 8, 12), effective=date(2025, 8, 12), responds_to="us_licences_2025_07",
    cites="CAC, NDRC and MIIT guidance of 2025-08-12, as reported",
    test=version_of_october_2023("guidance 2025-08", "NVIDIA"), refusal_probability=0.7)

ANTITRUST_FINDING_2025_09 = Notice(
    name="cn_antitrust_finding_2025_09", title="preliminary antitrust finding against NVIDIA", government=CN,
    public=date(2025, 9, 15), effective=date(2025, 9, 15), responds_to="cn_antitrust_2024_12",
    cites="SAMR announcement of 2025-09-15")

SPECIAL_VERSIONS_2025_09 = PurchaseGuidance(
    name="cn_rtx_6000d_2025_09", title="platforms told to stop testing and buying the RTX Pro 6000D", government=CN,
    public=date(2025, 9, 17), effective=date(2025, 9, 17), cites="CAC guidance of 2025-09-17, as reported", banned=True,
    test=SpecialVersions(
        product_line="pcie", made_for="CN", released_from=date(2025, 7, 1), paragraph="guidance 2025-09"))

STATE_FUNDED_2025_11 = PurchaseGuidance(
    name="cn_state_funded_2025_11", title="no foreign AI chips in new state-funded data centres", government=CN,
    public=date(2025, 11, 5), effective=date(2025, 11, 5), cites="central government guidance of 2025-11-05, as reported",
    end_uses=("state_funded",), banned=True, test=AnyChip(paragraph="guidance 2025-11"))

BIG_FUND_2024_05 = Subsidy(
    name="cn_big_fund_2024_05", title="third phase of the national fund for integrated circuits, 344 bn yuan",
    government=CN, public=date(2024, 5, 24), effective=date(2024, 5, 24),
    cites="registration of the China Integrated Circuit Industry Investment Fund, phase III, 2024-05-24",
    capacity_growth=0.1)

POWER_2025_11 = Subsidy(
    name="cn_power_subsidy_2025_11", title="power bills of data centres with domestic chips up to halved", government=CN,
    public=date(2025, 11, 5), effective=date(2025, 11, 5), cites="provincial measures of 2025-11, as reported",
    power_rebate=0.5)

CUSTOMS_2026_01 = PurchaseGuidance(
    name="cn_customs_h200_2026_01", title="customs told that the H200 is not permitted, bought only when necessary",
    government=CN, public=date(2026, 1, 14), effective=date(2026, 1, 14), responds_to="us_h200_2025_12",
    cites="customs instruction of 2026-01-14, as reported", test=NamedParts(parts=("H200",), paragraph="customs 2026-01"),
    refusal_probability=0.9)

CONDITIONAL_2026_01 = PurchaseApproval(
    name="cn_conditional_h200_2026_01", title="conditional approvals of the H200 for three platforms", government=CN,
    public=date(2026, 1, 28), effective=date(2026, 1, 28), responds_to="us_h200_2025_12",
    cites="approvals of 2026-01-28, as reported", eases=("cn_customs_h200_2026_01",), customers=THREE_PLATFORMS,
    test=NamedParts(parts=("H200",), paragraph="approval 2026-01"), quotas=(Ceiling(),))

CHINESE = (
    BIG_FUND_2024_05, ANTITRUST_2024_12, ENERGY_2025_03, SUMMONS_2025_07, JUSTIFY_2025_08, ANTITRUST_FINDING_2025_09,
    SPECIAL_VERSIONS_2025_09, STATE_FUNDED_2025_11, POWER_2025_11, CUSTOMS_2026_01, CONDITIONAL_2026_01,
)
