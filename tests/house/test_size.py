"""Files and functions that can be read in one sitting, with names that say what they are about."""

from __future__ import annotations

import ast
import statistics

from tests.house.source_tree import Source, functions, report, sources

FILE_LINES, FUNCTION_LINES, MEDIAN_LINES, POSITIONAL = 300, 50, 8, 4
SAYS_NOTHING = {"utils", "helpers", "common", "core", "base", "manager", "handler", "engine", "config", "data"}
SAYS_NOTHING |= {name.removesuffix("s") for name in SAYS_NOTHING} | {"misc", "tools", "stuff", "shared", "managers"}
EVERYTHING = ("abm", "experiments", "analysis", "tests")


def length(node: ast.AST) -> int:
    """Lines from the definition to its end; decorators do not count."""
    return node.end_lineno - node.lineno + 1


def too_long(source: Source) -> list[str]:
    """The file, if it is too long, and its functions that are."""
    lines = len(source.text.splitlines())
    findings = [f"{source.path} has {lines} lines"] if lines >= FILE_LINES else []
    long = [node for node in functions(source.tree) if length(node) > FUNCTION_LINES]
    return findings + [source.at(node, f"{node.name} has {length(node)} lines") for node in long]


def too_many_positional(source: Source) -> list[str]:
    """Functions with more positional parameters than a reader can keep in order."""
    findings = []
    for node in functions(source.tree):
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        names = names[1:] if names[:1] in (["self"], ["cls"]) else names
        if len(names) > POSITIONAL:
            findings.append(source.at(node, f"{node.name} has {len(names)} positional parameters"))
    return findings


def empty_names(source: Source) -> list[str]:
    """The parts of a file's path that say nothing."""
    parts = source.path.removesuffix(".py").split("/")[1:]
    words = [part for part in parts if SAYS_NOTHING & {part, part.strip("_"), *part.split("_")[-1:]}]
    return [f"{source.path}: the name {word} says nothing" for word in words]


def test_files_and_functions_are_short():
    findings = [finding for source in sources(*EVERYTHING) for finding in too_long(source)]
    assert not findings, report(findings)


def test_the_usual_function_is_a_few_lines():
    lengths = [length(node) for source in sources("abm") for node in functions(source.tree)]
    assert not lengths or statistics.median(lengths) <= MEDIAN_LINES


def test_at_most_four_positional_parameters():
    findings = [finding for source in sources(*EVERYTHING) for finding in too_many_positional(source)]
    assert not findings, report(findings)


def test_module_names_say_something():
    findings = [finding for source in sources(*EVERYTHING) for finding in empty_names(source)]
    assert not findings, report(findings)


def test_bad_sizes_and_names_are_noticed():
    assert too_long(Source("abm/x.py", "x = 1\n" * FILE_LINES))
    assert too_long(Source("abm/x.py", "def f():\n" + "    x = 1\n" * FUNCTION_LINES))
    assert not too_long(Source("abm/x.py", "def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)))
    assert too_many_positional(Source("abm/x.py", "def f(a, b, c, d, e): ..."))
    assert not too_many_positional(Source("abm/x.py", "class A:\n    def f(self, a, b, c, d, *, e, f): ..."))
    assert empty_names(Source("abm/utils.py", "")) and empty_names(Source("abm/core/lab.py", ""))
    assert empty_names(Source("abm/lab_helpers.py", "")) and not empty_names(Source("abm/database.py", ""))
