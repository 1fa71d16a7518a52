"""Country groups of the US Export Administration Regulations, for every country code of ISO 3166-1.

Source: Supplement No. 1 to 15 CFR Part 740, in the state of 15 March 2024 (89 FR 18780, Nicaragua) to 2 February 2026,
read against the eCFR of 23 July 2026 and taken back by the two changes since: Cambodia left D:5 and stays in D:1
(91 FR 5091, 3 February 2026); the United Arab Emirates moved from D:4 to A:5, but the rules on advanced computing
go on naming them beside the D groups, so that they stay in D:4 here.
"""

from __future__ import annotations

from abm.errors import InputError, unknown

ARMS_EMBARGOED = "D:5"
NATIONAL_SECURITY = "D:1"
MISSILE_TECHNOLOGY = "D:4"
ALLIED = "A:5"
FURTHER_ALLIED = "A:6"
OTHER = "other"

# One group for each country, as 15 CFR 742.6(a)(6)(iii) tells them apart: D:5, else D:1, else D:4. What is in A:5 or
# A:6 as well (Israel, in D:4) is out of the scope of 3A090 and stands there. Macau is in D:1 and D:4 only, but the
# rules say "Macau or D:5" throughout; Hong Kong counts with China since 85 FR 83765.
_MEMBERS = {
    ARMS_EMBARGOED: "AF BY CD CF CN CU ER HK HT IQ IR KH KP LB LY MM MO NI RU SD SO SS SY VE ZW",
    NATIONAL_SECURITY: "AM AZ GE KG KZ LA MD MN TJ TM UZ VN YE",
    MISSILE_TECHNOLOGY: "AE BH EG JO KW OM PK QA SA",
    ALLIED: "AR AT AU BE BG CA CH CZ DE DK EE ES FI FR GB GR HR HU IE IN IS IT JP KR LT LU LV NL NO NZ PL PT RO SE "
    "SI SK TR",
    FURTHER_ALLIED: "AL CY IL MT MX SG TW ZA",
    OTHER: "AD AG AI AO AQ AS AW AX BA BB BD BF BI BJ BL BM BN BO BQ BR BS BT BV BW BZ CC CG CI CK CL CM CO CR CV CW "
    "CX DJ DM DO DZ EC EH ET FJ FK FM FO GA GD GF GG GH GI GL GM GN GP GQ GS GT GU GW GY HM HN ID IM IO JE JM KE KI "
    "KM KN KY LC LI LK LR LS MA MC ME MF MG MH MK ML MP MQ MR MS MU MV MW MY MZ NA NC NE NF NG NP NR NU PA PE PF PG "
    "PH PM PN PR PS PW PY RE RS RW SB SC SH SJ SL SM SN SR ST SV SX SZ TC TD TF TG TH TK TL TN TO TT TV TZ UA UG UM "
    "US UY VA VC VG VI VU WF WS YT ZM",
}
GROUP = {country: group for group, members in _MEMBERS.items() for country in members.split()}


def group_of(country: str) -> str:
    """The country group of an ISO 3166 code: D:5, D:1, D:4, A:5, A:6 or other.

    Raises InputError for a code that is not listed, with the nearest one that is.
    Source: 15 CFR Part 740, Supplement No. 1.
    """
    try:
        return GROUP[country]
    except KeyError:
        raise unknown_country(country) from None


def unknown_country(country: str) -> InputError:
    """The error for a code that is not one of ISO 3166-1; a code in small letters is told its capital ones."""
    if country.upper() in GROUP:
        return InputError(f'unknown country "{country}" (did you mean "{country.upper()}"?)')
    return unknown("country", country, GROUP)


def countries_in(*places: str) -> frozenset[str]:
    """The country codes that the given codes and group names stand for."""
    named = {place for place in places if place not in _MEMBERS}
    for country in sorted(named):
        group_of(country)
    return frozenset(named) | {country for country, group in GROUP.items() if group in places}
