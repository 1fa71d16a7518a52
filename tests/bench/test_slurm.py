"""Shards as a job array of Slurm, by the recipe of the README; for machines that have one: ``pytest -m full``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from abm.bench.merging import merge
from abm.results import Results
from tests.small_experiment import REPOSITORY, write_experiment

JOB = """#!/bin/bash
#SBATCH --array=0-2
#SBATCH --cpus-per-task=1
#SBATCH --signal=B:INT@120
exec {abm} run {file} --out {out} --workers $SLURM_CPUS_PER_TASK \\
    --shard $((SLURM_ARRAY_TASK_ID + 1))/$SLURM_ARRAY_TASK_COUNT
"""


def submit(folder: Path, file: Path, out: str) -> None:
    """Run the three shards as jobs and wait for all of them; raises if one fails."""
    job = folder / "job.sh"
    job.write_text(JOB.format(abm=f"{sys.executable} -m abm.cli", file=file, out=out))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])}
    command = ["sbatch", "--wait", "--output", str(folder / "job-%a.txt"), str(job)]
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    said = "\n".join(path.read_text() for path in sorted(folder.glob("job-*.txt")))
    assert answer.returncode == 0, answer.stderr + said


@pytest.mark.full
@pytest.mark.skipif(shutil.which("sbatch") is None, reason="there is no Slurm here")
def test_a_job_array_has_the_tables_of_a_serial_run_on_a_shared_folder_and_merged(small_folder, tmp_path):
    file = write_experiment(tmp_path / "mine")
    expected = Results.load(small_folder / "out").digest()
    submit(tmp_path, file, "shared")
    assert Results.load(tmp_path / "shared").digest() == expected
    submit(tmp_path, file, "own-$SLURM_ARRAY_TASK_ID")
    assert merge([tmp_path / f"own-{number}" for number in range(3)], tmp_path / "all").digest == expected
