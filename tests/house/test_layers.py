"""Imports run one way, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from tests.house.source_tree import Source, report, sources

BENCH = ("experiment", "results", "compare", "figure", "bench")
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "units", "calendar", "elementary", "wichura", "chance", "digest", "accounts", "memory"),
    ("scenario",),
    ("offers", "books", "news", "picture"),
    ("policy",),
    ("rules", "markets"),
    ("agents", "observe", "observables", "monthly_observables", "schedule", "gates", "rates", "users", "valuation_desk",
     "china_access", "earnings", "opening", "orders", "launches", "special_versions", "licence_measures",
      "market_observables", "compute_observables", "lab_observables", "trade_counts", "training", "projects", "daily_digest",
      "chronicle", "monthly_chronicle", "feared_rules", "serving", "serving_observables", "standing"),
    ("model",),
    BENCH,
    ("cli", "rules_command", "bench_commands"),
    ("__init__",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
WITHOUT_FRAMES = ("rules", "markets", "policy", "scenario")
PLACE_OF_MESA = ("agents", "model")


def imported(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """Every module that a file imports when it runs; imports for type checkers alone do not count."""
    skipped = {id(node) for branch in _type_checking(source.tree) for node in ast.walk(branch)}
    for node in ast.walk(source.tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, name) for name in _from(source, node))


def _from(source: Source, node: ast.ImportFrom) -> Iterator[str]:
    package = source.module.split(".") if source.path.endswith("__init__.py") else source.module.split(".")[:-1]
    above = package[: len(package) - node.level + 1] if node.level else []
    origin = ".".join([*above, *(node.module or "").split(".")]).strip(".")
    for name in node.names:
        yield f"{origin}.{name.name}"


def _type_checking(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from node.body


def layer(module: str) -> str:
    """The part of abm that a dotted name belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in RANK else "__init__"


def against_layers(source: Source) -> list[str]:
    """The imports of a file of abm that go up, sideways out of the package, or to a library that has no place there."""
    here, findings = layer(source.module), []
    if source.module != "abm" and here == "__init__":
        findings.append(f"{source.path}: {source.module} has no place in LAYERS")
    for node, name in imported(source):
        top = name.split(".")[0]
        if top in ("experiments", "analysis", "tests"):
            findings.append(source.at(node, f"imports {name}: abm stands on its own"))
        elif top == "abm" and RANK[layer(name)] > RANK[here]:
            findings.append(source.at(node, f"{here} imports {name}, which lies above it"))
        elif top == "mesa" and here not in PLACE_OF_MESA:
            findings.append(source.at(node, "Mesa is imported in agents/ and model.py alone"))
        elif top == "pandas" and here in WITHOUT_FRAMES:
            findings.append(source.at(node, f"{here} does not need pandas"))
    return findings


def cycle(files: Iterable[Source]) -> list[str]:
    """The modules of a ring of imports that are made at once, or nothing; an import inside a function may look back."""
    files = tuple(files)
    known = {source.module for source in files}
    graph = {}
    for source in files:
        at_once = (name for node, name in imported(source) if node in source.tree.body)
        graph[source.module] = {_nearest(name, known) for name in at_once} - {None, source.module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as ring:
        return [" -> ".join(ring.args[1])]
    return []


def _nearest(name: str, known: set[str]) -> str | None:
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name or None


def test_imports_go_down_only():
    findings = [finding for source in sources("abm") for finding in against_layers(source)]
    assert not findings, report(findings)


def test_no_module_imports_itself_through_others():
    findings = cycle(sources("abm"))
    assert not findings, report(findings)


def test_experiments_do_not_import_analysis():
    files = sources("experiments")
    findings = [s.at(n, f"imports {name}") for s in files for n, name in imported(s) if name.startswith("analysis")]
    assert not findings, report(findings)


def test_every_bad_import_is_noticed():
    bad = {
        "abm/rules/lab.py": ("import mesa", "import pandas as pd", "from abm.model import Model", "import abm"),
        "abm/scenario/reference.py": ("from abm.policy import statutes", "from ..policy import statutes"),
        "abm/model.py": ("from experiments import export_controls", "def f():\n    import analysis.figures"),
        "abm/cli.py": ("import mesa",),
        "abm/surprise.py": ("",),
    }
    for path, texts in bad.items():
        for text in texts:
            assert len(against_layers(Source(path, text))) == 1, (path, text)


def test_good_imports_pass():
    text = "from abm.books import Books\nif TYPE_CHECKING:\n    from abm.model import Model"
    assert against_layers(Source("abm/agents/lab.py", text)) == []
    assert against_layers(Source("abm/model.py", "import mesa\nfrom abm.agents.lab import Lab")) == []


def test_a_ring_is_noticed():
    ring = [Source("abm/rules/a.py", "from abm.rules import b"), Source("abm/rules/b.py", "from abm.rules.a import f")]
    assert cycle(ring) and not cycle(ring[:1])
