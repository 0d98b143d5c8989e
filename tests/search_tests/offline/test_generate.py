"""Generation on fakes: the same rows come out however often the run was killed."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from lean_sandbox.errors import SandboxUnavailable
from search.errors import GenerateError
from search.offline.generate import DatasetJob, finished, generate_dataset
from tests.search_tests.generation_fakes import FakeGenerator, FakeSandbox, job


def generate(made: DatasetJob, *, sandbox: FakeSandbox | None = None):
    return generate_dataset(
        made,
        generator=FakeGenerator(),
        checker=sandbox or FakeSandbox(),
        progress=lambda done: None,
    )


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def test_accepted_and_refused_rows_are_told_apart_with_reasons(tmp_path):
    counts = generate(job(tmp_path))
    # contexts 3 and 8 are unreadable twice; 0, 2, 4, 6 miss once; 1, 5, 7, 9 have a spare
    assert counts.accepted == 8
    assert counts.refused == {"elaboration_error": 4, "unreadable": 4, "spare": 4}
    assert counts.faithful == 3
    accepted = rows(tmp_path / "data.jsonl")
    assert [row["context_id"] for row in accepted] == ["0", "1", "2", "4", "5", "6", "7", "9"]
    assert accepted[0] == {
        "context_id": "0",
        "prompt": "/-- Twice x, №0. -/\ndef f0 (x : Int) : Int :=",
        "completion": " x + x",
        "description": "Twice x, №0.",
        "docstring": "Twice x, №0.",
        "lean": "def f0 (x : Int) : Int := x + x",
        "outcome": "accepted",
        "reason": "",
        "faithful": True,
        "licence": "",
        "contributor": "ada",
        "attempt": 1,
        "checker": "4.28.0-pre",
    }
    refused = rows(tmp_path / "refused.jsonl")
    assert len(refused) == 12
    assert refused[0]["reason"] == "elaboration_error"
    assert (refused[-1]["reason"], refused[-1]["outcome"]) == ("spare", "accepted")
    assert {row["outcome"] for row in refused if row["reason"] == "unreadable"} == {"unchecked"}


def test_the_card_counts_rows_by_reason_and_licence(tmp_path):
    made = job(tmp_path)
    generate(made)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    assert "| `unreadable` | 4 | The texts asked for could not be read" in card
    assert "| `elaboration_error` | 4 | Lean reported an error. |" in card
    assert "| MIT | 7 |" in card
    assert "| not stated | 1 |" in card
    assert made.pipeline.hash in card
    assert "4.28.0-pre" in card


def test_parquet_holds_the_same_rows(tmp_path):
    generate(job(tmp_path / "lines"))
    generate(job(tmp_path / "columns", form="parquet"))
    table = pq.read_table(tmp_path / "columns" / "data.parquet")
    assert table.to_pylist() == rows(tmp_path / "lines" / "data.jsonl")


def test_a_run_that_lost_lean_goes_on_and_ends_with_the_same_files(tmp_path):
    generate(job(tmp_path / "whole"))
    for batches in range(4):
        folder = tmp_path / f"stopped-{batches}"
        with pytest.raises(SandboxUnavailable):
            generate(job(folder), sandbox=FakeSandbox(batches))
        assert not (folder / "manifest.json").exists()
        assert not finished(job(folder), resume=True)
        generate(job(folder))
        assert files(folder) == files(tmp_path / "whole")


def test_a_run_killed_at_any_byte_ends_with_the_same_files(tmp_path):
    generate(job(tmp_path / "whole"))
    with pytest.raises(SandboxUnavailable):
        generate(job(tmp_path / "stopped"), sandbox=FakeSandbox(2))
    journal = (tmp_path / "stopped" / "journal.jsonl").read_bytes()
    for length in range(0, len(journal) + 1, 97):
        folder = tmp_path / f"killed-{length}"
        folder.mkdir()
        (folder / "journal.jsonl").write_bytes(journal[:length])
        generate(job(folder))
        assert files(folder) == files(tmp_path / "whole")


def test_finished_batches_are_not_generated_again(tmp_path):
    with pytest.raises(SandboxUnavailable):
        generate(job(tmp_path), sandbox=FakeSandbox(3))
    last = FakeSandbox()
    generate(job(tmp_path), sandbox=last)
    assert last.batches == 999  # 10 contexts in batches of 3: only the fourth was left


def test_progress_counts_contexts_and_starts_where_the_last_run_stopped(tmp_path):
    with pytest.raises(SandboxUnavailable):
        generate(job(tmp_path), sandbox=FakeSandbox(2))
    seen: list[int] = []
    generate_dataset(
        job(tmp_path), generator=FakeGenerator(), checker=FakeSandbox(), progress=seen.append
    )
    assert seen == [6, 9, 10]


def test_a_finished_data_set_is_left_alone(tmp_path):
    assert not finished(job(tmp_path), resume=False)
    generate(job(tmp_path))
    assert finished(job(tmp_path), resume=False)
    assert finished(job(tmp_path), resume=True)


def test_an_unfinished_data_set_needs_resume(tmp_path):
    with pytest.raises(SandboxUnavailable):
        generate(job(tmp_path), sandbox=FakeSandbox(1))
    with pytest.raises(GenerateError, match="go on with --resume"):
        finished(job(tmp_path), resume=False)


def test_a_run_that_stopped_before_its_first_row_needs_no_resume(tmp_path):
    with pytest.raises(SandboxUnavailable):
        generate(job(tmp_path), sandbox=FakeSandbox(0))
    assert not finished(job(tmp_path), resume=False)


def test_rows_that_another_lean_checked_are_never_mixed_in(tmp_path):
    with pytest.raises(SandboxUnavailable):
        generate(job(tmp_path, checked_by="a"), sandbox=FakeSandbox(1))
    with pytest.raises(GenerateError, match="rows that another Lean checked; give the options"):
        generate(job(tmp_path, checked_by="b"))
    generate(job(tmp_path, checked_by="a"))
    assert json.loads((tmp_path / "manifest.json").read_text())["checked_by"] == "a"


def test_another_jobs_rows_are_never_mixed_in(tmp_path):
    with pytest.raises(SandboxUnavailable):
        generate(job(tmp_path / "stopped"), sandbox=FakeSandbox(1))
    with pytest.raises(GenerateError, match="rows of other contexts or another --limit"):
        generate(job(tmp_path / "stopped", contexts=9))
    generate(job(tmp_path / "done"))
    with pytest.raises(GenerateError, match="holds another finished data set"):
        finished(job(tmp_path / "done", contexts=9), resume=True)
    with pytest.raises(GenerateError, match="finished in another --format"):
        finished(job(tmp_path / "done", form="parquet"), resume=True)


def test_a_folder_or_file_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for folder in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(GenerateError, match="holds something else; give another --out"):
            finished(job(folder), resume=True)


def test_two_processes_do_not_write_one_folder(tmp_path):
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(GenerateError, match="another process is writing"),
    ):
        generate(job(tmp_path))


def test_other_weights_than_the_frozen_ones_are_refused(tmp_path):
    generator = FakeGenerator()
    generator.fingerprint = "others"
    with pytest.raises(
        GenerateError, match="weights others, the pipeline was frozen with weights"
    ):
        generate_dataset(
            job(tmp_path), generator=generator, checker=FakeSandbox(), progress=lambda done: None
        )


def test_a_full_disk_keeps_the_rows_and_says_how_to_go_on(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("engines.append_only.os.fsync", full)
        with pytest.raises(GenerateError, match=r"No space left on device.*with --resume"):
            generate(job(tmp_path / "full"))
    generate(job(tmp_path / "full"))
    generate(job(tmp_path / "whole"))
    assert files(tmp_path / "full") == files(tmp_path / "whole")
