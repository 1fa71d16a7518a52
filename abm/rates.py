"""What one chip gives a day in this run: the throughput rules, looked up once for each chip, model and month."""

from __future__ import annotations

import math
from collections.abc import Callable

from abm.rules.throughput import (
    ServingRoofs,
    ecosystem_factor,
    rate_under,
    serving_progress,
    serving_roofs,
    tokens_per_chip_day,
    training_flop_per_day,
)
from abm.scenario.catalogue import Chip
from abm.scenario.technology import Technology
from abm.units import FlopPerDay, Fraction, H100Equivalents, TokensPerDay, Years

REFERENCE_CHIP = "H100 SXM"


class Found(dict[tuple[str, str], float]):
    """Answers by model and chip that are worked out when they are first read: most chips serve most models nowhere."""

    def __init__(self, work_out: Callable[[str, str], float]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: tuple[str, str]) -> float:
        """The answer, kept from now on."""
        answer = self[key] = self._work_out(*key)
        return answer


class Rates:
    """Training and serving throughput by chip under the ecosystem factors of the day."""

    def __init__(self, technology: Technology, chips: tuple[Chip, ...]) -> None:
        self.technology = technology
        self.chips = {chip.name: chip for chip in chips if chip.bandwidth_tbs and (chip.fp16_tflops or chip.fp8_tops)}
        self.tokens: dict[tuple[str, str], TokensPerDay] = Found(self._served)
        self.sizes: dict[str, float] = {}
        self.unported: set[str] = set()
        self._rates_of: dict[str, dict[float, float]] = {}
        self._roofs: dict[str, ServingRoofs] = {}
        self._training: dict[str, FlopPerDay] = {}
        self._reference: dict[str, TokensPerDay] = {}
        powered = [chip for chip in chips if chip.power_w is not None]
        self.watts_per_tpp = math.fsum(chip.power_w / chip.tpp for chip in powered) / max(len(powered), 1)
        self.opening_share: Fraction | None = None
        self.version = 0
        self.progress = 1.0
        self.refresh(0.0)

    @property
    def serving(self) -> dict[tuple[str, str], TokensPerDay]:
        """Tokens a day of every chip with every model that is looked up; ``tokens`` works out those alone that are read."""
        return {(launched, name): self.tokens[launched, name] for launched in self.sizes for name in self.chips}

    def is_domestic(self, chip: str) -> bool:
        """Whether a chip is of a Chinese make."""
        return not self.chips[chip].foreign_to_china

    def maturity(self) -> Fraction:
        """Ecosystem factor of domestic chips in training, under the share of them that is installed today."""
        opening = self.opening_share if self.opening_share is not None else self._share
        return ecosystem_factor(
            self.technology.domestic_training_factor, self._share, opening, self.technology.ecosystem_gain
        )

    def ecosystem(self, chip: str, base: Fraction, installed_share: Fraction) -> Fraction:
        """Software factor of a chip: 1 for the leading vendor's, lower for other foreign ones and for Chinese ones."""
        if self.chips[chip].vendor == self.chips[REFERENCE_CHIP].vendor:
            return 1.0
        if self.chips[chip].foreign_to_china:
            return self.technology.second_source_factor
        opening = self.opening_share if self.opening_share is not None else installed_share
        return ecosystem_factor(base, installed_share, opening, self.technology.ecosystem_gain)

    def refresh(self, installed_share: Fraction, years: Years | None = None) -> None:
        """Recompute every rate for the share of domestic chips now installed in China, and the years since the opening."""
        technology = self.technology
        if years is not None:
            self.progress = serving_progress(technology, years)
        for name, chip in self.chips.items():
            training = self.ecosystem(name, technology.domestic_training_factor, installed_share)
            self._training[name] = training_flop_per_day(chip, technology, training)
            self._reference[name] = self._tokens(name, technology.reference_active_parameters, installed_share)
        self.tokens.clear()
        self._share = installed_share
        self.version += 1

    def _tokens(self, name: str, size: float, installed_share: Fraction) -> TokensPerDay:
        factor = self.ecosystem(name, self.technology.domestic_serving_factor, installed_share)
        rates = self._rates_of.setdefault(name, {})
        if size not in rates:
            if name not in self._roofs:
                self._roofs[name] = serving_roofs(self.chips[name], self.technology)
            rates[size] = rate_under(self._roofs[name], self.technology, size)
        return tokens_per_chip_day(rates[size], self.technology, factor) * self.progress

    def _served(self, launched: str, name: str) -> TokensPerDay:
        if launched in self.unported and self.is_domestic(name):
            return 0.0
        return self._tokens(name, self.sizes[launched], self._share)

    def _forget(self, launched: str) -> None:
        for name in self.chips:
            self.tokens.pop((launched, name), None)

    def set_ported(self, launched: str, ported: bool) -> None:
        """Say whether domestic chips can serve a model: they serve nothing of one that is not ported to them."""
        (self.unported.discard if ported else self.unported.add)(launched)
        self._forget(launched)

    def add_model(self, launched: str, active_parameters: float) -> None:
        """Start looking up serving rates for a model of a given size."""
        if self.sizes.get(launched) == active_parameters:
            return
        for rates in self._rates_of.values():
            rates.pop(self.sizes.get(launched), None)
        self.sizes[launched] = active_parameters
        self._forget(launched)

    def add_chip(self, chip: Chip) -> None:
        """Start looking up the rates of a chip that was designed in the run."""
        self.chips[chip.name] = chip
        self._rates_of.pop(chip.name, None)
        self._roofs.pop(chip.name, None)
        self.refresh(self._share)

    def training(self, chip: str) -> FlopPerDay:
        """Useful training FLOP a day of one chip."""
        return self._training[chip]

    def reference(self, chip: str) -> TokensPerDay:
        """Tokens a day of the reference model that one chip serves at a cloud."""
        return self._reference[chip]

    def power(self, chip: Chip) -> float:
        """Power of a chip in watts; where none is published, its performance at the catalogue's mean watts per TPP."""
        return chip.power_w if chip.power_w is not None else chip.tpp * self.watts_per_tpp

    def effort(self, launched: str) -> float:
        """Chip time that a token of a model takes, over one of the reference model."""
        return self._reference[REFERENCE_CHIP] / self.tokens[launched, REFERENCE_CHIP]

    def advantage(self, chip: str) -> float:
        """Training per serving: the comparative advantage by which chips are put to training."""
        return self._training[chip] / self._reference[chip]

    def worth(self, chip: str) -> float:
        """Worth of a chip to a buyer of diverted chips: its training and its serving, weighted, in reference chips."""
        training = self._training[chip] / self._training[REFERENCE_CHIP]
        serving = self._reference[chip] / self._reference[REFERENCE_CHIP]
        return self.technology.grey_training_weight * training + (1.0 - self.technology.grey_training_weight) * serving

    def equivalents(self, chip: str) -> H100Equivalents:
        """H100-equivalents of one chip by useful training throughput."""
        return self._training[chip] / self._training[REFERENCE_CHIP]

    def serving_equivalents(self, chip: str) -> H100Equivalents:
        """H100-equivalents of one chip by serving throughput of the reference model."""
        return self._reference[chip] / self._reference[REFERENCE_CHIP]
