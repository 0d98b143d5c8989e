"""A run folder's copy on another storage: S3, GCS, a mounted disk, whatever fsspec reaches.

The search works in a local folder, because SQLite, locks and renames need one, and keeps a copy.
What people get wrong: half a copy that looks whole. A stage's manifest is copied last and counts
only if every hash in it fits, so a copy cut short is no copy.

Addresses hold no secret: every storage finds its keys as its own tools do (environment, files).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from search.errors import SettingsError, StudyError, first_line

MANIFEST = "manifest.json"
"""What is copied last: a stage's, and the run folder's."""
_TRY_SECONDS = 60.0
"""How long one file is tried for before it is left for later."""
_BOARD = "driver.json"

R = TypeVar("R")


class MirrorUnavailable(StudyError):
    """The copy's storage cannot be reached, or refuses."""


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
            MirrorUnavailable: it could not be copied.
        """
        self._try(lambda files: files.put_file(str(local), self._at(to)))

    def put_folder(self, local: Path, to: str) -> None:
        """Copy a folder, its manifest last.

        Raises:
            MirrorUnavailable: it could not be copied whole.
        """
        paths = [path for path in sorted(local.rglob("*")) if path.is_file()]
        for path in sorted(paths, key=lambda path: path == local / MANIFEST):
            self.put(path, f"{to}/{path.relative_to(local).as_posix()}")

    def get(self, at: str, local: Path) -> bool:
        """Bring a file here, where there is one.

        Raises:
            MirrorUnavailable: nobody can say whether there is.
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
            MirrorUnavailable: nobody can say whether there is.
        """
        names = self.names(at)
        if MANIFEST not in names:
            return False
        return all(self.get(f"{at}/{name}", local / name) for name in names)

    def drop(self, name: str) -> None:
        """Take a file away, where there is one.

        Raises:
            MirrorUnavailable: it could not be taken away.
        """
        self._try(lambda files: files.exists(self._at(name)) and files.rm_file(self._at(name)))

    def names(self, at: str = "") -> list[str]:
        """The files below a folder, by their paths in it.

        Raises:
            MirrorUnavailable: the storage cannot be reached.
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
            raise MirrorUnavailable(
                f"{self.address} does not answer ({type(error).__name__}: "
                f"{first_line(str(error))}); bring it back and run again with --resume"
            ) from error


@dataclass(frozen=True, slots=True)
class StageMirror:
    """Where a stage store puts finished stages, and looks for one it does not hold.

    A stage that cannot be copied now is copied by the driver later; one that cannot be read is
    made again.
    """

    mirror: Mirror

    @classmethod
    def of(cls, store: Path) -> StageMirror | None:
        """The one a store was told of; None for a store without."""
        told = store / ".mirror"
        return cls(Mirror(told.read_text(encoding="utf-8"))) if told.exists() else None

    def tell(self, store: Path) -> None:
        """Let every process that opens the store find its mirror."""
        store.mkdir(parents=True, exist_ok=True)
        (store / ".mirror").write_text(self.mirror.address, encoding="utf-8")

    def push(self, stage: str, folder: Path) -> bool:
        """Copy a finished stage; whether it could be."""
        try:
            self.mirror.put_folder(folder, f"stages/{stage}/{folder.name}")
        except MirrorUnavailable:
            return False
        return True

    def fetch(self, stage: str, folder: Path, *, draft: Path) -> bool:
        """Bring a stage here by way of a draft beside it; whether there was one."""
        try:
            if not self.mirror.get_folder(f"stages/{stage}/{folder.name}", draft):
                return False
        except MirrorUnavailable:
            return False
        draft.rename(folder)
        return True

    def catch_up(self, store: Path) -> int:
        """Copy the stages that the mirror does not hold; how many.

        Raises:
            MirrorUnavailable: one could not be copied.
        """
        there = {PurePosixPath(name).parent for name in self.mirror.names("stages")
                 if PurePosixPath(name).name == MANIFEST}  # fmt: skip
        count = 0
        for manifest in sorted(store.glob(f"*/[!.]*/{MANIFEST}")):
            where = manifest.parent.relative_to(store)
            if PurePosixPath(where.as_posix()) not in there:
                self.mirror.put_folder(manifest.parent, f"stages/{where.as_posix()}")
                count += 1
        return count


def split_run_dir(given: str | None, *, default: Path) -> tuple[Path, Mirror | None]:
    """The local folder, and the mirror where a person gave an address in place of a folder.

    Raises:
        SettingsError: the address cannot be used.
    """
    if given is None or "://" not in given:
        return Path(given) if given else default, None
    return default, mirror_at(given)


def mirror_at(address: str) -> Mirror:
    """The mirror of an address.

    Raises:
        SettingsError: it holds a password, or no package here can reach it.
    """
    parts = urlsplit(address)
    if parts.password:
        raise SettingsError(
            f"{parts.scheme}://…{parts.hostname}: leave the password out; keys are read from the "
            "environment"
        )
    try:
        _opened(address)
    except (ImportError, ValueError) as error:
        raise SettingsError(f"{address} cannot be used: {first_line(str(error))}") from error
    return Mirror(address)


def _opened(address: str) -> Any:  # noqa: ANN401 - fsspec ships no types
    """The storage of an address, whose listings are always asked for anew."""
    import fsspec

    protocol = urlsplit(address).scheme
    options = {"auto_mkdir": True} if protocol in {"file", "local"} else {}
    return fsspec.filesystem(protocol, use_listings_cache=False, **options)
