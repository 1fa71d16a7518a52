"""What a manifest has to hold, so that a damaged one is told by its first wrong place and not by what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NUMBER = (int, float)
NULL, MAYBE = object(), object()
"""Mark a pair (NULL, shape): the place may be null; and (MAYBE, shape): it may also be lacking."""

SHAPE: Mapping[str, Any] = {
    "contract": int,
    "code": str,
    "experiment": {
        "name": str, "against": str, "outcomes": [str], "seeds": [int],
        "scenarios": (MAYBE, [str]), "policies": (MAYBE, [str]), "folder": (MAYBE, str), "scenario_files": (MAYBE, [str]),
    },
    "scenarios": {
        "*": {
            "fingerprint": str, "start": str, "until": str, "parameters": {"*": NUMBER},
            "content": {
                "actors": [{"id": str, "name": str, "parent": str}], "chips": [{"name": str}],
                "securities": [{"ticker": str}],
            },
        },
    },
    "policies": {"*": {"fingerprint": str}},
    "observables": {"*": {"unit": str, "meaning": str, "cadence": str}},
    "provenance": dict,
    "timing": (NULL, {"runs": int, "seconds_per_run": NUMBER, "workers": int}),
    "merged": (MAYBE, [dict]),
}
"""Types by name; "*" stands for every name, a list of one shape for any number of values of that shape."""


def wrong_place(manifest: Any) -> str | None:
    """The first place of a manifest that is lacking or of another type, as in "experiment.seeds is missing"; or None."""
    if wrong := _wrong(manifest, SHAPE, ""):
        return wrong
    for kind in ("scenarios", "policies"):
        for name in manifest["experiment"].get(kind) or ():
            if name not in manifest[kind]:
                return f'experiment.{kind} names "{name}", which {kind} does not describe'
    return None


def _wrong(value: Any, shape: Any, where: str) -> str | None:
    if isinstance(shape, tuple) and shape[0] in (NULL, MAYBE):
        return None if value is None else _wrong(value, shape[1], where)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where} is not a list"
        return _first(_wrong(one, shape[0], f"{where}[{place}]") for place, one in enumerate(value))
    if isinstance(shape, Mapping):
        return _wrong_in_names(value, shape, where)
    return None if isinstance(value, shape) and not isinstance(value, bool) else f"{where} is of the wrong type"


def _wrong_in_names(value: Any, shape: Mapping[str, Any], where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where or 'the whole'} is not an object"
    inside = f"{where}." if where else ""
    if "*" in shape:
        return _first(_wrong(one, shape["*"], f"{inside}{name}") for name, one in value.items())
    for name, one in shape.items():
        may_lack = isinstance(one, tuple) and one[0] is MAYBE
        if name not in value and not may_lack:
            return f"{inside}{name} is missing"
    return _first(_wrong(value.get(name), one, f"{inside}{name}") for name, one in shape.items())


def _first(findings: Iterable[str | None]) -> str | None:
    return next((one for one in findings if one is not None), None)
