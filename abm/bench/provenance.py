"""Where results come from: the manifest of a results folder, and the refusal to mix what does not belong together."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.bench import store
from abm.bench.identity import PACKAGE, RESULTS_CONTRACT, code_version, describe
from abm.bench.manifest_shape import wrong_place
from abm.errors import InputError

if TYPE_CHECKING:
    from abm.experiment import Experiment

DISTRIBUTION = "geomarket-abm"
LIBRARIES = ("mesa", "numpy", "scipy", "numba", "pandas", "pyarrow", "seaborn", "pebble", "distributed")
EXPERIMENT_FILE = "experiment.py"
OBSERVABLE_DETAILS = ("unit", "meaning", "formula", "cadence")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a results folder.

    Raises InputError if there is none, or none that can be read.
    """
    path = folder / store.MANIFEST
    if not path.is_file():
        raise InputError(f"{folder} is not a results folder: it has no {store.MANIFEST}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{path} is not a readable manifest ({problem})") from None
    if isinstance(manifest, dict) and isinstance(manifest.get("contract"), int):    # another contract has another shape
        check_contract(folder, manifest["contract"])
    if wrong := wrong_place(manifest):
        raise InputError(f"{path} is not a readable manifest ({wrong})")
    return manifest


def check_contract(folder: Path, contract: int) -> None:
    """Raises InputError if results were written under another contract than this version reads."""
    if contract != RESULTS_CONTRACT:
        raise InputError(
            f"results folder {folder} has results contract {contract}, this version reads {RESULTS_CONTRACT}"
        )


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Put the manifest in the folder, whole or not at all."""
    store.write_text(folder / store.MANIFEST, json.dumps(manifest, indent=1) + "\n")


def open_folder(
    folder: Path, experiment: Experiment, file: Path | None, scenario_files: Sequence[Path] = ()
) -> dict[str, Any]:
    """The manifest under which an experiment adds runs to a folder, written there with a copy of its file.

    Raises InputError if the folder holds runs of other code, horizon, or content under a name that is used again.
    """
    manifest = describe_experiment(experiment)
    manifest["experiment"]["folder"] = str(file.resolve().parent) if file is not None else None
    manifest["experiment"]["scenario_files"] = [str(one.resolve()) for one in scenario_files]
    if store.parts(folder, "runs"):
        before = read_manifest(folder)
        check_same(folder, before, manifest)
        for kind in ("scenarios", "policies"):
            manifest[kind] = before[kind] | manifest[kind]
        manifest["timing"] = before["timing"]
    write_manifest(folder, manifest)
    if file is not None:
        store.copy(file, folder / EXPERIMENT_FILE)
    return manifest


def check_same(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any], other: Path | None = None) -> None:
    """Raises InputError unless what one manifest describes may join a folder that has another: code, content, horizon.

    ``other`` is the folder that has it, if it is not an experiment about to run.
    """
    way_out = "choose another folder with --out, or remove it" if other is None else f"{other} cannot join it"
    if before["code"] != now["code"]:
        which = "this" if other is None else "the other"
        raise InputError(
            f"results folder {folder} holds runs of code {before['code']}, {which} is code {now['code']}: {way_out}"
        )
    for kind in ("scenarios", "policies"):
        for name in now[kind].keys() & before[kind].keys():
            if before[kind][name]["fingerprint"] != now[kind][name]["fingerprint"]:
                raise InputError(f'results folder {folder} holds runs of other {kind} content named "{name}": {way_out}')
    for name in now["scenarios"].keys() & before["scenarios"].keys():
        if (was := before["scenarios"][name]["until"]) != (to_be := now["scenarios"][name]["until"]):
            raise InputError(f"results folder {folder} holds runs until {was}, this experiment has {to_be}: {way_out}")


def describe_experiment(experiment: Experiment) -> dict[str, Any]:
    """Everything that determines the runs of an experiment and everything that may have touched them, as plain data."""
    from abm.observables import OBSERVABLES

    marks = experiment.fingerprints
    scenarios = {
        one.name: {
            "fingerprint": marks["scenarios"][one.name],
            "start": one.start.isoformat(),
            "until": experiment.horizon(one).isoformat(),
            "parameters": {declared.path: declared.value for declared in one.parameters()},
            "content": describe(one),
        }
        for one in experiment.scenarios
    }
    return {
        "contract": RESULTS_CONTRACT,
        "code": code_version(),
        "experiment": {
            "name": experiment.name,
            "question": experiment.question.strip(),
            "against": experiment.against,
            "outcomes": list(experiment.outcomes),
            "seeds": list(experiment.seeds),
            "scenarios": [one.name for one in experiment.scenarios],
            "policies": [one.name for one in experiment.policies],
        },
        "scenarios": scenarios,
        "policies": {
            one.name: {"fingerprint": marks["policies"][one.name], "content": describe(one)}
            for one in experiment.policies
        },
        "observables": {
            name: {detail: getattr(one, detail) for detail in OBSERVABLE_DETAILS} for name, one in OBSERVABLES.items()
        },
        "provenance": provenance(),
        "timing": None,
    }


def provenance() -> dict[str, Any]:
    """Versions, machine and command of this process."""
    return {
        "version": _version(DISTRIBUTION),
        "git": git_state(PACKAGE),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "system": platform.platform(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "command": list(sys.argv),
    }


def git_state(package: Path) -> dict[str, Any] | None:
    """Commit of the checkout that holds the package and whether it was changed since; None outside a checkout."""
    try:
        top = _git(package, "rev-parse", "--show-toplevel").strip()
        if Path(top) != package.resolve().parent:
            return None
        return {
            "commit": _git(package, "rev-parse", "HEAD").strip(),
            "dirty": bool(_git(package, "status", "--porcelain").strip()),
        }
    except (OSError, subprocess.SubprocessError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()
