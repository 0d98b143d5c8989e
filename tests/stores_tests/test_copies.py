"""A run folder's copy, on a local disk and on an S3."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from engines.ledger import Cost, Ledger
from search.console import Console
from search.errors import SettingsError, StudyChanged, StudyExists, StudyInUse, StudyNotFound
from search.report.run_view import view_run
from search.runs.copy import RunMirror, kept_in, split_run_dir
from search.runs.folder import RunFolder
from search.runs.named_run import run_dir
from search.study.lease import Lease
from search.study.records import State, read_study
from stores.content import JSONValue, write_json
from stores.copies import Mirror, StageMirror, mirror_at
from stores.errors import AddressRefused, CopyUnavailable
from stores.stages import Stage, StageStore
from tests.search_tests.s3_server import BUCKET, s3_server
from tests.search_tests.small_run import make_run

INPUTS: dict[str, JSONValue] = {"recipe": "be careful"}


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    with s3_server() as environment:
        yield environment


@pytest.fixture(params=["file", "s3"])
def mirror(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mirror:
    if request.param == "file":
        return Mirror(f"file://{tmp_path / 'other disk'}/run", seconds=5)
    for name, value in request.getfixturevalue("s3").items():
        monkeypatch.setenv(name, value)
    return Mirror(f"s3://{BUCKET}/{tmp_path.name}", seconds=5)


class Stages:
    """A stage store and how often it computed."""

    def __init__(self, root: Path, mirror: Mirror) -> None:
        StageMirror(mirror).tell(root)
        self.store = StageStore(root, ledger=Ledger())
        self.computed = 0

    def run(self) -> Stage[dict[str, int]]:
        def compute(folder: Path) -> dict[str, int]:
            self.computed += 1
            (folder / "weights").mkdir()
            (folder / "weights" / "w.bin").write_bytes(b"\x00\x01" * 1000)
            return {"steps": 3}

        return self.store.run(
            "train",
            inputs=INPUTS,
            compute=compute,
            codec=TypeAdapter(dict[str, int]),
            cost=lambda _: Cost(),
        )


def run_mirror(mirror: Mirror, folder: Path, said: list[str]) -> RunMirror:
    run = RunFolder(folder)
    return RunMirror(mirror, run, stages=run.stages, say=said.append)


def test_a_stage_that_was_made_elsewhere_is_read_and_not_made_again(
    mirror: Mirror, tmp_path: Path
) -> None:
    made = Stages(tmp_path / "here", mirror)
    first = made.run()
    elsewhere = Stages(tmp_path / "there", mirror)

    again = elsewhere.run()

    assert (made.computed, elsewhere.computed) == (1, 0)
    assert (again.value, again.sha256, again.cached) == ({"steps": 3}, first.sha256, True)
    assert (again.folder / "weights" / "w.bin").read_bytes() == b"\x00\x01" * 1000


def test_half_a_copy_is_no_copy(mirror: Mirror, tmp_path: Path) -> None:
    first = Stages(tmp_path / "here", mirror).run()
    at = f"stages/train/{first.key}"
    mirror.drop(f"{at}/manifest.json")
    without_manifest = Stages(tmp_path / "there", mirror)
    without_manifest.run()  # and copies it whole
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"not the weights")
    mirror.put(damaged, f"{at}/weights/w.bin")
    with_damage = Stages(tmp_path / "third", mirror)
    with_damage.run()

    assert (without_manifest.computed, with_damage.computed) == (1, 1)


def test_a_mirror_that_is_away_costs_no_stage_and_catches_up(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = Stages(tmp_path / "here", mirror)
    with monkeypatch.context() as gone:
        gone.setattr(Mirror, "put", _away)
        gone.setattr(Mirror, "names", _away)
        stages.run()
        assert stages.computed == 1
    assert mirror.names("stages") == []

    assert StageMirror(mirror).catch_up(tmp_path / "here") == 1
    assert StageMirror(mirror).catch_up(tmp_path / "here") == 0
    monkeypatch.setattr("stores.copies._AWAY_SECONDS", 0.0)  # elsewhere, nobody found it away
    elsewhere = Stages(tmp_path / "there", mirror)
    elsewhere.run()
    assert elsewhere.computed == 0


def test_a_trial_asks_a_mirror_that_is_away_once_in_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    mirror = Mirror(f"file://{tmp_path / 'other disk'}/{tmp_path.name}")

    def away(self: Mirror, *_: object) -> None:
        asked.append(self.address)
        raise CopyUnavailable("does not answer")

    for name in ("put", "names"):
        monkeypatch.setattr(Mirror, name, away)
    for number in range(5):
        Stages(tmp_path / f"store {number}", mirror).run()

    assert asked == [mirror.address]
    monkeypatch.setattr("stores.copies._AWAY_SECONDS", 0.0)
    Stages(tmp_path / "later", mirror).run()
    assert len(asked) > 1


def test_a_store_is_copied_while_a_search_keeps_it_copied_and_no_longer(tmp_path: Path) -> None:
    run = make_run(tmp_path, trials=1)
    mirror = Mirror(f"file://{tmp_path / 'other disk'}")
    with run_mirror(mirror, run, []).kept(resume=False):
        told = StageMirror.of(run / "stages")
        assert told is not None
        assert told.mirror.address == mirror.address
    assert StageMirror.of(run / "stages") is None

    StageMirror(mirror).tell(run / "stages")  # a driver that was killed meanwhile
    with kept_in(None, RunFolder(run), resume=True, console=Console()):
        assert StageMirror.of(run / "stages") is None


def _away(*_: object) -> None:
    raise CopyUnavailable("does not answer")


def test_a_run_folder_is_brought_back_where_it_was_lost(mirror: Mirror, tmp_path: Path) -> None:
    said: list[str] = []
    lost = make_run(tmp_path, trials=2, running=1)
    with run_mirror(mirror, lost, said).kept(resume=False):
        pass
    before = read_study(lost / "study.db")
    shutil.rmtree(lost)

    again = tmp_path / "again"
    with run_mirror(mirror, again, said).kept(resume=True):
        assert read_study(again / "study.db") == before
        assert (again / "study.yaml").exists()
        brought = {path.parts[-3] for path in (again / "stages").glob("*/*/manifest.json")}
        assert brought == {"generate", "check", "evaluate"}  # weights come when they are needed

    assert [record.state for record in before.records].count(State.RUNNING) == 1
    assert sum("brought back" in line for line in said) == 1


def test_what_is_finished_is_copied_with_the_manifest_and_unfinished_again_without(
    mirror: Mirror, tmp_path: Path
) -> None:
    run = make_run(tmp_path, trials=1)
    (run / "pipeline").mkdir()
    write_json(run / "pipeline" / "pipeline.json", {"name": "small"})
    write_json(run / "manifest.json", {"schema": 1})
    with run_mirror(mirror, run, []).kept(resume=False):
        pass
    assert {"pipeline/pipeline.json", "manifest.json", "study.db"} <= set(mirror.names())

    (run / "manifest.json").unlink()
    with run_mirror(mirror, run, []).kept(resume=True):
        pass
    assert "manifest.json" not in mirror.names()


def test_a_copy_is_not_begun_again_or_overwritten(mirror: Mirror, tmp_path: Path) -> None:
    run = make_run(tmp_path, trials=1)
    with run_mirror(mirror, run, []).kept(resume=False):
        pass
    with (
        pytest.raises(StudyExists, match="holds a study already; add --resume"),
        run_mirror(mirror, tmp_path / "other", []).kept(resume=False),
    ):
        pass
    with run_mirror(mirror, tmp_path / "other", []).kept(resume=True):
        pass  # goes on elsewhere

    with (
        pytest.raises(StudyChanged, match="was gone on with elsewhere"),
        run_mirror(mirror, run, []).kept(resume=True),
    ):
        pass


def test_a_driver_that_died_before_it_copied_anything_is_gone_on_with(
    mirror: Mirror, tmp_path: Path
) -> None:
    run = make_run(tmp_path, trials=1)
    with run_mirror(mirror, run, []).kept(resume=False):
        pass
    for _ in range(2):  # two drivers in a row that wrote down that they began, and no more
        run_mirror(mirror, run, [])._settle(resume=True)

    with run_mirror(mirror, run, []).kept(resume=True):
        pass


def test_two_drivers_of_one_copy_are_refused(mirror: Mirror, tmp_path: Path) -> None:
    run = make_run(tmp_path, trials=1)
    with (
        run_mirror(mirror, run, []).kept(resume=False),
        pytest.raises(StudyInUse, match="is being searched by process"),
        run_mirror(mirror, tmp_path / "other", []).kept(resume=True),
    ):
        pass
    assert not (tmp_path / "other" / "study.db").exists()


def test_a_driver_whose_copy_was_taken_over_copies_nothing_more(
    mirror: Mirror, tmp_path: Path
) -> None:
    said: list[str] = []
    run = make_run(tmp_path, trials=1)
    lease = Lease(mirror, beat_seconds=60, stale_seconds=0.0)
    with run_mirror(mirror, run, said).kept(resume=False, lease=lease):
        taken = json.loads(mirror.read()) | {"token": "another", "host": "far"}
        mirror.write(json.dumps(taken))

    assert "was taken over by process" in said[0]
    assert "study.db" not in mirror.names()


def test_a_copy_is_looked_at_by_its_address(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, trials=2)
    with run_mirror(mirror, run, []).kept(resume=False):
        pass
    monkeypatch.chdir(tmp_path)

    folder = run_dir(Path(mirror.address))  # as the command line gives it, a slash short
    view = view_run(folder)

    assert [record.outcome is not None for record in view.records] == [True, True]
    assert view.stages.checked(view.records[0])
    assert not list(folder.glob("stages/train/*"))
    with pytest.raises(StudyNotFound, match="no study there"):
        run_dir(Path(mirror.address + "-other"))


def test_an_address_in_place_of_a_run_folder_is_a_mirror(tmp_path: Path) -> None:
    default = Path("runs/small")

    assert split_run_dir(None, default=default) == (default, None)
    assert split_run_dir("here", default=default) == (Path("here"), None)
    assert split_run_dir("memory://runs/x", default=default) == (
        default,
        Mirror("memory://runs/x"),
    )
    assert split_run_dir("here", default=default, copy="memory://runs/x") == (
        Path("here"),
        Mirror("memory://runs/x"),
    )
    with pytest.raises(SettingsError, match="both name an address; give --run-dir the folder"):
        split_run_dir("memory://a", default=default, copy="memory://b")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("s3://key:secret@bucket/run", "leave the password out"),
        ("/mnt/copy", "is no address of a storage, such as s3://"),
        ("nothing://bucket/run", "cannot be used: Protocol not known"),
    ],
)
def test_an_address_that_cannot_be_is_one_line(address: str, says: str) -> None:
    with pytest.raises(AddressRefused, match=says) as refused:
        mirror_at(address)

    assert "secret" not in str(refused.value)


def test_a_storage_that_refuses_is_one_line(
    s3: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(CopyUnavailable, match=r"^s3://nobodys/run does not answer \(") as refused:
        Mirror("s3://nobodys/run", seconds=0.1).write("x")
    assert "tests-secret" not in str(refused.value)
