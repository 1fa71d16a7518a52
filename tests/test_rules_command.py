"""The commands ``abm rules``: what they print, and one sentence with exit code 2 for what the user can mend."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest

from abm.cli import main
from abm.policy import HISTORICAL, POLICIES
from abm.policy.classification import classify
from abm.scenario.catalogue import load_chips
from abm.scenario.user_chips import read_chips
from tests.small_experiment import command, finish

OWN = Path(__file__).parent / "reference" / "own_chips.csv"
DAY = date(2026, 2, 1)


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """``abm rules`` in this process: exit code, standard output and standard error."""

    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["abm", "rules", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return called


def answers(call, *arguments: str) -> dict[str, dict]:
    code, out, err = call("classify", "--format", "json", *arguments)
    assert (code, err) == (0, "")
    return {row["name"]: row for row in json.loads(out)}


def test_json_is_a_list_of_what_classification_says(call):
    rows = answers(call, "--as-of", str(DAY))
    assert list(rows) == [chip.name for chip in load_chips()]
    for chip in load_chips():
        found, row = classify(HISTORICAL, chip, DAY), rows[chip.name]
        assert (row["paragraph"], row["licence_policy"], row["margins"]) == (
            found.paragraph, found.licence_policy, found.margins)
        assert (row["controlled_under"], row["levy"], len(row["caught_by"])) == (
            found.controlled_under, found.levy, len(found.caught_by))
    assert rows["L20"]["paragraph"] is None and rows["L20"]["licence_policy"] is None
    assert (rows["Kunlun P800"]["paragraph"], rows["Kunlun P800"]["licence_policy"]) == ("?", "unknown")
    assert rows["H200 SXM"]["paragraph"] == "742.6(b)(10)(iii)"


def test_the_day_the_destination_the_parent_and_the_policy_count(call):
    assert answers(call, "--as-of", "2025-05-01")["H20 SXM"]["paragraph"] == "letter 2025-04"
    assert answers(call, "--as-of", "2025-04-01")["H20 SXM"]["paragraph"] is None
    spring = ("--as-of", "2025-05-01", "--destination")
    assert answers(call, *spring, "MY")["H100 SXM"]["paragraph"] is None
    assert answers(call, *spring, "MY", "--parent", "CN")["H100 SXM"]["licence_policy"] == "deny"
    assert answers(call, *spring, "AE")["H100 SXM"]["licence_policy"] == "approve"
    assert answers(call, *spring, "CN", "--policy", "no_controls")["H100 SXM"]["paragraph"] is None


def test_without_a_day_the_rules_of_today_are_asked(call):
    assert answers(call) == answers(call, "--as-of", str(date.today()))


def test_csv_has_a_row_for_each_chip_and_its_margins_flat(call):
    code, out, _ = call("classify", "--as-of", str(DAY), "--format", "csv", "--chips", str(OWN))
    rows = list(csv.DictReader(io.StringIO(out)))
    chips = read_chips(OWN)
    assert code == 0 and [row["name"] for row in rows] == [chip.name for chip in chips]
    for row, chip in zip(rows, chips, strict=True):
        found = classify(HISTORICAL, chip, DAY)
        assert row["paragraph"] == (found.paragraph or "")
        margins = {name.removeprefix("margin "): cell for name, cell in row.items() if name.startswith("margin ")}
        assert margins == {name: "" if margin is None else str(margin) for name, margin in found.margins.items()}
    assert call("classify", "--as-of", str(DAY), "--format", "csv", "--chips", str(OWN))[1] == out


def test_the_table_shows_the_nearest_threshold(call):
    code, out, _ = call("classify", "--as-of", "2025-05-01")
    lines = {line[2:37].strip(): line for line in out.splitlines()}
    assert code == 0 and len(lines) == 2 + len(load_chips())
    told = lines["H20 SXM"].split("  ")
    assert [cell.strip() for cell in told if cell.strip()] == [
        "H20 SXM", "2,368", "2.91", "4,000", "900", "letter 2025-04", "deny", "us_3a090_2023_10.tpp_middle", "-32 TPP"]
    assert " free " in lines["L20"] and " ? " in lines["Kunlun P800"]


def test_columns_that_a_file_lacks_are_told(call, tmp_path):
    (tmp_path / "mine.csv").write_text("name,tpp\nX,5000\n")
    code, out, err = call("classify", "--as-of", "2025-05-01", "--chips", "mine.csv", "--format", "json")
    assert (code, json.loads(out)[0]["paragraph"]) == (0, "?")
    assert err == "mine.csv lacks die_mm2, mem_bw_tbs, io_gbs, datacentre: unknown for all its chips\n"


def test_policies_are_listed_one_a_line(call):
    code, out, _ = call("list")
    lines = out.splitlines()[2:]
    assert code == 0 and [line.split()[0] for line in lines] == list(POLICIES)
    assert all(policy.description in line for line, policy in zip(lines, POLICIES.values(), strict=True))


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_shown_in_every_form(call, name):
    table = POLICIES[name].table()
    shown = {form: call("show", name, "--format", form) for form in ("table", "csv", "json", "markdown")}
    assert all((code, err) == (0, "") for code, _, err in shown.values())
    assert json.loads(shown["json"][1]) == list(table) == list(csv.DictReader(io.StringIO(shown["csv"][1])))
    lines = shown["markdown"][1].splitlines()
    assert len(lines) == 2 + len(table) and {line.count(" | ") for line in lines} == {len(table[0]) - 1}
    assert all(row["name"] in line and row["cites"] in line for row, line in zip(table, lines[2:], strict=True))
    lines = shown["table"][1].splitlines()[2:]
    assert all(row["name"] in line and row["cites"] in line for row, line in zip(table, lines, strict=True))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("classify", "--as-of", "soon"), 'as-of = "soon" is not a date of the form 2026-02-01'),
        (("classify", "--as-of", "20260201"), 'as-of = "20260201" is not a date'),
        (("classify", "--as-of", "2026-02-30"), 'as-of = "2026-02-30" is not a date'),
        (("classify", "--destination", "cn"), 'unknown country "cn" (did you mean "CN"?)'),
        (("classify", "--destination", "China"), 'unknown country "China"'),
        (("classify", "--parent", "XX"), 'unknown country "XX"'),
        (("classify", "--policy", "historic"), 'unknown policy "historic" (did you mean "historical"?)'),
        (("classify", "--chips", "none.csv"), "chips file none.csv does not exist"),
        (("classify", "--chips", "bad.csv"), "chips file bad.csv, line 2: tpp = -4 is not a finite number above 0"),
        (("classify", "--chips", "."), "does not exist"),
        (("show", "no_control"), 'unknown policy "no_control" (did you mean "no_controls"?)'),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(call, tmp_path, arguments, says):
    (tmp_path / "bad.csv").write_text("name,tpp\nX,-4\n")
    code, out, err = call(*arguments)
    assert (code, out) == (2, "") and err.startswith("abm: ") and err.count("\n") == 1 and says in err


@pytest.mark.parametrize("arguments", [("show",), ("classify", "--format", "xml"), ("classifi",), ("list", "all")])
def test_wrong_usage_is_exit_code_two(call, arguments):
    code, _, err = call(*arguments)
    assert code == 2 and "Usage" in err and "Traceback" not in err


def test_a_reader_that_leaves_is_no_traceback(tmp_path):
    shutil.copy(OWN, tmp_path / "mine.csv")
    process = command("rules", "classify", "--chips", "mine.csv", "--format", "json", folder=tmp_path)
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


def test_a_terminal_is_told_the_same_as_this_process(call, tmp_path):
    told = finish(command("rules", "show", "nowhere", folder=tmp_path))
    assert told == call("show", "nowhere")
