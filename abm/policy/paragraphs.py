"""The tests of the law: which paragraph catches a chip. Each is a value that holds its thresholds and can be called.

A test returns the paragraph that catches the chip, None where the chip is free, and UNDECIDED where a number that
nobody has published, or a market or vendor that nobody has named, leaves the answer open. It says which fields of a
chip it reads, and how far a chip is from each of its thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from abm.policy.instrument import UNDECIDED
from abm.policy.three_valued import answer, at_least, both, either, within
from abm.scenario.catalogue import Chip
from abm.scenario.declare import Section, number


class Threshold(NamedTuple):
    """A number of the law, and the attribute of a chip that is held against it."""

    name: str
    attribute: str
    value: float
    unit: str

    def margin(self, chip: Chip) -> float | None:
        """The chip's number less the threshold, None where it is unknown."""
        number = getattr(chip, self.attribute)
        return None if number is None else number - self.value


@dataclass(frozen=True, kw_only=True)
class ChipTest(Section):
    """A test of the law. ``reads`` names the stored fields of a chip on which its answer depends.

    ``compares`` gives for each declared threshold the attribute of the chip that is held against it.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    compares: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def thresholds(self) -> tuple[Threshold, ...]:
        """The declared thresholds, in their order."""
        declared = {one.path.removeprefix("."): one for one in self.declared("")}
        return tuple(Threshold(name, of, declared[name].value, declared[name].unit) for name, of in self.compares.items())

    def margins(self, chip: Chip) -> dict[str, float | None]:
        """For each threshold the chip's number less the threshold, in its unit; None where the number is unknown."""
        return {one.name: one.margin(chip) for one in self.thresholds()}


@dataclass(frozen=True, kw_only=True)
class NamedParts(ChipTest):
    """A letter, a promise or guidance that speaks of parts by name: "H20" means every part whose first word it is."""

    reads: ClassVar = ("name",)

    parts: tuple[str, ...]
    paragraph: str

    def __call__(self, chip: Chip) -> str | None:
        """The paragraph, if the chip is one of the parts."""
        named = any(chip.name == part or chip.name.startswith(f"{part} ") for part in self.parts)
        return self.paragraph if named else None


@dataclass(frozen=True, kw_only=True)
class RuleOfOctober2022(ChipTest):
    """3A090 as created in October 2022: performance and interconnect together. Source: 87 FR 62186."""

    reads: ClassVar = ("tpp", "interconnect_gbs")
    compares: ClassVar = MappingProxyType({"tpp": "tpp", "interconnect": "interconnect_gbs"})

    tpp: float = number(
        4800.0, "TPP", "total processing performance from which a chip is caught", source="87-fr-62186", basis="measured",
        low=0, high=1e6)
    interconnect: float = number(
        600.0, "GB/s", "interconnect from which a chip is caught", source="87-fr-62186", basis="measured", low=0, high=1e5)

    def __call__(self, chip: Chip) -> str | None:
        """3A090, None or UNDECIDED."""
        return answer(both(chip.tpp >= self.tpp, at_least(chip.interconnect_gbs, self.interconnect)), "3A090")


