"""Is a licence a sale, and who pays a levy on it?

Permission for the H20 from July 2025 with a levy of none, 15 and 30 % of the price, refused for ever, and the H200 case
by case behind both gates or behind the US one alone. Full size: 100 seeds x 6 policies = 600 runs,
about 20 minutes on two cores.
"""

from dataclasses import replace
from datetime import date

from abm import HISTORY_2025, Experiment
from abm.policy import POLICIES, Policy

LEVY_15 = POLICIES["levy_15"]
LEVY = LEVY_15.instrument("us_levy_2025_08")


def levied(share: float) -> Policy:
    """Licences for the H20 with another levy for ever, and no rule of December 2025 or later."""
    percent = f"{100 * share:g}"
    other = replace(LEVY, rate=share, title=f"{percent} % of licensed China revenue to the US Treasury",
                    cites=f"counterfactual arm: a levy of {percent} %")
    instruments = tuple(other if one.name == LEVY.name else one for one in LEVY_15.instruments)
    return replace(LEVY_15, name=f"levy_{percent}", instruments=instruments,
                   description=f"licences for the H20 with a levy of {percent} % for ever, and no later rule")


EXPERIMENT = Experiment(
    name="licence_terms",
    question=__doc__,
    scenarios=(HISTORY_2025,),
    policies=(
        LEVY_15, levied(0.0), levied(0.3),
        *(POLICIES[name] for name in ("h20_ban_kept", "h200_review", "h200_review_without_prc_gate"))),
    seeds=range(100),
    until=date(2026, 12, 31),
    outcomes=(
        "approved_units",
        "delivered_licensed_units",
        "h20_shipped_units",
        "diverted_units",
        "china_effective_compute",
        "nvda_value",
        "next_launch_months",
    ),
)
