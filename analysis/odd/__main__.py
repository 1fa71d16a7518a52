"""Print the generated part of the ODD protocol, or write it to a file: ``python -m analysis.odd [--out FILE]``.

Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from abm.errors import InputError
from analysis.odd.tables import generated_part

BAD_INPUT = 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write. [default: print]")
def odd(*, out: Path | None) -> None:
    """Print the part of the ODD protocol that is generated from the code: schedule, policies, declared numbers."""
    if out is None:
        click.echo(generated_part(), nl=False)
        return
    if not out.parent.is_dir():
        raise InputError(f'--out = "{out}" lies in a folder that does not exist')
    out.write_text(generated_part(), encoding="utf-8")
    click.echo(f"Written: {out}", err=True)


def main() -> None:
    """The entry point: one sentence and exit code 2 for what the user can mend, no traceback."""
    try:
        odd(prog_name="python -m analysis.odd")
    except InputError as problem:
        click.echo(f"analysis.odd: {problem}", err=True)
        sys.exit(BAD_INPUT)


if __name__ == "__main__":
    main()
