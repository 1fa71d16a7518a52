"""What the event log tells of a run adds up to what happened in it, names everybody, and does not depend on its end."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from abm import Model
from abm.agents.vendor import Vendor
from abm.gates import DENIED
from abm.monthly_chronicle import listed, money_in_words
from tests.laws.runs import QUICK, digests, finished, model_of, shared

UNTIL = date(2025, 5, 2)
NUMBER = r"([\d,]+) "
MONTHLY = ("purchases", "production", "refusals", "limit")


@pytest.fixture(scope="module")
def run() -> tuple[Model, Counter]:
    """A run of four months with many seizures, and how much was ordered in it, by chip."""
    ordered: Counter[str] = Counter()
    take = Vendor.take

    def taken(self, orders):
        for order in orders:
            ordered[order.chip] += order.quantity
        take(self, orders)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vendor, "take", taken)
        model = finished(UNTIL, world=QUICK.vary({"conduct.detection_floor": 0.3}))
    return model, ordered


def told(model: Model, kind: str, actor: str | None = None) -> list[str]:
    """The sentences of a kind, of all or of one actor."""
    return [text for _, who, what, text in model.record.events if what == kind and actor in (None, who)]


def number(pattern: str, text: str) -> int:
    """The number that a pattern finds in a sentence, 0 where it finds none."""
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else 0


def test_orders_told_are_those_that_vendors_took(run):
    model, ordered = run
    for chip in ("H20 SXM", "B200", "Ascend 910B (B2)", "MI308X"):
        name = re.escape(chip)
        by_buyers = sum(number(rf"ordered {NUMBER}{name} for", text) for text in told(model, "purchases"))
        by_vendors = sum(number(rf"took orders for {NUMBER}{name},", text) for text in told(model, "production"))
        assert by_buyers == by_vendors == ordered[chip] > 0, chip


def test_what_clouds_began_with_and_received_is_what_they_ended_with(run):
    model, _ = run
    for name, cloud in model.clouds.items():
        for chip in cloud.chips():
            kind = re.escape(chip)
            began = sum(number(rf"began with {NUMBER}{kind} installed", text) for text in told(model, "opening", name))
            came = sum(number(rf"received {NUMBER}{kind}\W", text) for text in told(model, "purchases", name))
            ended = sum(number(rf"ended with {NUMBER}{kind} installed", text) for text in told(model, "close", name))
            assert began + came == ended, (name, chip)


def test_refusals_told_are_those_that_were_counted(run):
    model, _ = run
    times: Counter[str] = Counter()
    for text in told(model, "refusals"):
        for part in text.split("not buy, ")[1].split("; "):
            chips, _, cause = part.rpartition(" under ")
            often = re.findall(r"\((once|(\d+) times)\)", chips)
            times[cause] += sum(int(n or 1) for _, n in often)
    for text in told(model, "licence refused"):
        times[text.split(": ", 1)[1]] += 1
    counted = {key.removeprefix(DENIED): n for key, n in model.tally.items() if key.startswith(DENIED)}
    assert times == counted and times.total() > 100


def test_what_is_refused_first_is_told_once_and_before_its_month(run):
    model, _ = run
    first = told(model, "refused")
    assert len(first) == len(set(first)) > 10
    days = {text: day for day, _, kind, text in model.record.events if kind == "refused"}
    letter = "Alibaba Cloud wanted H20 SXM and might not buy it, for the first time: letter 2025-04 (us_letter_2025_04)"
    assert days[letter] == date(2025, 4, 21)


def test_shells_are_told_when_they_come_are_found_and_are_back(run):
    model, _ = run
    entered = [actor for _, actor, kind, _ in model.record.events if kind == "shell enters"]
    seized = [actor for _, actor, kind, text in model.record.events if kind == "seized" and text.endswith("was named")]
    back = [actor for _, actor, kind, _ in model.record.events if kind == "shell is back"]
    assert len(entered) == len(set(entered)) and entered
    assert {name for name in model.brokers if "opening" not in name} <= set(entered)
    assert back and set(back) <= set(seized)
    assert sum(broker.shells - 1 for broker in model.brokers.values()) == len(seized)


def test_sentences_speak_of_actors_by_their_names(run):
    """Only models are named after the ids of their labs."""
    model, _ = run
    ids = [re.escape(name) for name in model.actors if "_" in name]
    found = [text for *_, text in model.record.events if re.search(rf"(?<!\w)({'|'.join(ids)})(?!\w| next)", text)]
    assert not found
    assert all(model.clouds[actor].actor.name in text for _, actor, kind, text in model.record.events
               if kind in ("purchases", "limit") and actor in model.clouds)


def test_a_launch_review_is_told_where_another_constraint_binds():
    model = model_of(date(2025, 3, 3))
    before: dict[str, str] = {}
    review, changes = {}, 0
    for name, lab in model.labs.items():
        review[name] = lab.conclude

        def concluded(model, found, name=name):
            nonlocal changes
            changes += found.binding not in ("none", before.get(name, "none"))
            before[name] = found.binding
            review[name](model, found)

        lab.conclude = concluded
    model.run()
    assert len(told(model, "review")) == changes > 0


def test_a_shorter_run_is_the_beginning_of_a_longer(run):
    longer = shared(date(2025, 2, 14))
    shorter = shared(date(2025, 2, 5))
    assert digests(shorter) == digests(longer)[: len(shorter.calendar)]
    events = [one for one in shorter.record.events if one[2] != "close"]
    assert events == longer.record.events[: len(events)]
    assert {kind for _, _, kind, _ in events} >= set(MONTHLY)


def test_money_and_lists_are_put_in_words():
    assert [money_in_words(n) for n in (0.0, 9_000.0, 2.5e6, 1e9, 12.345e9)] == [
        "nothing", "9,000 USD", "2.5 mn USD", "1.00 bn USD", "12.35 bn USD"]
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_a_review_without_a_launch_says_that_training_goes_on(run):
    model, _ = run
    reviews = told(model, "review")
    assert reviews and all(text.endswith("; training goes on") for text in reviews)


def test_amounts_have_one_name_and_a_shell_that_is_back_is_counted_in_words(run):
    model, _ = run
    assert not [text for *_, text in model.record.events if " m USD" in text]
    back = told(model, "shell is back")
    assert back and all(re.search(r"the owner's company number \d+$", text) for text in back)
