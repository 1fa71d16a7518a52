"""The digests of a short run, a line a day: run in a fresh process.

``python tests/laws/digest_lines.py`` prints date and digest of every day of the historical scenario to mid-February.
"""

from __future__ import annotations

from tests.laws.runs import lines_of_this_process

if __name__ == "__main__":
    print(*lines_of_this_process(), sep="\n")
