"""Experiments on the small world, as files, and the command ``abm`` to run them in processes of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]

EXPERIMENT_TEXT = '''"""Does the bench keep its promises?"""

import sys
from datetime import date

import small_world

from abm import HISTORICAL, HISTORY_2025, NO_CONTROLS, Experiment

sys.modules["abm.model"] = small_world

EXPERIMENT = Experiment(
    name="small",
    question=__doc__,
    scenarios=(HISTORY_2025,),
    policies=(NO_CONTROLS, HISTORICAL),
    seeds={seeds},
    until=date(2026, 12, 31),
)
'''


@contextmanager
def modules_kept() -> Iterator[None]:
    """Take back what an experiment file does to this process: it puts the small world in the place of the model."""
    paths, kept = list(sys.path), {name: sys.modules.get(name) for name in ("abm.model", "small_world")}
    try:
        yield
    finally:
        sys.path[:] = paths
        for name, module in kept.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def write_experiment(folder: Path, *, seeds: str = "range(4)", text: str = EXPERIMENT_TEXT) -> Path:
    """An experiment file on the small world, in a folder where it finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("small_world.py"), folder)
    path = folder / "experiment_file.py"
    path.write_text(text.replace("{seeds}", seeds))
    return path


def small_results(folder: Path, *, seeds: int) -> Path:
    """Write the small experiment to ``mine`` in a folder and run it here, with its results in ``out``."""
    from abm.bench.experiment_file import load_experiment
    from abm.bench.running import run_experiment

    with modules_kept():
        file = write_experiment(folder / "mine", seeds=f"range({seeds})")
        run_experiment(load_experiment(file), folder / "out", file=file, engine="serial")
    return folder


def started(log: Path) -> list[tuple[str, int, int]]:
    """Policy, seed and process of each run that started, in order."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(policy, int(seed), int(process)) for policy, seed, process in (line.split() for line in lines)]


def command(
    *arguments: object, folder: Path, stderr: int = subprocess.PIPE, **faults: str
) -> subprocess.Popen[str]:
    """The command ``abm`` in its own process group, as a terminal would start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "abm.cli", *map(str, arguments)],
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]), **faults},
    )


def finish(process: subprocess.Popen[str], *, seconds: float = 120) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str], *, seconds: float = 60) -> None:
    """Wait until something holds while a command runs, and fail if it does not."""
    ends = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"it ended early: {finish(process)}"
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)
