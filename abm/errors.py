"""Errors that a user can act on: one sentence with the field, the value, the bound and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Something the user wrote cannot be used; the message is one sentence that says what and why."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """A hint such as ' (did you mean "token_growth"?)', or an empty string where nothing is close.

    The shortest name that begins with what was written, or else the one most like it.
    """
    names = sorted(valid)
    longer = sorted((one for one in names if name and one.startswith(name)), key=lambda one: (len(one), one))
    if longer:
        return f' (did you mean "{longer[0]}"?)'
    matches = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f' (did you mean "{matches[0]}"?)' if matches else ""


def unknown(what: str, name: str, valid: Iterable[str]) -> InputError:
    """The error for a name that is not among the valid ones."""
    names = sorted(valid)
    hint = (nearest(name, names) or f" (valid: {', '.join(names[:12])})") if names else " (there is none)"
    return InputError(f'unknown {what} "{printable(name)}"{hint}')


def printable(name: str, longest: int = 60) -> str:
    """A name as it can stand in a sentence: escapes in the place of control characters, and not too long."""
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in name)
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."
