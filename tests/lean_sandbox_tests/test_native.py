"""Finding a native Lean and building its command; scripts stand in for elan, lake and lean."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lean_sandbox import backends, confinement, launcher, native, toolchain, wasm
from lean_sandbox.confinement import UnconfinedWarning, layers
from lean_sandbox.errors import LeanNotFound, SandboxUnavailable, ServerNotCompiled
from lean_sandbox.native import NativeBackend, NativeLean, find_lean, find_project
from lean_sandbox.toolchain import Toolchain
from search.commands import lean as lean_command
from tests.lean_sandbox_tests import stand_in_lean
from tests.lean_sandbox_tests.stand_in_lean import make_elan, make_lake, write

_LEAN = """#!/bin/sh
name="{version}"
case "$1" in +*) name="${{1##*:v}}"; shift ;; esac
case "$1" in
  --version) echo "Lean (version $name, x86_64-unknown-linux-gnu, commit 123456789abc, Release)" ;;
  --print-prefix) echo "{prefix}" ;;
  -o) {compile} ;;
esac
"""

MATHLIB = Path(".lake/packages/mathlib/.lake/build/lib/lean")


def lean(prefix: Path, *, version: str = "4.28.0", compile_: str = 'echo compiled > "$2"') -> Path:
    write(
        prefix / "bin" / "lean",
        _LEAN.format(prefix=prefix, version=version, compile=compile_),
    )
    return prefix


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose PATH has nothing but this folder and the system's shell."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OUTERLOOP_CACHE", str(tmp_path / "cache"))
    found = shutil.which

    def which(name: str, path: str | None = None) -> str | None:
        return found(name, path=path if path is not None else str(folder))

    monkeypatch.setattr(shutil, "which", which)
    return folder


@pytest.fixture
def v428(programs: Path, tmp_path: Path) -> Path:
    """Lean 4.28 on PATH."""
    prefix = lean(tmp_path / "v4.28.0")
    shutil.copy(prefix / "bin" / "lean", programs / "lean")
    return prefix


@pytest.fixture
def project(v428: Path, programs: Path, tmp_path: Path) -> Path:
    """A built Lake project with Mathlib."""
    folder = tmp_path / "project"
    library = folder / MATHLIB
    library.mkdir(parents=True)
    (folder / "lakefile.toml").write_text('name = "project"\n')
    (library / "Mathlib.olean").write_bytes(b"mathlib")
    (library / "Mathlib.trace").write_text('{"depHash": "1"}')
    make_lake(programs, v428, (library, folder / "not" / "there"))
    return folder


def test_lean_on_path_is_found_behind_its_proxy(v428: Path) -> None:
    found = find_lean()
    assert found.prefix == v428
    assert found.version.startswith("Lean (version 4.28.0,")
    assert found.binary == v428 / "bin" / "lean"
    assert found.libraries == ()


def test_elan_in_the_home_folder_is_found_without_path(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = lean(tmp_path / "v4.28.0")
    write(tmp_path / "home" / ".elan" / "bin" / "lean", (prefix / "bin" / "lean").read_text())
    assert find_lean().prefix == prefix


def test_no_lean_says_what_to_do(programs: Path) -> None:
    with pytest.raises(LeanNotFound, match=r"install elan.*WebAssembly"):
        find_lean()


def test_a_toolchain_is_chosen_by_its_short_name(v428: Path, programs: Path) -> None:
    make_elan(programs)
    assert native.installed_toolchains() == ("leanprover/lean4:v4.28.0", "leanprover/lean4:v4.9.0")
    assert "(version 4.9.0," in find_lean("v4.9.0").version
    assert "(version 4.28.0," in find_lean("leanprover/lean4:v4.28.0").version


def test_a_toolchain_that_is_not_installed_is_not_downloaded(v428: Path, programs: Path) -> None:
    make_elan(programs)
    write(programs / "lean", "#!/bin/sh\ntouch downloaded\n")
    with pytest.raises(LeanNotFound, match=r"v4\.1\.0 is not installed.*elan toolchain install"):
        find_lean("v4.1.0")
    assert not Path("downloaded").exists()


def test_an_elan_without_toolchains_has_none(programs: Path) -> None:
    write(programs / "elan", "#!/bin/sh\necho 'no installed toolchains'\n")
    assert native.installed_toolchains() == ()


def test_a_proxy_that_cannot_download_says_what_elan_said(programs: Path) -> None:
    write(
        programs / "lean", "#!/bin/sh\necho 'error: no default toolchain configured' >&2\nexit 1"
    )
    with pytest.raises(LeanNotFound, match=r"lean --version.*status 1.*no default toolchain"):
        find_lean()


@pytest.mark.skipif(shutil.which("elan") is None, reason="no elan here")
def test_a_real_elan_without_toolchains_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ELAN_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert native.installed_toolchains() == ()
    with pytest.raises(LeanNotFound, match="elan has none"):
        find_lean("leanprover/lean4:v4.28.0")
    with pytest.raises(LeanNotFound, match="failed with status 1"):
        find_lean()


def test_lean_3_is_refused(programs: Path) -> None:
    write(programs / "lean", "#!/bin/sh\necho 'Lean (version 3.51.1, commit cce7990ea86a)'\n")
    with pytest.raises(LeanNotFound, match="Lean 4 is needed"):
        find_lean()


def test_a_projects_lean_and_libraries_come_from_lake(project: Path, v428: Path) -> None:
    found = find_project(project)
    assert found.prefix == v428
    assert found.libraries == (project / MATHLIB,)
    assert found.project == project


def test_a_folder_without_lakefile_is_no_project(v428: Path, tmp_path: Path) -> None:
    with pytest.raises(LeanNotFound, match=r"no lakefile\.toml or lakefile\.lean"):
        find_project(tmp_path)


def test_a_project_whose_toolchain_is_missing_is_not_downloaded(
    project: Path, programs: Path
) -> None:
    make_elan(programs)
    (project / "lean-toolchain").write_text("leanprover/lean4:v4.3.0\n")
    with pytest.raises(LeanNotFound, match=r"elan toolchain install leanprover/lean4:v4\.3\.0"):
        find_project(project)


def test_a_lake_that_fails_says_why(project: Path, programs: Path) -> None:
    write(programs / "lake", "#!/bin/sh\necho 'error: unknown package mathlib' >&2\nexit 1\n")
    with pytest.raises(LeanNotFound, match=r"`lake env`.*unknown package mathlib"):
        find_project(project)


def test_mathlib_is_allowed_and_imported_ahead_where_the_project_has_it(project: Path) -> None:
    backend = NativeBackend(find_project(project))
    assert backend.imports == ("Init", "Std", "Mathlib")
    assert backend.launch().preload == ("Mathlib",)


def test_a_module_of_the_projects_own_can_be_allowed(project: Path) -> None:
    (project / MATHLIB / "Mine").mkdir()
    (project / MATHLIB / "Mine" / "Basic.olean").write_bytes(b"mine")
    backend = NativeBackend(find_project(project), allow_imports=["Mine.Basic"])
    assert backend.imports == ("Init", "Std", "Mathlib", "Mine.Basic")


@pytest.mark.parametrize("module", ["Lean", "Lean.Elab", "Lake", "Std.Internal.Uv"])
def test_metaprogramming_cannot_be_allowed(project: Path, module: str) -> None:
    with pytest.raises(SandboxUnavailable, match="run its own code"):
        NativeBackend(find_project(project), allow_imports=[module])


def test_a_module_that_is_not_built_cannot_be_allowed(project: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="lake build Leanest"):
        NativeBackend(find_project(project), allow_imports=["Leanest"])


def test_a_worker_runs_the_binary_itself_on_the_projects_libraries(
    project: Path, v428: Path
) -> None:
    launch = NativeBackend(find_project(project)).launch()
    server = launch.cwd
    assert launch.command[-3:] == (str(v428 / "bin/lean"), "--run", str(server / "main.lean"))
    assert dict(launch.environment) == {"LEAN_PATH": f"{project / MATHLIB}{os.pathsep}{server}"}
    assert launch.imports == ("Init", "Std", "Mathlib")
    source = (server / "OuterloopServer.lean").read_text("utf-8")
    assert source.startswith("import Lean.Elab.Frontend\n")
    assert source.endswith(toolchain.server_source())


@pytest.mark.skipif("limits" not in layers(), reason="nothing to confine with here")
def test_a_worker_may_read_the_toolchains_library_the_projects_and_the_server_and_run_lean(
    project: Path, v428: Path
) -> None:
    launch = NativeBackend(find_project(project)).launch()
    grants = json.loads(next(part for part in launch.command if part.startswith("{")))
    machine = ["/etc/ld.so.cache", "/dev/null", "/proc/meminfo", "/proc/stat"]
    own = [str(v428 / "lib"), str(launch.cwd), str(project / MATHLIB)]
    assert grants["read"] == [*machine, *own]
    assert grants["execute"] == [str(v428 / "bin" / "lean")]
    assert grants["data_bytes"] == 6_000_000_000


def test_the_server_is_compiled_once_for_each_lean_and_source(
    v428: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = NativeLean(v428, find_lean().version)
    old = lean(tmp_path / "v4.9.0", version="4.9.0")
    other = NativeLean(old, "Lean (version 4.9.0, x86_64, commit 8f9843a4a5fe, Release)")
    first = native.compiled_server(new)
    (v428 / "bin" / "lean").unlink()
    assert native.compiled_server(new) == first
    assert native.compiled_server(other) != first
    monkeypatch.setattr(toolchain, "server_hash", lambda: "another")
    with pytest.raises(ServerNotCompiled):
        native.compiled_server(new)


def test_two_leans_at_once_share_no_verdicts(v428: Path, tmp_path: Path, project: Path) -> None:
    bare = NativeBackend(find_lean())
    within = NativeBackend(find_project(project))
    other = NativeBackend(NativeLean(v428, "Lean (version 4.9.0, x86_64, commit 8f98, Release)"))
    prints = {bare.fingerprint, within.fingerprint, other.fingerprint, wasm.fingerprint()}
    assert len(prints) == 4
    assert NativeBackend(find_lean()).fingerprint == bare.fingerprint


def test_a_library_built_anew_gives_new_verdicts(project: Path) -> None:
    before = NativeBackend(find_project(project)).fingerprint
    (project / MATHLIB / "Mathlib.trace").write_text('{"depHash": "2"}')
    assert NativeBackend(find_project(project)).fingerprint != before
    (project / MATHLIB / "Mathlib.trace").unlink()
    untraced = NativeBackend(find_project(project)).fingerprint
    (project / MATHLIB / "Mathlib.olean").write_bytes(b"mathlib, built again")
    assert NativeBackend(find_project(project)).fingerprint != untraced


def test_a_lean_that_does_not_take_the_server_says_its_first_error(
    programs: Path, tmp_path: Path
) -> None:
    prefix = lean(
        tmp_path / "old", compile_="echo 'OuterloopServer.lean:9:1: error: what?'; exit 1"
    )
    backend = NativeBackend(NativeLean(prefix, "Lean (version 4.0.0, x86_64)"))
    with pytest.raises(ServerNotCompiled, match=r"4\.0\.0.*error: what\?.*--toolchain"):
        backend.start()
    left = [path.name for path in (tmp_path / "cache" / "lean" / "native").iterdir()]
    assert left == ["compile.lock"]


def test_a_cache_that_cannot_be_written_is_said(v428: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(ServerNotCompiled, match="OUTERLOOP_CACHE"):
        NativeBackend(find_lean()).start()


def test_a_binary_that_ends_at_once_is_no_verdict(v428: Path) -> None:
    with pytest.raises(SandboxUnavailable, match=r"Lean did not start.*--version"):
        NativeBackend(find_lean()).start()


@pytest.fixture
def bare_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "landlock_abi", lambda: 0)
    monkeypatch.setattr(confinement, "bubblewrap", lambda: "")


@pytest.mark.usefixtures("bare_system")
def test_a_worker_that_nothing_confines_is_said_loudly(v428: Path) -> None:
    with pytest.warns(UnconfinedWarning, match=r"not confined.*WebAssembly"):
        NativeBackend(find_lean()).launch()


def test_a_project_or_a_toolchain_is_chosen_not_both(project: Path, programs: Path) -> None:
    make_elan(programs)
    assert isinstance(backends.choose(project=project), NativeBackend)
    assert isinstance(backends.choose(toolchain="v4.28.0"), NativeBackend)
    (programs / "elan").unlink()
    assert isinstance(backends.choose(toolchain="default"), NativeBackend)
    with pytest.raises(SandboxUnavailable, match=r"--project .* or --toolchain"):
        backends.choose(project=project, toolchain="v4.28.0")
    with pytest.raises(SandboxUnavailable, match="fixed list of imports"):
        backends.choose(allow_imports=["Mathlib"])


@pytest.mark.lean
@pytest.mark.slow
def test_the_command_asks_a_projects_lean(
    installed: Toolchain, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "NativeLean", stand_in_lean.StandInLean)
    root = installed.loader.parent.parent
    stand_in_lean.make(tmp_path / "v4", installed)
    make_lake(programs, tmp_path / "v4", (root,))
    project = tmp_path / "project"
    project.mkdir()
    (project / "lakefile.toml").write_text('name = "project"\n')
    (project / "A.lean").write_text("import Init\ndef f (x : Int) : Int := x + 1\n")
    (project / "B.lean").write_text("import Mathlib\ndef f (x : Int) : Int := x + 1\n")
    missing = "def Std.Iter.atIdxSlow?._unary.induct_unfolding : Nat := 0\n"
    (project / "C.lean").write_text(missing)
    files = [str(project / name) for name in ("A.lean", "B.lean", "C.lean")]
    done = CliRunner().invoke(
        lean_command.app, ["check", *files, "--project", str(project), "--json"]
    )
    first, second, third = (json.loads(line) for line in done.output.splitlines())
    assert (first["outcome"], first["lean_version"][:5]) == ("accepted", "4.28.")
    assert second["reason"] == "import_not_allowed"
    assert third["reason"] == "kernel_refused"
    assert done.exit_code == 1
