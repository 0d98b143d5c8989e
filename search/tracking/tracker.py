"""What MLflow is told: a parent run for the study, a child run for each finished trial.

The MLflow code of the search, with `registry`. The driver logs, from the study and its
stages: whatever is missing in MLflow is logged by the next `sync`, so a run killed between two
trials loses nothing. No environment variable, key or address is logged; a secret that an error's
text repeats is struck out.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    Run,
    RunTag,
)
from mlflow.exceptions import MlflowException

from engines import environment
from engines.ledger import NANO, Cost, spent
from search.comparisons.sealed import FinalComparison
from search.settings.study import Adapters
from search.study.records import State, TrialRecord
from search.tracking.files import ADAPTER, TrainingData, TrialFiles
from search.tracking.registry import Registry
from search.untrusted_text import visible

_PARENT = "mlflow.parentRunId"
_TRIAL = "outerloop.trial"
_STUDY = "outerloop.study"
_LONGEST_PARAMETER = 6000
"""MLflow cuts longer ones with a warning nobody sees."""
_REFUSED = re.compile(r"[^\w.\- :]")
"""Characters that MLflow takes in no name, or not in every place of one."""
_LONGEST_NAME = 250
_LONGEST_DIGEST = 36
"""MLflow refuses longer ones."""
_ENDED = {State.COMPLETE: "FINISHED", State.PRUNED: "KILLED"}
"""How MLflow calls what became of a trial; it knows no "pruned"."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What is logged beside numbers."""

    files: TrialFiles | None = None
    """Lays out each trial's files; None logs none."""
    adapters: Adapters = "winner"
    """Whose fine-tuned weights are logged."""


class Tracker:
    """Logs one study.

    Args:
        uri: a SQLite address in the run folder, or a server's.
        artifacts: where a new experiment keeps its files; None lets the server decide.
        study: the study's name, which is the experiment's.
        identity: which study of that name it is; a resumed driver finds its runs by it.
        settings: flat settings, logged as the parent run's parameters.
        logged: what is logged beside numbers.
    """

    def __init__(
        self,
        uri: str,
        *,
        artifacts: str | None,
        study: str,
        identity: str,
        settings: Mapping[str, object],
        logged: Logged | None = None,
    ) -> None:
        logging.getLogger("alembic").setLevel(logging.WARNING)
        # what cannot be written is raised too, and said in one line by whoever logs
        logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
        self._client = MlflowClient(tracking_uri=uri)
        self._study = study
        self._identity = identity
        self._beside = logged or Logged()
        self._records: dict[int, TrialRecord] = {}
        self._experiment = self._open_experiment(artifacts)
        self._parent = self._open_parent(settings)
        self._logged = self._drop_unfinished()

    def sync(self, records: Sequence[TrialRecord]) -> None:
        """Log every finished trial that is not logged yet."""
        self._records |= {record.number: record for record in records}
        for record in records:
            if record.state is not State.RUNNING and record.number not in self._logged:
                self._log(record)
                self._logged.add(record.number)

    def register(self, pipeline: Path, final: FinalComparison) -> int:
        """Make the frozen winner a version in the registry, with its adapter beside its trial."""
        winner = final.arm("best").trial
        child = self._children().get(winner) if winner is not None else None
        if self._beside.adapters == "winner" and child is not None and winner is not None:
            self._log_adapter(child.info.run_id, winner)
        run = self._parent.info.run_id
        return Registry(self._client).register(
            pipeline, run=run, study=self._identity, final=final
        )

    def close(self, final: FinalComparison | None, *, total: Cost | None = None) -> None:
        """Log the sealed comparison and what the study cost on the parent run, and end it."""
        run = self._parent.info.run_id
        for name, value in _costs(total or Cost()).items() if total else ():
            self._client.log_metric(run, name, value)
        for arm in final.arms if final else ():
            if arm.score is not None:
                self._client.log_metric(run, f"sealed/{arm.name}", arm.score.value)
        if final is not None:
            self._client.set_tag(run, "outerloop.verdict", final.verdict)
        if final is not None and final.judgement is not None:
            gain, met = final.judgement.paired, final.judgement.plain_rule
            self._client.set_tag(run, "outerloop.plain_rule", "met" if met else "not met")
            for name, value in (
                ("difference", gain.difference),
                ("low", gain.low),
                ("high", gain.high),
            ):
                self._client.log_metric(run, f"sealed/gain/{name}", value)
        self._client.set_terminated(run, "FINISHED")

    def _open_experiment(self, artifacts: str | None) -> str:
        found = self._client.get_experiment_by_name(self._study)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(self._study, artifact_location=artifacts))

    def _open_parent(self, settings: Mapping[str, object]) -> Run:
        found = self._client.search_runs(
            [self._experiment], f"tags.`{_STUDY}` = '{self._identity}'", max_results=1
        )
        if found:
            self._client.update_run(found[0].info.run_id, status="RUNNING")
            return found[0]
        run = self._client.create_run(
            self._experiment, run_name=self._study, tags={_STUDY: self._identity}
        )
        parameters = [
            Param(_name(name), _parameter(value))
            for name, value in settings.items()
            if value is not None
        ]
        for at in range(0, len(parameters), 100):
            self._client.log_batch(run.info.run_id, params=parameters[at : at + 100])
        return run

    def _drop_unfinished(self) -> set[int]:
        """The trials logged whole; a child run cut short is deleted and will be logged anew."""
        logged = set()
        for number, child in self._children().items():
            if child.info.status == "RUNNING":
                self._client.delete_run(child.info.run_id)
            else:
                logged.add(number)
        return logged

    def _children(self) -> dict[int, Run]:
        """The trials' runs by number."""
        found, token = {}, None
        while True:
            page = self._client.search_runs(
                [self._experiment],
                f"tags.`{_PARENT}` = '{self._parent.info.run_id}'",
                page_token=token,
            )
            found.update({int(one.data.tags[_TRIAL]): one for one in page})
            token = page.token
            if not token:
                return found

    def _log(self, record: TrialRecord) -> None:
        tags = {
            _PARENT: self._parent.info.run_id,
            _TRIAL: str(record.number),
            "outerloop.state": record.state.value,
        }
        began, ended = _milliseconds(record.began), _milliseconds(record.ended)
        run = self._client.create_run(
            self._experiment, start_time=began, run_name=f"trial {record.number}", tags=tags
        ).info.run_id
        parameters = [
            Param(_name(name), self._clean(_parameter(value)))
            for name, value in record.parameters.items()
        ]
        now = ended or int(time.time() * 1000)
        metrics = [Metric(name, value, now, 0) for name, value in _metrics(record).items()]
        metrics += [Metric("rung", value, now, step) for step, value in record.rungs.items()]
        error = self._clean(record.error)[:5000]
        self._client.log_batch(
            run,
            metrics=metrics,
            params=parameters,
            tags=[RunTag("outerloop.error", error)] if error else [],
        )
        self._log_files(run, record)
        if self._beside.adapters == "all":
            self._log_adapter(run, record.number)
        self._client.set_terminated(run, _ENDED.get(record.state, "FAILED"), end_time=ended)

    def _log_files(self, run: str, record: TrialRecord) -> None:
        if self._beside.files is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            data = self._beside.files.write(record, Path(folder))
            self._client.log_artifacts(run, folder)
        if data is not None:
            self._client.log_inputs(run, [_dataset(data, self._study)])

    def _log_adapter(self, run: str, number: int) -> None:
        record = self._records.get(number)
        weights = self._beside.files.adapter(record) if self._beside.files and record else None
        if weights is not None and not self._client.list_artifacts(run, ADAPTER):
            self._client.log_artifacts(run, str(weights), ADAPTER)

    def _clean(self, text: str) -> str:
        return visible(environment.struck(text))


