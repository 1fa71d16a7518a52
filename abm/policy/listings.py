"""Additions to the US Entity List that concern AI, with the parties that the sources name."""

from __future__ import annotations

from datetime import date

from abm.policy.export_control import EntityListing
from abm.policy.instrument import US

LIST = "15 CFR Part 744, Supplement No. 4"


def _listed(day: date, entities: tuple[str, ...], title: str, why: str) -> EntityListing:
    return EntityListing(
        name=f"us_entities_{day:%Y_%m}", title=f"{title} added to the Entity List", government=US, public=day,
        effective=day, cites=f"{LIST}, {why}", entities=entities)


LISTINGS = (
    _listed(date(2019, 5, 16), ("Huawei",), "Huawei", "addition of 2019-05-16; product rule of 2020-08"),
    _listed(date(2020, 12, 18), ("SMIC",), "SMIC", "addition of 2020-12-18"),
    _listed(date(2022, 12, 16), ("YMTC", "Cambricon"), "YMTC and Cambricon", "addition of 2022-12-16"),
    _listed(date(2023, 3, 2), ("Inspur", "Inspur Group", "Loongson"), "Inspur Group and Loongson",
            "addition of 2023-03-02"),
    _listed(date(2023, 10, 17), ("Biren", "Moore Threads"), "Biren and Moore Threads", "addition of 2023-10-17"),
    _listed(date(2025, 1, 15), ("Zhipu", "Zhipu AI", "Sophgo"), "Zhipu AI and Sophgo", "addition of 2025-01-15"),
    _listed(date(2025, 3, 25), ("Inspur units", "Nettrix", "BAAI"), "80 parties with Inspur units, Nettrix and BAAI",
            "addition of 2025-03-25"),
)
