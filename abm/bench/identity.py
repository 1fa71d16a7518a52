"""What determines a run, as a hash: values described as plain data, and the version of the code that computes them.

A run is identified by what determines it, never by time: scenario, policy, seed, horizon, the contract of the results
and the source of the model. Modules that only run, keep and show are left out of the version of the code, so that a
changed figure does not make finished runs unusable.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from abm.errors import InputError

RESULTS_CONTRACT = 1
"""Version of the stored tables and of what an identical seed means; moves with a CHANGELOG line."""

SHOWS_ONLY = frozenset(
    f"{name}.py" for name in (
        "bench_commands", "cli", "compare", "figure", "results",
        "bench/claims", "bench/cluster", "bench/designs", "bench/listing", "bench/luck", "bench/manifest_shape",
        "bench/merging", "bench/plan", "bench/progress", "bench/provenance", "bench/report", "bench/running",
        "bench/scenario_file", "bench/status", "bench/story", "bench/supervisor", "bench/table_digest",
    )
)
"""Modules that cannot change what a run computes; a test holds that the model imports none of them."""

PACKAGE = Path(__file__).parents[1]
SOURCE_SUFFIXES = frozenset({".py", ".csv", ".toml"})
ID_BYTES = 10


def describe(value: Any) -> Any:
    """The value as plain data (dicts, lists, strings, numbers) from which its identity is taken.

    Raises InputError for a value whose content cannot be told, such as an open file.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value) and not isinstance(value, type):
        content = {one.name: describe(getattr(value, one.name)) for one in fields(value)}
        return {"type": type(value).__qualname__, **content}
    return _describe_container(value)


def _describe_container(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): describe(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (frozenset, set)):
        return sorted((describe(one) for one in value), key=repr)
    if isinstance(value, (tuple, list, range)):
        return [describe(one) for one in value]
    if callable(value):
        return _describe_callable(value)
    raise InputError(f"a value of type {type(value).__name__} ({value!r}) cannot be part of a scenario or policy")


def _describe_callable(function: Callable[..., Any]) -> Any:
    """A function by name; one from outside the package also by its text, since no version covers that."""
    name = getattr(function, "__qualname__", None)
    module = getattr(function, "__module__", None)
    if name is None or module is None:
        raise InputError(f"{function!r} cannot be part of a policy: use a function defined with def in a module")
    if module.split(".")[0] == "abm":
        return f"{module}.{name}"
    try:
        return {"function": name, "text": fingerprint(inspect.getsource(function))}
    except (OSError, TypeError):
        raise InputError(f"the source of the function {name} cannot be read, so runs with it cannot be told apart") from None


def fingerprint(content: Any) -> str:
    """Twenty hexadecimal digits that stand for plain data."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=ID_BYTES).hexdigest()


def run_identity(*, code: str, scenario: str, policy: str, until: str, seed: int) -> str:
    """The id of a run, from the versions of results and code, the fingerprints of scenario and policy, the last day
    (YYYY-MM-DD) and the seed."""
    determined_by = {"contract": RESULTS_CONTRACT, "code": code, "scenario": scenario, "until": until, "seed": seed}
    return fingerprint({**determined_by, "policy": policy})


@cache
def code_version(package: Path = PACKAGE) -> str:
    """Twenty hexadecimal digits that stand for the source files of the model, whatever folder they lie in."""
    digest = hashlib.blake2b(digest_size=ID_BYTES)
    for path in sorted(package.rglob("*"), key=lambda one: one.relative_to(package).as_posix()):
        name = path.relative_to(package).as_posix()
        if path.suffix in SOURCE_SUFFIXES and name not in SHOWS_ONLY:
            content = path.read_bytes()
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()
