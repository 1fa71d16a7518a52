"""The tests of the law: which paragraph catches a chip. Each is a value that holds its thresholds and can be called.

A test returns the paragraph that catches the chip, None where the chip is free, and UNDECIDED where a number that
nobody has published leaves the answer open. Truth has three values for that reason: True, False and None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from abm.policy.instrument import UNDECIDED
from abm.scenario.catalogue import Chip
from abm.scenario.declare import Section, number

Truth = bool | None


def at_least(value: float | None, bound: float) -> Truth:
    """Whether a value reaches a bound; None where the value is unknown."""
    return None if value is None else value >= bound


def within(value: float | None, low: float, high: float) -> Truth:
    """Whether low <= value < high; None where the value is unknown."""
    return None if value is None else low <= value < high


def both(first: Truth, second: Truth) -> Truth:
    """True if both are, False if either is, None otherwise."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def either(first: Truth, second: Truth) -> Truth:
    """True if either is, False if both are, None otherwise."""
    if first or second:
        return True
    return None if first is None or second is None else False


def _answer(caught: Truth, paragraph: str) -> str | None:
    if caught is None:
        return UNDECIDED
    return paragraph if caught else None


@dataclass(frozen=True, kw_only=True)
class NamedParts(Section):
    """A letter, a promise or guidance that speaks of parts by name: "H20" means every part whose first word it is."""

    parts: tuple[str, ...]
    paragraph: str

    def __call__(self, chip: Chip) -> str | None:
        """The paragraph, if the chip is one of the parts."""
        named = any(chip.name == part or chip.name.startswith(f"{part} ") for part in self.parts)
        return self.paragraph if named else None


@dataclass(frozen=True, kw_only=True)
class RuleOfOctober2022(Section):
    """3A090 as created in October 2022: performance and interconnect together. Source: 87 FR 62186."""

    tpp: float = number(
        4800.0, "TPP", "total processing performance from which a chip is caught", source="87-fr-62186", basis="measured",
        low=0, high=1e6)
    interconnect: float = number(
        600.0, "GB/s", "interconnect from which a chip is caught", source="87-fr-62186", basis="measured", low=0, high=1e5)

    def __call__(self, chip: Chip) -> str | None:
        """3A090, None or UNDECIDED."""
        return _answer(both(chip.tpp >= self.tpp, at_least(chip.interconnect_gbs, self.interconnect)), "3A090")


@dataclass(frozen=True, kw_only=True)
class RuleOfOctober2023(Section):
    """3A090 as rewritten in October 2023: performance and performance density. Source: 88 FR 73458."""

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
        tpp, density = chip.tpp, chip.performance_density
        if not chip.datacentre:
            return "3A090.a NAC" if tpp >= self.tpp_high else None
        counts = tpp >= self.tpp_low
        strict = either(tpp >= self.tpp_high, both(counts, at_least(density, self.density_high)))
        fast = both(self.tpp_middle <= tpp < self.tpp_high, within(density, self.density_low, self.density_high))
        dense = both(counts, within(density, self.density_middle, self.density_high))
        if strict is not False:
            return _answer(strict, "3A090.a")
        return _answer(fast, "3A090.b.1") if fast is not False else _answer(dense, "3A090.b.2")


@dataclass(frozen=True, kw_only=True)
class EarlyEffectOfOctober2023(Section):
    """The order that put the rule of October 2023 into effect at once for one vendor's datacentre parts."""

    vendor: str = "NVIDIA"
    tpp: float = number(
        4800.0, "TPP", "performance from which a part is caught at once", source="nvidia-8k-2023-10", basis="measured",
        low=0, high=1e6)

    def __call__(self, chip: Chip) -> str | None:
        """3A090.a or None."""
        caught = chip.vendor == self.vendor and chip.datacentre and chip.tpp >= self.tpp
        return "3A090.a" if caught else None


@dataclass(frozen=True, kw_only=True)
class BandwidthLetter(Section):
    """The letters of April 2025: memory bandwidth, interconnect, or both together."""

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
        return _answer(either(apart, at_least(chip.traffic_gbs, self.traffic)), "letter 2025-04")


@dataclass(frozen=True, kw_only=True)
class ReviewLimits(Section):
    """Who may be reviewed case by case since January 2026: 15 CFR 742.6(b)(10)(iii). Source: 91 FR 1684."""

    tpp: float = number(
        21_000.0, "TPP", "performance below which a licence is reviewed case by case", source="91-fr-1684",
        basis="measured", low=0, high=1e6)
    bandwidth: float = number(
        6500.0, "GB/s", "memory bandwidth below which a licence is reviewed case by case", source="91-fr-1684",
        basis="measured", low=0, high=1e5)

    def __call__(self, chip: Chip) -> str | None:
        """742.6(b)(10)(iii) where the chip stays below both limits, None or UNDECIDED."""
        small, reaches = chip.tpp < self.tpp, at_least(chip.bandwidth_gbs, self.bandwidth)
        return _answer(both(small, None if reaches is None else not reaches), "742.6(b)(10)(iii)")


@dataclass(frozen=True, kw_only=True)
class TariffBand(Section):
    """One band of the tariff of January 2026 under section 232: ranges of performance and memory bandwidth."""

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
        return _answer(both(fast, within(chip.bandwidth_gbs, self.bandwidth_from, self.bandwidth_below)), self.paragraph)


@dataclass(frozen=True, kw_only=True)
class TariffBands(Section):
    """The bands of a tariff, in their order."""

    bands: tuple[TariffBand, ...]

    def __call__(self, chip: Chip) -> str | None:
        """The first band that the chip lies in, UNDECIDED where that is open, or None."""
        answers = [band(chip) for band in self.bands]
        return next((answer for answer in answers if answer is not None), None)


@dataclass(frozen=True, kw_only=True)
class AnyChip(Section):
    """A rule that speaks of every chip."""

    paragraph: str

    def __call__(self, chip: Chip) -> str | None:
        """The paragraph, whatever the chip."""
        return self.paragraph


@dataclass(frozen=True, kw_only=True)
class SpecialVersions(Section):
    """Guidance that speaks of versions of one product line made for one country and released from a day on."""

    product_line: str
    made_for: str
    released_from: date
    paragraph: str

    def __call__(self, chip: Chip) -> str | None:
        """The paragraph, if the chip is such a version."""
        special = chip.product_line == self.product_line and chip.made_for == self.made_for
        return self.paragraph if special and chip.released >= self.released_from else None
