"""The digests of a short run, a line a day: run in a fresh process.

``python tests/laws/digest_lines.py`` prints date and digest of every day of the historical scenario to mid-February.
"""

from __future__ import annotations

from tests.laws.runs import SHORT, finished

if __name__ == "__main__":
    for day, text in finished(SHORT).record.digests:
        print(day, text)
