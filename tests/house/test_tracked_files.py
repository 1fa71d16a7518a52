"""What is in the repository: text of the project, nothing of one machine, nothing unfinished."""

from __future__ import annotations

import re

from tests.house.source_tree import ROOT, project_files, report

TOP_LEVEL = {"abm", "experiments", "analysis", "tests", ".ci", ".gitignore", ".gitattributes", "pyproject.toml"}
TOP_LEVEL |= {"requirements.lock", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"}
LARGEST = 1_000_000
TEXT = (".py", ".toml", ".md", ".csv", ".cff", ".lock", ".ipynb", ".json", ".txt", ".yaml", ".yml", ".gitignore", "run")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|tmp|Users|opt|mnt)/\w|[A-Z]:\\\\?Users|\.pyenv/versions/\d")
REGISTRY = re.compile(r"files\.pythonhosted|pypi\." + r"org|--(?:extra-)?index-url|--find-links")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
RULES = {"a path of one machine": MACHINE_PATH, "an address of a registry": REGISTRY, "unfinished": UNFINISHED}


def slips(name: str, text: str) -> list[str]:
    """Lines of a file that only make sense on one machine, or that leave something undone."""
    return [
        f"{name}:{number} {what}: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in RULES.items()
        if pattern.search(line)
    ]


def test_nothing_of_one_machine_and_nothing_unfinished():
    texts = ((name, (ROOT / name).read_text(encoding="utf-8")) for name in project_files() if name.endswith(TEXT))
    this = "tests/house/test_tracked_files.py"
    found = [finding for name, text in texts if name != this for finding in slips(name, text)]
    assert not found, report(found)


def test_the_top_level_is_the_agreed_one():
    extra = {name.split("/")[0] for name in project_files()} - TOP_LEVEL
    assert not extra, f"unexpected at the top level: {sorted(extra)}"


def test_no_file_is_large():
    found = [name for name in project_files() if (ROOT / name).stat().st_size > LARGEST]
    assert not found, report(found)


def test_slips_are_noticed():
    bad = ("see /home/me/x", "p = '/root/a'", "open('/tmp/x')", "pip install --index-url x", "C:\\Users\\me")
    for line in (*bad, "# TO" + "DO: later"):
        assert slips("x.py", line), line
    for line in ("a/work/b", "the home market", "days/root", "https://doi.org/10.1/tmp"):
        assert not slips("x.py", line), line
