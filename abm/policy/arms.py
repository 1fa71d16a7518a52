"""The policies that ship: arms of an experiment, and the ways to make further ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from abm.policy.enforcement import Enforcement
from abm.policy.instrument import US, Instrument, Notice
from abm.policy.listings import LISTINGS
from abm.policy.measures import BIG_FUND_2024_05, CHINESE, POWER_2025_11
from abm.policy.paragraphs import RuleOfOctober2023
from abm.policy.policy import Policy, remaining
from abm.policy.statutes import AMERICAN, DIFFUSION_2025_01, RULE_2022_10
from abm.policy.verification import LocationVerification
from abm.scenario.declare import Declared

FIRST_FREE_DAY = date(2025, 1, 1)
END_OF_2024 = date(2024, 12, 31)

HISTORICAL = Policy(
    name="historical", description="the rules of both governments as they came, to mid-2026",
    instruments=AMERICAN + LISTINGS + CHINESE)


def frozen_after(policy: Policy, day: date, *, name: str, description: str) -> Policy:
    """The policy as it stood at the end of a day: what was public then stays, nothing comes, nothing ends later.

    Governments no longer react either.
    """
    later = {one.name for one in policy.instruments if one.public > day}
    kept = remaining(policy.instruments, later)
    return Policy(name, description, tuple(_endless(one) if one.ends and one.ends > day else one for one in kept))


def lifted_on(policy: Policy, day: date, *, name: str, description: str) -> Policy:
    """The policy with all instruments of the US government ended on a day and none later.

    What the other government did in answer to the missing ones is gone as well; what the world knew before is not.
    """
    lifting = Notice(
        name=f"us_controls_lifted_{day:%Y_%m}", title="US chip controls lifted", government=US, public=day,
        effective=day, cites="counterfactual arm: all US chip controls lifted")
    kept = without_us_acts_of(policy, date.min, day, None)
    reacting = tuple(one for one in policy.reactions if one.government != US)
    return Policy(name, description, (*kept, lifting), reacting)


def without_us_acts_of(
    policy: Policy, first: date, day: date, successor: str | None
) -> tuple[Instrument, ...]:
    """The instruments with US acts published from a date on ended on a later day, and those after that day gone.

    ``successor`` names the instrument that takes the place of the ended ones, so that it is no tightening on them.
    """
    never = {one.name for one in policy.instruments if one.government == US and one.market_day >= day}
    return tuple(
        replace(one, ends=day, superseded_by=successor) if _is_lifted(one, first, day) else one
        for one in remaining(policy.instruments, never)
    )


def _is_lifted(one: Instrument, first: date, day: date) -> bool:
    return one.government == US and one.public >= first and (one.ends is None or one.ends > day)


def _endless(one: Instrument) -> Instrument:
    return replace(one, ends=None, superseded_by=None)


NO_CONTROLS = lifted_on(
    HISTORICAL, FIRST_FREE_DAY, name="no_controls", description="US chip controls lifted on the first free day")

RULES_OF_END_2024 = frozen_after(
    HISTORICAL, END_OF_2024, name="rules_of_end_2024",
    description="the rules public at the end of 2024 for ever: no letter on the H20")


@lru_cache(maxsize=16)
def rules_before(day: date) -> Policy:
    """History as it stood at the end of the day before, for ever: the rules under which a world that starts then opened."""
    return frozen_after(
        HISTORICAL, day - timedelta(days=1), name=f"rules_before_{day:%Y_%m_%d}",
        description=f"the rules public before {day.isoformat()} for ever")


RULE_OF_2022_RESTORED = replace(
    RULE_2022_10, name="us_3a090_2022_10_restored", title="3A090 of October 2022 again, in place of all later rules",
    public=FIRST_FREE_DAY, effective=FIRST_FREE_DAY, ends=None, superseded_by=None,
    cites="counterfactual arm: the rule of 87 FR 62186 on the first free day")

OCTOBER_2022_ONLY = Policy(
    "october_2022_only", "US rules of 2023 and later lifted on the first free day, the rule of October 2022 in their place",
    (*without_us_acts_of(HISTORICAL, date(2023, 1, 1), FIRST_FREE_DAY, RULE_OF_2022_RESTORED.name),
     RULE_OF_2022_RESTORED))

H20_BAN_KEPT = replace(
    HISTORICAL.without("us_licences_2025_07"), name="h20_ban_kept",
    description="the letter of April 2025 without the licences of July 2025 and all that answers them")

LEVY_15 = frozen_after(
    HISTORICAL, date(2025, 11, 30), name="levy_15",
    description="licences for the H20 with the 15 % levy for ever, and no rule of December 2025 or later")

H200_REVIEW = replace(
    HISTORICAL.without("us_parent_guidance_2026_05"), name="h200_review",
    description="the H200 case by case behind both gates, without the guidance on subsidiaries of May 2026")

H200_REVIEW_WITHOUT_PRC_GATE = replace(
    H200_REVIEW.without("cn_customs_h200_2026_01"), name="h200_review_without_prc_gate",
    description="the H200 case by case as in h200_review, without what China did about purchases of the H200")

DIFFUSION_CAPS_KEPT = Policy(
    "diffusion_caps_kept", "the AI Diffusion Rule takes effect on 2025-05-15 and stays",
    tuple(replace(one, ends=None) if one.name == DIFFUSION_2025_01.name else one
          for one in HISTORICAL.without("us_diffusion_rescinded_2025_05").instruments))

ENFORCEMENT_X5 = replace(
    HISTORICAL.amended("enforcement_x5", Enforcement(
        name="us_enforcement_x5_2025_01", title="five times the enforcement effort", government=US,
        public=FIRST_FREE_DAY, effective=FIRST_FREE_DAY, cites="counterfactual arm: enforcement effort times five",
        effort=5.0)),
    description="the rules as they came, with five times the enforcement effort from the first free day")

LOCATION_VERIFICATION = replace(
    HISTORICAL.amended("location_verification", LocationVerification(
        name="us_location_2025_07", title="chips under 3A090 must report where they are", government=US,
        public=date(2025, 7, 1), effective=date(2025, 7, 1), test=RuleOfOctober2023(),
        cites="counterfactual arm: S. 1705, 119th Congress (Chip Security Act, a proposal of 2025-05-08) as if in force")),
    description="the rules as they came, and diverted chips found by their own reports and switched off from 2025-07-01")

PRC_SUBSIDY_X2 = replace(
    HISTORICAL.amended(
        "prc_subsidy_x2",
        replace(
            BIG_FUND_2024_05, name="cn_big_fund_doubled_2025_01", title="the national fund for integrated circuits doubled",
            public=FIRST_FREE_DAY, effective=FIRST_FREE_DAY, responds_to=BIG_FUND_2024_05.name,
            cites="counterfactual arm: as much again as the fund of 2024-05-24"),
        replace(
            POWER_2025_11, power_rebate=2 * POWER_2025_11.power_rebate,
            cites="counterfactual arm: twice the provincial measures of 2025-11")),
    description="the rules as they came, with twice China's subsidies: its fund from the first free day, its power rebate")

POLICIES = {
    policy.name: policy
    for policy in (
        NO_CONTROLS, OCTOBER_2022_ONLY, RULES_OF_END_2024, HISTORICAL, H20_BAN_KEPT, LEVY_15, H200_REVIEW,
        H200_REVIEW_WITHOUT_PRC_GATE, DIFFUSION_CAPS_KEPT, ENFORCEMENT_X5, LOCATION_VERIFICATION, PRC_SUBSIDY_X2,
    )
}


def policy_parameters(policy: Policy = HISTORICAL) -> tuple[Declared, ...]:
    """Every declared number of a policy that can matter: path, value, unit, meaning, source, basis and range."""
    return policy.parameters()


def first_difference(one: Policy, other: Policy) -> date | None:
    """The first day on which two policies differ in what is public, in force or may react, None if they never do."""
    days = {day for policy in (one, other) for day in _days(policy)}
    return next((day for day in sorted(days) if _seen(one, day) != _seen(other, day)), None)


def _days(policy: Policy) -> tuple[date, ...]:
    dated = ((one.market_day, one.binds_from, one.ends) for one in policy.instruments)
    days = tuple(day for three in dated for day in three if day is not None)
    return (*days, *(one.since for one in policy.reactions))


def _seen(policy: Policy, day: date) -> tuple[object, ...]:
    """What can be known on a day: instruments public by then and whether they bind, their later ends left out.

    And the reactions that may act by then.
    """
    public = ((replace(one, ends=None, superseded_by=None), one.in_force(day))
              for one in policy.instruments if one.market_day <= day)
    return (*public, *(one for one in policy.reactions if one.since <= day))
