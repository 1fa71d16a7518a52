"""What users install: one package with its tables, a command, and a lock that names no address."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from functools import cache

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source_tree import ROOT, project_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.compile(r"^([\w.-]+)==(\S+)(?: ; [^\\]+)? \\$")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


@cache
def locked() -> dict[str, set[str]]:
    """Names and versions that the lock pins."""
    pins: dict[str, set[str]] = {}
    for line in LOCK.splitlines():
        if match := PINNED.match(line):
            pins.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return pins


def addresses(lock: str) -> list[str]:
    """Anything in a lock that says where a package comes from."""
    return re.findall(r"http|://|file:|^-\w.*|--(?!hash=sha256:)[\w-]+", lock, re.M)


def wanted() -> list[Requirement]:
    """The requirements of the project and of its extras."""
    extras = (text for texts in PROJECT["optional-dependencies"].values() for text in texts)
    everything = [Requirement(text) for text in (*PROJECT["dependencies"], *extras)]
    return [one for one in everything if one.name != PROJECT["name"]]


def test_the_wheel_holds_the_package_alone(wheel):
    about = f"geomarket_abm-{PROJECT['version']}.dist-info"
    assert {name.split("/")[0] for name in wheel.namelist()} == {"abm", about}


def test_the_wheel_holds_every_file_of_the_package(wheel):
    missing = {name for name in project_files() if name.startswith("abm/")} - set(wheel.namelist())
    assert not missing, sorted(missing)


def test_the_wheel_brings_the_command(wheel):
    (entry,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "abm = abm.cli:main" in wheel.read(entry).decode()


def test_the_version_is_said_once():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in citation
    package = [ROOT / name for name in project_files() if name.startswith("abm/") and name.endswith(".py")]
    assert not [path for path in package if f'"{PROJECT["version"]}"' in path.read_text(encoding="utf-8")]


def test_the_lock_pins_every_package_by_hash():
    heads = [line for line in LOCK.splitlines() if line and not line.startswith(("    ", "#"))]
    assert len(heads) > 30 and all(PINNED.match(line) for line in heads)
    assert LOCK.count("--hash=sha256:") >= len(heads)


def test_the_lock_names_no_address():
    assert not addresses(LOCK), addresses(LOCK)
    assert addresses("--no-index") and addresses("x @ file:///x") and not addresses("    --hash=sha256:ab")


def test_the_lock_answers_every_requirement():
    for one in wanted():
        versions = locked().get(canonicalize_name(one.name), set())
        assert versions and all(version in one.specifier for version in versions), f"{one} against {versions}"


@pytest.mark.full
def test_the_lock_installs(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path)], check=True)
    pip = [str(tmp_path / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", "requirements.lock"], cwd=ROOT, check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "."], cwd=ROOT, check=True)
    subprocess.run([str(tmp_path / "bin" / "abm"), "--help"], cwd=tmp_path, check=True)
