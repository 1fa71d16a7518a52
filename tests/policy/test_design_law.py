"""Chips that exist only on paper are like any other to the law."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from abm.policy.design_law import DESIGNED, Variants
from abm.scenario.catalogue import load_chips

CHIPS = load_chips()
numbers = st.fixed_dictionaries({}, optional={
    name: st.booleans() if name == "datacentre" else st.floats(1.0, 1e5) for name in DESIGNED})


@given(st.sampled_from(CHIPS), numbers, numbers)
def test_a_variant_is_the_chip_with_other_numbers(chip, some, others):
    assert chip.performance_density is None or chip.performance_density > 0    # kept by the chip, not by its variants
    variants = Variants(chip)
    for changed in (some, others, some | others):
        variant, plain = variants.of(**changed), replace(chip, **changed)
        assert variant == plain and hash(variant) == hash(plain) and repr(variant) == repr(plain)
        assert variant.performance_density == plain.performance_density
        assert variant.bandwidth_gbs == plain.bandwidth_gbs and variant.foreign_to_china == plain.foreign_to_china