TrackingFailed = MlflowException
"""What any method may raise; the search goes on without MLflow."""


def _dataset(data: TrainingData, study: str) -> DatasetInput:
    dataset = Dataset(
        name=f"{study}: examples",
        digest=data.sha256[:_LONGEST_DIGEST],
        source_type="outerloop stage",
        source=data.source,
        profile=json.dumps({"rows": data.rows, "sha256": data.sha256}),
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])


def _metrics(record: TrialRecord) -> dict[str, float]:
    metrics: dict[str, float | None] = {**_costs(spent(record.costs))}
    outcome = record.outcome
    if outcome is not None:
        metrics |= {
            "score": outcome.score.value,
            "score/standard_error": outcome.score.standard_error,
            "score/n": outcome.score.n,
            "candidates": outcome.candidates,
            "examples": outcome.examples,
            "proxy/validity": outcome.validity,
            "proxy/faithfulness": outcome.faithfulness,
            "compiled": outcome.compiled,
            "undecided": outcome.undecided,
            "final_loss": outcome.final_loss,
        }
        metrics |= {f"proxy/{proxy.name}": proxy.value for proxy in outcome.proxies}
        metrics |= {f"refused/{reason}": count for reason, count in outcome.refused.items()}
    return {name: float(value) for name, value in metrics.items() if value is not None}


def _costs(cost: Cost) -> dict[str, float]:
    counted = {name: float(value) for name, value in asdict(cost).items()}
    dollars = {"dollars": counted.pop("nanodollars") / NANO}
    return {f"cost/{name}": value for name, value in {**counted, **dollars}.items()}


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)


def _name(name: str) -> str:
    """A parameter's name, which may be a clause's, with what MLflow refuses in one struck out."""
    return _REFUSED.sub("_", name)[:_LONGEST_NAME]


def _parameter(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return visible(text)[:_LONGEST_PARAMETER]
