"""Additions to the US Entity List that concern AI, with the parties that the sources name.

A mark (m) follows a citation from memory: re-read it against the notice before it is quoted.
"""

from __future__ import annotations

from datetime import date

from abm.policy.export_control import EntityListing
from abm.policy.instrument import US, Notice

LIST = "15 CFR Part 744, Supplement No. 4"


def _listed(
    public: date, entities: tuple[str, ...], title: str, *, notice: str, effective: date | None = None
) -> EntityListing:
    return EntityListing(
        name=f"us_entities_{public:%Y_%m}", title=f"{title} added to the Entity List", government=US, public=public,
        effective=effective or public, cites=f"{notice}; {LIST}", entities=entities)


HUAWEI_PRODUCTS_2020_05 = Notice(
    name="us_huawei_products_2020_05", title="foreign-made chips designed by Huawei are products of US technology",
    government=US, public=date(2020, 5, 15), effective=date(2020, 5, 15), responds_to="us_entities_2019_05",
    cites="85 FR 29849 (m); 15 CFR 734.9(e)(1)")

HUAWEI_PRODUCTS_2020_08 = Notice(
    name="us_huawei_products_2020_08", title="foreign-made chips that Huawei buys are products of US technology as well",
    government=US, public=date(2020, 8, 17), effective=date(2020, 8, 17), responds_to="us_huawei_products_2020_05",
    cites="85 FR 51596; 15 CFR 734.9(e)(1)")

LISTINGS = (
    _listed(date(2019, 5, 16), ("Huawei",), "Huawei", notice="84 FR 22961"),
    HUAWEI_PRODUCTS_2020_05,
    _listed(date(2020, 8, 17), ("Huawei Cloud",), "38 affiliates of Huawei with its clouds", notice="85 FR 51596"),
    HUAWEI_PRODUCTS_2020_08,
    _listed(date(2020, 12, 18), ("SMIC",), "SMIC", notice="85 FR 83416 (m)"),
    _listed(date(2022, 12, 16), ("YMTC", "Cambricon"), "YMTC and Cambricon", notice="87 FR 77505 (m)"),
    _listed(date(2023, 3, 2), ("Inspur", "Inspur Group", "Loongson"), "Inspur Group and Loongson", notice="88 FR 13673 (m)"),
    _listed(date(2023, 10, 17), ("Biren", "Moore Threads"), "Biren and Moore Threads", notice="88 FR 71991"),
    _listed(date(2024, 12, 2), ("Naura", "Piotech", "SiCarrier", "SwaySure"), "140 fabs and makers of tools",
            notice="89 FR 96830 (m), the parties by name (m)"),
    _listed(date(2025, 1, 15), ("Zhipu", "Zhipu AI", "Sophgo"), "Zhipu AI and Sophgo", notice="90 FR 4617 and 4621",
            effective=date(2025, 1, 16)),
    _listed(date(2025, 3, 25),
            ("Inspur units", "Inspur Taiwan", "Inspur Software", "Nettrix", "Suma", "BAAI",
             "Beijing Academy of Artificial Intelligence"),
            "80 parties with Inspur units, Nettrix and BAAI", notice="90 FR 14046"),
)
