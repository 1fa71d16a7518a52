"""Country groups of the US Export Administration Regulations, for the countries a scenario may name."""

from __future__ import annotations

from abm.errors import unknown

ARMS_EMBARGOED = "D:5"
NATIONAL_SECURITY = "D:1"
MISSILE_TECHNOLOGY = "D:4"
ALLIED = "A:1"
OTHER = "B"

# Supplement No. 1 to 15 CFR Part 740, the narrowest group that the advanced-computing rules distinguish. Hong Kong
# counts with China; Macau is in D:5 for these rules. Malaysia and Singapore are in no D group.
_MEMBERS = {
    ARMS_EMBARGOED: "CN HK MO RU BY CU IR KP SY VE MM",
    NATIONAL_SECURITY: "VN KZ AM GE KH LA",
    MISSILE_TECHNOLOGY: "AE SA QA KW BH OM JO EG LB IQ YE PK",
    ALLIED: "US AU AT BE CA CH CZ DE DK ES FI FR GB GR HU IE IT JP KR LU NL NO NZ PL PT SE TW",
    OTHER: "SG MY IN ID TH PH BR MX IL TR ZA CL AR",
}
GROUP = {country: group for group, members in _MEMBERS.items() for country in members.split()}


def group_of(country: str) -> str:
    """The country group of an ISO 3166 code.

    Raises InputError for a code that is not listed, with the nearest one that is.
    Source: 15 CFR Part 740, Supplement No. 1.
    """
    try:
        return GROUP[country]
    except KeyError:
        raise unknown("country", country, GROUP) from None


def countries_in(*places: str) -> frozenset[str]:
    """The country codes that the given codes and group names stand for."""
    named = {place for place in places if place not in _MEMBERS}
    for country in sorted(named):
        group_of(country)
    return frozenset(named) | {country for country, group in GROUP.items() if group in places}
