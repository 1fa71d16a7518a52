"""Finds operations that a run must not contain, because their bits differ between machines, Pythons or processes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source_tree import Source

ROUNDED_BY_MACHINE = set(
    "exp exp2 expm1 log log2 log10 log1p logaddexp power float_power pow sin cos tan sinh cosh tanh arcsin arccos "
    "arctan arctan2 asin acos atan atan2 asinh acosh atanh erf erfc gamma lgamma cbrt hypot dot vdot inner matmul "
    "tensordot einsum cov corrcoef convolve correlate interp std var".split()
)
NUMERIC = {"np", "numpy", "math", "cmath"}
GENERATOR_OWNERS = NUMERIC | {"self", "model"}
UNNAMED_LUCK = {"random", "secrets", "uuid"}
OF_THE_PROCESS = {"hash", "id"}
CLOCKS = {("date", "today"), ("datetime", "now"), ("datetime", "today"), ("time", "time"), ("time", "perf_counter")}
KEEPS_ORDER = {"list", "tuple", "enumerate", "join", "zip", "map"}
FORGETS_ORDER = {"sorted", "set", "frozenset", "any", "all", "len", "max", "min", "fsum"}
WHOLE_NUMBERS = "# integers"


def findings(source: Source) -> list[str]:
    """What in a file would make two machines, or two processes, disagree about a run."""
    checks = (_arithmetic, _calls, _luck, _sets)
    return sorted({source.at(node, sentence) for check in checks for node, sentence in check(source)})


def _marked(source: Source, node: ast.AST) -> bool:
    return WHOLE_NUMBERS in source.line(node)


def _arithmetic(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        operator = getattr(node, "op", None)
        if isinstance(operator, ast.MatMult):
            yield node, "@ goes through a linear-algebra library: sum products in a fixed order"
        elif isinstance(operator, ast.Pow) and not _whole_power(node) and not _marked(source, node):
            yield node, "** is rounded by the machine: write x * x, use abm.elementary.power, or mark it # integers"


def _whole_power(node: ast.AST) -> bool:
    if not isinstance(node, ast.BinOp) or not isinstance(node.left, ast.Constant):
        return False
    exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
    return isinstance(exponent, ast.Constant) and isinstance(exponent.value, int)


def _calls(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and _root(node) in NUMERIC:
            if node.attr in ROUNDED_BY_MACHINE or ".linalg" in ast.unparse(node):
                yield node, f"{ast.unparse(node)} is rounded by the machine: use abm.elementary"
        elif isinstance(node, ast.ImportFrom) and node.module in NUMERIC:
            rounded = (one.name for one in node.names if one.name in ROUNDED_BY_MACHINE)
            yield from ((node, f"imports {name}: use abm.elementary") for name in rounded)
        elif isinstance(node, ast.Call):
            yield from _call(source, node)


def _call(source: Source, node: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    name, owner = _called(node.func)
    keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    if name == "sum" and owner is None and not _counts(node) and not _marked(source, node):
        yield node, "sum of floats differs between Pythons: use math.fsum, or mark it # integers"
    if name in OF_THE_PROCESS and owner is None:
        yield node, f"{name}() differs between processes"
    if name == "pow" and owner is None:
        yield node, "pow() is rounded by the machine: use abm.elementary.power"
    if name in ("argsort", "argpartition") and keywords.get("kind") != "'stable'":
        yield node, f"{name} breaks ties by chance: say kind='stable'"
    if (owner, name) in CLOCKS:
        yield node, f"{owner}.{name}() reads the clock"
    if keywords.get("fastmath", "False") != "False":
        yield node, "fastmath lets the compiler change bits"
    if keywords.get("parallel", "False") != "False":
        yield node, "parallel reductions have no fixed order"


def _luck(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, f"imports {n.name}: luck comes from abm.chance") for n in node.names if _unnamed(n.name))
        elif isinstance(node, ast.ImportFrom) and _unnamed(node.module or ""):
            yield node, f"imports from {node.module}: luck comes from abm.chance"
        elif isinstance(node, ast.Attribute) and node.attr in ("random", "rng") and _root(node) in GENERATOR_OWNERS:
            yield node, f"{ast.unparse(node)} is a generator: luck comes from abm.chance"
        elif isinstance(node, ast.Attribute) and node.attr in ("shuffle", "shuffle_do"):
            yield node, f"{node.attr} draws an order: sort by permanent id"


def _unnamed(module: str) -> bool:
    return module.split(".")[0] in UNNAMED_LUCK or module.startswith("numpy.random")


def _sets(source: Source) -> Iterator[tuple[ast.AST, str]]:
    names, ordered = _names_of_sets(source.tree), _put_in_order(source.tree)
    for node in ast.walk(source.tree):
        visited = []
        if isinstance(node, ast.For):
            visited = [node.iter]
        elif isinstance(node, (ast.ListComp, ast.DictComp, ast.GeneratorExp)) and id(node) not in ordered:
            visited = [part.iter for part in node.generators]
        elif isinstance(node, ast.Call) and (_called(node.func)[0] in KEEPS_ORDER or _ties(node)):
            visited = list(node.args)
        for one in visited:
            if _is_set(one) or (isinstance(one, ast.Name) and one.id in names):
                yield one, f"the order of the set {ast.unparse(one)} differs between processes: sort it"


def _put_in_order(tree: ast.Module) -> set[int]:
    """Expressions inside calls to which the order of their terms does not matter."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and not _ties(node))
    return {id(part) for call in calls if _called(call.func)[0] in FORGETS_ORDER for part in call.args}


def _ties(node: ast.Call) -> bool:
    """Whether a call sorts or chooses by a key, so that ties fall as they come."""
    return _called(node.func)[0] in ("sorted", "max", "min") and any(word.arg == "key" for word in node.keywords)


def _names_of_sets(tree: ast.Module) -> set[str]:
    bound: dict[str, list[bool]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    bound.setdefault(target.id, []).append(_is_set(node.value))
        elif isinstance(node, (ast.AnnAssign, ast.arg)) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", "")
            kind = ast.unparse(node.annotation).split("[")[0]
            bound.setdefault(name, []).append(kind in ("set", "frozenset", "Set", "AbstractSet"))
    return {name for name, kinds in bound.items() if name and all(kinds)}


def _is_set(node: ast.AST) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)):
        return _is_set(node.left) or _is_set(node.right)
    return isinstance(node, ast.Call) and _called(node.func) in (("set", None), ("frozenset", None))


def _called(function: ast.AST) -> tuple[str, str | None]:
    if isinstance(function, ast.Attribute):
        owner = function.value
        return function.attr, getattr(owner, "id", getattr(owner, "attr", ""))
    return (function.id if isinstance(function, ast.Name) else ""), None


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _counts(node: ast.Call) -> bool:
    """Whether a sum plainly counts: its terms are the number one or lengths."""
    terms = node.args[0] if node.args else None
    if not isinstance(terms, (ast.GeneratorExp, ast.ListComp)):
        return False
    term = terms.elt
    counts_ones = isinstance(term, ast.Constant) and isinstance(term.value, int)
    return counts_ones or (isinstance(term, ast.Call) and _called(term.func)[0] == "len")
