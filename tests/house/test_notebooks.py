"""Notebooks are stored without outputs, hold prose and calls only, and run from top to bottom."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from tests.house.source_tree import ROOT, project_files, report

NOTEBOOKS = [name for name in project_files() if name.endswith(".ipynb")]
SMALL = {"ABM_TOUR_SEEDS": "2", "ABM_TOUR_UNTIL": "2025-02-28"}


def cells(name: str) -> list[dict[str, Any]]:
    """The cells of a stored notebook."""
    return json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]


def leftovers(notebook: list[dict[str, Any]]) -> list[str]:
    """Outputs and counts that an execution left in the file."""
    code = [(number, cell) for number, cell in enumerate(notebook) if cell["cell_type"] == "code"]
    return [f"cell {number}" for number, cell in code if cell["outputs"] or cell["execution_count"] is not None]


def python(cell: dict[str, Any]) -> str:
    """A code cell without the notebook's own commands."""
    return "".join(line for line in cell["source"] if not line.startswith("%"))


def logic(notebook: list[dict[str, Any]]) -> list[str]:
    """Definitions, loops and branches, which belong in modules."""
    kinds = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try)
    code = [(number, python(cell)) for number, cell in enumerate(notebook) if cell["cell_type"] == "code"]
    return [
        f"cell {number} has a {type(node).__name__}"
        for number, text in code
        for node in ast.walk(ast.parse(text))
        if isinstance(node, kinds)
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_stored_clean(name):
    found = leftovers(cells(name)) + logic(cells(name))
    assert not found, report(found)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs(name, tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    for variable, value in SMALL.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(ROOT / name, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    pictures = [out for cell in notebook.cells for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]
    assert len(pictures) >= 2


def test_a_dirty_notebook_is_noticed():
    code = {"cell_type": "code", "source": ["def f():\n", "    return 1"], "outputs": [{}], "execution_count": 3}
    assert leftovers([code]) and logic([code])
    assert not leftovers([{**code, "outputs": [], "execution_count": None}])
