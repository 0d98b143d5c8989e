"""The Lean that a study chose: found, named by its fingerprint, kept to, and asked."""

from __future__ import annotations

import os
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lean_sandbox import native, wasm
from lean_sandbox.errors import LeanNotFound, SandboxUnavailable
from lean_sandbox.sandbox import check
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.toolchain import Toolchain
from search.errors import StudyError
from search.settings.file import load_study
from search.settings.lean import LeanSettings
from search.trial.chosen_lean import checked_by, kept, kept_to, open_lean, require_lean
from search.trial.machines import real_parts
from tests.contracts.fake_sandbox import FakeSandbox
from tests.contracts.sandbox_contract import INCREMENT
from tests.lean_sandbox_tests import stand_in_lean
from tests.lean_sandbox_tests.served import STATUS, FakePool, PoolOf, free_port, serving
from tests.lean_sandbox_tests.stand_in_lean import make_lake
from tests.lean_sandbox_tests.test_native import MATHLIB
from tests.lean_sandbox_tests.test_native import lean as lean_script
from tests.search_tests.small_study import write_small_study

KEY = "open-sesame-1234"
EMBEDDED = LeanSettings()


def served(url: str, **named: object) -> LeanSettings:
    return LeanSettings.model_validate({"server": url, "wait_minutes": 0.02, **named})


def test_the_embedded_lean_is_named_before_it_is_installed() -> None:
    assert checked_by(EMBEDDED) == wasm.fingerprint()


def test_a_server_names_the_lean_behind_it() -> None:
    with serving(PoolOf(FakeSandbox(), checked_by="a" * 64)) as url:
        assert checked_by(served(url)) == "a" * 64
        line = require_lean(served(url))
    assert line == (
        f"checked     Lean: {url} answers, Lean fake (aaaaaaaaaaaa); it was asked about no program"
    )


def test_a_server_of_the_embedded_lean_has_its_fingerprint() -> None:
    with serving(PoolOf(FakeSandbox(), checked_by=wasm.fingerprint())) as url:
        assert checked_by(served(url)) == checked_by(EMBEDDED)


def test_a_served_sandbox_gives_the_servers_verdicts_and_takes_those_of_no_other_lean() -> None:
    with serving(PoolOf(FakeSandbox(), checked_by="a" * 64)) as url:
        with open_lean(kept(served(url), "a" * 64), workers=1) as sandbox:
            assert check(sandbox, INCREMENT).accepted
        other = open_lean(kept(served(url), "b" * 64), workers=1)
        with (
            other as sandbox,
            pytest.raises(SandboxUnavailable, match=r"another Lean judges .*\(a{12}, not b{12}"),
        ):
            check(sandbox, INCREMENT)


def test_what_a_dry_run_prints_of_a_fingerprint_is_enough_to_ask_for_it() -> None:
    printed = LeanSettings(fingerprint=wasm.fingerprint()[:12])
    assert checked_by(printed) == wasm.fingerprint()
    with serving(PoolOf(FakeSandbox(), checked_by="a" * 64)) as url:
        assert require_lean(served(url, fingerprint="a" * 12)).startswith("checked")
        with open_lean(served(url, fingerprint="a" * 12), workers=1) as sandbox:
            assert check(sandbox, INCREMENT).accepted


def test_the_lean_that_a_study_file_pins_is_required() -> None:
    pinned = LeanSettings(fingerprint="b" * 64)
    with pytest.raises(SandboxUnavailable, match=r"than the one asked for \(b{12}\)"):
        checked_by(pinned)
    with (
        open_lean(pinned, workers=1) as sandbox,
        pytest.raises(SandboxUnavailable, match="another Lean is there"),
    ):
        check(sandbox, INCREMENT)
    with serving() as url, pytest.raises(SandboxUnavailable, match=r"lean\.server: another Lean"):
        require_lean(served(url, fingerprint="b" * 64))


def test_a_key_is_read_from_the_variable_that_the_study_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_LEAN_KEY", f" {KEY}\u200b\n")
    with serving(key=KEY) as url:
        lean = served(url, api_key_env="MY_LEAN_KEY")
        assert f"{url} answers with the key in MY_LEAN_KEY" in require_lean(lean)
        sandbox = open_lean(lean, workers=1)
        with sandbox as opened:
            assert check(opened, INCREMENT).accepted
    assert KEY not in repr(vars(sandbox))
    assert KEY.encode() not in pickle.dumps(sandbox)


@pytest.mark.parametrize(
    ("named", "held", "says"),
    [
        ("MY_LEAN_KEY", "wrong", r"lean\.server: .*answered 401.*set MY_LEAN_KEY to its key"),
        (None, "", r"lean\.server: .*answered 401.*name the variable that holds its key"),
        ("MY_LEAN_KEY", "", r"resources\.lean\.api_key_env names MY_LEAN_KEY, which is not set"),
    ],
)
def test_a_wrong_key_or_none_is_known_before_anything_is_begun(
    monkeypatch: pytest.MonkeyPatch, named: str | None, held: str, says: str
) -> None:
    monkeypatch.setenv("MY_LEAN_KEY", held)
    with (
        serving(key=KEY) as url,
        pytest.raises((SandboxUnavailable, StudyError), match=says) as refused,
    ):
        require_lean(served(url, api_key_env=named))
    assert KEY not in str(refused.value)
    assert "wrong" not in str(refused.value)


