"""What ``abm story`` prints: the event log of one run as dated sentences, of all, of one actor or of one chip."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.bench import store
from abm.errors import InputError, unknown
from abm.results import Results

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path("results")
SHELL, SHELLS = "shell", "shells"
FORM = re.compile(r"( SXM.*| PCIe.*| \(.*\)|X)$")
"""What titles of rules leave out of a chip's name: its form."""

PUBLISHED = "published"
SPECIAL_VERSION = re.compile(r"special version \d+ \(\d{4}-\d{2}\)")


def story(  # the run, and four ways to choose among its events
    run: str, folder: Path | None = None, *, actor: str | None = None, chip: str | None = None, since: str | None = None,
    until: str | None = None, form: str = "text",
) -> str:
    """The events of a run, one a line, or as a JSON list; ``run`` is an id, the beginning of one, or a row from 0 on.

    Of one actor (by id or name), of all actors of a parent, of all shell companies ("shells"), or of one chip where
    given, from a day to a day (as YYYY-MM-DD), both included. Raises InputError for a folder, run, actor, chip or day
    that there is not.
    """
    results = Results.load(folder or only_folder(FOLDER))
    known = identify(results, run)
    events = results.events()
    events = events[events["run_id"] == known["run_id"]]
    world = results.manifest["scenarios"][known["scenario"]]["content"]
    cast = Cast(world, events)
    chosen = cast.choose(events, actor, chip)
    first, last = _day("from", since, date.min), _day("until", until, date.max)
    chosen = [one for one in chosen if first <= date.fromisoformat(one["date"]) <= last]
    if form == "json":
        return json.dumps(chosen, indent=1, ensure_ascii=False)
    lines = [f"{one['date']}  {one['sentence']}" for one in chosen]
    return "\n".join([f"Run {known['run_id']}: {known['scenario']}, {known['policy']}, seed {known['seed']}", *lines])


def only_folder(parent: Path) -> Path:
    """The results folder inside a folder, if there is one alone. Raises InputError otherwise."""
    found = sorted(path.parent for path in parent.glob(f"*/{store.MANIFEST}"))
    if len(found) == 1:
        return found[0]
    there = f"holds {len(found)}: {', '.join(map(str, found))}" if found else "holds none"
    raise InputError(f"choose a results folder with --results, {parent}/ {there}")


def identify(results: Results, run: str) -> Mapping[str, Any]:
    """What identifies a finished run, by its id, an unambiguous beginning of it, or its row among the runs from 0 on.

    Raises InputError if there is no such run, or if it failed.
    """
    known = results.identify(run)
    if known["run_id"] not in set(results.runs["run_id"]):
        raise InputError(f"run {known['run_id']} failed: it left no events")
    return known


class Cast:
    """Who and what an event log speaks of: actors with their names and parents, shell companies, chips."""

    def __init__(self, world: Mapping[str, Any], events: pd.DataFrame) -> None:
        self.names = {one["id"]: one["name"] for one in world["actors"]}
        others = sorted(set(events["actor"]) - self.names.keys())
        self.names |= {name: name for name in others}
        self.groups = {SHELLS: [name for name in others if name.startswith(SHELL)]}
        for one in world["actors"]:
            self.groups.setdefault(one["parent"], []).append(one["id"])
        self.chips = {one["name"] for one in world["chips"]} | self._special_versions(events["sentence"])
        mentioned = sorted({*self.names.values(), *self.chips}, key=lambda name: (-len(name), name))
        self._mentioned = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, mentioned))})(?![\w-])")

    def _special_versions(self, sentences: Iterable[str]) -> set[str]:
        vendors = sorted(self.names.values())
        found = {(name, one) for text in sentences for one in SPECIAL_VERSION.findall(text) for name in vendors
                 if f"{name} {one}" in text}
        return {f"{name} {one}" for name, one in found}

    def mentions(self, sentence: str) -> set[str]:
        """The names of actors and chips in a sentence; of names within one another the longest."""
        return set(self._mentioned.findall(sentence))

    def choose(self, events: pd.DataFrame, actor: str | None, chip: str | None) -> list[dict[str, str]]:
        """The events of an actor and of a chip, as plain data; a sentence that does not name its actor begins with it.

        A rule is of a chip that its title names without the form, as in "letters on H20".
        """
        ids = self._ids(actor)
        wanted = set() if ids is None else {self.names[name] for name in ids}
        if chip is not None and chip not in self.chips:
            raise unknown("chip", chip, self.chips)
        short = re.compile(rf"(?<!\w){re.escape(FORM.sub('', chip or ''))}(?!\w)")
        chosen = []
        for row in events.to_dict("records"):
            named = self.mentions(row["sentence"])
            is_actors = ids is None or row["actor"] in ids or bool(named & wanted)
            is_rule = row["kind"] == PUBLISHED and short.search(row["sentence"])
            if is_actors and (chip is None or chip in named or is_rule):
                chosen.append(self._told(row, named))
        return chosen

    def _told(self, row: Mapping[str, Any], named: set[str]) -> dict[str, str]:
        name, sentence = self.names[row["actor"]], row["sentence"]
        if name not in named and row["actor"] not in self.groups[SHELLS]:
            sentence = f"{name}: {sentence}"
        return {"date": str(row["date"]), "actor": row["actor"], "kind": row["kind"], "sentence": f"{sentence}."}

    def _ids(self, asked: str | None) -> Sequence[str] | None:
        """The ids that a parent, an id or a name stands for; None where nobody was asked for."""
        if asked is None:
            return None
        found = self.groups.get(asked) or [key for key, name in self.names.items() if asked in (key, name)]
        if not found:
            raise unknown("actor", asked, {*self.names, *self.names.values(), *self.groups})
        return found


def _day(what: str, text: str | None, otherwise: date) -> date:
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f'{what} = "{text}" is not a date of the form 2026-02-01') from None
