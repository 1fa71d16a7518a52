"""A folder in which a design was run with two sizes: the last is read, and failed runs are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.bench.experiment_file import load_experiment
from abm.bench.running import run_experiment
from abm.results import Results
from analysis.sensitivity.__main__ import sensitivity
from analysis.sensitivity.designed_runs import design_of, outcome_of
from tests.analysis.test_sensitivity import TEXT
from tests.small_experiment import modules_kept, write_experiment

SIZES = '''
FEW = sampled(HISTORY_2025, {"demand.switching_cost": None, "demand.contract_months": (6, 12)}, 8, method="saltelli")
FEW = replace(EXPERIMENT, name="sizes", scenarios=FEW, policies=(HISTORICAL,), against="", seeds=(2,))
MORE = replace(FEW, scenarios=SHARES)
EXPERIMENT = FEW
'''


@pytest.fixture(scope="module")
def sizes(tmp_path_factory) -> Path:
    """A Saltelli design of 8 points with a seed, then of 32 with two others, of which one fails at the last point."""
    made = tmp_path_factory.mktemp("sizes")
    with modules_kept(), pytest.MonkeyPatch.context() as patch:
        file = write_experiment(made, text=TEXT + SIZES)
        run_experiment(load_experiment(file), made / "out", file=file, engine="serial")
        file.write_text(f"{TEXT}{SIZES}EXPERIMENT = replace(MORE, scenarios=SHARES[:-1], seeds=range(2))\n")
        run_experiment(load_experiment(file), made / "out", file=file, engine="serial")
        patch.setenv("SMALL_WORLD_RAISES", "1")
        file.write_text(f"{TEXT}{SIZES}EXPERIMENT = replace(MORE, seeds=range(2))\n")
        run_experiment(load_experiment(file), made / "out", file=file, engine="serial")
    return made / "out"


def test_of_two_sizes_of_a_design_the_last_is_read_with_its_own_seeds(sizes, capsys):
    results = Results.load(sizes)
    design = design_of(results)
    level = outcome_of(results, design, "gap_months", policy=None, against=None)
    assert len(design.names) == 32 and level.policy == "historical"
    assert (level.seeds, level.left_out, level.lacking) == ((0,), (1,), 0)    # seed 2 is of the smaller design alone
    sensitivity.main([str(sizes), "--outcome", "gap_months"], standalone_mode=False)
    told = " ".join(capsys.readouterr().out.split())
    assert "32 worlds around history_2025, 1 seeds each" in told and "1 seeds are left out" in told and "them: 1." in told
