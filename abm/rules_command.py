"""The commands ``abm rules``: which paragraph of the law a chip falls under, and what a policy contains."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm.errors import InputError, unknown

if TYPE_CHECKING:
    from abm.policy import Policy
    from abm.scenario.catalogue import Chip


@click.group()
def rules() -> None:
    """Export rules as law: classify chips, list the policies that ship, print one with its dates and citations."""


@rules.command()
@click.option("--as-of", "as_of", metavar="DATE", help="Day on which the rules are asked. [default: today]")
@click.option("--destination", default="CN", show_default=True, metavar="CC", help="ISO code of where the chips go.")
@click.option("--parent", metavar="CC", help="Where the buyer's ultimate parent sits. [default: the destination]")
@click.option("--chips", type=click.Path(path_type=Path), metavar="FILE.csv", help="Your chips. [default: the catalogue]")
@click.option("--policy", "name", default="historical", show_default=True, help="One of those that abm rules list prints.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def classify(  # the options of a command arrive as keyword arguments
    *, as_of: str | None, destination: str, parent: str | None, chips: Path | None, name: str, form: str
) -> None:
    """Say under which paragraph each chip falls, under which licence policy, and how far it is from each threshold.

    FILE.csv has the columns name, vendor, fp16_dense_tflops, fp8_int8_dense, fp4_dense, tpp, die_mm2, mem_bw_tbs, io_gbs
    and datacentre (yes or no); an empty cell means unknown, "?" in the answer that a missing number leaves it open.
    A buyer without listing and a commercial use are assumed. This is a model of the rules, not legal advice.
    """
    from abm.bench.classification_report import classification_report
    from abm.policy.classification import classify as classified

    policy, day = _policy(name), _day(as_of)
    asked = _chips(chips)
    answers = [classified(policy, chip, day, destination=destination, parent_country=parent) for chip in asked]
    click.echo(classification_report(asked, answers, form))


@rules.command()
@click.option("--as-of", "as_of", metavar="DATE", help="Day on which the rules are known. [default: today]")
@click.option("--destination", default="CN", show_default=True, metavar="CC", help="ISO code of where the chips go.")
@click.option("--vendor", default="NVIDIA", show_default=True, metavar="NAME", help="A foreign vendor of the scenario.")
@click.option("--policy", "name", default="historical", show_default=True, help="One of those that abm rules list prints.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def redesign(*, as_of: str | None, destination: str, vendor: str, name: str, form: str) -> None:
    """Say which chip a vendor would design for a destination under the rules of a day, and whether it would build it.

    For each product line: the uncontrolled design with the best margin, what limits it, what it is worth to buyers, and
    its net present value against the perceived hazard of the next rule.
    """
    from abm.bench.redesign_report import redesign_report

    click.echo(redesign_report(_policy(name), _day(as_of), destination=destination, vendor=vendor, form=form))


@rules.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_policies(*, form: str) -> None:
    """Print the policies that ship, one line each."""
    from abm.bench.aligned import columns
    from abm.policy import POLICIES

    if form == "json":
        listed = [{"policy": one.name, "description": one.description} for one in POLICIES.values()]
        click.echo(json.dumps(listed, indent=1))
        return
    rows = [("policy", "description"), *((one.name, one.description) for one in POLICIES.values())]
    click.echo("\n".join(columns(rows, left=2)))


@rules.command()
@click.argument("policy")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json", "markdown"]), default="table", show_default=True)
def show(*, policy: str, form: str) -> None:
    """Print the instruments of POLICY in the order of publication, with their dates and citations."""
    from abm.bench.policy_report import policy_report

    click.echo(policy_report(_policy(policy), form))


def _policy(name: str) -> Policy:
    from abm.policy import POLICIES

    if name not in POLICIES:
        raise unknown("policy", name, POLICIES)
    return POLICIES[name]


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise InputError(f'as-of = "{text}" is not a date of the form 2026-02-01')
    return day


def _chips(path: Path | None) -> tuple[Chip, ...]:
    from abm.scenario.catalogue import load_chips
    from abm.scenario.user_chips import absent_columns, read_chips

    if path is None:
        return load_chips()
    chips, absent = read_chips(path), absent_columns(path)
    if absent:
        click.echo(f"{path.name} lacks {', '.join(absent)}: unknown for all its chips", err=True)
    return chips
