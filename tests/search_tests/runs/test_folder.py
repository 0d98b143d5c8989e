from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from search.errors import StudyError, StudyExists, StudyInUse
from search.runs.folder import RunFolder


def test_a_run_folder_keeps_the_study_file(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with folder.driven(resume=False):
        folder.begin("name: x\n")

    assert folder.study_file.read_text(encoding="utf-8") == "name: x\n"


def test_a_second_live_driver_is_refused_and_told_who_drives(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with (
        folder.driven(resume=False),
        pytest.raises(StudyInUse, match=f"is being searched by process {os.getpid()} on "),
        folder.driven(resume=False),
    ):
        pass


def test_a_study_that_is_there_needs_resume(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.study("sqlite").touch()

    with (
        pytest.raises(StudyExists, match="add --resume to go on with it"),
        folder.driven(resume=False),
    ):
        pass
    with folder.driven(resume=True):
        pass


def test_resume_begins_what_was_killed_before_it_began(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")

    with folder.driven(resume=True):
        folder.begin("name: x\n")
    assert folder.study_file.exists()


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(StudyError, match=r"file/run: Not a directory; choose another --run-dir"),
        RunFolder(tmp_path / "file" / "run").driven(resume=False),
    ):
        pass


def test_the_manifest_hashes_what_the_search_ended_with(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with folder.driven(resume=False):
        folder.begin("")
        folder.finish({"study": "x"})

    manifest = json.loads(folder.manifest.read_text(encoding="utf-8"))
    # SHA-256 of nothing at all
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert manifest == {"study": "x", "files": {"study.yaml": empty}}
