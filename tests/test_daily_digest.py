"""The digest of a day that keeps what it has written is the hash of the whole state written anew."""

from __future__ import annotations

from datetime import date

import pytest

from abm import Model
from abm.digest import digest, packed
from abm.policy import POLICIES
from tests.laws.runs import QUICK, SHORT, digests, finished, model_of


def anew(model: Model) -> str:
    """The digest of a model from its whole state, by the plainest reading of it."""
    groups = (model.regulators, model.vendors, model.clouds, model.labs, model.brokers)
    agents = tuple(group[name].state() for group in groups for name in sorted(group))
    agents += tuple(one.state() for _, one in sorted(model.governments.items()) if one.has_moved)
    market = (model.equities.state(), model.news.state(), model.desk.state(), model.users.state())
    lots = packed(sorted((o.holder, o.chip, o.seller, o.arrives, o.quantity, o.origin) for o in model.lots))
    events = [tuple(event[1:]) for event in reversed(model.record.events) if event[0] == model.today]
    return digest((
        model.day, model.books.state(), agents, tuple(one.state() for one in model.investors), market, model.picture, lots,
        model.tally, events))


@pytest.mark.parametrize("policy", ["historical", "both_endogenous"])
def test_every_day_is_hashed_as_if_it_were_the_first(policy, monkeypatch):
    model = model_of(SHORT, policy=POLICIES[policy])
    plain, today = [], Model.digest
    monkeypatch.setattr(Model, "digest", lambda self: plain.append(anew(self)) or today(self))
    model.run()
    assert digests(model) == plain and len(set(plain)) == len(model.calendar)


def test_runs_in_one_process_do_not_depend_on_each_other():
    """Either order, and two at once step by step: the digests of runs alone."""
    until, worlds = date(2025, 1, 24), {"historical": QUICK, "no_controls": QUICK.vary({"demand.contract_months": 12})}
    first = {name: digests(finished(until, world=worlds[name], policy=POLICIES[name])) for name in worlds}
    second = {name: digests(finished(until, world=worlds[name], policy=POLICIES[name])) for name in reversed(worlds)}
    together = {name: model_of(until, world=worlds[name], policy=POLICIES[name]) for name in worlds}
    for _ in together["historical"].calendar:
        for model in together.values():
            model.step()
    assert first == second == {name: digests(model) for name, model in together.items()}
