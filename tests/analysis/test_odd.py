"""The ODD tables: valid Markdown, all that the code holds and nothing else, and the committed file up to date."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from abm.policy import HISTORICAL, POLICIES, Policy
from abm.schedule import SCHEDULE
from analysis.odd.tables import COMMAND, escaped, generated_part, markdown, policy_blocks
from tests.house.source_tree import ROOT

COMMITTED = ROOT / "analysis" / "odd" / "policies.md"


def cells(line: str) -> list[str]:
    """The cells of a row as a reader of Markdown sees them: parted at bars without a backslash, marks of escape gone."""
    parts, cell, signs = [], "", iter(line)
    for sign in signs:
        if sign == "\\":
            cell += next(signs)
        elif sign == "|":
            parts.append(cell.strip())
            cell = ""
        else:
            cell += sign
    assert parts[0] == "" and cell == "", f"a row begins and ends with a bar: {line}"
    return parts[1:]


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a text: head first, the ruled line left out."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    for lines in blocks:
        assert set(cells(lines[1])) == {"---"} and len(cells(lines[1])) == len(cells(lines[0]))
    return [[cells(line) for place, line in enumerate(lines) if place != 1] for lines in blocks]


def test_the_committed_file_is_what_the_code_generates():
    assert COMMITTED.read_text(encoding="utf-8") == generated_part(), f"the tables have changed: renew them with {COMMAND}"


def test_every_row_has_as_many_cells_as_its_head():
    found = tables(generated_part())
    assert len(found) == len(POLICIES) + 2
    assert all(len(row) == len(table[0]) for table in found for row in table)


def test_the_schedule_is_the_schedule():
    (_, *rows), *_ = tables(generated_part())
    assert [tuple(row) for row in rows] == [
        (str(place), one.cadence.value, f"`{one.name}`", one.meaning) for place, one in enumerate(SCHEDULE, 1)]


def test_every_policy_is_there_with_every_instrument():
    text = generated_part()
    for policy, (head, *rows) in zip(POLICIES.values(), tables(text)[1:-1], strict=True):
        assert f"### `{policy.name}`\n" in text
        assert [dict(zip(head, row, strict=True)) for row in rows] == list(policy.table())


def test_every_declared_number_of_the_historical_policy_is_there():
    head, *rows = tables(generated_part())[-1]
    declared = HISTORICAL.parameters()
    assert head == ["path", "value", "unit", "basis", "range", "source", "meaning"] and len(rows) == len(declared) > 50
    for row, one in zip(rows, declared, strict=True):
        assert row[0] == f"`{one.path}`" and float(row[1].replace(",", "")) == one.value
        assert [float(bound.replace(",", "")) for bound in row[4].split(" to ")] == [one.low, one.high]
        assert [row[2], *row[5:]] == [one.unit, one.source, one.meaning]


def test_a_policy_without_instruments_and_one_with_bars_in_its_words():
    assert list(policy_blocks(Policy("bare", "nothing | at all", ()))) == ["### `bare`", "Nothing \\| at all."]
    odd = replace(HISTORICAL.instrument("us_ascend_guidance_2025_05"), title="a | b \\| c", cites="`x` <b> *y*\n[z]")
    ((_, row),) = tables(list(policy_blocks(Policy("odd", "odd", (odd,))))[-1])
    assert "a | b \\| c" in row and "`x` <b> *y* [z]" in row


@given(rows=st.lists(st.lists(st.text(), min_size=3, max_size=3)))
def test_any_text_comes_back_out_of_a_table(rows):
    ((_, *found),) = tables(markdown(("a", "b", "c"), [[escaped(cell) for cell in row] for row in rows]))
    assert found == [[" ".join(cell.split()) for cell in row] for row in rows]


def run(*arguments: str) -> subprocess.CompletedProcess:
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "analysis.odd", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_the_command_prints_and_writes(tmp_path):
    printed, written = run(), run("--out", str(tmp_path / "odd.md"))
    assert (printed.returncode, written.returncode) == (0, 0)
    assert printed.stdout == (tmp_path / "odd.md").read_text(encoding="utf-8") == generated_part()
    lost = run("--out", str(tmp_path / "nowhere" / "odd.md"))
    assert lost.returncode == 2 and "lies in a folder that does not exist" in lost.stderr
    assert lost.stderr.count("\n") == 1
