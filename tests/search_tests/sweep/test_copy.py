"""A sweep's copy on another storage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from search.console import Console
from search.errors import StudyExists
from search.report.run_view import view_run
from search.runs.named_run import run_dir
from search.runs.sweep_folder import SweepFolder, read_transfer
from search.sweep.copy import sweep_kept_in
from search.sweep.sweep import Sweep
from stores.copies import Mirror, StageMirror
from tests.search_tests.comparisons.test_transfer import table
from tests.search_tests.small_run import make_run
from tests.search_tests.sweep.test_sweep import sweep_of

QUIET = Console(quiet=True)


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(f"file://{tmp_path / 'other disk'}/sweep", seconds=5)


def searched(sweep: Sweep) -> None:
    """Two students' studies and a table, as a sweep leaves them, with one store of stages."""
    for name in sweep.searches():
        run = make_run(sweep.folder.parent, trials=1)
        shutil.copytree(run / "stages", sweep.folder / "stages", dirs_exist_ok=True)
        shutil.rmtree(run / "stages")
        shutil.copytree(run, sweep.folder / name, dirs_exist_ok=True)
        shutil.rmtree(run)
    SweepFolder(sweep.folder).save(table())


def test_a_sweep_is_brought_back_whole_where_its_folder_was_lost(
    mirror: Mirror, tmp_path: Path
) -> None:
    sweep = sweep_of(tmp_path, "one", "two")
    with sweep_kept_in(mirror, sweep, console=QUIET):
        searched(sweep)
    stages = {name for name in mirror.names() if name.endswith("manifest.json")}
    assert {name.split("/")[0] for name in stages} == {"stages"}  # one copy, not one a student
    shutil.rmtree(sweep.folder)

    again = sweep_of(tmp_path, "one", "two", resume=True)
    with sweep_kept_in(mirror, again, console=QUIET):
        for name in ("one", "two"):
            view = view_run(again.folder / name)
            assert view.stages.recipe(view.records[0]) is not None
        brought = {path.parts[-3] for path in again.folder.glob("stages/*/*/manifest.json")}
        assert brought == {"generate", "check", "evaluate"}  # weights come when they are needed


def test_a_sweeps_copy_is_looked_at_by_its_address(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = sweep_of(tmp_path, "one", "two")
    with sweep_kept_in(mirror, sweep, console=QUIET):
        searched(sweep)
    monkeypatch.chdir(tmp_path)

    folder = SweepFolder(run_dir(Path(mirror.address)))

    assert folder.is_sweep
    assert [one.name for one in folder.runs()] == ["one", "two"]
    assert read_transfer(folder.table) == table()


def test_a_sweeps_copy_is_not_begun_again_and_no_searchs_is_taken_for_one(
    mirror: Mirror, tmp_path: Path
) -> None:
    sweep = sweep_of(tmp_path, "one", "two")
    with sweep_kept_in(mirror, sweep, console=QUIET):
        searched(sweep)
    with (
        pytest.raises(StudyExists, match=r"holds a sweep already; add --resume .* --sweep-dir"),
        sweep_kept_in(mirror, sweep, console=QUIET),
    ):
        pass
    one = Mirror(f"{mirror.address}/one", seconds=5)
    with (
        pytest.raises(StudyExists, match="holds a search, no sweep"),
        sweep_kept_in(one, sweep, console=QUIET),
    ):
        pass


def test_a_sweep_without_a_copy_forgets_the_one_a_killed_sweep_had(
    mirror: Mirror, tmp_path: Path
) -> None:
    sweep = sweep_of(tmp_path, "one", "two")
    StageMirror(mirror).tell(sweep.folder / "stages")
    with sweep_kept_in(None, sweep, console=QUIET):
        assert StageMirror.of(sweep.folder / "stages") is None
