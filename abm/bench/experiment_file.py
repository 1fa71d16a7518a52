"""Experiments from files: a Python file with an ``EXPERIMENT``, wherever it lies, installed or not."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from abm.errors import InputError, nearest
from abm.experiment import Experiment, shortened


def load_experiment(
    path: Path | str, *, beside: Path | None = None, scenario_files: Sequence[Path | str] = ()
) -> Experiment:
    """The ``EXPERIMENT`` of a Python file, which need not be installed.

    The file can import modules from its own folder, or from the folder ``beside`` if it is a copy. With
    ``scenario_files`` (TOML) their scenarios take the place of its own. Raises InputError if a file does not exist,
    cannot be read or imported, or has no ``EXPERIMENT``.
    """
    path = Path(path)
    module = _import_file(path, path.parent if beside is None else beside)
    if not hasattr(module, "EXPERIMENT"):
        hint = nearest("EXPERIMENT", [name for name in vars(module) if not name.startswith("__")])
        raise InputError(f"experiment file {path.name} has no EXPERIMENT{hint}")
    experiment = module.EXPERIMENT
    if not isinstance(experiment, Experiment):
        raise InputError(f"EXPERIMENT in {path.name} is {shortened(experiment)}, not an Experiment")
    if not scenario_files:
        return experiment
    from abm.bench.scenario_file import load_scenario

    return replace(experiment, scenarios=tuple(load_scenario(one) for one in scenario_files))


def _import_file(path: Path, folder: Path) -> ModuleType:
    if not path.is_file():
        beside = [one.name for one in path.parent.glob("*.py")] if path.parent.is_dir() else []
        raise InputError(f"experiment file {path} does not exist{nearest(path.name, beside)}")
    name = f"abm_experiment_{path.stem}"
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(path))
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    sys.modules[name] = module
    if str(folder.resolve()) not in sys.path:
        sys.path.append(str(folder.resolve()))
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except InputError as problem:
        raise InputError(f"experiment file {path.name}{_line(problem, path)}: {problem}") from None
    except SyntaxError as problem:
        where = f", line {problem.lineno}" if problem.lineno else ""
        raise InputError(f"experiment file {path.name}{where}: {problem.msg}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as problem:    # whatever the file raises is the file's
        what = " ".join(f"{type(problem).__name__}: {problem}".split())
        raise InputError(f"experiment file {path.name}{_line(problem, path)} cannot be imported: {what}") from None
    return module


def _line(problem: BaseException, path: Path) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""
