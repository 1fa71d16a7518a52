"""Luck by name: known answers, names that decide alone, equal bits in all forms, and the right distributions."""

from __future__ import annotations

import math
import pickle
import random
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm import chance
from abm.chance import CONTRACT_VERSION, WORDS, Chance, philox, philox_array, poisson_quantile, round_keys, slots

# philox4x32 with 10 rounds in the file kat_vectors of Random123: counter, key, answer.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
HOLDERS = [f"holder {number}" for number in range(4000)]
NAMES = st.text(min_size=1, max_size=12)
DAYS = st.integers(-(2**31), 2**31 - 1)
PLACES = st.tuples(DAYS, st.integers(0, WORDS - 1))
SEEDS = st.integers(0, 2**80)
REJECTED_BELOW = 1e-3  # p-value under which a fixed sample is called wrong


def words(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


def draws(method: str, *, seed: int = 7, **parameters: float) -> np.ndarray:
    """One draw of every holder on three days."""
    draw = getattr(Chance(seed), method)
    return np.array([draw(method, holder, day, **parameters) for day in (-3, 0, 250) for holder in HOLDERS])


@pytest.mark.smoke
@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_known_answers_of_the_generator(counter, key, answer):
    keys = round_keys(*words(key))
    assert philox(words(counter), keys) == words(answer)
    many = philox_array([np.full(3, word, np.uint64) for word in words(counter)], keys)
    assert [set(column.tolist()) for column in many] == [{word} for word in words(answer)]


@pytest.mark.smoke
def test_recorded_draws():
    luck = Chance(1)
    found = [luck.uniform("entry", "broker-1", -260), luck.normal("noise", "NVDA", 17, 2)]
    found += [luck.student_t("stance", "NVDA", 17, degrees=6.2), float(luck.poisson(40.0, "entry", "shells", 9))]
    recorded = ["0x1.d92e8a971dd1ep-2", "0x1.02ace22bfed78p+0", "0x1.682788b643f5fp-1", "0x1.7800000000000p+5"]
    assert [value.hex() for value in found] == recorded


@given(SEEDS, NAMES, NAMES, PLACES)
def test_the_promise_from_a_name_to_a_draw(seed, purpose, holder, place):
    day, word = place
    name = f"{CONTRACT_VERSION}:{seed}:{purpose}".encode()
    key = int.from_bytes(blake2b(name, digest_size=8, person=b"purpose").digest(), "little")
    where = int.from_bytes(blake2b(holder.encode(), digest_size=8, person=b"slot").digest(), "little")
    counter = (where % 2**32, word, day % 2**32, where // 2**32)
    high, low, _, _ = philox(counter, round_keys(key % 2**32, key // 2**32))
    assert Chance(seed).uniform(purpose, holder, day, word) == ((high * 2**32 + low) // 2**12 * 2 + 1) / 2**53


@given(SEEDS, NAMES, st.lists(NAMES, max_size=20), PLACES)
def test_arrays_have_the_same_bits(seed, purpose, holders, place):
    luck, where = Chance(seed), slots(holders)
    for one, many in ((luck.uniform, luck.uniforms), (luck.normal, luck.normals)):
        assert many(purpose, where, *place).tolist() == [one(purpose, holder, *place) for holder in holders]


def test_uniforms_never_reach_their_ends():
    assert chance._fraction(0, 0) == 2.0**-53
    assert chance._fraction(2**32 - 1, 2**32 - 1) == 1.0 - 2.0**-53


def every_kind(luck: Chance, holder: str, day: int) -> tuple:
    return (
        luck.uniform("u", holder, day),
        luck.normal("n", holder, day, 3),
        luck.exponential("e", holder, day),
        luck.student_t("t", holder, day, degrees=3.5),
        luck.lognormal("l", holder, day, median=2.0, sigma=0.5),
        luck.poisson(12.5, "p", holder, day),
        luck.chance(0.4, "c", holder, day),
        luck.choice([1.0, 2.0, 3.0], "i", holder, day),
    )


@given(st.permutations([(holder, day) for holder in "abcde" for day in (-2, 0, 5)]))
def test_order_and_company_of_draws_do_not_matter(names):
    luck = Chance(3)
    drawn = {name: every_kind(luck, *name) for name in names}
    assert all(drawn[name] == every_kind(Chance(3), *name) for name in names[:3])


@pytest.mark.smoke
def test_a_new_holder_changes_nothing_else():
    before = Chance(3).normals("noise", slots(HOLDERS), 4)
    after = Chance(3).normals("noise", slots(["newcomer", *HOLDERS]), 4)
    assert after[1:].tobytes() == before.tobytes()


def test_global_generators_do_not_matter():
    before = every_kind(Chance(3), "a", 0)
    saved = random.getstate(), np.random.get_state()
    try:
        random.seed(0)
        np.random.seed(0)
        untouched = random.getstate(), np.random.get_state()[1].tolist()
        assert every_kind(Chance(3), "a", 0) == before
        Chance(3).normals("noise", slots(HOLDERS), 4)
        assert (random.getstate(), np.random.get_state()[1].tolist()) == untouched
    finally:
        random.setstate(saved[0])
        np.random.set_state(saved[1])


def test_travels_to_another_process_without_its_cache():
    luck = Chance(3)
    fresh = pickle.dumps(luck)
    before = every_kind(luck, "a", 0)
    assert pickle.dumps(luck) == fresh
    assert every_kind(pickle.loads(fresh), "a", 0) == before


@pytest.mark.parametrize(
    "other",
    [(8, "noise", "a", 0, 0), (7, "voice", "a", 0, 0), (7, "noise", "b", 0, 0), (7, "noise", "a", 1, 0)]
    + [(7, "noise", "a", -1, 0), (7, "noise", "a", 0, 1)],
)
def test_every_part_of_a_name_matters(other):
    def series(*name):
        luck, (purpose, holder, first_day, word) = Chance(name[0]), name[1:]
        return [luck.uniform(purpose, holder, first_day + 7 * week, word) for week in range(3000)]

    base, changed = series(7, "noise", "a", 0, 0), series(*other)
    assert not set(base) & set(changed)
    assert abs(stats.pearsonr(base, changed).statistic) < 0.06  # over three standard errors


def test_a_rejected_point_never_uses_up_the_next_word(monkeypatch):
    counters: list[tuple[int, ...]] = []

    def watched(counter, keys):
        counters.append(counter)
        return philox(counter, keys)

    monkeypatch.setattr(chance, "philox", watched)
    luck = Chance(1)
    for word in range(300):
        luck.student_t("t", "a", 0, word, degrees=6.2)
    assert len(counters) > 330 and len(set(counters)) == len(counters)


def test_slots_differ():
    assert len(set(slots(f"investor/{row}" for row in range(100_000)).tolist())) == 100_000
    assert slots([]).dtype == np.uint64


@pytest.mark.parametrize(
    ("method", "parameters", "distribution"),
    [
        ("uniform", {}, stats.uniform()),
        ("normal", {}, stats.norm()),
        ("exponential", {}, stats.expon()),
        ("lognormal", {"median": 3.0, "sigma": 0.4}, stats.lognorm(0.4, scale=3.0)),
        ("student_t", {"degrees": 2.5}, stats.t(2.5, scale=math.sqrt(0.5 / 2.5))),
        ("student_t", {"degrees": 6.2}, stats.t(6.2, scale=math.sqrt(4.2 / 6.2))),
        ("student_t", {"degrees": 31.0}, stats.t(31.0, scale=math.sqrt(29.0 / 31.0))),
    ],
)
def test_distributions(method, parameters, distribution):
    sample = draws(method, **parameters)
    assert stats.kstest(sample, distribution.cdf).pvalue > REJECTED_BELOW
    if method != "student_t" or parameters["degrees"] > 4.0:  # the variance of a sample needs a fourth moment
        assert sample.var() == pytest.approx(distribution.var(), rel=0.1)


def test_uniforms_fill_their_last_bits():
    bits = (Chance(5).uniforms("bits", slots(HOLDERS), 0) * 2.0**53).astype(np.uint64)
    shares = [((bits >> np.uint64(place)) & np.uint64(1)).mean() for place in range(53)]
    assert shares[0] == 1.0  # odd multiples of 2^-53
    assert all(abs(share - 0.5) < 0.03 for share in shares[1:])  # nearly four standard errors


@pytest.mark.parametrize("mean", [0.3, 4.0, 61.5])
def test_poisson_counts(mean):
    sample = np.array([Chance(7).poisson(mean, "count", holder, 0) for holder in HOLDERS])
    edges = sorted({int(stats.poisson.ppf(share, mean)) for share in np.linspace(0.02, 0.98, 25)})
    expected = np.diff([0.0, *stats.poisson.cdf(edges, mean), 1.0]) * len(sample)
    observed = np.histogram(sample, [-1, *(edge + 0.5 for edge in edges), math.inf])[0]
    assert stats.chisquare(observed, expected).pvalue > REJECTED_BELOW


@given(st.floats(1e-6, 1.0 - 1e-6), st.floats(0.0, 3e4))
def test_poisson_quantile_is_exact_and_never_falls(p, mean):
    count = poisson_quantile(p, mean)
    assert stats.poisson.cdf(count, mean) >= p - 1e-12
    assert count == 0 or stats.poisson.cdf(count - 1, mean) < p + 1e-12
    assert poisson_quantile(p, mean * 1.001) >= count
    assert poisson_quantile(min(1.0 - 1e-7, p + 1e-7), mean) >= count


def test_poisson_of_almost_nothing_and_of_much():
    assert poisson_quantile(1.0 - 2.0**-53, 0.0) == 0
    assert poisson_quantile(0.5, 1e-300) == 0
    assert poisson_quantile(0.5, 2_000_000.0) == 2_000_000


def test_events_happen_as_often_as_said():
    luck = Chance(7)
    share = np.mean([luck.chance(0.2, "event", holder, 0) for holder in HOLDERS])
    assert share == pytest.approx(0.2, abs=0.02)
    assert luck.chance(1.0, "event", "a", 0) and not luck.chance(0.0, "event", "a", 0)


def test_likelier_events_include_less_likely_ones():
    luck = Chance(7)
    assert all(luck.chance(0.5, "event", name, 0) >= luck.chance(0.4, "event", name, 0) for name in HOLDERS[:500])


def test_choices_follow_their_weights():
    luck = Chance(7)
    chosen = [luck.choice([0.0, 1.0, 0.0, 3.0, 0.0], "choice", holder, 0) for holder in HOLDERS]
    assert set(chosen) == {1, 3}
    assert chosen.count(3) / len(chosen) == pytest.approx(0.75, abs=0.025)


def test_student_moves_smoothly_with_its_degrees():
    luck = Chance(7)
    for holder in HOLDERS[:300]:
        before, after = (luck.student_t("t", holder, 0, degrees=degrees) for degrees in (6.2, 6.2 + 1e-7))
        assert after == pytest.approx(before, rel=1e-6)


@pytest.mark.parametrize(
    ("method", "arguments", "named"),
    [
        ("uniform", ("p", "a", 2**31), {}),
        ("uniform", ("p", "a", -(2**31) - 1), {}),
        ("uniform", ("p", "a", 0, WORDS), {}),
        ("uniform", ("p", "a", 0, -1), {}),
        ("chance", (1.1, "p", "a", 0), {}),
        ("chance", (math.nan, "p", "a", 0), {}),
        ("poisson", (-1.0, "p", "a", 0), {}),
        ("poisson", (math.nan, "p", "a", 0), {}),
        ("choice", ([], "p", "a", 0), {}),
        ("choice", ([0.0, 0.0], "p", "a", 0), {}),
        ("choice", ([2.0, -1.0], "p", "a", 0), {}),
        ("choice", ([2.0, math.nan], "p", "a", 0), {}),
        ("choice", ([2.0, math.inf], "p", "a", 0), {}),
        ("student_t", ("p", "a", 0), {"degrees": 2.0}),
        ("student_t", ("p", "a", 0), {"degrees": math.nan}),
    ],
)
def test_refusals(method, arguments, named):
    with pytest.raises(ValueError):
        getattr(Chance(1), method)(*arguments, **named)


@pytest.mark.parametrize("seed", [1.0, "1", None])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(TypeError):
        Chance(seed)
