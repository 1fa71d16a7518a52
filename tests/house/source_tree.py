"""What the house rules read: the project's own files, parsed once."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root of the project, its text and its syntax tree."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax tree of the file."""
        return _parse(self.text)

    @property
    def module(self) -> str:
        """The dotted name that the file is imported by."""
        parts = self.path.removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def line(self, node: ast.AST) -> str:
        """The source line on which a node ends, where a trailing comment would stand."""
        return self.text.splitlines()[node.end_lineno - 1]

    def at(self, node: ast.AST, sentence: str) -> str:
        """A finding, with its place."""
        return f"{self.path}:{getattr(node, 'lineno', 1)} {sentence}"


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def project_files() -> tuple[str, ...]:
    """The files of the project: tracked ones and new ones that are not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(sorted(name for name in set(listing.split("\0")) if name and (ROOT / name).is_file()))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files under the given top-level folders."""
    return tuple(
        Source(name, (ROOT / name).read_text(encoding="utf-8"))
        for name in project_files()
        if name.endswith(".py") and name.split("/")[0] in folders
    )


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a tree, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def report(findings: list[str]) -> str:
    """All findings, one a line, as the message of a failed assertion."""
    return "\n" + "\n".join(findings)
