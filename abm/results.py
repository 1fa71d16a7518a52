"""What an experiment measured: tables of labelled runs, pairs of them, and the replay of any one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from abm.bench import store
from abm.bench.identity import code_version
from abm.bench.provenance import EXPERIMENT_FILE, check_contract, read_manifest
from abm.bench.table_digest import table_digest
from abm.compare import Paired, first_difference, paired_difference
from abm.errors import InputError, unknown

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset

    from abm.experiment import Experiment

LONGEST_ROW = 18
"""Digits of a row number; Python refuses to read very long ones."""

MOST_NAMED = 3
PART_NAME = "__filename"
"""The column by which pyarrow tells the part that a row is from."""

SORTED_BY = {"series": ["date", "observable", "label"], "events": ["date"], "digests": ["date"]}


class Replay(NamedTuple):
    """Whether a run done again had the same digest every day, and the first day on which it had not."""

    matches: bool
    first_difference: date | None


class Results:
    """A results folder, read lazily: a table is read when asked for, and of it only what is asked for."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], only: frozenset[str] | None = None) -> None:
        self.folder = folder
        self.manifest = manifest
        self._only = only

    @classmethod
    def load(cls, folder: Path | str) -> Results:
        """Open a results folder.

        Raises InputError if it is not one, or if it holds runs of another contract or of more than one code.
        """
        results = cls(Path(folder), read_manifest(Path(folder)))
        results._check_one_origin()
        return results

    def of(self, experiment: Experiment) -> Results:
        """These results without the runs that an experiment does not ask for."""
        return Results(self.folder, self.manifest, frozenset(run.run_id for run in experiment.runs()))

    def _check_one_origin(self) -> None:
        origins = self._read("runs", columns=["contract", "code", "scenario", "policy"])
        for contract in set(origins["contract"]):
            check_contract(self.folder, contract)
        codes = sorted(set(origins["code"]) | {self.manifest["code"]})
        if len(codes) > 1:
            raise InputError(f"results folder {self.folder} mixes runs of the code versions {' and '.join(codes)}")
        for column, kind in (("scenario", "scenarios"), ("policy", "policies")):
            if strange := sorted(set(origins[column]) - self.manifest[kind].keys()):
                told = " and ".join(f'"{name}"' for name in strange[:MOST_NAMED])
                raise InputError(
                    f"results folder {self.folder} holds runs of the {kind} {told}, which its manifest does not describe")

    def _read(
        self, table: str, condition: pyarrow.dataset.Expression | None = None, *, columns: Sequence[str] = (),
        part: bool = False,
    ) -> pd.DataFrame:
        """Rows of a table from all its parts; all columns where none is named, and the part if asked. Raises InputError."""
        import pyarrow.dataset as ds
        import pyarrow.parquet as pq

        paths = store.parts(self.folder, table)
        how = ds.ParquetFileFormat(default_fragment_scan_options=ds.ParquetFragmentScanOptions(
            page_checksum_verification=True))
        with store.reading(*paths):
            shape = pq.read_schema(paths[0]) if paths else store.schema(table)
            dataset = ds.dataset([str(path) for path in paths], schema=shape, format=how)
            for fragment in dataset.get_fragments():
                if fragment.physical_schema.names != shape.names:    # or what is lacking would count as nothing
                    raise ValueError(f"{Path(fragment.path).name} has other columns than {paths[0].name}")
            wanted = [*(columns or shape.names), *([PART_NAME] if part else [])]
            return dataset.to_table(filter=condition, columns=wanted).to_pandas()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a finished run: what identifies it and every observable of a run; in order of scenario, policy, seed."""
        frame = self._read("runs").drop_duplicates("run_id")
        if self._only is not None:
            frame = frame[frame["run_id"].isin(self._only)]
        ranks = {kind: {name: rank for rank, name in enumerate(self._order(kind))} for kind in ("scenarios", "policies")}
        frame = frame.assign(
            _scenario=frame["scenario"].map(ranks["scenarios"]), _policy=frame["policy"].map(ranks["policies"])
        )
        ordered = frame.sort_values(["_scenario", "_policy", "seed"], kind="stable")
        return ordered.drop(columns=["_scenario", "_policy"]).reset_index(drop=True)

    @property
    def failures(self) -> pd.DataFrame:
        """One row a run that failed and has not finished since: run_id, scenario, policy, seed, error, traceback."""
        import pandas as pd

        rows = [row for row in store.failures(self.folder) if self._only is None or row["run_id"] in self._only]
        return pd.DataFrame(rows, columns=["run_id", "scenario", "policy", "seed", "error", "traceback"])

    def digest(self) -> str:
        """One hash of all rows of these runs without their times: the same wherever, however and in how many parts they ran.

        Reads every table once, a part at a time.
        """
        return table_digest(self.folder, self._only)

    @property
    def observables(self) -> Mapping[str, Mapping[str, str]]:
        """Unit, meaning, formula and cadence of everything measured, by name."""
        return self.manifest["observables"]

    @property
    def policies(self) -> tuple[str, ...]:
        """The names of the policies with finished runs, in the order of the experiment."""
        there = set(self.runs["policy"])
        return tuple(name for name in self._order("policies") if name in there)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The names of the scenarios with finished runs, in the order of the experiment."""
        there = set(self.runs["scenario"])
        return tuple(name for name in self._order("scenarios") if name in there)

    def _order(self, kind: str) -> list[str]:
        """Names of scenarios or policies: those of the experiment in its order, then what the folder holds besides."""
        return list(dict.fromkeys([*(self.manifest["experiment"].get(kind) or ()), *self.manifest[kind]]))

    def series(
        self, observable: str | None = None, *, label: str | None = None, policy: str | None = None
    ) -> pd.DataFrame:
        """Measured over time, one row a run, day, observable and label: all, or of one observable, label or policy.

        Raises InputError for an observable or policy that is not there.
        """
        if observable is not None:
            self._check("observable", observable, [n for n, one in self.observables.items() if one["cadence"] != "run"])
        return self._rows("series", {"observable": observable, "label": label}, policy)

    def events(self, *, kind: str | None = None, actor: str | None = None, policy: str | None = None) -> pd.DataFrame:
        """What happened, one row an event with its date, actor, kind and sentence."""
        return self._rows("events", {"kind": kind, "actor": actor}, policy)

    def digests(self, *, run_id: str | None = None, policy: str | None = None) -> pd.DataFrame:
        """The digest of the whole state of each run on each day."""
        return self._rows("digests", {"run_id": run_id}, policy)

    def _rows(self, table: str, wanted: Mapping[str, str | None], policy: str | None) -> pd.DataFrame:
        import pyarrow as pa
        import pyarrow.dataset as ds

        runs = self.runs[["run_id", "scenario", "policy", "seed"]]
        if policy is not None:
            self._check("policy", policy, self.policies)
            runs = runs[runs["policy"] == policy]
        condition = ds.field("run_id").isin(pa.array(runs["run_id"].tolist(), pa.string()))
        for column, value in wanted.items():
            if value is not None:
                condition &= ds.field(column) == value
        rows = self._read(table, condition, part=True)
        # a run that two parts hold (its writer died between commit and report) counts as in the first
        rows = rows[rows[PART_NAME] == rows.groupby("run_id")[PART_NAME].transform("min")]
        merged = runs.assign(_order=range(len(runs))).merge(rows.drop(columns=PART_NAME), on="run_id")
        ordered = merged.sort_values(["_order", *SORTED_BY[table]], kind="stable")
        return ordered.drop(columns="_order").reset_index(drop=True)

    @staticmethod
    def _check(what: str, name: str, valid: Sequence[str]) -> None:
        if name not in valid:
            raise unknown(what, name, valid)

    def pairs(self, outcome: str, *, policy: str, against: str, scenario: str | None = None) -> pd.DataFrame:
        """An observable of a run in two arms, one row a (scenario, seed) that finished in both.

        The columns are ``value`` (under the policy) and ``reference``. Raises InputError for an unknown name.
        """
        measured = [name for name in self.runs.select_dtypes("number") if name in self.observables]
        self._check("outcome", outcome, measured)
        arms = {}
        for column, name in (("value", policy), ("reference", against)):
            self._check("policy", name, self.policies)
            arm = self.runs[self.runs["policy"] == name]
            arms[column] = arm.set_index(["scenario", "seed"])[outcome].rename(column)
        both = arms["value"].to_frame().join(arms["reference"], how="inner")
        if scenario is not None:
            self._check("scenario", scenario, self.scenarios)
            both = both[both.index.get_level_values("scenario") == scenario]
        return both.sort_index()

    def pairs_by_scenario(self, outcome: str, *, policy: str, against: str) -> dict[str, pd.DataFrame]:
        """The pairs of each scenario that has some, as ``pairs`` gives them, found in one pass over the runs."""
        both = self.pairs(outcome, policy=policy, against=against)
        return dict(iter(both.groupby(level="scenario", sort=False)))

    def paired(
        self, outcome: str, *, policy: str, against: str, scenario: str | None = None, method: str = "t"
    ) -> Paired:
        """The mean difference policy - against of an observable, run by run of the same seed, with a 95 % interval.

        Raises InputError for an unknown name.
        """
        both = self.pairs(outcome, policy=policy, against=against, scenario=scenario)
        return paired_difference(both["value"], both["reference"], method=method)

    def identify(self, run_id: str) -> Mapping[str, Any]:
        """Scenario, policy and seed of a run that finished or failed, by its id or an unambiguous beginning of it.

        A whole number below the number of finished runs is a row of ``runs``, from 0 on. Raises InputError if there is
        none or more than one.
        """
        columns = ["run_id", "scenario", "policy", "seed"]
        if run_id.isdecimal() and len(run_id) <= LONGEST_ROW and int(run_id) < len(self.runs):
            return self.runs[columns].iloc[int(run_id)].to_dict()
        known = self.runs[columns].to_dict("records") + self.failures[columns].to_dict("records")
        found = [row for row in known if row["run_id"].startswith(run_id)] if run_id else []
        if not found:
            raise unknown("run", run_id, [row["run_id"] for row in known])
        if len(found) > 1:
            raise InputError(f'run "{run_id}" is ambiguous, {len(found)} runs in {self.folder} begin so')
        return found[0]

    def replay(self, run: str | Mapping[str, Any], *, experiment: Experiment | None = None) -> Replay:
        """Do a run again and compare the digest of every day; ``run`` is an id or a row of ``runs``.

        The experiment is read from the copy of its file in the folder unless it is given. What the run itself raises
        is raised. Raises InputError if the run is unknown, or the code or the experiment are not those of the results.
        """
        from abm.experiment import execute

        row = self.identify(run if isinstance(run, str) else run["run_id"])
        if self.manifest["code"] != code_version():
            raise InputError(
                f"run {row['run_id']} is of code {self.manifest['code']}, this is code {code_version()}: it cannot replay"
            )
        again = (experiment or self._experiment()).one(row["scenario"], row["policy"], row["seed"])
        if again.run_id != row["run_id"]:
            raise InputError(f"the experiment is not the one that run {row['run_id']} is from")
        # read before the run: what is lacking is told at once, and no thread that reads is left when the process ends
        theirs = self.digests(run_id=row["run_id"])
        mine = execute(again).digests
        position = first_difference([digest for _, digest in mine], theirs["digest"].tolist())
        if position is None:
            return Replay(True, None)
        days = [day for day, _ in mine] if position < len(mine) else theirs["date"].tolist()
        return Replay(False, days[position])

    def _experiment(self) -> Experiment:
        from abm.bench.experiment_file import load_experiment

        path = self.folder / EXPERIMENT_FILE
        if not path.is_file():
            raise InputError(f"results folder {self.folder} has no {EXPERIMENT_FILE}: pass the experiment to replay")
        about = self.manifest["experiment"]
        return load_experiment(
            path, beside=Path(about.get("folder") or self.folder), scenario_files=about.get("scenario_files") or ())
