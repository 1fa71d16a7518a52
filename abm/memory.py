"""Answers kept while what they depend on stays the same."""

from __future__ import annotations

from typing import Any


class Memory:
    """Answers to questions of one kind, all of them forgotten when the circumstances that they depend on change.

    Whoever asks names everything, besides the question itself, on which the answer depends. Belongs to one run.
    """

    def __init__(self) -> None:
        self._circumstances: tuple | None = None
        self._answers: dict[Any, Any] = {}

    def under(self, *circumstances: object) -> dict[Any, Any]:
        """The answers that hold under some circumstances, to read and to add to; empty where others held before."""
        if circumstances != self._circumstances:
            self._circumstances, self._answers = circumstances, {}
        return self._answers

    def forget(self) -> None:
        """Keep nothing, whatever the circumstances."""
        self._circumstances, self._answers = None, {}
