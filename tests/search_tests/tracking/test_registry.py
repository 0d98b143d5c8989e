from __future__ import annotations

import dataclasses
import io
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts

from engines import environment
from search import cli
from search.comparisons.sealed import FinalComparison
from search.console import Console
from search.driver.winner import best_record
from search.errors import PipelineError
from search.materials.contexts import load_contexts
from search.offline.export import export_pipeline
from search.offline.pipeline import Pipeline
from search.report.run_view import view_run
from search.runs.folder import RunFolder
from search.settings.file import load_study
from search.study.records import State, TrialRecord
from search.tracking.background import BackgroundTracker
from search.tracking.files import TrialFiles
from search.tracking.registry import Registry
from search.tracking.tracker import Logged, Tracker
from tests.search_tests.comparisons.test_transfer import table
from tests.search_tests.eng2lean import TASK
from tests.search_tests.frozen_run import final_of, frozen
from tests.search_tests.small_run import make_run

SECRET = "sk-never-to-be-seen"


@dataclasses.dataclass(frozen=True)
class Tracked:
    """A run whose trials are logged and whose winner is registered."""

    run: RunFolder
    client: MlflowClient
    records: tuple[TrialRecord, ...]
    tracker: Tracker
    final: FinalComparison
    pipeline: Path

    @property
    def winner(self) -> int:
        return best_record(list(self.records)).number


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Tracked:
    """Four trials, one failed with a secret in its error, one pruned at its second rung."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MY_KEY", SECRET)
        environment.key("MY_KEY")
    run = RunFolder(make_run(tmp_path_factory.mktemp("tracked"), trials=4))
    settings = load_study(run.study_file)
    contexts = load_contexts(settings.contexts.path, TASK)
    pruned = TrialRecord(5, State.PRUNED, {}, None, "", (), rungs={1: 0.25, 2: 0.5})
    failed = TrialRecord(4, State.FAILED, {}, None, f"endpoint: {SECRET} is no key", ())
    records = (*view_run(run.path).records, failed, pruned)
    tracker = Tracker(
        run.mlflow_uri,
        artifacts=run.mlflow_files,
        study="small",
        identity="abc",
        settings={"seed": 0},
        logged=Logged(TrialFiles(run.stages, TASK, contexts), "winner"),
    )
    tracker.sync(records)
    best = best_record(list(records))
    final = final_of(best.number, passed=0)
    pipeline = frozen(run)
    tracker.close(final)
    assert tracker.register(pipeline, final) == 1
    client = MlflowClient(tracking_uri=run.mlflow_uri)
    return Tracked(run, client, records, tracker, final, pipeline)


def child(tracked: Tracked, number: int) -> str:
    return tracked.tracker._children()[number].info.run_id


def names(client: MlflowClient, run: str, folder: str | None = None) -> set[str]:
    return {one.path for one in client.list_artifacts(run, folder)}


def test_every_scored_trial_has_its_recipe_and_its_data(tracked: Tracked) -> None:
    for number in range(4):
        assert {"recipe.json", "data.jsonl", "candidates.jsonl"} <= names(
            tracked.client, child(tracked, number)
        )
    run = tracked.client.get_run(child(tracked, tracked.winner))
    (given,) = run.inputs.dataset_inputs
    outcome = best_record(list(tracked.records)).outcome
    assert outcome is not None
    assert given.dataset.profile.startswith(f'{{"rows": {outcome.examples}')
    rows = Path(
        tracked.client.download_artifacts(child(tracked, tracked.winner), "data.jsonl")
    ).read_text(encoding="utf-8")
    assert rows.count("\n") == outcome.examples


def test_only_the_winners_adapter_is_kept(tracked: Tracked) -> None:
    with_weights = {
        number for number in range(4) if "adapter" in names(tracked.client, child(tracked, number))
    }
    assert with_weights == {tracked.winner}
    run = child(tracked, tracked.winner)
    assert names(tracked.client, run, "adapter") == {"adapter/weights.json"}


def test_a_pruned_trial_is_no_failure_and_keeps_its_rungs(tracked: Tracked) -> None:
    run = tracked.client.get_run(child(tracked, 5))
    assert run.info.status == "KILLED"
    assert run.data.tags["outerloop.state"] == "pruned"
    history = tracked.client.get_metric_history(run.info.run_id, "rung")
    assert sorted((one.step, one.value) for one in history) == [(1, 0.25), (2, 0.5)]
    assert "score" not in run.data.metrics


def test_a_version_names_what_it_comes_from_and_is_made_once(tracked: Tracked) -> None:
    version = tracked.client.get_model_version_by_alias("small", "winner")
    pipeline = Pipeline.load(tracked.pipeline)
    assert version.tags["outerloop.pipeline"] == pipeline.hash
    assert version.tags["outerloop.trial"] == str(tracked.winner)
    assert version.tags["outerloop.verdict"] == "not shown"
    assert version.tags["outerloop.student_sha256"] == "student"  # what the winner learnt on
    assert version.tags["outerloop.from.contexts"] == pipeline.provenance["contexts"]
    assert version.run_id == tracked.tracker._parent.info.run_id

    assert tracked.tracker.register(tracked.pipeline, tracked.final) == 1  # a resumed driver


def test_only_a_winner_that_was_shown_to_be_better_gets_the_alias_shown(tracked: Tracked) -> None:
    assert set(tracked.client.get_registered_model("small").aliases) == {"winner"}
    shown = final_of(tracked.winner, passed=60)
    assert tracked.tracker.register(tracked.pipeline, shown) == 1
    assert set(tracked.client.get_registered_model("small").aliases) == {"winner", "shown"}


def test_plain_dspy_loads_the_program_of_a_version_and_nothing_in_it_is_a_pickle(
    tracked: Tracked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dspy

    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracked.run.mlflow_uri)

    class WriteLean(dspy.Signature):
        python: str = dspy.InputField()
        docstring_in: str = dspy.InputField()
        docstring: str = dspy.OutputField()
        lean: str = dspy.OutputField()

    class Program(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.write = dspy.Predict(WriteLean)

    file = download_artifacts("models:/small@winner/program.json", dst_path=str(tmp_path))
    program = Program()
    program.load(file)
    wanted = Pipeline.load(tracked.pipeline).recipe.instruction
    assert program.write.signature.instructions == wanted
    kept = {path.suffix for path in tracked.run.path.joinpath("mlflow-files").rglob("*.*")}
    assert kept <= {".json", ".jsonl", ".md"}


def test_no_secret_stands_in_anything_that_was_logged(tracked: Tracked) -> None:
    run = tracked.client.get_run(child(tracked, 4))
    assert run.data.tags["outerloop.error"] == "endpoint: ‹secret› is no key"
    for path in tracked.run.path.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


def test_a_registry_that_does_not_answer_is_said_once_without_its_password(
    tracked: Tracked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:hunter2@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    said = io.StringIO()
    settings = load_study(tracked.run.study_file)
    guarded = BackgroundTracker(
        RunFolder(tmp_path), settings, "abc", Console(file=said, width=400)
    )
    guarded.sync(list(tracked.records))
    from engines.ledger import Cost

    guarded.close(tracked.final, total=Cost(), pipeline=tracked.pipeline)
    assert said.getvalue().count("the search goes on, --resume logs what is missing") == 1
    assert "hunter2" not in said.getvalue()

    with pytest.raises(PipelineError, match="does not hand out small@winner") as refused:
        Registry.at("http://ada:hunter2@127.0.0.1:9").fetch("small", "winner", folder=tmp_path)
    assert "hunter2" not in str(refused.value)


def export(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["outerloop", "export", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out + captured.err


def test_an_alias_is_exported_and_an_unknown_one_names_those_there_are(
    tracked: Tracked,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = str(tracked.run.path)
    code, said = export(
        [run, "--alias", "winner", "--out", str(tmp_path / "out")], monkeypatch, capsys
    )
    assert code == 0, said
    assert Pipeline.load(tmp_path / "out").hash == Pipeline.load(tracked.pipeline).hash

    code, said = export([run, "--alias", "best"], monkeypatch, capsys)
    assert code == 1
    assert "`small` has no alias `best`; it has " in said
    assert "winner (version 1)" in said
    assert said.startswith("outerloop: ")

    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracked.run.mlflow_uri)
    code, said = export(["large", "--alias", "winner"], monkeypatch, capsys)
    assert code == 1
    assert "no model `large` in the registry (known: small)" in said


def test_an_older_alias_keeps_its_own_files_when_a_resumed_study_finds_another_winner(
    tracked: Tracked,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = MlflowClient(tracking_uri=tracked.run.mlflow_uri)
    first = Pipeline.load(tracked.pipeline)
    client.set_registered_model_alias("small", "kept", "1")
    other = first.model_copy(update={"seed": first.seed + 1})
    second = export_pipeline(other, folder=tmp_path / "second")
    assert tracked.tracker.register(second, tracked.final) == 2

    for alias, hash in (("kept", first.hash), ("winner", other.hash)):
        out = tmp_path / alias
        code, said = export(
            [str(tracked.run.path), "--alias", alias, "--out", str(out)], monkeypatch, capsys
        )
        assert code == 0, said
        assert Pipeline.load(out).hash == hash
    client.set_registered_model_alias("small", "winner", "1")


def test_a_table_that_comes_after_the_version_is_exported_with_it_from_anywhere(
    tracked: Tracked,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mine = Pipeline.load(tracked.pipeline)
    again = export_pipeline(mine, folder=tmp_path / "again", transfer=table(mine.hash))
    assert Registry.at(tracked.run.mlflow_uri).renew(again)

    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracked.run.mlflow_uri)
    monkeypatch.chdir(tmp_path)
    code, said = export(["small", "--alias", "winner", "--out", "out"], monkeypatch, capsys)
    assert code == 0, said
    assert "## Other students" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    unknown = export_pipeline(mine.model_copy(update={"seed": 99}), folder=tmp_path / "unknown")
    assert not Registry.at(tracked.run.mlflow_uri).renew(unknown)
