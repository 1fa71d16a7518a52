"""What a processor's instruction set could change, hashed: run in a fresh process under each set of switches.

``python tests/laws/dispatch_hash.py`` prints one JSON object: a hash for every subject, and the witnesses that show
which switches this process really obeyed. A further subject (a whole run, say) is one more entry in ``SUBJECTS``.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import platform
import sys
from collections.abc import Callable
from datetime import date
from hashlib import blake2b

import numpy as np

from abm import elementary
from abm.chance import Chance, slots

SWITCHES = ("NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES", "NUMBA_CPU_NAME")
STEPS = np.arange(1.0, 4001.0)
WHOLE_RUN = date(2025, 1, 22)


def environments() -> dict[str, dict[str, str]]:
    """Name -> environment variables of every situation that must give the same bits, as far as this machine has it.

    NumPy silently ignores names of features it was not built to choose from (they were renamed in NumPy 2.4), so the
    names are its own; setting a variable to none of them would test nothing and is left out.
    """
    found = numpy_features()
    situations = {"as found": {}}
    if found:
        situations["numpy baseline"] = {"NPY_DISABLE_CPU_FEATURES": " ".join(found)}
    if len(found) > 1:
        situations["numpy first level"] = {"NPY_DISABLE_CPU_FEATURES": " ".join(found[1:])}
    if platform.libc_ver()[0] == "glibc" and platform.machine() == "x86_64":
        situations["libm without FMA"] = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA"}
    situations["numba generic"] = {"NUMBA_CPU_NAME": "generic"}
    together: dict[str, str] = {}
    for name, variables in situations.items():
        if name != "numpy first level":
            together.update(variables)
    return situations | {"all together": together}


def numpy_features() -> list[str]:
    """The instruction sets beyond its baseline that NumPy would use in this process, lowest first."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def witnesses() -> dict[str, object]:
    """What the switches are meant to move: by NumPy's own account, and by results that are known to differ."""
    x = STEPS / 1009.0
    report: dict[str, object] = {
        "numpy features": numpy_features(),
        "numpy exp": _hash(np.exp(x), np.log(x), np.power(x, 1.3)),
        "libm exp": _hash([f(v) for v in x.tolist() for f in (math.exp, math.log, math.sin)]),
    }
    if "NUMBA_CPU_NAME" in os.environ and importlib.util.find_spec("numba"):
        import numba

        report["numba target"] = numba.config.CPU_NAME
    return report


def elementary_functions() -> str:
    """Every function of ``abm.elementary``, as array and one by one, near one and over the whole range."""
    near, wide, odds = STEPS / 1009.0, elementary.exp_array((STEPS - 2000.0) / 3.0), STEPS / 4001.0
    steep = odds / 2.0**40
    arrays = [
        elementary.exp_array((STEPS - 2000.0) / 3.0),
        *(f(x) for f in (elementary.log_array, elementary.log10_array) for x in (near, wide)),
        *(elementary.power_array(x, y) for x, y in ((near, 1.3), (near, -2.7), (wide, 0.37))),
        elementary.logistic_array((STEPS - 2000.0) / 50.0),
        *(elementary.normal_quantile_array(p) for p in (odds, steep)),
    ]
    one_by_one = [
        *map(elementary.exp, near.tolist()),
        *map(elementary.expm1, (near - 2.0).tolist()),
        *map(elementary.log, near.tolist()),
        *map(elementary.log10, near.tolist()),
        *(elementary.power(v, 0.71) for v in near.tolist()),
        *(elementary.logistic(v - 2.0) for v in near.tolist()),
        *map(elementary.normal_quantile, odds.tolist()),
    ]
    return _hash(*arrays, one_by_one)


def draws() -> str:
    """Draws of every kind by ``abm.chance``."""
    luck, crowd = Chance(20250127), slots(f"holder {number}" for number in range(500))
    arrays = [f("crowd", crowd, day) for f in (luck.uniforms, luck.normals) for day in (-260, 0, 17)]
    one_by_one: list[float] = []
    for day in range(-60, 60):
        one_by_one += [
            luck.normal("normal", "holder", day, 3),
            luck.exponential("exponential", "holder", day),
            luck.lognormal("lognormal", "holder", day, median=3.0, sigma=0.4),
            luck.student_t("student", "holder", day, degrees=6.2),
            luck.poisson(abs(day) * 1.7, "poisson", "holder", day),
            luck.chance(0.3, "chance", "holder", day),
            luck.choice([1.0, 0.0, 2.5], "choice", "holder", day),
        ]
    return _hash(*arrays, one_by_one)


def crowd_kernel() -> str:
    """The compiled crowd: its draws, its elementary functions, and a week of prices, shares and cash."""
    from abm.markets import kernel_elementary
    from tests.markets.stage import open_market

    stage = open_market(seed=3).trade(0, 5)
    near = STEPS / 1009.0
    return _hash(
        kernel_elementary.exp_each(near), kernel_elementary.log_each(near), [day.prices for day in stage.market.history],
        [day.fundamental for day in stage.market.history], stage.books.crowd_shares, stage.books.crowd_cash,
    )  # fmt: skip


def whole_run() -> str:
    """The state of the whole model on each day of three weeks."""
    from tests.laws.runs import lines_of_this_process

    return blake2b("\n".join(lines_of_this_process(WHOLE_RUN)).encode(), digest_size=16).hexdigest()


SUBJECTS: dict[str, Callable[[], str]] = {
    "elementary functions": elementary_functions, "draws": draws, "crowd kernel": crowd_kernel,
    "whole run": whole_run,
}


def _hash(*parts: object) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(np.asarray(part, dtype="<f8").tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    json.dump({"hashes": {name: subject() for name, subject in SUBJECTS.items()}, "witnesses": witnesses()}, sys.stdout)
