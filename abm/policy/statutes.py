"""US export rules on chips, 2020-2026, as instruments with the thresholds of the law.

Dates are calendar days; a rule binds from the first trading day on which it is both law and public.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from abm.policy.enforcement import Enforcement
from abm.policy.export_control import AffiliatesRule, ComponentControl, EndUseControl, ExportControl, MemoryControl
from abm.policy.instrument import US, Notice
from abm.policy.levy import Levy
from abm.policy.licence import Licensing
from abm.policy.paragraphs import (
    BandwidthLetter,
    EarlyEffectOfOctober2023,
    NamedParts,
    ReviewLimits,
    RuleOfOctober2022,
    RuleOfOctober2023,
    TariffBand,
    TariffBands,
    version_of_october_2023,
)
from abm.policy.quota import CustomerCap, DiffusionQuota, HomeMarketShare

CHINA = ("CN", "HK", "MO")
EMBARGOED = ("D:5",)
MAY_BE_NOTIFIED = ("3A090.a NAC", "3A090.b.1", "3A090.b.2")
ALLIES = tuple("AU BE CA DE DK ES FI FR GB IE IT JP KR NL NO NZ SE TW".split())

MILITARY_END_USE = EndUseControl(
    name="us_military_end_use_2020", title="military end use and end users", government=US, public=date(2020, 4, 28),
    effective=date(2020, 6, 29), cites="85 FR 23459; 15 CFR 744.21", end_uses=("military",),
    denied=("CN", "HK", "MO", "RU", "BY", "MM", "VE"), paragraph="744.21")

LETTERS_2022_08 = ExportControl(
    name="us_letters_2022_08", title="is-informed letters to NVIDIA and AMD by name of part", government=US,
    public=date(2022, 8, 31), after_close=True, effective=date(2022, 8, 26), ends=date(2022, 10, 7),
    superseded_by="us_3a090_2022_10", cites="NVIDIA form 8-K of 2022-08-31", denied=("CN", "HK"),
    test=NamedParts(parts=("A100", "H100", "MI250", "MI250X"), paragraph="letter 2022-08"))

LETTERS_RUSSIA_2022_08 = replace(  # the rule of October 2022 spoke of China alone
    LETTERS_2022_08, name="us_letters_russia_2022_08", title="is-informed letters to NVIDIA and AMD, as they concern Russia",
    denied=("RU",), ends=date(2023, 11, 17), superseded_by="us_3a090_2023_10")

RULE_2022_10 = ExportControl(
    name="us_3a090_2022_10", title="3A090 created: performance and interconnect", government=US,
    public=date(2022, 10, 7), effective=date(2022, 10, 7), ends=date(2023, 11, 17), superseded_by="us_3a090_2023_10",
    cites="87 FR 62186", denied=CHINA, test=RuleOfOctober2022())

TOOLS_2022_10 = ComponentControl(
    name="us_foundry_tools_2022_10", title="tools for advanced foundries, by item and by end use", government=US,
    public=date(2022, 10, 7), effective=date(2022, 10, 7), cites="87 FR 62186; 15 CFR 744.23", component="foundry_tools",
    denied=CHINA, paragraph="3B090")

RULE_2023_10 = ExportControl(
    name="us_3a090_2023_10", title="3A090 rewritten: performance and performance density", government=US,
    public=date(2023, 10, 17), effective=date(2023, 11, 17), cites="88 FR 73458", denied=EMBARGOED,
    approved=("D:1", "D:4"), follows_parent=True, notice_for=MAY_BE_NOTIFIED, test=RuleOfOctober2023())

EARLY_EFFECT_2023_10 = ExportControl(
    name="us_early_effect_2023_10", title="the rule of October 2023 in effect at once for NVIDIA's listed parts",
    government=US, public=date(2023, 10, 24), effective=date(2023, 10, 23), ends=date(2023, 11, 17),
    responds_to="us_3a090_2023_10", superseded_by="us_3a090_2023_10", cites="NVIDIA form 8-K of 2023-10-24",
    denied=EMBARGOED, follows_parent=True, test=EarlyEffectOfOctober2023())

NOTICE_SPLIT_2024_04 = Notice(
    name="us_notice_split_2024_04", title="licence exception NAC split into NAC (notice) and ACA (none)", government=US,
    public=date(2024, 4, 4), effective=date(2024, 4, 4), responds_to="us_3a090_2023_10", cites="89 FR 23876")

MEMORY_2024_12 = MemoryControl(
    name="us_hbm_2024_12", title="3A090.c: stacks of high-bandwidth memory", government=US, public=date(2024, 12, 2),
    effective=date(2024, 12, 2), cites="89 FR 96790", component="hbm", denied=CHINA, paragraph="3A090.c")

TOOLS_2024_12 = ComponentControl(
    name="us_foundry_tools_2024_12", title="foundry tools for advanced chips", government=US,
    public=date(2024, 12, 2), effective=date(2024, 12, 2), cites="89 FR 96790", component="foundry_tools",
    denied=CHINA, paragraph="3B001")

DIFFUSION_2025_01 = DiffusionQuota(
    name="us_ai_diffusion_2025_01", title="AI Diffusion Rule: three tiers of countries", government=US,
    public=date(2025, 1, 13), effective=date(2025, 5, 15), ends=date(2025, 5, 13), cites="90 FR 4544", allies=ALLIES,
    test=RuleOfOctober2023(), controlled="3A090.a")

DIFFUSION_RESCINDED_2025_05 = Notice(
    name="us_diffusion_rescinded_2025_05", title="AI Diffusion Rule rescinded before its compliance date",
    government=US, public=date(2025, 5, 13), effective=date(2025, 5, 13), responds_to="us_ai_diffusion_2025_01",
    cites="BIS press release of 2025-05-13")

ASCEND_GUIDANCE_2025_05 = Notice(
    name="us_ascend_guidance_2025_05", title="guidance that the use of Ascend 910B, 910C and 910D risks a violation",
    government=US, public=date(2025, 5, 13), effective=date(2025, 5, 13), cites="BIS guidance of 2025-05-13")

LETTER_2025_04 = ExportControl(
    name="us_letter_2025_04", title="letters on H20, MI308 and Gaudi by bandwidth", government=US,
    public=date(2025, 4, 15), after_close=True, effective=date(2025, 4, 9), cites="NVIDIA form 8-K of 2025-04-15",
    denied=EMBARGOED, follows_parent=True, test=BandwidthLetter())

LICENCES_2025_07 = Licensing(
    name="us_licences_2025_07", title="licences for H20 and MI308 promised", government=US, public=date(2025, 7, 14),
    effective=date(2025, 7, 14), responds_to="us_letter_2025_04", cites="NVIDIA statement of 2025-07-14",
    places=CHINA, eases=("us_letter_2025_04",), test=version_of_october_2023("letter 2025-04", "NVIDIA", "AMD"),
    approval_probability=0.6)

LEVY_2025_08 = Levy(
    name="us_levy_2025_08", title="15 % of licensed China revenue to the US Treasury", government=US,
    public=date(2025, 8, 11), effective=date(2025, 8, 11), responds_to="us_licences_2025_07",
    cites="White House announcement of 2025-08-11, never codified", on_licences=("us_licences_2025_07",), rate=0.15)

AFFILIATES_2025_09 = AffiliatesRule(
    name="us_affiliates_2025_09", title="Affiliates Rule: half owned by a listed entity is listed", government=US,
    public=date(2025, 9, 29), effective=date(2025, 9, 29), ends=date(2025, 11, 10), cites="90 FR 47201; 15 CFR 744.11")

AFFILIATES_SUSPENDED_2025_11 = Notice(
    name="us_affiliates_suspended_2025_11", title="Affiliates Rule suspended for a year", government=US,
    public=date(2025, 11, 10), effective=date(2025, 11, 10), responds_to="us_affiliates_2025_09",
    cites="90 FR 50857 (m)")

H200_2025_12 = Licensing(
    name="us_h200_2025_12", title="H200 to approved customers", government=US, public=date(2025, 12, 8),
    effective=date(2025, 12, 8), ends=date(2026, 1, 15), superseded_by="us_review_2026_01",
    cites="White House announcement of 2025-12-08", places=CHINA, eases=("us_3a090_2023_10", "us_letter_2025_04"),
    test=NamedParts(parts=("H200",), paragraph="announcement 2025-12"), approval_probability=0.6)

CUT_2025_12 = Levy(
    name="us_cut_2025_12", title="25 % of H200 China revenue to the US Treasury", government=US,
    public=date(2025, 12, 8), effective=date(2025, 12, 8), ends=date(2026, 1, 14), superseded_by="us_tariff_2026_01",
    responds_to="us_h200_2025_12", cites="White House announcement of 2025-12-08",
    on_licences=("us_h200_2025_12",), rate=0.25)

REVIEW_2026_01 = Licensing(
    name="us_review_2026_01", title="review case by case below 21,000 TPP and 6,500 GB/s", government=US,
    public=date(2026, 1, 15), effective=date(2026, 1, 15), responds_to="us_h200_2025_12",
    cites="91 FR 1684; 15 CFR 742.6(b)(10)(iii)", places=CHINA, eases=("us_3a090_2023_10", "us_letter_2025_04"),
    test=ReviewLimits(), controlled_under="3A090", quotas=(HomeMarketShare(), CustomerCap()),
    approval_probability=0.6)

TARIFF_2026_01 = Levy(
    name="us_tariff_2026_01", title="25 % tariff under section 232 on two bands of chips", government=US,
    public=date(2026, 1, 14), effective=date(2026, 1, 14), responds_to="us_h200_2025_12",
    cites="Proclamation under section 232 of 2026-01-14", rate=0.25,
    test=TariffBands(bands=(
        TariffBand(paragraph="band 1"),
        TariffBand(paragraph="band 2", tpp_from=20_800.0, tpp_below=21_100.0, bandwidth_from=5800.0, bandwidth_below=6200.0))))

PARENT_GUIDANCE_2026_05 = Enforcement(
    name="us_parent_guidance_2026_05", government=US, public=date(2026, 5, 31), effective=date(2026, 5, 31),
    title="enforcement guidance: the licence of 2023 follows the ultimate parent, subsidiaries abroad included",
    cites="BIS guidance of 2026-05-31 on 15 CFR 742.6 (744.23 in 88 FR 73458): no new rule, more enforcement", effort=1.5)

AMERICAN = (
    MILITARY_END_USE, LETTERS_2022_08, LETTERS_RUSSIA_2022_08, RULE_2022_10, TOOLS_2022_10, RULE_2023_10,
    EARLY_EFFECT_2023_10, NOTICE_SPLIT_2024_04,
    MEMORY_2024_12, TOOLS_2024_12, DIFFUSION_2025_01, DIFFUSION_RESCINDED_2025_05, ASCEND_GUIDANCE_2025_05,
    LETTER_2025_04, LICENCES_2025_07, LEVY_2025_08, AFFILIATES_2025_09, AFFILIATES_SUSPENDED_2025_11, H200_2025_12,
    CUT_2025_12, REVIEW_2026_01, TARIFF_2026_01, PARENT_GUIDANCE_2026_05,
)