@dataclass(frozen=True, kw_only=True)
class RuleOfOctober2023(ChipTest):
    """3A090 as rewritten in October 2023: performance and performance density. Source: 88 FR 73458."""

    reads: ClassVar = ("tpp", "die_mm2", "datacentre")
    compares: ClassVar = MappingProxyType({
        "tpp_high": "tpp", "tpp_middle": "tpp", "tpp_low": "tpp", "density_high": "performance_density",
        "density_middle": "performance_density", "density_low": "performance_density"})

    tpp_high: float = number(
        4800.0, "TPP", "performance from which .a catches any datacentre chip, and the notice any other chip",
        source="88-fr-73458", basis="measured", low=0, high=1e6)
    tpp_middle: float = number(
        2400.0, "TPP", "performance from which .b.1 applies", source="88-fr-73458", basis="measured", low=0, high=1e6)
    tpp_low: float = number(
        1600.0, "TPP", "performance from which density counts", source="88-fr-73458", basis="measured", low=0, high=1e6)
    density_high: float = number(
        5.92, "TPP/mm2", "density from which .a applies", source="88-fr-73458", basis="measured", low=0, high=1e3)
    density_middle: float = number(
        3.2, "TPP/mm2", "density from which .b.2 applies", source="88-fr-73458", basis="measured", low=0, high=1e3)
    density_low: float = number(
        1.6, "TPP/mm2", "density from which .b.1 applies", source="88-fr-73458", basis="measured", low=0, high=1e3)

    def __call__(self, chip: Chip) -> str | None:
        """3A090.a, 3A090.b.1, 3A090.b.2, 3A090.a NAC (not for datacentres), None or UNDECIDED."""
        other = "3A090.a NAC" if chip.tpp >= self.tpp_high else None
        if chip.datacentre is False:
            return other
        centre = self._for_datacentres(chip)
        return centre if chip.datacentre or centre == other else UNDECIDED

    def _for_datacentres(self, chip: Chip) -> str | None:
        tpp, density = chip.tpp, chip.performance_density
        counts = tpp >= self.tpp_low
        strict = either(tpp >= self.tpp_high, both(counts, at_least(density, self.density_high)))
        fast = both(self.tpp_middle <= tpp < self.tpp_high, within(density, self.density_low, self.density_high))
        dense = both(counts, within(density, self.density_middle, self.density_high))
        if strict is not False:
            return answer(strict, "3A090.a")
        return answer(fast, "3A090.b.1") if fast is not False else answer(dense, "3A090.b.2")


@dataclass(frozen=True, kw_only=True)
class EarlyEffectOfOctober2023(ChipTest):
    """The order that put the rule of October 2023 into effect at once for one vendor's datacentre parts."""

    reads: ClassVar = ("vendor", "datacentre", "tpp")
    compares: ClassVar = MappingProxyType({"tpp": "tpp"})

    vendor: str = "NVIDIA"
    tpp: float = number(
        4800.0, "TPP", "performance from which a part is caught at once", source="nvidia-8k-2023-10", basis="measured",
        low=0, high=1e6)

    def __call__(self, chip: Chip) -> str | None:
        """3A090.a, None or UNDECIDED."""
        from_vendor = chip.vendor == self.vendor if chip.vendor else None
        return answer(both(both(from_vendor, chip.datacentre), chip.tpp >= self.tpp), "3A090.a")


@dataclass(frozen=True, kw_only=True)
class BandwidthLetter(ChipTest):
    """The letters of April 2025: memory bandwidth, interconnect, or both together."""

    reads: ClassVar = ("bandwidth_tbs", "interconnect_gbs")
    compares: ClassVar = MappingProxyType({
        "bandwidth": "bandwidth_gbs", "interconnect": "interconnect_gbs", "traffic": "traffic_gbs"})

    bandwidth: float = number(
        1400.0, "GB/s", "memory bandwidth from which a chip is caught", source="bis-letters-2025-04", basis="measured",
        low=0, high=1e5)
    interconnect: float = number(
        1100.0, "GB/s", "interconnect from which a chip is caught", source="bis-letters-2025-04", basis="measured",
        low=0, high=1e5)
    traffic: float = number(
        1700.0, "GB/s", "memory bandwidth and interconnect in sum from which a chip is caught",
        source="bis-letters-2025-04", basis="measured", low=0, high=2e5)

    def __call__(self, chip: Chip) -> str | None:
        """letter 2025-04, None or UNDECIDED."""
        apart = either(
            at_least(chip.bandwidth_gbs, self.bandwidth), at_least(chip.interconnect_gbs, self.interconnect)
        )
        return answer(either(apart, at_least(chip.traffic_gbs, self.traffic)), "letter 2025-04")


@dataclass(frozen=True, kw_only=True)
class ReviewLimits(ChipTest):
    """Who may be reviewed case by case since January 2026: 15 CFR 742.6(b)(10)(iii). Source: 91 FR 1684."""

    reads: ClassVar = ("tpp", "bandwidth_tbs")
    compares: ClassVar = MappingProxyType({"tpp": "tpp", "bandwidth": "bandwidth_gbs"})

    tpp: float = number(
        21_000.0, "TPP", "performance below which a licence is reviewed case by case", source="91-fr-1684",
        basis="measured", low=0, high=1e6)
    bandwidth: float = number(
        6500.0, "GB/s", "memory bandwidth below which a licence is reviewed case by case", source="91-fr-1684",
        basis="measured", low=0, high=1e5)

    def __call__(self, chip: Chip) -> str | None:
        """742.6(b)(10)(iii) where the chip stays below both limits, None or UNDECIDED."""
        small, reaches = chip.tpp < self.tpp, at_least(chip.bandwidth_gbs, self.bandwidth)
        return answer(both(small, None if reaches is None else not reaches), "742.6(b)(10)(iii)")


