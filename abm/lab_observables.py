"""What is measured of labs: why serving was short, what their runs lost on domestic chips, what idle hours gave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from abm.observe import observable
from abm.picture import HOME

if TYPE_CHECKING:
    from abm.agents.lab import Lab
    from abm.model import Model

FOCAL = "deepseek"


def _at_home(model: Model) -> list[tuple[str, Lab]]:
    return [(name, lab) for name, lab in sorted(model.labs.items()) if lab.region == HOME]


@observable("1", "serving throughput of the reference model by use / all of it", "monthly")
def serving_at_clouds(model: Model) -> dict[str, float]:
    """Serving at the clouds that serve each Chinese lab: what lies free, is under contract, is held for candidates."""
    shares = {}
    for name, lab in _at_home(model):
        free, tied, held = [], [], []
        for place in lab.served_at(model):
            cloud = model.clouds[place]
            free += [n * model.rates.reference(chip) for chip, n in cloud.capacity(model, cloud.free).items()]
            for one in cloud.reserved_models:
                of_use = tied if one in model.picture.models else held
                of_use += [
                    n * model.rates.reference(chip) for chip, n in cloud.capacity(model, cloud.reserved_for(one)).items()]
        whole = math.fsum([*free, *tied, *held])
        if whole > 0:
            uses = {"free": free, "under contract": tied, "held": held}
            shares |= {f"{name} {use}": math.fsum(chips) / whole for use, chips in uses.items()}
    return shares


@observable("1", "useful FLOP of domestic chips / all that train; idle hours used / all experiments", "monthly")
def training_sources(model: Model) -> dict[str, float]:
    """Where each lab's training compute comes from: domestic chips, and idle hours of serving in its experiments."""
    shares = {}
    for name, lab in sorted(model.labs.items()):
        if lab.compute is None or lab.compute.training <= 0:
            continue
        used = lab.idle_used(model)
        experiments = lab.experiments_now(model)
        shares[f"{name} domestic"] = lab.compute.domestic / lab.compute.training
        shares[f"{name} idle hours"] = used / experiments if experiments > 0 else 0.0
    return shares


@observable("1", "ln A of the lab - ln A* of the frontier", "monthly")
def algorithmic_lead(model: Model) -> dict[str, float]:
    """Log of each lab's algorithmic level over the frontier's; innovations can carry a lab above it."""
    frontier = model.world.technology.algorithm_growth * model.years
    return {name: lab.algorithms - frontier for name, lab in sorted(model.labs.items())}


@observable("week", "reviews short of capacity that sharing out all serving by demand would have met", "run")
def weeks_short_by_contracts(model: Model) -> int:
    """Weekly launch reviews of DeepSeek's next model short of capacity because contracts tied up the chips."""
    return model.tally.get(f"{FOCAL} 1 short by contracts", 0)


@observable("week", "reviews short of capacity that no sharing out of serving would have met", "run")
def weeks_short_of_chips(model: Model) -> int:
    """Weekly launch reviews of DeepSeek's next model short of capacity because there were too few chips for all."""
    return model.tally.get(f"{FOCAL} 1 short by chips", 0)


@observable("failure", "cumulative over labs", "run")
def run_failures(model: Model) -> int:
    """Failures of main runs on domestic chips that cost the work since the last good checkpoint."""
    return model.tally.get("failures of runs on domestic chips", 0)


@observable("1", "FLOP lost / FLOP of all main runs of Chinese labs", "run")
def run_work_lost(model: Model) -> float:
    """Share of the work of Chinese labs' main runs that failures on domestic chips cost."""
    labs = [lab for _, lab in _at_home(model)]
    worked = math.fsum(lab.worked for lab in labs)
    return math.fsum(lab.lost for lab in labs) / worked if worked > 0 else 0.0


@observable("run", "cumulative over labs", "run")
def runs_taken_off_domestic_chips(model: Model) -> int:
    """Main runs that labs took off domestic chips after failures."""
    return model.tally.get("runs taken off domestic chips", 0)