def test_a_server_that_is_away_names_the_setting_and_the_command() -> None:
    with pytest.raises(
        SandboxUnavailable, match=r"^resources\.lean\.server: .*is `outerloop lean serve` running"
    ):
        require_lean(served(f"http://127.0.0.1:{free_port()}"))


def test_a_server_whose_lean_does_not_start_is_of_no_use() -> None:
    pool = FakePool()
    pool.now = replace(STATUS, alive=0, failure="no memory")
    with (
        serving(pool) as url,
        pytest.raises(SandboxUnavailable, match=r"no Lean starts .*memory"),
    ):
        require_lean(served(url))


def test_a_server_is_waited_for_while_it_is_started_again() -> None:
    settings = ServerSettings(port=free_port(), shutdown_seconds=0)
    with serving(settings=settings) as url:
        lean = served(url, wait_minutes=2)
    with open_lean(lean, workers=1) as sandbox, serving(settings=settings):
        assert check(sandbox, INCREMENT).accepted


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Lake project with Mathlib, beside scripts that stand in for Lean and Lake."""
    programs, folder = tmp_path / "path", tmp_path / "project"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OUTERLOOP_CACHE", str(tmp_path / "cache"))
    prefix = lean_script(tmp_path / "v4.28.0")
    programs.mkdir()
    shutil.copy(prefix / "bin" / "lean", programs / "lean")
    library = folder / MATHLIB
    library.mkdir(parents=True)
    (folder / "lakefile.toml").write_text('name = "project"\n')
    (library / "Mathlib.olean").write_bytes(b"mathlib")
    (library / "Mathlib.trace").write_text('{"depHash": "1"}')
    make_lake(programs, prefix, (library,))
    return folder


def test_a_project_says_its_lean_and_what_programs_may_import(project: Path) -> None:
    line = require_lean(LeanSettings(project=str(project)))
    assert line.startswith("checked     Lean: Lean (version 4.28.0, ")
    assert "imports Init, Std, Mathlib (Batteries, Aesop: none built there)" in line
    own = checked_by(LeanSettings(toolchain="default"))
    assert len({checked_by(LeanSettings(project=str(project))), own, wasm.fingerprint()}) == 3


@pytest.mark.parametrize(
    ("lean", "says"),
    [
        ({"project": "nowhere"}, r"^resources\.lean\.project: .*nowhere has no lakefile"),
        ({"toolchain": "v4.1.0"}, r"^resources\.lean\.toolchain: .*elan toolchain install v4"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_native_lean_that_is_not_there_names_the_setting(
    lean: dict[str, str], says: str
) -> None:
    with pytest.raises(LeanNotFound, match=says):
        require_lean(LeanSettings.model_validate(lean))


def test_a_module_that_is_not_built_names_the_setting(project: Path) -> None:
    lean = LeanSettings(project=str(project), allow_imports=("Mine",))
    with pytest.raises(SandboxUnavailable, match=r"^resources\.lean\.project: .*lake build Mine"):
        require_lean(lean)


def test_a_library_built_anew_under_a_search_gives_no_verdict(project: Path) -> None:
    lean = LeanSettings(project=str(project))
    begun = kept(lean, checked_by(lean))
    (project / MATHLIB / "Mathlib.trace").write_text('{"depHash": "2"}')
    with (
        open_lean(begun, workers=1) as sandbox,
        pytest.raises(SandboxUnavailable, match="another Lean is there"),
    ):
        check(sandbox, INCREMENT)


def test_a_project_is_found_from_any_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    study = load_study(write_small_study(tmp_path))
    lean = LeanSettings(project="project")
    resources = study.resources.model_copy(update={"lean": lean})
    here = kept_to(study.model_copy(update={"resources": resources}), checked_by(lean))
    monkeypatch.chdir("/")
    assert real_parts().checked_by(here) == here.resources.lean.fingerprint


@pytest.mark.lean
@pytest.mark.slow
def test_a_studys_sandbox_asks_the_projects_lean(
    installed: Toolchain, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "NativeLean", stand_in_lean.StandInLean)
    stand_in_lean.make(tmp_path / "v4", installed)
    make_lake(tmp_path / "path", tmp_path / "v4", (installed.loader.parent.parent,))
    study = load_study(write_small_study(tmp_path))
    lean = LeanSettings(project=str(project))
    resources = study.resources.model_copy(update={"lean": lean, "lean_workers": 1})
    study = study.model_copy(update={"resources": resources})
    parts = real_parts()
    with parts.checker(kept_to(study, parts.checked_by(study))) as sandbox:
        verdict = check(sandbox, INCREMENT, tests=["f 3 = 4"])
        assert verdict.accepted
        assert "stand-in" in require_lean(lean)
        assert check(sandbox, "import Mathlib\n" + INCREMENT).reason == "import_not_allowed"
