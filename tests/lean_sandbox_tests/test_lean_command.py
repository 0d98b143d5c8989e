from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lean_sandbox.errors import DownloadFailed, ToolchainMissing
from lean_sandbox.pool import LeanPool
from search.commands import lean as lean_command
from search.commands import native_options
from tests.contracts.fake_sandbox import FakeSandbox

RIGHT = "def f (x : Int) : Int := x + 1"


class FakePool(FakeSandbox):
    def __init__(self, **_: object) -> None:
        super().__init__()

    def __enter__(self) -> FakePool:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean_command, "LeanPool", FakePool)


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(lean_command.app, [str(argument) for argument in arguments])
    return done.exit_code, done.output


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


@pytest.mark.usefixtures("fake")
def test_all_accepted_is_exit_0_and_one_object_a_file(tmp_path: Path) -> None:
    file = written(tmp_path, "a.lean", RIGHT)
    target = written(tmp_path, "target.lean", "def f (x : Int) : Int\n")
    tests = written(tmp_path, "tests.txt", "f 1 = 2\n\nf (-1) = 0\n")
    code, output = run("check", file, file, "--target", target, "--tests", tests, "--json")
    assert code == 0
    first, second = (json.loads(line) for line in output.splitlines())
    assert first == second
    assert first["file"] == str(file)
    assert first["outcome"] == "accepted"
    assert first["tests"] == ["passed", "passed"]
    assert {"reason", "lean_version", "gates", "seconds"} <= first.keys()


@pytest.mark.usefixtures("fake")
def test_one_refused_file_is_exit_1_and_the_others_are_still_judged(tmp_path: Path) -> None:
    right = written(tmp_path, "right.lean", RIGHT)
    wrong = written(tmp_path, "wrong.lean", "theorem t : 1 = 2 := by sorry")
    code, output = run("check", wrong, right)
    assert code == 1
    assert output.splitlines() == [f"{wrong}: refused (sorry: )", f"{right}: accepted"]


@pytest.mark.usefixtures("fake")
def test_what_was_left_out_stands_behind_the_verdict(tmp_path: Path) -> None:
    few = written(tmp_path, "few.lean", f"{RIGHT}\n#eval f 1")
    many = written(tmp_path, "many.lean", RIGHT + "\n#eval f 1" * 7)
    code, output = run("check", few, many)
    assert code == 0
    first, second = output.splitlines()
    assert first == f"{few}: accepted [line 2: skipped #eval]"
    assert second.endswith("; line 6: skipped #eval; 2 more (`--json` shows them)]")
    code, output = run("check", few, "--json")
    assert json.loads(output)["notes"] == [{"kind": "skipped", "line": 2, "text": "#eval"}]


def test_the_time_of_a_test_goes_along_with_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakePool()
    monkeypatch.setattr(lean_command, "LeanPool", lambda **_: fake)
    file = written(tmp_path, "a.lean", RIGHT)
    run("check", file, "--test-timeout-seconds", "0.5")
    run("check", file)
    assert [request.test_timeout_seconds for request in fake.requests] == [0.5, None]


@pytest.mark.usefixtures("fake")
def test_bytes_that_are_no_text_and_files_too_large_get_a_verdict(tmp_path: Path) -> None:
    latin = tmp_path / "latin.lean"
    latin.write_bytes(b"def f := \xff")
    huge = tmp_path / "huge.lean"
    with huge.open("wb") as stream:
        stream.truncate(50_000_000)
    code, output = run("check", latin, huge, "--json")
    assert code == 1
    assert [json.loads(line)["reason"] for line in output.splitlines()] == [
        "bad_encoding",
        "too_large",
    ]


@pytest.mark.usefixtures("fake")
def test_a_missing_file_is_one_line_naming_it(tmp_path: Path) -> None:
    code, output = run("check", tmp_path / "none.lean")
    assert code == 2
    assert len(output.splitlines()) == 1
    assert "none.lean" in output


def test_a_missing_lean_is_one_line_naming_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(**_: object) -> FakePool:
        raise ToolchainMissing("no Lean in /x; run `outerloop lean install`")

    monkeypatch.setattr(lean_command, "LeanPool", missing)
    code, output = run("check", written(tmp_path, "a.lean", RIGHT))
    assert code == 3
    assert output == "outerloop: no Lean in /x; run `outerloop lean install`\n"


def test_a_failed_install_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(**_: object) -> None:
        raise DownloadFailed("npm could not fetch it; put the file there by hand")

    monkeypatch.setattr(lean_command.toolchain, "install", offline)
    code, output = run("install")
    assert code == 3
    assert output == "outerloop: npm could not fetch it; put the file there by hand\n"


@pytest.mark.lean
def test_an_installed_lean_says_so_at_once(
    pool: LeanPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SharedPool(FakePool):
        def check_many(self, requests):  # type: ignore[no-untyped-def]
            return pool.check_many(requests)

    monkeypatch.setattr(lean_command, "LeanPool", SharedPool)
    first = run("install")
    again = run("install")
    assert first[0] == again[0] == 0
    assert "Lean is ready" in again[1]
    assert "known programs" not in again[1]


def test_a_project_that_is_none_is_one_line_and_exit_3(tmp_path: Path) -> None:
    file = written(tmp_path, "a.lean", RIGHT)
    code, output = run("check", file, "--project", tmp_path)
    assert code == 3
    assert (
        output == f"outerloop: {tmp_path} has no lakefile.toml or lakefile.lean; name a Lake "
        "project\n"
    )


def test_a_project_is_asked_with_its_own_lean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[object] = []

    class Seen(FakePool):
        def __init__(self, **options: object) -> None:
            super().__init__()
            chosen.append(options["backend"])

    monkeypatch.setattr(lean_command, "LeanPool", Seen)
    monkeypatch.setattr(
        native_options, "choose", lambda **asked: (asked["project"], *asked["allow_imports"])
    )
    file = written(tmp_path, "a.lean", RIGHT)
    assert run("check", file)[0] == 0
    assert run("check", file, "--project", tmp_path, "--allow-import", "Mine")[0] == 0
    assert chosen == [None, (tmp_path, "Mine")]
