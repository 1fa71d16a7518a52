"""Everything public says what it means."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source_tree import Source, report, sources

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(source: Source) -> Iterator[tuple[str, Documented]]:
    """The module, its public classes and functions, and the public methods of those classes."""
    yield source.module, source.tree
    for node in source.tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and _shown(node):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and _shown(node):
            methods = (inner for inner in node.body if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)))
            yield from ((f"{node.name}.{inner.name}", inner) for inner in methods if _shown(inner))


def _shown(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = {ast.unparse(one).split(".")[-1] for one in node.decorator_list}
    return not node.name.startswith("_") and not decorators & {"overload", "setter", "override"}


def silent(source: Source) -> list[str]:
    """Public names of a file that have no docstring, or an empty one."""
    return [source.at(node, f"{name} has no docstring") for name, node in public(source) if not ast.get_docstring(node)]


def test_everything_public_has_a_docstring():
    findings = [finding for source in sources("abm", "experiments", "analysis") for finding in silent(source)]
    assert not findings, report(findings)


def test_a_missing_docstring_is_noticed():
    assert len(silent(Source("abm/x.py", "def f(): ..."))) == 2
    assert len(silent(Source("abm/x.py", '"""Says."""\nclass A:\n    """Says."""\n    def f(self): ...'))) == 1
    said = '"""Says."""\ndef _f(): ...\nclass A:\n    """Says."""\n    def _f(self): ...'
    assert not silent(Source("abm/x.py", said))
