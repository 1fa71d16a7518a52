"""The worker processes of a running experiment, as the kernel lists them."""

from __future__ import annotations

from pathlib import Path


def workers_of(parent: int) -> list[int]:
    """The worker processes of a running experiment, old or just born."""
    try:
        threads = [path / "children" for path in Path(f"/proc/{parent}/task").iterdir()]
        children = {int(pid) for one in threads for pid in one.read_text().split()}
        return sorted(pid for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text())
    except OSError:
        return []
