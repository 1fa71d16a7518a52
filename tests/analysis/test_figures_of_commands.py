"""Figures of the analysis are saved in the form that their suffix says, and an unknown suffix is an error of one sentence."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from abm.errors import InputError
from analysis.command_line import checked_figure, save_figure
from analysis.launch_reaction.__main__ import launch_reaction
from analysis.validation.__main__ import validation

BEGINS = {"x.pdf": b"%PDF", "x.png": b"\x89PNG", "x.SVG": b"<?xml"}


@pytest.mark.parametrize("name", BEGINS)
def test_a_figure_is_what_its_suffix_says(name, tmp_path):
    save_figure(Figure(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(BEGINS[name])


@pytest.mark.parametrize("name", ["x.jpeg2", "x", "x.txt"])
def test_another_suffix_is_bad_input(name, tmp_path):
    with pytest.raises(InputError, match=r"valid: \.pdf, \.png, \.svg"):
        checked_figure(tmp_path / name)
    with pytest.raises(InputError, match="no folder"):
        checked_figure(tmp_path / "nowhere" / "x.pdf")


@pytest.mark.parametrize("command", [validation, launch_reaction])
def test_the_commands_say_so_before_they_read_anything(command, tmp_path):
    with pytest.raises(InputError, match="no known form"):
        command.main([str(tmp_path), "--figure", str(tmp_path / "x.txt")], standalone_mode=False)
