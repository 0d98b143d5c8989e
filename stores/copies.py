"""A run folder's copy on another storage: S3, GCS, a mounted disk, whatever fsspec reaches.

The search works in a local folder, because SQLite, locks and renames need one, and keeps a copy.
What people get wrong: half a copy that looks whole. A stage's manifest is copied last and counts
only if every hash in it fits, so a copy cut short is no copy.

Addresses hold no secret: every storage finds its keys as its own tools do (environment, files).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from engines import environment
from engines.errors import first_line
from stores.errors import AddressRefused, CopyUnavailable
from stores.manifests import MANIFEST, paths_in

_TRY_SECONDS = 20.0
"""How long one file is tried for before it is left for later."""
_STAGE_SECONDS = 5.0
"""The same where a trial waits for it."""
_AWAY_SECONDS = 60.0
"""A copy that did not answer is not asked again by a trial for so long."""
_BOARD = "driver.json"
_TOLD = ".mirror"
"""A stage store's file with the address of its copy."""
_AWAY_SINCE: dict[str, float] = {}
"""When this process last found a copy away, by address and monotonic clock."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Mirror:
    """A folder that fsspec can write. It can be pickled; each process opens the storage anew.

    Attributes:
        address: such as `s3://bucket/runs/embedded`.
        seconds: how long one file is tried for.
    """

    address: str
    seconds: float = _TRY_SECONDS

    def put(self, local: Path, to: str) -> None:
        """Copy a file.

        Raises:
            CopyUnavailable: it could not be copied.
        """
        self._try(lambda files: files.put_file(str(local), self._at(to)))

    def put_folder(self, local: Path, to: str) -> None:
        """Copy a folder, its manifest last.

        Raises:
            CopyUnavailable: it could not be copied whole.
        """
        paths = [path for path in sorted(local.rglob("*")) if path.is_file()]
        for path in sorted(paths, key=lambda path: path == local / MANIFEST):
            self.put(path, f"{to}/{path.relative_to(local).as_posix()}")

    def get(self, at: str, local: Path) -> bool:
        """Bring a file here, where there is one.

        Raises:
            CopyUnavailable: nobody can say whether there is.
        """
        local.parent.mkdir(parents=True, exist_ok=True)
        draft = local.with_name(f".{local.name}.tmp-mirror")

        def fetch(files: Any) -> bool:  # noqa: ANN401 - fsspec ships no types
            try:
                files.get_file(self._at(at), str(draft))
            except FileNotFoundError:
                draft.unlink(missing_ok=True)
                return False
            return True

        found = self._try(fetch)
        if found:
            draft.replace(local)
        return found

    def get_folder(self, at: str, local: Path) -> bool:
        """Bring a folder here, where there is a whole one; files there are replaced.

        Raises:
            CopyUnavailable: nobody can say whether there is.
        """
        names = self.names(at)
        if MANIFEST not in names:
            return False
        return all(self.get(f"{at}/{name}", local / name) for name in names)

    def drop(self, name: str) -> None:
        """Take a file away, where there is one.

        Raises:
            CopyUnavailable: it could not be taken away.
        """
        self._try(lambda files: files.exists(self._at(name)) and files.rm_file(self._at(name)))

    def names(self, at: str = "") -> list[str]:
        """The files below a folder, by their paths in it.

        Raises:
            CopyUnavailable: the storage cannot be reached.
        """
        top = self._at(at)

        def find(files: Any) -> list[str]:  # noqa: ANN401 - fsspec ships no types
            files.invalidate_cache()
            root = str(files._strip_protocol(top)).rstrip("/")
            return [str(path).removeprefix(root + "/") for path in files.find(top)]

        return sorted(self._try(find))

    def read(self) -> str:
        """Who drives the run folder; see `search.study.lease.Board`."""

        def cat(files: Any) -> bytes:  # noqa: ANN401 - likewise
            try:
                return bytes(files.cat_file(self._at(_BOARD)))
            except FileNotFoundError:
                return b""

        return self._try(cat).decode(errors="replace")

    def write(self, text: str) -> None:
        """See `search.study.lease.Board`."""
        self._try(lambda files: files.pipe_file(self._at(_BOARD), text.encode()))

    def _at(self, name: str) -> str:
        return f"{self.address.rstrip('/')}/{name}".rstrip("/")

    def _try(self, do: Callable[[Any], R]) -> R:
        attempts = Retrying(
            retry=retry_if_exception_type(Exception),
            wait=wait_random_exponential(0.2, max=10),
            stop=stop_after_delay(self.seconds),
            reraise=True,
        )
        try:
            files = _opened(self.address)
            return attempts(do, files)
        except Exception as error:  # every storage has errors of its own
            raise CopyUnavailable(
                f"{self.address} does not answer ({type(error).__name__}: "
                f"{environment.struck(first_line(str(error)))}); bring it back, or check its "
                "address and keys, and run the same command again (a search with --resume)"
            ) from error


@dataclass(frozen=True, slots=True)
class StageMirror:
    """Where a stage store puts finished stages, and looks for one it does not hold.

    A stage that cannot be copied now is copied by the driver later; one that cannot be read is
    made again. A trial that finds the copy away does not wait for it again for a while.
    """

    mirror: Mirror

    @classmethod
    def of(cls, store: Path) -> StageMirror | None:
        """The one a store was told of; None for a store without."""
        try:
            address = (store / _TOLD).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return cls(Mirror(address, seconds=_STAGE_SECONDS))

    def tell(self, store: Path) -> None:
        """Let every process that opens the store find its mirror."""
        store.mkdir(parents=True, exist_ok=True)
        (store / _TOLD).write_text(self.mirror.address, encoding="utf-8")

    def push(self, stage: str, folder: Path) -> bool:
        """Copy a finished stage; whether it could be."""
        if self._is_away():
            return False
        try:
            self.mirror.put_folder(folder, f"stages/{stage}/{folder.name}")
        except CopyUnavailable:
            _AWAY_SINCE[self.mirror.address] = time.monotonic()
            return False
        return True

    def fetch(self, stage: str, folder: Path, *, draft: Path) -> bool:
        """Bring a stage here by way of a draft beside it; whether there was one."""
        if self._is_away():
            return False
        try:
            if not self.mirror.get_folder(f"stages/{stage}/{folder.name}", draft):
                return False
        except CopyUnavailable:
            _AWAY_SINCE[self.mirror.address] = time.monotonic()
            return False
        draft.rename(folder)
        return True

    def catch_up(self, store: Path) -> int:
        """Copy the stages that the mirror does not hold; how many.

        Raises:
            CopyUnavailable: one could not be copied.
        """
        there = {PurePosixPath(name).parent for name in self.mirror.names("stages")
                 if PurePosixPath(name).name == MANIFEST}  # fmt: skip
        count = 0
        for manifest in paths_in(store):
            where = manifest.parent.relative_to(store)
            if PurePosixPath(where.as_posix()) not in there:
                self.mirror.put_folder(manifest.parent, f"stages/{where.as_posix()}")
                count += 1
        return count

    def _is_away(self) -> bool:
        since = _AWAY_SINCE.get(self.mirror.address)
        return since is not None and time.monotonic() - since < _AWAY_SECONDS


def forget_mirror(store: Path) -> None:
    """Let nobody copy a store's stages any more, where somebody was told to."""
    (store / _TOLD).unlink(missing_ok=True)


def mirror_at(address: str) -> Mirror:
    """The mirror of an address.

    Raises:
        AddressRefused: it holds a password, or no package here can reach it.
    """
    parts = urlsplit(address)
    if not parts.scheme:
        raise AddressRefused(f"{address} is no address of a storage, such as s3://BUCKET/RUN")
    if parts.password:
        raise AddressRefused(
            f"{parts.scheme}://…{parts.hostname}: leave the password out; keys are read from the "
            "environment"
        )
    try:
        _opened(address)
    except (ImportError, ValueError) as error:
        raise AddressRefused(f"{address} cannot be used: {first_line(str(error))}") from error
    return Mirror(address)


def _opened(address: str) -> Any:  # noqa: ANN401 - fsspec ships no types
    """The storage of an address, whose listings are always asked for anew."""
    import fsspec

    protocol = urlsplit(address).scheme
    options: dict[str, Any] = {"auto_mkdir": True} if protocol in {"file", "local"} else {}
    if protocol in {"s3", "s3a"}:  # tried again here, and not for minutes there
        options["config_kwargs"] = {"connect_timeout": 5, "retries": {"max_attempts": 1}}
    return fsspec.filesystem(protocol, use_listings_cache=False, **options)
