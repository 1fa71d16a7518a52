"""Experiment files and scenario files that are good, odd or broken, as strategies of hypothesis."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from abm import HISTORY_2025
from abm.scenario.reference import SECTIONS

HEAD = """import sys
from datetime import date, datetime

import abm
import small_world
from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, Experiment

sys.modules["abm.model"] = small_world
"""
GOOD = {
    "name": ('"small"', '"a.b-c"'),
    "question": ('"Why?"',),
    "scenarios": ("(HISTORY_2025,)", "[HISTORY_2025]"),
    "policies": ("(NO_CONTROLS, HISTORICAL)", "(HISTORICAL,)"),
    "seeds": ("range(2)", "(3, 1)", "[7]"),
    "until": ("None", "date(2026, 12, 31)", "date(2025, 1, 1)"),
    "against": ('""', '"historical"'),
    "outcomes": ('("nvda_value",)', '["gap_months", "next_launch_months"]'),
}
ODD = (
    "None", "0", "-1", "2**63", "1.5", "float('nan')", '""', '"../up"', '"two\\nlines"', "b'x'", "()", "[]", "{}", "(1, 1)",
    "range(0)", "range(-1, 2)", "(True,)", "(0.5,)", '("nvda_value", 3)', '("nvda_valu",)', "(HISTORICAL, HISTORICAL)",
    "(HISTORY_2025, HISTORY_2025)", "HISTORY_2025", "Experiment", "object()", "lambda: 0", "date(2020, 1, 1)",
    "datetime(2026, 1, 1)", '"no_such_policy"', "[[]]", "{1, 2}", "print", "abm",
)
TAILS = ("", "EXPERIMENT.seeds = 3\n", "EXPERIMENT = 3\n", "del EXPERIMENT\n", "1 / 0\n", "raise SystemExit(0)\n", "def f(:\n",
         "import no_such_module\n", "\x00", "EXPERIMENT = EXPERIMENT.with_seeds(1)\n", "HISTORY_2025.vary({'x.y': 1})\n",
         "# \ud800\n", "print('a line of its own')\n", "class Odd(BaseException): pass\nraise Odd\n",
         "raise ValueError('two\\nlines')\n", "def f(n): return f(n + 1)\nf(0)\n")

fields = st.fixed_dictionaries({}, optional={
    name: st.one_of(st.sampled_from(good), st.sampled_from(good), st.sampled_from(good), st.sampled_from(ODD))
    for name, good in GOOD.items()})
tails = st.one_of(st.just(""), st.just(""), st.just(""), st.sampled_from(TAILS))


def experiment_text(given: dict[str, str], tail: str) -> str:
    """An experiment file on the small world with some fields as given, and whatever follows it."""
    everything = {name: good[0] for name, good in GOOD.items()} | given
    told = ", ".join(f"{name}={value}" for name, value in everything.items())
    return f"{HEAD}\nEXPERIMENT = Experiment({told})\n{tail}"


# scenario files ---------------------------------------------------------------------------------------------

PATHS = {one.path: one for one in HISTORY_2025.parameters()}
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
scalars = st.one_of(
    st.booleans(), st.integers(-(2**62), 2**62), st.floats(), words,
    st.dates().map(lambda day: day), st.lists(st.integers(), max_size=2))
keys = st.one_of(st.sampled_from(["name", "base", "until", "tables", *SECTIONS]), words)
names = st.one_of(st.sampled_from([path.partition(".")[2] for path in PATHS] + ["chips", "labs"]), words)
values = st.one_of(scalars, st.dictionaries(names, scalars, max_size=3))
contents = st.dictionaries(keys, values, max_size=4)
within = st.dictionaries(st.sampled_from(sorted(PATHS)), st.floats(0, 1), min_size=1, max_size=4)


def toml(value: object) -> str:
    """A value as TOML: inline tables, strings with every unusual character escaped."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        plain = set("abcdefghijklmnopqrstuvwxyz_0123456789-. ")
        return '"' + "".join(one if one in plain else f"\\U{ord(one):08x}" for one in value) + '"'
    return value.isoformat() if isinstance(value, date) else repr(value)


def scenario_text(content: dict) -> str:
    """A TOML file of some keys and values."""
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in content.items())


def values_within(shares: dict[str, float]) -> dict[str, float | int]:
    """The values at some shares of the ranges of some numbers."""
    wanted = {}
    for path, share in shares.items():
        one = PATHS[path]
        value = min(max(one.low + share * (one.high - one.low), one.low), one.high)
        wanted[path] = round(value) if isinstance(one.value, int) else value
    return wanted
