"""The same bits whatever instructions the processor, the C library and the compiler choose from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.laws.dispatch_hash import SUBJECTS, SWITCHES, environments, numpy_features

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "laws" / "dispatch_hash.py"
# Equal on every machine and Python. A change here changes the results of every run and belongs in the CHANGELOG.
RECORDED = {
    "elementary functions": "7d8de90b8c6b09c138bc7d03bfbb50fb",
    "draws": "c66f4778525904a84649a0ea644c26e1",
}


def run_under(variables: dict[str, str]) -> dict:
    """The report of a fresh process that has these switches and no others."""
    inherited = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    environment = inherited | {"PYTHONPATH": str(ROOT)} | variables
    finished = subprocess.run(
        [sys.executable, str(SCRIPT)], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(finished.stdout)


@pytest.fixture(scope="module")
def reports() -> dict[str, dict]:
    switched = environments()
    with ThreadPoolExecutor(max_workers=2) as pair:
        return dict(zip(switched, pair.map(run_under, switched.values()), strict=True))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_one_hash_under_all_switches(reports, subject):
    hashes = {name: report["hashes"][subject] for name, report in reports.items()}
    assert len(set(hashes.values())) == 1, hashes


@pytest.mark.parametrize("subject", RECORDED)
def test_the_recorded_hash(reports, subject):
    assert reports["as found"]["hashes"][subject] == RECORDED[subject]


def test_numpy_obeyed(reports):
    if not numpy_features():
        pytest.skip("this processor offers NumPy nothing beyond its baseline")
    found, baseline = (reports[name]["witnesses"] for name in ("as found", "numpy baseline"))
    assert found["numpy features"] and not baseline["numpy features"]
    assert not reports["all together"]["witnesses"]["numpy features"]
    if "X86_V4" in numpy_features() or "AVX512_SKX" in numpy_features():
        assert found["numpy exp"] != baseline["numpy exp"]


def test_the_c_library_obeyed(reports):
    if "libm without FMA" not in reports or "fma" not in processor_flags():
        pytest.skip("no glibc on an x86-64 processor with fused multiply-add")
    found, without = (reports[name]["witnesses"]["libm exp"] for name in ("as found", "libm without FMA"))
    assert found != without


def test_numba_obeyed(reports):
    pytest.importorskip("numba")
    assert reports["numba generic"]["witnesses"]["numba target"] == "generic"
    assert "numba target" not in reports["as found"]["witnesses"]


def processor_flags() -> set[str]:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return {flag for line in lines if line.startswith("flags") for flag in line.split(":", 1)[1].split()}
