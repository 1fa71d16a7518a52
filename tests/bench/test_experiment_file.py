"""An experiment file loads wherever it lies, and one that does not is refused in one sentence."""

from __future__ import annotations

import pytest

from abm.bench.experiment_file import load_experiment
from abm.errors import InputError
from tests.small_experiment import REPOSITORY


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no EXPERIMENT"),
        ("EXPERIMNT = 3", 'has no EXPERIMENT .*did you mean "EXPERIMNT"'),
        ("EXPERIMENT = 3", "EXPERIMENT in mine.py is 3, not an Experiment"),
        ("x = 1\ny = = 2", "mine.py, line 2: invalid syntax"),
        ("x = 1\n\nimport not_there", "mine.py, line 3 cannot be imported: ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)", "mine.py, line 1 cannot be imported: SystemExit: 3"),
        ("from abm import HISTORY_2025\nHISTORY_2025.vary({'no.such': 1})", "mine.py, line 2: unknown scenario value"),
        ("x = '\x00'", "mine.py.*null bytes"),
    ],
)
def test_a_file_that_is_no_experiment_is_refused_in_one_sentence(tmp_path, text, says):
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as told:
        load_experiment(path)
    assert "\n" not in str(told.value)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.py"]


def test_a_missing_file_is_named_with_its_neighbour(tmp_path):
    (tmp_path / "export_controls.py").write_text("")
    with pytest.raises(InputError, match='export_control.py does not exist .*did you mean "export_controls.py"'):
        load_experiment(tmp_path / "export_control.py")


def test_the_experiment_of_the_house_loads():
    experiment = load_experiment(REPOSITORY / "experiments" / "export_controls.py")
    assert [policy.name for policy in experiment.policies] == ["no_controls", "rules_of_end_2024", "historical"]
    assert len(experiment) == 300
