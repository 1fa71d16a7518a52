"""For the whole suite: property tests that draw the same examples every time, and results of the small experiment."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.small_experiment import small_results

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """What is there before the first test stays: without this, every collection after a run walks through all of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small experiment with four seeds: its file in ``mine``, its results in ``out``; to be read or copied."""
    return small_results(tmp_path_factory.mktemp("small"), seeds=4)
