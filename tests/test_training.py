"""What labs train with in a run: domestic chips that fail and teach, idle hours, porting, and why serving is short."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abm import Model
from abm.agents.lab import Lab
from abm.books import capacity_asset
from abm.errors import InputError
from abm.launches import fair_share
from abm.projects import Project
from abm.rules.lab import Review
from abm.rules.long_runs import BOTH, FOREIGN
from abm.scenario.conduct import REAL_OPTIONS
from abm.training import idle_flop, idle_share, promising_place, suffer_failures, training_compute
from tests.laws.runs import QUICK, finished, model_of, shared

UNTIL = date(2025, 1, 31)
DOMESTIC_CHIP = "Ascend 910B (B2)"


def qwen_on_domestic_chips(**changes: float) -> Lab:
    """A lab whose cloud trains on domestic chips too, and a project of it put on the chips that promise most."""
    world = QUICK.vary({f"technology.{name}": value for name, value in changes.items()})
    lab = model_of(UNTIL, world=world).labs["qwen"]
    cloud = lab.model.clouds["alibaba"]
    capacity = capacity_asset(DOMESTIC_CHIP)
    units = min(9000, lab.model.books.balance(cloud.free, capacity))
    lab.model.books.move(capacity, units, giver=cloud.free, taker=cloud.training, reason="to training")
    lab.compute = training_compute(lab.model, lab)
    lab.project = Project("qwen next 1", 0, flop=1e25, place=promising_place(lab.model, lab))
    lab.run = lab.compute.run(lab.project.place) * lab.main_share
    return lab


def test_a_lab_trains_by_its_share_of_each_clouds_chips():
    model = model_of(UNTIL)
    seed = training_compute(model, model.labs["seed"])
    clouds = [(share, model.clouds[name]) for name, share in model.labs["seed"].record.trains_at]
    assert seed.training == pytest.approx(sum(share * cloud.training_flop(model) for share, cloud in clouds))
    assert seed.domestic == seed.domestic_chips == 0.0


def test_domestic_chips_are_counted_apart():
    lab = qwen_on_domestic_chips()
    assert lab.compute.domestic_chips == pytest.approx(0.8 * 9000)
    assert lab.compute.domestic == pytest.approx(0.8 * 9000 * lab.model.rates.training(DOMESTIC_CHIP))
    assert lab.compute.training == pytest.approx(0.8 * lab.model.clouds["alibaba"].training_flop(lab.model))


def test_a_lab_that_believes_its_vendor_tries_and_one_that_has_failed_does_not():
    lab = qwen_on_domestic_chips(run_failure_rate=1.0)
    assert lab.project.place == BOTH
    done = lab.project.flop
    suffer_failures(lab.model, lab)
    assert lab.failures > 3 and lab.exposure > 0
    assert done - lab.project.flop == pytest.approx(lab.failures * lab.run) == lab.lost
    assert lab.project.place == FOREIGN
    assert [event[2] for event in lab.model.record.events[-2:]] == ["run failure", "run moved"]
    suffer_failures(lab.model, lab)
    assert lab.model.tally["failures of runs on domestic chips"] == lab.failures


def test_without_failures_a_run_stays_and_trust_grows():
    lab = qwen_on_domestic_chips(run_failure_rate=0.0)
    suffer_failures(lab.model, lab)
    assert lab.project.flop == 1e25 and lab.failures == 0 and lab.exposure > 0 and lab.project.place == BOTH


def test_a_mature_ecosystem_does_not_fail():
    lab = qwen_on_domestic_chips(run_failure_rate=1.0, domestic_training_factor=1.0)
    assert lab.compute.domestic_chips > 0 and lab.project.place == BOTH
    suffer_failures(lab.model, lab)
    assert lab.failures == 0 and lab.exposure == 0.0


def test_idle_hours_are_those_below_the_peak():
    model = shared(date(2025, 1, 14))
    assert idle_share(model) == pytest.approx(1 - 226.75 / 278, abs=1e-3)
    cloud = model.clouds["microsoft"]
    reserved = [cloud.capacity(model, cloud.reserved_for(name)) for name in cloud.reserved_models]
    whole = sum(units * model.rates.training(chip) for held in reserved for chip, units in held.items())
    assert idle_flop(model, cloud) == pytest.approx(whole * idle_share(model)) and whole > 0
    openai = model.labs["openai"]
    assert openai.experiments_now(model) == pytest.approx(openai.compute.training - openai.run + openai.compute.idle)


def test_idle_hours_can_be_left_idle():
    model = shared(date(2025, 1, 14), world=QUICK.vary({"conduct.idle_research": 0.0}))
    openai = model.labs["openai"]
    assert openai.idle_used(model) == 0.0 < openai.compute.idle
    assert openai.experiments_now(model) < openai.experiments


def of_r1(model: Model) -> tuple[float, float]:
    """Tokens a day that a domestic and a foreign chip serve of R1."""
    return model.rates.serving["DeepSeek-R1", DOMESTIC_CHIP], model.rates.serving["DeepSeek-R1", "H20 SXM"]


def test_domestic_chips_serve_a_model_once_it_is_ported():
    domestic, foreign = of_r1(shared(date(2025, 1, 30)))
    assert domestic == 0.0 < foreign
    assert of_r1(shared(date(2025, 2, 3)))[0] > 0
    assert of_r1(shared(date(2025, 1, 22), world=QUICK.vary({"technology.porting_days": 0})))[0] > 0


def test_no_chips_are_reserved_for_a_model_they_cannot_serve():
    model = finished(date(2025, 2, 5), world=QUICK.vary({"technology.porting_days": 60}))
    clouds = [cloud for _, cloud in sorted(model.clouds.items()) if "DeepSeek-R1" in cloud.reserved_models]
    held = [cloud.capacity(model, cloud.reserved_for("DeepSeek-R1")) for cloud in clouds]
    assert sum(chips.get("H20 SXM", 0) for chips in held) > 0
    assert sum(chips.get(DOMESTIC_CHIP, 0) for chips in held) == 0


def test_the_record_says_why_capacity_is_short():
    model = shared(date(2025, 1, 14))
    lab = model.labs["deepseek"]
    lab.project = Project("deepseek next 1", -100, flop=2e25, finished=0)
    model.rates.add_model(lab.project.name, lab.size(model))
    few, many = fair_share(model, lab, 1e14), fair_share(model, lab, 1e11)
    assert 0 < few < many
    short = Review(False, False, True, -1.0, 0.2, needed_share=0.5)
    assert replace(short, fair_share=0.6).shortage == "contracts"
    assert replace(short, fair_share=0.4).shortage == "chips"
    assert Review(True, False, False, -1.0, 1.0).shortage == ""
    model.chronicle.note_review(model, lab, replace(short, fair_share=0.6))
    told = model.record.events[-1][3]
    lab.conclude(model, replace(short, fair_share=0.6))
    assert model.tally["deepseek 1 short by contracts"] == 1
    assert "contracts tie up the chips" in told


def test_a_launch_rule_must_be_known():
    with pytest.raises(InputError, match='unknown launch rule "real option" .*"real options"'):
        replace(QUICK.conduct, launch_rule="real option")
    assert replace(QUICK.conduct, launch_rule=REAL_OPTIONS).launch_rule == REAL_OPTIONS


def test_innovations_carry_deepseek_above_the_frontier_of_algorithms():
    """R1's surprise: its quality at its cost asks for an algorithmic level above the frontier's."""
    model = model_of(UNTIL)
    assert model.labs["deepseek"].algorithms > 1.0
    assert all(lab.algorithms < 1.0 for name, lab in model.labs.items() if name != "deepseek")