@dataclass(frozen=True, kw_only=True)
class TariffBand(ChipTest):
    """One band of the tariff of January 2026 under section 232: ranges of performance and memory bandwidth."""

    reads: ClassVar = ("tpp", "bandwidth_tbs")
    compares: ClassVar = MappingProxyType({
        "tpp_from": "tpp", "tpp_below": "tpp", "bandwidth_from": "bandwidth_gbs", "bandwidth_below": "bandwidth_gbs"})

    paragraph: str
    tpp_from: float = number(
        14_000.0, "TPP", "performance from which the band applies", source="section-232-2026", basis="measured",
        low=0, high=1e6)
    tpp_below: float = number(
        17_500.0, "TPP", "performance below which the band applies", source="section-232-2026", basis="measured",
        low=0, high=1e6)
    bandwidth_from: float = number(
        4500.0, "GB/s", "memory bandwidth from which the band applies", source="section-232-2026", basis="measured",
        low=0, high=1e5)
    bandwidth_below: float = number(
        5000.0, "GB/s", "memory bandwidth below which the band applies", source="section-232-2026", basis="measured",
        low=0, high=1e5)

    def __call__(self, chip: Chip) -> str | None:
        """The band, None or UNDECIDED."""
        fast = self.tpp_from <= chip.tpp < self.tpp_below
        return answer(both(fast, within(chip.bandwidth_gbs, self.bandwidth_from, self.bandwidth_below)), self.paragraph)


@dataclass(frozen=True, kw_only=True)
class TariffBands(ChipTest):
    """The bands of a tariff, in their order; thresholds are named by the place of the band: "bands.0.tpp_from"."""

    reads: ClassVar = TariffBand.reads
    bands: tuple[TariffBand, ...]

    def __call__(self, chip: Chip) -> str | None:
        """The first band that the chip lies in, UNDECIDED where that is open, or None."""
        found = [band(chip) for band in self.bands]
        return next((one for one in found if one is not None), None)

    def thresholds(self) -> tuple[Threshold, ...]:
        """The thresholds of every band."""
        return tuple(
            one._replace(name=f"bands.{place}.{one.name}")
            for place, band in enumerate(self.bands) for one in band.thresholds())


@dataclass(frozen=True, kw_only=True)
class AnyChip(ChipTest):
    """A rule that speaks of every chip."""

    paragraph: str

    def __call__(self, chip: Chip) -> str | None:
        """The paragraph, whatever the chip."""
        return self.paragraph


@dataclass(frozen=True, kw_only=True)
class SpecialVersions(ChipTest):
    """A rule that speaks of versions of one product line made for one country and released in a span of days.

    ``vendors`` limits it to the versions of some vendors (empty: of all). Such a class holds in every world: where a
    version is the vendor's own design, it has another name than in history and comes after the same rule.
    """

    reads: ClassVar = ("vendor", "product_line", "made_for", "released")

    product_line: str
    made_for: str
    released_from: date
    released_until: date = date.max
    vendors: tuple[str, ...] = ()
    paragraph: str

    def __call__(self, chip: Chip) -> str | None:
        """The paragraph, if the chip is such a version."""
        special = chip.product_line == self.product_line and chip.made_for == self.made_for
        special = special and (not self.vendors or chip.vendor in self.vendors)
        recent = None if chip.released is None else self.released_from <= chip.released <= self.released_until
        return answer(both(special, recent), self.paragraph)


def version_of_october_2023(paragraph: str, *vendors: str) -> SpecialVersions:
    """The class of the H20 and MI308X: versions for China with stacked memory, from the rule of October 2023 to the letter."""
    return SpecialVersions(
        product_line="hbm", made_for="CN", released_from=date(2023, 10, 17), released_until=date(2025, 4, 15),
        vendors=vendors, paragraph=paragraph)
